"""CopyObject: keys of sources, copies onto themselves, expected owners and requester pays.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); botocore's model documentation.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door, refused
from tests.support.errors import (
    ACLS_NOT_ALLOWED,
    COPY_ONTO_ITSELF,
    INVALID_COPY_SOURCE_BUCKET,
    INVALID_COPY_SOURCE_KEY,
    INVALID_REDIRECT_LOCATION,
    INVALID_STORAGE_CLASS,
    INVALID_TAGGING_HEADER,
    METADATA_TOO_LARGE,
    NO_OBJECT_LOCK,
    NO_SUCH_BUCKET,
    NO_SUCH_KEY,
    PRECONDITION_FAILED,
)
from tests.support.state import unchanged

ETAG = '"900150983cd24fb0d6963f7d28e17f72"'


def _version(s3: Any, status: str) -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": status})


# --- the source's key ---

KEYS = [
    "a b",
    "a+b",
    "a%20b",
    "a%2Bb",
    "100%",
    "/leading",
    "//two",
    "trailing/",
    "a//b",
    "a/../b",
    "k?versionId=null",
    "k?versionId=",
    "k?x=y&z#f",
    "\xe4\u20ac\U0001f600",
    "a\xa0b",
    "tab\tline\nreturn\rend",
    "&<>\"'`;:@=,$!*()[]{}|\\^~",
]


@pytest.mark.parametrize("form", ["dictionary", "raw", "raw with a slash", "all of it encoded", "spaces as plus"])
@pytest.mark.parametrize("key", KEYS)
def test_hostile_keys(door: Door, bucket: str, key: str, form: str) -> None:
    """With decoys: objects under the key as it would be without decoding, or decoded twice."""
    s3 = door.client
    for trap in {quote(key), quote(quote(key)), key.replace("+", " "), key.replace(" ", "+"), key.lstrip("/"), "k"} - {key}:
        s3.put_object(Bucket=bucket, Key=trap, Body=b"trap")
    s3.put_object(Bucket=bucket, Key=key, Body=b"abc")
    source = f"{bucket}/{key}"
    header = {
        "raw": quote(source),
        "raw with a slash": f"/{quote(source)}",
        "all of it encoded": quote(source, safe=""),
        "spaces as plus": quote_plus(source),
    }
    if form in header:
        assert door.raw("PUT", "/bucket/copy", {"x-amz-copy-source": header[form]}).status == 200
    else:
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"abc"


def test_a_version_of_a_hostile_key(door: Door, bucket: str) -> None:
    s3, key = door.client, "k?versionId=null"
    _version(s3, "Enabled")
    s3.put_object(Bucket=bucket, Key="k", Body=b"trap")
    old = s3.put_object(Bucket=bucket, Key=key, Body=b"old")["VersionId"]
    s3.put_object(Bucket=bucket, Key=key, Body=b"new")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key, "VersionId": old})
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"old"
    header = {"x-amz-copy-source": f"bucket/{quote(key)}?versionId={quote(old)}"}
    response = door.raw("PUT", "/bucket/copy", header)
    assert (response.status, response.headers["x-amz-copy-source-version-id"]) == (200, old)


@settings(max_examples=50, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(lambda key: key not in (".", "..")))
def test_any_key_is_a_source(door: Door, key: str) -> None:
    door.fake.reset()
    s3 = door.client
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key=key, Body=b"abc")
    s3.copy_object(Bucket="bucket", Key="the copy", CopySource={"Bucket": "bucket", "Key": key})
    response = door.raw("PUT", "/bucket/the%20copy", {"x-amz-copy-source": quote(f"bucket/{key}")})
    assert response.status == 200
    assert s3.get_object(Bucket="bucket", Key="the copy")["Body"].read() == b"abc"


MISSING = {
    "empty version": (
        "bucket/k?versionId=",
        400,
        "InvalidArgument",
        "Version id cannot be the empty string",
        {"ArgumentName": "versionId", "ArgumentValue": None},
    ),
    "a plus is a space": ("bucket/a+b", 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "a b"}),
    "encoded once": ("bucket/a%2520b", 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "a%20b"}),
    "a bucket's name alone, encoded": (
        "bucket%2F",
        400,
        "InvalidArgument",
        INVALID_COPY_SOURCE_KEY,
        {"ArgumentName": "x-amz-copy-source", "ArgumentValue": "x-amz-copy-source"},
    ),
    "no bucket's name": (
        "Not_A_Bucket!/k",
        400,
        "InvalidArgument",
        INVALID_COPY_SOURCE_BUCKET,
        {"ArgumentName": "x-amz-copy-source", "ArgumentValue": "x-amz-copy-source"},
    ),
    "a percent that begins nothing": (
        "bucket/100%",
        400,
        "InvalidArgument",
        "Invalid copy source encoding",
        {"ArgumentName": "x-amz-copy-source", "ArgumentValue": "x-amz-copy-source"},
    ),
}


@pytest.mark.parametrize(("header", "status", "code", "message", "extras"), MISSING.values(), ids=MISSING)
def test_bad_sources(door: Door, bucket: str, header: str, status: int, code: str, message: str, extras: Any) -> None:
    for key in ("a+b", "k"):
        door.client.put_object(Bucket=bucket, Key=key, Body=b"abc")
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket/copy", {"x-amz-copy-source": header})
    assert (response.status, response.error) == (status, {"Code": code, "Message": message, **extras})


# --- the response ---


def test_the_headers_of_an_answer(door: Door, bucket: str) -> None:
    s3 = door.client
    common = {"content-type", "date", "server", "x-amz-id-2", "x-amz-request-id", "x-amz-server-side-encryption"}
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    framing = {"connection", "content-length", "transfer-encoding"}
    response = door.raw("PUT", "/bucket/copy", {"x-amz-copy-source": "bucket/k"})
    assert (response.status, response.headers.keys() - framing) == (200, common)
    _version(s3, "Enabled")
    response = door.raw("PUT", "/bucket/copy", {"x-amz-copy-source": "bucket/k"})
    assert response.headers.keys() - framing == common | {"x-amz-version-id", "x-amz-copy-source-version-id"}
    assert response.headers["x-amz-copy-source-version-id"] == "null"
    _version(s3, "Suspended")
    response = door.raw("PUT", "/bucket/copy", {"x-amz-copy-source": "bucket/k"})
    assert response.headers.keys() - framing == common | {"x-amz-version-id", "x-amz-copy-source-version-id"}
    assert response.headers["x-amz-version-id"] == "null"


# --- onto itself ---


def _refused_onto_itself(door: Door, source: str, **options: Any) -> None:
    with unchanged(door.fake):
        call = partial(door.client.copy_object, Bucket="bucket", Key="k", CopySource=source, **options)
        refused(call, 400, "InvalidRequest", COPY_ONTO_ITSELF)


@pytest.mark.parametrize("options", [{}, {"MetadataDirective": "REPLACE"}], ids=["unchanged", "changed"])
def test_onto_itself_by_the_current_version_s_id(door: Door, bucket: str, options: dict[str, str]) -> None:
    """A new version (moto's tests on AWS)."""
    _version(door.client, "Enabled")
    current = door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")["VersionId"]
    response = door.client.copy_object(Bucket=bucket, Key="k", CopySource=f"bucket/k?versionId={current}", **options)
    assert response["CopySourceVersionId"] == current != response["VersionId"]
    assert len(door.client.list_object_versions(Bucket=bucket)["Versions"]) == 2
    _refused_onto_itself(door, "bucket/k")


def test_onto_itself_by_null_without_versioning(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    _refused_onto_itself(door, "bucket/k?versionId=null")


def test_onto_itself_from_beneath_a_delete_marker(door: Door, bucket: str) -> None:
    s3 = door.client
    _version(s3, "Enabled")
    old = s3.put_object(Bucket=bucket, Key="k", Body=b"abc", Metadata={"m": "1"})["VersionId"]
    s3.delete_object(Bucket=bucket, Key="k")
    s3.copy_object(Bucket=bucket, Key="k", CopySource=f"bucket/k?versionId={old}")
    got = s3.get_object(Bucket=bucket, Key="k")
    assert (got["Body"].read(), got["Metadata"]) == (b"abc", {"m": "1"})


@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_onto_itself_of_the_null_version(door: Door, bucket: str, status: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    _version(door.client, status)
    _refused_onto_itself(door, "bucket/k")
    response = door.client.copy_object(Bucket=bucket, Key="k", CopySource="bucket/k?versionId=null")
    assert response["CopySourceVersionId"] == "null"
    assert (response["VersionId"] == "null") == (status == "Suspended")


# --- a whole URL ---

URLS = ["https://s3.us-east-1.amazonaws.com/", "http://s3.amazonaws.com/", "HTTPS://s3.eu-west-1.amazonaws.com:443/", "{door}/"]


@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "encoded"])
@pytest.mark.parametrize("query", ["", "?versionId=null"], ids=["current", "null"])
@pytest.mark.parametrize("endpoint", URLS)
def test_a_source_as_a_url(door: Door, bucket: str, endpoint: str, query: str, encoded: bool) -> None:
    """Scheme and host are dropped (recorded from AWS, February 2026)."""
    s3, source = door.client, f"{endpoint.format(door=door.url)}bucket/a/b%20c"
    s3.put_object(Bucket=bucket, Key="a/b c", Body=b"abc")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    header = {"x-amz-copy-source": (quote(source.replace("%20", " "), safe="") if encoded else source) + query}
    assert door.raw("PUT", "/bucket/copy", header).status == 200
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"abc"
    assert door.raw("PUT", f"/bucket/parts?partNumber=1&uploadId={upload}", header).status == 200
    assert [part["Size"] for part in s3.list_parts(Bucket=bucket, Key="parts", UploadId=upload)["Parts"]] == [3]


@pytest.mark.parametrize("source", ["https://s3.amazonaws.com/bucket", "https://s3.amazonaws.com/", "https://s3.amazonaws.com"])
def test_a_url_without_a_key(door: Door, bucket: str, source: str) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket/copy", {"x-amz-copy-source": source})
    assert (response.status, response.error["Code"]) == (400, "InvalidArgument")


def test_a_copy_to_another_key_or_bucket_need_not_change_anything(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    s3.create_bucket(Bucket="other")
    s3.copy_object(Bucket="other", Key="k", CopySource="bucket/k")
    s3.copy_object(Bucket=bucket, Key="k2", CopySource="other/k")
    assert s3.get_object(Bucket=bucket, Key="k2")["Body"].read() == b"abc"


def test_a_conditional_copy_onto_itself(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    replace = partial(s3.copy_object, Bucket=bucket, Key="k", CopySource="bucket/k", MetadataDirective="REPLACE")
    refused(partial(replace, IfNoneMatch="*"), 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-None-Match"})
    assert replace(IfMatch=ETAG, Metadata={"n": "1"})["CopyObjectResult"]["ETag"] == ETAG
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"n": "1"}


# --- what is taken from the request ---

IGNORED: dict[str, dict[str, Any]] = {
    "tags": {"Tagging": "a=1&a=2"},
    "metadata": {"Metadata": {"m": "v" * 3000}},
}


@pytest.mark.parametrize("options", IGNORED.values(), ids=IGNORED)
def test_ignored_members_are_not_checked(s3: Any, bucket: str, options: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc", Metadata={"m": "1"}, Tagging="t=1")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource="bucket/k", **options)
    head = s3.head_object(Bucket=bucket, Key="copy")
    assert (head["Metadata"], head["TagCount"]) == ({"m": "1"}, 1)


REFUSED: dict[str, tuple[dict[str, Any], str, str, dict[str, str]]] = {
    "redirect": (
        {"WebsiteRedirectLocation": "x"},
        "InvalidRedirectLocation",
        INVALID_REDIRECT_LOCATION,
        {},
    ),
    "storage class": (
        {"StorageClass": "BEST"},
        "InvalidStorageClass",
        INVALID_STORAGE_CLASS,
        {"StorageClassRequested": "BEST"},
    ),
    "tags twice": (
        {"TaggingDirective": "REPLACE", "Tagging": "a=1&a=2"},
        "InvalidArgument",
        INVALID_TAGGING_HEADER,
        {"ArgumentName": "x-amz-tagging", "ArgumentValue": "a=1&a=2"},
    ),
    "metadata": (
        {"MetadataDirective": "REPLACE", "Metadata": {"m": "v" * 2048}},
        "MetadataTooLarge",
        METADATA_TOO_LARGE,
        {"Size": "2049", "MaxSizeAllowed": "2048"},
    ),
    "directive in lower case": (
        {"MetadataDirective": "replace"},
        "InvalidArgument",
        "Unknown metadata directive.",
        {"ArgumentName": "x-amz-metadata-directive", "ArgumentValue": "replace"},
    ),
    "no tagging directive": (
        {"TaggingDirective": ""},
        "InvalidArgument",
        "Unknown tagging directive.",
        {"ArgumentName": "x-amz-tagging-directive", "ArgumentValue": ""},
    ),
    "ACL": ({"ACL": "public-read"}, "AccessControlListNotSupported", ACLS_NOT_ALLOWED, {}),
    "algorithm": (
        {"ChecksumAlgorithm": "CRC7"},
        "InvalidRequest",
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, "
        "MD5, SHA1, SHA256, SHA512, XXHASH128, XXHASH3, XXHASH64]",
        {},
    ),
    "lock": (
        {"ObjectLockLegalHoldStatus": "ON"},
        "InvalidRequest",
        NO_OBJECT_LOCK,
        {},
    ),
}


@pytest.mark.parametrize(("options", "code", "message", "extras"), REFUSED.values(), ids=REFUSED)
def test_refused(door: Door, bucket: str, options: dict[str, Any], code: str, message: str, extras: dict[str, str]) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    door.client.put_object(Bucket=bucket, Key="copy", Body=b"old")
    with unchanged(door.fake):
        call = partial(door.client.copy_object, Bucket=bucket, Key="copy", CopySource="bucket/k", **options)
        refused(call, 400, code, message, extras)


def test_no_such_destination(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    with unchanged(door.fake):
        call = partial(door.client.copy_object, Bucket="none", Key="copy", CopySource="bucket/k")
        refused(call, 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "none"})
        call = partial(door.client.copy_object, Bucket=bucket, Key="k" * 1025, CopySource="bucket/k")
        refused(call, 400, "KeyTooLongError", "Your key is too long", {"Size": "1025", "MaxSizeAllowed": "1024"})


# --- conditions on the destination ---


@pytest.mark.parametrize("marker", ["a marker", "the null marker of a suspended bucket"])
def test_a_current_delete_marker_counts_as_absent(door: Door, bucket: str, marker: str) -> None:
    s3 = door.client
    _version(s3, "Enabled")
    for key in ("source", "k"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"abc")
    if marker != "a marker":
        _version(s3, "Suspended")
    s3.delete_object(Bucket=bucket, Key="k")
    where = {"Bucket": bucket, "Key": "k"}
    upload = {**where, "UploadId": s3.create_multipart_upload(**where)["UploadId"]}
    part = s3.upload_part(**upload, PartNumber=1, Body=b"abc")["ETag"]
    writes = [
        partial(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]}),
        partial(s3.put_object, **where, Body=b"abc"),
        partial(s3.copy_object, **where, CopySource="bucket/source"),
        partial(s3.delete_object, **where),
    ]
    with unchanged(door.fake):
        for write in writes:
            refused(partial(write, IfMatch=ETAG), 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
    for write in writes[:3]:
        write(IfNoneMatch="*")
        with unchanged(door.fake):
            refused(
                partial(writes[1], IfNoneMatch="*"),
                412,
                "PreconditionFailed",
                PRECONDITION_FAILED,
                {"Condition": "If-None-Match"},
            )
        s3.delete_object(**where)


def test_a_list_of_etags_is_no_etag_to_a_write(door: Door, bucket: str) -> None:
    s3 = door.client
    for key in ("k", "source"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"abc")
    with unchanged(door.fake):
        for condition in (f"{ETAG}, {ETAG}", f'"x", {ETAG}', '"x", *'):
            copy = partial(s3.copy_object, CopySource="bucket/source")
            for write in (partial(s3.put_object, Body=b"new"), copy, s3.delete_object):
                call = partial(write, Bucket=bucket, Key="k", IfMatch=condition)
                refused(call, 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-Match"})


# --- who may ---


_NUMBERS = itertools.count()


@contextlib.contextmanager
def _user(door: Door, *actions: str) -> Iterator[Any]:
    """Yield a client of a new user who is allowed these actions on every object."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    user = door.fake.add_user(OWNER, f"copier{next(_NUMBERS)}", {"Version": "2012-10-17", "Statement": [statement]})
    with door.client_with(aws_access_key_id=user.access_key, aws_secret_access_key=user.secret_key) as client:
        yield client


READ, WRITE = "s3:GetObject", "s3:PutObject"
READ_TAGS, WRITE_TAGS = "s3:GetObjectTagging", "s3:PutObjectTagging"
TAGGED: dict[str, tuple[list[str], dict[str, Any], str | None]] = {
    "both": ([READ_TAGS, WRITE_TAGS], {}, None),
    "neither": ([], {}, READ_TAGS),
    "reads only": ([READ_TAGS], {}, WRITE_TAGS),
    "writes only": ([WRITE_TAGS], {}, READ_TAGS),
    "replaced by nothing": ([], {"TaggingDirective": "REPLACE"}, None),
    "replaced": ([WRITE_TAGS], {"TaggingDirective": "REPLACE", "Tagging": "a=b"}, None),
    "replaced, not allowed": ([], {"TaggingDirective": "REPLACE", "Tagging": "a=b"}, WRITE_TAGS),
    "that of a version": (["s3:GetObjectVersionTagging", WRITE_TAGS], {}, READ_TAGS),
}


@pytest.mark.parametrize(("actions", "options", "missing"), TAGGED.values(), ids=TAGGED)
def test_copying_tags_needs_permissions(
    door: Door, bucket: str, actions: list[str], options: dict[str, Any], missing: str | None
) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", Tagging="t=1")
    with _user(door, READ, WRITE, *actions) as client:
        copy = partial(client.copy_object, Bucket=bucket, Key="copy", CopySource="bucket/k", **options)
        if missing is None:
            copy()
            tags = parse_qs(options.get("Tagging", "")) if "TaggingDirective" in options else {"t": ["1"]}
            stored = door.client.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"]
            assert stored == [{"Key": key, "Value": value} for key, [value] in tags.items()]
            return
        with unchanged(door.fake), pytest.raises(ClientError) as caught:
            copy()
        error = caught.value.response["Error"]
        where = f'{missing} on resource: "arn:aws:s3:::bucket/{"k" if missing == READ_TAGS else "copy"}" because no '
        assert error["Code"] == "AccessDenied"
        assert error["Message"].partition(" perform: ")[2].startswith(where)


def test_copying_tags_of_a_version_needs_another_permission(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", Tagging="t=1")
    source = "bucket/k?versionId=null"
    for tags, allowed in (("s3:GetObjectVersionTagging", True), (READ_TAGS, False)):
        with _user(door, "s3:GetObjectVersion", WRITE, WRITE_TAGS, tags) as client:
            copy = partial(client.copy_object, Bucket=bucket, Key="copy", CopySource=source)
            if allowed:
                copy()
                assert door.client.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "t", "Value": "1"}]
            else:
                with pytest.raises(client.exceptions.ClientError, match="s3:GetObjectVersionTagging"):
                    copy()


def test_copies_without_tags_need_no_permission_for_tags(door: Door, bucket: str) -> None:
    """A source without tags, and UploadPartCopy, which copies none."""
    door.client.put_object(Bucket=bucket, Key="plain", Body=b"abc")
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", Tagging="t=1")
    with _user(door, READ, WRITE) as client:
        client.copy_object(Bucket=bucket, Key="copy", CopySource="bucket/plain")
        upload = client.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
        part = client.upload_part_copy(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, CopySource="bucket/k")
    listed = {"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}
    door.client.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload, MultipartUpload={"Parts": [listed]})
    for key in ("copy", "parts"):
        assert door.client.get_object(Bucket=bucket, Key=key)["Body"].read() == b"abc"
        assert door.client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"] == []


@pytest.mark.parametrize("payers", [("bucket",), ("mine",), ("bucket", "mine"), ()], ids=str)
@pytest.mark.parametrize("method", ["copy_object", "upload_part_copy"])
def test_the_response_names_the_requester_charge(door: Door, bucket: str, method: str, payers: tuple[str, ...]) -> None:
    """Of a source that the requester pays for, as of a destination; of both in one header."""
    s3 = door.client
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    s3.create_bucket(Bucket="mine")
    for name in payers:
        s3.put_bucket_request_payment(Bucket=name, RequestPaymentConfiguration={"Payer": "Requester"})
    for name in (bucket, "mine"):
        everything = {"Principal": {"AWS": STRANGER}, "Action": "s3:*", "Resource": f"arn:aws:s3:::{name}/*", "Effect": "Allow"}
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [everything]}))
    with door.client_with(aws_access_key_id=STRANGER) as stranger:
        how: dict[str, Any] = {"Bucket": "mine", "Key": "copy", "CopySource": "bucket/k"}
        if method == "upload_part_copy":
            upload = stranger.create_multipart_upload(Bucket="mine", Key="copy", RequestPayer="requester")["UploadId"]
            how |= {"UploadId": upload, "PartNumber": 1}
        copy = partial(getattr(stranger, method), **how)
        if payers:
            with unchanged(door.fake):
                refused(copy, 403, "AccessDenied", "Access Denied")
        headers = copy(RequestPayer="requester")["ResponseMetadata"]["HTTPHeaders"]
        assert headers.get("x-amz-request-charged") == ("requester" if payers else None)
    response = getattr(s3, method)(**how)  # the owner of both pays anyhow
    assert "RequestCharged" not in response

"""Exact responses of GetObject and HeadObject, and the members that need a permission.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); botocore's model documentation.
"""

from __future__ import annotations

import base64
import itertools
import json
from email.header import decode_header
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fakes3part.rules.metadata import decode, encode
from tests.support.callers import OWNER
from tests.support.doors import Door, refused, refused_head
from tests.support.errors import (
    INVALID_RANGE,
    INVALID_STORAGE_CLASS,
    METADATA_TOO_LARGE,
    NO_SUCH_VERSION,
    PRECONDITION_FAILED,
    RANGE_AND_PART_NUMBER,
)
from tests.support.state import unchanged
from tests.support.version_ids import GONE

LAW = settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ETAG = '"900150983cd24fb0d6963f7d28e17f72"'
OTHER = '"00000000000000000000000000000000"'
COMMON = {"date", "server", "x-amz-id-2", "x-amz-request-id"}
FRAMING = {"connection", "transfer-encoding"}
"""Of the transport, where there is one."""


def _headers(response: Any) -> dict[str, str]:
    """Return all headers except those that differ each time."""
    headers: dict[str, str] = response["ResponseMetadata"]["HTTPHeaders"]
    return {name: value for name, value in headers.items() if name not in COMMON | FRAMING}


# --- all at once ---

STORED = {
    "CacheControl": "max-age=5",
    "ContentDisposition": "inline",
    "ContentEncoding": "br",
    "ContentLanguage": "de",
    "ContentType": "text/css",
    "StorageClass": "ONEZONE_IA",
    "WebsiteRedirectLocation": "/there",
    "Metadata": {"m": "1"},
    "Tagging": "a=1&b=2",
    "ChecksumCRC32": "NSRBwg==",
}
SHOWN = {
    "accept-ranges": "bytes",
    "cache-control": "max-age=5",
    "content-disposition": "inline",
    "content-encoding": "br",
    "content-language": "de",
    "content-length": "3",
    "content-type": "text/css",
    "etag": ETAG,
    "last-modified": "Sat, 21 Feb 2026 00:17:01 GMT",
    "x-amz-meta-m": "1",
    "x-amz-server-side-encryption": "AES256",
    "x-amz-storage-class": "ONEZONE_IA",
    "x-amz-tagging-count": "2",
    "x-amz-website-redirect-location": "/there",
}
CHECKSUM = {"x-amz-checksum-crc32": "NSRBwg==", "x-amz-checksum-type": "FULL_OBJECT"}
READS: dict[str, tuple[dict[str, Any], int, dict[str, str]]] = {
    "whole": ({}, 200, {}),
    "with checksum": ({"ChecksumMode": "ENABLED"}, 200, CHECKSUM),
    "range": (
        {"Range": "bytes=1-1", "ChecksumMode": "ENABLED"},
        206,
        {"content-length": "1", "content-range": "bytes 1-1/3"},
    ),
    "range of all": ({"Range": "bytes=0-", "ChecksumMode": "ENABLED"}, 206, {"content-range": "bytes 0-2/3", **CHECKSUM}),
    "part": ({"PartNumber": 1, "ChecksumMode": "ENABLED"}, 206, {"content-range": "bytes 0-2/3", **CHECKSUM}),
    "another type": ({"ResponseContentType": "a/b"}, 200, {"content-type": "a/b"}),
}


@pytest.mark.parametrize("versioning", ["", "Enabled", "Suspended"])
@pytest.mark.parametrize(("options", "status", "changed"), READS.values(), ids=READS)
def test_every_header(
    door: Door, bucket: str, versioning: str, options: dict[str, Any], status: int, changed: dict[str, str]
) -> None:
    door.fake.clock.freeze("2026-02-21T00:17:01Z")
    if versioning:
        door.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": versioning})
    version = door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", **STORED).get("VersionId", "null")
    with door.client_with() as client:
        # By default boto3 requests the checksum on every GET; this client does so only where a test says it.
        client.meta.config.response_checksum_validation = "when_required"
        got = client.get_object(Bucket=bucket, Key="k", **options)
        head = client.head_object(Bucket=bucket, Key="k", **options)
        first, _, last = changed.get("content-range", "bytes 0-2/3")[6:].partition("/")[0].partition("-")
        assert got["Body"].read() == b"abc"[int(first) : int(last) + 1]
    expected = {**SHOWN, **changed, **({"x-amz-version-id": version} if versioning else {})}
    for response in (got, head):
        assert response["ResponseMetadata"]["HTTPStatusCode"] == status
        assert _headers(response) == expected


def test_parts_are_counted_only_with_part_number(s3: Any, bucket: str) -> None:
    where = {"Bucket": bucket, "Key": "k"}
    upload = {**where, "UploadId": s3.create_multipart_upload(**where)["UploadId"]}
    part = s3.upload_part(**upload, PartNumber=7, Body=b"abc")["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 7, "ETag": part}]})
    for read in (s3.get_object, s3.head_object):
        assert "PartsCount" not in read(**where)
        assert "PartsCount" not in read(**where, Range="bytes=0-1")
        response = read(**where, PartNumber=1)
        assert (response["PartsCount"], response["ContentRange"]) == (1, "bytes 0-2/3")
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 206


# --- storage classes ---

CLASSES = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
]


@pytest.mark.parametrize("storage_class", CLASSES)
def test_storage_classes(s3: Any, bucket: str, storage_class: str) -> None:
    """A header for all but STANDARD, of writes too; listings and attributes name each."""
    shown = None if storage_class == "STANDARD" else storage_class
    s3.put_object(Bucket=bucket, Key="source", Body=b"abc")
    copied = s3.copy_object(Bucket=bucket, Key="k", CopySource="bucket/source", StorageClass=storage_class)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", StorageClass=storage_class)["UploadId"]
    etag = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"abc")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    completed = [s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload=parts) for _ in range(2)]
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"abc", StorageClass=storage_class)
    assert [_headers(write).get("x-amz-storage-class") for write in (put, copied, *completed)] == [shown] * 4
    s3.delete_object(Bucket=bucket, Key="source")
    assert _headers(s3.head_object(Bucket=bucket, Key="k")).get("x-amz-storage-class") == shown
    if storage_class not in ("GLACIER", "DEEP_ARCHIVE"):
        assert _headers(s3.get_object(Bucket=bucket, Key="k")).get("x-amz-storage-class") == shown
    attributes = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["StorageClass"])
    assert attributes["StorageClass"] == storage_class
    for listing, member in (("list_objects", "Contents"), ("list_objects_v2", "Contents"), ("list_object_versions", "Versions")):
        assert [one["StorageClass"] for one in getattr(s3, listing)(Bucket=bucket)[member]] == [storage_class]


@pytest.mark.parametrize(
    "storage_class",
    [
        "OUTPOSTS",
        "SNOW",
        "EXPRESS_ONEZONE",
        "FSX_OPENZFS",
        "FSX_ONTAP",
        "AWS_BACKUP_WARM",
        "AWS_BACKUP_LOW_COST_WARM",
        "standard",
    ],
)
def test_storage_classes_that_cannot_be_requested(door: Door, bucket: str, storage_class: str) -> None:
    s3 = door.client
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    extras = {"StorageClassRequested": storage_class}
    message = INVALID_STORAGE_CLASS
    with unchanged(door.fake):
        for write in (
            s3.put_object,
            partial(s3.copy_object, CopySource="bucket/k"),
            s3.create_multipart_upload,
        ):
            call = partial(write, Bucket=bucket, Key="new", StorageClass=storage_class)
            refused(call, 400, "InvalidStorageClass", message, extras)


# --- errors and 304 ---


def test_a_304_is_bare(s3: Any, bucket: str) -> None:
    """Validators and the version's id; no range, override, metadata or encryption."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"abc", **STORED)
    for read in (s3.get_object, s3.head_object):
        call = partial(read, Bucket=bucket, Key="k", IfNoneMatch=ETAG, ResponseCacheControl="x", Range="bytes=0-0")
        headers = _headers(refused_head(call, 304).response)
        assert headers.keys() == {"etag", "last-modified", "x-amz-version-id"}
        assert (headers["etag"], headers["x-amz-version-id"]) == (ETAG, put["VersionId"])


ERRORS: dict[str, tuple[dict[str, Any], int, str, str, dict[str, str]]] = {
    "range": (
        {"Range": "bytes=3-"},
        416,
        "InvalidRange",
        INVALID_RANGE,
        {"RangeRequested": "bytes=3-", "ActualObjectSize": "3"},
    ),
    "part": (
        {"PartNumber": 2},
        416,
        "InvalidPartNumber",
        "The requested partnumber is not satisfiable",
        {"ActualPartCount": "1", "PartNumberRequested": "2"},
    ),
    "range and part": (
        {"Range": "bytes=0-", "PartNumber": 1},
        400,
        "InvalidRequest",
        RANGE_AND_PART_NUMBER,
        {},
    ),
    "condition before range": (
        {"Range": "bytes=3-", "IfMatch": OTHER},
        412,
        "PreconditionFailed",
        PRECONDITION_FAILED,
        {"Condition": "If-Match"},
    ),
    "range and part before condition": (
        {"Range": "bytes=0-", "PartNumber": 1, "IfMatch": OTHER},
        400,
        "InvalidRequest",
        RANGE_AND_PART_NUMBER,
        {},
    ),
    "checksum mode": (
        {"ChecksumMode": "ON"},
        400,
        "InvalidRequest",
        "Value for x-amz-checksum-mode header is invalid.",
        {},
    ),
    "no such version": (
        {"VersionId": GONE},
        404,
        "NoSuchVersion",
        NO_SUCH_VERSION,
        {"Key": "k", "VersionId": GONE},
    ),
}


@pytest.mark.parametrize(("options", "status", "code", "message", "extras"), ERRORS.values(), ids=ERRORS)
def test_errors(
    door: Door, bucket: str, options: dict[str, Any], status: int, code: str, message: str, extras: dict[str, str]
) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    where = {"Bucket": bucket, "Key": "k", "ResponseCacheControl": "no-store"}
    with unchanged(door.fake):
        error = refused(partial(door.client.get_object, **where, **options), status, code, message, extras)
        assert error.response["ResponseMetadata"]["HTTPHeaders"].keys() - COMMON - FRAMING <= {"content-type", "content-length"}
        refused_head(partial(door.client.head_object, **where, **options), status)


def test_an_empty_object_has_a_part_but_no_range(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    for read in (s3.get_object, s3.head_object):
        response = read(Bucket=bucket, Key="k", PartNumber=1)
        assert (response["ResponseMetadata"]["HTTPStatusCode"], response["ContentLength"]) == (200, 0)
        assert {"ContentRange", "PartsCount"}.isdisjoint(response)
    call = partial(s3.head_object, Bucket=bucket, Key="k", Range="bytes=0-")
    refused_head(call, 416)


# --- overrides ---

OVERRIDES = ["cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"]


@pytest.mark.parametrize("name", OVERRIDES)
def test_overrides_are_latin_1(door: Door, bucket: str, name: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    response = door.raw("GET", f"/bucket/k?response-{name}=caf%C3%A9")
    assert (response.status, response.headers[name], response.body) == (200, "caf\xe9", b"abc")
    refusal = {
        "Code": "InvalidArgument",
        "Message": "Header value cannot be represented using ISO-8859-1.",
        "ArgumentName": f"response-{name}",
        "ArgumentValue": "\u20ac",
    }
    response = door.raw("GET", f"/bucket/k?response-{name}=%E2%82%AC")
    assert (response.status, response.error) == (400, refusal)
    response = door.raw("HEAD", f"/bucket/k?response-{name}=%E2%82%AC")
    assert (response.status, response.body) == (400, b"")


@pytest.mark.parametrize("name", OVERRIDES)
def test_anonymous_callers_cannot_override_headers(door: Door, bucket: str, name: str) -> None:
    """Even where everybody may read."""
    s3 = door.client
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    s3.delete_public_access_block(Bucket=bucket)
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [public]}))
    assert door.raw("GET", "/bucket/k", sign=False).body == b"abc"
    response = door.raw("GET", f"/bucket/k?response-{name}=x", sign=False)
    message = "Request specific response headers cannot be used for anonymous GET requests."
    assert (response.status, response.error) == (400, {"Code": "InvalidRequest", "Message": message})
    response = door.raw("HEAD", f"/bucket/k?response-{name}=x", sign=False)
    assert (response.status, response.body) == (400, b"")


# --- metadata ---


@LAW
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_metadata_is_any_text(door: Door, text: str) -> None:
    """Every value can be sent in a header, so ``x-amz-missing-meta`` never occurs."""
    door.fake.reset()
    door.client.create_bucket(Bucket="bucket")
    word = f"=?UTF-8?B?{base64.b64encode(text.encode()).decode()}?="
    assert door.raw("PUT", "/bucket/k", {"x-amz-meta-k": word}, b"abc").status == 200
    response = door.raw("HEAD", "/bucket/k").headers
    assert "x-amz-missing-meta" not in response
    shown = response["x-amz-meta-k"]
    if shown != text and shown.startswith("=?UTF-8?"):
        ((raw, charset),) = decode_header(shown)
        assert (bytes(raw).decode(), charset) == (text, "utf-8")
    else:
        blanks = " \t" if door.name == "server" else ""  # around a header's value they do not count
        assert shown.strip(blanks) == text.strip(blanks)


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_a_decoded_header_is_the_original_value(text: str) -> None:
    assume("=?" not in text)
    assert decode(encode(text)) == text
    assert all(len(word) <= 75 for word in encode(text).split(" ") if word.startswith("=?"))


@given(header=st.from_regex(r"=\?[\w-]{1,12}\?[bBqQ]\?[^?\s]*\?=", fullmatch=True) | st.text())
def test_any_header_is_a_text(header: str) -> None:
    """A value in any charset can be stored and returned."""
    shown = encode(decode(header))
    assert shown.isascii()
    assert shown.replace("\t", "").isprintable()


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "utf-16-le", "idna", "undefined", "rot13", "none-such"])
def test_strange_charsets(door: Door, bucket: str, charset: str) -> None:
    """Some make half a surrogate pair of it, which is no text, and some nothing at all: then it stays as it came."""
    word = f"=?{charset}?Q?=5Cud800=D8=2BAA?="
    assert door.raw("PUT", "/bucket/k", {"x-amz-meta-k": word}, b"abc").status == 200
    shown = door.raw("GET", "/bucket/k").headers["x-amz-meta-k"]
    assert shown == word or shown.startswith("=?UTF-8?")


LIMITS = {
    "bytes": ("k", "v" * 2047, 2048),
    "two bytes each": ("k", "\xe9" * 1023, 2047),
    "three bytes each": ("key", "\u20ac" * 681, 2046),
    "four bytes each": ("k" * 4, "\U0001f600" * 511, 2048),
}


@pytest.mark.parametrize(("name", "value", "size"), LIMITS.values(), ids=LIMITS)
def test_metadata_is_measured_in_bytes_of_utf_8(door: Door, bucket: str, name: str, value: str, size: int) -> None:
    """Of the text: not of the words that it travels in."""

    def put(text: str) -> Any:
        # As the bytes that such a header is; words would be too long for one request's headers.
        return door.raw("PUT", "/bucket/k", {f"x-amz-meta-{name}": text.encode().decode("latin-1")}, b"new")

    assert put(value).status == 200
    assert len(door.raw("HEAD", "/bucket/k").headers[f"x-amz-meta-{name}"]) >= size - len(name)
    with unchanged(door.fake):
        response = put(value + "v" * (2049 - size))
    assert (response.status, response.error) == (
        400,
        {
            "Code": "MetadataTooLarge",
            "Message": METADATA_TOO_LARGE,
            "Size": "2049",
            "MaxSizeAllowed": "2048",
        },
    )


# --- who sees what ---

_NUMBERS = itertools.count()


@pytest.mark.parametrize("version", [{}, {"VersionId": "null"}], ids=["current", "version"])
@pytest.mark.parametrize("may", [True, False])
def test_tags_are_counted_only_with_permission_to_read_them(door: Door, bucket: str, may: bool, version: dict[str, str]) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", Tagging="a=1&b=2")
    suffix = "Version" if version else ""
    actions = [f"s3:GetObject{suffix}", *([f"s3:GetObject{suffix}Tagging"] if may else [])]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "arn:aws:s3:::bucket/*"}
    user = door.fake.add_user(OWNER, f"reader{next(_NUMBERS)}", {"Version": "2012-10-17", "Statement": [statement]})
    before = door.fake.last_denial
    with door.client_with(aws_access_key_id=user.access_key, aws_secret_access_key=user.secret_key) as client:
        for read in (client.get_object, client.head_object):
            response = read(Bucket=bucket, Key="k", **version)
            assert response.get("TagCount") == (2 if may else None)
    assert door.fake.last_denial is before

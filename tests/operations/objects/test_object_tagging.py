"""Tags of objects: the three operations, versions, limits of documents and headers, and responses of reads and writes."""

from __future__ import annotations

import base64
import hashlib
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest

from fakes3part.rules import tags as rules
from tests.support.doors import Door, assert_error, refused, refused_head
from tests.support.errors import (
    INVALID_TAG_KEY,
    INVALID_TAGGING_HEADER,
    INVALID_VERSION_ID,
    MALFORMED_XML,
    METHOD_NOT_ALLOWED,
    NO_SUCH_BUCKET,
    NO_SUCH_KEY,
    NO_SUCH_VERSION,
)
from tests.support.signing import UNKNOWN_KEY, by_url
from tests.support.state import unchanged
from tests.support.version_ids import GONE

KEY, VALUE = INVALID_TAG_KEY, "The TagValue you have provided is invalid"
MANY = "Object tags cannot be greater than 10"
TWICE = "Cannot provide multiple Tags with the same key"
SYSTEM = "Your TagKey cannot be prefixed with aws:"
NOTHING = '<?xml version="1.0" encoding="UTF-8"?>\n<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet/></Tagging>'

Tags = dict[str, str]


def tag_set(tags: Tags) -> dict[str, Any]:
    return {"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}


def tags_of(s3: Any, **where: Any) -> Tags:
    return {tag["Key"]: tag["Value"] for tag in s3.get_object_tagging(Bucket="bucket", **{"Key": "k", **where})["TagSet"]}


@pytest.fixture
def tagged(s3: Any, bucket: str) -> str:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc", Tagging="old=1")
    return bucket


@pytest.fixture
def versions(s3: Any, bucket: str) -> list[str]:
    """Three versions of a key: from before versioning, one of two that came after, and a delete marker."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"0", Tagging="v=0")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1", Tagging="v=1")["VersionId"]
    return ["null", first, s3.delete_object(Bucket=bucket, Key="k")["VersionId"]]


# --- the operations --------------------------------------------------------------------------------------------------

GOOD = {
    "one": {"a": "1"},
    "none": {},
    "ten": {f"k{number}": "" for number in range(10)},
    "longest": {"k" * 128: "v" * 256},
    "every character": {"aZ09 _.:/=+-@": "aZ09 _.:/=+-@"},
    "other scripts": {"größe": "ひらがな", "цвет": "٣", "\u3000": "\U00010330"},
    "aws elsewhere": {"xaws:": "aws:", "AWS:x": "1"},
    "a value that is a space": {"a": " "},
}


@pytest.mark.parametrize("tags", GOOD.values(), ids=GOOD)
def test_put_get_delete(s3: Any, tagged: str, tags: Tags) -> None:
    before = s3.head_object(Bucket=tagged, Key="k")
    put = s3.put_object_tagging(Bucket=tagged, Key="k", Tagging=tag_set(tags))
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert "VersionId" not in put
    assert tags_of(s3) == tags
    after = s3.head_object(Bucket=tagged, Key="k")
    assert after.get("TagCount", 0) == len(tags)
    assert (after["LastModified"], after["ETag"]) == (before["LastModified"], before["ETag"])
    gone = s3.delete_object_tagging(Bucket=tagged, Key="k")
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert tags_of(s3) == {}
    assert "TagCount" not in s3.get_object(Bucket=tagged, Key="k")
    s3.delete_object_tagging(Bucket=tagged, Key="k")


def test_on_the_wire(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k")
    response = door.raw("GET", "/bucket/k?tagging")
    assert (response.status, "content-type" in response.headers, response.body.decode()) == (200, False, NOTHING)
    body = b"<Tagging><TagSet><Tag><Value>1</Value><Key>a</Key></Tag></TagSet></Tagging>"
    digest = base64.b64encode(hashlib.md5(body).digest()).decode()
    put = door.raw("PUT", "/bucket/k?tagging", {"Content-MD5": digest}, body)
    assert (put.status, put.body) == (200, b"")
    text = door.raw("GET", "/bucket/k?tagging").body.decode()
    assert "<TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet>" in text
    gone = door.raw("DELETE", "/bucket/k?tagging")
    assert (gone.status, gone.body) == (204, b"")


BAD: dict[str, tuple[list[tuple[str, str]], str, str, dict[str, str]]] = {
    "eleven": ([(f"k{number}", "") for number in range(11)], "BadRequest", MANY, {}),
    "twice": ([("a", "1"), ("a", "1")], "InvalidTag", TWICE, {"TagKey": "a"}),
    "of the system": ([("aws:x", "1")], "InvalidTag", SYSTEM, {"TagKey": "aws:x"}),
    "long key": ([("k" * 129, "1")], "InvalidTag", KEY, {"TagKey": "k" * 129}),
    "bad key": ([("a{", "1")], "InvalidTag", KEY, {"TagKey": "a{"}),
    "key with a line end": ([("a\nb", "1")], "InvalidTag", KEY, {"TagKey": "a\nb"}),
    "long value": ([("a", "v" * 257)], "InvalidTag", VALUE, {"TagKey": "a", "TagValue": "v" * 257}),
    "bad value": ([("a", "1"), ("b", "1,2")], "InvalidTag", VALUE, {"TagKey": "b", "TagValue": "1,2"}),
    "value of an emoji": ([("a", "\U0001f600")], "InvalidTag", VALUE, {"TagKey": "a", "TagValue": "\U0001f600"}),
}


EMPTY_KEY = b"<Tagging><TagSet><Tag><Key/><Value>1</Value></Tag></TagSet></Tagging>"


@pytest.mark.parametrize("target", ["/bucket/k?tagging", "/bucket?tagging"], ids=["object", "bucket"])
def test_empty_keys(door: Door, tagged: str, target: str) -> None:
    """Which boto3 would not even send."""
    digest = base64.b64encode(hashlib.md5(EMPTY_KEY).digest()).decode()
    with unchanged(door.fake):
        response = door.raw("PUT", target, {"Content-MD5": digest}, EMPTY_KEY)
    assert (response.status, response.error) == (400, {"Code": "InvalidTag", "Message": KEY, "TagKey": None})


@pytest.mark.parametrize(("pairs", "code", "message", "extras"), BAD.values(), ids=BAD)
def test_bad_tags(door: Door, tagged: str, pairs: list[Any], code: str, message: str, extras: dict[str, str]) -> None:
    given = {"TagSet": [{"Key": key, "Value": value} for key, value in pairs]}
    with unchanged(door.fake):
        put = partial(door.client.put_object_tagging, Bucket=tagged, Key="k", Tagging=given)
        refused(put, 400, code, message, extras)


BAD_HEADERS = {
    "twice nothing": "=1&=2",
    "twice": "a=1&a=2",
    "twice without value": "a&b&a",
    "no UTF-8": "a=%FF",
    "bad value": "a=1&b=1,2",
    "bad value, encoded": "a=1&b=1%2C2",
    "bad key": "a%7B=1",
    "bad key without value": "a,b",
    "key with a line end": "a%0Ab=1",
    "value of an emoji": "a=%F0%9F%98%80",
    "bad escape": "a=%zz",
    "of the system, and bad": "aws:x=1,2",
    "semicolon": "a=1;b=2",
}
GOOD_HEADERS: dict[str, tuple[str, Tags]] = {
    "no value": ("a", {"a": ""}),
    "no values": ("a&b", {"a": "", "b": ""}),
    "some values": ("a=1&b&c=", {"a": "1", "b": "", "c": ""}),
    "empty pieces": ("a&&b=1&", {"a": "", "b": "1"}),
    "nothing but empty pieces": ("&&", {}),
    "equals signs": ("a=b=c", {"a": "b=c"}),
    "encoded": ("a+b=%C3%BC+%2B&c%3Dd", {"a b": "ü +", "c=d": ""}),
}
WRITES = {
    "PutObject": lambda s3: partial(s3.put_object, Bucket="bucket", Key="new"),
    "CopyObject": lambda s3: partial(
        s3.copy_object, Bucket="bucket", Key="new", CopySource="bucket/k", TaggingDirective="REPLACE"
    ),
    "CreateMultipartUpload": lambda s3: partial(s3.create_multipart_upload, Bucket="bucket", Key="new"),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("header", BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_bad_headers(door: Door, tagged: str, write: Any, header: str) -> None:
    extras = {"ArgumentName": "x-amz-tagging", "ArgumentValue": header}
    with unchanged(door.fake):
        refused(partial(write(door.client), Tagging=header), 400, "InvalidArgument", INVALID_TAGGING_HEADER, extras)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("case", ["eleven", "of the system", "long key", "long value"])
def test_bad_tags_in_headers(door: Door, tagged: str, write: Any, case: str) -> None:
    pairs, code, message, extras = BAD[case]
    if case == "of the system":
        extras = {}
    with unchanged(door.fake):
        refused(partial(write(door.client), Tagging=urlencode(pairs)), 400, code, message, extras)


@pytest.mark.parametrize(("header", "tags"), GOOD_HEADERS.values(), ids=GOOD_HEADERS)
def test_good_headers(s3: Any, tagged: str, header: str, tags: Tags) -> None:
    s3.put_object(Bucket=tagged, Key="put", Tagging=header)
    s3.copy_object(Bucket=tagged, Key="copy", CopySource="bucket/k", TaggingDirective="REPLACE", Tagging=header)
    upload = s3.create_multipart_upload(Bucket=tagged, Key="upload", Tagging=header)["UploadId"]
    where = {"Bucket": tagged, "Key": "upload", "UploadId": upload}
    part = s3.upload_part(**where, PartNumber=1, Body=b"abc")
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    for key in ("put", "copy", "upload"):
        assert tags_of(s3, Key=key) == tags
        assert s3.get_object(Bucket=tagged, Key=key).get("TagCount", 0) == len(tags)


@pytest.mark.parametrize(("header", "tags"), GOOD_HEADERS.values(), ids=GOOD_HEADERS)
def test_hoisted_headers(door: Door, bucket: str, header: str, tags: Tags) -> None:
    query = urlencode({"x-amz-tagging": header})
    assert by_url(door, "PUT", f"/bucket/k?{query}", credentials=UNKNOWN_KEY).send().status == 200
    assert tags_of(door.client) == tags
    with unchanged(door.fake):
        query = urlencode({"x-amz-tagging": "a=1,2"})
        response = by_url(door, "PUT", f"/bucket/k?{query}", credentials=UNKNOWN_KEY).send()
    extras = {"ArgumentName": "x-amz-tagging", "ArgumentValue": "a=1,2"}
    assert_error(response, 400, "InvalidArgument", INVALID_TAGGING_HEADER, extras)


def test_headers_of_writes(door: Door, tagged: str) -> None:
    s3 = door.client
    s3.put_object(Bucket=tagged, Key="put", Tagging="a=1&b=%C3%BC+%2B&c=")
    assert tags_of(s3, Key="put") == {"a": "1", "b": "ü +", "c": ""}
    assert door.raw("GET", "/bucket/put").headers["x-amz-tagging-count"] == "3"
    s3.put_object(Bucket=tagged, Key="put")
    assert tags_of(s3, Key="put") == {}
    assert "x-amz-tagging-count" not in door.raw("GET", "/bucket/put").headers
    upload = s3.create_multipart_upload(Bucket=tagged, Key="mpu", Tagging="m=1")["UploadId"]
    where = {"Bucket": tagged, "Key": "mpu", "UploadId": upload}
    part = s3.upload_part(**where, PartNumber=1, Body=b"abc")
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert tags_of(s3, Key="mpu") == {"m": "1"}


DIRECTIVES: dict[str, tuple[dict[str, str], Tags]] = {
    "copied": ({}, {"old": "1"}),
    "copied explicitly": ({"TaggingDirective": "COPY", "Tagging": "new=2"}, {"old": "1"}),
    "replaced": ({"TaggingDirective": "REPLACE", "Tagging": "new=2"}, {"new": "2"}),
    "dropped": ({"TaggingDirective": "REPLACE"}, {}),
}


@pytest.mark.parametrize(("options", "tags"), DIRECTIVES.values(), ids=DIRECTIVES)
def test_copies(s3: Any, tagged: str, options: dict[str, str], tags: Tags) -> None:
    s3.copy_object(Bucket=tagged, Key="copy", CopySource="bucket/k", **options)
    assert tags_of(s3, Key="copy") == tags
    # New tags of the copy do not change the source's.
    s3.put_object_tagging(Bucket=tagged, Key="copy", Tagging=tag_set({"x": "y"}))
    assert tags_of(s3) == {"old": "1"}


# --- versions --------------------------------------------------------------------------------------------------------


def test_versions(s3: Any, versions: list[str]) -> None:
    before, first, _ = versions
    assert [tags_of(s3, VersionId=one) for one in (before, first)] == [{"v": "0"}, {"v": "1"}]
    put = s3.put_object_tagging(Bucket="bucket", Key="k", VersionId=before, Tagging=tag_set({"n": "0"}))
    assert put["VersionId"] == "null"
    assert s3.delete_object_tagging(Bucket="bucket", Key="k", VersionId=first)["VersionId"] == first
    got = s3.get_object_tagging(Bucket="bucket", Key="k", VersionId=before)
    assert (got["VersionId"], got["TagSet"]) == ("null", [{"Key": "n", "Value": "0"}])
    assert tags_of(s3, VersionId=first) == {}
    second = s3.put_object(Bucket="bucket", Key="k", Tagging="v=2")["VersionId"]
    assert s3.get_object_tagging(Bucket="bucket", Key="k")["VersionId"] == second
    assert s3.put_object_tagging(Bucket="bucket", Key="k", Tagging=tag_set({"w": "2"}))["VersionId"] == second
    assert [tags_of(s3, VersionId=one) for one in (before, first, second)] == [{"n": "0"}, {}, {"w": "2"}]
    listed = s3.list_object_versions(Bucket="bucket")["Versions"]
    assert [version["VersionId"] for version in listed] == [second, first, before]


def operations(s3: Any) -> dict[str, Any]:
    return {
        "GET": s3.get_object_tagging,
        "PUT": partial(s3.put_object_tagging, Tagging=tag_set({"a": "1"})),
        "DELETE": s3.delete_object_tagging,
    }


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("by_id", [False, True], ids=["current", "by its id"])
def test_delete_markers(door: Door, versions: list[str], method: str, by_id: bool) -> None:
    where = {"VersionId": versions[-1]} if by_id else {}
    with unchanged(door.fake):
        call = partial(operations(door.client)[method], Bucket="bucket", Key="k", **where)
        error = refused(call, 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, {"Method": method, "ResourceType": "DeleteMarker"})
    headers = error.response["ResponseMetadata"]["HTTPHeaders"]
    assert (headers["x-amz-delete-marker"], headers["allow"]) == ("true", "DELETE")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    ("where", "status", "code", "message", "extras"),
    [
        ({"Key": "missing"}, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "missing"}),
        (
            {"VersionId": GONE},
            404,
            "NoSuchVersion",
            NO_SUCH_VERSION,
            {"Key": "k", "VersionId": GONE},
        ),
        (
            {"VersionId": "BAD"},
            400,
            "InvalidArgument",
            INVALID_VERSION_ID,
            {"ArgumentName": "versionId", "ArgumentValue": "BAD"},
        ),
    ],
    ids=["key", "version", "bad version"],
)
def test_missing_objects(
    door: Door, tagged: str, method: str, where: dict[str, str], status: int, code: str, message: str, extras: dict[str, str]
) -> None:
    if method == "GET" and "Key" in extras:
        extras = {**extras, "Key": f"bucket/{extras['Key']}"}
    with unchanged(door.fake):
        call = partial(operations(door.client)[method], **{"Bucket": tagged, "Key": "k", **where})
        refused(call, status, code, message, extras)
        no_bucket = partial(operations(door.client)[method], Bucket="missing", Key="k")
        refused(no_bucket, 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})


def test_the_null_version_of_a_suspended_bucket(s3: Any, versions: list[str]) -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket="bucket", Key="k")
    assert s3.put_object_tagging(Bucket="bucket", Key="k", Tagging=tag_set({"s": "1"}))["VersionId"] == "null"
    assert tags_of(s3) == {"s": "1"}
    assert tags_of(s3, VersionId=versions[1]) == {"v": "1"}


DOCUMENTS = {
    "no value": b"<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
    "no key": b"<Tagging><TagSet><Tag><Value>a</Value></Tag></TagSet></Tagging>",
    "another root": b"<TagSet/>",
    "broken": b"<Tagging><TagSet></Tagging>",
}


@pytest.mark.parametrize("target", ["/bucket/k?tagging", "/bucket?tagging"], ids=["object", "bucket"])
@pytest.mark.parametrize("body", DOCUMENTS.values(), ids=DOCUMENTS)
def test_malformed_documents(door: Door, tagged: str, target: str, body: bytes) -> None:
    digest = base64.b64encode(hashlib.md5(body).digest()).decode()
    with unchanged(door.fake):
        response = door.raw("PUT", target, {"Content-MD5": digest}, body)
    if not body and target == "/bucket?tagging":
        assert_error(response, 400, "MissingRequestBodyError", "Request Body is empty")
    else:
        assert_error(response, 400, "MalformedXML", MALFORMED_XML)


@pytest.mark.parametrize("body", [b"<Tagging/>", b"<Tagging><TagSet/></Tagging>", b"<Tagging></Tagging>"])
def test_documents_without_tags(door: Door, tagged: str, body: bytes) -> None:
    """Recorded from AWS, February 2026."""
    door.client.put_bucket_tagging(Bucket=tagged, Tagging=tag_set({"old": "1"}))
    digest = {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}
    assert door.raw("PUT", "/bucket?tagging", digest, body).status == 204
    get = partial(door.client.get_bucket_tagging, Bucket=tagged)
    refused(get, 404, "NoSuchTagSet", "The TagSet does not exist", {"BucketName": "bucket"})
    assert door.raw("PUT", "/bucket/k?tagging", digest, body).status == 200
    assert door.raw("GET", "/bucket/k?tagging").body.decode() == NOTHING


def test_head_of_a_missing_key_is_as_ever(s3: Any, bucket: str) -> None:
    refused_head(partial(s3.head_object, Bucket=bucket, Key="missing"), 404)
    refused(
        partial(s3.get_object, Bucket=bucket, Key="missing"),
        404,
        "NoSuchKey",
        NO_SUCH_KEY,
        {"Key": "missing"},
    )


def test_every_character() -> None:
    """The rule, character by character over the first planes' interesting part: letters, digits, separators, ``_.:/=+-@``."""
    import unicodedata

    for code in range(0x3000):
        one = chr(code)
        allowed = one in "_.:/=+-@" or unicodedata.category(one)[0] in "LNZ"
        if allowed:
            assert rules.parse_object_tags([{"Key": one, "Value": one}]) == {one: one}
        else:
            with pytest.raises(rules.S3Error):
                rules.parse_object_tags([{"Key": one, "Value": ""}])

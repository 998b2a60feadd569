"""PutObject, GetObject, HeadObject: replies, what an object keeps, and what is refused (facts 60.1, 60.6, 80)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from inside import unchanged
from tools import Door, bare, refused

COMMON = {"date", "server", "x-amz-id-2", "x-amz-request-id", "x-amz-server-side-encryption"}
CHECKSUM = {"x-amz-checksum-crc32", "x-amz-checksum-type"}
GET = COMMON | {"accept-ranges", "content-length", "content-type", "etag", "last-modified"}
ETAG = '"900150983cd24fb0d6963f7d28e17f72"'


def _names(answer: Any) -> set[str]:
    """Header names; ``connection`` belongs to the transport."""
    return set(answer["ResponseMetadata"]["HTTPHeaders"]) - {"connection"}


def test_put_reply(s3: Any, bucket: str) -> None:
    answer = s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    assert _names(answer) == COMMON | CHECKSUM | {"content-length", "etag"}
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "0"
    assert answer["ETag"] == ETAG
    assert (answer["ChecksumCRC32"], answer["ChecksumType"]) == ("NSRBwg==", "FULL_OBJECT")
    assert answer["ServerSideEncryption"] == "AES256"


def test_get_and_head_reply(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == b"abc"
    assert _names(got) == GET | CHECKSUM
    head = s3.head_object(Bucket=bucket, Key="k")
    assert _names(head) == GET
    for answer in (got, head):
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert answer["ContentLength"] == 3
        assert answer["ContentType"] == "binary/octet-stream"
        assert answer["AcceptRanges"] == "bytes"
        assert answer["ETag"] == ETAG
        assert answer["Metadata"] == {}
    date = got["ResponseMetadata"]["HTTPHeaders"]["last-modified"]
    assert re.fullmatch(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", date)


def test_put_replaces_everything(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc", Metadata={"old": "1"}, ContentType="text/plain", Tagging="a=b")
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == b""
    assert (got["ContentLength"], got["Metadata"], got["ContentType"]) == (0, {}, "binary/octet-stream")
    assert "TagCount" not in got
    assert got["ETag"] == '"d41d8cd98f00b204e9800998ecf8427e"'


STORED = {
    "CacheControl": "max-age=5, public",
    "ContentDisposition": 'attachment; filename="a b.txt"',
    "ContentEncoding": "gzip",
    "ContentLanguage": "de, en",
    "ContentType": "text/plain; charset=utf-8",
    "WebsiteRedirectLocation": "https://example.org/there",
    "StorageClass": "STANDARD_IA",
}


@pytest.mark.parametrize("read", ["get_object", "head_object"])
@pytest.mark.parametrize(("member", "value"), STORED.items(), ids=str)
def test_stored_headers_come_back(s3: Any, bucket: str, read: str, member: str, value: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc", **{member: value})
    assert getattr(s3, read)(Bucket=bucket, Key="k")[member] == value


@pytest.mark.parametrize("expires", ["Sat, 21 Feb 2026 00:17:01 GMT", "never", "0"])
def test_expires_is_kept_as_the_text_it_was(door: Door, bucket: str, expires: str) -> None:
    assert door.raw("PUT", "/bucket/k", {"Expires": expires}, b"abc").status == 200
    assert door.client.get_object(Bucket=bucket, Key="k")["ExpiresString"] == expires


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("gzip", "gzip"), ("gzip, br", "gzip, br"), ("aws-chunked,gzip", "gzip"), ("aws-chunked", None)],
)
def test_aws_chunked_is_no_property_of_the_object(door: Door, bucket: str, sent: str, kept: str | None) -> None:
    body = b"3\r\nabc\r\n0\r\n\r\n" if "aws-chunked" in sent else b"abc"
    headers = {"Content-Encoding": sent, "x-amz-decoded-content-length": "3"}
    assert door.raw("PUT", "/bucket/k", headers, body).status == 200
    answer = door.raw("GET", "/bucket/k")
    assert (answer.headers.get("content-encoding"), answer.body) == (kept, b"abc")


def test_gzipped_objects_are_returned_untouched(door: Door, bucket: str) -> None:
    door.raw("PUT", "/bucket/k", {"Content-Encoding": "gzip"}, b"\x1f\x8bnot really")
    answer = door.raw("GET", "/bucket/k", {"Accept-Encoding": "identity"})
    assert (answer.headers["content-encoding"], answer.body) == ("gzip", b"\x1f\x8bnot really")


def test_system_headers_come_back_as_the_bytes_sent(door: Door, bucket: str) -> None:
    value = 'attachment; filename="caf\xc3\xa9"'
    assert door.raw("PUT", "/bucket/k", {"Content-Disposition": value}, b"abc").status == 200
    assert door.raw("HEAD", "/bucket/k").headers["content-disposition"] == value


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("plain", "plain"),
        ("a,b", "a,b"),
        ("=?UTF-8?Q?abc_d?=", "abc d"),
        ("=?UTF-8?B?YWJj?=", "abc"),
        ("=?utf-8?q?caf=C3=A9_noir?=", "=?UTF-8?Q?caf=C3=A9_noir?="),
        ("caf\xc3\xa9", "=?UTF-8?Q?caf=C3=A9?="),
        ("=?UTF-8?B?w6kB?=", "=?UTF-8?B?w6kB?="),
        ("=?not a word?=", "=?not a word?="),
    ],
    ids=str,
)
def test_user_metadata_is_text(door: Door, bucket: str, sent: str, kept: str) -> None:
    assert door.raw("PUT", "/bucket/k", {"x-amz-meta-k": sent}, b"abc").status == 200
    assert door.raw("GET", "/bucket/k").headers["x-amz-meta-k"] == kept


def test_metadata_keys_are_lower_case(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Metadata={"CamelCase": "Value", "x_y": "", "a-b": "1"})
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"camelcase": "Value", "x_y": "", "a-b": "1"}


def test_metadata_of_2048_bytes(door: Door, bucket: str) -> None:
    fits = {"key": "v" * 1000, "k2": "v" * 1043}
    door.client.put_object(Bucket=bucket, Key="k", Metadata=fits)
    assert door.client.head_object(Bucket=bucket, Key="k")["Metadata"] == fits
    message = "Your metadata headers exceed the maximum allowed metadata size"
    extras = {"Size": "2049", "MaxSizeAllowed": "2048"}
    with unchanged(door.fake):
        for call in (
            lambda: door.client.put_object(Bucket=bucket, Key="k", Metadata={**fits, "k2": "v" * 1044}),
            lambda: door.client.copy_object(
                Bucket=bucket,
                Key="c",
                CopySource="bucket/k",
                MetadataDirective="REPLACE",
                Metadata={**fits, "k2": "v" * 1044},
            ),
        ):
            refused(call, 400, "MetadataTooLarge", message, extras)


NO_ACLS = (400, "AccessControlListNotSupported", "The bucket does not allow ACLs", {})
REFUSED = {
    "redirect": (
        {"WebsiteRedirectLocation": "ftp://x"},
        400,
        "InvalidRedirectLocation",
        "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
        {},
    ),
    "storage class": (
        {"StorageClass": "BEST"},
        400,
        "InvalidStorageClass",
        "The storage class you specified is not valid",
        {"StorageClassRequested": "BEST"},
    ),
    "Outposts": (
        {"StorageClass": "OUTPOSTS"},
        400,
        "InvalidStorageClass",
        "The storage class you specified is not valid",
        {"StorageClassRequested": "OUTPOSTS"},
    ),
    "unknown ACL": (
        {"ACL": "fake-acl"},
        400,
        "InvalidArgument",
        None,
        {"ArgumentName": "x-amz-acl", "ArgumentValue": "fake-acl"},
    ),
    "public ACL": ({"ACL": "public-read"}, *NO_ACLS),
    "grant": ({"GrantRead": 'id="1"'}, *NO_ACLS),
    "ACL and grant": (
        {"ACL": "public-read", "GrantRead": 'id="1"'},
        400,
        "InvalidRequest",
        "Specifying both Canned ACLs and Header Grants is not allowed",
        {},
    ),
    "lock": (
        {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": "2099-01-01T00:00:00Z"},
        400,
        "InvalidRequest",
        "Bucket is missing ObjectLockConfiguration",
        {},
    ),
    "legal hold": (
        {"ObjectLockLegalHoldStatus": "ON"},
        400,
        "InvalidRequest",
        "Bucket is missing ObjectLockConfiguration",
        {},
    ),
    "lock mode": (
        {"ObjectLockMode": "BAD", "ObjectLockRetainUntilDate": "2099-01-01T00:00:00Z"},
        400,
        "InvalidArgument",
        "Unknown wormMode directive.",
        {"ArgumentName": "x-amz-object-lock-mode", "ArgumentValue": "BAD"},
    ),
    "tags twice": (
        {"Tagging": "a=1&a=2"},
        400,
        "InvalidArgument",
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
        {"ArgumentName": "x-amz-tagging", "ArgumentValue": "a=1&a=2"},
    ),
    "11 tags": (
        {"Tagging": "&".join(f"k{number}=v" for number in range(11))},
        400,
        "BadRequest",
        "Object tags cannot be greater than 10",
        {},
    ),
    "tag key": (
        {"Tagging": "a%7Bb=1"},
        400,
        "InvalidTag",
        "The TagKey you have provided is invalid",
        {"TagKey": "a{b"},
    ),
    "tag value": (
        {"Tagging": "a=" + "v" * 257},
        400,
        "InvalidTag",
        "The TagValue you have provided is invalid",
        {"TagKey": "a", "TagValue": "v" * 257},
    ),
    "aws: tag": (
        {"Tagging": "aws:x=1"},
        400,
        "InvalidTag",
        "Your TagKey cannot be prefixed with aws:",
        {"TagKey": "aws:x"},
    ),
    "SSE-C": (
        {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32},
        501,
        "NotImplemented",
        "fakes3part does not implement PutObject (SSE-C)",
        {"Operation": "PutObject"},
    ),
    "KMS": (
        {"ServerSideEncryption": "aws:kms"},
        501,
        "NotImplemented",
        "fakes3part does not implement PutObject (ServerSideEncryption aws:kms)",
        {"Operation": "PutObject"},
    ),
    "KMS key": (
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "key"},
        501,
        "NotImplemented",
        "fakes3part does not implement PutObject (SSE-KMS)",
        {"Operation": "PutObject"},
    ),
    "append": (
        {"WriteOffsetBytes": 3},
        501,
        "NotImplemented",
        "fakes3part does not implement PutObject (append (WriteOffsetBytes))",
        {"Operation": "PutObject"},
    ),
}


@pytest.mark.filterwarnings("ignore:.*SSE:UserWarning")
@pytest.mark.parametrize(("options", "status", "code", "message", "extras"), REFUSED.values(), ids=REFUSED)
def test_refused_puts_keep_the_old_object(
    door: Door, bucket: str, options: dict[str, Any], status: int, code: str, message: Any, extras: dict[str, str]
) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"old")
    with unchanged(door.fake):
        refused(lambda: door.client.put_object(Bucket=bucket, Key="k", Body=b"new", **options), status, code, message, extras)
    assert door.client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"old"


@pytest.mark.parametrize("acl", ["private", "bucket-owner-full-control"])
def test_acls_that_grant_nothing_are_accepted(s3: Any, bucket: str, acl: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc", ACL=acl)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"abc"


@pytest.mark.parametrize("read", ["get_object", "head_object"])
def test_tags_are_counted(s3: Any, bucket: str, read: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Tagging="a=1&b=%C3%A4&c=")
    assert getattr(s3, read)(Bucket=bucket, Key="k")["TagCount"] == 3


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE"])
def test_archived_objects_cannot_be_read(s3: Any, bucket: str, storage_class: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc", StorageClass=storage_class)
    assert s3.head_object(Bucket=bucket, Key="k")["StorageClass"] == storage_class
    message = "The operation is not valid for the object's storage class"
    extras = {"StorageClass": storage_class}
    refused(lambda: s3.get_object(Bucket=bucket, Key="k"), 403, "InvalidObjectState", message, extras)


def test_standard_is_not_shown(s3: Any, bucket: str) -> None:
    answer = s3.put_object(Bucket=bucket, Key="k", StorageClass="STANDARD")
    assert "x-amz-storage-class" not in answer["ResponseMetadata"]["HTTPHeaders"]
    assert "StorageClass" not in s3.head_object(Bucket=bucket, Key="k")


OVERRIDES = {
    "ResponseCacheControl": ("cache-control", "no-cache"),
    "ResponseContentDisposition": ("content-disposition", 'attachment; filename="x"'),
    "ResponseContentEncoding": ("content-encoding", "identity"),
    "ResponseContentLanguage": ("content-language", "fr"),
    "ResponseContentType": ("content-type", "text/html"),
    "ResponseExpires": ("expires", "Sat, 21 Feb 2026 00:17:01 GMT"),
}


@pytest.mark.parametrize("read", ["get_object", "head_object"])
def test_response_headers_override_the_stored(s3: Any, bucket: str, read: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc", ContentType="text/plain", CacheControl="public")
    answer = getattr(s3, read)(Bucket=bucket, Key="k", **{member: value for member, (_, value) in OVERRIDES.items()})
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert {name: headers[name] for name, _ in OVERRIDES.values()} == dict(OVERRIDES.values())
    ranged = s3.get_object(Bucket=bucket, Key="k", Range="bytes=0-0", ResponseContentType="text/html")
    assert (ranged["ContentType"], ranged["Body"].read()) == ("text/html", b"a")
    assert s3.head_object(Bucket=bucket, Key="k")["ContentType"] == "text/plain"


def test_response_headers_do_not_touch_errors(door: Door, bucket: str) -> None:
    answer = door.raw("GET", "/bucket/none?response-content-type=text%2Fhtml&response-cache-control=x")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/xml")
    assert "cache-control" not in answer.headers


@pytest.mark.parametrize("value", ["\u20ac", "a\r\nSet-Cookie: b"], ids=["beyond latin-1", "two lines"])
def test_response_headers_must_be_headers(s3: Any, bucket: str, value: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    message = "Header value cannot be represented using ISO-8859-1."
    call = lambda: s3.get_object(Bucket=bucket, Key="k", ResponseCacheControl=value)  # noqa: E731
    refused(call, 400, "InvalidArgument", message, {"ArgumentName": "response-cache-control", "ArgumentValue": value})


def test_missing_key(s3: Any, bucket: str) -> None:
    call = lambda: s3.get_object(Bucket=bucket, Key="none/such")  # noqa: E731
    refused(call, 404, "NoSuchKey", "The specified key does not exist.", {"Key": "none/such"})
    bare(lambda: s3.head_object(Bucket=bucket, Key="none/such"), 404)


TOO_LARGE = 5 * 1024**3 + 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Length": str(TOO_LARGE)},
        {
            "Content-Encoding": "aws-chunked",
            "x-amz-decoded-content-length": str(TOO_LARGE),
            "Content-Length": str(TOO_LARGE + 50),
        },
    ],
    ids=["plain", "aws-chunked"],
)
def test_more_than_5_gib_is_refused_unread(door: Door, bucket: str, headers: dict[str, str]) -> None:
    with unchanged(door.fake):
        answer = door.raw("PUT", "/bucket/k", headers)
    assert answer.status == 400
    assert answer.error == {
        "Code": "EntityTooLarge",
        "Message": "Your proposed upload exceeds the maximum allowed size",
        "ProposedSize": str(TOO_LARGE),
        "MaxSizeAllowed": "5368709120",
    }


def test_get_ignores_a_body(door: Door, bucket: str) -> None:
    door.raw("PUT", "/bucket/k", body=b"abc")
    assert door.raw("GET", "/bucket/k", body=b"ignored").body == b"abc"

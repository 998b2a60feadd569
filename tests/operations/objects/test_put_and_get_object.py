"""PutObject, GetObject and HeadObject: responses, errors, limits, and concurrent clients.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); botocore's model documentation; the S3 user guide,
"Amazon S3 endpoints and quotas".
"""

from __future__ import annotations

import contextlib
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request
from tests.support.doors import Door, refused, refused_head
from tests.support.errors import (
    ACLS_NOT_ALLOWED,
    DIRECTORY_BUCKETS_ONLY,
    ENTITY_TOO_LARGE,
    HEADER_NOT_IMPLEMENTED,
    INVALID_OBJECT_STATE,
    INVALID_REDIRECT_LOCATION,
    INVALID_STORAGE_CLASS,
    INVALID_TAGGING_HEADER,
    NO_OBJECT_LOCK,
    NO_SUCH_KEY,
    UNKNOWN_WORM_MODE,
)
from tests.support.state import SIGNED, streaming, unchanged

COMMON = {"date", "server", "x-amz-id-2", "x-amz-request-id", "x-amz-server-side-encryption"}
CHECKSUM = {"x-amz-checksum-crc32", "x-amz-checksum-type"}
GET = COMMON | {"accept-ranges", "content-length", "content-type", "etag", "last-modified"}
ETAG = '"900150983cd24fb0d6963f7d28e17f72"'


def _names(response: Any) -> set[str]:
    """Return the names of headers without ``connection``, which belongs to the transport."""
    return set(response["ResponseMetadata"]["HTTPHeaders"]) - {"connection"}


def test_put_reply(s3: Any, bucket: str) -> None:
    response = s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    assert _names(response) == COMMON | CHECKSUM | {"content-length", "etag"}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert response["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "0"
    assert response["ETag"] == ETAG
    assert (response["ChecksumCRC32"], response["ChecksumType"]) == ("NSRBwg==", "FULL_OBJECT")
    assert response["ServerSideEncryption"] == "AES256"


def test_get_and_head_reply(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == b"abc"
    assert _names(got) == GET | CHECKSUM
    head = s3.head_object(Bucket=bucket, Key="k")
    assert _names(head) == GET
    for response in (got, head):
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert response["ContentLength"] == 3
        assert response["ContentType"] == "binary/octet-stream"
        assert response["AcceptRanges"] == "bytes"
        assert response["ETag"] == ETAG
        assert response["Metadata"] == {}
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


NO_ACLS = (400, "AccessControlListNotSupported", ACLS_NOT_ALLOWED, {})
REFUSED = {
    "redirect": (
        {"WebsiteRedirectLocation": "ftp://x"},
        400,
        "InvalidRedirectLocation",
        INVALID_REDIRECT_LOCATION,
        {},
    ),
    "storage class": (
        {"StorageClass": "BEST"},
        400,
        "InvalidStorageClass",
        INVALID_STORAGE_CLASS,
        {"StorageClassRequested": "BEST"},
    ),
    "Outposts": (
        {"StorageClass": "OUTPOSTS"},
        400,
        "InvalidStorageClass",
        INVALID_STORAGE_CLASS,
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
        NO_OBJECT_LOCK,
        {},
    ),
    "legal hold": (
        {"ObjectLockLegalHoldStatus": "ON"},
        400,
        "InvalidRequest",
        NO_OBJECT_LOCK,
        {},
    ),
    "lock mode": (
        {"ObjectLockMode": "BAD", "ObjectLockRetainUntilDate": "2099-01-01T00:00:00Z"},
        400,
        "InvalidArgument",
        UNKNOWN_WORM_MODE,
        {"ArgumentName": "x-amz-object-lock-mode", "ArgumentValue": "BAD"},
    ),
    "tags twice": (
        {"Tagging": "a=1&a=2"},
        400,
        "InvalidArgument",
        INVALID_TAGGING_HEADER,
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
        "InvalidArgument",
        INVALID_TAGGING_HEADER,
        {"ArgumentName": "x-amz-tagging", "ArgumentValue": "a%7Bb=1"},
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
        {},
    ),
    "append": (
        {"WriteOffsetBytes": 3},
        501,
        "NotImplemented",
        HEADER_NOT_IMPLEMENTED,
        {"Header": "x-amz-write-offset-bytes", "additionalMessage": DIRECTORY_BUCKETS_ONLY},
    ),
}


@pytest.mark.parametrize(("options", "status", "code", "message", "extras"), REFUSED.values(), ids=REFUSED)
def test_refused_puts_keep_the_old_object(
    door: Door, bucket: str, options: dict[str, Any], status: int, code: str, message: Any, extras: dict[str, str]
) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"old")
    with unchanged(door.fake):
        refused(partial(door.client.put_object, Bucket=bucket, Key="k", Body=b"new", **options), status, code, message, extras)
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
    message = INVALID_OBJECT_STATE
    extras = {"StorageClass": storage_class}
    refused(partial(s3.get_object, Bucket=bucket, Key="k"), 403, "InvalidObjectState", message, extras)


def test_storage_class_standard_is_not_returned(s3: Any, bucket: str) -> None:
    response = s3.put_object(Bucket=bucket, Key="k", StorageClass="STANDARD")
    assert "x-amz-storage-class" not in response["ResponseMetadata"]["HTTPHeaders"]
    assert "StorageClass" not in s3.head_object(Bucket=bucket, Key="k")


def test_missing_key(s3: Any, bucket: str) -> None:
    call = partial(s3.get_object, Bucket=bucket, Key="none/such")
    refused(call, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "none/such"})
    refused_head(partial(s3.head_object, Bucket=bucket, Key="none/such"), 404)


TOO_LARGE = 5 * 1024**3 + 1


@pytest.mark.parametrize(
    "headers",
    [
        {**SIGNED, "Content-Length": str(TOO_LARGE)},
        {**streaming(TOO_LARGE), "Content-Length": str(TOO_LARGE + 50)},
    ],
    ids=["plain", "aws-chunked"],
)
def test_more_than_5_gib_is_refused_unread(door: Door, bucket: str, headers: dict[str, str]) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket/k", headers, sign=False)
    assert response.status == 400
    assert response.error == {
        "Code": "EntityTooLarge",
        "Message": ENTITY_TOO_LARGE,
        "ProposedSize": str(TOO_LARGE),
        "MaxSizeAllowed": "5368709120",
    }


def test_get_ignores_a_body(door: Door, bucket: str) -> None:
    door.raw("PUT", "/bucket/k", body=b"abc")
    assert door.raw("GET", "/bucket/k", body=b"ignored").body == b"abc"


def test_a_length_is_needed() -> None:
    """No client of ours leaves it out: past the doors."""
    fake = FakeS3()
    headers = {name.lower(): value for name, value in SIGNED.items()}
    assert fake.handle(Request("PUT", "localhost", "/bucket", headers=dict(headers))).status == 200
    with unchanged(fake):
        response = fake.handle(Request("PUT", "localhost", "/bucket/k", headers=dict(headers), body=b"abc"))
    assert response.status == 411
    message = b"<Code>MissingContentLength</Code><Message>You must provide the Content-Length HTTP header.</Message>"
    assert message in b"".join(response.body)


def test_many_at_once(door: Door, bucket: str) -> None:
    """Writers, readers, deleters and listers of the same keys: every reader sees a whole body, and nothing is lost."""

    def work(number: int) -> None:
        key, mine = f"k{number % 3}", f"own{number}"
        door.client.put_object(Bucket=bucket, Key=mine, Body=b"mine")
        for turn in range(4):
            door.client.put_object(Bucket=bucket, Key=key, Body=b"%d" % turn * 1000)
            with contextlib.suppress(door.client.exceptions.NoSuchKey):
                body = door.client.get_object(Bucket=bucket, Key=key)["Body"].read()
                assert (len(body), len(set(body))) == (1000, 1)
            listed = [entry["Key"] for entry in door.client.list_objects_v2(Bucket=bucket)["Contents"]]
            assert mine in listed
            assert listed == sorted(listed)
            door.client.delete_object(Bucket=bucket, Key=key)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(work, range(12)))
    listed = [entry["Key"] for entry in door.client.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == sorted(f"own{number}" for number in range(12))

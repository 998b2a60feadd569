"""CopyObject: copied properties, copies onto themselves, and invalid sources.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); botocore's model documentation.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, refused
from tests.support.errors import (
    COPY_ONTO_ITSELF,
    INVALID_COPY_SOURCE_KEY,
    INVALID_VERSION_ID,
    NO_SUCH_BUCKET,
    NO_SUCH_KEY,
    NO_SUCH_VERSION,
)
from tests.support.state import unchanged
from tests.support.version_ids import GONE

BODY = b"test data.."
CRC32, CRC64NVME, SHA256 = "cZWHwQ==", "qUVrWYOrIAM=", "2l26x0trnT0r2AvakoFk2MB7eKVKzYESLMxSAKAzoik="
SYSTEM = {
    "CacheControl": "max-age=5",
    "ContentDisposition": "inline",
    "ContentEncoding": "br",
    "ContentLanguage": "de",
    "ContentType": "text/css",
}


@pytest.fixture
def source(s3: Any, bucket: str) -> str:
    """An object with everything that an object can have."""
    s3.put_object(
        Bucket=bucket,
        Key="source",
        Body=BODY,
        Metadata={"m": "1"},
        Tagging="t=1",
        StorageClass="STANDARD_IA",
        WebsiteRedirectLocation="/x",
        **SYSTEM,
    )
    return "bucket/source"


def _shown(response: Any) -> dict[str, Any]:
    members = (*SYSTEM, "Metadata", "TagCount", "StorageClass", "WebsiteRedirectLocation")
    return {member: response[member] for member in members if member in response}


def test_reply(s3: Any, bucket: str, source: str) -> None:
    response = s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)
    result = response["CopyObjectResult"]
    assert result.pop("LastModified") == s3.head_object(Bucket=bucket, Key="copy")["LastModified"]
    assert result == {
        "ETag": '"e6d9226c2a86b7232933663c13467527"',
        "ChecksumCRC32": CRC32,
        "ChecksumType": "FULL_OBJECT",
    }
    assert response["ServerSideEncryption"] == "AES256"
    assert {"VersionId", "CopySourceVersionId"}.isdisjoint(response)
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == BODY


COPIED = {
    "all": ({}, {**SYSTEM, "Metadata": {"m": "1"}, "TagCount": 1}),
    "request ignored": ({"ContentType": "a/b", "Metadata": {"n": "2"}}, {**SYSTEM, "Metadata": {"m": "1"}, "TagCount": 1}),
    "COPY": ({"MetadataDirective": "COPY"}, {**SYSTEM, "Metadata": {"m": "1"}, "TagCount": 1}),
    "replaced by nothing": (
        {"MetadataDirective": "REPLACE"},
        {"ContentType": "binary/octet-stream", "Metadata": {}, "TagCount": 1},
    ),
    "replaced": (
        {"MetadataDirective": "REPLACE", "ContentType": "a/b", "CacheControl": "no-cache", "Metadata": {"n": "2"}},
        {"ContentType": "a/b", "CacheControl": "no-cache", "Metadata": {"n": "2"}, "TagCount": 1},
    ),
    "tags replaced": (
        {"TaggingDirective": "REPLACE", "Tagging": "a=1&b=2"},
        {**SYSTEM, "Metadata": {"m": "1"}, "TagCount": 2},
    ),
    "tags replaced by nothing": ({"TaggingDirective": "REPLACE"}, {**SYSTEM, "Metadata": {"m": "1"}}),
    "tags ignored": ({"Tagging": "a=1&b=2"}, {**SYSTEM, "Metadata": {"m": "1"}, "TagCount": 1}),
    "storage class": (
        {"StorageClass": "GLACIER_IR"},
        {**SYSTEM, "Metadata": {"m": "1"}, "TagCount": 1, "StorageClass": "GLACIER_IR"},
    ),
    "redirect": (
        {"WebsiteRedirectLocation": "/y"},
        {**SYSTEM, "Metadata": {"m": "1"}, "TagCount": 1, "WebsiteRedirectLocation": "/y"},
    ),
}


@pytest.mark.parametrize(("options", "shown"), COPIED.values(), ids=COPIED)
def test_copied_properties(s3: Any, bucket: str, source: str, options: dict[str, Any], shown: dict[str, Any]) -> None:
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, **options)
    assert _shown(s3.head_object(Bucket=bucket, Key="copy")) == shown


@pytest.mark.parametrize(
    "options",
    [{}, {"ACL": "private"}, {"Metadata": {"n": "2"}}, {"ContentType": "a/b"}, {"TaggingDirective": "REPLACE", "Tagging": "a=1"}],
    ids=str,
)
def test_onto_itself_without_change(door: Door, bucket: str, source: str, options: dict[str, Any]) -> None:
    with unchanged(door.fake):
        call = partial(door.client.copy_object, Bucket=bucket, Key="source", CopySource=source, **options)
        refused(call, 400, "InvalidRequest", COPY_ONTO_ITSELF)


@pytest.mark.parametrize(
    "options",
    [
        {"MetadataDirective": "REPLACE"},
        {"StorageClass": "STANDARD_IA"},
        {"WebsiteRedirectLocation": "/y"},
        {"ServerSideEncryption": "AES256"},
    ],
    ids=str,
)
def test_onto_itself_with_a_change(s3: Any, bucket: str, source: str, options: dict[str, Any]) -> None:
    s3.copy_object(Bucket=bucket, Key="source", CopySource=source, **options)
    assert s3.get_object(Bucket=bucket, Key="source")["Body"].read() == BODY


def test_onto_itself_in_a_versioned_bucket(door: Door, bucket: str, source: str) -> None:
    s3 = door.client
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="source", Body=b"new")
    with unchanged(door.fake):
        call = partial(s3.copy_object, Bucket=bucket, Key="source", CopySource=source)
        refused(call, 400, "InvalidRequest", COPY_ONTO_ITSELF)


SPELLINGS = [
    "bucket/a%20b/%C3%A4%2B%25.txt",
    "/bucket/a%20b/%C3%A4%2B%25.txt",
    "bucket%2Fa%20b%2F%C3%A4%2B%25.txt",
]


@pytest.mark.parametrize("header", SPELLINGS)
def test_spellings_of_a_source(door: Door, bucket: str, header: str) -> None:
    door.client.put_object(Bucket=bucket, Key="a b/\xe4+%.txt", Body=b"abc")
    assert door.raw("PUT", "/bucket/copy", {"x-amz-copy-source": header}).status == 200
    assert door.client.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"abc"


def test_a_key_that_looks_like_a_version(door: Door, bucket: str) -> None:
    key = "k?versionId=null&x"
    door.client.put_object(Bucket=bucket, Key=key, Body=b"abc")
    header = "bucket/k%3FversionId=null&x"
    assert door.raw("PUT", "/bucket/copy", {"x-amz-copy-source": header}).status == 200
    door.client.copy_object(Bucket=bucket, Key="copy2", CopySource={"Bucket": bucket, "Key": key})
    assert door.client.get_object(Bucket=bucket, Key="copy2")["Body"].read() == b"abc"


WRONG_FORMAT = {
    "Code": "InvalidArgument",
    "Message": INVALID_COPY_SOURCE_KEY,
    "ArgumentName": "x-amz-copy-source",
    "ArgumentValue": "x-amz-copy-source",
}
SOURCES = {
    "no slash": ("wrongformat", 400, WRONG_FORMAT),
    "no key": ("bucket/", 400, WRONG_FORMAT),
    "slash": ("/", 400, WRONG_FORMAT),
    "nothing": ("bucket", 400, WRONG_FORMAT),
    "no such bucket": (
        "other/key",
        404,
        {"Code": "NoSuchBucket", "Message": NO_SUCH_BUCKET, "BucketName": "other"},
    ),
    "no such key": (
        "bucket/none%2Fsuch",
        404,
        {"Code": "NoSuchKey", "Message": NO_SUCH_KEY, "Key": "none/such"},
    ),
    "another bucket's name for up": (
        "bucket/../bucket/source",
        404,
        {"Code": "NoSuchKey", "Message": NO_SUCH_KEY, "Key": "../bucket/source"},
    ),
    "no such version": (
        f"bucket/source?versionId={GONE}",
        404,
        {
            "Code": "NoSuchVersion",
            "Message": NO_SUCH_VERSION,
            "Key": "source",
            "VersionId": GONE,
        },
    ),
    "bad version": (
        "bucket/source?versionId=x",
        400,
        {
            "Code": "InvalidArgument",
            "Message": INVALID_VERSION_ID,
            "ArgumentName": "versionId",
            "ArgumentValue": "x",
        },
    ),
}


@pytest.mark.parametrize(("header", "status", "error"), SOURCES.values(), ids=SOURCES)
def test_bad_sources(door: Door, source: str, header: str, status: int, error: dict[str, str]) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket/copy", {"x-amz-copy-source": header})
    assert (response.status, response.error) == (status, error)


def test_bad_utf_8_source(door: Door, source: str) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket/copy", {"x-amz-copy-source": "bucket/%ff"})
    assert (response.status, response.error["Code"]) == (400, "InvalidArgument")


def test_unknown_access_points(door: Door, source: str) -> None:
    """(Those that are there: tests/operations/access_points.)"""
    header = "arn:aws:s3:us-east-1:123456789012:accesspoint/ap/object/key"
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket/copy", {"x-amz-copy-source": header})
    assert (response.status, response.error["Code"]) == (404, "NoSuchAccessPoint")


DIRECTIVES = {
    "metadata": ("MetadataDirective", "Unknown metadata directive.", "x-amz-metadata-directive"),
    "tagging": ("TaggingDirective", "Unknown tagging directive.", "x-amz-tagging-directive"),
}


@pytest.mark.parametrize(("member", "message", "header"), DIRECTIVES.values(), ids=DIRECTIVES)
def test_bad_directives(door: Door, bucket: str, source: str, member: str, message: str, header: str) -> None:
    extras = {"ArgumentName": header, "ArgumentValue": "MOVE"}
    with unchanged(door.fake):
        call = partial(door.client.copy_object, Bucket=bucket, Key="copy", CopySource=source, **{member: "MOVE"})
        refused(call, 400, "InvalidArgument", message, extras)


def test_a_copy_has_no_body(door: Door, source: str) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket/copy", {"x-amz-copy-source": source}, b"body")
    message = "The request included a body. Requests of this type must not include a non-empty body."
    assert (response.status, response.error) == (400, {"Code": "InvalidRequest", "Message": message})


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE"])
def test_archived_sources(door: Door, bucket: str, storage_class: str) -> None:
    door.client.put_object(Bucket=bucket, Key="cold", Body=b"abc", StorageClass=storage_class)
    with unchanged(door.fake):
        call = partial(door.client.copy_object, Bucket=bucket, Key="copy", CopySource="bucket/cold")
        refused(call, 403, "InvalidObjectState", "Operation is not valid for the source object's storage class")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_copy_source_on_other_operations(door: Door, source: str, method: str) -> None:
    with unchanged(door.fake):
        response = door.raw(method, "/bucket/source", {"x-amz-copy-source": "bucket/source"})
    assert (response.status, response.error) == (
        400,
        {
            "Code": "InvalidArgument",
            "Message": "You can only specify a copy source header for copy requests.",
            "ArgumentName": "x-amz-copy-source",
            "ArgumentValue": "bucket/source",
        },
    )


CHECKSUMS = {
    "kept": ({"x-amz-checksum-sha256": SHA256}, {}, "ChecksumSHA256", SHA256),
    "default": ({}, {}, "ChecksumCRC64NVME", CRC64NVME),
    "asked for": ({"x-amz-checksum-sha256": SHA256}, {"ChecksumAlgorithm": "CRC32"}, "ChecksumCRC32", CRC32),
    "asked for in lower case": ({}, {"ChecksumAlgorithm": "sha256"}, "ChecksumSHA256", SHA256),
}


@pytest.mark.parametrize(("sent", "options", "member", "value"), CHECKSUMS.values(), ids=CHECKSUMS)
def test_checksums(door: Door, bucket: str, sent: dict[str, str], options: dict[str, str], member: str, value: str) -> None:
    assert door.raw("PUT", "/bucket/source", sent, BODY).status == 200
    result = door.client.copy_object(Bucket=bucket, Key="copy", CopySource="bucket/source", **options)["CopyObjectResult"]
    head = door.client.head_object(Bucket=bucket, Key="copy", ChecksumMode="ENABLED")
    for response in (result, head):
        shown = {name: text for name, text in response.items() if name.startswith("Checksum")}
        assert shown == {member: value, "ChecksumType": "FULL_OBJECT"}


def test_between_buckets(s3: Any, bucket: str, source: str) -> None:
    s3.create_bucket(Bucket="other")
    s3.copy_object(Bucket="other", Key="copy", CopySource={"Bucket": bucket, "Key": "source"})
    s3.delete_object(Bucket=bucket, Key="source")
    assert s3.get_object(Bucket="other", Key="copy")["Body"].read() == BODY


def test_sources_of_more_than_5_gib(door: Door, bucket: str, source: str) -> None:
    version = door.fake.store.buckets[bucket].objects["source"]
    version.size = 5 * 1024**3 + 1  # returned, not stored
    message = "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120"
    with unchanged(door.fake):
        call = partial(door.client.copy_object, Bucket=bucket, Key="copy", CopySource=source)
        refused(call, 400, "InvalidRequest", message)
    version.size = 5 * 1024**3
    door.client.copy_object(Bucket=bucket, Key="copy", CopySource=source)

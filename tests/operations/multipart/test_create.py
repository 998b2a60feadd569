"""CreateMultipartUpload: responses, errors, and properties of the completed object."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import pytest

from tests.support.doors import Door, assert_error, refused
from tests.support.errors import (
    ACLS_NOT_ALLOWED,
    INVALID_REDIRECT_LOCATION,
    INVALID_STORAGE_CLASS,
    INVALID_TAGGING_HEADER,
    METADATA_TOO_LARGE,
    NO_OBJECT_LOCK,
    NO_SUCH_BUCKET,
    UNKNOWN_WORM_MODE,
)
from tests.support.multipart import Upload, content, visible_state, visibly_unchanged
from tests.support.vectors import CHECKSUM_MEMBERS

SUPPORTED = "CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256, SHA512, XXHASH128, XXHASH3, XXHASH64"
FULL_OBJECT = ("CRC32", "CRC32C", "CRC64NVME")


def test_plain(door: Door, s3: Any, bucket: str) -> None:
    response = door.raw("POST", f"/{bucket}/a/key?uploads")
    assert response.status == 200
    assert response.headers["content-type"] == "application/xml"
    assert response.headers["x-amz-server-side-encryption"] == "AES256"
    assert not [name for name in response.headers if "checksum" in name or name == "etag" or "abort" in name]
    document = re.fullmatch(
        r'<\?xml version="1.0" encoding="UTF-8"\?>\n'
        r'<InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        r"<Bucket>bucket</Bucket><Key>a/key</Key><UploadId>([A-Za-z0-9._-]+)</UploadId></InitiateMultipartUploadResult>",
        response.body.decode(),
    )
    assert document
    assert visible_state(s3, bucket) == {"uploads": [("a/key", document[1], [])], "objects": []}


def test_upload_ids_are_unique_for_one_key(s3: Any, bucket: str) -> None:
    ids = [Upload(s3, bucket).id for _ in range(20)]
    assert len(set(ids)) == 20
    assert [one["UploadId"] for one in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ids


@pytest.mark.parametrize("algorithm", CHECKSUM_MEMBERS)
def test_default_type_of_an_algorithm(s3: Any, bucket: str, algorithm: str) -> None:
    created = Upload(s3, bucket, ChecksumAlgorithm=algorithm).created
    kind = "FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE"
    headers = created["ResponseMetadata"]["HTTPHeaders"]
    assert (headers["x-amz-checksum-algorithm"], headers["x-amz-checksum-type"]) == (algorithm, kind)
    assert (created["ChecksumAlgorithm"], created["ChecksumType"]) == (algorithm, kind)
    (listed,) = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert (listed["ChecksumAlgorithm"], listed["ChecksumType"]) == (algorithm, kind)


def test_algorithm_and_type_in_any_case(door: Door, bucket: str) -> None:
    headers = {"x-amz-checksum-algorithm": "crc32c", "x-amz-checksum-type": "full_object"}
    response = door.raw("POST", f"/{bucket}/key?uploads", headers)
    assert response.status == 200
    assert response.headers["x-amz-checksum-algorithm"] == "CRC32C"
    assert response.headers["x-amz-checksum-type"] == "FULL_OBJECT"


@pytest.mark.parametrize("kind", ["COMPOSITE", "FULL_OBJECT"])
@pytest.mark.parametrize("algorithm", CHECKSUM_MEMBERS)
def test_types_that_go_together(s3: Any, bucket: str, algorithm: str, kind: str) -> None:
    def create() -> Any:
        return s3.create_multipart_upload(Bucket=bucket, Key="key", ChecksumAlgorithm=algorithm, ChecksumType=kind)

    if algorithm == "CRC64NVME" if kind == "COMPOSITE" else algorithm not in FULL_OBJECT:
        with visibly_unchanged(s3, bucket):
            message = f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum algorithm."
            refused(create, 400, "InvalidRequest", message)
    else:
        created = create()
        assert (created["ChecksumAlgorithm"], created["ChecksumType"]) == (algorithm, kind)


REFUSED: dict[str, tuple[dict[str, Any], int, str, str, dict[str, str]]] = {
    "unknown algorithm": (
        {"ChecksumAlgorithm": "CRC16"},
        400,
        "InvalidRequest",
        f"Checksum algorithm provided is unsupported. Please try again with any of the valid types: [{SUPPORTED}]",
        {},
    ),
    "type without algorithm": (
        {"ChecksumType": "COMPOSITE"},
        400,
        "InvalidRequest",
        "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
        {},
    ),
    "no such type": (
        {"ChecksumType": "HALF_OBJECT", "ChecksumAlgorithm": "CRC32"},
        400,
        "InvalidRequest",
        "Value for x-amz-checksum-type header is invalid.",
        {},
    ),
    "no such type, no algorithm": (
        {"ChecksumType": "HALF_OBJECT"},
        400,
        "InvalidRequest",
        "Value for x-amz-checksum-type header is invalid.",
        {},
    ),
    "OUTPOSTS": (
        {"StorageClass": "OUTPOSTS"},
        400,
        "InvalidStorageClass",
        INVALID_STORAGE_CLASS,
        {"StorageClassRequested": "OUTPOSTS"},
    ),
    "unknown storage class": (
        {"StorageClass": "standard"},
        400,
        "InvalidStorageClass",
        INVALID_STORAGE_CLASS,
        {"StorageClassRequested": "standard"},
    ),
    "lock mode": (
        {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": datetime(2099, 1, 1, tzinfo=timezone.utc)},
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
    "bad lock mode": (
        {"ObjectLockMode": "BAD-VALUE", "ObjectLockRetainUntilDate": datetime(2099, 1, 1, tzinfo=timezone.utc)},
        400,
        "InvalidArgument",
        UNKNOWN_WORM_MODE,
        {"ArgumentName": "x-amz-object-lock-mode", "ArgumentValue": "BAD-VALUE"},
    ),
    "tag twice": (
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
    "canned ACL": ({"ACL": "public-read"}, 400, "AccessControlListNotSupported", ACLS_NOT_ALLOWED, {}),
    "grant": ({"GrantRead": "id=abc"}, 400, "AccessControlListNotSupported", ACLS_NOT_ALLOWED, {}),
    "redirect": (
        {"WebsiteRedirectLocation": "elsewhere"},
        400,
        "InvalidRedirectLocation",
        INVALID_REDIRECT_LOCATION,
        {},
    ),
    "metadata": (
        {"Metadata": {"key": "v" * 2046}},
        400,
        "MetadataTooLarge",
        METADATA_TOO_LARGE,
        {"Size": "2049", "MaxSizeAllowed": "2048"},
    ),
    "somebody else's bucket expected": ({"ExpectedBucketOwner": "000000000000"}, 403, "AccessDenied", "Access Denied", {}),
    "no account expected": (
        {"ExpectedBucketOwner": "12"},
        400,
        "InvalidBucketOwnerAWSAccountID",
        "The value of the expected bucket owner parameter must be an AWS Account ID... [12]",
        {},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(s3: Any, bucket: str, name: str) -> None:
    """An upload that is refused is not opened."""
    options, status, code, message, extras = REFUSED[name]
    with visibly_unchanged(s3, bucket):
        refused(lambda: s3.create_multipart_upload(Bucket=bucket, Key="key", **options), status, code, message, extras)


def test_unknown_canned_acl(door: Door, s3: Any, bucket: str) -> None:
    """Recorded with an empty message."""
    with visibly_unchanged(s3, bucket):
        response = door.raw("POST", f"/{bucket}/key?uploads", {"x-amz-acl": "everybody"})
        assert response.status == 400
        assert list(response.error.items()) == [
            ("Code", "InvalidArgument"),
            ("Message", None),
            ("ArgumentName", "x-amz-acl"),
            ("ArgumentValue", "everybody"),
        ]


def test_no_abort_date_without_a_rule(s3: Any, bucket: str) -> None:
    """With one: tests/effects."""
    opened = s3.create_multipart_upload(Bucket=bucket, Key="key")
    listed = s3.list_parts(Bucket=bucket, Key="key", UploadId=opened["UploadId"])
    assert not {"AbortDate", "AbortRuleId"} & (opened.keys() | listed.keys())


def test_no_bucket(s3: Any) -> None:
    refused(
        lambda: s3.create_multipart_upload(Bucket="missing", Key="key"),
        404,
        "NoSuchBucket",
        NO_SUCH_BUCKET,
        {"BucketName": "missing"},
    )


def test_anonymous(door: Door, s3: Any, bucket: str) -> None:
    with visibly_unchanged(s3, bucket):
        response = door.raw("POST", f"/{bucket}/key?uploads", sign=False)
        message = "Anonymous users cannot initiate multipart uploads. Please authenticate."
        assert_error(response, 403, "AccessDenied", message)


def test_key_of_1024_bytes_and_one_more(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket, "é" * 512)
    upload.complete(upload.put(1))
    assert content(s3, bucket, "é" * 512) == b"data"
    with visibly_unchanged(s3, bucket):
        refused(
            lambda: s3.create_multipart_upload(Bucket=bucket, Key="é" * 512 + "a"),
            400,
            "KeyTooLongError",
            "Your key is too long",
            {"Size": "1025", "MaxSizeAllowed": "1024"},
        )


EXPIRES = datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
CARRIED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "nothing": ({}, {"content-type": "binary/octet-stream"}),
    "ContentType": ({"ContentType": "text/html; charset=utf-8"}, {"content-type": "text/html; charset=utf-8"}),
    "ContentEncoding": ({"ContentEncoding": "gzip"}, {"content-encoding": "gzip"}),
    "ContentLanguage": ({"ContentLanguage": "de"}, {"content-language": "de"}),
    "ContentDisposition": ({"ContentDisposition": 'inline; filename="a"'}, {"content-disposition": 'inline; filename="a"'}),
    "CacheControl": ({"CacheControl": "max-age=60"}, {"cache-control": "max-age=60"}),
    "Expires": ({"Expires": EXPIRES}, {"expires": "Wed, 02 Jan 2030 03:04:05 GMT"}),
    "Metadata": ({"Metadata": {"One": "1", "two": "zwei"}}, {"x-amz-meta-one": "1", "x-amz-meta-two": "zwei"}),
    "2 KiB of metadata": ({"Metadata": {"key": "v" * 2045}}, {"x-amz-meta-key": "v" * 2045}),
    "redirect": ({"WebsiteRedirectLocation": "/there"}, {"x-amz-website-redirect-location": "/there"}),
    "tags": ({"Tagging": "colour=red&size=7%20m"}, {"x-amz-tagging-count": "2"}),
    "encryption": ({"ServerSideEncryption": "AES256"}, {"x-amz-server-side-encryption": "AES256"}),
    "ACL that changes nothing": ({"ACL": "bucket-owner-full-control"}, {"content-type": "binary/octet-stream"}),
    "ACL private": ({"ACL": "private"}, {"content-type": "binary/octet-stream"}),
    "expected owner": ({"ExpectedBucketOwner": "123456789012"}, {"content-type": "binary/octet-stream"}),
    "requester pays": ({"RequestPayer": "requester"}, {"content-type": "binary/octet-stream"}),
}


@pytest.mark.parametrize("name", CARRIED)
def test_carried_to_the_object(s3: Any, bucket: str, name: str) -> None:
    """The object has the properties of CreateMultipartUpload, and none of the object that it replaces."""
    options, headers = CARRIED[name]
    s3.put_object(Bucket=bucket, Key="key", Body=b"old", ContentType="a/b", ContentLanguage="fr", Metadata={"old": "1"})
    upload = Upload(s3, bucket, **options)
    upload.complete(upload.put(1, b"new"))
    for response in (s3.head_object(Bucket=bucket, Key="key"), s3.get_object(Bucket=bucket, Key="key")):
        got = response["ResponseMetadata"]["HTTPHeaders"]
        assert {header: got.get(header) for header in headers} == headers
        assert "x-amz-meta-old" not in got
        assert ("content-language" in got) == (name == "ContentLanguage")
        assert ("x-amz-meta-one" in got) == (name == "Metadata")
    assert content(s3, bucket) == b"new"


@pytest.mark.parametrize(
    "storage_class",
    [
        "STANDARD",
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER",
        "DEEP_ARCHIVE",
        "GLACIER_IR",
    ],
)
def test_storage_class(s3: Any, bucket: str, storage_class: str) -> None:
    upload = Upload(s3, bucket, StorageClass=storage_class)
    assert s3.list_parts(**upload.where)["StorageClass"] == storage_class
    assert s3.list_multipart_uploads(Bucket=bucket)["Uploads"][0]["StorageClass"] == storage_class
    upload.complete(upload.put(1))
    assert s3.list_objects_v2(Bucket=bucket)["Contents"][0]["StorageClass"] == storage_class
    shown = s3.head_object(Bucket=bucket, Key="key").get("StorageClass")
    assert shown == (None if storage_class == "STANDARD" else storage_class)


def test_headers_of_a_part_are_not_stored(door: Door, s3: Any, bucket: str) -> None:
    """UploadPart has no metadata; its Content-Type is ignored."""
    upload = Upload(s3, bucket, ContentType="text/plain", Metadata={"one": "1"})
    headers = {"Content-Type": "text/css", "x-amz-meta-two": "2", "x-amz-storage-class": "GLACIER"}
    response = door.raw("PUT", f"{upload.target}&partNumber=1", headers, b"data")
    assert response.status == 200
    upload.complete({"PartNumber": 1, "ETag": response.headers["etag"]})
    head = s3.head_object(Bucket=bucket, Key="key")
    assert (head["ContentType"], head["Metadata"], head.get("StorageClass")) == ("text/plain", {"one": "1"}, None)

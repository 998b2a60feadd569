"""UploadPartCopy: sources, ranges, conditions, checksums."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.doors import Door, MiB, RawResponse, assert_error, refused
from tests.support.errors import (
    INVALID_COPY_SOURCE_BUCKET,
    INVALID_COPY_SOURCE_KEY,
    INVALID_PART_NUMBER,
    NO_SUCH_ACCESS_POINT,
    NO_SUCH_BUCKET,
    NO_SUCH_KEY,
    NO_SUCH_VERSION,
)
from tests.support.multipart import XMLNS, Upload, content, etag_of, md5, tags, visible_state, visibly_unchanged
from tests.support.vectors import CHECKSUM_MEMBERS, DUMMY_CHECKSUMS
from tests.support.version_ids import GONE

SOURCE = b"01234567"
RANGE_FORM = (
    "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets "
    "of the first and last bytes to copy"
)
OF_SIZE_8 = "Range specified is not valid for source object of size: 8"
OLD = datetime(2000, 1, 1, tzinfo=timezone.utc)
FUTURE = datetime.now(timezone.utc) + timedelta(days=1)


@pytest.fixture
def upload(s3: Any, bucket: str) -> Iterator[Upload]:
    """An open upload with one part. After any error it can be completed."""
    s3.put_object(Bucket=bucket, Key="source", Body=SOURCE)
    upload = Upload(s3, bucket)
    first = upload.put(1, b"first")
    yield upload
    if upload.id in [one["UploadId"] for one in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]:
        upload.complete(first)
        assert content(s3, bucket) == b"first"


def copy(upload: Upload, number: int = 2, **options: Any) -> Any:
    return upload.s3.upload_part_copy(**upload.where, **{"CopySource": "bucket/source", **options}, PartNumber=number)


def raw_copy(door: Door, upload: Upload, source: str, body: bytes = b"", **headers: str) -> RawResponse:
    return door.raw("PUT", f"{upload.target}&partNumber=2", {"x-amz-copy-source": source, **headers}, body)


def test_answer(door: Door, s3: Any, upload: Upload) -> None:
    response = raw_copy(door, upload, "/bucket/source")
    assert response.status == 200
    assert response.body.startswith(
        b'<?xml version="1.0" encoding="UTF-8"?>\n<CopyPartResult xmlns="http://s3.amazonaws.com/doc/'
    )
    assert tags(response) == ["LastModified", "ETag"]
    assert response.headers["content-type"] == "application/xml"
    assert response.headers["x-amz-server-side-encryption"] == "AES256"
    assert not {"etag", "x-amz-copy-source-version-id", "x-amz-checksum-type"} & response.headers.keys()
    assert XMLNS.encode()[1:-1] in response.body
    assert upload.parts()[1] == {"PartNumber": 2, "ETag": f'"{md5(SOURCE)}"', "Size": 8}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, SOURCE),
        ("bytes=0-7", SOURCE),
        ("bytes=0-0", b"0"),
        ("bytes=2-5", b"2345"),
        ("bytes=7-7", b"7"),
    ],
)
def test_range(s3: Any, upload: Upload, header: str | None, expected: bytes) -> None:
    """Of a source however small: only the documentation has a minimum."""
    response = copy(upload, 1, **({} if header is None else {"CopySourceRange": header}))
    assert response["CopyPartResult"]["ETag"] == f'"{md5(expected)}"'
    assert upload.parts() == [{"PartNumber": 1, "ETag": f'"{md5(expected)}"', "Size": len(expected)}]
    completed = upload.complete({"PartNumber": 1, "ETag": response["CopyPartResult"]["ETag"]})
    assert completed["ETag"] == etag_of(expected)
    assert content(s3, "bucket") == expected


FORMS = [
    "0-7",
    "bytes=0-",
    "bytes=-5",
    "bytes=5-2",
    "bytes=0-1,3-4",
    "bytes=a-b",
    "bits=0-7",
    "bytes=0-7x",
    "",
    "bytes=",
    "bytes = 0-7",
]
ENDS = ["bytes=0-8", "bytes=7-8", "bytes=0-99999999999999999999"]
BEYOND = ["bytes=8-8", "bytes=8-9", "bytes=100-200", "bytes=99999999999999999999-99999999999999999999"]
BEYOND_THE_SOURCE = "The specified copy range is invalid for the source object size"


@pytest.mark.parametrize(("header", "message"), [*((text, RANGE_FORM) for text in FORMS), *((text, OF_SIZE_8) for text in ENDS)])
def test_range_refused(s3: Any, upload: Upload, header: str, message: str) -> None:
    """Never clamped."""
    extras = {"ArgumentName": "x-amz-copy-source-range", "ArgumentValue": header}
    with visibly_unchanged(s3, "bucket"):
        refused(lambda: copy(upload, CopySourceRange=header), 400, "InvalidArgument", message, extras)


@pytest.mark.parametrize("header", BEYOND)
def test_range_beyond_the_source(s3: Any, upload: Upload, header: str) -> None:
    """Recorded from AWS, February 2026."""
    with visibly_unchanged(s3, "bucket"):
        refused(lambda: copy(upload, CopySourceRange=header), 400, "InvalidRequest", BEYOND_THE_SOURCE)


def test_empty_source(s3: Any, upload: Upload) -> None:
    s3.put_object(Bucket="bucket", Key="empty", Body=b"")
    assert copy(upload, CopySource="bucket/empty")["CopyPartResult"]["ETag"] == f'"{md5(b"")}"'
    assert upload.parts()[1]["Size"] == 0
    with visibly_unchanged(s3, "bucket"):
        refused(
            lambda: copy(upload, CopySource="bucket/empty", CopySourceRange="bytes=0-0"),
            400,
            "InvalidRequest",
            BEYOND_THE_SOURCE,
        )


@pytest.mark.parametrize("number", ["-1", "0", "10001", "x"])
@pytest.mark.parametrize("known", [True, False])
def test_part_number(door: Door, s3: Any, upload: Upload, number: str, known: bool) -> None:
    target = upload.target if known else "/bucket/key?uploadId=fakeid"
    with visibly_unchanged(s3, "bucket"):
        assert_error(
            door.raw("PUT", f"{target}&partNumber={number}", {"x-amz-copy-source": "bucket/source"}),
            400,
            "InvalidArgument",
            INVALID_PART_NUMBER,
            {"ArgumentName": "partNumber", "ArgumentValue": number},
        )


SPELLINGS = ["bucket/{}", "/bucket/{}"]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("key", ["plain", "a b+c%20d", "é/ü//x", "a?b&c=d", "trailing/", "a/../b"])
def test_spellings_of_the_source(door: Door, s3: Any, upload: Upload, key: str, spelling: str) -> None:
    s3.put_object(Bucket="bucket", Key=key, Body=key.encode())
    response = raw_copy(door, upload, spelling.format(quote(key)))
    assert response.status == 200
    assert upload.parts()[1]["ETag"] == f'"{md5(key.encode())}"'


SOURCE_MISSING: dict[str, tuple[str, int, str, str, dict[str, str]]] = {
    "key": ("bucket/missing", 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "missing"}),
    "bucket": ("missing/source", 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"}),
    "no key": (
        "bucket",
        400,
        "InvalidArgument",
        INVALID_COPY_SOURCE_KEY,
        {"ArgumentName": "x-amz-copy-source", "ArgumentValue": "x-amz-copy-source"},
    ),
    "no key but a slash": (
        "bucket/",
        400,
        "InvalidArgument",
        INVALID_COPY_SOURCE_KEY,
        {"ArgumentName": "x-amz-copy-source", "ArgumentValue": "x-amz-copy-source"},
    ),
    "no bucket": (
        "//source",
        400,
        "InvalidArgument",
        INVALID_COPY_SOURCE_BUCKET,
        {"ArgumentName": "x-amz-copy-source", "ArgumentValue": "x-amz-copy-source"},
    ),
    "invalid bucket": (
        "Not_A_Bucket!/source",
        400,
        "InvalidArgument",
        INVALID_COPY_SOURCE_BUCKET,
        {"ArgumentName": "x-amz-copy-source", "ArgumentValue": "x-amz-copy-source"},
    ),
    "encoding": (
        "bucket/%FF",
        400,
        "InvalidArgument",
        "Invalid copy source encoding",
        {"ArgumentName": "x-amz-copy-source", "ArgumentValue": "x-amz-copy-source"},
    ),
    "encoding cut short": (
        "bucket/a%2",
        400,
        "InvalidArgument",
        "Invalid copy source encoding",
        {"ArgumentName": "x-amz-copy-source", "ArgumentValue": "x-amz-copy-source"},
    ),
    "access point": (
        "arn:aws:s3:us-east-1:123456789012:accesspoint/mine/object/source",
        404,
        "NoSuchAccessPoint",
        NO_SUCH_ACCESS_POINT,
        {"AccessPointName": "mine"},
    ),
    "version of nothing": (
        "bucket/source?versionId=" + GONE,
        404,
        "NoSuchVersion",
        NO_SUCH_VERSION,
        {"Key": "source", "VersionId": GONE},
    ),
}


@pytest.mark.parametrize("what", SOURCE_MISSING)
def test_source_refused(door: Door, s3: Any, upload: Upload, what: str) -> None:
    source, status, code, message, extras = SOURCE_MISSING[what]
    with visibly_unchanged(s3, "bucket"):
        assert_error(raw_copy(door, upload, source), status, code, message, extras)


def test_request_with_a_body(door: Door, s3: Any, upload: Upload) -> None:
    with visibly_unchanged(s3, "bucket"):
        assert_error(
            raw_copy(door, upload, "bucket/source", b"body"),
            400,
            "InvalidRequest",
            "The request included a body. Requests of this type must not include a non-empty body.",
        )


def test_another_accounts_source(s3: Any, stranger: Any, upload: Upload) -> None:
    stranger.create_bucket(Bucket="theirs")
    stranger.put_object(Bucket="theirs", Key="source", Body=b"secret")
    with visibly_unchanged(s3, "bucket"):
        refused(lambda: copy(upload, CopySource="theirs/source"), 403, "AccessDenied", "Access Denied")


@pytest.mark.parametrize(
    ("expected", "status", "code", "message"),
    [
        ("111122223333", 403, "AccessDenied", "Access Denied"),
        (
            "none",
            400,
            "InvalidBucketOwnerAWSAccountID",
            "The value of the expected bucket owner parameter must be an AWS Account ID... [none]",
        ),
    ],
)
def test_expected_owner_of_the_source(s3: Any, upload: Upload, expected: str, status: int, code: str, message: str) -> None:
    with visibly_unchanged(s3, "bucket"):
        refused(lambda: copy(upload, ExpectedSourceBucketOwner=expected), status, code, message)


def test_right_owner_of_the_source(upload: Upload) -> None:
    copy(upload, ExpectedSourceBucketOwner="123456789012", ExpectedBucketOwner="123456789012")
    assert upload.parts()[1]["Size"] == 8


# --- checksums ---


@pytest.mark.parametrize("algorithm", CHECKSUM_MEMBERS)
def test_checksum_is_of_the_uploads_algorithm(door: Door, s3: Any, bucket: str, algorithm: str) -> None:
    """The source's checksum has another algorithm: CRC32, as boto3 sends it."""
    s3.put_object(Bucket=bucket, Key="source", Body=b"a dummy data b", ChecksumAlgorithm="CRC32")
    upload = Upload(s3, bucket, ChecksumAlgorithm=algorithm)
    member = CHECKSUM_MEMBERS[algorithm]
    result = copy(upload, 1, CopySourceRange="bytes=2-11")["CopyPartResult"]
    assert {name: value for name, value in result.items() if "Checksum" in name} == {member: DUMMY_CHECKSUMS[algorithm]}
    assert upload.parts()[0][member] == DUMMY_CHECKSUMS[algorithm]
    completed = upload.complete({"PartNumber": 1, "ETag": result["ETag"], member: result[member]})
    assert completed["ChecksumType"] == ("FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE")


def test_no_checksum_without_the_uploads_algorithm(s3: Any, upload: Upload) -> None:
    s3.put_object(Bucket="bucket", Key="source", Body=b"dummy data", ChecksumAlgorithm="SHA256")
    assert set(copy(upload)["CopyPartResult"]) == {"ETag", "LastModified"}
    assert upload.parts()[1] == {"PartNumber": 2, "ETag": f'"{md5(b"dummy data")}"', "Size": 10}


def test_part_of_a_multipart_source(s3: Any, bucket: str) -> None:
    """Its ETag is the MD5 of the bytes, also where the source's ETag is not."""
    source = Upload(s3, bucket, "source")
    source.complete(source.put(1, SOURCE))
    upload = Upload(s3, bucket)
    result = copy(upload, 1)["CopyPartResult"]
    assert result["ETag"] == f'"{md5(SOURCE)}"'
    upload.complete({"PartNumber": 1, "ETag": result["ETag"]})
    assert content(s3, bucket) == SOURCE


def test_copied_parts_outlive_their_source(s3: Any, upload: Upload) -> None:
    copied = copy(upload, 1, CopySourceRange="bytes=0-3")["CopyPartResult"]
    s3.put_object(Bucket="bucket", Key="source", Body=b"overwritten")
    s3.delete_object(Bucket="bucket", Key="source")
    upload.complete({"PartNumber": 1, "ETag": copied["ETag"]})
    assert content(s3, "bucket") == b"0123"


def test_upload_onto_its_own_source(s3: Any, bucket: str) -> None:
    """Appending: the object is its own upload's first part."""
    s3.put_object(Bucket=bucket, Key="key", Body=b"x" * 5 * MiB)
    upload = Upload(s3, bucket)
    copied = copy(upload, 1, CopySource="bucket/key")["CopyPartResult"]
    upload.complete({"PartNumber": 1, "ETag": copied["ETag"]}, upload.put(2, b"more"))
    assert content(s3, bucket) == b"x" * 5 * MiB + b"more"


def test_source_of_more_than_5_gib(s3: Any, bucket: str) -> None:
    """Built of copies of one block: the fake shares the bytes, so this costs 32 MiB."""
    size = 32 * MiB
    s3.put_object(Bucket=bucket, Key="block", Body=bytes(size))
    big = Upload(s3, bucket, "big")
    parts = []
    for number in range(1, 162):
        result = copy(big, number, CopySource="bucket/block")["CopyPartResult"]
        parts.append({"PartNumber": number, "ETag": result["ETag"]})
    big.complete(*parts)
    total = 161 * size
    assert s3.head_object(Bucket=bucket, Key="big")["ContentLength"] == total > 5 * 1024 * MiB
    upload = Upload(s3, bucket)
    for options in ({}, {"CopySourceRange": f"bytes=0-{5 * 1024 * MiB}"}):
        refused(
            partial(copy, upload, 1, CopySource="bucket/big", **options),
            400,
            "InvalidRequest",
            "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120",
        )
    assert upload.parts() == []
    copied = copy(upload, 1, CopySource="bucket/big", CopySourceRange=f"bytes={total - 3}-{total - 1}")
    upload.complete({"PartNumber": 1, "ETag": copied["CopyPartResult"]["ETag"]})
    assert content(s3, bucket) == b"\0\0\0"


def test_no_copies_to_a_closed_upload(s3: Any, upload: Upload) -> None:
    gone = Upload(s3, "bucket", "gone")
    s3.abort_multipart_upload(**gone.where)
    with visibly_unchanged(s3, "bucket"), pytest.raises(s3.exceptions.NoSuchUpload):
        copy(gone, 1)
    assert len(visible_state(s3, "bucket")["uploads"]) == 1

"""Encryption headers of every response, and ETags that are no MD5.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); botocore's model documentation.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.doors import Door
from tests.support.encryption import CUSTOMER, KEY_ARN, KEY_ID, MiB, customer, encoded, etag_of, md5_of_key, shown, source

OPAQUE = re.compile(r'"[0-9a-f]{32}"')
PLAIN = {"ServerSideEncryption": "AES256"}
KMS = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY_ARN}
DSSE = {"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": KEY_ARN}
SSE_C = {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": md5_of_key(CUSTOMER)}

METHODS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing asked": ({}, PLAIN),
    "SSE-S3": ({"ServerSideEncryption": "AES256"}, PLAIN),
    "SSE-S3, bucket key ignored": ({"ServerSideEncryption": "AES256", "BucketKeyEnabled": True}, PLAIN),
    "SSE-KMS by id": ({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY_ID}, KMS),
    "SSE-KMS by ARN": ({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY_ARN}, KMS),
    "bucket key": (
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY_ID, "BucketKeyEnabled": True},
        {**KMS, "BucketKeyEnabled": True},
    ),
    "bucket key off": ({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY_ID, "BucketKeyEnabled": False}, KMS),
    "DSSE-KMS": ({"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": KEY_ID}, DSSE),
    "DSSE-KMS knows no bucket keys": (
        {"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": KEY_ID, "BucketKeyEnabled": True},
        DSSE,
    ),
    "SSE-C": (customer(), SSE_C),
}
by_method = pytest.mark.parametrize(("requested", "expected"), METHODS.values(), ids=METHODS)


def is_md5(requested: dict[str, Any]) -> bool:
    return requested.get("ServerSideEncryption", "AES256") == "AES256" and "SSECustomerKey" not in requested


def own_key(requested: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in requested.items() if name.startswith("SSECustomer")}


@by_method
def test_put_get_head(s3: Any, bucket: str, requested: dict[str, Any], expected: dict[str, Any]) -> None:
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"data", **requested)
    got = s3.get_object(Bucket=bucket, Key="k", **own_key(requested))
    head = s3.head_object(Bucket=bucket, Key="k", **own_key(requested))
    assert [shown(response) for response in (put, got, head)] == [expected] * 3
    assert got["Body"].read() == b"data"
    assert put["ETag"] == got["ETag"] == head["ETag"]
    assert OPAQUE.fullmatch(put["ETag"])
    assert (put["ETag"] == etag_of(b"data")) is is_md5(requested)


@by_method
def test_a_bucket_key_is_a_header_only_when_on(s3: Any, bucket: str, requested: dict[str, Any], expected: dict[str, Any]) -> None:
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"data", **requested)
    header = put["ResponseMetadata"]["HTTPHeaders"].get("x-amz-server-side-encryption-bucket-key-enabled")
    assert header == ("true" if "BucketKeyEnabled" in expected else None)


@by_method
def test_copy(s3: Any, bucket: str, requested: dict[str, Any], expected: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"data")
    copied = s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/source", **requested)
    head = s3.head_object(Bucket=bucket, Key="k", **own_key(requested))
    assert shown(copied) == shown(head) == expected
    assert copied["CopyObjectResult"]["ETag"] == head["ETag"]
    assert OPAQUE.fullmatch(head["ETag"])
    assert (head["ETag"] == etag_of(b"data")) is is_md5(requested)


@by_method
def test_multipart(s3: Any, bucket: str, requested: dict[str, Any], expected: dict[str, Any]) -> None:
    key = own_key(requested)
    s3.put_object(Bucket=bucket, Key="source", Body=b"end")
    created = s3.create_multipart_upload(Bucket=bucket, Key="k", **requested)
    upload = {"Bucket": bucket, "Key": "k", "UploadId": created["UploadId"]}
    first = s3.upload_part(**upload, PartNumber=1, Body=b"x" * (5 * MiB), **key)
    second = s3.upload_part_copy(**upload, PartNumber=2, CopySource=f"{bucket}/source", **key)
    etags = [first["ETag"], second["CopyPartResult"]["ETag"]]
    listed = s3.list_parts(**upload)
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
    complete = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    head = s3.head_object(Bucket=bucket, Key="k", **key)
    assert [shown(response) for response in (created, first, second, head)] == [expected] * 4
    assert shown(complete) == ({} if key else expected)
    assert shown(listed) == {}
    assert [part["ETag"] for part in listed["Parts"]] == etags
    assert (etags == [etag_of(b"x" * (5 * MiB)), etag_of(b"end")]) is is_md5(requested)
    assert complete["ETag"] == head["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{32}-2"', head["ETag"])
    assert s3.get_object(Bucket=bucket, Key="k", Range="bytes=-4", **key)["Body"].read() == b"xend"


@by_method
def test_operations_without_encryption_members(s3: Any, bucket: str, requested: dict[str, Any], expected: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", **requested)
    listed = s3.list_objects_v2(Bucket=bucket)
    assert shown(listed["Contents"][0]) == {}
    opened = encoded() if own_key(requested) else {}
    assert shown(s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ETag"], **opened)) == {}
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", **requested)["UploadId"]
    assert shown(s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)) == {}
    assert shown(s3.delete_object(Bucket=bucket, Key="k")) == {}


@pytest.mark.parametrize("requested", [customer(), {"ServerSideEncryption": "aws:kms"}], ids=["SSE-C", "KMS"])
def test_the_same_bytes_have_another_etag_each_time(s3: Any, bucket: str, requested: dict[str, Any]) -> None:
    puts = [s3.put_object(Bucket=bucket, Key="k", Body=b"data", **requested)["ETag"] for _ in range(3)]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", **requested)["UploadId"]
    parts = [
        s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=b"data", **own_key(requested))["ETag"]
        for number in (1, 2)
    ]
    assert len({*puts, *parts}) == 5


def test_etags_repeat_with_the_seed() -> None:
    from fakes3part.ids import Ids

    first, second, third = Ids(7), Ids(7), Ids(8)
    second.upload_id()
    assert first.etag() == second.etag() != third.etag()
    assert first.etag() != first.etag()


def test_conditions_compare_the_opaque_etag(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="aws:kms")["ETag"]
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)["Body"].read() == b"data"
    s3.put_object(Bucket=bucket, Key="k", Body=b"new", IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"new"


class TestCopies:
    """The source's encryption is not inherited, and a copy's ETag is that of its own encryption."""

    @by_method
    def test_to_plain(self, s3: Any, bucket: str, requested: dict[str, Any], expected: dict[str, Any]) -> None:
        s3.put_object(Bucket=bucket, Key="source", Body=b"data", **requested)
        opened = source() if own_key(requested) else {}
        copied = s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/source", **opened)
        head = s3.head_object(Bucket=bucket, Key="k")
        assert shown(copied) == shown(head) == PLAIN
        assert copied["CopyObjectResult"]["ETag"] == head["ETag"] == etag_of(b"data")

    def test_from_sse_c_to_sse_c(self, s3: Any, bucket: str) -> None:
        put = s3.put_object(Bucket=bucket, Key="source", Body=b"data", **customer())
        copied = s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/source", **source(), **customer("e" * 32))
        assert shown(copied) == {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": md5_of_key("e" * 32)}
        assert copied["CopyObjectResult"]["ETag"] not in (put["ETag"], etag_of(b"data"))
        assert s3.get_object(Bucket=bucket, Key="k", **customer("e" * 32))["Body"].read() == b"data"

    def test_kms_without_a_key_uses_the_managed_key_and_no_bucket_key(self, s3: Any, bucket: str) -> None:
        requested = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY_ID, "BucketKeyEnabled": True}
        s3.put_object(Bucket=bucket, Key="source", Body=b"data", **requested)
        managed = s3.put_object(Bucket=bucket, Key="managed", ServerSideEncryption="aws:kms")
        copied = s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/source", ServerSideEncryption="aws:kms")
        assert shown(copied) == shown(managed)
        assert managed["SSEKMSKeyId"] != KEY_ARN

    @pytest.mark.parametrize("requested", [{}, customer()], ids=["plain", "SSE-C"])
    def test_part_of_a_plain_upload(self, s3: Any, bucket: str, requested: dict[str, Any]) -> None:
        s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789", **requested)
        upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
        opened = source() if requested else {}
        for extra, body in ({}, b"0123456789"), ({"CopySourceRange": "bytes=2-4"}, b"234"):
            copied = s3.upload_part_copy(
                Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, CopySource=f"{bucket}/source", **opened, **extra
            )
            assert copied["CopyPartResult"]["ETag"] == etag_of(body)


def test_the_server_serves_sse_c_over_plain_http(door: Door, bucket: str) -> None:
    """S3 refuses that; a fake on 127.0.0.1 must not (our choice: boto3 itself sends the key without complaint)."""
    door.client.put_object(Bucket=bucket, Key="k", Body=b"data", **customer())
    assert door.client.get_object(Bucket=bucket, Key="k", **customer())["Body"].read() == b"data"

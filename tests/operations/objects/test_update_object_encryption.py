"""UpdateObjectEncryption: another KMS key for an object, whose bytes and version stay the same."""

from __future__ import annotations

from functools import partial
from hashlib import md5
from typing import Any

import pytest

from tests.support.callers import OWNER
from tests.support.doors import Door, refused
from tests.support.encryption import KEY_ARN, KEY_ID, b64, etag_of, shown
from tests.support.state import unchanged

KMS = {"ServerSideEncryption": "aws:kms"}


class TestUpdateObjectEncryption:
    def update(self, door: Door, bucket: str, **given: Any) -> Any:
        encryption = {"SSEKMS": {"KMSKeyArn": KEY_ARN, **given}}
        return partial(door.client.update_object_encryption, Bucket=bucket, Key="k", ObjectEncryption=encryption)

    @pytest.mark.parametrize("put", [{}, KMS], ids=["SSE-S3", "KMS"])
    def test_everything_else_stays(self, door: Door, bucket: str, put: dict[str, Any]) -> None:
        s3 = door.client
        s3.put_object(Bucket=bucket, Key="k", Body=b"data", Metadata={"a": "b"}, **put)
        before = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
        self.update(door, bucket, BucketKeyEnabled=True)()
        after = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
        assert shown(after) == {**KMS, "SSEKMSKeyId": KEY_ARN, "BucketKeyEnabled": True}
        ignored = {"ResponseMetadata", *shown(after)}
        assert {name: before[name] for name in before if name not in ignored} == {
            name: after[name] for name in after if name not in ignored
        }
        copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")["CopyObjectResult"]
        assert copied["ETag"] == etag_of(b"data")

    def test_one_version(self, door: Door, bucket: str) -> None:
        s3 = door.client
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        first, second = (s3.put_object(Bucket=bucket, Key="k", Body=b"data")["VersionId"] for _ in range(2))
        self.update(door, bucket)(VersionId=first)
        versions = [
            s3.head_object(Bucket=bucket, Key="k", VersionId=version)["ServerSideEncryption"] for version in (first, second)
        ]
        assert versions == ["aws:kms", "AES256"]
        assert s3.head_object(Bucket=bucket, Key="k")["VersionId"] == second

    def test_dsse_and_foreign_keys_are_refused(self, door: Door, bucket: str) -> None:
        s3 = door.client
        s3.put_object(Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="aws:kms:dsse")
        message = (
            "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or SSE-C. "
            "Only source objects encrypted with SSE-S3 or SSE-KMS are supported."
        )
        with unchanged(door.fake):
            refused(self.update(door, bucket), 400, "InvalidRequest", message)
        s3.put_object(Bucket=bucket, Key="k", Body=b"data")
        with unchanged(door.fake):
            refused(
                self.update(door, bucket, KMSKeyArn=KEY_ARN.replace(OWNER, "111122223333")),
                403,
                "AccessDenied",
                "The AWS KMS key in the request must be owned by the same account as the bucket. Modify the request to specify "
                "a KMS key from the same account, and then try again.",
            )
            refused(
                self.update(door, bucket, KMSKeyArn=KEY_ID),
                400,
                "InvalidRequest",
                "Requests that modify an object's encryption type to SSE-KMS require a valid AWS KMS key Amazon Resource Name "
                "(ARN). Confirm that you have a correctly formatted KMS key ARN in your request, and then try again.",
            )
            body = b"<ObjectEncryption/>"
            response = door.raw("PUT", f"/{bucket}/k?encryption", {"Content-MD5": b64(md5(body).digest())}, body)
            assert (response.status, response.error) == (400, {"Code": "InvalidRequest", "Message": NO_TYPE})


NO_TYPE = (
    "Requests that modify an object encryption configuration require a valid new encryption type. Valid values are SSEKMS. "
    "Modify the request to specify SSE-KMS for the updated encryption type, and then try again."
)

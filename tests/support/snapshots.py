"""The complete state of a fake as comparable values, raw requests, and a fake with something of everything."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import md5, sha256
from typing import Any

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request, Response
from fakes3part.snapshots.archive import _encode_bucket
from fakes3part.snapshots.json_codec import Encoder
from fakes3part.state.objects import Data
from tests.support.families import FAMILIES, INVENTORY
from tests.support.state import SIGNED

KEY = b"k" * 32
"""A customer key (SSE-C)."""


def _name(data: Data) -> str:
    return sha256(b"".join(data.segments)).hexdigest()


def encoded_state(fake: FakeS3) -> list[dict[str, Any]]:
    """Return every field of every bucket as comparable values."""
    return [_encode_bucket(Encoder(_name), bucket) for bucket in fake.store.buckets.values()]


def ask(fake: FakeS3, method: str, target: str, body: bytes = b"", **headers: str) -> Response:
    path, _, query = target.partition("?")
    sent = {name.lower(): value for name, value in SIGNED.items()} | {"content-length": str(len(body))} | headers
    sent["content-md5"] = b64encode(md5(body).digest()).decode()
    return fake.handle(Request(method, "localhost", path, query, sent, body))


def text(response: Response) -> str:
    return b"".join(response.body).decode()


def fill_with_everything(fake: FakeS3) -> None:
    """Put buckets, objects and configurations of every kind into a fake."""
    arn = fake.kms.add_key(alias="mine", state="Enabled")
    user = fake.add_account(display_name="other")
    client = fake.client()
    try:
        client.create_bucket(Bucket="plain", ObjectOwnership="ObjectWriter")
        client.put_public_access_block(Bucket="plain", PublicAccessBlockConfiguration={"BlockPublicAcls": False})
        client.put_object(Bucket="plain", Key="empty", ACL="public-read")
        client.put_object(
            Bucket="plain",
            Key="ünï/✓ $",
            Body=b"hello",
            ContentType="text/plain",
            CacheControl="no-store",
            Metadata={"$": "1", "a": "b"},
            Tagging="t=1&u=2",
            StorageClass="STANDARD_IA",
        )
        client.put_object(Bucket="plain", Key="kms", Body=b"k", ServerSideEncryption="aws:kms", SSEKMSKeyId=arn)
        client.put_object(Bucket="plain", Key="mine", Body=b"sse-c", SSECustomerKey=KEY, SSECustomerAlgorithm="AES256")
        client.put_object(Bucket="plain", Key="cold", Body=b"ice", StorageClass="GLACIER")
        client.restore_object(Bucket="plain", Key="cold", RestoreRequest={"Days": 3})
        client.put_object_annotation(Bucket="plain", Key="empty", AnnotationName="note", AnnotationPayload=b"seen")
        client.put_bucket_policy(Bucket="plain", Policy=_policy(user.arn))
        client.put_bucket_lifecycle_configuration(
            Bucket="plain",
            LifecycleConfiguration={
                "Rules": [
                    {
                        "ID": "all",
                        "Status": "Enabled",
                        "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "b"}]}},
                        "Expiration": {"Days": 400},
                        "Transitions": [{"Days": 40, "StorageClass": "GLACIER"}],
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 9, "NewerNoncurrentVersions": 2},
                    }
                ]
            },
        )
        client.put_bucket_encryption(
            Bucket="plain",
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}]
            },
        )
        client.put_bucket_tagging(Bucket="plain", Tagging={"TagSet": [{"Key": "team", "Value": "x"}]})
        for family in FAMILIES.values():
            changes = {} if family is INVENTORY else {"Filter": {"And": {"Prefix": "p", "Tags": [{"Key": "k", "Value": "v"}]}}}
            family.put(client, bucket="plain", **changes)
        client.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
        client.put_object_lock_configuration(
            Bucket="locked",
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}},
            },
        )
        for body in (b"one", b"two"):
            client.put_object(Bucket="locked", Key="k", Body=body)
        client.put_object_legal_hold(Bucket="locked", Key="k", LegalHold={"Status": "ON"})
        client.delete_object(Bucket="locked", Key="k")
        client.put_object(Bucket="locked", Key="only", Body=b"two")
        upload = client.create_multipart_upload(Bucket="plain", Key="big", ChecksumAlgorithm="SHA256", Metadata={"m": "n"})
        for number in (3, 1):
            client.upload_part(
                Bucket="plain", Key="big", UploadId=upload["UploadId"], PartNumber=number, Body=b"p", ChecksumAlgorithm="SHA256"
            )
        done = client.create_multipart_upload(Bucket="plain", Key="done")
        part = client.upload_part(Bucket="plain", Key="done", UploadId=done["UploadId"], PartNumber=1, Body=b"all")
        client.complete_multipart_upload(
            Bucket="plain",
            Key="done",
            UploadId=done["UploadId"],
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
        )
    finally:
        client.close()


def _policy(arn: str) -> str:
    who = {"Effect": "Allow", "Principal": {"AWS": arn}}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{**who, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::plain/*"}]}
    )

"""Configurations of directory buckets: encryption with SSE-S3 or one KMS key, and lifecycle rules."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from tests.support.directory_buckets import ARN, NAME, ZONAL, ask, make, open_session
from tests.support.doors import Door, refused
from tests.support.errors import INVALID_ENCRYPTION_METHOD
from tests.support.state import unchanged

MANAGED_ONLY = "Directory buckets support customer managed keys only, by their key ID or ARN"
ONE_KEY = "Directory buckets support one customer managed key for the lifetime of the bucket"
OTHER = "The encryption settings of the request must match those of the session or the bucket's default encryption."
TYPES = (
    "The existing object was created with a different encryption type. Subsequent write requests must include the appropriate "
    "encryption parameters in the request or while creating the session."
)
METHOD = "x-amz-server-side-encryption"


def rule(algorithm: str, key: str | None = None) -> dict[str, Any]:
    default = {"SSEAlgorithm": algorithm} | ({} if key is None else {"KMSMasterKeyID": key})
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}


@pytest.fixture
def key(door: Door) -> str:
    return door.fake.kms.add_key(alias="mine")


def encrypt(s3: Any, bucket: str, *given: Any) -> None:
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rule(*given))


def test_the_default(s3: Any, directory: str) -> None:
    shown = s3.get_bucket_encryption(Bucket=directory)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert shown["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    s3.put_object(Bucket=directory, Key="k", ServerSideEncryption="AES256")
    encrypt(s3, directory, "AES256")


def test_a_key(door: Door, s3: Any, directory: str, key: str) -> None:
    for name in (key, key.rpartition("/")[2]):
        encrypt(s3, directory, "aws:kms", name)
    shown = s3.get_bucket_encryption(Bucket=directory)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert shown == {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
        "BucketKeyEnabled": True,
    }
    session = s3.create_session(Bucket=directory)
    assert (session["ServerSideEncryption"], session["SSEKMSKeyId"], session["BucketKeyEnabled"]) == ("aws:kms", key, True)
    for more in ({}, {"ServerSideEncryption": "aws:kms"}, {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}):
        put = s3.put_object(Bucket=directory, Key="k", Body=b"abc", **more)
        assert (put["ServerSideEncryption"], put["SSEKMSKeyId"], put["BucketKeyEnabled"]) == ("aws:kms", key, True)
    assert s3.get_object(Bucket=directory, Key="k")["Body"].read() == b"abc"
    copied = s3.copy_object(Bucket=directory, Key="copy", CopySource=f"{directory}/k")
    assert (copied["ServerSideEncryption"], copied["SSEKMSKeyId"], "BucketKeyEnabled" in copied) == ("aws:kms", key, False)
    plain = s3.copy_object(Bucket=directory, Key="plain", CopySource=f"{directory}/k", ServerSideEncryption="AES256")
    assert plain["ServerSideEncryption"] == "AES256"
    context = b64encode(json.dumps({"aws:s3:arn": ARN}).encode()).decode()
    s3.put_object(Bucket=directory, Key="k", ServerSideEncryption="aws:kms", SSEKMSEncryptionContext=context)
    s3.delete_bucket_encryption(Bucket=directory)
    assert s3.put_object(Bucket=directory, Key="k")["ServerSideEncryption"] == "AES256"
    another = door.fake.kms.add_key()
    put_another = partial(encrypt, s3, directory, "aws:kms", another)
    with unchanged(door.fake):  # even now
        refused(put_another, 400, "InvalidArgument", ONE_KEY, {"ArgumentName": "KMSMasterKeyID", "ArgumentValue": another})
    encrypt(s3, directory, "aws:kms", key)


WRONG_DEFAULTS: dict[str, tuple[str, str | None, str, str]] = {
    "dsse": ("aws:kms:dsse", None, INVALID_ENCRYPTION_METHOD, "SSEAlgorithm"),
    "AWS's own key": ("aws:kms", None, MANAGED_ONLY, "KMSMasterKeyID"),
    "an alias": ("aws:kms", "alias/mine", MANAGED_ONLY, "KMSMasterKeyID"),
    "an alias' ARN": ("aws:kms", "arn:aws:kms:us-east-1:123456789012:alias/mine", MANAGED_ONLY, "KMSMasterKeyID"),
}


@pytest.mark.parametrize(("algorithm", "name", "message", "argument"), WRONG_DEFAULTS.values(), ids=WRONG_DEFAULTS)
def test_wrong_defaults(
    door: Door, s3: Any, directory: str, key: str, algorithm: str, name: str | None, message: str, argument: str
) -> None:
    value = algorithm if argument == "SSEAlgorithm" else name or ""
    with unchanged(door.fake):
        put = partial(encrypt, s3, directory, algorithm, name)
        refused(put, 400, "InvalidArgument", message, {"ArgumentName": argument, "ArgumentValue": value})


def test_a_key_that_cannot_be_used(door: Door, s3: Any, directory: str, key: str) -> None:
    door.fake.kms.set_state(key, "Disabled")
    with unchanged(door.fake), pytest.raises(s3.exceptions.ClientError) as caught:
        encrypt(s3, directory, "aws:kms", key)
    assert caught.value.response["Error"]["Code"] == "KMS.DisabledException"


REQUESTS: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "dsse": (
        {"ServerSideEncryption": "aws:kms:dsse"},
        (400, "InvalidArgument", INVALID_ENCRYPTION_METHOD, {"ArgumentName": METHOD, "ArgumentValue": "aws:kms:dsse"}),
    ),
    "kms": ({"ServerSideEncryption": "aws:kms"}, (400, "InvalidRequest", OTHER)),
    "unknown": (
        {"ServerSideEncryption": "rot13"},
        (400, "InvalidArgument", INVALID_ENCRYPTION_METHOD, {"ArgumentName": METHOD, "ArgumentValue": "rot13"}),
    ),
}


@pytest.mark.parametrize("operation", ["put_object", "create_multipart_upload", "create_session"])
@pytest.mark.parametrize(("options", "error"), REQUESTS.values(), ids=REQUESTS)
def test_requests_that_want_something_else(
    door: Door, s3: Any, directory: str, operation: str, options: dict[str, Any], error: tuple[Any, ...]
) -> None:
    named = {} if operation == "create_session" else {"Key": "k"}
    with unchanged(door.fake):
        refused(partial(getattr(s3, operation), Bucket=directory, **named, **options), *error)


def test_requests_that_want_another_key(door: Door, s3: Any, directory: str, key: str) -> None:
    encrypt(s3, directory, "aws:kms", key)
    another = door.fake.kms.add_key()
    put = partial(s3.put_object, Bucket=directory, Key="k")
    with unchanged(door.fake):
        refused(partial(put, ServerSideEncryption="aws:kms", SSEKMSKeyId=another), 400, "InvalidRequest", OTHER)
        refused(partial(put, ServerSideEncryption="AES256"), 400, "InvalidRequest", OTHER)
        context = b64encode(b'{"a": "b"}').decode()
        wrong = partial(put, ServerSideEncryption="aws:kms", SSEKMSEncryptionContext=context)
        refused(wrong, 400, "InvalidRequest", "The encryption context must be the default one: the ARN of the bucket.")


def test_appending_under_another_encryption(door: Door, s3: Any, directory: str, key: str) -> None:
    s3.put_object(Bucket=directory, Key="k", Body=b"abc")
    encrypt(s3, directory, "aws:kms", key)
    with unchanged(door.fake):
        refused(
            partial(s3.put_object, Bucket=directory, Key="k", Body=b"def", WriteOffsetBytes=3),
            400,
            "EncryptionTypeMismatch",
            TYPES,
        )


def test_a_session_with_an_encryption_method(fake: FakeS3) -> None:
    make(fake)
    plain = open_session(fake, x_amz_server_side_encryption="AES256")
    bucket = fake.store.buckets[NAME]
    arn = fake.kms.add_key()
    assert bucket.encryption is not None
    bucket.encryption = replace(bucket.encryption, algorithm="aws:kms", key_id=arn, bucket_key=True)
    kept = ask(fake, "PUT", ZONAL, "/k", by=plain, session=True)
    assert kept.headers[METHOD] == "AES256"
    follows = ask(fake, "PUT", ZONAL, "/k", by=open_session(fake), session=True)
    assert (follows.headers[METHOD], follows.headers[f"{METHOD}-aws-kms-key-id"]) == ("aws:kms", arn)
    requested = open_session(fake, x_amz_server_side_encryption="aws:kms")
    assert ask(fake, "PUT", ZONAL, "/k", {METHOD: "AES256"}, by=requested, session=True).error == (400, "InvalidRequest", OTHER)


# --- lifecycle -------------------------------------------------------------------------------------------------------


def expiring(**more: Any) -> dict[str, Any]:
    return {"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 1}, **more}]}


def test_lifecycle(door: Door, s3: Any, directory: str) -> None:
    missing = ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", {"BucketName": directory})
    refused(partial(s3.get_bucket_lifecycle_configuration, Bucket=directory), 404, *missing)
    rules = expiring(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})
    put = s3.put_bucket_lifecycle_configuration(Bucket=directory, LifecycleConfiguration=rules)
    assert "TransitionDefaultMinimumObjectSize" not in put
    shown = s3.get_bucket_lifecycle_configuration(Bucket=directory)
    assert (shown["Rules"], "TransitionDefaultMinimumObjectSize" in shown) == (rules["Rules"], False)
    assert s3.put_object(Bucket=directory, Key="logs/1")["Expiration"] == "NotImplemented"
    s3.put_object(Bucket=directory, Key="kept")
    upload = s3.create_multipart_upload(Bucket=directory, Key="logs/2")
    assert "AbortDate" not in upload
    assert "AbortDate" not in s3.list_parts(Bucket=directory, Key="logs/2", UploadId=upload["UploadId"])
    door.fake.clock.advance(days=3)
    assert list(door.fake.store.buckets[directory].objects) == ["kept"]
    assert door.fake.store.buckets[directory].uploads == {}


@pytest.mark.parametrize(
    ("rules", "what"),
    [
        (expiring(Transitions=[{"Days": 30, "StorageClass": "GLACIER"}]), "Transitions"),
        (expiring(NoncurrentVersionExpiration={"NoncurrentDays": 1}), "NoncurrentVersionExpiration"),
        (
            expiring(NoncurrentVersionTransitions=[{"NoncurrentDays": 1, "StorageClass": "GLACIER"}]),
            "NoncurrentVersionTransitions",
        ),
        (expiring(Filter={"Tag": {"Key": "a", "Value": "b"}}), "Tag"),
        (expiring(Filter={"And": {"Prefix": "a", "Tags": [{"Key": "a", "Value": "b"}]}}), "Tag"),
        (expiring(Expiration={"ExpiredObjectDeleteMarker": True}), "ExpiredObjectDeleteMarker"),
    ],
    ids=str,
)
def test_unsupported_lifecycle_rules(door: Door, s3: Any, directory: str, rules: dict[str, Any], what: str) -> None:
    put = partial(s3.put_bucket_lifecycle_configuration, Bucket=directory, LifecycleConfiguration=rules)
    with unchanged(door.fake):
        message = f"{what} is not supported in the lifecycle configuration of directory buckets"
        refused(put, 400, "InvalidRequest", message)

"""``x-amz-expected-bucket-owner`` on every operation of botocore's model that takes it, implemented or not.

The errors are recorded from AWS, February 2026.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.support.botocore_model import CONFIGURATIONS, OPERATIONS, call, takes, unimplemented
from tests.support.callers import OWNER
from tests.support.doors import Door, refused, refused_head
from tests.support.errors import NO_SUCH_BUCKET
from tests.support.state import prepare, unchanged

OTHER = "000000000020"
GUARDED = [name for name, operation in OPERATIONS.items() if takes(operation, "ExpectedBucketOwner")]
LATER = [name for name in CONFIGURATIONS if name in GUARDED]
"""Operations that are taken away, to see that requests reach them."""
MALFORMED = ["0000", "0000000000020", "abcd", "aa000000000$", "invalid"]
SOURCE = {"CopyObject": {}, "UploadPartCopy": {}}


def _malformed_message(value: str) -> str:
    return f"The value of the expected bucket owner parameter must be an AWS Account ID... [{value}]"


@pytest.fixture
def full(door: Door, bucket: str) -> Door:
    prepare(door.fake, "PUT", f"/{bucket}/k", b"abc")
    prepare(door.fake, "POST", f"/{bucket}/k?uploads")
    return door


def test_nearly_every_operation_takes_it() -> None:
    assert len(GUARDED) > 90
    assert {"CreateBucket", "ListBuckets"}.isdisjoint(GUARDED)


@pytest.mark.parametrize("name", GUARDED)
def test_another_owner(full: Door, name: str) -> None:
    operation = OPERATIONS[name]
    ask = partial(call, full.client, operation, ExpectedBucketOwner=OTHER)
    with unchanged(full.fake):
        if operation.http["method"] == "HEAD":
            refused_head(ask, 403)
        else:
            refused(ask, 403, "AccessDenied", "Access Denied")


@pytest.mark.parametrize("name", GUARDED)
def test_malformed(full: Door, name: str) -> None:
    operation = OPERATIONS[name]
    ask = partial(call, full.client, operation, ExpectedBucketOwner="0000")
    with unchanged(full.fake):
        if operation.http["method"] == "HEAD":
            refused_head(ask, 400)
        else:
            refused(ask, 400, "InvalidBucketOwnerAWSAccountID", _malformed_message("0000"))


@pytest.mark.parametrize("value", MALFORMED)
@pytest.mark.parametrize("ask", ["get_bucket_location", "list_objects_v2", "delete_bucket"])
def test_malformed_values(full: Door, ask: str, value: str) -> None:
    with unchanged(full.fake):
        request = partial(getattr(full.client, ask), Bucket="bucket", ExpectedBucketOwner=value)
        refused(request, 400, "InvalidBucketOwnerAWSAccountID", _malformed_message(value))


def test_an_empty_value_is_malformed(full: Door) -> None:
    response = full.raw("GET", "/bucket/k", {"x-amz-expected-bucket-owner": ""})
    assert (response.status, response.error) == (
        400,
        {"Code": "InvalidBucketOwnerAWSAccountID", "Message": _malformed_message("")},
    )


@pytest.mark.parametrize("name", LATER)
def test_the_right_owner_reaches_the_operation(full: Door, name: str) -> None:
    with unchanged(full.fake), unimplemented(OPERATIONS[name]) as missing:
        ask = partial(call, full.client, OPERATIONS[name], ExpectedBucketOwner=OWNER)
        refused(ask, 501, "NotImplemented", f"fakes3part does not implement {missing}", {"Operation": missing})


ME = {"Bucket": "bucket", "ExpectedBucketOwner": OWNER}
ACCEPTED: dict[str, Callable[[Any], Any]] = {
    "HeadBucket": lambda s3: s3.head_bucket(**ME),
    "GetBucketLocation": lambda s3: s3.get_bucket_location(**ME),
    "GetBucketVersioning": lambda s3: s3.get_bucket_versioning(**ME),
    "PutBucketVersioning": lambda s3: s3.put_bucket_versioning(**ME, VersioningConfiguration={"Status": "Enabled"}),
    "ListObjects": lambda s3: s3.list_objects(**ME),
    "ListObjectsV2": lambda s3: s3.list_objects_v2(**ME),
    "ListMultipartUploads": lambda s3: s3.list_multipart_uploads(**ME),
    "CreateMultipartUpload": lambda s3: s3.create_multipart_upload(**ME, Key="k"),
    "PutObject": lambda s3: s3.put_object(**ME, Key="k", Body=b"new"),
    "GetObject": lambda s3: s3.get_object(**ME, Key="k")["Body"].read(),
    "HeadObject": lambda s3: s3.head_object(**ME, Key="k"),
    "CopyObject": lambda s3: s3.copy_object(**ME, Key="copy", CopySource="bucket/k", ExpectedSourceBucketOwner=OWNER),
    "DeleteObject": lambda s3: s3.delete_object(**ME, Key="k"),
    "DeleteObjects": lambda s3: s3.delete_objects(**ME, Delete={"Objects": [{"Key": "k"}]}),
}


@pytest.mark.parametrize("ask", ACCEPTED.values(), ids=ACCEPTED)
def test_the_right_owner(full: Door, ask: Callable[[Any], Any]) -> None:
    response = ask(full.client)
    if isinstance(response, bytes):
        assert response == b"abc"
    else:
        assert response["ResponseMetadata"]["HTTPStatusCode"] in (200, 204)


def test_the_right_owner_deletes(door: Door, bucket: str) -> None:
    door.client.delete_bucket(Bucket=bucket, ExpectedBucketOwner=OWNER)
    assert door.fake.buckets == {}


@pytest.mark.parametrize("name", SOURCE)
@pytest.mark.parametrize(
    ("options", "status", "code", "message"),
    [
        ({"ExpectedSourceBucketOwner": OTHER}, 403, "AccessDenied", "Access Denied"),
        ({"ExpectedSourceBucketOwner": "bad"}, 400, "InvalidBucketOwnerAWSAccountID", _malformed_message("bad")),
        ({"ExpectedSourceBucketOwner": OWNER, "ExpectedBucketOwner": OTHER}, 403, "AccessDenied", "Access Denied"),
    ],
    ids=["another", "malformed", "the destination's"],
)
def test_source_owner(full: Door, name: str, options: dict[str, str], status: int, code: str, message: str) -> None:
    upload = next(iter(full.fake.store.buckets["bucket"].uploads))
    with unchanged(full.fake):
        ask = partial(call, full.client, OPERATIONS[name], UploadId=upload, **options)
        refused(ask, status, code, message)


def test_order_of_checks(door: Door) -> None:
    """Format, existence of the bucket, owner (as LocalStack checks; assumed: not recorded from AWS)."""
    ask = partial(door.client.list_objects_v2, Bucket="missing")
    refused(partial(ask, ExpectedBucketOwner="bad"), 400, "InvalidBucketOwnerAWSAccountID", _malformed_message("bad"))
    missing = {"BucketName": "missing"}
    refused(partial(ask, ExpectedBucketOwner=OTHER), 404, "NoSuchBucket", NO_SUCH_BUCKET, missing)

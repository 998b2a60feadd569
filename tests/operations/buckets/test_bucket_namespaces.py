"""Account-regional namespaces of bucket names (since March 2026).

Sources: "Namespaces for general purpose buckets" in the S3 user guide; botocore, which knows the code InvalidBucketNamespace from
AWS; moto (InvalidNamespaceHeader); ansible-collections/amazon.aws, issue 2935 (MissingNamespaceHeader). The text of
InvalidBucketNamespace, and its use without the header, are assumed: not recorded from AWS.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, refused
from tests.support.state import unchanged

ACCOUNT = "123456789012"
SUFFIX = f"-{ACCOUNT}-us-east-1-an"
OF_NAME = "The requested bucket name does not have the suffix of your account-regional namespace, which ends in the reserved -an."
OF_HEADER = (
    "The requested bucket name did not include the account-regional namespace suffix, but the provided x-amz-bucket-namespace "
    "header value is account-regional. Specify {} as the bucket name suffix to create a bucket in your account-regional "
    "namespace, or remove the header."
)
MISSING = (
    "The requested bucket is an account-regional namespace bucket, but your request is missing the required "
    "x-amz-bucket-namespace header."
)
INVALID_BUCKET_NAME = "The specified bucket is not valid."
LONGEST = "p" * (63 - len(SUFFIX)) + SUFFIX

REGIONAL = {"BucketNamespace": "account-regional"}
GLOBAL = {"BucketNamespace": "global"}


@pytest.mark.parametrize("name", [f"p{SUFFIX}", f"a.b-c{SUFFIX}", LONGEST])
def test_names_of_the_namespace(door: Door, name: str) -> None:
    assert door.fake.settings.account == ACCOUNT
    s3 = door.client
    assert s3.create_bucket(Bucket=name, **REGIONAL)["Location"] == f"/{name}"
    s3.put_object(Bucket=name, Key="k", Body=b"abc")
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"abc"
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == [name]
    assert s3.head_bucket(Bucket=name)["BucketRegion"] == "us-east-1"
    s3.create_bucket(Bucket=name, **REGIONAL)
    s3.delete_object(Bucket=name, Key="k")
    s3.delete_bucket(Bucket=name)


def test_of_another_region(door: Door) -> None:
    name = f"p-{ACCOUNT}-eu-west-2-an"
    here = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-2"}}
    with door.client_with(region_name="eu-west-2") as s3:
        with unchanged(door.fake):
            call = partial(s3.create_bucket, Bucket="plain", **here, **REGIONAL)
            refused(call, 400, "InvalidNamespaceHeader", OF_HEADER.format(f"-{ACCOUNT}-eu-west-2-an"))
            refused(partial(s3.create_bucket, Bucket=f"p{SUFFIX}", **here, **REGIONAL), 400, "InvalidBucketNamespace", OF_NAME)
        s3.create_bucket(Bucket=name, **here, **REGIONAL)
        assert s3.head_bucket(Bucket=name)["BucketRegion"] == "eu-west-2"


REFUSED: dict[str, tuple[str, dict[str, str], str, str, dict[str, str]]] = {
    "a plain name": ("bucket", REGIONAL, "InvalidNamespaceHeader", OF_HEADER.format(SUFFIX), {}),
    "the reserved ending alone": ("something-an", REGIONAL, "InvalidBucketNamespace", OF_NAME, {}),
    "of another region": (f"p-{ACCOUNT}-us-west-2-an", REGIONAL, "InvalidBucketNamespace", OF_NAME, {}),
    "of another account": ("p-999999999999-us-east-1-an", REGIONAL, "InvalidBucketNamespace", OF_NAME, {}),
    "without prefix": (f"{ACCOUNT}-us-east-1-an", REGIONAL, "InvalidBucketNamespace", OF_NAME, {}),
    "too long": ("p" + LONGEST, REGIONAL, "InvalidBucketName", INVALID_BUCKET_NAME, {"BucketName": "p" + LONGEST}),
    "without header": (f"p{SUFFIX}", {}, "MissingNamespaceHeader", MISSING, {"Header": "x-amz-bucket-namespace"}),
    "global": (f"p{SUFFIX}", GLOBAL, "MissingNamespaceHeader", MISSING, {"Header": "x-amz-bucket-namespace"}),
    "another's, without header": (
        "p-999999999999-eu-west-1-an",
        {},
        "MissingNamespaceHeader",
        MISSING,
        {"Header": "x-amz-bucket-namespace"},
    ),
    "the reserved ending, without header": ("something-an", {}, "InvalidBucketNamespace", OF_NAME, {}),
    "the reserved ending, global": ("something-an", GLOBAL, "InvalidBucketNamespace", OF_NAME, {}),
    "no namespace": (
        "bucket",
        {"BucketNamespace": "other"},
        "InvalidArgument",
        "Invalid x-amz-bucket-namespace header: other",
        {"ArgumentName": "x-amz-bucket-namespace", "ArgumentValue": "other"},
    ),
}


@pytest.mark.parametrize(("name", "options", "code", "message", "extras"), REFUSED.values(), ids=REFUSED)
def test_refused(door: Door, name: str, options: dict[str, Any], code: str, message: str, extras: dict[str, str]) -> None:
    with unchanged(door.fake):
        refused(partial(door.client.create_bucket, Bucket=name, **options), 400, code, message, extras)


@pytest.mark.parametrize("name", ["bucket", "human", "an", "a-and", "an-an-ano"])
@pytest.mark.parametrize("options", [{}, GLOBAL], ids=["no header", "global"])
def test_names_of_the_global_namespace(s3: Any, name: str, options: dict[str, str]) -> None:
    name = name if len(name) > 2 else f"x{name}"
    s3.create_bucket(Bucket=name, **options)
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == [name]

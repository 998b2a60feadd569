"""At a host that names no region (a server, a custom endpoint), the endpoint has the region that a request is signed for.

That SDKs sign for the region of their endpoint: botocore and moto, each against AWS. That a host without a region stands for the
endpoints of all regions is a choice of this project.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from fakes3part import FakeS3
from fakes3part.auth.callers import Principal
from tests.support.doors import Door, RawResponse, refused, refused_head
from tests.support.hosts import add_bucket, ask, counted
from tests.support.post_forms import by, form, post, signed
from tests.support.state import unchanged

REGIONS = ["us-west-2", "eu-central-1", "me-south-1", "cn-north-1", "made-up-1", "auto"]
HOST = "http://s3.example.test"
NOT_SUPPORTED = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
ONE_TRY = Config(retries={"total_max_attempts": 1}, signature_version="s3v4")


@pytest.fixture(params=["known secret", "unknown key"])
def keys(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "known secret")


@pytest.fixture
def local(door: Door, keys: bool) -> Iterator[Callable[..., Any]]:
    """Return a function that makes clients of a region for a host without one; they know the fake's secret, or any."""
    with contextlib.ExitStack() as stack:
        if door.name == "in-process":
            door.fake = stack.enter_context(FakeS3(custom_endpoints=[HOST]))
        url = door.url if door.name == "server" else HOST
        owner = door.fake.accounts.principal(door.fake.accounts.account(door.fake.settings.account))
        credentials = {"aws_access_key_id": owner.access_key, "aws_secret_access_key": owner.secret_key} if keys else {}

        def client(region: str, **settings: Any) -> Any:
            settings = {"config": ONE_TRY, **settings}
            return stack.enter_context(
                contextlib.closing(door.new_client(endpoint_url=url, region_name=region, **credentials, **settings))
            )

        yield client


def ask_url(door: Door, method: str, url: str, body: bytes = b"") -> RawResponse:
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}"
    if door.name == "server":
        return door.raw(method, target, body=body, sign=False)
    return ask(door.fake, method, parts.netloc, target, body)


def create(s3: Any, region: str, name: str = "bucket") -> None:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})


OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "ListBuckets": lambda s3: s3.list_buckets(),
    "HeadBucket": lambda s3: s3.head_bucket(Bucket="bucket"),
    "ListObjectsV2": lambda s3: s3.list_objects_v2(Bucket="bucket"),
    "PutObject": lambda s3: s3.put_object(Bucket="bucket", Key="k", Body=b"abc"),
    "HeadObject": lambda s3: s3.head_object(Bucket="bucket", Key="seed"),
    "DeleteObjects": lambda s3: s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "seed"}]}),
    "CreateMultipartUpload": lambda s3: s3.create_multipart_upload(Bucket="bucket", Key="k"),
    "PutBucketVersioning": lambda s3: s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"}),
    "GetBucketLocation": lambda s3: s3.get_bucket_location(Bucket="bucket"),
    "a presigned URL": lambda s3: (
        s3.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "seed"}),
        s3.get_object(Bucket="bucket", Key="seed")["Body"].read(),
    ),
}


@pytest.mark.parametrize("call", OPERATIONS.values(), ids=OPERATIONS)
def test_every_operation_at_once(door: Door, local: Callable[..., Any], call: Callable[[Any], Any]) -> None:
    """For a bucket of any region, whichever region the request is signed for; botocore must not have to sign twice."""
    add_bucket(door.fake, "eu-west-1")
    door.fake.seed({"bucket": {"seed": b"abc"}})
    for region in (*REGIONS, "us-east-1", "eu-west-1"):
        s3 = local(region)
        with counted(s3) as sent:
            call(s3)
        assert [status for _, status in sent] == [200]


@pytest.mark.parametrize("region", REGIONS)
def test_a_missing_bucket(door: Door, local: Callable[..., Any], region: str) -> None:
    s3 = local(region)
    for call in (partial(s3.list_objects_v2, Bucket="missing"), partial(s3.put_object, Bucket="missing", Key="k", Body=b"")):
        refused(call, 404, "NoSuchBucket", "The specified bucket does not exist", {"BucketName": "missing"})
    refused_head(partial(s3.head_bucket, Bucket="missing"), 404)


@pytest.mark.parametrize("region", REGIONS)
def test_create_bucket_goes_by_that_region(door: Door, local: Callable[..., Any], region: str) -> None:
    s3 = local(region)
    with unchanged(door.fake):
        text = "The {} location constraint is incompatible for the region specific endpoint this request was sent to."
        for options, shown in (
            ({}, "unspecified"),
            ({"CreateBucketConfiguration": {"LocationConstraint": "ap-south-1"}}, "ap-south-1"),
        ):
            call = partial(s3.create_bucket, Bucket="bucket", **options)
            refused(call, 400, "IllegalLocationConstraintException", text.format(shown))
    create(s3, region)
    assert s3.head_bucket(Bucket="bucket")["BucketRegion"] == region
    assert s3.get_bucket_location(Bucket="bucket")["LocationConstraint"] == region
    again = partial(create, s3, region)
    text = "Your previous request to create the named bucket succeeded and you already own it."
    refused(again, 409, "BucketAlreadyOwnedByYou", text, {"BucketName": "bucket"})
    assert [bucket["Name"] for bucket in local("us-east-1").list_buckets()["Buckets"]] == ["bucket"]


def test_us_east_1_creates_buckets_anywhere(door: Door, local: Callable[..., Any]) -> None:
    create(local("us-east-1"), "us-west-2")
    assert local("ap-south-1").head_bucket(Bucket="bucket")["BucketRegion"] == "us-west-2"
    local("us-east-1").create_bucket(Bucket="home")
    assert local("us-west-2").get_bucket_location(Bucket="home")["LocationConstraint"] is None


@pytest.mark.parametrize("region", REGIONS)
def test_presigned_urls(door: Door, local: Callable[..., Any], region: str) -> None:
    add_bucket(door.fake, "eu-west-1")
    s3 = local(region)
    for method, operation, params, expected in (
        ("PUT", "put_object", {"Bucket": "bucket", "Key": "k"}, b""),
        ("GET", "get_object", {"Bucket": "bucket", "Key": "k"}, b"abc"),
        ("GET", "list_buckets", {}, b"<Name>bucket</Name>"),
    ):
        url = s3.generate_presigned_url(operation, params, HttpMethod=method)
        response = ask_url(door, method, url, b"abc" if method == "PUT" else b"")
        assert response.status == 200
        assert expected in response.body


@pytest.mark.parametrize("region", REGIONS)
def test_forms(door: Door, region: str) -> None:
    if door.name == "in-process":
        fake, host = FakeS3(custom_endpoints=[HOST]), "s3.example.test"
    else:
        fake, host = door.fake, door.url.removeprefix("http://")
    add_bucket(fake, "eu-west-1")
    owner: Principal = fake.accounts.principal(fake.accounts.account(fake.settings.account))
    fields = signed({"key": "k"}, region=region, **by(owner))
    headers = {"Content-Type": "multipart/form-data; boundary=---------------------------3577921"}
    if door.name == "server":
        assert post(door, fields).status == 204
    else:
        assert ask(fake, "POST", host, "/bucket", form(fields), headers=headers).status == 204
    assert fake.buckets["bucket"].objects["k"].data == b"dummy data"


# SigV2: at a host without a region the bucket's region decides whether it is accepted.


@pytest.mark.parametrize(("region", "accepted"), [("us-west-2", True), ("eu-west-1", True), ("eu-central-1", False)])
def test_sigv2(door: Door, local: Callable[..., Any], region: str, accepted: bool) -> None:
    add_bucket(door.fake, region)
    door.fake.seed({"bucket": {"k": b"abc"}})
    s3 = local("us-east-1", config=Config(retries={"total_max_attempts": 1}, signature_version="s3"))
    calls = (partial(s3.get_object, Bucket="bucket", Key="k"), partial(s3.list_objects, Bucket="bucket"))
    for call in calls:
        if accepted:
            call()
        else:
            with unchanged(door.fake):
                refused(call, 400, "InvalidRequest", NOT_SUPPORTED)
    s3.list_buckets()  # without a bucket, the configured region decides


@pytest.mark.parametrize(("region", "accepted"), [("us-west-2", True), ("eu-central-1", False)])
def test_sigv2_urls_and_forms(region: str, accepted: bool) -> None:
    fake = FakeS3(custom_endpoints=[HOST])
    add_bucket(fake, region)
    fields = signed({"key": "k"}, version=2)
    headers = {"Content-Type": "multipart/form-data; boundary=---------------------------3577921"}
    posted = ask(fake, "POST", "s3.example.test", "/bucket", form(fields), headers=headers)
    shown = ask(fake, "GET", "s3.example.test", "/bucket/k?AWSAccessKeyId=testing&Signature=x&Expires=99999999999")
    if accepted:
        assert (posted.status, shown.body) == (204, b"dummy data")
    else:
        for response in (posted, shown):
            assert (response.status, response.error) == (400, {"Code": "InvalidRequest", "Message": NOT_SUPPORTED})


# What the region is used for


def test_policies_see_it(door: Door, local: Callable[..., Any]) -> None:
    add_bucket(door.fake, "eu-west-1")
    door.fake.seed({"bucket": {"k": b"abc"}})
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::bucket/*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-3"}},
    }
    local("us-east-1").put_bucket_policy(Bucket="bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert local("us-east-1").get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"
    with pytest.raises(ClientError, match="AccessDenied"):
        local("eu-west-3").get_object(Bucket="bucket", Key="k")


@pytest.mark.parametrize("region", ["US", "EU", "us%0d%0aX-Evil: 1", "", "a" * 64, "r\u00e9gion", "a b"])
def test_what_is_no_region(region: str) -> None:
    """It would become part of headers and ARNs; the configured region counts."""
    scope = f"testing/20260101/{region}/s3/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "X-Amz-Date": "20260101T000000Z",
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
    }
    fake = FakeS3(region="eu-west-2")
    response = ask(fake, "PUT", "localhost", "/bucket", headers=headers)
    assert (response.status, response.error["Code"]) == (400, "IllegalLocationConstraintException")
    assert fake.buckets == {}
    fake = FakeS3(region="us-east-1")
    assert ask(fake, "PUT", "localhost", "/bucket", headers=headers).status == 200
    assert fake.buckets["bucket"].region == "us-east-1"

"""Responses of AWS's hosts in another region than the bucket's.

The error for a wrong region in the signature is recorded from AWS, February 2026; the redirects are as AWS responses in the
issues of s3rs and bsdec2 show them.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from fakes3part.api.fakes3 import FakeS3
from tests.support.hosts import add_bucket, ask
from tests.support.state import unchanged

MOVED = (
    "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests "
    "to this endpoint."
)
FOR_NOW = (
    "Please re-send this request to the specified temporary endpoint. Continue to use the original request endpoint for future "
    "requests."
)
GLOBAL = "bucket.s3.amazonaws.com"

REDIRECTED = {
    # (the bucket's region, the host of the request, the endpoint in the response)
    "another region": ("us-west-2", "bucket.s3.eu-west-1.amazonaws.com", "bucket.s3.us-west-2.amazonaws.com"),
    "path style": ("us-west-2", "s3.eu-west-1.amazonaws.com", "bucket.s3.us-west-2.amazonaws.com"),
    "the global host by path": ("eu-west-1", "s3.amazonaws.com", "bucket.s3.eu-west-1.amazonaws.com"),
    "us-east-1 by its name": ("eu-west-1", "bucket.s3.us-east-1.amazonaws.com", "bucket.s3.eu-west-1.amazonaws.com"),
    "the old external one": ("eu-west-1", "bucket.s3-external-1.amazonaws.com", "bucket.s3.eu-west-1.amazonaws.com"),
    "a bucket of us-east-1": ("us-east-1", "bucket.s3.eu-west-1.amazonaws.com", "bucket.s3.amazonaws.com"),
    "the old spelling": ("us-west-2", "bucket.s3-eu-west-1.amazonaws.com", "bucket.s3.us-west-2.amazonaws.com"),
    "dual-stack": ("us-west-2", "bucket.s3.dualstack.eu-west-1.amazonaws.com", "bucket.s3.us-west-2.amazonaws.com"),
    "FIPS": ("us-west-2", "bucket.s3-fips.us-east-2.amazonaws.com", "bucket.s3.us-west-2.amazonaws.com"),
    "EU": ("EU", "bucket.s3.eu-central-1.amazonaws.com", "bucket.s3.eu-west-1.amazonaws.com"),
    "China": ("cn-north-1", "bucket.s3.cn-northwest-1.amazonaws.com.cn", "bucket.s3.cn-north-1.amazonaws.com.cn"),
    "GovCloud": ("us-gov-east-1", "bucket.s3.us-gov-west-1.amazonaws.com", "bucket.s3.us-gov-east-1.amazonaws.com"),
}


def _target(host: str, key: str) -> str:
    return f"/{key}" if host.startswith("bucket.") else f"/bucket/{key}"


def _region_of(host: str) -> str:
    labels = host.removeprefix("bucket.").split(".")
    return next((label.removeprefix("s3-") for label in labels if label.count("-") > 1 and "external" not in label), "us-east-1")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(("home", "host", "endpoint"), REDIRECTED.values(), ids=REDIRECTED)
def test_permanent_redirect(home: str, host: str, endpoint: str, signed: bool, method: str) -> None:
    fake = FakeS3()
    add_bucket(fake, home)
    with unchanged(fake):
        response = ask(fake, method, host, _target(host, "k"), region=_region_of(host) if signed else None)
    shown_region = "eu-west-1" if home == "EU" else home
    assert (response.status, response.headers["x-amz-bucket-region"]) == (301, shown_region)
    assert "location" not in response.headers
    if method == "HEAD":
        assert response.body == b""
    else:
        assert response.error == {"Code": "PermanentRedirect", "Message": MOVED, "Endpoint": endpoint, "Bucket": "bucket"}


@pytest.mark.parametrize("target", ["/", "/?location", "/?uploads", "/?versioning", "/k?tagging"])
def test_every_operation_is_redirected(target: str) -> None:
    fake = FakeS3()
    add_bucket(fake, "us-west-2")
    assert ask(fake, "GET", "bucket.s3.eu-west-1.amazonaws.com", target, region="eu-west-1").status == 301


def test_a_missing_bucket_is_not_redirected() -> None:
    response = ask(FakeS3(), "GET", "bucket.s3.eu-west-1.amazonaws.com", region="eu-west-1")
    assert (response.status, response.error["Code"]) == (404, "NoSuchBucket")


def test_the_redirect_comes_before_authentication() -> None:
    fake = FakeS3()
    add_bucket(fake, "us-west-2").account = "999999999999"
    assert ask(fake, "GET", "bucket.s3.eu-west-1.amazonaws.com", region="eu-west-1").status == 301
    wrong_owner = {"x-amz-expected-bucket-owner": "111111111111"}
    assert ask(fake, "GET", "bucket.s3.eu-west-1.amazonaws.com", region="eu-west-1", headers=wrong_owner).status == 301


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("host", ["bucket.s3.eu-west-1.amazonaws.com", "s3.amazonaws.com", "bucket.s3.us-east-1.amazonaws.com"])
def test_opt_in_regions(host: str, method: str) -> None:
    fake = FakeS3()
    add_bucket(fake, "me-south-1")
    response = ask(fake, method, host, _target(host, "k"), region=_region_of(host))
    assert (response.status, response.headers["x-amz-bucket-region"]) == (400, "me-south-1")
    if method == "GET":
        text = "The me-south-1 location constraint is incompatible for the region specific endpoint this request was sent to."
        assert response.error == {"Code": "IllegalLocationConstraintException", "Message": text}


# The global host: DNS resolves to the bucket's region, which requires a signature for it.


def test_the_global_host_serves_buckets_of_all_regions() -> None:
    fake = FakeS3()
    add_bucket(fake, "eu-west-1")
    for region in ("eu-west-1", None):
        for by_url in (True, False):
            response = ask(fake, "GET", GLOBAL, "/?location", region=region, by_url=by_url)
            assert response.status == (200 if region else 403)


@pytest.mark.parametrize(("method", "by_url"), [("GET", False), ("PUT", False), ("HEAD", False), ("GET", True), ("HEAD", True)])
def test_signed_for_another_region(method: str, by_url: bool) -> None:
    fake = FakeS3()
    add_bucket(fake, "eu-west-1")
    for region in ("us-east-1", "ap-south-1"):
        response = ask(fake, method, GLOBAL, "/k", region=region, by_url=by_url)
        assert response.status == 400
        if method == "HEAD":
            assert (response.headers["x-amz-bucket-region"], response.body) == ("eu-west-1", b"")
        elif by_url:
            text = f'Error parsing the X-Amz-Credential parameter; the region "{region}" is wrong; expecting "eu-west-1"'
            assert response.error == {"Code": "AuthorizationQueryParametersError", "Message": text, "Region": "eu-west-1"}
        else:
            text = f"The authorization header is malformed; the region '{region}' is wrong; expecting 'eu-west-1'"
            assert response.error == {"Code": "AuthorizationHeaderMalformed", "Message": text, "Region": "eu-west-1"}


def test_known_keys_get_the_same_error() -> None:
    fake = FakeS3()
    fake.add_account("123456789012", access_key="testing", secret_key="testing")
    add_bucket(fake, "eu-west-1")
    assert ask(fake, "GET", GLOBAL, "/?location", region="eu-west-1").status == 200
    for region in ("us-east-1", "ap-south-1"):
        response = ask(fake, "GET", GLOBAL, "/?location", region=region)
        assert (response.error["Code"], response.error["Region"]) == ("AuthorizationHeaderMalformed", "eu-west-1")


def test_regional_hosts_require_a_signature_for_their_region() -> None:
    fake = FakeS3()
    add_bucket(fake, "eu-west-1")
    response = ask(fake, "GET", "bucket.s3.eu-west-1.amazonaws.com", "/", region="us-east-1")
    assert (response.status, response.error["Code"], response.error["Region"]) == (
        400,
        "AuthorizationHeaderMalformed",
        "eu-west-1",
    )


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
def test_temporary_redirect_of_a_new_bucket(method: str) -> None:
    """For a day DNS does not resolve a new bucket's name at the global host to its region, and us-east-1 redirects."""
    fake = FakeS3()
    created = datetime(2026, 1, 1, tzinfo=timezone.utc)
    add_bucket(fake, "eu-west-1", created=created)
    fake.clock.freeze(created + timedelta(hours=23))
    response = ask(fake, method, GLOBAL, "/a%20b?x=1", region="us-east-1")
    assert (response.status, response.headers["x-amz-bucket-region"]) == (307, "eu-west-1")
    assert response.headers["location"] == "https://bucket.s3.eu-west-1.amazonaws.com/a%20b?x=1"
    if method != "HEAD":
        endpoint = "bucket.s3.eu-west-1.amazonaws.com"
        assert response.error == {"Code": "TemporaryRedirect", "Message": FOR_NOW, "Endpoint": endpoint, "Bucket": "bucket"}
    assert ask(fake, "GET", GLOBAL, "/?location", region="eu-west-1").status == 200
    fake.clock.advance(timedelta(hours=2))
    assert ask(fake, method, GLOBAL, "/k", region="us-east-1").status == 400


# Partitions


@pytest.mark.parametrize(
    ("home", "host"),
    [
        ("us-east-1", "bucket.s3.cn-north-1.amazonaws.com.cn"),
        ("us-east-1", "bucket.s3.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "bucket.s3.us-east-1.amazonaws.com"),
        ("us-gov-west-1", GLOBAL),
        ("eusc-de-east-1", "bucket.s3.eu-west-1.amazonaws.com"),
    ],
)
def test_another_partition_has_no_such_bucket(home: str, host: str) -> None:
    fake = FakeS3()
    add_bucket(fake, home)
    response = ask(fake, "GET", host, region=_region_of(host))
    assert (response.status, response.error["Code"], response.error["BucketName"]) == (404, "NoSuchBucket", "bucket")
    assert b"<Name>" not in ask(fake, "GET", host.removeprefix("bucket."), region=_region_of(host)).body


@pytest.mark.parametrize("constraint", ["cn-north-1", "us-gov-west-1", "eusc-de-east-1"])
def test_buckets_cannot_be_created_in_another_partition(constraint: str) -> None:
    fake = FakeS3()
    document = f"<CreateBucketConfiguration><LocationConstraint>{constraint}</LocationConstraint></CreateBucketConfiguration>"
    response = ask(fake, "PUT", "s3.amazonaws.com", "/bucket", document.encode(), region="us-east-1")
    assert (response.status, response.error["Code"], fake.buckets) == (400, "InvalidLocationConstraint", {})


# strict_regions


def test_strict_regions_false() -> None:
    fake = FakeS3(strict_regions=False)
    fake.add_account("123456789012", access_key="testing", secret_key="testing")
    add_bucket(fake, "us-west-2")
    for host in ("bucket.s3.eu-west-1.amazonaws.com", GLOBAL, "bucket.s3.cn-north-1.amazonaws.com.cn", "bucket.localhost"):
        for region in ("us-west-2", "eu-west-1", "ap-south-1"):
            assert ask(fake, "GET", host, "/?location", region=region).status == 200


@pytest.mark.parametrize("host", ["bucket.localhost", "bucket.s3.example.test"])
def test_hosts_without_a_region(host: str) -> None:
    """They serve every bucket; with ``strict_regions=True`` requests must be signed for the bucket's region."""
    for strict in (None, True, False):
        fake = FakeS3(strict_regions=strict, custom_endpoints=["s3.example.test"])
        add_bucket(fake, "us-west-2")
        assert ask(fake, "GET", host, "/?location", region="us-west-2").status == 200
        assert ask(fake, "GET", host, "/?location").status == 403
        other = ask(fake, "GET", host, "/?location", region="eu-west-1")
        assert other.status == (400 if strict else 200)
        if strict:
            text = "The authorization header is malformed; the region 'eu-west-1' is wrong; expecting 'us-west-2'"
            assert other.error == {"Code": "AuthorizationHeaderMalformed", "Message": text, "Region": "us-west-2"}

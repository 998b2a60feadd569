"""Host and path are parsed into bucket and key, in path style and every virtual-hosted style.

Sources: "Virtual hosting of buckets" and "Making requests to Amazon S3 over IPv6" in the Amazon S3 User Guide.
"""

from __future__ import annotations

import pytest
from botocore.config import Config

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request, Response
from tests.support.doors import Door, warm
from tests.support.state import SIGNED

HEADERS = {name.lower(): value for name, value in SIGNED.items()}
DOTTED = "bucket.with.dots"
VIRTUAL = [
    "{}.s3.amazonaws.com",
    "{}.s3.us-east-1.amazonaws.com",
    "{}.s3.eu-west-1.amazonaws.com",
    "{}.s3.us-gov-west-1.amazonaws.com",
    "{}.s3.cn-north-1.amazonaws.com.cn",
    "{}.s3.dualstack.us-west-2.amazonaws.com",
    "{}.s3-fips.us-east-1.amazonaws.com",
    "{}.s3-fips.dualstack.us-east-1.amazonaws.com",
    "{}.s3-us-west-2.amazonaws.com",
    "{}.s3-external-1.amazonaws.com",
    "{}.s3.amazonaws.com:443",
    "{}.S3.Amazonaws.Com",
    "{}.localhost",
    "{}.localhost:9000",
    "{}.s3.localhost",
    "{}.s3.localhost:1",
    "{}.minio.test:9000",
    "{}.storage.example.org",
]
PATH = [
    "s3.amazonaws.com",
    "s3.eu-west-1.amazonaws.com",
    "s3-us-west-2.amazonaws.com",
    "s3.dualstack.us-west-2.amazonaws.com",
    "s3-fips.us-east-1.amazonaws.com",
    "s3.cn-north-1.amazonaws.com.cn",
    "localhost",
    "localhost:9000",
    "s3.localhost:80",
    "127.0.0.1:9000",
    "10.0.0.7",
    "[::1]:9000",
    "[::1]",
    "s3",
    "some-container:4566",
    "minio.test:9000",
    "storage.example.org",
]


def _fake() -> FakeS3:
    """Return a fake with lenient regions: each host serves every bucket. (Strict regions: tests/auth/test_signing_region.py.)"""
    return FakeS3(custom_endpoints=["minio.test:9000", "https://storage.example.org/"], strict_regions=False)


def _ask(fake: FakeS3, method: str, host: str, path: str, body: bytes = b"") -> Response:
    headers = {**HEADERS, "content-length": str(len(body)), "host": host}
    return fake.handle(Request(method, host, path, headers=headers, body=body))


@pytest.mark.parametrize("name", ["bucket", DOTTED, "s3x", "localhost"])
@pytest.mark.parametrize("host", VIRTUAL)
def test_virtual_hosts(host: str, name: str) -> None:
    fake = _fake()
    assert _ask(fake, "PUT", "127.0.0.1", f"/{name}").status == 200
    host = host.format(name)
    assert _ask(fake, "PUT", host, "/a//b%2Fc", b"abc").status == 200
    assert _ask(fake, "PUT", host, f"/{name}/k", b"abc").status == 200
    assert _ask(fake, "PUT", host, "//leading", b"abc").status == 200
    assert set(fake.buckets) == {name}
    assert list(fake.store.buckets[name].objects) == ["/leading", "a//b/c", f"{name}/k"]
    for path in ("", "/"):
        listing = _ask(fake, "GET", host, path)
        assert (listing.status, listing.operation) == (200, "ListObjects")


@pytest.mark.parametrize("name", ["bucket", DOTTED])
@pytest.mark.parametrize("host", PATH)
def test_path_style(host: str, name: str) -> None:
    fake = _fake()
    assert _ask(fake, "PUT", "127.0.0.1", f"/{name}").status == 200
    assert _ask(fake, "PUT", host, f"/{name}/a//b%2Fc", b"abc").status == 200
    assert _ask(fake, "PUT", host, f"/{name}//leading", b"abc").status == 200
    assert list(fake.store.buckets[name].objects) == ["/leading", "a//b/c"]
    for path, operation in ((f"/{name}", "ListObjects"), (f"/{name}/", "ListObjects"), ("/", "ListBuckets"), ("", "ListBuckets")):
        listing = _ask(fake, "GET", host, path)
        assert (listing.status, listing.operation) == (200, operation)


REGIONS = {
    "bucket.s3.eu-west-1.amazonaws.com": "eu-west-1",
    "bucket.s3.dualstack.us-west-2.amazonaws.com": "us-west-2",
    "bucket.s3-us-west-2.amazonaws.com": "us-west-2",
    "bucket.s3.cn-north-1.amazonaws.com.cn": "cn-north-1",
}


@pytest.mark.parametrize(("host", "region"), REGIONS.items())
def test_the_host_names_the_region(host: str, region: str) -> None:
    fake = _fake()
    refused = _ask(fake, "PUT", host, "/")
    assert (refused.status, fake.buckets) == (400, {})
    assert b"<Code>IllegalLocationConstraintException</Code>" in b"".join(refused.body)
    document = f"<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
    assert _ask(fake, "PUT", host, "/", document.encode()).status == 200
    assert fake.store.buckets["bucket"].region == region


OTHER_KINDS = {
    "ap-123456789012.s3-object-lambda.us-east-1.amazonaws.com": "Object Lambda access points",
    "alias.mrap.accesspoint.s3-global.amazonaws.com": "multi-region access points",
}


@pytest.mark.parametrize(("host", "kind"), OTHER_KINDS.items())
def test_endpoints_of_other_kinds(host: str, kind: str) -> None:
    fake = _fake()
    response = _ask(fake, "PUT", host, "/k", b"abc")
    assert (response.status, fake.buckets) == (501, {})
    body = b"".join(response.body).decode()
    assert "<Code>NotImplemented</Code>" in body
    assert kind in body


def test_bucket_localhost_over_http(door: Door, bucket: str) -> None:
    for host in ("bucket.localhost", "bucket.s3.localhost:4566"):
        key = f"/{host.partition(':')[0]}"
        if door.name == "server":
            assert door.raw("PUT", key, {"Host": host}, b"abc").status == 200
        else:
            assert _ask(door.fake, "PUT", host, key, b"abc").status == 200
        assert door.client.get_object(Bucket=bucket, Key=key[1:])["Body"].read() == b"abc"


@pytest.mark.parametrize(
    ("style", "name"), [("path", "bucket"), ("virtual", "bucket"), ("auto", "bucket"), ("path", DOTTED), ("auto", DOTTED)]
)
def test_styles_of_boto3(door: Door, style: str, name: str) -> None:
    config = Config(s3={"addressing_style": style}, retries={"total_max_attempts": 1})
    with door.client_with(config=config) as s3:
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="a//b", Body=b"abc")
        assert s3.get_object(Bucket=name, Key="a//b")["Body"].read() == b"abc"
    assert list(door.fake.store.buckets[name].objects) == ["a//b"]


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"])
def test_clients_of_other_regions(region: str) -> None:
    """In-process, clients of every partition reach the fake and create buckets in their region."""
    with FakeS3() as fake:
        s3 = warm().client("s3", region, aws_access_key_id="a", aws_secret_access_key="b")
        configuration = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket="bucket", **configuration)
        s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
        assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"
        assert fake.store.buckets["bucket"].region == region
        s3.close()

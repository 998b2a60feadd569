"""Every endpoint of botocore's S3 rules (endpoint-rule-set-1.json) is parsed: its kind, region, bucket and other parts."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore
import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError

from fakes3part.protocol.address import parse_address
from fakes3part.protocol.aws_hosts import (
    ACCELERATE,
    ACCESS_POINT,
    DIRECTORY,
    DIRECTORY_CONTROL,
    GENERAL,
    MULTI_REGION,
    OBJECT_LAMBDA,
    OUTPOSTS,
    S3,
    WEBSITE,
    Endpoint,
    parse_host,
)
from fakes3part.rules.regions import REGIONS, partition_of
from tests.support.callers import OWNER

_DATA = Path(botocore.__file__).parent / "data"
_PARTITIONS = json.loads((_DATA / "partitions.json").read_text())
_RULES = json.loads(gzip.decompress((_DATA / "s3/2006-03-01/endpoint-rule-set-1.json.gz").read_bytes()))
OUTPOST = "op-01234567890123456"
ALIAS = "test-accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3"
DIRECTORY_BUCKET, DIRECTORY_POINT = "base--use1-az4--x-s3", "point--use1-az4--xa-s3"
NAMES = ("bucket", "b.dotted.name", "base-0123456789abcdef-s3alias")
CUSTOM = ("s3.example.test", "example.test")
ENDPOINTS = (None, "http://s3.example.test:9000", "http://127.0.0.1:9000")


def _arns(partition: str, region: str) -> dict[str, tuple[str, str]]:
    """Return ARN -> (kind of endpoint, label in the place of the bucket)."""
    start = f"arn:{partition}"
    return {
        f"{start}:s3:{region}:{OWNER}:accesspoint/point": (ACCESS_POINT, "point"),
        f"{start}:s3-object-lambda:{region}:{OWNER}:accesspoint/point": (OBJECT_LAMBDA, f"point-{OWNER}"),
        f"{start}:s3-outposts:{region}:{OWNER}:outpost/{OUTPOST}/accesspoint/point": (OUTPOSTS, "point"),
        f"{start}:s3::{OWNER}:accesspoint/mfzwi23gnjvgw.mrap": (MULTI_REGION, "mfzwi23gnjvgw"),
    }


def _switches(bucket: str | None) -> Iterator[dict[str, Any]]:
    flags = ["UseDualStack", "UseFIPS"]
    if bucket in (None, *NAMES):
        flags += ["Accelerate", "ForcePathStyle", "UseGlobalEndpoint"]
    if bucket in (None, DIRECTORY_BUCKET):
        flags += ["UseS3ExpressControlEndpoint", "DisableS3ExpressSessionAuth"]
    for values in product((False, True), repeat=len(flags)):
        yield dict(zip(flags, values, strict=True))


def _parameters(partition: str, region: str) -> Iterator[dict[str, Any]]:
    for bucket in (None, *NAMES, DIRECTORY_BUCKET, DIRECTORY_POINT, ALIAS, *_arns(partition, region)):
        for switches in _switches(bucket):
            for endpoint in ENDPOINTS:
                fixed = {"Region": region, "Bucket": bucket, "Endpoint": endpoint, "Accelerate": False, "ForcePathStyle": False}
                defaults = {"UseGlobalEndpoint": False}
                yield {name: value for name, value in {**defaults, **fixed, **switches}.items() if value is not None}


PARTITIONS = {one["id"]: one for one in _PARTITIONS["partitions"]}


@pytest.fixture(scope="module")
def provider() -> EndpointProvider:
    return EndpointProvider(_RULES, _PARTITIONS)


def _expected_region(partition: dict[str, Any], region: str) -> str:
    return str(partition["outputs"]["implicitGlobalRegion"]) if region.endswith("-global") else region


def _check(parameters: dict[str, Any], url: str, partition: dict[str, Any]) -> None:
    parts = urlsplit(url)
    address = parse_address(parts.netloc, f"{parts.path}/k", CUSTOM)
    endpoint, bucket_name = address.endpoint, parameters.get("Bucket")
    custom = parts.netloc.endswith(
        urlsplit(parameters.get("Endpoint", "//none")).netloc
    )  # the rules ignore it for an alias on Outposts
    assert endpoint.unsupported is None or endpoint.kind == MULTI_REGION or not custom
    if not custom:
        assert endpoint.service is S3
        assert endpoint.suffix == partition["outputs"]["dnsSuffix"]
    else:
        assert endpoint.suffix is None
    kind, bucket = _arns(partition["id"], parameters["Region"]).get(bucket_name or "", (None, bucket_name))
    if kind is not None and custom:
        # At a custom endpoint the host cannot distinguish an access point from a bucket with such a name; the store can.
        assert address.bucket == (bucket if kind == OUTPOSTS else f"point-{OWNER}")
        assert (endpoint.kind, endpoint.account) == ((OUTPOSTS, OWNER) if kind == OUTPOSTS else (GENERAL, None))
        return
    assert address.bucket == (bucket if bucket_name else "k")
    assert address.key == ("k" if bucket_name else None)
    if kind is not None:
        assert (endpoint.kind, endpoint.bucket) == (kind, bucket)
        if kind in (ACCESS_POINT, OUTPOSTS):
            assert endpoint.account == OWNER
    elif bucket_name == ALIAS:
        assert (endpoint.kind, endpoint.bucket) == (OUTPOSTS, ALIAS)
    elif bucket_name in (DIRECTORY_BUCKET, DIRECTORY_POINT) or parameters.get("UseS3ExpressControlEndpoint"):
        _check_directory(parameters, endpoint, custom)
    elif parameters["Accelerate"] and bucket_name in ("bucket", NAMES[2]) and not custom:
        assert (endpoint.kind, endpoint.bucket) == (ACCELERATE, bucket_name)
        return
    else:
        assert endpoint.kind == GENERAL
        assert endpoint.is_global == (
            not custom and parts.netloc.endswith(("//s3.amazonaws.com", ".s3.amazonaws.com", "s3.amazonaws.com"))
        )
        assert (endpoint.bucket is None) == (bucket_name is None or parts.path != "")
    if kind != MULTI_REGION:
        assert endpoint.region == (None if custom else _expected_region(partition, parameters["Region"]))
    if kind == OUTPOSTS or bucket_name == ALIAS:
        assert endpoint.outpost == (OUTPOST if bucket_name != ALIAS else "op-0b1d075431d83bebd")


def _check_directory(parameters: dict[str, Any], endpoint: Endpoint, custom: bool) -> None:
    if custom:
        assert endpoint.kind in (DIRECTORY, GENERAL)
        assert endpoint.zone == ("use1-az4" if endpoint.bucket else None)
    elif parameters.get("UseS3ExpressControlEndpoint") and parameters.get("Bucket") != DIRECTORY_POINT:
        assert (endpoint.kind, endpoint.bucket, endpoint.zone) == (DIRECTORY_CONTROL, None, None)
    else:
        assert (endpoint.kind, endpoint.bucket, endpoint.zone) == (DIRECTORY, parameters["Bucket"], "use1-az4")


@pytest.mark.parametrize("name", PARTITIONS)
def test_every_endpoint_of_the_rules(provider: EndpointProvider, name: str) -> None:
    partition = PARTITIONS[name]
    seen = set()
    for region in partition["regions"]:
        for parameters in _parameters(name, region):
            try:
                url = provider.resolve_endpoint(**parameters).url
            except EndpointProviderError:
                continue  # a client does not send what the rules reject
            seen.add(url)
            _check(parameters, url, partition)
    assert len(seen) > 30 * len(partition["regions"])


def test_the_regions_are_botocores() -> None:
    regions = {region for one in PARTITIONS.values() for region in one["regions"] if not region.endswith("-global")}
    assert regions <= REGIONS
    for one in PARTITIONS.values():
        names = {partition_of(region) for region in one["regions"] if not region.endswith("-global")}
        assert len(names) == 1
    assert len({partition_of(region) for region in regions}) == len(PARTITIONS)


OLD_AND_RARE = {
    "bucket.s3-us-west-2.amazonaws.com": Endpoint("bucket", "us-west-2", suffix="amazonaws.com"),
    "s3-eu-west-1.amazonaws.com": Endpoint(None, "eu-west-1", suffix="amazonaws.com"),
    "s3-external-1.amazonaws.com": Endpoint(None, "us-east-1", suffix="amazonaws.com"),
    "a.b.s3-external-1.amazonaws.com": Endpoint("a.b", "us-east-1", suffix="amazonaws.com"),
    "s3-fips-us-gov-west-1.amazonaws.com": Endpoint(None, "us-gov-west-1", suffix="amazonaws.com"),
    "s3.amazonaws.com": Endpoint(None, "us-east-1", suffix="amazonaws.com", is_global=True),
    "a.b.S3.Amazonaws.com.:443": Endpoint("a.b", "us-east-1", suffix="amazonaws.com", is_global=True),
    "bucket.s3-accelerate.amazonaws.com": Endpoint("bucket", None, ACCELERATE, suffix="amazonaws.com"),
    "s3-accelerate.dualstack.amazonaws.com": Endpoint(None, None, ACCELERATE, suffix="amazonaws.com"),
    "www.x.test.s3-website-us-east-1.amazonaws.com": Endpoint("www.x.test", "us-east-1", WEBSITE, suffix="amazonaws.com"),
    "bucket.s3-website.eu-central-1.amazonaws.com": Endpoint("bucket", "eu-central-1", WEBSITE, suffix="amazonaws.com"),
    "bucket.s3-website.cn-north-1.amazonaws.com.cn": Endpoint("bucket", "cn-north-1", WEBSITE, suffix="amazonaws.com.cn"),
    "bucket.vpce-1a2b-3c4d.s3.us-east-1.vpce.amazonaws.com": Endpoint(None, "us-east-1", suffix="amazonaws.com"),
    "mine.bucket.vpce-1a2b-3c4d.s3.us-east-1.vpce.amazonaws.com": Endpoint("mine", "us-east-1", suffix="amazonaws.com"),
    f"point-{OWNER}.accesspoint.vpce-1a2b.s3.us-west-1.vpce.amazonaws.com": Endpoint(
        "point", "us-west-1", ACCESS_POINT, OWNER, suffix="amazonaws.com"
    ),
    "localhost:9000": Endpoint(),
    "a.b.localhost:9000": Endpoint("a.b"),
    "a.b.s3.localhost": Endpoint("a.b"),
    "site.s3-website.localhost:4580": Endpoint("site", None, WEBSITE),
    "site.s3-website.s3.example.test": Endpoint("site", None, WEBSITE),
    "a.s3.example.test": Endpoint("a"),
    "a.example.test:1": Endpoint("a"),
    "127.0.0.1:9000": Endpoint(),
    f"point-{OWNER}.127.0.0.1:9000": Endpoint(f"point-{OWNER}"),
    f"point-{OWNER}.{OUTPOST}.127.0.0.1": Endpoint("point", None, OUTPOSTS, OWNER, OUTPOST),
    "[::1]:9000": Endpoint(),
    "minio:9000": Endpoint(),
    "www.example.org": Endpoint(domain="www.example.org"),
    "s3.us-east-1.amazonaws.com.evil.test": Endpoint(domain="s3.us-east-1.amazonaws.com.evil.test"),
    "": Endpoint(),
}


@pytest.mark.parametrize(("host", "expected"), OLD_AND_RARE.items())
def test_other_hosts(host: str, expected: Endpoint) -> None:
    endpoint = parse_host(host, CUSTOM)
    assert endpoint._replace(service=None, labels=()) == expected
    assert endpoint.service == (None if expected.suffix is None else S3)

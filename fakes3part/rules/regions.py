"""Regions of buckets: valid LocationConstraints, and redirects for requests to the wrong region.

Error texts and headers are recorded from AWS (by LocalStack's snapshot tests and public bug reports).
"""

from __future__ import annotations

import re
from datetime import timedelta

from ..errors import S3Error
from ..state.bucket import Bucket

HOME = "us-east-1"
"""The region of the global endpoint."""

OPT_IN = frozenset(
    [
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "me-west-1",
        "mx-central-1",
        "sa-west-1",
    ]
)
"""Regions of after March 2019, which accounts switch on: no endpoint elsewhere knows their buckets, not even to redirect."""

REGIONS = OPT_IN | frozenset(
    [
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "cn-north-1",
        "cn-northwest-1",
        "eu-central-1",
        "eu-isoe-west-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "eusc-de-east-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-gov-east-1",
        "us-gov-west-1",
        "us-iso-east-1",
        "us-iso-west-1",
        "us-isob-east-1",
        "us-isob-west-1",
        "us-isof-east-1",
        "us-isof-south-1",
        "us-west-1",
        "us-west-2",
    ]
)

DNS_DELAY = timedelta(days=1)
"""So long the global endpoint's DNS may not know of a new bucket, and leads to us-east-1, which redirects."""

_PARTITION = re.compile(r"(cn|us-gov|us-isob?|us-isof|eu-isoe|eusc)-")


def partition_of(region: str) -> str:
    """Return ``aws``, or the region prefix of another partition (``cn``, ``us-gov``). Each sees its own buckets only."""
    match = _PARTITION.match(region)
    return match[1] if match else "aws"


def region_of(bucket: Bucket) -> str:
    """Return the region's name: a bucket may have been created with ``EU``, the old name of eu-west-1."""
    return "eu-west-1" if bucket.region == "EU" else bucket.region


def _endpoint(bucket: Bucket, suffix: str) -> str:
    region = region_of(bucket)
    return f"{bucket.name}.s3.{suffix}" if region == HOME else f"{bucket.name}.s3.{region}.{suffix}"


def _region_header(bucket: Bucket) -> dict[str, str]:
    return {"x-amz-bucket-region": region_of(bucket)}


def permanent_redirect(bucket: Bucket, suffix: str) -> S3Error:
    """Return the 301 of another region's endpoint; it is a 400 if that endpoint does not know the bucket's region.

    Neither has a ``Location``: clients must sign anew, for the region in the header.
    """
    region = region_of(bucket)
    if region in OPT_IN:
        text = f"The {region} location constraint is incompatible for the region specific endpoint this request was sent to."
        return S3Error("IllegalLocationConstraintException", text, _region_header(bucket))
    return S3Error("PermanentRedirect", None, _region_header(bucket), Endpoint=_endpoint(bucket, suffix), Bucket=bucket.name)


def temporary_redirect(bucket: Bucket, suffix: str, scheme: str, target: str) -> S3Error:
    """Return the 307 of the global endpoint for a new bucket in another region; ``target``: the raw path and query."""
    endpoint = _endpoint(bucket, suffix)
    headers = {"Location": f"{scheme}://{endpoint}{target}", **_region_header(bucket)}
    return S3Error("TemporaryRedirect", None, headers, Endpoint=endpoint, Bucket=bucket.name)

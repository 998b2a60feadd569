"""Who made a request to a server: an S3 client, whose requests are S3's, or a browser, a probe or a test's own HTTP call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..protocol.aws_hosts import GENERAL, parse_host

if TYPE_CHECKING:
    from ..backend import Backend
    from ..message import Request

_SDK_AGENT = re.compile(r"\b(?:boto|aws-|APN/|minio|rclone/|s3)|botocore", re.I)
"""Found in the User-Agent of AWS's SDKs and the AWS CLI, aiobotocore, MinIO's SDKs, rclone, s3fs-fuse, S3 Browser and others."""
_SDK_HEADERS = ("x-amz-", "amz-sdk-")
_S3_QUERY = re.compile(
    r"(?:^|&)(?:x-id|x-amz-[^=&]*|bucket-region|continuation-token|max-buckets|prefix"
    r"|AWSAccessKeyId|Signature|Expires|Action|Version)(?:[=&]|$)",
    re.I,
)
"""Parameters of ListBuckets, of signatures, and of the query protocol (STS)."""


def is_signed(request: Request) -> bool:
    """Return whether a request has a signature of AWS, in its headers or its query."""
    # "X-Amz-Signature=" of version 4 and "Signature=" of version 2.
    return "Signature=" in request.query or request.headers.get("authorization", "").startswith("AWS")


def is_of_s3_client(request: Request) -> bool:
    """Return whether an S3 client made a request, signed or anonymous."""
    headers = request.headers
    return (
        is_signed(request)
        or any(name.startswith(_SDK_HEADERS) for name in headers)
        or _SDK_AGENT.search(headers.get("user-agent", "")) is not None
    )


def is_at_bucket_host(backend: Backend, request: Request) -> bool:
    """Return whether the Host names an existing bucket, so that the path is a key."""
    endpoint = parse_host(request.host, backend.custom_hosts)
    return (endpoint.bucket or endpoint.domain) in backend.store.buckets


def is_visit(backend: Backend, request: Request) -> bool:
    """Return whether a browser or a readiness probe requests ``/`` of a server (and not of a bucket or of a host of AWS).

    A query is S3's, unless a browser sends it and it has no parameter that S3 has there.
    """
    if request.method not in ("GET", "HEAD") or "authorization" in request.headers or is_of_s3_client(request):
        return False
    if request.query and ("text/html" not in request.headers.get("accept", "") or _S3_QUERY.search(request.query)):
        return False
    endpoint = parse_host(request.host, backend.custom_hosts)
    if endpoint.bucket is not None or endpoint.suffix is not None or endpoint.kind is not GENERAL:
        return False
    return endpoint.domain not in backend.store.buckets

"""Selects the service that a request is for. For S3, which nearly every request is for, this must cost next to nothing.

AWS's hosts name their service; at a custom endpoint (a server on 127.0.0.1) the request itself shows it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..errors import S3Error
from ..message import Request
from ..protocol.aws_hosts import DIRECTORY_CONTROL, KMS, S3, S3_CONTROL, STS, aws_endpoint

S3_CONTROL_PREFIX = "/v20180820/"
"""The start of every path of S3 Control."""

ACCOUNT_ID, OUTPOST_ID = "x-amz-account-id", "x-amz-outpost-id"
_TARGET = "TrentService."
_VERSION = b"Version=2011-06-15"

_SCOPE = re.compile(r"/(sts|kms)/aws4_request", re.IGNORECASE)
_QUERY_SCOPE = re.compile(r"(?:^|&)X-Amz-Credential=[^&]*(?:/|%2F)(sts|kms)(?:/|%2F)aws4_request", re.IGNORECASE)


@lru_cache(maxsize=1024)
def _service_of_host(host: str) -> str | None:
    """Return the service that an AWS host names; None for a host that names none."""
    endpoint = aws_endpoint(host)
    if endpoint.suffix is None or endpoint.kind is DIRECTORY_CONTROL:
        return None  # S3 and S3 Control share the control plane of directory buckets: the path distinguishes them
    return endpoint.service if endpoint.service in (STS, KMS, S3_CONTROL) else S3


def service_of(request: Request) -> str | None:
    """Return the companion service (`S3_CONTROL`, `STS`, `KMS`) that a request is for; None: it is for S3."""
    service = _service_of_host(request.host)
    if service is S3:
        return None
    if service is not None:
        return service
    path = request.path
    if path == "/":
        return _service_at_root(request)
    if path.startswith(S3_CONTROL_PREFIX):
        headers = request.headers
        return S3_CONTROL if ACCOUNT_ID in headers or OUTPOST_ID in headers else None
    return None


def _service_at_root(request: Request) -> str | None:
    """Return the service of a request to ``/``, by its protocol or the service in its credential scope; None: S3."""
    headers = request.headers
    if headers.get("x-amz-target", "").startswith(_TARGET):
        return KMS
    scope = _SCOPE.search(headers.get("authorization", "")) or _QUERY_SCOPE.search(request.query)
    if scope is not None:
        return scope[1].lower()
    if request.method == "POST" and headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        try:
            body = request.payload.data
        except S3Error:  # it breaks off: S3 responds when it reads it
            return None
        return STS if body.startswith(b"Action=") or (b"&Action=" in body and _VERSION in body) else None
    return None

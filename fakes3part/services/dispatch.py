"""Which service a request means: S3, for nearly every one, and that must cost next to nothing.

AWS's hosts tell it by their names: those of botocore's endpoint rules for the three services, and of VPC endpoints. At an
endpoint of one's own, a server on 127.0.0.1, the request itself does.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ..message import Request
from ..protocol.endpoints import AWS_SUFFIX, parse_host

STS, KMS, S3_CONTROL, S3 = "sts", "kms", "s3control", "s3"
"""As boto3 calls them."""

S3_CONTROL_PREFIX = "/v20180820/"
"""What every path of S3 Control begins with."""

ACCOUNT_ID, OUTPOST_ID = "x-amz-account-id", "x-amz-outpost-id"
_TARGET = "TrentService."
_VERSION = b"Version=2011-06-15"

_REGION = r"(?P<region>[a-z]{2,5}(?:-[a-z]+)+-\d+)"
_HOSTS = tuple(
    (service, re.compile(rf"{pattern}\.{AWS_SUFFIX}"))
    for service, pattern in (
        (STS, rf"(?:vpce-[\w-]+\.)?sts(?:-fips)?(?:\.{_REGION})?(?:\.vpce)?"),
        (KMS, rf"(?:vpce-[\w-]+\.)?kms(?:-fips)?\.{_REGION}(?:\.vpce)?"),
        (S3_CONTROL, rf"(?:\d{{12}}\.)?s3-control(?:-fips)?(?:\.dualstack)?\.{_REGION}"),
        (S3_CONTROL, rf"s3-outposts(?:-fips)?(?:\.dualstack)?\.{_REGION}"),
        (S3_CONTROL, rf"(?:\d{{12}}\.)?control\.vpce-[\w-]+\.s3\.{_REGION}\.vpce"),
    )
)
_ANY_AWS = re.compile(rf".*\.{AWS_SUFFIX}")
_DIRECTORY_CONTROL = "s3express-control"
"""S3's and S3 Control's: only the path tells them apart."""

_SCOPE = re.compile(r"/(sts|kms)/aws4_request", re.IGNORECASE)
_QUERY_SCOPE = re.compile(r"(?:^|&)X-Amz-Credential=[^&]*(?:/|%2F)(sts|kms)(?:/|%2F)aws4_request", re.IGNORECASE)


class Host(NamedTuple):
    """``service`` None: the name does not tell. ``region`` None: it names none."""

    service: str | None = None
    region: str | None = None


@lru_cache(maxsize=1024)
def look_up(host: str) -> Host:
    """What the name of a host tells, with or without a port."""
    name = re.sub(r":\d*$", "", host.lower()).rstrip(".")
    for service, pattern in _HOSTS:
        if found := pattern.fullmatch(name):
            return Host(service, found["region"])
    if name.startswith(_DIRECTORY_CONTROL):
        return Host(None, parse_host(name).region)
    return Host(S3) if _ANY_AWS.fullmatch(name) else Host()


@lru_cache(maxsize=1024)
def _service_of_host(host: str) -> str | None:
    return look_up(host).service


def service_of(request: Request) -> str | None:
    """The service beside S3 that a request is for; None: S3."""
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
    """STS and KMS know one path only: told by the protocol, or by what the request is signed for."""
    headers = request.headers
    if headers.get("x-amz-target", "").startswith(_TARGET):
        return KMS
    match = _SCOPE.search(headers.get("authorization", "")) or _QUERY_SCOPE.search(request.query)
    if match is not None:
        return match[1].lower()
    if request.method == "POST" and headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        body = request.payload.data
        return STS if body.startswith(b"Action=") or (b"&Action=" in body and _VERSION in body) else None
    return None

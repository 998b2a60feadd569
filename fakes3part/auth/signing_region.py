"""Checks that a bucket is addressed, and the request signed, in the bucket's region.

AWS's hosts are checked as AWS does. An endpoint without a region (a server on 127.0.0.1, a custom endpoint) stands for the
endpoints of all regions: it has the region that a request is signed for, and serves the buckets of all regions. With
``strict_regions=True`` it has the configured region, and requests must be signed for the bucket's region, because botocore can
follow that error: it signs the request again.

At an endpoint of another partition the bucket does not exist. (All partitions share one namespace of bucket names here.)

Sources: the error for a wrong region in the signature is recorded from AWS, February 2026; the redirects are as AWS responses in
the issues of s3rs and bsdec2 show them, and as botocore's ``S3RegionRedirectorv2`` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from ..errors import S3Error
from ..message import Request
from ..protocol.address import Address
from ..protocol.aws_hosts import ACCELERATE, GENERAL, Endpoint
from ..rules.regions import DNS_DELAY, HOME, partition_of, permanent_redirect, region_of, temporary_redirect
from ..state.bucket import GENERAL_PURPOSE, Bucket
from .environment import AuthEnvironment
from .signatures import presigned_url, sigv4
from .signatures.crypto import ALGORITHM

_CREDENTIAL_PARAMETER = "X-Amz-Credential"
_REGION = re.compile(r"[a-z0-9-]{1,63}")
"""What may be the name of a region. It becomes part of ARNs and headers. (s3cmd signs for ``US`` until a response names one.)"""


def follows_signature(environment: AuthEnvironment, endpoint: Endpoint) -> bool:
    """Return whether the endpoint has the region that a request is signed for: its host names none, and nothing is strict."""
    return endpoint.region is None and endpoint.suffix is None and not environment.settings.strict_regions


def endpoint_region(environment: AuthEnvironment, endpoint: Endpoint, request: Request, query: Mapping[str, str]) -> str:
    """Return the region of an endpoint; where its host names none, the one in the signature, or else the configured one."""
    if endpoint.region is not None:
        return endpoint.region
    signed = signed_region(request, query) if follows_signature(environment, endpoint) else None
    return checked_region(signed) or environment.settings.region


def checked_region(text: str | None) -> str | None:
    """Return the region of a credential scope; None if it is None, or cannot be the name of a region."""
    return text if text is not None and _REGION.fullmatch(text) else None


def check_region(
    environment: AuthEnvironment, address: Address, bucket: Bucket, operation: str, request: Request, query: Mapping[str, str]
) -> None:
    """Raise unless the bucket is served at the endpoint and the request is signed for the bucket's region.

    Raises:
        S3Error: NoSuchBucket at another partition's endpoint, PermanentRedirect, TemporaryRedirect,
            IllegalLocationConstraintException, AuthorizationHeaderMalformed or AuthorizationQueryParametersError.
    """
    endpoint = address.endpoint
    if endpoint.region == bucket.region == signed_region(request, query):
        return
    strict = environment.settings.strict_regions
    if (
        strict is False
        or bucket.kind is not GENERAL_PURPOSE
        or (endpoint.kind is not GENERAL and endpoint.kind is not ACCELERATE)
    ):
        return
    region = region_of(bucket)
    if endpoint.suffix is None:
        if strict:
            _check_signed_region(request, query, region)
        return
    if endpoint.region != region:
        if endpoint.region is not None and partition_of(endpoint.region) != partition_of(region):
            raise S3Error("NoSuchBucket", BucketName=bucket.name)
        follows_dns = endpoint.kind is ACCELERATE or (endpoint.is_global and endpoint.bucket is not None)
        if not follows_dns:
            if operation == "GetBucketLocation" and endpoint.region == HOME and endpoint.bucket is None:
                return  # it returns the region of any bucket there
            raise permanent_redirect(bucket, endpoint.suffix)
        if (
            endpoint.is_global
            and environment.clock.now() - bucket.created < DNS_DELAY
            and signed_region(request, query) not in (None, region)
        ):
            target = f"{request.path}?{request.query}" if request.query else request.path
            raise temporary_redirect(bucket, endpoint.suffix, request.scheme, target)
    _check_signed_region(request, query, region)


def signed_region(request: Request, query: Mapping[str, str]) -> str | None:
    """Return the region in the credential scope; None if the request is not signed, or the scheme has no region."""
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return _region_before_signature(authorization.rpartition(", Signature=")[0]) or _region_in_header(authorization)
    if query.get("X-Amz-Algorithm") != ALGORITHM:
        return None
    return _region_of_credential(query.get(_CREDENTIAL_PARAMETER, ""))


def _region_in_header(authorization: str) -> str | None:
    if not authorization.startswith(ALGORITHM):
        return None
    return _region_of_credential(authorization.partition("Credential=")[2])


_region_before_signature = lru_cache(maxsize=256)(_region_in_header)
"""What stands before the signature is the same in all requests of a day."""


def _region_of_credential(credential: str) -> str | None:
    parts = credential.split("/", 3)
    return parts[2] if len(parts) > 3 else None


def _check_signed_region(request: Request, query: Mapping[str, str], region: str) -> None:
    actual = signed_region(request, query)
    if actual is not None and actual != region:
        raise wrong_region_error(request, actual, region)


def wrong_region_error(request: Request, actual: str, expected: str) -> S3Error:
    """Return the error for a signature scoped to the wrong region; its text depends on header or query signing.

    For HEAD the region goes into a header, since there is no body.
    """
    headers = {"x-amz-bucket-region": expected} if request.method == "HEAD" else None
    if "authorization" in request.headers:
        return sigv4.malformed_header_error(f"the region '{actual}' is wrong; expecting '{expected}'", headers, Region=expected)
    return presigned_url.credential_error(f'the region "{actual}" is wrong; expecting "{expected}"', headers, Region=expected)


def add_bucket_region(error: S3Error, environment: AuthEnvironment, bucket_name: str | None) -> None:
    """Add the bucket's region to a 403 of HeadBucket; ``bucket_name`` None: the request addresses no bucket."""
    bucket = environment.store.get(bucket_name) if bucket_name is not None else None
    if bucket is not None and error.status == 403:
        error.headers["x-amz-bucket-region"] = region_of(bucket)

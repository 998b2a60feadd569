"""Was a bucket asked for where it lives, and the request signed for there?

AWS's hosts are judged as AWS does it. A endpoint without a region (a server on 127.0.0.1, a custom endpoint) leads to any bucket;
only a fake with ``strict_regions=True`` asks there that the signature is for the bucket's region, which is as far as botocore
can follow: it signs anew, and cannot go elsewhere.

Partitions are worlds apart: at another one's endpoint there is no such bucket. (Their names are one namespace here, though.)
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import S3Error
from ..message import Request
from ..protocol.address import Address
from ..protocol.aws_hosts import ACCELERATE, GENERAL
from ..rules.regions import DNS_DELAY, HOME, partition_of, permanent_redirect, region_of, temporary_redirect
from ..state.bucket import GENERAL_PURPOSE, Bucket
from .environment import AuthEnvironment
from .signatures import presigned_url, sigv4
from .signatures.crypto import ALGORITHM

_CREDENTIAL_PARAMETER = "X-Amz-Credential"


def check_region(
    environment: AuthEnvironment, address: Address, bucket: Bucket, operation: str, request: Request, query: Mapping[str, str]
) -> None:
    """Raise unless the bucket is found at this endpoint, by this signature.

    Raises:
        S3Error: NoSuchBucket at another partition's endpoint, PermanentRedirect, TemporaryRedirect,
            IllegalLocationConstraintException, AuthorizationHeaderMalformed or AuthorizationQueryParametersError.
    """
    endpoint, strict = address.endpoint, environment.settings.strict_regions
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
                return  # the one place and operation that tells of all buckets
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
    """The region in the scope of the signature; None without one, or where the scheme knows none."""
    authorization = request.headers.get("authorization")
    if authorization is not None:
        if not authorization.startswith(ALGORITHM):
            return None
        credential = authorization.partition("Credential=")[2]
    else:
        credential = query.get(_CREDENTIAL_PARAMETER, "")
    parts = credential.split("/", 3)
    return parts[2] if len(parts) > 3 else None


def _check_signed_region(request: Request, query: Mapping[str, str], region: str) -> None:
    actual = signed_region(request, query)
    if actual is not None and actual != region:
        raise wrong_region(request, actual, region)


def wrong_region(request: Request, actual: str, expected: str) -> S3Error:
    """The error of a signature for another region, in the words of the way it came. A HEAD has no document to name it in."""
    headers = {"x-amz-bucket-region": expected} if request.method == "HEAD" else None
    if "authorization" in request.headers:
        return sigv4.header_malformed(f"the region '{actual}' is wrong; expecting '{expected}'", headers, Region=expected)
    return presigned_url.credential_error(f'the region "{actual}" is wrong; expecting "{expected}"', headers, Region=expected)


def add_bucket_region(error: S3Error, environment: AuthEnvironment, bucket_name: str | None) -> None:
    """HeadBucket tells the region of a bucket to those too who may not use it."""
    bucket = environment.store.get(bucket_name) if bucket_name is not None else None
    if bucket is not None and error.status == 403:
        error.headers["x-amz-bucket-region"] = region_of(bucket)

"""Transfer Acceleration: the configuration of a bucket, and the requests that the accelerate endpoint refuses.

The texts are those of the error list in botocore's S3 model documentation. Assumed, not recorded from AWS: CreateBucket and
DeleteBucket are MethodNotAllowed at the accelerate endpoint; suspending acceleration that was never enabled changes nothing.
"""

from __future__ import annotations

from typing import NoReturn

from ...errors import S3Error
from ...protocol.address import Address
from ...protocol.aws_hosts import ACCELERATE, parse_host
from ...rules.regions import region_of
from ...state.bucket import Bucket
from ..context import Context
from ..registry import Params
from .configurations import configuration

ENABLED, SUSPENDED = "Enabled", "Suspended"

_UNAVAILABLE = frozenset({"CreateBucket", "DeleteBucket"})


def _parse(context: Context, params: Params) -> str | None:
    """Return the new status. To suspend acceleration that was never enabled changes nothing.

    Raises:
        S3Error: MalformedXML.
    """
    status: str | None = params.get("AccelerateConfiguration", {}).get("Status")
    if status not in (ENABLED, SUSPENDED):
        raise S3Error("MalformedXML")
    return status if status == ENABLED or context.bucket.accelerate is not None else None


def _check_name(context: Context, params: Params) -> None:
    if "." in context.bucket.name:
        text = "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"
        raise S3Error("InvalidRequest", text)


configuration(
    field="accelerate",
    put="PutBucketAccelerateConfiguration",
    get="GetBucketAccelerateConfiguration",
    delete=None,
    parse=_parse,
    show=lambda status: {"Status": status},
    missing=None,
    check_bucket=_check_name,
)


def check_accelerated(address: Address, operation: str, method: str, bucket: Bucket | None) -> None:
    """Check that the bucket and the operation are available at the accelerate endpoint.

    Raises:
        S3Error: InvalidRequest, MethodNotAllowed.
    """
    if address.endpoint.bucket is None:
        _refuse("Amazon S3 Transfer Accelerate endpoint only supports virtual style requests.")
    if operation in _UNAVAILABLE:
        raise S3Error("MethodNotAllowed", None, Method=method, ResourceType="BUCKET")
    if bucket is None:
        return
    if "." in bucket.name:
        _refuse("Amazon S3 Transfer Acceleration is not supported for buckets with periods (.) in their names.")
    if bucket.accelerate is None:
        _refuse("Amazon S3 Transfer Accelerate is not configured on this bucket.")
    if bucket.accelerate == SUSPENDED:
        _refuse("Amazon S3 Transfer Accelerate is disabled on this bucket.")


def check_accelerated_source(context: Context, source: Bucket) -> None:
    """Check that a copy at the accelerate endpoint stays in one region.

    Raises:
        S3Error: InvalidRequest.
    """
    if region_of(source) != region_of(context.bucket) and parse_host(context.request.host).kind is ACCELERATE:
        _refuse("Amazon S3 Transfer Acceleration does not support cross-Region copies.")


def _refuse(text: str) -> NoReturn:
    raise S3Error("InvalidRequest", text)

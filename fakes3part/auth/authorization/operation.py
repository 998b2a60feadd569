"""May they, asked for a whole request: every action that its operation needs, and what nobody anonymous or foreign ever may."""

from __future__ import annotations

from collections.abc import Mapping

from ...clock import Clock
from ...errors import S3Error, invalid_argument
from ...message import Request
from ...state.access_points import AccessPoint
from ...state.bucket import Bucket
from ..callers import Caller
from ..policies.actions import needed
from .access_points import through
from .evaluate import authorize, unquestioned
from .request import Access, Given

PAYER = "x-amz-request-payer"

_NEVER_ANONYMOUS = {
    "CopyObject": "Anonymous users cannot copy objects. Please authenticate.",
    "CreateMultipartUpload": "Anonymous users cannot initiate multipart uploads. Please authenticate.",
    **{
        name: f"s3:{name} does not support Anonymous requests!"
        for name in ("GetBucketOwnershipControls", "PutBucketOwnershipControls", "DeleteBucketOwnershipControls")
    },
}
_NOT_EVEN_IF_ALLOWED = {
    "UploadPartCopy": "Anonymous users cannot copy objects. Please authenticate.",
    "SelectObjectContent": "Anonymous users cannot invoke this API. Please authenticate.",
}
_OWNERS_ONLY = frozenset({"GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"})
"""Other accounts that are allowed it get 405: documented with the operations."""


def check_payer(headers: Mapping[str, str]) -> None:
    """The header has one value.

    Raises:
        S3Error: InvalidArgument.
    """
    value = headers.get(PAYER)
    if value is not None and value != "requester":
        raise invalid_argument(f"Invalid value for the {PAYER} header.", PAYER, value)


def permit(
    operation: str,
    caller: Caller,
    bucket: Bucket,
    key: str | None,
    request: Request,
    query: Mapping[str, str],
    *,
    region: str = "",
    clock: Clock | None = None,
    point: AccessPoint | None = None,
) -> None:
    """Raise unless the caller may do all that the operation needs. (DeleteObjects asks for itself, key by key.)

    ``point`` is the access point that the bucket is addressed through.

    Raises:
        S3Error: AccessDenied, InvalidRequest, MethodNotAllowed.
    """
    if point is None and unquestioned(caller, bucket):
        return
    if caller.is_anonymous:
        _check_anonymous(operation, query)
    if operation == "DeleteObjects":
        return
    version_id = query.get("versionId")
    for action in needed(operation, request.headers, query):
        access = Access(caller, action, bucket, key, request, query, version_id=version_id, region=region, clock=clock)
        authorize(through(access, point))
    if caller.is_anonymous and operation in _NOT_EVEN_IF_ALLOWED:
        raise S3Error("AccessDenied", _NOT_EVEN_IF_ALLOWED[operation])
    if operation in _OWNERS_ONLY and (caller.account is None or caller.account.id != bucket.account):
        raise S3Error("MethodNotAllowed", None, Method=request.method, ResourceType="BUCKETPOLICY")


def permit_service(
    operation: str,
    caller: Caller,
    request: Request,
    query: Mapping[str, str],
    *,
    name: str | None = None,
    given: Given | None = None,
    region: str = "",
    clock: Clock | None = None,
    also: tuple[str, ...] = (),
) -> None:
    """The same where there is no bucket (yet): ListBuckets, and CreateBucket of ``name``; ``also``: further actions.

    Raises:
        S3Error: AccessDenied.
    """
    if caller.is_root:
        return
    for action in (*needed(operation, request.headers, query), *also):
        authorize(Access(caller, action, None, None, request, query, name=name, given=given, region=region, clock=clock))


def _check_anonymous(operation: str, query: Mapping[str, str]) -> None:
    if operation in ("GetObject", "HeadObject") and any(name.startswith("response-") for name in query):
        raise S3Error("InvalidRequest", "Request specific response headers cannot be used for anonymous GET requests.")
    if operation in _NEVER_ANONYMOUS:
        raise S3Error("AccessDenied", _NEVER_ANONYMOUS[operation])

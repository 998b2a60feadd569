"""Authorizes a request: checks every IAM action its operation needs, and rejects what other callers can never do."""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import S3Error, invalid_argument
from ...leniences import allow
from ...state.access_points import AccessPoint
from ...state.bucket import Bucket
from ..policies.actions import required_actions
from .evaluate import authorize
from .request import AuthorizationRequest, Conditions, RequestContext

PAYER_HEADER = "x-amz-request-payer"

_DENIED_TO_ANONYMOUS_FIRST = {
    "CopyObject": "Anonymous users cannot copy objects. Please authenticate.",
    "CreateBucket": "Anonymous users cannot invoke this API. Please authenticate.",
    "CreateMultipartUpload": "Anonymous users cannot initiate multipart uploads. Please authenticate.",
    **{
        name: f"s3:{name} does not support Anonymous requests!"
        for name in ("GetBucketOwnershipControls", "PutBucketOwnershipControls", "DeleteBucketOwnershipControls")
    },
}
_DENIED_TO_ANONYMOUS_LAST = {
    "UploadPartCopy": "Anonymous users cannot copy objects. Please authenticate.",
    "SelectObjectContent": "Anonymous users cannot invoke this API. Please authenticate.",
}
_OWNERS_ONLY = frozenset({"GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"})
"""Operations that return 405 to other accounts that are allowed them (API reference of each operation)."""


def check_payer(headers: Mapping[str, str]) -> None:
    """Raise unless ``x-amz-request-payer``, where present, is ``requester``.

    Raises:
        S3Error: InvalidArgument.
    """
    value = headers.get(PAYER_HEADER)
    if value is not None and value != "requester":
        raise invalid_argument(f"Invalid value for the {PAYER_HEADER} header.", PAYER_HEADER, value)


def authorize_operation(
    operation: str, context: RequestContext, bucket: Bucket, key: str | None = None, access_point: AccessPoint | None = None
) -> None:
    """Raise unless the caller may perform every action that the operation needs. DeleteObjects authorizes each key by itself.

    Args:
        key: None: the operation concerns the bucket.
        access_point: the access point through which the bucket is addressed; None: it is addressed directly.

    Raises:
        S3Error: AccessDenied, InvalidRequest, MethodNotAllowed.
    """
    caller, query = context.caller, context.query
    if caller.is_anonymous:
        check_anonymous(operation, context)
    if operation == "DeleteObjects":
        return
    version_id = query.get("versionId")
    for action in required_actions(operation, context.headers, query):
        authorize(AuthorizationRequest(context, action, bucket, key, version_id, access_point))
    if caller.is_anonymous and operation in _DENIED_TO_ANONYMOUS_LAST and not _is_lenient(context):
        raise S3Error("AccessDenied", _DENIED_TO_ANONYMOUS_LAST[operation])
    if operation in _OWNERS_ONLY and not _is_owner(context, bucket):
        raise S3Error("MethodNotAllowed", None, Method=context.http_request.method, ResourceType="BUCKETPOLICY")


def authorize_service_operation(
    operation: str,
    context: RequestContext,
    *,
    bucket_name: str | None = None,
    extra_conditions: Conditions | None = None,
    extra_actions: tuple[str, ...] = (),
) -> None:
    """Authorize an operation on no existing bucket: ListBuckets or CreateBucket.

    Args:
        bucket_name: the name of the bucket to create; None: the operation is about all buckets.
        extra_conditions: condition keys that do not come from the HTTP request; None: there are none.
        extra_actions: actions that are needed beside those of the operation.

    Raises:
        S3Error: AccessDenied.
    """
    if context.caller.is_root:
        return
    for action in (*required_actions(operation, context.headers, context.query), *extra_actions):
        authorize(AuthorizationRequest(context, action, bucket_name=bucket_name, extra_conditions=extra_conditions))


def _is_owner(context: RequestContext, bucket: Bucket) -> bool:
    account = context.caller.account
    if account is None:
        return _is_lenient(context)
    return account.id == bucket.account or allow(context.http_request, "other_accounts")


def _is_lenient(context: RequestContext) -> bool:
    """Return whether the fake lets anonymous callers do what S3 denies them."""
    return allow(context.http_request, "anonymous")


def check_anonymous(operation: str, context: RequestContext) -> None:
    """Check what S3 denies to anonymous callers whatever the policies say.

    Raises:
        S3Error: AccessDenied, InvalidRequest.
    """
    overrides_headers = operation in ("GetObject", "HeadObject") and any(name.startswith("response-") for name in context.query)
    if overrides_headers and not _is_lenient(context):
        raise S3Error("InvalidRequest", "Request specific response headers cannot be used for anonymous GET requests.")
    if operation in _DENIED_TO_ANONYMOUS_FIRST and not _is_lenient(context):
        raise S3Error("AccessDenied", _DENIED_TO_ANONYMOUS_FIRST[operation])

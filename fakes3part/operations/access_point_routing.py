"""Access points as the target of a request or the source of a copy: by ARN (which clients turn into a host name) or by alias.

Sources: the user guide's page "Access points compatibility", and botocore's model documentation of ``Bucket`` in each operation
and of NoSuchAccessPoint and InvalidAccessPointAliasError. MethodNotAllowed for all other operations is assumed: not recorded from
AWS.
"""

from __future__ import annotations

from ..auth.access_point_address import ENDPOINT_LABEL, find_access_point
from ..errors import S3Error
from ..protocol.address import Address
from ..protocol.aws_hosts import ACCESS_POINT, OUTPOSTS
from ..state.access_points import ALIAS, ALIAS_FORM, OUTPOSTS_ALIAS, POINT_ARN, AccessPoint
from ..state.bucket import Bucket
from ..state.store import Store

ACCESS_POINT_OPERATIONS = frozenset(
    [
        "AbortMultipartUpload",
        "CompleteMultipartUpload",
        "CopyObject",
        "CreateMultipartUpload",
        "DeleteObject",
        "DeleteObjectTagging",
        "DeleteObjects",
        "GetBucketAcl",
        "GetBucketCors",
        "GetBucketLocation",
        "GetBucketNotification",
        "GetBucketNotificationConfiguration",
        "GetBucketPolicy",
        "GetObject",
        "GetObjectAcl",
        "GetObjectAttributes",
        "GetObjectLegalHold",
        "GetObjectLockConfiguration",
        "GetObjectRetention",
        "GetObjectTagging",
        "HeadBucket",
        "HeadObject",
        "ListMultipartUploads",
        "ListObjectVersions",
        "ListObjects",
        "ListObjectsV2",
        "ListParts",
        "PutObject",
        "PutObjectAcl",
        "PutObjectLegalHold",
        "PutObjectRetention",
        "PutObjectTagging",
        "RestoreObject",
        "UpdateObjectEncryption",
        "UploadPart",
        "UploadPartCopy",
    ]
)
"""The operations that access points of general purpose buckets support."""

OUTPOSTS_OPERATIONS = frozenset(
    [
        "AbortMultipartUpload",
        "CompleteMultipartUpload",
        "CopyObject",
        "CreateMultipartUpload",
        "DeleteObject",
        "DeleteObjectTagging",
        "DeleteObjects",
        "GetObject",
        "GetObjectAttributes",
        "GetObjectTagging",
        "HeadBucket",
        "HeadObject",
        "ListMultipartUploads",
        "ListObjectVersions",
        "ListObjects",
        "ListObjectsV2",
        "ListParts",
        "PutObject",
        "PutObjectTagging",
        "UploadPart",
        "UploadPartCopy",
    ]
)
"""The operations that access points on Outposts support."""


def resolve(store: Store, address: Address, operation: str, method: str) -> tuple[AccessPoint | None, Address]:
    """Return the access point that a request goes to, and the address of its bucket.

    Returns:
        None and the address as it is, if the address is not an access point's.

    Raises:
        S3Error: NoSuchAccessPoint, InvalidAccessPointAliasError, or MethodNotAllowed for an operation that it does not support.
    """
    point = find_access_point(store, address)
    if point is None and operation != "CreateBucket":  # the naming rules check the name of a new bucket
        check_missing(address)
    if point is not None and operation not in (ACCESS_POINT_OPERATIONS if point.outpost is None else OUTPOSTS_OPERATIONS):
        raise S3Error("MethodNotAllowed", Method=method, ResourceType="ACCESSPOINT")
    return point, address if point is None else bucket_address(point, address)


def check_missing(address: Address, *, bucket_is_missing: bool = False) -> None:
    """Raise for an address that only an access point can have; none has it.

    Args:
        bucket_is_missing: whether no bucket has this name either. Then ``name-123456789012`` before a custom endpoint's host
            counts as an access point's address.

    Raises:
        S3Error: NoSuchAccessPoint or InvalidAccessPointAliasError.
    """
    endpoint, name = address.endpoint, address.bucket or ""
    if endpoint.kind in (ACCESS_POINT, OUTPOSTS):
        raise no_such_access_point(name)
    _check_alias(name)
    if (
        bucket_is_missing
        and endpoint.bucket is not None
        and endpoint.region is None
        and (label := ENDPOINT_LABEL.fullmatch(name))
    ):
        raise no_such_access_point(label["name"])


def _check_alias(name: str) -> None:
    """Raise for a name that is an alias by its suffix."""
    if name.endswith(ALIAS) and not ALIAS_FORM.fullmatch(name):
        raise S3Error("InvalidAccessPointAliasError")
    if name.endswith((ALIAS, OUTPOSTS_ALIAS)):
        raise no_such_access_point(name)


def no_such_access_point(name: str) -> S3Error:
    """Return the error for an access point that does not exist."""
    return S3Error("NoSuchAccessPoint", AccessPointName=name)


def bucket_address(point: AccessPoint, address: Address) -> Address:
    """Return the address of the access point's bucket, with the access point's region if the endpoint has none."""
    endpoint = address.endpoint
    if endpoint.region is None:
        endpoint = endpoint._replace(region=point.region)
    return address._replace(bucket=point.bucket, endpoint=endpoint)


def bucket_of(store: Store, point: AccessPoint) -> Bucket | None:
    """Return the access point's bucket; None: it does not exist, or another account owns the name by now."""
    if point.outpost is not None:
        return store.points.outposts.get((point.bucket_account, point.outpost, point.bucket))
    bucket = store.get(point.bucket)
    return bucket if bucket is not None and bucket.account == point.bucket_account else None


def source_point(store: Store, name: str, target: Bucket, request_point: AccessPoint | None) -> AccessPoint | None:
    """Return the access point that names a copy's source, by ARN (without ``/object/...``) or alias; None: it is a bucket.

    Copies through access points must stay in one Region, and those on Outposts in one bucket (botocore's model documentation). On
    Outposts the ARN may end after the Outpost's id: it means the access point that the request goes to.

    Args:
        name: the bucket of the copy source.
        target: the bucket that is copied to.
        request_point: the access point that the request goes to; None: it goes to a bucket.

    Raises:
        S3Error: NoSuchAccessPoint, InvalidAccessPointAliasError, or InvalidRequest for a copy across Regions or Outposts buckets.
    """
    if not name.startswith("arn:") and not name.endswith((ALIAS, OUTPOSTS_ALIAS)):
        if target.outpost is not None:
            raise _cross_boundary_copy()
        return None
    if (
        request_point is not None
        and request_point.outpost is not None
        and name == request_point.arn.partition("/accesspoint/")[0]
    ):
        return request_point
    point = store.points.by_arn(name) if name.startswith("arn:") else store.points.by_alias(name)
    if point is None:
        _check_alias(name)
        arn = POINT_ARN.fullmatch(name)
        raise no_such_access_point(arn["name"] if arn else name)
    if (point.outpost, target.outpost) != (None, None) and bucket_of(store, point) is not target:
        raise _cross_boundary_copy()
    if point.outpost is None and point.region != ("eu-west-1" if target.region == "EU" else target.region):
        text = "Copies through access points are supported only when the source and destination buckets are in the same Region."
        raise S3Error("InvalidRequest", text)
    return point


def _cross_boundary_copy() -> S3Error:
    """Return the error for a copy that leaves the Outposts bucket."""
    return S3Error("InvalidRequest", "You can only copy objects within the same Outposts bucket.")

"""Access points as addresses: by ARN (which clients make a host name of), by alias, and what they refuse.

What they support is the user guide's list ("Access points compatibility") and what botocore's model says of each operation's
``Bucket``. Errors are those of facts 50.2.
"""

from __future__ import annotations

from ..auth.access_point_address import LABEL, point_at
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
"""What access points of general purpose buckets do."""

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
"""What access points on Outposts do."""


def resolve(store: Store, address: Address, operation: str, method: str) -> tuple[AccessPoint | None, Address]:
    """The access point that a request goes to, None: it goes to none; and the address of the bucket behind.

    Raises:
        S3Error: NoSuchAccessPoint, InvalidAccessPointAliasError, or MethodNotAllowed for what access points do not do.
    """
    point = point_at(store, address)
    if point is None and operation != "CreateBucket":  # any name of a new bucket is a matter of the naming rules
        check_missing(address)
    if point is not None and operation not in (ACCESS_POINT_OPERATIONS if point.outpost is None else OUTPOSTS_OPERATIONS):
        raise S3Error("MethodNotAllowed", Method=method, ResourceType="ACCESSPOINT")
    return point, address if point is None else bucket_address(point, address)


def check_missing(address: Address, *, bucket_is_missing: bool = False) -> None:
    """Raise for an address that could only be an access point's: there is none.

    ``bucket_is_missing``: there is no bucket of that name either; then ``name-123456789012`` before a host of one's own is one.

    Raises:
        S3Error: NoSuchAccessPoint or InvalidAccessPointAliasError.
    """
    endpoint, name = address.endpoint, address.bucket or ""
    if endpoint.kind in (ACCESS_POINT, OUTPOSTS):
        raise no_such_access_point(name)
    _check_alias(name)
    if bucket_is_missing and endpoint.bucket is not None and endpoint.region is None and (label := LABEL.fullmatch(name)):
        raise no_such_access_point(label["name"])


def _check_alias(name: str) -> None:
    if name.endswith(ALIAS) and not ALIAS_FORM.fullmatch(name):
        raise S3Error("InvalidAccessPointAliasError")
    if name.endswith((ALIAS, OUTPOSTS_ALIAS)):
        raise no_such_access_point(name)


def no_such_access_point(name: str) -> S3Error:
    return S3Error("NoSuchAccessPoint", AccessPointName=name)


def bucket_address(point: AccessPoint, address: Address) -> Address:
    """The bucket's name in the place of the access point's; the region is known now, if the host did not tell it."""
    endpoint = address.endpoint
    if endpoint.region is None:
        endpoint = endpoint._replace(region=point.region)
    return address._replace(bucket=point.bucket, endpoint=endpoint)


def bucket_of(store: Store, point: AccessPoint) -> Bucket | None:
    """The bucket behind an access point, if it is still there, and still that account's."""
    if point.outpost is not None:
        return store.points.outposts.get((point.bucket_account, point.outpost, point.bucket))
    bucket = store.get(point.bucket)
    return bucket if bucket is not None and bucket.account == point.bucket_account else None


def source_point(store: Store, name: str, target: Bucket, destination_point: AccessPoint | None) -> AccessPoint | None:
    """The access point that a copy's source is named by: an ARN (without ``/object/...``) or an alias; None: it is a bucket.

    Botocore's model: copies through access points stay in one region, and those on Outposts in one bucket, which the ARN need
    not name: ``arn:aws:s3-outposts:...:outpost/op-...`` is that of the access point that the request goes to (``here``).

    Raises:
        S3Error: NoSuchAccessPoint, InvalidAccessPointAliasError, or InvalidRequest for a copy that goes too far.
    """
    if not name.startswith("arn:") and not name.endswith((ALIAS, OUTPOSTS_ALIAS)):
        if target.outpost is not None:
            raise _cross_boundary_copy()
        return None
    if (
        destination_point is not None
        and destination_point.outpost is not None
        and name == destination_point.arn.partition("/accesspoint/")[0]
    ):
        return destination_point
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
    return S3Error("InvalidRequest", "You can only copy objects within the same Outposts bucket.")

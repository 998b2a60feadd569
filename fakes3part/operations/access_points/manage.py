"""Create and change access points and buckets on Outposts, for S3 Control and for the methods of `FakeS3`.

Assumed, as AWS's documentation does not say: NoSuchBucket for a missing bucket, AccessDenied for a bucket of another account than
the one named, InvalidAccessPoint for an impossible name.
"""

from __future__ import annotations

from datetime import datetime

from ...auth.authorization.access_points import check_access_point_policy, is_public_access_point
from ...auth.policies.policy import PolicyError
from ...errors import S3Error, invalid_argument
from ...rules.names import check_bucket_name
from ...rules.regions import region_of
from ...state.access_control import BLOCK_ALL, PublicAccessBlock
from ...state.access_points import BUCKET_ARN, NAME, OUTPOST_ID, AccessPoint, bucket_arn
from ...state.bucket import OUTPOSTS, Bucket
from ...state.store import Store

NAME_RULE = (
    "the name of an access point has 3 to 50 lower-case letters, digits and hyphens, a letter or digit at both ends, and does "
    "not end in -s3alias or --op-s3"
)

MAX_POLICY = 20 * 1024
"""Bytes: S3's own limit for access point policies."""


def find_bucket(store: Store, name: str, account: str, outpost: str | None = None) -> Bucket:
    """Return the bucket for a new access point.

    Args:
        name: a name, or the ARN of a bucket on an Outpost.
        account: the bucket's owner.
        outpost: the Outpost of a bucket that is not named by ARN; None: a bucket in a Region.

    Raises:
        S3Error: NoSuchBucket, or AccessDenied for another account's.
    """
    arn = BUCKET_ARN.fullmatch(name)
    if arn is not None or outpost is not None:
        key = (arn["account"], arn["outpost"], arn["name"]) if arn else (account, outpost or "", name)
        bucket = store.points.outposts.get(key)
        if bucket is None or (arn is not None and arn["region"] != bucket.region):
            raise S3Error("NoSuchBucket", BucketName=key[-1])
    else:
        bucket = store.get(name)
        if bucket is None:
            raise S3Error("NoSuchBucket", BucketName=name)
    if bucket.account != account:
        raise S3Error("AccessDenied")
    return bucket


def find_bucket_any_owner(store: Store, name: str) -> Bucket:
    """Return the bucket with a name or an Outposts ARN, whatever its owner.

    Raises:
        S3Error: NoSuchBucket.
    """
    arn, bucket = BUCKET_ARN.fullmatch(name), store.get(name)
    if arn is None and bucket is None:
        raise S3Error("NoSuchBucket", BucketName=name)
    return bucket or find_bucket(store, name, arn["account"] if arn else "")


def add_access_point(
    store: Store,
    name: str,
    account: str,
    bucket: Bucket,
    created: datetime,
    *,
    region: str | None = None,
    vpc: str | None = None,
    block: PublicAccessBlock = BLOCK_ALL,
    policy: str | None = None,
) -> AccessPoint:
    """Create an access point.

    Args:
        region: the Region that the request was sent to; None: any.
        vpc: the VPC that may use it; None: it can be used from the internet.
        block: its public access block.
        policy: its policy; None: it has none.

    Raises:
        S3Error: InvalidAccessPoint, InvalidRequest for one on an Outpost without a VPC or in another ``region`` than the
            bucket's, AccessPointAlreadyOwnedByYou, and those of `set_policy`.
    """
    if not NAME.fullmatch(name):
        raise S3Error("InvalidAccessPoint")
    if bucket.outpost is not None and vpc is None:
        raise S3Error("InvalidRequest", "S3 on Outposts only supports VPC-style access points.")
    bucket_region = region_of(bucket)
    if region is not None and region != bucket_region:
        raise S3Error(
            "InvalidRequest", f"The bucket is in {bucket_region}: its access points can be created in that Region only."
        )
    point = AccessPoint(name, account, bucket_region, bucket.name, bucket.account, created, vpc, block, None, bucket.outpost)
    if policy is not None:
        _check_policy(point, policy)
        point = point.with_policy(policy)
    if store.points.add(point) is not point:
        raise S3Error("AccessPointAlreadyOwnedByYou", AccessPointName=name)
    return point


def set_policy(store: Store, point: AccessPoint, policy: str | None) -> None:
    """Replace the policy of an access point; None removes it.

    Raises:
        S3Error: MalformedPolicy, PolicyTooLarge, or AccessDenied for a public one where the access point blocks those.
    """
    if policy is not None:
        _check_policy(point, policy)
    store.points.replace(point.with_policy(policy))


def _check_policy(point: AccessPoint, text: str) -> None:
    if len(text.encode()) > MAX_POLICY:
        raise S3Error("PolicyTooLarge", MaxSizeAllowed=MAX_POLICY)
    try:
        check_access_point_policy(text, point.arn)
    except PolicyError as error:
        raise S3Error("MalformedPolicy", error.message) from None
    if point.block.block_public_policy and point.outpost is None and is_public_access_point(point, text):
        raise S3Error("AccessDenied")


def add_outposts_bucket(store: Store, name: str, account: str, region: str, outpost: str, created: datetime) -> Bucket:
    """Create a bucket on an Outpost.

    Raises:
        S3Error: InvalidBucketName, InvalidArgument for an invalid Outpost id, BucketAlreadyOwnedByYou.
    """
    check_bucket_name(name)
    if not OUTPOST_ID.fullmatch(outpost):
        raise invalid_argument("Invalid Outpost id", "x-amz-outpost-id", outpost)
    new = Bucket(name, account, region, created, kind=OUTPOSTS, outpost=outpost, usage=store.usage)
    if store.points.add_bucket(new) is not new:
        raise S3Error("BucketAlreadyOwnedByYou", BucketName=name)
    return new


def delete_outposts_bucket(store: Store, bucket: Bucket) -> None:
    """Delete an empty bucket on an Outpost that has no access points.

    Raises:
        S3Error: BucketNotEmpty, BucketHasAccessPointsAttached.
    """
    with bucket.lock:
        if not bucket.is_empty:
            raise S3Error("BucketNotEmpty", BucketName=bucket.name)
        if any(store.points.of_bucket(bucket)):
            raise S3Error("BucketHasAccessPointsAttached", BucketName=bucket.name)
        store.points.remove_bucket(bucket)
        bucket.stop_counting()


__all__ = ["add_access_point", "add_outposts_bucket", "bucket_arn", "delete_outposts_bucket", "find_bucket", "set_policy"]

"""Making access points and buckets on Outposts, for S3 Control and for `FakeS3`'s own methods.

Chosen where AWS's documentation is silent: NoSuchBucket for a bucket that is not there, AccessDenied for one of another account
than was said, InvalidAccessPoint for a name that can be none.
"""

from __future__ import annotations

from datetime import datetime

from ...auth.authorization.access_points import check_policy, point_is_public
from ...auth.policies.policy import PolicyError
from ...errors import S3Error, invalid_argument
from ...rules.names import check_bucket_name
from ...rules.regions import shown_region
from ...state.access_control import EVERYTHING, PublicAccessBlock
from ...state.access_points import BUCKET_ARN, NAME, OUTPOST_ID, AccessPoint, bucket_arn
from ...state.bucket import OUTPOSTS, Bucket
from ...state.store import Store

MAX_POLICY = 20 * 1024
"""Bytes: S3's own limit for access point policies."""


def find_bucket(store: Store, name: str, account: str, outpost: str | None = None) -> Bucket:
    """The bucket that an access point is to be put before: a name, or the ARN of one on an Outpost.

    ``account`` is the owner's, ``outpost`` where a bucket without an ARN is.

    Raises:
        S3Error: NoSuchBucket, or AccessDenied for another account's.
    """
    arn = BUCKET_ARN.fullmatch(name)
    if arn is not None or outpost is not None:
        key = (arn["account"], arn["outpost"], arn["name"]) if arn else (account, outpost or "", name)
        found = store.points.outposts.get(key)
        if found is None or (arn is not None and arn["region"] != found.region):
            raise S3Error("NoSuchBucket", BucketName=key[-1])
    else:
        found = store.get(name)
        if found is None:
            raise S3Error("NoSuchBucket", BucketName=name)
    if found.account != account:
        raise S3Error("AccessDenied")
    return found


def find_bucket_any_owner(store: Store, name: str) -> Bucket:
    """The bucket of a name or an Outposts ARN, whoever owns it.

    Raises:
        S3Error: NoSuchBucket.
    """
    arn, found = BUCKET_ARN.fullmatch(name), store.get(name)
    if arn is None and found is None:
        raise S3Error("NoSuchBucket", BucketName=name)
    return found or find_bucket(store, name, arn["account"] if arn else "")


def add_access_point(
    store: Store,
    name: str,
    account: str,
    bucket: Bucket,
    created: datetime,
    *,
    region: str | None = None,
    vpc: str | None = None,
    block: PublicAccessBlock = EVERYTHING,
    policy: str | None = None,
) -> AccessPoint:
    """Put an access point before a bucket.

    Raises:
        S3Error: InvalidAccessPoint, InvalidRequest for one on an Outpost without a VPC or in another ``region`` than the
            bucket, AccessPointAlreadyOwnedByYou, and what `set_policy` raises.
    """
    if not NAME.fullmatch(name):
        raise S3Error("InvalidAccessPoint")
    if bucket.outpost is not None and vpc is None:
        raise S3Error("InvalidRequest", "S3 on Outposts only supports VPC-style access points.")
    home = shown_region(bucket)
    if region is not None and region != home:
        raise S3Error("InvalidRequest", f"The bucket is in {home}: its access points can be created in that Region only.")
    point = AccessPoint(name, account, home, bucket.name, bucket.account, created, vpc, block, None, bucket.outpost)
    if policy is not None:
        _check_policy(point, policy)
        point = point.with_policy(policy)
    if store.points.add(point) is not point:
        raise S3Error("AccessPointAlreadyOwnedByYou", AccessPointName=name)
    return point


def set_policy(store: Store, point: AccessPoint, policy: str | None) -> None:
    """Give an access point a policy; None: take it away.

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
        check_policy(text, point.arn)
    except PolicyError as error:
        raise S3Error("MalformedPolicy", error.message) from None
    if point.block.block_public_policy and point.outpost is None and point_is_public(point, text):
        raise S3Error("AccessDenied")


def add_outposts_bucket(store: Store, name: str, account: str, region: str, outpost: str, created: datetime) -> Bucket:
    """Create a bucket on an Outpost.

    Raises:
        S3Error: InvalidBucketName, InvalidArgument for what is no Outpost's id, BucketAlreadyOwnedByYou.
    """
    check_bucket_name(name)
    if not OUTPOST_ID.fullmatch(outpost):
        raise invalid_argument("Invalid Outpost id", "x-amz-outpost-id", outpost)
    new = Bucket(name, account, region, created, kind=OUTPOSTS, outpost=outpost)
    if store.points.add_bucket(new) is not new:
        raise S3Error("BucketAlreadyOwnedByYou", BucketName=name)
    return new


def delete_outposts_bucket(store: Store, bucket: Bucket) -> None:
    """Delete an empty bucket on an Outpost that no access point is before.

    Raises:
        S3Error: BucketNotEmpty, BucketHasAccessPointsAttached.
    """
    with bucket.lock:
        if not bucket.is_empty:
            raise S3Error("BucketNotEmpty", BucketName=bucket.name)
        if any(store.points.of_bucket(bucket)):
            raise S3Error("BucketHasAccessPointsAttached", BucketName=bucket.name)
        store.points.drop_bucket(bucket)


__all__ = ["add_access_point", "add_outposts_bucket", "bucket_arn", "delete_outposts_bucket", "find_bucket", "set_policy"]

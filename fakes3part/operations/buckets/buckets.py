"""CreateBucket, HeadBucket, DeleteBucket, ListBuckets, GetBucketLocation."""

from __future__ import annotations

from ...errors import S3Error, invalid_argument, not_implemented
from ...protocol.aws_hosts import parse_host
from ...rules import acls, tags
from ...rules.listing import decode_token, encode_token
from ...rules.names import check_bucket_name
from ...rules.regions import HOME, REGIONS, partition_of, region_of
from ...state.access_control import ENFORCED, WRITER, combined
from ...state.access_points import bucket_arn
from ...state.bucket import GENERAL_PURPOSE, Bucket
from ...state.object_lock import LockConfiguration
from ..context import Context
from ..registry import Output, Params, operation
from .ownership_controls import OWNERSHIPS

MAX_BUCKETS = 10_000


def _arn(name: str) -> str:
    return f"arn:aws:s3:::{name}"


def location(constraint: str | None, endpoint: str) -> str:
    """The region of a new bucket, as stored (``EU`` stays ``EU``), from its LocationConstraint and the endpoint's region.

    us-east-1 is the one endpoint that creates buckets anywhere, and the one region that must not be named.

    Raises:
        S3Error: IllegalLocationConstraintException at other endpoints, InvalidLocationConstraint at us-east-1.
    """
    if endpoint != "us-east-1":
        if constraint != endpoint:
            raise S3Error(
                "IllegalLocationConstraintException",
                f"The {constraint or 'unspecified'} location constraint is incompatible for the region specific endpoint "
                "this request was sent to.",
            )
        return endpoint
    if constraint is None:
        return endpoint
    if constraint != "EU" and (constraint == HOME or constraint not in REGIONS or partition_of(constraint) != "aws"):
        raise S3Error("InvalidLocationConstraint", LocationConstraint=constraint)
    return constraint


def _refuse_unsupported(params: Params) -> None:
    configuration = params.get("CreateBucketConfiguration", {})
    for member in ("Location", "Bucket"):
        if configuration.get(member):
            raise S3Error("InvalidRequest", f"{member} is only supported by directory buckets")
    if params.get("BucketNamespace", "global") != "global":
        raise not_implemented("CreateBucket", "account-regional namespaces")


def _set_access(context: Context, bucket: Bucket, params: Params) -> None:
    """Ownership, public access block and ACL of a new bucket.

    Raises:
        S3Error: InvalidArgument, InvalidBucketAclWithObjectOwnership, InvalidBucketAclWithBlockPublicAccessError.
    """
    legacy = context.settings.legacy_defaults
    ownership = params.get("ObjectOwnership", WRITER if legacy else ENFORCED)
    if ownership not in OWNERSHIPS:
        raise S3Error(
            "InvalidArgument",
            f"Invalid x-amz-object-ownership header: {ownership}",
            ArgumentName="x-amz-object-ownership",
        )
    bucket.ownership = ownership
    if legacy:
        bucket.public_access_block = None
    if acls.requests_acl(params):
        mine = context.canonical_id(bucket.account)
        if ownership == ENFORCED:
            if params.get("ACL") != "private" or acls.requests_grants_to_others(params, acls.CANNED_FOR_BUCKETS, mine):
                raise S3Error("InvalidBucketAclWithObjectOwnership")
            return
        acl = acls.requested_acl(params, acls.CANNED_FOR_BUCKETS, mine, mine)
        block = combined(bucket.public_access_block, context.store.public_access_blocks.get(bucket.account))
        if block is not None and block.block_public_acls and acls.is_public(acl):
            raise S3Error("InvalidBucketAclWithBlockPublicAccessError")
        bucket.acl = acl


@operation("CreateBucket")
def create_bucket(context: Context, params: Params) -> Output:
    """Create a bucket. In us-east-1 creating one's own again is no error."""
    name = params["Bucket"]
    configuration = params.get("CreateBucketConfiguration", {})
    constraint, tag_set = configuration.get("LocationConstraint"), configuration.get("Tags", [])
    context.authorize_create_bucket(name, constraint, tag_set)
    check_bucket_name(name)
    region = location(constraint, context.region)
    _refuse_unsupported(params)
    new = Bucket(name, context.account, region, context.clock.now())
    new.tags = tags.parse_bucket_tags(tag_set, tags.OF_NEW_BUCKET) or None
    if params.get("ObjectLockEnabledForBucket"):
        new.versioning, new.object_lock = "Enabled", LockConfiguration()
    _set_access(context, new, params)
    there = context.store.add(new)
    if there is not new:
        if there.account != context.account:
            raise S3Error("BucketAlreadyExists", BucketName=name)
        if context.region != HOME or region_of(there) != HOME or new.tags:
            raise S3Error("BucketAlreadyOwnedByYou", BucketName=name)
        if there.ownership != ENFORCED:
            there.acl = new.acl  # created anew in us-east-1, a bucket keeps everything but its ACL
    place = f"/{name}" if context.region == "us-east-1" and region == "us-east-1" else f"http://{name}.s3.amazonaws.com/"
    return {"Location": place, "BucketArn": _arn(name)}


@operation("HeadBucket")
def head_bucket(context: Context, params: Params) -> Output:
    """Whether the bucket is there and may be used, and its region."""
    bucket = context.bucket
    context.headers.append(("Content-Type", "application/xml"))
    by_alias = context.access_point is not None and context.access_point.alias in (
        context.request.host.partition(".")[0],
        context.request.path.strip("/"),
    )
    return {"BucketRegion": region_of(bucket), "AccessPointAlias": by_alias, "BucketArn": bucket_arn(bucket)}


@operation("DeleteBucket")
def delete_bucket(context: Context, params: Params) -> Output:
    """Delete an empty bucket. Open multipart uploads do not keep it; they go with it."""
    bucket = context.bucket
    with bucket.lock:
        context.ensure_exists(bucket)
        if not bucket.is_empty:
            message = None
            if bucket.versioning is not None:
                message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
            raise S3Error("BucketNotEmpty", message, BucketName=bucket.name)
        if any(context.store.points.of_bucket(bucket)):
            raise S3Error("BucketHasAccessPointsAttached", BucketName=bucket.name)
        context.store.remove(bucket)
    return {}


@operation("GetBucketLocation")
def get_bucket_location(context: Context, params: Params) -> Output:
    """The LocationConstraint that the bucket was created with: none for us-east-1, ``EU`` where that was the word."""
    region = context.bucket.region
    return {"LocationConstraint": "" if region == "us-east-1" else region}


def _partition(context: Context) -> str | None:
    """Whose buckets an endpoint of AWS lists; None at an endpoint of one's own, which lists them all."""
    if context.settings.strict_regions is False or parse_host(context.request.host).suffix is None:
        return None
    return partition_of(context.region)


@operation("ListBuckets")
def list_buckets(context: Context, params: Params) -> Output:
    """The caller's buckets by name; in pages only where a page size is asked for."""
    limit = params.get("MaxBuckets", MAX_BUCKETS)
    if not 1 <= limit <= MAX_BUCKETS:
        raise invalid_argument(f"Argument max-buckets must be an integer between 1 and {MAX_BUCKETS}.", "max-buckets", limit)
    region = params.get("BucketRegion")
    if region is not None and region not in REGIONS:
        raise invalid_argument(f"Argument value {region} is not a valid AWS Region", "bucket-region", region)
    prefix = params.get("Prefix", "")
    partition = _partition(context)
    after = decode_token(params["ContinuationToken"]) if "ContinuationToken" in params else ""
    with context.store.lock:
        mine = [
            bucket
            for bucket in context.store.buckets.values()
            if bucket.kind is GENERAL_PURPOSE
            and bucket.account == context.account
            and bucket.name.startswith(prefix)
            and bucket.name > after
            and region in (None, region_of(bucket))
            and partition in (None, partition_of(region_of(bucket)))
        ]
    shown, rest = mine[:limit], mine[limit:]
    is_paged = bool({"MaxBuckets", "Prefix", "BucketRegion", "ContinuationToken"} & set(params))
    return {
        "Owner": context.owner_element(context.account),
        "Buckets": [
            {
                "Name": bucket.name,
                "CreationDate": bucket.created,
                "BucketRegion": region_of(bucket) if is_paged else None,
                "BucketArn": _arn(bucket.name),
            }
            for bucket in shown
        ],
        "ContinuationToken": encode_token(shown[-1].name) if rest else None,
        "Prefix": params.get("Prefix"),
    }

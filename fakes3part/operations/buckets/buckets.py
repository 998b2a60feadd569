"""CreateBucket, HeadBucket, DeleteBucket, ListBuckets, GetBucketLocation."""

from __future__ import annotations

from ...errors import S3Error, invalid_argument
from ...leniences import allow
from ...protocol.aws_hosts import parse_host
from ...rules import acls, tags
from ...rules.listing import decode_token, encode_token
from ...rules.names import check_bucket_name, is_bucket_name, is_legacy_bucket_name
from ...rules.regions import HOME, REGIONS, partition_of, region_of
from ...state.access_control import ENFORCED, WRITER, combined
from ...state.access_points import bucket_arn
from ...state.bucket import GENERAL_PURPOSE, Bucket
from ...state.object_lock import LockConfiguration
from ..context import Context
from ..lenient_access import lift_block, lift_ownership
from ..registry import Output, Params, operation
from .namespaces import check_namespace
from .ownership_controls import OWNERSHIPS

MAX_BUCKETS = 10_000


def _arn(name: str) -> str:
    return f"arn:aws:s3:::{name}"


def location(constraint: str | None, endpoint: str) -> str:
    """Return the region of a new bucket, as stored (``EU`` stays ``EU``), from its LocationConstraint and the endpoint's region.

    Only the endpoint of us-east-1 creates buckets in any region, and us-east-1 is the only region that must not be named.
    ``EU`` is an old name of eu-west-1, and of no other region (recorded from AWS, February 2026).

    Raises:
        S3Error: IllegalLocationConstraintException at other endpoints, InvalidLocationConstraint at us-east-1.
    """
    if (constraint, endpoint) == ("EU", "eu-west-1"):
        return "EU"
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


def _set_legacy_defaults(bucket: Bucket) -> None:
    """Give a new bucket S3's defaults of before April 2023."""
    if "ownership" in bucket.default_fields:
        bucket.set_configuration("ownership", WRITER)
    bucket.set_configuration("public_access_block", None)


def _set_access(context: Context, bucket: Bucket, params: Params) -> None:
    """Set ownership, public access block and ACL of a new bucket.

    Raises:
        S3Error: InvalidArgument, InvalidBucketAclWithObjectOwnership, InvalidBucketAclWithBlockPublicAccessError.
    """
    ownership = params.get("ObjectOwnership", ENFORCED)
    if ownership not in OWNERSHIPS:
        raise S3Error(
            "InvalidArgument",
            f"Invalid x-amz-object-ownership header: {ownership}",
            ArgumentName="x-amz-object-ownership",
        )
    if "ObjectOwnership" in params:
        bucket.set_configuration("ownership", ownership)
    if context.settings.legacy_defaults:
        _set_legacy_defaults(bucket)
    if acls.requests_acl(params):
        owner_id = context.canonical_id(bucket.account)
        if bucket.ownership == ENFORCED:
            if params.get("ACL") != "private" or acls.requests_grants_to_others(params, acls.CANNED_FOR_BUCKETS, owner_id):
                if not lift_ownership(context, bucket):
                    raise S3Error("InvalidBucketAclWithObjectOwnership")
            else:
                return
        acl = acls.requested_acl(params, acls.CANNED_FOR_BUCKETS, owner_id, owner_id)
        block = combined(bucket.public_access_block, context.store.public_access_blocks.get(bucket.account))
        if block is not None and block.block_public_acls and acls.is_public(acl) and not lift_block(context, bucket):
            raise S3Error("InvalidBucketAclWithBlockPublicAccessError")
        bucket.acl = acl


@operation("CreateBucket")
def create_bucket(context: Context, params: Params) -> Output:
    """Create a bucket. In us-east-1 it is no error to create a bucket again that the caller owns."""
    name = params["Bucket"]
    configuration = params.get("CreateBucketConfiguration", {})
    constraint, tag_set = configuration.get("LocationConstraint"), configuration.get("Tags", [])
    context.authorize_create_bucket(name, constraint, tag_set)
    if not (is_legacy_bucket_name(name) and not is_bucket_name(name) and allow(context.request, "bucket_names")):
        check_bucket_name(name)
    check_namespace(context, params)
    region = location(constraint, context.region)
    _refuse_unsupported(params)
    new = Bucket(name, context.account, region, context.clock.now())
    new.tags = tags.parse_bucket_tags(tag_set, tags.OF_NEW_BUCKET) or None
    if params.get("ObjectLockEnabledForBucket"):
        new.versioning, new.object_lock = "Enabled", LockConfiguration()
    _set_access(context, new, params)
    existing = context.store.add(new)
    if existing is not new:
        if existing.account != context.account:
            raise S3Error("BucketAlreadyExists", BucketName=name)
        if context.region != HOME or region_of(existing) != HOME or new.tags:
            raise S3Error("BucketAlreadyOwnedByYou", BucketName=name)
        if existing.ownership != ENFORCED:
            existing.acl = new.acl  # created again in us-east-1, a bucket keeps everything but its ACL
    url = f"/{name}" if context.region == "us-east-1" and region == "us-east-1" else f"http://{name}.s3.amazonaws.com/"
    return {"Location": url, "BucketArn": _arn(name)}


@operation("HeadBucket")
def head_bucket(context: Context, params: Params) -> Output:
    """Return the region of a bucket that exists and that the caller may list."""
    bucket = context.bucket
    context.headers.append(("Content-Type", "application/xml"))
    by_alias = context.access_point is not None and context.access_point.alias in (
        context.request.host.partition(".")[0],
        context.request.path.strip("/"),
    )
    return {"BucketRegion": region_of(bucket), "AccessPointAlias": by_alias, "BucketArn": bucket_arn(bucket)}


@operation("DeleteBucket")
def delete_bucket(context: Context, params: Params) -> Output:
    """Delete an empty bucket, with its open multipart uploads."""
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
    """Return the LocationConstraint of CreateBucket: none for us-east-1, ``EU`` if it was ``EU``."""
    region = context.bucket.region
    return {"LocationConstraint": "" if region == "us-east-1" else region}


def _partition(context: Context) -> str | None:
    """Return the partition whose buckets an endpoint of AWS lists; None: a custom endpoint, which lists all buckets."""
    if context.settings.strict_regions is False or parse_host(context.request.host).suffix is None:
        return None
    return partition_of(context.region)


@operation("ListBuckets")
def list_buckets(context: Context, params: Params) -> Output:
    """List the caller's buckets by name, in pages if the request has a page size."""
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
        buckets = [
            bucket
            for bucket in context.store.buckets.values()
            if bucket.kind is GENERAL_PURPOSE
            and bucket.account == context.account
            and bucket.name.startswith(prefix)
            and bucket.name > after
            and region in (None, region_of(bucket))
            and partition in (None, partition_of(region_of(bucket)))
        ]
    page, rest = buckets[:limit], buckets[limit:]
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
            for bucket in page
        ],
        "ContinuationToken": encode_token(page[-1].name) if rest else None,
        "Prefix": params.get("Prefix"),
    }

"""S3 Control: buckets on Outposts. Their configurations are handled by S3's own functions."""

from __future__ import annotations

from typing import Any

from ..auth.authorization.access_points import check_access_point_policy
from ..auth.policies.policy import PolicyError
from ..auth.signing_region import signed_region
from ..errors import S3Error, not_implemented
from ..operations.access_points import manage
from ..operations.context import Context
from ..operations.loading import load
from ..operations.registry import OPERATIONS
from ..rules.listing import decode_token, encode_token
from ..state.access_points import BUCKET_ARN
from ..state.bucket import Bucket
from .context import ServiceContext
from .registry import Output, Params, s3control_operation
from .s3control_access_points import MAX_RESULTS, host_region, requested_outpost

_UNSUPPORTED_MEMBERS = (
    "ACL",
    "CreateBucketConfiguration",
    "GrantFullControl",
    "GrantRead",
    "GrantReadACP",
    "GrantWrite",
    "GrantWriteACP",
    "ObjectLockEnabledForBucket",
)
"""Members that the model documents as "This is not supported by Amazon S3 on Outposts buckets."."""

_TRANSITION_MEMBERS = ("Transitions", "NoncurrentVersionTransitions")


def resource_arn(context: ServiceContext, params: Params, outpost: str) -> str:
    """Return the ARN of the bucket or access point that a request on an Outpost concerns."""
    account = params.get("AccountId", context.account.id)
    prefix = f"arn:aws:s3-outposts:{context.region}:{account}:outpost/{outpost}"
    for member, kind in (("Name", "accesspoint"), ("Bucket", "bucket")):
        name_or_arn = params.get(member)
        if name_or_arn is not None:
            return str(name_or_arn) if name_or_arn.startswith("arn:") else f"{prefix}/{kind}/{name_or_arn}"
    return f"{prefix}/*"


def _required_outpost(context: ServiceContext) -> str:
    """Return the Outpost of a request. These operations have no other buckets.

    Raises:
        S3Error: InvalidRequest.
    """
    outpost = requested_outpost(context)
    if outpost is None:
        raise S3Error("InvalidRequest", "Missing required header for this request: x-amz-outpost-id")
    return outpost


def find_outposts_bucket(context: ServiceContext, params: Params) -> Bucket:
    """Return the bucket of a request, by name or ARN.

    Raises:
        S3Error: InvalidRequest without an Outpost, NoSuchBucket.
    """
    outpost, name_or_arn = _required_outpost(context), params["Bucket"]
    arn = BUCKET_ARN.fullmatch(name_or_arn)
    bucket = context.backend.store.points.outposts.get((params["AccountId"], outpost, arn["name"] if arn else name_or_arn))
    if bucket is None or host_region(context) not in (None, bucket.region):
        raise S3Error("NoSuchBucket", BucketName=arn["name"] if arn else name_or_arn)
    return bucket


@s3control_operation("CreateBucket")
def create_bucket(context: ServiceContext, params: Params) -> Output:
    """Create a bucket on an Outpost for the caller's account."""
    for member in _UNSUPPORTED_MEMBERS:
        if params.get(member):
            raise S3Error("InvalidRequest", f"{member} is not supported by Amazon S3 on Outposts buckets.")
    region = host_region(context) or signed_region(context.request, context.query) or context.region
    now = context.backend.clock.now()
    bucket = manage.add_outposts_bucket(
        context.backend.store, params["Bucket"], context.account.id, region, _required_outpost(context), now
    )
    return {"Location": f"/{bucket.name}", "BucketArn": manage.bucket_arn(bucket)}


@s3control_operation("GetBucket")
def get_bucket(context: ServiceContext, params: Params) -> Output:
    """Return the bucket. Buckets on Outposts are never public."""
    bucket = find_outposts_bucket(context, params)
    return {"Bucket": bucket.name, "PublicAccessBlockEnabled": True, "CreationDate": bucket.created}


@s3control_operation("DeleteBucket")
def delete_bucket(context: ServiceContext, params: Params) -> Output:
    """Delete an empty bucket that has no access points."""
    manage.delete_outposts_bucket(context.backend.store, find_outposts_bucket(context, params))
    return {}


@s3control_operation("ListRegionalBuckets")
def list_regional_buckets(context: ServiceContext, params: Params) -> Output:
    """List the account's buckets on an Outpost by name, in pages."""
    outpost, limit = _required_outpost(context), min(params.get("MaxResults", MAX_RESULTS), MAX_RESULTS)
    after = decode_token(params["NextToken"]) if "NextToken" in params else ""
    location, region = (params["AccountId"], outpost), host_region(context)
    buckets = context.backend.store.points.outposts.values()
    matching = sorted(
        (
            bucket
            for bucket in buckets
            if (bucket.account, bucket.outpost) == location and region in (None, bucket.region) and bucket.name > after
        ),
        key=lambda bucket: bucket.name,
    )
    page = matching[:limit]
    return {
        "RegionalBucketList": [
            {
                "Bucket": bucket.name,
                "BucketArn": manage.bucket_arn(bucket),
                "PublicAccessBlockEnabled": True,
                "CreationDate": bucket.created,
                "OutpostId": bucket.outpost,
            }
            for bucket in page
        ],
        "NextToken": encode_token(page[-1].name) if len(matching) > limit > 0 else None,
    }


@s3control_operation("PutBucketPolicy")
def put_bucket_policy(context: ServiceContext, params: Params) -> Output:
    """Replace the policy, which is stored as it was written."""
    bucket, text = find_outposts_bucket(context, params), params.get("Policy", "")
    try:
        check_access_point_policy(text, manage.bucket_arn(bucket))
    except PolicyError as error:
        raise S3Error("MalformedPolicy", error.message) from None
    with bucket.lock:
        bucket.policy = text
    return {}


def _run_s3_operation(context: ServiceContext, params: Params, name: str) -> Output:
    """Run S3's operation on a bucket on an Outpost."""
    backend = context.backend
    s3_context = Context(
        backend,
        backend.store,
        context.request,
        query=context.query,
        caller=context.caller,
        region=context.region,
        addressed_bucket=find_outposts_bucket(context, params),
        pending_events=[],
    )
    load(name)
    output: dict[str, Any] = OPERATIONS[name](s3_context, params) or {}
    return output


@s3control_operation("PutBucketLifecycleConfiguration", action="s3:PutLifecycleConfiguration")
def put_bucket_lifecycle_configuration(context: ServiceContext, params: Params) -> Output:
    """Replace the rules. They can expire objects and abort uploads, but have no transitions."""
    rules = params.get("LifecycleConfiguration", {}).get("Rules", [])
    if any(rule.get(member) for rule in rules for member in _TRANSITION_MEMBERS):
        raise S3Error("InvalidRequest", "Lifecycle transitions are not supported by Amazon S3 on Outposts buckets.")
    _run_s3_operation(context, params, "PutBucketLifecycleConfiguration")
    return {}


@s3control_operation("GetBucketLifecycleConfiguration", action="s3:GetLifecycleConfiguration")
def get_bucket_lifecycle_configuration(context: ServiceContext, params: Params) -> Output:
    """Return the rules as they were put, each with its id."""
    rules = _run_s3_operation(context, params, "GetBucketLifecycleConfiguration")["Rules"]
    return {"Rules": [{member: value for member, value in rule.items() if value} for rule in rules]}


@s3control_operation("PutBucketVersioning")
def put_bucket_versioning(context: ServiceContext, params: Params) -> Output:
    """Enable or suspend versioning. Outposts do not support MFA delete."""
    if params["VersioningConfiguration"].get("MFADelete") or params.get("MFA"):
        raise not_implemented("S3 Control's PutBucketVersioning", "MFA delete, which S3 on Outposts lacks")
    return _run_s3_operation(context, params, "PutBucketVersioning")


def _register(name: str, on_s3: str, action: str | None = None) -> None:
    @s3control_operation(name, action=action)
    def function(context: ServiceContext, params: Params) -> Output:
        return _run_s3_operation(context, params, on_s3)


for _name, _on_s3, _action in (
    ("DeleteBucketLifecycleConfiguration", "DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"),
    ("DeleteBucketPolicy", "DeleteBucketPolicy", None),
    ("DeleteBucketTagging", "DeleteBucketTagging", "s3:PutBucketTagging"),
    ("GetBucketPolicy", "GetBucketPolicy", None),
    ("GetBucketTagging", "GetBucketTagging", None),
    ("GetBucketVersioning", "GetBucketVersioning", None),
    ("PutBucketTagging", "PutBucketTagging", None),
):
    _register(_name, _on_s3, _action)

"""S3 Control: buckets on Outposts. Their sub-resources are those of any bucket, so S3's own functions do them."""

from __future__ import annotations

from typing import Any

from ..auth.authorization.access_points import check_access_point_policy
from ..auth.policies.policy import PolicyError
from ..auth.signing_region import signed_region
from ..errors import S3Error, not_implemented
from ..operations.access_points import manage
from ..operations.context import Context
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
"""What the model says of: "This is not supported by Amazon S3 on Outposts buckets."."""

_TRANSITION_MEMBERS = ("Transitions", "NoncurrentVersionTransitions")


def resource_arn(context: ServiceContext, params: Params, outpost: str) -> str:
    """The ARN of the bucket or access point that a request on an Outpost is about."""
    account = params.get("AccountId", context.account.id)
    prefix = f"arn:aws:s3-outposts:{context.region}:{account}:outpost/{outpost}"
    for member, kind in (("Name", "accesspoint"), ("Bucket", "bucket")):
        name_or_arn = params.get(member)
        if name_or_arn is not None:
            return str(name_or_arn) if name_or_arn.startswith("arn:") else f"{prefix}/{kind}/{name_or_arn}"
    return f"{prefix}/*"


def _outpost(context: ServiceContext) -> str:
    """The Outpost: buckets of these operations are nowhere else.

    Raises:
        S3Error: InvalidRequest.
    """
    outpost = requested_outpost(context)
    if outpost is None:
        raise S3Error("InvalidRequest", "Missing required header for this request: x-amz-outpost-id")
    return outpost


def find_outposts_bucket(context: ServiceContext, params: Params) -> Bucket:
    """The bucket that a request is about, by name or ARN.

    Raises:
        S3Error: InvalidRequest without an Outpost, NoSuchBucket.
    """
    outpost, name_or_arn = _outpost(context), params["Bucket"]
    arn = BUCKET_ARN.fullmatch(name_or_arn)
    bucket = context.fake.store.points.outposts.get((params["AccountId"], outpost, arn["name"] if arn else name_or_arn))
    if bucket is None or host_region(context) not in (None, bucket.region):
        raise S3Error("NoSuchBucket", BucketName=arn["name"] if arn else name_or_arn)
    return bucket


@s3control_operation("CreateBucket")
def create_bucket(context: ServiceContext, params: Params) -> Output:
    """Create a bucket on an Outpost, the caller's own."""
    for member in _UNSUPPORTED_MEMBERS:
        if params.get(member):
            raise S3Error("InvalidRequest", f"{member} is not supported by Amazon S3 on Outposts buckets.")
    region = host_region(context) or signed_region(context.request, context.query) or context.region
    now = context.fake.clock.now()
    bucket = manage.add_outposts_bucket(context.fake.store, params["Bucket"], context.account.id, region, _outpost(context), now)
    return {"Location": f"/{bucket.name}", "BucketArn": manage.bucket_arn(bucket)}


@s3control_operation("GetBucket")
def get_bucket(context: ServiceContext, params: Params) -> Output:
    """That it is there. Nothing on an Outpost is ever public."""
    bucket = find_outposts_bucket(context, params)
    return {"Bucket": bucket.name, "PublicAccessBlockEnabled": True, "CreationDate": bucket.created}


@s3control_operation("DeleteBucket")
def delete_bucket(context: ServiceContext, params: Params) -> Output:
    """Delete an empty bucket that no access point is before."""
    manage.delete_outposts_bucket(context.fake.store, find_outposts_bucket(context, params))
    return {}


@s3control_operation("ListRegionalBuckets")
def list_regional_buckets(context: ServiceContext, params: Params) -> Output:
    """The account's buckets on an Outpost by name; in pages."""
    outpost, limit = _outpost(context), min(params.get("MaxResults", MAX_RESULTS), MAX_RESULTS)
    after = decode_token(params["NextToken"]) if "NextToken" in params else ""
    location, region = (params["AccountId"], outpost), host_region(context)
    buckets = context.fake.store.points.outposts.values()
    matching = sorted(
        (one for one in buckets if (one.account, one.outpost) == location and region in (None, one.region) and one.name > after),
        key=lambda one: one.name,
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
    """Replace the policy; it is kept as it was written."""
    bucket, text = find_outposts_bucket(context, params), params.get("Policy", "")
    try:
        check_access_point_policy(text, manage.bucket_arn(bucket))
    except PolicyError as wrong:
        raise S3Error("MalformedPolicy", wrong.message) from None
    with bucket.lock:
        bucket.policy = text
    return {}


def _run_s3_operation(context: ServiceContext, params: Params, name: str) -> Output:
    """What S3's operation does, with a bucket on an Outpost."""
    fake = context.fake
    s3_context = Context(
        context.request,
        context.caller,
        find_outposts_bucket(context, params),
        context.region,
        context.query,
        accounts=fake.accounts,
        store=fake.store,
        clock=fake.clock,
        ids=fake.ids,
        kms=fake.kms,
        lambdas=fake.lambdas,
        settings=fake.settings,
        events=fake.events,
        pending_events=[],
    )
    output: dict[str, Any] = OPERATIONS[name](s3_context, params) or {}
    return output


@s3control_operation("PutBucketLifecycleConfiguration", action="s3:PutLifecycleConfiguration")
def put_bucket_lifecycle_configuration(context: ServiceContext, params: Params) -> Output:
    """Replace the rules, which may expire and abort, and move nothing."""
    rules = params.get("LifecycleConfiguration", {}).get("Rules", [])
    if any(rule.get(member) for rule in rules for member in _TRANSITION_MEMBERS):
        raise S3Error("InvalidRequest", "Lifecycle transitions are not supported by Amazon S3 on Outposts buckets.")
    _run_s3_operation(context, params, "PutBucketLifecycleConfiguration")
    return {}


@s3control_operation("GetBucketLifecycleConfiguration", action="s3:GetLifecycleConfiguration")
def get_bucket_lifecycle_configuration(context: ServiceContext, params: Params) -> Output:
    """The rules as they were put, each with its id."""
    rules = _run_s3_operation(context, params, "GetBucketLifecycleConfiguration")["Rules"]
    return {"Rules": [{member: value for member, value in rule.items() if value} for rule in rules]}


@s3control_operation("PutBucketVersioning")
def put_bucket_versioning(context: ServiceContext, params: Params) -> Output:
    """Keep versions from now on, or stop. There is no MFA delete on Outposts."""
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

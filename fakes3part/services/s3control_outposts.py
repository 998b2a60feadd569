"""S3 Control: buckets on Outposts. Their sub-resources are those of any bucket, so S3's own functions do them."""

from __future__ import annotations

from typing import Any

from ..auth.authorization.access_points import check_policy
from ..auth.policies.policy import PolicyError
from ..auth.signing_region import signed_for
from ..errors import S3Error, not_implemented
from ..operations.access_points import manage
from ..operations.context import Context
from ..operations.registry import OPERATIONS
from ..rules.listing import decode_token, encode_token
from ..state.access_points import BUCKET_ARN
from ..state.bucket import Bucket
from .context import Call
from .registry import Output, Params, control_operation
from .s3control_access_points import MAX_RESULTS, host_region, outpost_of

_LACKING = (
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

_MOVES = ("Transitions", "NoncurrentVersionTransitions")


def resource_of(call: Call, params: Params, outpost: str) -> str:
    """The ARN of the bucket or access point that a request on an Outpost is about."""
    account = params.get("AccountId", call.account.id)
    place = f"arn:aws:s3-outposts:{call.region}:{account}:outpost/{outpost}"
    for member, kind in (("Name", "accesspoint"), ("Bucket", "bucket")):
        given = params.get(member)
        if given is not None:
            return str(given) if given.startswith("arn:") else f"{place}/{kind}/{given}"
    return f"{place}/*"


def _outpost(call: Call) -> str:
    """The Outpost: buckets of these operations are nowhere else.

    Raises:
        S3Error: InvalidRequest.
    """
    outpost = outpost_of(call)
    if outpost is None:
        raise S3Error("InvalidRequest", "Missing required header for this request: x-amz-outpost-id")
    return outpost


def find(call: Call, params: Params) -> Bucket:
    """The bucket that a request is about, by name or ARN.

    Raises:
        S3Error: InvalidRequest without an Outpost, NoSuchBucket.
    """
    outpost, given = _outpost(call), params["Bucket"]
    arn = BUCKET_ARN.fullmatch(given)
    found = call.fake.store.points.outposts.get((params["AccountId"], outpost, arn["name"] if arn else given))
    if found is None or host_region(call) not in (None, found.region):
        raise S3Error("NoSuchBucket", BucketName=arn["name"] if arn else given)
    return found


@control_operation("CreateBucket")
def create_bucket(call: Call, params: Params) -> Output:
    """Create a bucket on an Outpost, the caller's own."""
    for member in _LACKING:
        if params.get(member):
            raise S3Error("InvalidRequest", f"{member} is not supported by Amazon S3 on Outposts buckets.")
    region = host_region(call) or signed_for(call.request, call.query) or call.region
    now = call.fake.clock.now()
    bucket = manage.add_outposts_bucket(call.fake.store, params["Bucket"], call.account.id, region, _outpost(call), now)
    return {"Location": f"/{bucket.name}", "BucketArn": manage.bucket_arn(bucket)}


@control_operation("GetBucket")
def get_bucket(call: Call, params: Params) -> Output:
    """That it is there. Nothing on an Outpost is ever public."""
    bucket = find(call, params)
    return {"Bucket": bucket.name, "PublicAccessBlockEnabled": True, "CreationDate": bucket.created}


@control_operation("DeleteBucket")
def delete_bucket(call: Call, params: Params) -> Output:
    """Delete an empty bucket that no access point is before."""
    manage.delete_outposts_bucket(call.fake.store, find(call, params))
    return {}


@control_operation("ListRegionalBuckets")
def list_regional_buckets(call: Call, params: Params) -> Output:
    """The account's buckets on an Outpost by name; in pages."""
    outpost, limit = _outpost(call), min(params.get("MaxResults", MAX_RESULTS), MAX_RESULTS)
    after = decode_token(params["NextToken"]) if "NextToken" in params else ""
    place, region = (params["AccountId"], outpost), host_region(call)
    buckets = call.fake.store.points.outposts.values()
    found = sorted(
        (one for one in buckets if (one.account, one.outpost) == place and region in (None, one.region) and one.name > after),
        key=lambda one: one.name,
    )
    shown = found[:limit]
    return {
        "RegionalBucketList": [
            {
                "Bucket": bucket.name,
                "BucketArn": manage.bucket_arn(bucket),
                "PublicAccessBlockEnabled": True,
                "CreationDate": bucket.created,
                "OutpostId": bucket.outpost,
            }
            for bucket in shown
        ],
        "NextToken": encode_token(shown[-1].name) if len(found) > limit > 0 else None,
    }


@control_operation("PutBucketPolicy")
def put_bucket_policy(call: Call, params: Params) -> Output:
    """Replace the policy; it is kept as it was written."""
    bucket, text = find(call, params), params.get("Policy", "")
    try:
        check_policy(text, manage.bucket_arn(bucket))
    except PolicyError as wrong:
        raise S3Error("MalformedPolicy", wrong.message) from None
    with bucket.lock:
        bucket.policy = text
    return {}


def _as_on_s3(call: Call, params: Params, name: str) -> Output:
    """What S3's operation does, with a bucket on an Outpost."""
    context = Context(
        call.fake,
        call.fake.store,
        call.request,
        query=call.query,
        caller=call.caller,
        region=call.region,
        addressed_bucket=find(call, params),
        pending_events=[],
    )
    output: dict[str, Any] = OPERATIONS[name](context, params) or {}
    return output


@control_operation("PutBucketLifecycleConfiguration", action="s3:PutLifecycleConfiguration")
def put_bucket_lifecycle_configuration(call: Call, params: Params) -> Output:
    """Replace the rules, which may expire and abort, and move nothing."""
    rules = params.get("LifecycleConfiguration", {}).get("Rules", [])
    if any(rule.get(member) for rule in rules for member in _MOVES):
        raise S3Error("InvalidRequest", "Lifecycle transitions are not supported by Amazon S3 on Outposts buckets.")
    _as_on_s3(call, params, "PutBucketLifecycleConfiguration")
    return {}


@control_operation("GetBucketLifecycleConfiguration", action="s3:GetLifecycleConfiguration")
def get_bucket_lifecycle_configuration(call: Call, params: Params) -> Output:
    """The rules as they were put, each with its id."""
    rules = _as_on_s3(call, params, "GetBucketLifecycleConfiguration")["Rules"]
    return {"Rules": [{member: value for member, value in rule.items() if value} for rule in rules]}


@control_operation("PutBucketVersioning")
def put_bucket_versioning(call: Call, params: Params) -> Output:
    """Keep versions from now on, or stop. There is no MFA delete on Outposts."""
    if params["VersioningConfiguration"].get("MFADelete") or params.get("MFA"):
        raise not_implemented("S3 Control's PutBucketVersioning", "MFA delete, which S3 on Outposts lacks")
    return _as_on_s3(call, params, "PutBucketVersioning")


def _register(name: str, on_s3: str, action: str | None = None) -> None:
    @control_operation(name, action=action)
    def function(call: Call, params: Params) -> Output:
        return _as_on_s3(call, params, on_s3)


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

"""S3 Control: TagResource, UntagResource and ListTagsForResource for general purpose buckets.

They change the tags that PutBucketTagging sets, one by one, and work whether attribute-based access control is on or off. Bucket
policies count for them as for S3's own operations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..auth.authorization.evaluate import authorize
from ..auth.authorization.request import AuthorizationRequest, Conditions, RequestContext
from ..errors import S3Error, not_implemented
from ..rules.tags import add_bucket_tags, tag_set_output
from ..state.bucket import GENERAL_PURPOSE, Bucket
from .context import ServiceContext
from .registry import Output, Params, s3control_operation

_BUCKET_ARN = "arn:aws:s3:::"


def _find_bucket(context: ServiceContext, params: Params) -> Bucket:
    """Return the bucket that the request's ARN names.

    Assumed, not recorded from AWS: the errors of a missing bucket, of another account's, and of what is no ARN.

    Raises:
        S3Error: InvalidRequest, NotImplemented for resources of other kinds, NoSuchBucket, AccessDenied for another account's.
    """
    arn: str = params["ResourceArn"]
    if not arn.startswith("arn:"):
        raise S3Error("InvalidRequest", "The resource ARN is not valid.")
    name = arn.removeprefix(_BUCKET_ARN)
    if name == arn or "/" in name:
        raise not_implemented(f"S3 Control's {context.operation}", f"the resource {arn}")
    bucket = context.backend.store.get(name)
    if bucket is None or bucket.kind is not GENERAL_PURPOSE:
        raise S3Error("NoSuchBucket", BucketName=name)
    if params["AccountId"] not in (bucket.account, context.account.id):
        raise S3Error("AccessDenied")
    return bucket


def _authorize(context: ServiceContext, bucket: Bucket, conditions: Conditions | None = None) -> None:
    """Raise AccessDenied unless policies allow the operation; ``conditions``: keys of the request, None: it has none."""
    http = RequestContext(context.caller, context.request, context.query, context.backend.clock, context.region)
    authorize(AuthorizationRequest(http, f"s3:{context.operation}", bucket, extra_conditions=conditions))


def _change_tags(bucket: Bucket, change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> None:
    """Replace the bucket's tags by what ``change`` makes of them; nothing changes if it raises.

    Raises:
        S3Error: NoSuchBucket, or what ``change`` raises.
    """
    with bucket.lock:
        if bucket.deleted:
            raise S3Error("NoSuchBucket", BucketName=bucket.name)
        bucket.set_configuration("tags", change(bucket.tags or {}) or None)


@s3control_operation("TagResource", action="")
def tag_resource(context: ServiceContext, params: Params) -> Output:
    """Add tags, or replace the values of those that exist: all of them, or none if one is refused."""
    bucket, tag_set = _find_bucket(context, params), params["Tags"]
    conditions: dict[str, str | tuple[str, ...]] = {f"aws:requesttag/{tag['Key']}": tag["Value"] for tag in tag_set}
    conditions["aws:tagkeys"] = tuple(tag["Key"] for tag in tag_set)
    _authorize(context, bucket, conditions)
    _change_tags(bucket, lambda tags: add_bucket_tags(tags, tag_set))
    return {}


@s3control_operation("UntagResource", action="")
def untag_resource(context: ServiceContext, params: Params) -> Output:
    """Remove tags by their keys. A key that the bucket does not have is no error."""
    bucket, keys = _find_bucket(context, params), params["TagKeys"]
    _authorize(context, bucket, {"aws:tagkeys": tuple(keys)})
    _change_tags(bucket, lambda tags: {key: value for key, value in tags.items() if key not in keys})
    return {}


@s3control_operation("ListTagsForResource", action="")
def list_tags_for_resource(context: ServiceContext, params: Params) -> Output:
    """Return the tags; none is no error."""
    bucket = _find_bucket(context, params)
    _authorize(context, bucket)
    return {"Tags": tag_set_output(bucket.tags or {})}

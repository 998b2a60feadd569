"""A bucket's lifecycle configuration, and what answers tell of it. (What it does: `fakes3part.effects.lifecycle`.)"""

from __future__ import annotations

from urllib.parse import quote

from ...errors import S3Error
from ...protocol.timestamps import http_date
from ...rules import lifecycle_schedule
from ...rules.lifecycle import lifecycle, shown
from ...state.bucket import Bucket
from ...state.objects import Version
from ...state.uploads import Upload
from ..context import Context
from ..registry import Output, Params, operation

# --- the configuration -----------------------------------------------------------------------------------------------


@operation("PutBucketLifecycleConfiguration")
def put_bucket_lifecycle_configuration(context: Context, params: Params) -> Output:
    """Replace the rules. What is due by them already is done at the next midnight."""
    if "LifecycleConfiguration" not in params:
        raise S3Error("MalformedXML")
    configuration = lifecycle(
        params["LifecycleConfiguration"], params.get("TransitionDefaultMinimumObjectSize"), context.ids.rule_id
    )
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        bucket.lifecycle = configuration
    context.store.begin_sweeping(lifecycle_schedule.day_of(context.clock.now()))
    return {"TransitionDefaultMinimumObjectSize": configuration.minimum}


@operation("GetBucketLifecycleConfiguration")
def get_bucket_lifecycle_configuration(context: Context, params: Params) -> Output:
    """The rules as they were put, each with its id."""
    configuration = context.bucket.lifecycle
    if configuration is None:
        raise S3Error("NoSuchLifecycleConfiguration", BucketName=context.bucket.name)
    return {"Rules": shown(configuration), "TransitionDefaultMinimumObjectSize": configuration.minimum}


@operation("DeleteBucketLifecycle")
def delete_bucket_lifecycle(context: Context, params: Params) -> Output:
    """Forget the rules, if there are any."""
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        bucket.lifecycle = None
    return {}


# --- what answers tell of it -----------------------------------------------------------------------------------------


def shown_expiration(bucket: Bucket, version: Version) -> str | None:
    """``x-amz-expiration`` of a current version: when it will expire, and by which rule."""
    promise = lifecycle_schedule.expiry(bucket.lifecycle, version) if bucket.lifecycle is not None else None
    if promise is None:
        return None
    return f'expiry-date="{http_date(promise.at)}", rule-id="{quote(promise.rule_id, safe="")}"'


def shown_abort(bucket: Bucket, upload: Upload) -> Output:
    """The members AbortDate and AbortRuleId of an open upload. (A header holds no text but Latin: other ids are quoted.)"""
    promise = lifecycle_schedule.abort(bucket.lifecycle, upload) if bucket.lifecycle is not None else None
    if promise is None:
        return {}
    rule_id = promise.rule_id if promise.rule_id.isascii() else quote(promise.rule_id, safe="")
    return {"AbortDate": promise.at, "AbortRuleId": rule_id}

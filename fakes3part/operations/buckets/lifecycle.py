"""A bucket's lifecycle configuration, and what answers tell of it. (What it does: `fakes3part.effects.lifecycle`.)"""

from __future__ import annotations

from urllib.parse import quote

from ...errors import S3Error
from ...protocol.timestamps import http_date
from ...rules import lifecycle_schedule
from ...rules.lifecycle import lifecycle_output, parse_lifecycle
from ...state.bucket import Bucket
from ...state.lifecycle import Lifecycle
from ...state.objects import Version
from ...state.uploads import Upload
from ..context import Context
from ..registry import Output, Params
from .configurations import configuration

# --- the configuration -----------------------------------------------------------------------------------------------


def _parse(context: Context, params: Params) -> Lifecycle:
    if "LifecycleConfiguration" not in params:
        raise S3Error("MalformedXML")
    return parse_lifecycle(
        params["LifecycleConfiguration"], params.get("TransitionDefaultMinimumObjectSize"), context.ids.rule_id
    )


def _start(context: Context, configuration: Lifecycle) -> Output:
    """Let lifecycle run from the next midnight on: it then does what is due by the rules already."""
    context.store.enable_lifecycle(lifecycle_schedule.start_of_day(context.clock.now()))
    return {"TransitionDefaultMinimumObjectSize": configuration.minimum}


def _show(configuration: Lifecycle) -> Output:
    return {"Rules": lifecycle_output(configuration), "TransitionDefaultMinimumObjectSize": configuration.minimum}


configuration(
    field="lifecycle",
    put="PutBucketLifecycleConfiguration",
    get="GetBucketLifecycleConfiguration",
    delete="DeleteBucketLifecycle",
    parse=_parse,
    show=_show,
    missing="NoSuchLifecycleConfiguration",
    after_put=_start,
)


# --- what answers tell of it -----------------------------------------------------------------------------------------


def expiration_header(bucket: Bucket, version: Version) -> str | None:
    """``x-amz-expiration`` of a current version: when it will expire, and by which rule."""
    promise = lifecycle_schedule.expiration_date(bucket.lifecycle, version) if bucket.lifecycle is not None else None
    if promise is None:
        return None
    return f'expiry-date="{http_date(promise.at)}", rule-id="{quote(promise.rule_id, safe="")}"'


def abort_members(bucket: Bucket, upload: Upload) -> Output:
    """The members AbortDate and AbortRuleId of an open upload. (A header holds no text but Latin: other ids are quoted.)"""
    promise = lifecycle_schedule.abort_date(bucket.lifecycle, upload) if bucket.lifecycle is not None else None
    if promise is None:
        return {}
    rule_id = promise.rule_id if promise.rule_id.isascii() else quote(promise.rule_id, safe="")
    return {"AbortDate": promise.at, "AbortRuleId": rule_id}

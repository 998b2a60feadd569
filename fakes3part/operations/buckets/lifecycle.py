"""The lifecycle configuration of a bucket, and its response headers. (Its actions: `fakes3part.effects.lifecycle`.)"""

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


def _put_output(context: Context, configuration: Lifecycle) -> Output:
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
    after_put=_put_output,
    activates="lifecycle",  # from the next midnight on, for what is in the bucket already too
)


# --- response headers -----------------------------------------------------------------------------------------


def expiration_header(bucket: Bucket, version: Version) -> str | None:
    """Return the ``x-amz-expiration`` header of a current version; None: no rule expires it."""
    expiry_date = lifecycle_schedule.expiration_date(bucket.lifecycle, version) if bucket.lifecycle is not None else None
    if expiry_date is None:
        return None
    return f'expiry-date="{http_date(expiry_date.at)}", rule-id="{quote(expiry_date.rule_id, safe="")}"'


def abort_members(bucket: Bucket, upload: Upload) -> Output:
    """Return AbortDate and AbortRuleId of an open upload, if a rule aborts it. (Rule ids are quoted unless they are ASCII.)"""
    expiry_date = lifecycle_schedule.abort_date(bucket.lifecycle, upload) if bucket.lifecycle is not None else None
    if expiry_date is None:
        return {}
    rule_id = expiry_date.rule_id if expiry_date.rule_id.isascii() else quote(expiry_date.rule_id, safe="")
    return {"AbortDate": expiry_date.at, "AbortRuleId": rule_id}

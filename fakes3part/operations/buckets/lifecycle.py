"""The lifecycle configuration of a bucket.

(Its actions: `fakes3part.effects.lifecycle`. What responses say of it: `fakes3part.operations.lifecycle_headers`.)
"""

from __future__ import annotations

from ...errors import S3Error
from ...rules.lifecycle import lifecycle_output, parse_lifecycle
from ...state.lifecycle import Lifecycle
from ..context import Context
from ..registry import Output, Params
from .configurations import configuration


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

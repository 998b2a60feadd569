"""PutObjectLockConfiguration and GetObjectLockConfiguration. (Locks of object versions: `fakes3part.operations.object_lock`.)"""

from __future__ import annotations

from ...errors import S3Error, not_implemented
from ...rules import object_lock
from ...state.object_lock import LockConfiguration
from ..context import Context
from ..registry import Output, Params
from .configurations import configuration


def _parse(context: Context, params: Params) -> LockConfiguration:
    """Return the default retention of a versioned bucket. Object Lock itself cannot be disabled.

    Raises:
        S3Error: InvalidBucketState for a bucket without versioning, NotImplemented for event holds, or of
            `rules.object_lock.configuration`.
    """
    document = params.get("ObjectLockConfiguration", {})
    if "DefaultEventHold" in document.get("Rule", {}).get("DefaultRetention", {}):
        raise not_implemented("PutObjectLockConfiguration", "DefaultEventHold")
    lock = object_lock.parse_configuration(document)
    if context.bucket.versioning != "Enabled":
        message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        raise S3Error("InvalidBucketState", message)
    return lock


def _show(lock: LockConfiguration) -> Output:
    document: Output = {"ObjectLockEnabled": "Enabled"}
    if lock.mode is not None:
        period = {"Days": lock.days, "Years": lock.years}
        default = {"Mode": lock.mode, **{name: number for name, number in period.items() if number is not None}}
        document["Rule"] = {"DefaultRetention": default}
    return {"ObjectLockConfiguration": document}


configuration(
    field="object_lock",
    put="PutObjectLockConfiguration",
    get="GetObjectLockConfiguration",
    delete=None,
    parse=_parse,
    show=_show,
    missing="ObjectLockConfigurationNotFoundError",
)

"""PutBucketVersioning and GetBucketVersioning, and MFA delete.

With MFA delete, requests that change the versioning of the bucket or delete a version permanently need ``x-amz-mfa``: the serial
number of a device, a space, and the code that the device shows. A fake has no devices: it accepts any serial number with any six
digits. S3 also requires HTTPS then; a fake does not.
"""

from __future__ import annotations

import re

from ...errors import S3Error
from ..context import Context
from ..registry import Output, Params, operation
from .configurations import locked_bucket

_REPLICATED = (
    "A replication configuration is present on this bucket, so you cannot change the versioning state. To change the versioning "
    "state, first delete the replication configuration."
)
_STATES = ("Enabled", "Suspended")
_MFA_STATES = (None, ON := "Enabled", "Disabled")
_MFA = re.compile(r"\S+ \d{6}", re.ASCII)


def check_mfa(params: Params, *, needed: bool) -> None:
    """Check the ``x-amz-mfa`` header. A malformed one is an error even where none is needed.

    The texts are S3's as users report them; the one for a malformed header is S3's although it is misleading.

    Raises:
        S3Error: AccessDenied if the header is needed and missing, InvalidRequest if it is malformed.
    """
    header = params.get("MFA")
    if header is None:
        if needed:
            raise S3Error("AccessDenied", "Mfa Authentication must be used for this request")
    elif not _MFA.fullmatch(header):
        raise S3Error("InvalidRequest", "DevPay and Mfa are mutually exclusive authorization methods.")


@operation("PutBucketVersioning")
def put_bucket_versioning(context: Context, params: Params) -> Output:
    """Enable or suspend versioning. Existing versions stay, and versioning cannot return to "never enabled".

    Only the root user of the bucket's owner may enable MFA delete, or change anything while it is enabled.
    """
    configuration = params["VersioningConfiguration"]
    status, mfa_delete = configuration.get("Status"), configuration.get("MFADelete")
    if not status:  # an empty one: recorded from AWS, September 2026, for a bucket with Object Lock
        raise S3Error("IllegalVersioningConfigurationException")
    if status not in _STATES or mfa_delete not in _MFA_STATES:
        raise S3Error("MalformedXML")
    with locked_bucket(context) as bucket:
        if bucket.object_lock is not None and status != "Enabled":
            raise S3Error("InvalidBucketState")
        if bucket.replication is not None and status != "Enabled":
            raise S3Error("InvalidBucketState", _REPLICATED)
        needs_mfa = ON in (mfa_delete, bucket.mfa_delete)
        if needs_mfa and not (context.caller.is_root and context.account == bucket.account):
            raise S3Error("AccessDenied", "This operation may only be performed by the bucket owner")
        check_mfa(params, needed=needs_mfa)
        bucket.versioning = status
        if mfa_delete is not None:
            bucket.mfa_delete = mfa_delete
    return {}


@operation("GetBucketVersioning")
def get_bucket_versioning(context: Context, params: Params) -> Output:
    """Return the state: no ``Status`` if versioning was never enabled, no ``MfaDelete`` if it was never set."""
    return {"Status": context.bucket.versioning, "MFADelete": context.bucket.mfa_delete}

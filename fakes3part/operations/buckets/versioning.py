"""PutBucketVersioning and GetBucketVersioning, and MFA delete, which the one turns on and the other tells of.

With MFA delete on, who changes the bucket's versioning or removes a version for good must send ``x-amz-mfa``: the serial number
of a device, a space, and the code that the device shows. This fake has no devices: any serial number with any six digits is
believed. S3 also wants HTTPS then, which tests have none of.
"""

from __future__ import annotations

import re

from ...errors import S3Error
from ..context import Context
from ..registry import Output, Params, operation
from .configurations import locked_bucket

_STATES = ("Enabled", "Suspended")
_MFA_STATES = (None, ON := "Enabled", "Disabled")
_MFA = re.compile(r"\S+ \d{6}", re.ASCII)


def check_mfa(params: Params, *, needed: bool) -> None:
    """The ``x-amz-mfa`` header; a wrong one is wrong also where none is needed.

    The messages are S3's as users report them; that of a header which is no serial number with a code misleads, and is S3's
    all the same.

    Raises:
        S3Error: AccessDenied where it is needed and not there, InvalidRequest where it is wrong.
    """
    given = params.get("MFA")
    if given is None:
        if needed:
            raise S3Error("AccessDenied", "Mfa Authentication must be used for this request")
    elif not _MFA.fullmatch(given):
        raise S3Error("InvalidRequest", "DevPay and Mfa are mutually exclusive authorization methods.")


@operation("PutBucketVersioning")
def put_bucket_versioning(context: Context, params: Params) -> Output:
    """Keep versions from now on, or stop; what is there stays. It can never be taken back to "never enabled".

    Only the root of the bucket's owner may turn MFA delete on, or change anything while it is on.
    """
    configuration = params["VersioningConfiguration"]
    status, mfa_delete = configuration.get("Status"), configuration.get("MFADelete")
    if status is None:
        raise S3Error("IllegalVersioningConfigurationException")
    if status not in _STATES or mfa_delete not in _MFA_STATES:
        raise S3Error("MalformedXML")
    with locked_bucket(context) as bucket:
        if bucket.object_lock is not None and status != "Enabled":
            raise S3Error("InvalidBucketState")
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
    """The state; no ``Status`` at all for a bucket that never had versioning, no ``MfaDelete`` where nobody ever said so."""
    return {"Status": context.bucket.versioning, "MFADelete": context.bucket.mfa_delete}

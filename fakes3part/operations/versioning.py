"""PutBucketVersioning and GetBucketVersioning."""

from __future__ import annotations

from ..errors import S3Error, not_implemented
from .context import Context
from .registry import Output, Params, operation

_STATES = ("Enabled", "Suspended")


@operation("PutBucketVersioning")
def put_bucket_versioning(s3: Context, params: Params) -> Output:
    """Keep versions from now on, or stop; what is there stays. It can never be taken back to "never enabled"."""
    configuration = params["VersioningConfiguration"]
    status = configuration.get("Status")
    if configuration.get("MFADelete", "Disabled") != "Disabled":
        raise not_implemented("PutBucketVersioning", "MFA delete")
    if status is None:
        raise S3Error("IllegalVersioningConfigurationException")
    if status not in _STATES:
        raise S3Error("MalformedXML")
    bucket = s3.bucket
    with bucket.lock:
        s3.ensure(bucket)
        bucket.versioning = status
    return {}


@operation("GetBucketVersioning")
def get_bucket_versioning(s3: Context, params: Params) -> Output:
    """The state; no ``Status`` at all for a bucket that never had versioning."""
    return {"Status": s3.bucket.versioning}

"""Object Lock: retention and legal hold of versions, and the checks of writes and deletes.

Locks are checked by the fake's clock: a test that moves it past the retain-until date may delete. Event holds, which botocore's
model has since 1.44, are not implemented: it is not documented which mode applies during a hold and after it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ..errors import S3Error, not_implemented
from ..events.records import retention_data
from ..rules import object_lock
from ..state.bucket import Bucket
from ..state.objects import Lock, Version
from .context import Context, find_version
from .registry import Output, Params, operation

_BYPASS = "x-amz-bypass-governance-retention"
_NO_DIGEST = "Content-MD5 OR x-amz-checksum- HTTP header is required for Put {} requests with Object Lock parameters"

# --- for writes ------------------------------------------------------------------------------------------------------


def requested_lock(context: Context, bucket: Bucket, params: Params) -> Lock | None:
    """Return the lock that the headers of a write, or a form's fields, request; None: they request none.

    Raises:
        S3Error: of `rules.object_lock.requested_lock`, InvalidRequest where the bucket has no Object Lock.
    """
    if object_lock.MEMBERS.isdisjoint(params):
        return None
    lock = object_lock.requested_lock(params, context.request.headers, context.clock.now())
    if bucket.object_lock is None:
        raise S3Error("InvalidRequest", "Bucket is missing ObjectLockConfiguration")
    return lock


def lock_of_new_version(bucket: Bucket, requested: Lock | None, written: datetime) -> Lock | None:
    """Return the lock of a version written at a time: the requested one, else the bucket's default; None: neither exists."""
    return requested if bucket.object_lock is None else object_lock.default_lock(requested, bucket.object_lock, written)


def check_has_digest(context: Context, bucket: Bucket, lock: Lock | None, kind: str = "Object") -> None:
    """Raise InvalidRequest for an object that will be locked but came without a digest. Call it if no checksum came.

    Args:
        lock: the requested lock; None: the bucket's default counts.
        kind: what the message names: ``Object`` or ``Part``.
    """
    if bucket.object_lock is None or "content-md5" in context.request.headers:
        return
    if lock is not None or bucket.object_lock.mode is not None:
        raise S3Error("InvalidRequest", _NO_DIGEST.format(kind))


# --- for deletes -----------------------------------------------------------------------------------------------------


def check_bypass(bucket: Bucket, params: Params) -> None:
    """Raise InvalidArgument for ``x-amz-bypass-governance-retention`` where the bucket has no Object Lock."""
    if "BypassGovernanceRetention" in params and bucket.object_lock is None:
        text = f"{_BYPASS} is only applicable to Object Lock enabled buckets."
        raise S3Error("InvalidArgument", text, ArgumentName=_BYPASS)


def check_removable(context: Context, bucket: Bucket, version: Version | None, *, bypass: bool) -> None:
    """Check that a version may be deleted for good. Call it under the bucket's lock.

    Raises:
        S3Error: AccessDenied: the version is locked, or the caller may not bypass its retention.
    """
    if version is None or version.lock is None:
        return
    now = context.clock.now()
    if not object_lock.may_remove(version, now, bypass=bypass):
        raise object_lock.object_protected()
    if object_lock.is_protected(version, now):
        _authorize_bypass(context, bucket, version)


def _authorize_bypass(context: Context, bucket: Bucket, version: Version) -> None:
    context.authorize("s3:BypassGovernanceRetention", bucket, version.key, version.id)


# --- for reads -------------------------------------------------------------------------------------------------------


def lock_members(context: Context, version: Version, version_id: str | None) -> Output:
    """Return the lock's members of GetObject and HeadObject, as far as the caller may read them."""
    lock, output = version.lock, Output()
    if lock is None:
        return output
    if lock.mode is not None and context.is_allowed("s3:GetObjectRetention", context.bucket, version.key, version_id):
        output["ObjectLockMode"], output["ObjectLockRetainUntilDate"] = lock.mode, lock.until
    if lock.legal_hold is not None and context.is_allowed("s3:GetObjectLegalHold", context.bucket, version.key, version_id):
        output["ObjectLockLegalHoldStatus"] = lock.legal_hold
    return output


# --- operations ------------------------------------------------------------------------------------------------------


@operation("PutObjectRetention")
def put_object_retention(context: Context, params: Params) -> Output:
    """Retain one version until a date.

    A retention can be weakened only in GOVERNANCE mode, by a caller who is allowed to bypass it.
    """
    document = params.get("Retention")
    if document is None:
        raise S3Error("MalformedXML")
    for member in ("EventHold", "EventHoldDuration"):
        if member in document:
            raise not_implemented("PutObjectRetention", member)
    bucket = context.bucket
    now = context.clock.now()
    new = object_lock.parse_retention(document, now)
    with bucket.lock:
        version = _find_lockable_version(context, params, "PUT")
        old = version.lock or Lock()
        if object_lock.weakens(old, new, now):
            if old.mode != object_lock.GOVERNANCE or not params.get("BypassGovernanceRetention"):
                raise object_lock.object_protected()
            _authorize_bypass(context, bucket, version)
        _store_lock(bucket, version, replace(old, mode=new.mode, until=new.until))
        context.add_event("ObjectRetention:Put", bucket, version.key, version, retention_data(new))
    return {}


@operation("GetObjectRetention")
def get_object_retention(context: Context, params: Params) -> Output:
    """Return the retention of one version, also once it has ended."""
    lock = _read_lock(context, params)
    if lock.mode is None:
        raise S3Error("NoSuchObjectLockConfiguration")
    return {"Retention": {"Mode": lock.mode, "RetainUntilDate": lock.until}}


@operation("PutObjectLegalHold")
def put_object_legal_hold(context: Context, params: Params) -> Output:
    """Turn the legal hold of one version on or off."""
    status = params.get("LegalHold", {}).get("Status")
    if status not in object_lock.HOLDS:
        raise S3Error("MalformedXML")
    bucket = context.bucket
    with bucket.lock:
        version = _find_lockable_version(context, params, "PUT")
        _store_lock(bucket, version, replace(version.lock or Lock(), legal_hold=status))
        context.announce_change("ObjectLegalHold:Put", bucket, version.key, version)
    return {}


@operation("GetObjectLegalHold")
def get_object_legal_hold(context: Context, params: Params) -> Output:
    """Return the legal hold of one version. It is OFF once it was removed; a version that never had one is an error."""
    hold = _read_lock(context, params).legal_hold
    if hold is None:
        raise S3Error("NoSuchObjectLockConfiguration")
    return {"LegalHold": {"Status": hold}}


def _find_lockable_version(context: Context, params: Params, method: str) -> Version:
    """Return the version of a request about locks. Call it under the bucket's lock.

    Raises:
        S3Error: InvalidRequest where the bucket has no Object Lock, MethodNotAllowed for a delete marker, or of `find_version`.
    """
    bucket, key, version_id = context.bucket, params["Key"], params.get("VersionId")
    context.ensure_exists(bucket)
    if bucket.object_lock is None:
        raise S3Error("InvalidRequest", "Bucket is missing Object Lock Configuration")
    if version_id is None and method == "PUT":
        current = bucket.current(key)
        if current is not None and current.is_delete_marker:
            raise S3Error("MethodNotAllowed", None, Method=method, ResourceType="DeleteMarker")
    return find_version(bucket, key, version_id, method)


def _read_lock(context: Context, params: Params) -> Lock:
    with context.bucket.lock:
        return _find_lockable_version(context, params, "GET").lock or Lock()


def _store_lock(bucket: Bucket, version: Version, lock: Lock) -> None:
    bucket.replace(replace(version, lock=None if lock == Lock() else lock))

"""Object Lock: the bucket's configuration, retention and legal hold of a version, and what every write and delete asks here.

A lock is judged by the fake's clock, so a test moves that past the retain-until date and may delete. Event holds, which
botocore's model has since 1.44, are a 501: nowhere is told which mode rules while one is on and after it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ..errors import S3Error, invalid_argument, not_implemented
from ..rules import object_lock
from ..state.bucket import Bucket
from ..state.objects import Lock, Version
from .context import Context, find_version
from .registry import Output, Params, operation

_BYPASS = "x-amz-bypass-governance-retention"
_NO_DIGEST = "Content-MD5 OR x-amz-checksum- HTTP header is required for Put {} requests with Object Lock parameters"

# --- for writes ------------------------------------------------------------------------------------------------------


def requested_lock(context: Context, bucket: Bucket, params: Params) -> Lock | None:
    """The lock that the headers of a write (or a form's fields) ask for.

    Raises:
        S3Error: of `rules.locks.asked`, InvalidRequest where the bucket has no Object Lock.
    """
    if object_lock.MEMBERS.isdisjoint(params):
        return None
    lock = object_lock.requested_lock(params, context.request.headers, context.clock.now())
    if bucket.object_lock is None:
        raise S3Error("InvalidRequest", "Bucket is missing ObjectLockConfiguration")
    return lock


def lock_of_new_version(bucket: Bucket, requested: Lock | None, written: datetime) -> Lock | None:
    """The lock of a version written at a time: as asked for, or as the bucket gives by default."""
    return requested if bucket.object_lock is None else object_lock.default_lock(requested, bucket.object_lock, written)


def check_has_digest(context: Context, bucket: Bucket, lock: Lock | None, kind: str = "Object") -> None:
    """What will be locked must come with a digest of its own; asked when no checksum came.

    Raises:
        S3Error: InvalidRequest.
    """
    if bucket.object_lock is None or "content-md5" in context.request.headers:
        return
    if lock is not None or bucket.object_lock.mode is not None:
        raise S3Error("InvalidRequest", _NO_DIGEST.format(kind))


# --- for deletes -----------------------------------------------------------------------------------------------------


def check_bypass(bucket: Bucket, params: Params) -> None:
    """The header that bypasses GOVERNANCE is for buckets with Object Lock only.

    Raises:
        S3Error: InvalidArgument.
    """
    if "BypassGovernanceRetention" in params and bucket.object_lock is None:
        raise invalid_argument(
            f"{_BYPASS} is only applicable to Object Lock enabled buckets.",
            _BYPASS,
            str(params["BypassGovernanceRetention"]).lower(),
        )


def check_removable(context: Context, bucket: Bucket, version: Version | None, *, bypass: bool) -> None:
    """To be asked before a version is removed for good; the caller holds the bucket's lock.

    Raises:
        S3Error: AccessDenied: it is locked, or the caller may not bypass what locks it.
    """
    if version is None or version.lock is None:
        return
    now = context.clock.now()
    if not object_lock.may_remove(version, now, bypass=bypass):
        raise object_lock.protected()
    if object_lock.is_protected(version, now):
        _authorize_bypass(context, bucket, version)


def _authorize_bypass(context: Context, bucket: Bucket, version: Version) -> None:
    context.authorize("s3:BypassGovernanceRetention", bucket, version.key, version.id)


# --- for reads -------------------------------------------------------------------------------------------------------


def lock_members(context: Context, version: Version, version_id: str | None) -> Output:
    """The lock's members of GetObject and HeadObject, as far as the caller may see them."""
    lock, output = version.lock, Output()
    if lock is None:
        return output
    if lock.mode is not None and context.may("s3:GetObjectRetention", context.bucket, version.key, version_id):
        output["ObjectLockMode"], output["ObjectLockRetainUntilDate"] = lock.mode, lock.until
    if lock.legal_hold is not None and context.may("s3:GetObjectLegalHold", context.bucket, version.key, version_id):
        output["ObjectLockLegalHoldStatus"] = lock.legal_hold
    return output


# --- operations ------------------------------------------------------------------------------------------------------


@operation("PutObjectRetention")
def put_object_retention(context: Context, params: Params) -> Output:
    """Retain one version until a date. To loosen what is on takes GOVERNANCE mode and a caller who may bypass it."""
    document = params.get("Retention")
    if document is None:
        raise S3Error("MalformedXML")
    for member in ("EventHold", "EventHoldDuration"):
        if member in document:
            raise not_implemented("PutObjectRetention", member)
    bucket = context.bucket
    now = context.clock.now()
    new = object_lock.retention(document, now)
    with bucket.lock:
        version = _find_lockable_version(context, params, "PUT")
        old = version.lock or Lock()
        if object_lock.weakens(old, new, now):
            if old.mode != object_lock.GOVERNANCE or not params.get("BypassGovernanceRetention"):
                raise object_lock.protected()
            _authorize_bypass(context, bucket, version)
        _store_lock(bucket, version, replace(old, mode=new.mode, until=new.until))
        context.add_event("ObjectRetention:Put", bucket, version.key, version)
    return {}


@operation("GetObjectRetention")
def get_object_retention(context: Context, params: Params) -> Output:
    """The retention of one version, which is told when it is over too."""
    lock = _read_lock(context, params)
    if lock.mode is None:
        raise S3Error("NoSuchObjectLockConfiguration")
    return {"Retention": {"Mode": lock.mode, "RetainUntilDate": lock.until}}


@operation("PutObjectLegalHold")
def put_object_legal_hold(context: Context, params: Params) -> Output:
    """Lay a legal hold on one version, or take it off."""
    status = params.get("LegalHold", {}).get("Status")
    if status not in object_lock.HOLDS:
        raise S3Error("MalformedXML")
    bucket = context.bucket
    with bucket.lock:
        version = _find_lockable_version(context, params, "PUT")
        _store_lock(bucket, version, replace(version.lock or Lock(), legal_hold=status))
    return {}


@operation("GetObjectLegalHold")
def get_object_legal_hold(context: Context, params: Params) -> Output:
    """Whether a legal hold is on; one that was taken off is OFF, one that never was is an error."""
    hold = _read_lock(context, params).legal_hold
    if hold is None:
        raise S3Error("NoSuchObjectLockConfiguration")
    return {"LegalHold": {"Status": hold}}


def _find_lockable_version(context: Context, params: Params, method: str) -> Version:
    """The version whose lock is meant, under the bucket's lock. Delete markers have none.

    Raises:
        S3Error: InvalidRequest where the bucket has no Object Lock, MethodNotAllowed, or of `find_version`.
    """
    bucket, key, version_id = context.bucket, params["Key"], params.get("VersionId")
    context.ensure(bucket)
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

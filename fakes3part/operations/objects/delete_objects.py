"""DeleteObject and DeleteObjects."""

from __future__ import annotations

from operator import itemgetter

from ...auth.authorization.evaluate import is_always_allowed
from ...errors import S3Error
from ...events.records import events_of_removed_keys
from ...ids import is_version_id
from ...rules.conditions import check_delete, check_unchanged
from ...rules.limits import MAX_DELETE
from ...state.bucket import DIRECTORY, Bucket
from ...state.objects import NULL, Version
from ..buckets.versioning import ON, check_mfa
from ..context import Context, check_version_id
from ..object_lock import check_bypass, check_removable
from ..registry import Output, Params, operation

_KEY = itemgetter("Key")


def delete(context: Context, bucket: Bucket, key: str, version_id: str | None, if_match: str | None, *, bypass: bool) -> Output:
    """Delete a version, or the current one: in a versioned bucket by adding a delete marker. Call it under the bucket's lock.

    Args:
        version_id: the version to delete for good; None: the current one.
        if_match: the ETag that the named or the current version must have; None: any.
        bypass: whether the request bypasses GOVERNANCE retention.

    Returns:
        The members ``DeleteMarker`` and ``VersionId`` of DeleteObject's response.
    """
    if if_match is not None:
        check_delete(if_match, key, bucket.current(key) if version_id is None else bucket.version(key, version_id))
    if version_id is not None:
        if bucket.object_lock is not None:
            check_removable(context, bucket, bucket.version(key, version_id), bypass=bypass)
        removed = bucket.remove(key, version_id)
        if removed is not None:
            context.add_event("ObjectRemoved:Delete", bucket, key, removed)
        marker = removed is not None and removed.is_delete_marker
        return {"VersionId": version_id, "DeleteMarker": marker or None}
    if bucket.versioning is None:
        removed = bucket.remove(key, NULL)
        if removed is not None:
            context.announce_change("Removal", bucket, key, removed)
        context.add_event("ObjectRemoved:Delete", bucket, key)  # also of a key that never existed
        return {}
    marker_version = Version(key, context.new_version_id(bucket), context.now(), context.owner_of(bucket, context.account))
    bucket.store(marker_version)
    context.add_event("ObjectRemoved:DeleteMarkerCreated", bucket, key, marker_version)
    return {"VersionId": marker_version.id, "DeleteMarker": True}


@operation("DeleteObject")
def delete_object(context: Context, params: Params) -> Output:
    """Delete an object or a version. A key that does not exist is not an error."""
    check_bypass(context.bucket, params)
    version_id = params.get("VersionId")
    bucket = context.bucket
    with bucket.lock:
        context.ensure_exists(bucket)
        if version_id is not None and bucket.version(params["Key"], version_id) is None:
            check_version_id(version_id)
        if bucket.mfa_delete is not None or "MFA" in params:
            check_mfa(params, needed=bucket.mfa_delete == ON and version_id is not None)
        output = delete(context, bucket, params["Key"], version_id, params.get("IfMatch"), bypass=_bypasses(params))
        if version_id is not None and bucket.versioning is None:
            output["VersionId"] = None
        return output


def _check_document(context: Context, params: Params) -> None:
    """Raise MalformedXML unless the document names 1 to 1,000 keys, none of them empty, with what this kind of bucket takes."""
    requested = params["Delete"]["Objects"]
    if not 1 <= len(requested) <= MAX_DELETE or not all(map(_KEY, requested)):
        raise S3Error("MalformedXML")
    if set(map(len, requested)) == {1}:  # keys only
        return
    if context.bucket.kind is not DIRECTORY and any("Size" in item or "LastModifiedTime" in item for item in requested):
        raise S3Error("MalformedXML")


@operation("DeleteObjects", check_document=_check_document)
def delete_objects(context: Context, params: Params) -> Output:
    """Delete up to 1,000 keys or versions, each of which succeeds or fails separately. Without a required MFA all fail."""
    check_bypass(context.bucket, params)
    requested = params["Delete"]["Objects"]
    quiet = params["Delete"].get("Quiet", False)
    bucket = context.bucket
    deleted: list[Output] = []
    errors: list[Output] = []
    with bucket.lock:
        context.ensure_exists(bucket)
        if bucket.mfa_delete is not None or "MFA" in params:
            check_mfa(params, needed=bucket.mfa_delete == ON and any("VersionId" in item for item in requested))
        is_simple = bucket.versioning is None and not context.store.processes_ran_at and set(map(len, requested)) == {1}
        if is_simple and is_always_allowed(context.caller, bucket):
            # Keys only, no versioning, no background process to tell of each change, and an owner who needs no authorization:
            # nothing can fail. 1,000 at once are common.
            keys = list(map(_KEY, requested))
            bucket.discard(keys)
            numbers = context.events.sequence_numbers
            # Also of keys that never existed (recorded from AWS, 2025).
            context.pending_events.extend(events_of_removed_keys(numbers, "ObjectRemoved:Delete", bucket, keys))
            return {"Deleted": [] if quiet else requested}
        for item in requested:
            try:
                deleted.append(_delete_item(context, bucket, item, bypass=_bypasses(params)))
            except S3Error as error:
                errors.append(_error(item, error))
    return {"Deleted": [] if quiet else deleted, "Errors": errors}


def _bypasses(params: Params) -> bool:
    return bool(params.get("BypassGovernanceRetention"))


def _delete_item(context: Context, bucket: Bucket, item: Params, *, bypass: bool) -> Output:
    key, version_id = item["Key"], item.get("VersionId")
    context.authorize("s3:DeleteObject", bucket, key, version_id)
    if "LastModifiedTime" in item or "Size" in item:
        check_unchanged(item.get("LastModifiedTime"), item.get("Size"), bucket.objects.get(key))
    if version_id is not None and bucket.version(key, version_id) is None:
        if version_id == "":
            check_version_id(version_id)
        if version_id != NULL and not is_version_id(version_id):  # a version that is gone by now counts as deleted
            raise S3Error("NoSuchVersion")
    output = delete(context, bucket, key, version_id, item.get("ETag"), bypass=bypass)
    if version_id is None:
        marker_id = output.get("VersionId")
        return {"Key": key, "DeleteMarker": output.get("DeleteMarker"), "DeleteMarkerVersionId": marker_id}
    if output["DeleteMarker"]:
        return {"Key": key, "VersionId": version_id, "DeleteMarker": True, "DeleteMarkerVersionId": version_id}
    return {"Key": key, "VersionId": version_id}


def _error(item: Params, error: S3Error) -> Output:
    return {"Key": item["Key"], "VersionId": item.get("VersionId"), "Code": error.code, "Message": error.message}

"""DeleteObject and DeleteObjects."""

from __future__ import annotations

from ..auth.authorize import unquestioned
from ..errors import S3Error, invalid_argument
from ..rules.conditions import check_delete
from ..rules.limits import MAX_DELETE
from ..state.bucket import Bucket
from ..state.objects import NULL, Version
from .context import Context, check_version_id
from .registry import Output, Params, operation


def _check_no_lock(params: Params) -> None:
    if "BypassGovernanceRetention" in params:
        raise invalid_argument(
            "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.",
            "x-amz-bypass-governance-retention",
            str(params["BypassGovernanceRetention"]).lower(),
        )


def delete(s3: Context, bucket: Bucket, key: str, version_id: str | None, if_match: str | None) -> Output:
    """Delete a key (a marker, where versions are kept) or one version for good; the caller holds the bucket's lock.

    Returns the members ``DeleteMarker`` and ``VersionId`` as DeleteObject answers them.
    """
    check_delete(if_match, key, bucket.current(key))
    if version_id is not None:
        removed = bucket.remove(key, version_id)
        marker = removed is not None and removed.is_delete_marker
        return {"VersionId": version_id, "DeleteMarker": marker or None}
    if bucket.versioning is None:
        bucket.remove(key, NULL)
        return {}
    marker_version = Version(key, s3.new_version_id(bucket), s3.now(), bucket.account)
    bucket.store(marker_version)
    return {"VersionId": marker_version.id, "DeleteMarker": True}


@operation("DeleteObject")
def delete_object(s3: Context, params: Params) -> Output:
    """Delete an object. A key that is not there is no error."""
    _check_no_lock(params)
    version_id = params.get("VersionId")
    if version_id is not None:
        check_version_id(version_id)
    bucket = s3.bucket
    with bucket.lock:
        s3.ensure(bucket)
        output = delete(s3, bucket, params["Key"], version_id, params.get("IfMatch"))
        if version_id is not None and bucket.versioning is None:
            output["VersionId"] = None
        return output


@operation("DeleteObjects")
def delete_objects(s3: Context, params: Params) -> Output:
    """Delete up to 1,000 keys or versions; each succeeds or fails by itself."""
    _check_no_lock(params)
    wanted = params["Delete"]["Objects"]
    if not 1 <= len(wanted) <= MAX_DELETE:
        raise S3Error("MalformedXML")
    quiet = params["Delete"].get("Quiet", False)
    bucket = s3.bucket
    deleted: list[Output] = []
    errors: list[Output] = []
    with bucket.lock:
        s3.ensure(bucket)
        if bucket.versioning is None and unquestioned(s3.caller, bucket) and all(len(one) == 1 for one in wanted):
            # Keys and nothing else, no versions, nobody to ask: nothing that could fail. 1,000 of them at once are common.
            bucket.discard([one["Key"] for one in wanted])
            return {"Deleted": [] if quiet else wanted}
        for one in wanted:
            try:
                deleted.append(_delete_one(s3, bucket, one))
            except S3Error as error:
                errors.append(_error(one, error))
    return {"Deleted": [] if quiet else deleted, "Errors": errors}


def _delete_one(s3: Context, bucket: Bucket, one: Params) -> Output:
    key, version_id = one["Key"], one.get("VersionId")
    s3.authorize("s3:DeleteObject", bucket, key, version_id)
    if "LastModifiedTime" in one or "Size" in one:
        raise S3Error("NotImplemented", "Conditions on LastModifiedTime and Size are for directory buckets")
    if version_id is not None:
        check_version_id(version_id)
        if bucket.version(key, version_id) is None and version_id != NULL:
            raise S3Error("NoSuchVersion")
    answer = delete(s3, bucket, key, version_id, one.get("ETag"))
    if version_id is None:
        marker_id = answer.get("VersionId")
        return {"Key": key, "DeleteMarker": answer.get("DeleteMarker"), "DeleteMarkerVersionId": marker_id}
    if answer["DeleteMarker"]:
        return {"Key": key, "VersionId": version_id, "DeleteMarker": True, "DeleteMarkerVersionId": version_id}
    return {"Key": key, "VersionId": version_id}


def _error(one: Params, error: S3Error) -> Output:
    return {"Key": one["Key"], "VersionId": one.get("VersionId"), "Code": error.code, "Message": error.message}

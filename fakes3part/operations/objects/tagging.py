"""Tags of object versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...errors import S3Error
from ...rules import tags
from ...state.objects import NOTHING, Version
from ..context import Context, find_version, read_response_version_id
from ..registry import Output, Params, operation


def _find_tagged_version(context: Context, params: Params, method: str) -> Version:
    """Return the version of a request. Call it under the bucket's lock.

    A current delete marker is handled like one that is named by its id (recorded from AWS).

    Raises:
        S3Error: of `find_version`. Of GetObjectTagging alone, the ``Key`` of NoSuchKey and NoSuchVersion is ``bucket/key``
            (recorded from AWS, February and September 2026; that PUT and DELETE have a plain one in NoSuchVersion too is
            assumed).
    """
    bucket, key, version_id = context.bucket, params["Key"], params.get("VersionId")
    context.ensure_exists(bucket)
    current = bucket.current(key)
    if version_id is None:
        if current is None:
            raise S3Error("NoSuchKey", Key=f"{bucket.name}/{key}" if method == "GET" else key)
        version_id = current.id
    try:
        return find_version(bucket, key, version_id, method)
    except S3Error as error:
        if error.code == "NoSuchVersion" and method == "GET":
            raise S3Error("NoSuchVersion", Key=f"{bucket.name}/{key}", VersionId=version_id) from None
        raise


def _set_tags(context: Context, params: Params, method: str, new_tags: Mapping[str, str]) -> Output:
    """Replace the tags of one version. It stays the same version, and Last-Modified does not change."""
    bucket = context.bucket
    with bucket.lock:
        version = _find_tagged_version(context, params, method)
        bucket.replace(replace(version, properties=replace(version.properties, tags=new_tags)))
        context.add_event(f"ObjectTagging:{'Delete' if method == 'DELETE' else 'Put'}", bucket, version.key, version)
        return {"VersionId": read_response_version_id(bucket, version)}


@operation("PutObjectTagging")
def put_object_tagging(context: Context, params: Params) -> Output:
    """Replace the tags of one version; an empty set removes them."""
    return _set_tags(context, params, "PUT", tags.parse_object_tags(params["Tagging"].get("TagSet", ())))


@operation("GetObjectTagging")
def get_object_tagging(context: Context, params: Params) -> Output:
    """Return the tags of one version, maybe none."""
    bucket = context.bucket
    with bucket.lock:
        version = _find_tagged_version(context, params, "GET")
        return {"VersionId": read_response_version_id(bucket, version), "TagSet": tags.tag_set_output(version.properties.tags)}


@operation("DeleteObjectTagging")
def delete_object_tagging(context: Context, params: Params) -> Output:
    """Remove all tags of one version."""
    return _set_tags(context, params, "DELETE", NOTHING)

"""PutObjectTagging, GetObjectTagging, DeleteObjectTagging."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...errors import S3Error
from ...rules import tags
from ...state.objects import NOTHING, Version
from ..context import Context, find_version, read_version_id
from ..registry import Output, Params, operation


def _tagged(context: Context, params: Params, method: str) -> Version:
    """The version that is meant, under the bucket's lock. A current delete marker is met like one by its id (recorded).

    Raises:
        S3Error: of `find_version`. A missing key is told as ``bucket/key`` here, and only here (recorded).
    """
    bucket, key, version_id = context.bucket, params["Key"], params.get("VersionId")
    context.ensure(bucket)
    current = bucket.current(key)
    if version_id is None:
        if current is None:
            raise S3Error("NoSuchKey", Key=f"{bucket.name}/{key}")
        version_id = current.id
    return find_version(bucket, key, version_id, method)


def _tag(context: Context, params: Params, method: str, found: Mapping[str, str]) -> Output:
    """Replace the tags of one version. It is neither a new version nor a change of Last-Modified."""
    bucket = context.bucket
    with bucket.lock:
        version = _tagged(context, params, method)
        bucket.replace(replace(version, carried=replace(version.carried, tags=found)))
        context.add_event(f"ObjectTagging:{'Delete' if method == 'DELETE' else 'Put'}", bucket, version.key, version)
        return {"VersionId": read_version_id(bucket, version)}


@operation("PutObjectTagging")
def put_object_tagging(context: Context, params: Params) -> Output:
    """Replace the tags of one version; an empty set takes them away."""
    return _tag(context, params, "PUT", tags.of_object(params["Tagging"]["TagSet"]))


@operation("GetObjectTagging")
def get_object_tagging(context: Context, params: Params) -> Output:
    """The tags of one version, maybe none."""
    bucket = context.bucket
    with bucket.lock:
        version = _tagged(context, params, "GET")
        return {"VersionId": read_version_id(bucket, version), "TagSet": tags.as_set(version.carried.tags)}


@operation("DeleteObjectTagging")
def delete_object_tagging(context: Context, params: Params) -> Output:
    """Take all tags from one version."""
    return _tag(context, params, "DELETE", NOTHING)

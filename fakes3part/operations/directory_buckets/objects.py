"""Object operations that differ in directory buckets, or have other members in the response."""

from __future__ import annotations

from ...errors import S3Error
from ...rules.conditions import check_unchanged
from ..buckets import lifecycle
from ..context import Context
from ..multipart import complete, lists, uploads
from ..objects import copy_object, get_object
from ..objects import put_object as general
from ..objects.delete_objects import delete_object
from ..registry import OPERATIONS, Output, Params, directory_operation
from .append_and_rename import append

_NO_EXPIRATION = "NotImplemented"
"""The value of ``x-amz-expiration`` in every response (botocore's model documentation)."""

_REPLACED_MEMBERS: dict[str, dict[str, str | None]] = {
    "CopyObject": {"Expiration": _NO_EXPIRATION},
    "GetObject": {"Expiration": _NO_EXPIRATION},
    "HeadObject": {"Expiration": _NO_EXPIRATION},
    "CompleteMultipartUpload": {"Expiration": None},
    "CreateMultipartUpload": {"AbortDate": None, "AbortRuleId": None},
    "GetBucketLifecycleConfiguration": {"TransitionDefaultMinimumObjectSize": None},
    "ListParts": {"AbortDate": None, "AbortRuleId": None},
}
"""Operations that work as in general purpose buckets, and the members that differ in their responses."""

_STORING_OPERATIONS = frozenset({"CopyObject", "CreateMultipartUpload"})

__all__ = ["complete", "copy_object", "get_object", "lifecycle", "lists", "uploads"]
"""Imported so that their operations are registered when `_adapt` looks them up."""


def _adapt(name: str, members: dict[str, str | None]) -> None:
    general = OPERATIONS[name]

    @directory_operation(name)
    def adapted(context: Context, params: Params) -> Output:
        if name in _STORING_OPERATIONS:
            _set_storage_class(context, params)
        return {**(general(context, params) or {}), **members}


for _name, _members in _REPLACED_MEMBERS.items():
    _adapt(_name, _members)


def _set_storage_class(context: Context, params: Params) -> None:
    """Set the bucket's storage class, which differs between Local Zones and Availability Zones."""
    directory = context.bucket.directory
    if directory is not None and directory.storage_class != "EXPRESS_ONEZONE":
        params["StorageClass"] = directory.storage_class


@directory_operation("PutObject")
def put_object(context: Context, params: Params) -> Output:
    """Store an object or, with an offset, append to one."""
    _set_storage_class(context, params)
    output = append(context, params) if "WriteOffsetBytes" in params else general.put_object(context, params) or {}
    return {**output, "Expiration": _NO_EXPIRATION}


@directory_operation("DeleteObject")
def delete(context: Context, params: Params) -> Output | None:
    """Delete an object, if its size and Last-Modified fulfil the conditions."""
    bucket = context.bucket
    with bucket.lock:
        context.ensure_exists(bucket)
        check_unchanged(params.get("IfMatchLastModifiedTime"), params.get("IfMatchSize"), bucket.objects.get(params["Key"]))
        return delete_object(context, params)


@directory_operation("AbortMultipartUpload")
def abort_multipart_upload(context: Context, params: Params) -> Output | None:
    """Close an upload, if it was initiated at the given time. With that condition a missing upload is not an error."""
    initiated = params.get("IfMatchInitiatedTime")
    if initiated is None:
        return uploads.abort_multipart_upload(context, params)
    bucket = context.bucket
    with bucket.lock:
        context.ensure_exists(bucket)
        upload = bucket.uploads.get(params["UploadId"])
        if upload is None or upload.key != params["Key"]:
            return {}
        if upload.initiated != initiated:
            raise S3Error("PreconditionFailed", Condition="If-Match-Initiated-Time")
        bucket.close_upload(upload)
    return {}

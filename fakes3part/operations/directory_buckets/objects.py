"""Operations on objects where directory buckets are different, and those that answer other members there."""

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

_NEVER_TOLD = "NotImplemented"
"""``x-amz-expiration`` of every answer: the header's value, says the model's documentation."""

_ADAPTED: dict[str, dict[str, str | None]] = {
    "CopyObject": {"Expiration": _NEVER_TOLD},
    "GetObject": {"Expiration": _NEVER_TOLD},
    "HeadObject": {"Expiration": _NEVER_TOLD},
    "CompleteMultipartUpload": {"Expiration": None},
    "CreateMultipartUpload": {"AbortDate": None, "AbortRuleId": None},
    "GetBucketLifecycleConfiguration": {"TransitionDefaultMinimumObjectSize": None},
    "ListParts": {"AbortDate": None, "AbortRuleId": None},
}
"""Operations that do what they do elsewhere, and the members that they answer otherwise."""

_STORE = frozenset({"CopyObject", "CreateMultipartUpload"})

__all__ = ["complete", "copy_object", "get_object", "lifecycle", "lists", "uploads"]
"""They have to be there when the operations are looked up below."""


def _adapt(name: str, told: dict[str, str | None]) -> None:
    general = OPERATIONS[name]

    @directory_operation(name)
    def adapted(context: Context, params: Params) -> Output:
        if name in _STORE:
            _set_class(context, params)
        return {**(general(context, params) or {}), **told}


for _name, _told in _ADAPTED.items():
    _adapt(_name, _told)


def _set_class(context: Context, params: Params) -> None:
    """In a Local Zone the storage class is another one than in Availability Zones."""
    directory = context.bucket.directory
    if directory is not None and directory.storage_class != "EXPRESS_ONEZONE":
        params["StorageClass"] = directory.storage_class


@directory_operation("PutObject")
def put_object(context: Context, params: Params) -> Output:
    """Store an object or, with an offset, the end of one."""
    _set_class(context, params)
    output = append(context, params) if "WriteOffsetBytes" in params else general.put_object(context, params) or {}
    return {**output, "Expiration": _NEVER_TOLD}


@directory_operation("DeleteObject")
def delete(context: Context, params: Params) -> Output | None:
    """Delete an object, maybe only if it is what the client takes it for."""
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        check_unchanged(params.get("IfMatchLastModifiedTime"), params.get("IfMatchSize"), bucket.objects.get(params["Key"]))
        return delete_object(context, params)


@directory_operation("AbortMultipartUpload")
def abort_multipart_upload(context: Context, params: Params) -> Output | None:
    """Close an upload, maybe only if it was initiated just then; with that condition one that is not there is closed already."""
    initiated = params.get("IfMatchInitiatedTime")
    if initiated is None:
        return uploads.abort_multipart_upload(context, params)
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        upload = bucket.uploads.get(params["UploadId"])
        if upload is None or upload.key != params["Key"]:
            return {}
        if upload.initiated != initiated:
            raise S3Error("PreconditionFailed", Condition="If-Match-Initiated-Time")
        bucket.close(upload)
    return {}

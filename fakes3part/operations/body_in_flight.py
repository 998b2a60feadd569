"""The bytes of bodies that are being received, where the setting ``max_bytes`` limits what a fake holds."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from ..message import ReceivedRequest
from ..protocol import aws_chunked
from ..protocol.model import Operation
from ..state.bucket import Bucket
from ..state.objects import NULL
from ..state.usage import Reservation, Usage, size_of_version
from ..text import whole_number
from .context import Context
from .registry import Params

_FORM = 64 * 1024
"""Bytes of a form's framing and other fields, beside those that ``max_form_size`` limits."""


class _Replaced(NamedTuple):
    """What a body replaces: its name, which is None for nothing, and its bytes."""

    name: Hashable
    size: int


_NOTHING = _Replaced(None, 0)


def reserve_body(usage: Usage, context: Context, operation: Operation, params: Params) -> Reservation | None:
    """Let the body that a request will store count as long as it is in flight. None: it stores none.

    What a server receives is reserved piece by piece; of a request in this process the whole body is there already. The
    reservation must be released when the request ends.

    Raises:
        S3Error: EntityTooLarge.
    """
    find = _REPLACED.get(operation.name)
    if find is None:
        return None
    request, is_form = context.request, operation.name == "PostObject"
    headers = request.headers
    size = aws_chunked.decoded_length(headers) if aws_chunked.is_chunked(headers) else whole_number(headers.get("content-length"))
    with context.bucket.lock:
        name, replaced_size = find(context.bucket, params)
    reservation = usage.reserve(
        name,
        replaced_size,
        expected=None if is_form else size,
        uncounted=context.settings.max_form_size + _FORM if is_form else 0,
    )
    if isinstance(request, ReceivedRequest):
        request.body.reserve = reservation.take
        return reservation
    try:
        reservation.take(size or 0)
    except BaseException:
        reservation.release()
        raise
    return reservation


def _object(bucket: Bucket, params: Params) -> _Replaced:
    if bucket.versioning == "Enabled" or "WriteOffsetBytes" in params:
        return _NOTHING
    key = params["Key"]
    return _Replaced((bucket.name, key), size_of_version(bucket.version(key, NULL)))


def _part(bucket: Bucket, params: Params) -> _Replaced:
    upload, number = bucket.uploads.get(params["UploadId"]), params["PartNumber"]
    part = None if upload is None else upload.parts.get(number)
    return _NOTHING if part is None else _Replaced((params["UploadId"], number), part.data.memory)


def _annotation(bucket: Bucket, params: Params) -> _Replaced:
    key, version_id, name = params["Key"], params.get("VersionId"), params["AnnotationName"]
    version = bucket.current(key) if version_id is None else bucket.version(key, version_id)
    annotations = None if version is None else version.annotations
    annotation = None if annotations is None else annotations.get(name)
    return _NOTHING if annotation is None else _Replaced((bucket.name, key, version_id, name), annotation.data.memory)


def _form(_bucket: Bucket, _params: Params) -> _Replaced:
    """Return nothing: the key is in the form."""
    return _NOTHING


_REPLACED = {"PutObject": _object, "UploadPart": _part, "PutObjectAnnotation": _annotation, "PostObject": _form}
"""operation -> what its body replaces, by bucket and params. Other operations store no body."""

"""KMS's protocol, JSON 1.1: ``X-Amz-Target`` names the operation, and both bodies are JSON objects."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from typing import Any

from ...errors import S3Error
from ...protocol.shapes import Shape
from ..authenticate import AuthenticationErrors
from ..context import ServiceContext
from ..errors import ServiceError
from ..model import Operation, operations
from ..registry import Output, Params
from .validation import validation_error

SERVICE = "kms"
CONTENT_TYPE = "application/x-amz-json-1.1"

AUTHENTICATION_ERRORS = AuthenticationErrors(
    missing=("MissingAuthenticationTokenException", 400, "Missing Authentication Token"),
    incomplete=("IncompleteSignatureException", 400),
    unknown=("UnrecognizedClientException", 400),
    expired=("ExpiredTokenException", 400),
    mismatch=("InvalidSignatureException", 400),
)

_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "timestamp": (int, float),
    "blob": str,
    "structure": dict,
    "map": dict,
    "list": list,
}


def operation_of(context: ServiceContext) -> Operation:
    """Return the operation of a request.

    Raises:
        ServiceError: UnknownOperationException.
    """
    service, _, name = context.request.headers.get("x-amz-target", "").partition(".")
    operation = operations(SERVICE).get(name) if service == "TrentService" else None
    if operation is None:
        raise ServiceError("UnknownOperationException")
    return operation


def parse(context: ServiceContext, operation: Operation) -> Params:
    """Return the params of a request.

    Raises:
        ServiceError: SerializationException, ValidationException.
    """
    try:
        document = json.loads(context.request.payload.data or b"{}")
    except (ValueError, RecursionError):
        raise ServiceError("SerializationException") from None
    shape = operation.input_shape
    if shape is None:
        return {}
    params: Params = _decode(document, shape)
    error = validation_error(params, shape)
    if error is not None:
        raise ServiceError("ValidationException", error)
    return params


def _has_type(value: object, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _decode(value: Any, shape: Shape) -> Any:
    if not _has_type(value, _TYPES[shape.type]):
        raise ServiceError("SerializationException")
    if shape.type == "structure":
        members = dict(shape.members())
        return {name: _decode(item, members[name]) for name, item in value.items() if name in members and item is not None}
    if shape.type == "map":
        return {key: _decode(item, shape.value) for key, item in value.items()}
    if shape.type == "list":
        return [_decode(item, shape.item) for item in value]
    if shape.type == "blob":
        try:
            return b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise ServiceError("SerializationException") from None
    return value


_NEWER_MEMBERS = frozenset({"CurrentKeyMaterialId", "DestinationKeyMaterialId", "KeyMaterialId", "SourceKeyMaterialId"})
"""Members that older versions of botocore lack; there they are left out of responses."""


def render(operation: Operation, output: Output, request_id: str) -> bytes:
    """Return the document of a success; it is empty for an operation without an output."""
    shape = operation.output_shape
    return b"" if shape is None else json.dumps(_encode(output, shape), separators=(",", ":")).encode()


def _encode(value: Any, shape: Shape) -> Any:
    if shape.type == "structure":
        members = dict(shape.members())
        unknown = value.keys() - members.keys() - _NEWER_MEMBERS
        if unknown:
            raise AssertionError(f"{shape.name} has no member {', '.join(sorted(unknown))}")
        return {name: _encode(item, members[name]) for name, item in value.items() if item is not None and name in members}
    if shape.type == "list":
        return [_encode(item, shape.item) for item in value]
    if shape.type == "blob":
        return b64encode(value).decode()
    return value.timestamp() if shape.type == "timestamp" else value


def render_error(error: ServiceError | S3Error, request_id: str) -> bytes:
    """Return the document of an error."""
    return json.dumps({"__type": error.code, "message": error.message}, separators=(",", ":")).encode()

"""STS's protocol, Query: the request is a form, the response XML."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from ...errors import S3Error
from ...message import Request
from ...protocol.documents import encode, escape
from ...protocol.parameters import parse_integer
from ...protocol.shapes import Shape, element_name
from ...text import whole_number
from ..authenticate import AuthenticationErrors
from ..context import ServiceContext
from ..errors import ServiceError
from ..model import Operation, operations
from ..registry import Output, Params
from .validation import validation_error

SERVICE = "sts"
_VERSION = "2011-06-15"
_XMLNS = ' xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'

AUTHENTICATION_ERRORS = AuthenticationErrors(
    missing=("MissingAuthenticationToken", 403, "Request is missing Authentication Token"),
    incomplete=("IncompleteSignature", 400),
    unknown=("InvalidClientTokenId", 403),
    expired=("ExpiredToken", 403),
    mismatch=("SignatureDoesNotMatch", 403),
)


def parse_form(request: Request) -> dict[str, str]:
    """Return the parameters of the query and of the body, the first of each name."""
    body = request.payload.data.decode("utf-8", "replace")
    form: dict[str, str] = {}
    for text in (request.query, body):
        for name, value in parse_qsl(text, keep_blank_values=True):
            form.setdefault(name, value)
    return form


def operation_of(context: ServiceContext) -> Operation:
    """Return the operation of a request.

    Raises:
        ServiceError: InvalidAction, MissingAction.
    """
    form = parse_form(context.request)
    name = form.get("Action")
    if not name:
        raise ServiceError("MissingAction", "Missing Action")
    operation = operations(SERVICE).get(name)
    if operation is None or form.get("Version", _VERSION) != _VERSION:
        version = form.get("Version", "NO_VERSION_SPECIFIED")
        raise ServiceError("InvalidAction", f"Could not find operation {name} for version {version}")
    return operation


def parse(context: ServiceContext, operation: Operation) -> Params:
    """Return the params of a request.

    Raises:
        ServiceError: ValidationError, MalformedInput.
    """
    shape = operation.input_shape
    params: Params = {} if shape is None else _structure(parse_form(context.request), "", shape)
    error = validation_error(params, shape)
    if error is not None:
        raise ServiceError("ValidationError", error)
    return params


def _structure(form: Mapping[str, str], prefix: str, shape: Shape) -> dict[str, Any]:
    members = {}
    for name, member in shape.members():
        value = _value(form, prefix + element_name(name, member), member)
        if value is not None:
            members[name] = value
    return members


def _value(form: Mapping[str, str], name: str, shape: Shape) -> Any:
    if shape.type == "structure":
        return _structure(form, f"{name}.", shape) or None
    if shape.type == "list":
        return _list(form, f"{name}." if shape.flattened else f"{name}.{shape.item.wire_name or 'member'}.", shape.item)
    text = form.get(name)
    if text is None:
        return None
    if shape.type in ("integer", "long"):
        number = parse_integer(text, shape.type)
        if number is None:
            raise ServiceError("MalformedInput")
        return number
    return text == "true" if shape.type == "boolean" else text


def _list(form: Mapping[str, str], prefix: str, item: Shape) -> list[Any] | None:
    numbers = {rest.partition(".")[0] for name in form if name.startswith(prefix) for rest in [name[len(prefix) :]]}
    ordered = sorted((number, text) for text in numbers if (number := whole_number(text)) is not None)
    # A text where the members of a structure belong is an empty structure.
    empty: Any = {} if item.type == "structure" else ""
    return [_value(form, f"{prefix}{text}", item) or empty for _, text in ordered] or None


def _iso_date(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def render(operation: Operation, output: Output, request_id: str) -> bytes:
    """Return the document of a success."""
    from .xml_output import element

    shape = operation.output_shape
    result = "" if shape is None else element(operation.wrapper, output, shape, _iso_date)
    metadata = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
    return encode(f"<{operation.name}Response{_XMLNS}>{result}{metadata}</{operation.name}Response>\n")


def render_error(error: ServiceError | S3Error, request_id: str) -> bytes:
    """Return the document of an error."""
    fault = "Sender" if error.status < 500 else "Receiver"
    details = f"<Type>{fault}</Type><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    return encode(f"<ErrorResponse{_XMLNS}><Error>{details}</Error><RequestId>{request_id}</RequestId></ErrorResponse>\n")


CONTENT_TYPE = "text/xml"

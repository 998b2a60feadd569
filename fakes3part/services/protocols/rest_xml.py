"""S3 Control's protocol, REST XML: paths by the model's templates, headers, XML bodies. S3's parser reads the requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from ...auth.authenticate import authenticate
from ...errors import S3Error, not_implemented
from ...message import Segments
from ...operations.request_body import parse_document
from ...protocol import model
from ...protocol.address import Address
from ...protocol.aws_hosts import Endpoint
from ...protocol.documents import DECLARATION, encode, escape
from ...protocol.header_names import header_names
from ...protocol.shapes import Raw
from ...protocol.timestamps import iso_date
from ..context import ServiceContext
from ..dispatch import OUTPOST_ID
from ..registry import Output, Params, RegisteredOperation
from ..s3control_outposts import resource_arn
from .xml_output import element

SERVICE = "s3control"
CONTENT_TYPE = "application/xml"
_XMLNS = ' xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"'
_LABEL = re.compile(r"\\\{(\w+)(\\\+)?\\\}")


class ControlOperation(model.Operation):
    """An operation with a path template: ``/v20180820/accesspoint/{name}/policy``. ``{name+}`` matches slashes too."""

    def __init__(self, name: str, raw: Raw, shapes: Raw) -> None:
        super().__init__(name, raw, shapes)
        template = raw["http"]["requestUri"]
        self.path = re.compile(_LABEL.sub(lambda label: f"(?P<{label[1]}>{'.+' if label[2] else '[^/]+'})", re.escape(template)))
        self.literal_length = len(_LABEL.sub("", re.escape(template)))

    @cached_property
    def labels(self) -> dict[str, str]:
        """The labels of the template -> members."""
        return {member.wire_name or name: name for name, member in self.input_shape.members() if member.location == "uri"}

    @cached_property
    def lists(self) -> dict[str, str]:
        """Query parameters that may be repeated -> members."""
        shape = self.input_shape
        members = {name: member for name, member in shape.members() if member.location == "querystring"}
        return {member.wire_name or name: name for name, member in members.items() if member.type == "list"}


@lru_cache(1)
def operations() -> tuple[ControlOperation, ...]:
    """Return every operation, those with the longest literal paths first."""
    raw = model.load_raw(SERVICE)
    all_operations = [ControlOperation(name, definition, raw["shapes"]) for name, definition in raw["operations"].items()]
    return tuple(sorted(all_operations, key=lambda operation: -operation.literal_length))


def operation_of(context: ServiceContext) -> ControlOperation:
    """Return the operation of a request.

    Raises:
        S3Error: MethodNotAllowed, or InvalidURI for an unknown path.
    """
    request = context.request
    candidates = [operation for operation in operations() if operation.path.fullmatch(request.path)]
    for operation in candidates:
        if operation.method == request.method:
            return operation
    if candidates:
        raise S3Error("MethodNotAllowed", None, Method=request.method)
    raise S3Error("InvalidURI", URI=request.path)


def authenticate_request(context: ServiceContext) -> None:
    """Authenticate the caller by S3's rules. Anonymous requests are denied.

    Raises:
        S3Error: as `fakes3part.auth.authenticate.authenticate`; AccessDenied.
    """
    context.caller = authenticate(
        context.backend, context.request, context.query, Address(None, None, Endpoint(None, context.region))
    )
    if context.caller.is_anonymous:
        raise S3Error("AccessDenied")


def parse(context: ServiceContext, operation: ControlOperation) -> Params:
    """Return the params of a request.

    Raises:
        S3Error: of S3's parser; InvalidRequest without an account.
    """
    request = context.request
    params = operation.parse_head(None, None, context.query, request.headers, header_names(request.headers))
    if operation.parse_body is not None:
        parse_document(request, operation, params)
    path = operation.path.fullmatch(request.path)
    assert path is not None
    params |= {member: unquote(path[label]) for label, member in operation.labels.items()}
    if operation.lists:
        pairs = parse_qsl(request.query, keep_blank_values=True)
        for wire, member in operation.lists.items():
            if member in params:
                params[member] = [value for name, value in pairs if name == wire]
    return params


def authorize(context: ServiceContext, operation: ControlOperation, params: Params, registered: RegisteredOperation) -> None:
    """Check that the caller belongs to the request's account, and that its policies allow the action.

    Raises:
        S3Error: AccessDenied.
    """
    if not registered.action:
        return
    account = params.get("AccountId", context.account.id)
    values = {"region": context.region, **{name: value for name, value in params.items() if isinstance(value, str)}}
    resource, action = registered.resource.format_map({**values, "AccountId": account}), registered.action
    outpost = context.request.headers.get(OUTPOST_ID)
    if outpost is not None:
        resource, action = resource_arn(context, params, outpost), action.replace("s3:", "s3-outposts:", 1)
    if account != context.account.id:
        context.record_denial(action, resource, f"the caller is of another account than {account}", "Access Denied")
        raise S3Error("AccessDenied")
    reason = context.denial_reason(action, resource)
    if reason is not None:
        message = f"User: {context.caller.arn} is not authorized to perform: {action} on resource: {resource} {reason}"
        raise S3Error("AccessDenied", context.record_denial(action, resource, reason, message))


def not_implemented_operation(operation: str) -> S3Error:
    """Return the 501 for an operation that this fake does not implement."""
    return not_implemented(f"S3 Control's {operation}")


def render(operation: ControlOperation, output: Output) -> tuple[list[tuple[str, str]], Segments]:
    """Return the headers and the document of a success."""
    shape = operation.output_shape
    if shape is None:
        assert not output, f"{operation.name} has an empty response"
        return [], ()
    headers = [
        (member.wire_name or name, str(output[name]))
        for name, member in shape.members()
        if member.location == "header" and output.get(name) is not None
    ]
    body = {name: value for name, value in output.items() if shape.member(name).location is None}
    if shape.payload is not None:
        inner = shape.member(shape.payload)
        document = element(inner.wire_name or shape.payload, body.get(shape.payload, {}), inner, iso_date, _XMLNS)
    elif any(True for _ in shape.body()):
        document = element(f"{operation.name}Result", body, shape, iso_date, _XMLNS)
    else:
        return headers, ()
    return [*headers, ("Content-Type", CONTENT_TYPE)], (encode(DECLARATION + document),)


def render_error(error: S3Error, request_id: str, host_id: str) -> bytes:
    """Return the document of an error: S3's elements in ``ErrorResponse``."""
    fields: Mapping[str, Any] = {"Code": error.code, "Message": error.message, **error.extras}
    elements = "".join(f"<{name}>{escape('' if value is None else str(value))}</{name}>" for name, value in fields.items())
    ids = f"<RequestId>{request_id}</RequestId><HostId>{host_id}</HostId>"
    return encode(f"{DECLARATION}<ErrorResponse{_XMLNS}><Error>{elements}</Error>{ids}</ErrorResponse>")

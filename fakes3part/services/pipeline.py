"""Handles a request to STS, KMS or S3 Control: operation, authentication, params, the operation's function, response."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from ..errors import S3Error
from ..message import Request, Response
from ..protocol.aws_hosts import S3_CONTROL, STS, aws_endpoint
from ..protocol.query import parse_query
from ..protocol.timestamps import http_date
from ..state.kms import KmsError
from .context import ServiceContext
from .errors import ServiceError, not_implemented
from .registry import operations_of

if TYPE_CHECKING:
    from ..backend import Backend


def handle(backend: Backend, request: Request, service: str) -> Response:
    """Return the response to a request for a service other than S3 (`dispatch.service_of`). Errors are responses too."""
    region = aws_endpoint(request.host).region or backend.settings.region
    context = ServiceContext(backend, request, region, parse_query(request.query))
    respond = _handle_s3_control if service == S3_CONTROL else _handle_sts_or_kms
    response = respond(context, service)
    response.operation = context.operation
    if request.method == "HEAD":
        response.body = ()
    response.headers.append(("Date", http_date(backend.clock.now())))
    return response


def _protocol_of(service: str) -> ModuleType:
    """Return the module of the service's protocol."""
    if service == STS:
        from .protocols import query

        return query
    from .protocols import json

    return json


def _handle_sts_or_kms(context: ServiceContext, service: str) -> Response:
    """Return the response of STS or KMS, which always has one document and one request id."""
    protocol = _protocol_of(service)
    request_id, status = context.backend.ids.uuid("request"), 200
    try:
        body = _perform(context, service, protocol, request_id)
    except (ServiceError, S3Error, KmsError) as error:
        service_error = error if isinstance(error, (ServiceError, S3Error)) else ServiceError(error.code, error.message)
        status, body = service_error.status, protocol.render_error(service_error, request_id)
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", protocol.CONTENT_TYPE), ("Content-Length", str(len(body)))]
    return Response(status, headers, (body,) if body else ())


def _perform(context: ServiceContext, service: str, protocol: ModuleType, request_id: str) -> bytes:
    """Perform the operation and return the document of its response."""
    from .authenticate import authenticate

    operation = protocol.operation_of(context)
    context.operation = operation.name
    if not operation.is_unsigned:
        context.caller = authenticate(context, service, aws_endpoint(context.request.host).region, protocol.AUTHENTICATION_ERRORS)
    registration = operations_of(service).get(operation.name)
    if registration is None:
        raise not_implemented(operation.name)
    params = protocol.parse(context, operation)
    body: bytes = protocol.render(operation, registration.function(context, params) or {}, request_id)
    return body


def _handle_s3_control(context: ServiceContext, service: str) -> Response:
    """Return the response of S3 Control, which works like S3 but has documents of its own."""
    from .protocols import rest_xml

    request_id, host_id = context.backend.ids.request_ids()
    try:
        operation = rest_xml.operation_of(context)
        context.operation = operation.name
        rest_xml.authenticate_request(context)
        registration = operations_of(service).get(operation.name)
        if registration is None:
            raise rest_xml.not_implemented_operation(operation.name)
        params = rest_xml.parse(context, operation)
        rest_xml.authorize(context, operation, params, registration)
        headers, body = rest_xml.render(operation, registration.function(context, params) or {})
        status = context.status or operation.status
        headers += context.headers
    except S3Error as error:
        status, headers = error.status, [*error.headers.items(), ("Content-Type", rest_xml.CONTENT_TYPE)]
        body = (rest_xml.render_error(error, request_id, host_id),)
        if error.decision is not None:
            context.backend.last_denial = error.decision
    if not body and status == 200:
        headers.append(("Content-Length", "0"))
    headers += [("x-amz-id-2", host_id), ("x-amz-request-id", request_id), ("Server", "AmazonS3")]
    return Response(status, headers, body)

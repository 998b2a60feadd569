"""The path of one request to STS, KMS or S3 Control: which operation, who asks, the params, the operation, the answer."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from ..errors import S3Error
from ..message import Request, Response
from ..protocol.aws_hosts import S3_CONTROL, STS, aws_endpoint
from ..protocol.query import parse_query
from ..protocol.timestamps import http_date
from ..state.kms import KmsError
from .context import Call
from .errors import ServiceError, lacking
from .registry import registered

if TYPE_CHECKING:
    from ..backend import Backend


def answer(backend: Backend, request: Request, service: str) -> Response:
    """Answer a request that `dispatch.service_of` took for one of ``service``. Errors are answers."""
    region = aws_endpoint(request.host).region or backend.settings.region
    call = Call(backend, request, region, parse_query(request.query))
    respond = _control if service == S3_CONTROL else _plain
    response = respond(call, service)
    response.operation = call.operation
    response.headers.append(("Date", http_date(backend.clock.now())))
    return response


def _wire(service: str) -> ModuleType:
    if service == STS:
        from .protocols import query

        return query
    from .protocols import json

    return json


def _plain(call: Call, service: str) -> Response:
    """STS and KMS: one document, one request id, whatever happens."""
    wire = _wire(service)
    request_id, status = call.fake.ids.uuid("request"), 200
    try:
        body = _served(call, service, wire, request_id)
    except (ServiceError, S3Error, KmsError) as error:
        refusal = error if isinstance(error, (ServiceError, S3Error)) else ServiceError(error.code, error.message)
        status, body = refusal.status, wire.render_error(refusal, request_id)
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", wire.CONTENT_TYPE), ("Content-Length", str(len(body)))]
    return Response(status, headers, (body,) if body else ())


def _served(call: Call, service: str, wire: ModuleType, request_id: str) -> bytes:
    from .authenticate import authenticate

    operation = wire.operation_of(call)
    call.operation = operation.name
    if not operation.is_unsigned:
        call.caller = authenticate(call, service, aws_endpoint(call.request.host).region, wire.WORDS)
    known = registered(service).get(operation.name)
    if known is None:
        raise lacking(operation.name)
    params = wire.parse(call, operation)
    body: bytes = wire.render(operation, known.function(call, params) or {}, request_id)
    return body


def _control(call: Call, service: str) -> Response:
    """S3 Control: S3's manners, with documents of its own."""
    from .protocols import rest_xml

    request_id, host_id = call.fake.ids.request_ids()
    try:
        operation = rest_xml.operation_of(call)
        call.operation = operation.name
        rest_xml.authenticate_control(call)
        known = registered(service).get(operation.name)
        if known is None:
            raise rest_xml.lacking(operation.name)
        params = rest_xml.parse(call, operation)
        rest_xml.check_allowed(call, operation, params, known)
        headers, body = rest_xml.render(operation, known.function(call, params) or {})
        status = call.status or operation.status
        headers += call.headers
    except S3Error as error:
        status, headers = error.status, [*error.headers.items(), ("Content-Type", rest_xml.CONTENT_TYPE)]
        body = (rest_xml.render_error(error, request_id, host_id),)
        if error.decision is not None:
            call.fake.last_denial = error.decision
    if not body and status == 200:
        headers.append(("Content-Length", "0"))
    headers += [("x-amz-id-2", host_id), ("x-amz-request-id", request_id), ("Server", "AmazonS3")]
    return Response(status, headers, body)

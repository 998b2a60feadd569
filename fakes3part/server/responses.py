"""What the WSGI application and the cheroot server share: handling a request, with its log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from .. import leniences
from ..control.router import handle_control_request, may_be_control_path
from ..errors import ERRORS, S3Error
from ..message import Payload, Request, Response
from ..protocol.http1 import header, sends_body

if TYPE_CHECKING:
    from ..backend import Backend

log = logging.getLogger("fakes3part")
access_log = logging.getLogger("fakes3part.access")
"""One line for each request, at level INFO."""


def respond(backend: Backend, request: Request) -> Response:
    """Handle a request and log it. An unexpected exception becomes S3's InternalError; its traceback is logged."""
    try:
        response = _handle(backend, request)
        _check_length(request, response)
    except Exception:
        log.exception("fakes3part failed to handle %r", request)
        response = _internal_error(backend)
    if access_log.isEnabledFor(logging.INFO):
        lenient = f" {leniences.HEADER}: {', '.join(response.leniences)}" if response.leniences else ""
        target, operation = request.target_without_secrets, response.operation or "-"
        access_log.info("%s %s %s %s%s", request.method, target, response.status, operation, lenient)
    return response


def _handle(backend: Backend, request: Request) -> Response:
    if may_be_control_path(request.path):
        control = handle_control_request(backend, request)
        if control is not None:
            return control
    return backend.handle(request)


def _check_length(request: Request, response: Response) -> None:
    """Raise ValueError for a wrong Content-Length: the client would take bytes of the next response for this one's."""
    declared = header(response, "content-length")
    if declared is not None and sends_body(request.method, response.status):
        actual = sum(map(len, response.body))
        if int(declared) != actual:
            raise ValueError(f"{response!r} declares {declared} bytes and has {actual}")


def _internal_error(backend: Backend) -> Response:
    from ..protocol.documents import error_document

    status, message = ERRORS["InternalError"]
    request_id, host_id = backend.ids.request_ids()
    headers = [("x-amz-request-id", request_id), ("x-amz-id-2", host_id), ("Content-Type", "application/xml")]
    return Response(status, headers, (error_document("InternalError", message, {}, request_id, host_id),))


def malformed_length() -> S3Error:
    """Return the error for a Content-Length that is not a number."""
    return S3Error("BadRequest", "Malformed Content-Length")


EMPTY = Payload(b"")

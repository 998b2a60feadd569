"""What the WSGI application and the cheroot server share: handling a request, with its log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from .. import leniences
from ..control.guard import foreign_host_reason
from ..control.own_hosts import is_foreign_host
from ..control.router import handle_control_request, may_be_control_path
from ..errors import S3Error
from ..message import Payload, Request, Response, size_of
from ..protocol.http1 import header, sends_body

if TYPE_CHECKING:
    from ..backend import Backend

log = logging.getLogger("fakes3part")
access_log = logging.getLogger("fakes3part.access")
"""One line for each request, at level INFO."""


_OUT_OF_MEMORY = "fakes3part has no memory left for this request. Nothing was stored."


def respond(backend: Backend, request: Request) -> Response:
    """Handle a request and log it. An unexpected exception becomes S3's InternalError; its traceback is logged.

    Out of memory is ServiceUnavailable, and one line in the log.
    """
    try:
        response = _handle(backend, request)
        _check_length(request, response)
    except MemoryError:
        log.error("fakes3part has no memory for %r", request)
        response = reject(backend, S3Error("ServiceUnavailable", _OUT_OF_MEMORY), request.method)
    except Exception:
        log.exception("fakes3part failed to handle %r", request)
        response = reject(backend, S3Error("InternalError"), request.method)
    if access_log.isEnabledFor(logging.INFO):
        lenient = f" {leniences.HEADER}: {', '.join(response.leniences)}" if response.leniences else ""
        target, operation = request.target_without_secrets, response.operation or "-"
        access_log.info("%s %s %s %s%s", request.method, target, response.status, operation, lenient)
    return response


def reject(backend: Backend, error: S3Error, method: str = "GET") -> Response:
    """Return the response for what is no request, or could not be handled: `fakes3part.pipeline.reject`."""
    from ..pipeline import reject  # when first needed: it loads the operations

    return reject(backend, error, method)


def _handle(backend: Backend, request: Request) -> Response:
    if may_be_control_path(request.path):
        control = handle_control_request(backend, request)
        if control is not None:
            return control
    if is_foreign_host(backend, request.host):
        return reject(backend, S3Error("AccessDenied", foreign_host_reason(request.host)), request.method)
    return backend.handle(request)


def _check_length(request: Request, response: Response) -> None:
    """Raise ValueError for a wrong Content-Length: the client would take bytes of the next response for this one's."""
    declared = header(response, "content-length")
    if declared is not None and sends_body(request.method, response.status):
        actual = size_of(response.body)
        if int(declared) != actual:
            raise ValueError(f"{response!r} declares {declared} bytes and has {actual}")


EMPTY = Payload(b"")

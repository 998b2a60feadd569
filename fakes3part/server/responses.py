"""What the WSGI application and the cheroot server share: handling a request, with its log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

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


class Exchange(NamedTuple):
    """A request that a server received, and its response.

    Attributes:
        request: None: what came was no HTTP request that could be read.
        seconds: from the end of the request's head until the response was made.
        is_control: whether it was for the server itself, and not for S3: the control API, health checks, the inspector.
    """

    request: Request | None
    response: Response
    seconds: float
    is_control: bool


Observer: TypeAlias = "Callable[[Exchange], None]"
"""Is called for each exchange of a server before the response is sent, in the thread of the request."""

_OUT_OF_MEMORY = "fakes3part has no memory left for this request. Nothing was stored."


def respond(backend: Backend, request: Request, observer: Observer | None = None) -> Response:
    """Handle a request and log it. An unexpected exception becomes S3's InternalError; its traceback is logged.

    Out of memory is ServiceUnavailable, and one line in the log.

    Args:
        observer: is shown the exchange; None: nobody observes.
    """
    started = perf_counter()
    is_control = False
    try:
        control = _control_response(backend, request)
        is_control = control is not None
        response = _s3_response(backend, request) if control is None else control
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
    if observer is not None:
        show(observer, Exchange(request, response, perf_counter() - started, is_control))
    return response


def show(observer: Observer, exchange: Exchange) -> None:
    """Call an observer, whose failure must not be the client's."""
    try:
        observer(exchange)
    except Exception:
        log.exception("fakes3part failed to log %r", exchange.request)


def reject(backend: Backend, error: S3Error, method: str = "GET") -> Response:
    """Return the response for what is no request, or could not be handled: `fakes3part.pipeline.reject`."""
    from ..pipeline import reject  # when first needed: it loads the operations

    return reject(backend, error, method)


def _control_response(backend: Backend, request: Request) -> Response | None:
    """Return the response to a request for the server itself; None: the request is for S3."""
    return handle_control_request(backend, request) if may_be_control_path(request.path) else None


def _s3_response(backend: Backend, request: Request) -> Response:
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

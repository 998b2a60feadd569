"""What the WSGI application and the cheroot server share: handling a request, and the parts of an HTTP response."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING

from .. import leniences
from ..control.router import handle_control_request, may_be_control_path
from ..errors import ERRORS, S3Error
from ..message import Buffer, Payload, Request, Response, Segments

if TYPE_CHECKING:
    from ..backend import Backend

log = logging.getLogger("fakes3part")
access_log = logging.getLogger("fakes3part.access")
"""One line for each request, at level INFO."""

SMALL = 64 * 1024
"""Bytes. Smaller buffers are joined until a send has about this many; larger ones are sent as they are."""

STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
BODILESS = frozenset({204, 304})

_UNSAFE = str.maketrans("\r\n", "  ")


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


def sends_body(method: str, status: int) -> bool:
    """Return whether HTTP allows this response to have a body."""
    return method != "HEAD" and status not in BODILESS and status >= 200


def header(response: Response, name: str) -> str | None:
    """Return the value of a response's header; None if there is none. ``name`` is in lower case."""
    for key, value in response.headers:
        if len(key) == len(name) and key.lower() == name:
            return value
    return None


def safe_headers(response: Response) -> list[tuple[str, str]]:
    """Return the response's headers, without line ends in a value (``response-content-type=a%0D%0Ab`` would inject a header)."""
    headers = response.headers
    if response.status in BODILESS:
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
    if any("\n" in value or "\r" in value for _, value in headers):
        headers = [(name, value.translate(_UNSAFE)) for name, value in headers]
    return headers


def status_line(status: int) -> str:
    """Return ``403 Forbidden``, in title case: s3cmd compares the phrase."""
    return STATUS_LINES.get(status) or f"{status} Unknown"


def portions(segments: Segments, head: bytes = b"") -> Iterator[Buffer]:
    """Yield ``head`` and the segments as buffers worth a send each: small ones joined, large ones unchanged."""
    small: list[Buffer] = [head] if head else []
    size = len(head)
    for segment in segments:
        if len(segment) >= SMALL:
            if small:
                yield b"".join(small)
                small, size = [], 0
            yield segment
            continue
        small.append(segment)
        size += len(segment)
        if size >= SMALL:
            yield b"".join(small)
            small, size = [], 0
    if size:
        yield b"".join(small)


def split_target(target: str) -> tuple[str, str, str]:
    """Split a request line's target into host (``""`` unless it is in absolute form), raw path and raw query."""
    host = ""
    if not target.startswith("/"):
        _, separator, rest = target.partition("://")
        if separator:
            host = rest.partition("/")[0].partition("?")[0]
            target = rest[len(host) :]
    path, _, query = target.partition("?")
    return host, ("/" if path in ("", "*") else path), query


def incomplete_body() -> S3Error:
    """Return the error for a body that is shorter than its Content-Length."""
    return S3Error("IncompleteBody")


def broken_body() -> S3Error:
    """Return the error for a ``Transfer-Encoding: chunked`` body with invalid or missing chunks."""
    return S3Error("IncompleteBody", "The request body terminated unexpectedly")


def malformed_length() -> S3Error:
    """Return the error for a Content-Length that is not a number."""
    return S3Error("BadRequest", "Malformed Content-Length")


EMPTY = Payload(b"")

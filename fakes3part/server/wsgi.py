"""A FakeS3 as a WSGI application: under any WSGI server, inside another application, or under ``werkzeug.test.Client``.

Plain PEP 3333, without werkzeug's wrappers: its ``Request`` decodes the path (signatures and keys need the raw one),
and the two of them cost more per request than everything else in this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..message import Payload, Request, Segments
from .answer import (
    EMPTY,
    answer,
    broken_body,
    incomplete_body,
    malformed_length,
    portions,
    safe_headers,
    sends_body,
    split_target,
    status_line,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from ..fake import FakeS3

_READ = 64 * 1024 * 1024
"""Bytes asked for at once: a client that declares 5 GiB gets that much memory only as it sends."""

_UNQUOTED = "/!$&'()*+,;=:@~"
"""What RFC 3986 lets stand in a path. Used only where the server kept no raw path."""


class WsgiApp:
    """``app(environ, start_response)`` over one `FakeS3`."""

    def __init__(self, fake: FakeS3) -> None:
        self.fake = fake

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = request_of(environ)
        response = answer(self.fake, request)
        start_response(status_line(response.status), safe_headers(response))
        return _pieces(response.body) if sends_body(request.method, response.status) else ()


def request_of(environ: WSGIEnvironment) -> Request:
    """The `Request` that an environment describes; the body stays in ``wsgi.input`` until somebody asks for it."""
    host, path, query = _target(environ)
    headers = _headers(environ)
    return Request(
        environ["REQUEST_METHOD"],
        host or headers.get("host") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}",
        path,
        query,
        headers,
        scheme=environ["wsgi.url_scheme"],
        read=partial(_read_body, environ),
    )


def _target(environ: WSGIEnvironment) -> tuple[str, str, str]:
    mount = quote(environ.get("SCRIPT_NAME", "").encode("latin-1"), _UNQUOTED)
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if not raw:
        path = quote(environ.get("PATH_INFO", "").encode("latin-1"), _UNQUOTED)
        return "", path or "/", environ.get("QUERY_STRING", "")
    host, path, query = split_target(raw)
    if mount and path.startswith(mount):
        path = path[len(mount) :] or "/"
    return host, path, query


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    for name, variable in (("content-type", "CONTENT_TYPE"), ("content-length", "CONTENT_LENGTH")):
        value = environ.get(variable)
        if value:
            headers[name] = value
    return headers


def _read_body(environ: WSGIEnvironment) -> Payload:
    """Raises S3Error: IncompleteBody, BadRequest."""
    declared = environ.get("CONTENT_LENGTH") or ""
    chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    if environ.get("wsgi.input_terminated") and (chunked or not declared):
        return Payload(_read_to_end(environ["wsgi.input"]))
    if not declared:
        return EMPTY
    if not (declared.isascii() and declared.isdigit()):
        raise malformed_length()
    return Payload(_read_exactly(environ["wsgi.input"], int(declared)))


def _read_to_end(stream: Any) -> bytes:
    try:
        pieces = list(iter(partial(stream.read, _READ), b""))
    except (OSError, ValueError) as gone:
        raise broken_body() from gone
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _read_exactly(stream: Any, length: int) -> bytes:
    pieces: list[bytes] = []
    try:
        while length:
            piece = stream.read(min(length, _READ))
            if not piece:
                raise incomplete_body()
            pieces.append(piece)
            length -= len(piece)
    except (OSError, ValueError) as gone:
        raise incomplete_body() from gone
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _pieces(body: Segments) -> Iterator[bytes]:
    for portion in portions(body):
        yield portion if isinstance(portion, bytes) else bytes(portion)

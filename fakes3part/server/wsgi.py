"""A `FakeS3` as a WSGI application: under any WSGI server, inside another application, or under ``werkzeug.test.Client``.

werkzeug carries HTTP here: its `Request` knows host, headers and where the body ends, its `Response` what a status may send.
Only the path is taken from the server's raw target: werkzeug decodes it, and signatures and keys need it as sent. (Our own
server does not come by: `transport` hands what cheroot has parsed straight to the fake, which is a third of the cost.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Request as WsgiRequest
from werkzeug.wrappers import Response as WsgiResponse

from ..errors import S3Error
from ..message import Payload, ReceivedRequest, Request, Segments
from ..protocol.http1 import (
    broken_body,
    incomplete_body,
    portions,
    safe_headers,
    sends_body,
    status_line,
)
from ..protocol.http1_head import bad_request, check_headers, parse_target
from ..text import whole_number
from .request_body import PIECE, check_size
from .responses import reject, respond

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from ..backend import Backend
    from ..settings import Settings

_READ = 64 * 1024 * 1024
"""Bytes read at once, so that memory is allocated only as the client sends, whatever length it declares."""

_UNQUOTED = "/!$&'()*+,;=:@~"
"""What RFC 3986 allows unquoted in a path. Used only if the WSGI server does not pass the raw path."""


class _Response(WsgiResponse):
    """A response without werkzeug's defaults: S3 sends only the Content-Type that was stored, and XML without a length."""

    default_mimetype = None
    automatically_set_content_length = False


class WsgiApp:
    """``app(environ, start_response)`` over one `FakeS3`."""

    def __init__(self, backend: Backend) -> None:
        self.fake = backend

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        try:
            response = respond(self.fake, request_of(environ, self.fake.settings))
        except S3Error as error:
            response = reject(self.fake, error, method)
        body = _body_chunks(response.body) if sends_body(method, response.status) else ()
        if response.delivery is not None:
            from .faulty_response import interrupted_body

            sock = environ.get("werkzeug.socket") or environ.get("gunicorn.socket")
            body = interrupted_body(response, response.delivery, sock, sends=bool(body))
        wrapped = _Response(body, status_line(response.status), safe_headers(response), direct_passthrough=True)
        return wrapped(environ, start_response)


def request_of(environ: WSGIEnvironment, settings: Settings) -> Request:
    """Return the `Request` of a WSGI environment. The body is read from its stream only when needed.

    Raises:
        S3Error: BadRequest or NotImplemented: HTTP/1.1 forbids such a request, and the server has let it through.
    """
    request = WsgiRequest(environ)
    headers = {name.lower(): value for name, value in request.headers.items()}
    if "host" in headers or environ.get("SERVER_PROTOCOL") == "HTTP/1.1":
        check_headers(headers)
    if whole_number(headers.get("content-length") or "0") is None:
        raise bad_request()
    host, path, query = _target(request)
    body = _Body(request, settings)
    received = ReceivedRequest(
        request.method,
        host or request.host,
        path,
        query,
        headers,
        scheme=request.scheme,
        client=request.remote_addr or "127.0.0.1",
        read=body.read,
    )
    received.body = body
    return received


def _target(request: WsgiRequest) -> tuple[str, str, str]:
    environ = request.environ
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if not raw:
        return "", quote(request.path.encode(), _UNQUOTED), request.query_string.decode("latin-1")
    _, host, path, query = parse_target(raw)
    mount = quote(request.root_path.encode(), _UNQUOTED)
    if mount and path.startswith(mount):
        path = path[len(mount) :] or "/"
    return host, path, query


class _Body:
    """The body of one request.

    Attributes:
        reserve: see `ReceivedBody`.
    """

    reserve: Callable[[int], None] | None = None

    def __init__(self, request: WsgiRequest, settings: Settings) -> None:
        self._request = request
        self._settings = settings

    def read(self) -> Payload:
        """Read the body.

        Raises:
            S3Error: IncompleteBody, EntityTooLarge.
        """
        declared = self._request.headers.get("content-length", "")
        chunks: list[bytes] = []
        try:
            for chunk in iter(partial(self._request.stream.read, _READ if self.reserve is None else PIECE), b""):
                if self.reserve is not None:
                    self.reserve(len(chunk))
                chunks.append(chunk)
                check_size(sum(map(len, chunks)), self._settings)
        except (ClientDisconnected, OSError, ValueError) as error:
            raise (incomplete_body() if declared else broken_body()) from error
        return Payload(chunks[0] if len(chunks) == 1 else b"".join(chunks))


def _body_chunks(body: Segments) -> Iterator[bytes]:
    for portion in portions(body):
        yield portion if isinstance(portion, bytes) else bytes(portion)

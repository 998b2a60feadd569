"""The HTTP server, built on cheroot, which listens and accepts connections.

Each class replaces a part of cheroot, by its documented hooks:

* `_Reader`: reads request line and headers as `fakes3part.protocol.http1_head` says; errors are S3's documents.
* `Body`: sends ``100 Continue`` when the body is first read; reads chunked bodies of any size with HTTP trailers.
* `_Gateway`: passes requests to the fake without a WSGI environment; sends head and body at once; keeps a connection
  usable after an error response that was sent before the body was read.
* `_Connections`: runs a thread for each connection instead of a pool, so that a slow upload never delays another request,
  a server that was not stopped never keeps the interpreter alive, and stopping takes milliseconds.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import threading
from contextlib import suppress
from email.utils import format_datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from cheroot.errors import MaxSizeExceeded
from cheroot.server import Gateway, HTTPConnection, HTTPRequest, HTTPServer

from ..errors import S3Error
from ..locks import new_lock
from ..message import Delivery, ReceivedRequest, Response
from ..protocol.http1 import (
    CONTINUE,
    framing,
    header,
    in_chunks,
    portions,
    response_head,
    safe_headers,
    sends_body,
)
from ..protocol.http1_head import (
    HEAD_LIMIT,
    Head,
    Target,
    add_header,
    bad_request,
    frame,
    parse_request_line,
    parse_target,
)
from ..rules.limits import MAX_HEADERS
from .faulty_response import send_faulty
from .request_body import DISCARD_LIMIT, PIECE, Body
from .responses import log, reject, respond

if TYPE_CHECKING:
    from ..backend import Backend
    from .tls import Tls, TlsSocket


class _Reader(HTTPRequest):
    """Reads one request's head. Nothing is left to cheroot's own parser, which is less strict."""

    head: Head
    target: Target

    def __init__(self, server: HTTPServer, conn: HTTPConnection) -> None:
        super().__init__(server, conn)
        self._is_old = False

    def parse_request(self) -> None:
        try:
            self.ready = self._read_head()
        except S3Error as error:
            self._refuse(error, error.status)
        except MaxSizeExceeded:
            self._refuse(S3Error("RequestHeaderSectionTooLarge", MaxSizeAllowed=MAX_HEADERS), 413)

    def respond(self) -> None:
        self.server.gateway(self).respond()

    def simple_response(self, status: str, _message: str = "") -> None:
        """Send the response for an error that cheroot has found: the client sends nothing, or we have failed."""
        timeout = status.startswith("408")
        self._refuse(S3Error("RequestTimeout" if timeout else "InternalError"), 400 if timeout else 500)

    def _read_head(self) -> bool:
        """Return whether there is a request: the client may have closed the connection.

        Raises:
            S3Error: it is malformed.
            MaxSizeExceeded: its headers are too long.
        """
        readline = self.conn.rfile.readline
        line = readline(HEAD_LIMIT)
        self.started_request = True
        if line == b"\r\n":  # RFC 9112, 2.2
            line = readline(HEAD_LIMIT)
        if not line:
            return False
        if len(line) == HEAD_LIMIT:
            raise S3Error("RequestURITooLong")
        method, raw_target, self._is_old = parse_request_line(_without_end(line))
        room = HEAD_LIMIT
        headers: dict[str, str] = {}
        while (line := readline(room + 1)) != b"\r\n":
            room -= len(line)
            if room < 0:
                raise MaxSizeExceeded
            add_header(headers, _without_end(line))
        self.target = parse_target(raw_target)
        self.head = frame(method, raw_target, headers, is_old=self._is_old)
        self.close_connection = self.head.must_close
        return True

    def _refuse(self, error: S3Error, status: int) -> None:
        """Respond to what is no request, and close the connection."""
        self.close_connection = self.sent_headers = True
        response = reject(self.server.backend, error)
        response.status = status
        added, chunked = framing(response, is_old_client=self._is_old)
        head = response_head(status, [*response.headers, *added, ("Connection", "close")])
        with suppress(OSError):
            self.conn.wfile.write(head + b"".join(in_chunks(response.body) if chunked else response.body))
            self.conn.hang_up()


def _without_end(line: bytes) -> str:
    if not line.endswith(b"\r\n"):
        raise bad_request()
    return line[:-2].decode("latin-1")


class _Gateway(Gateway):
    """Passes one request to the fake and sends the response."""

    req: _Reader

    def respond(self) -> None:
        req = self.req
        method, target, headers = req.head.method, req.target, req.head.headers
        proceed = self._proceed if req.head.expects_continue else None
        body = Body(req.conn.rfile, req.head.length, proceed)
        host = target.host or headers.get("host", "")
        client = req.conn.remote_addr or "127.0.0.1"
        request = ReceivedRequest(
            method, host, target.path, target.query, headers, scheme=req.server.scheme, client=client, read=body.read
        )
        response = respond(req.server.backend, request)
        req.sent_headers = True  # from here on cheroot must not send an error response of its own
        if proceed is not None and response.status < 300 and response.delivery is None:
            body.proceed()
        req.close_connection = req.close_connection or body.must_close or not req.server.keep_alive
        if response.delivery is not None:
            self._send_faulty(method, response, response.delivery)
            return
        self._send(method, response)
        body.discard()
        req.close_connection = req.close_connection or body.must_close
        if body.must_close:
            req.conn.hang_up()

    def _proceed(self) -> None:
        self.req.conn.wfile.write(CONTINUE)

    def _send(self, method: str, response: Response) -> None:
        write = self.req.conn.wfile.write
        head, chunked = self._framed(response)
        if not sends_body(method, response.status):
            write(head)
        elif not chunked:
            for portion in portions(response.body, head):
                write(portion)
        else:
            self._send_chunked(head, response)

    def _send_faulty(self, method: str, response: Response, delivery: Delivery) -> None:
        """Send a faulty response, and close the connection, however it ends."""
        req = self.req
        req.close_connection = True
        head, chunked = self._framed(response)
        body = response.body if sends_body(method, response.status) else ()
        req.conn.is_reset = send_faulty(req.conn.socket, delivery, head, body, chunked=chunked)

    def _framed(self, response: Response) -> tuple[bytes, bool]:
        """Return the head, and whether the body is sent in chunks."""
        added, chunked = framing(response, is_old_client=self.req.head.is_old)
        return self._head(response, added), chunked

    def _send_chunked(self, head: bytes, response: Response) -> None:
        for portion in portions(in_chunks(response.body), head):
            self.req.conn.wfile.write(portion)

    def _head(self, response: Response, framing_headers: tuple[tuple[str, str], ...]) -> bytes:
        req = self.req
        headers = [*safe_headers(response), *framing_headers]
        if header(response, "date") is None:
            headers.append(("Date", format_datetime(req.server.backend.clock.now(), usegmt=True)))
        if header(response, "server") is None:
            headers.append(("Server", "AmazonS3"))
        if req.close_connection:
            headers.append(("Connection", "close"))
        elif req.head.is_old:
            headers.append(("Connection", "Keep-Alive"))
        return response_head(response.status, headers)


class _Writer:
    """The ``wfile`` of a connection: sends every write whole and at once."""

    def __init__(self, sock: socket.socket) -> None:
        self.write = sock.sendall


def _stream(sock: socket.socket, mode: str, size: int) -> Any:
    # The buffers of io, which are in C: cheroot's are of _pyio.
    return sock.makefile("rb", size) if "r" in mode else _Writer(sock)


class _Connection(HTTPConnection):
    RequestHandlerClass = _Reader
    rbufsize = 64 * 1024
    is_reset = False

    def __init__(self, server: CherootServer, sock: socket.socket, _makefile: object = None) -> None:
        sock.settimeout(None)  # a client may wait long, for example in a debugger
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if server.tls is not None:
            sock = _wrapped(server.tls, sock)
        super().__init__(server, sock, _stream)

    def open(self) -> bool:
        """Perform the handshake of TLS. Return whether requests can follow."""
        return self.server.tls is None or bool(self.socket.open())

    def close(self) -> None:
        if self.is_reset:
            # A shutdown would end the connection in order; a socket that does not linger is reset when it is closed.
            self.rfile.close()
            self.socket.close()
        else:
            if self.server.tls is not None:
                with suppress(OSError):
                    self.socket.shutdown(socket.SHUT_WR)  # tells the client that nothing was cut off
            super().close()

    def hang_up(self) -> None:
        """Shut down sending, then read for a second at most until the client closes too.

        Closing a socket with unread bytes resets the connection, and the client might not receive the response.
        """
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
            end = monotonic() + 1
            left = DISCARD_LIMIT
            while left > 0 and (seconds := end - monotonic()) > 0:
                self.socket.settimeout(seconds)
                piece = self.socket.recv(PIECE)
                if not piece:
                    break
                left -= len(piece)


def _wrapped(tls: Tls, sock: socket.socket) -> TlsSocket:
    try:
        return tls.wrap(sock)
    except OSError as error:  # the client has gone already; cheroot ignores this kind of error
        raise ConnectionAbortedError(errno.ECONNABORTED, str(error)) from error


class _Connections:
    """Replaces cheroot's thread pool: one thread for each connection, for its lifetime."""

    def __init__(self) -> None:
        self._lock = new_lock()
        self._open: dict[threading.Thread, _Connection] = {}

    def start(self) -> None:
        """Do nothing: there is no pool to fill."""

    def put(self, conn: _Connection) -> None:
        thread = threading.Thread(target=self._serve, args=(conn,), name="fakes3part connection", daemon=True)
        with self._lock:
            self._open[thread] = conn
        thread.start()

    def _serve(self, conn: _Connection) -> None:
        try:
            is_open = conn.open()
            while is_open:
                is_open = conn.communicate()  # type: ignore[no-untyped-call]
        finally:
            # Closed under the lock: else stop() might shut down a descriptor that has been reused.
            with self._lock, suppress(OSError):
                del self._open[threading.current_thread()]
                conn.close()

    def stop(self, _timeout: float = 0) -> None:
        """Shut down every connection, and wait for its thread."""
        with self._lock:
            threads = list(self._open)
            for conn in self._open.values():
                with suppress(OSError):
                    conn.socket.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()

    def abandon(self) -> None:
        for conn in self._open.values():
            with suppress(OSError):
                os.close(conn.socket.detach())  # (close() would wait for the files made of the socket)


class CherootServer(HTTPServer):
    """The HTTP server of one fake: ``prepare()`` binds the socket (or raises OSError), ``serve()`` runs until ``stop()``."""

    ConnectionClass = _Connection
    max_request_header_size = HEAD_LIMIT
    request_queue_size = 128
    expiration_interval = 0.05  # seconds between cheroot's checks whether to stop

    def __init__(
        self, backend: Backend, host: str, port: int, tls: Tls | None = None, *, bound: int | None = None, keep_alive: bool = True
    ) -> None:
        """Make a server, which does not listen yet.

        Args:
            tls: None: the server speaks plain HTTP.
            bound: the file descriptor of a socket that is bound already, which the server takes over; None: bind one.
            keep_alive: whether a connection stays open after a response.
        """
        super().__init__((host, port), _Gateway)
        self.backend = backend
        self.tls = tls
        self.keep_alive = keep_alive
        self.scheme = "http" if tls is None else "https"
        self.requests = _Connections()
        self._bind_error: OSError | None = None
        self._bound = bound

    def process_conn(self, conn: _Connection) -> None:
        self.requests.put(conn)

    def _serve_unservicable(self) -> None:
        """Do nothing: no connection is ever unservicable, so cheroot needs no thread for that."""

    def prepare(self) -> None:
        """Bind the socket.

        Raises:
            OSError: the one that binding raised; cheroot's says only that no socket could be created.
        """
        try:
            super().prepare()
        except OSError as error:
            bind_error, self._bind_error = self._bind_error, None
            raise bind_error or error from None

    def bind(self, family: int, type: int, proto: int = 0) -> Any:  # noqa: A002  # cheroot's name
        if self._bound is not None:
            self.socket, self._bound = socket.socket(fileno=self._bound), None
            self.bind_addr = self.socket.getsockname()
            return self.socket
        try:
            return super().bind(family, type, proto)
        except OSError as error:
            self._bind_error = error
            raise

    @staticmethod
    def bind_socket(socket_: socket.socket, bind_addr: Any) -> socket.socket:
        try:
            socket_.bind(bind_addr)
        except OSError:
            socket_.close()
            raise
        return socket_

    def stop(self) -> None:
        """Stop listening, close every connection, and wait for their threads."""
        shared = self.socket.dup() if self.socket is not None else None
        super().stop()
        if shared is not None:  # a forked child may have the socket too, and the port would stay open
            with shared, suppress(OSError):
                shared.shutdown(socket.SHUT_RDWR)

    def abandon(self) -> None:
        """Close the sockets in a forked child, whose parent goes on with them: no shutdown, which would end them there too."""
        if self.socket is not None:
            self.socket.close()
        self.requests.abandon()

    def clear_stats(self) -> None:
        super().clear_stats()  # type: ignore[no-untyped-call]
        # cheroot's global statistics would keep this server, and with it every object of the fake, in memory forever.
        statistics = getattr(logging, "statistics", {})
        statistics.pop(f"Cheroot HTTPServer {id(self)}", None)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        log.log(level, "%s", msg, exc_info=traceback)

"""The HTTP server, built on cheroot, which listens and accepts connections.

Each class replaces a part of cheroot, by its documented hooks:

* `Reader`: reads request line and headers.
* `Body`: sends ``100 Continue`` when the body is first read; reads chunked bodies of any size with HTTP trailers.
* `_Gateway`: passes requests to the fake without a WSGI environment; sends head and body at once; keeps a connection
  usable after an error response that was sent before the body was read.
* `ConnectionThreads`: runs a thread for each connection instead of a pool, so that a slow upload never delays another request,
  a server that was not stopped never keeps the interpreter alive, and stopping takes milliseconds.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
from contextlib import suppress
from email.utils import format_datetime
from functools import partial
from math import inf
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from cheroot.connections import ConnectionManager
from cheroot.server import Gateway, HTTPConnection, HTTPServer

from ..message import Delivery, Payload, ReceivedRequest, Response, size_of
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
from ..protocol.http1_head import HEAD_LIMIT, head_limit
from .connection_threads import ConnectionThreads
from .descriptors import is_scarce
from .faulty_response import send_faulty
from .request_body import DISCARD_LIMIT, PIECE, Body
from .request_reader import Reader
from .responses import Observer, log, respond
from .turns import Turn, Turns

if TYPE_CHECKING:
    from ..backend import Backend
    from .tls import Tls, TlsSocket


_RETRY = 0.05
"""Seconds to wait before a connection is accepted again, when there were no descriptors, memory or threads for one."""

_SMALL = 64 * 1024
"""Bytes of a response that a connection's buffers take at once."""

_SILENCE = 60
"""Seconds for which further errors of this kind are not logged."""


class _Gateway(Gateway):
    """Passes one request to the fake and sends the response."""

    req: Reader

    def respond(self) -> None:
        req = self.req
        method, target, headers = req.head.method, req.target, req.head.headers
        proceed = self._proceed if req.head.expects_continue else None
        body = Body(req.conn.rfile, req.head.length, proceed, req.server.backend.settings)
        host = target.host or headers.get("host", "")
        client = req.conn.remote_addr or "127.0.0.1"
        is_at_hand = proceed is None and req.head.length is not None and req.head.length <= _SMALL
        read = body.read if is_at_hand else partial(self._read, body)
        request = ReceivedRequest(
            method, host, target.path, target.query, headers, scheme=req.server.scheme, client=client, read=read
        )
        request.body = body
        if req.server.tls is not None:
            request.connection = req.conn.socket
        response = respond(req.server.backend, request, req.server.observer)
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

    def _read(self, body: Body) -> Payload:
        """Read a body for which the client may take its time."""
        self.req.conn.turn.end()
        return body.read()

    def _proceed(self) -> None:
        self.req.conn.wfile.write(CONTINUE)

    def _send(self, method: str, response: Response) -> None:
        write = self.req.conn.wfile.write
        head, chunked = self._framed(response)
        if size_of(response.body) > _SMALL:  # the client may take its time
            self.req.conn.turn.end()
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
        req.conn.turn.end()
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
    RequestHandlerClass = Reader
    rbufsize = 64 * 1024
    is_reset = False
    idle_since: float | None = None

    def __init__(self, server: CherootServer, sock: socket.socket, _makefile: object = None) -> None:
        sock = server.with_low_descriptor(sock)
        sock.settimeout(None)  # a client may wait long, for example in a debugger
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if server.tls is not None:
            sock = _wrapped(server.tls, sock)
        super().__init__(server, sock, _stream)
        self.turn = Turn(server.turns)

    def communicate(self) -> bool:
        """Handle one request. Return whether another one can follow."""
        try:
            return bool(super().communicate())  # type: ignore[no-untyped-call]
        finally:
            self.turn.end()

    def open(self) -> bool:
        """Perform the handshake of TLS. Return whether requests can follow."""
        self.idle_since = monotonic()
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
        self.turn.end()
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


def _is_shortage(error: Exception) -> bool:
    """Return whether a connection was not accepted for want of descriptors, memory or threads."""
    return isinstance(error, (OSError, MemoryError, RuntimeError))


class CherootServer(HTTPServer):
    """The HTTP server of one fake: ``prepare()`` binds the socket (or raises OSError), ``serve()`` runs until ``stop()``."""

    _connections: ConnectionManager  # (made by cheroot's prepare(); its stubs lack it)
    ConnectionClass = _Connection
    max_request_header_size = HEAD_LIMIT
    request_queue_size = 128
    expiration_interval = 0.05  # seconds between cheroot's checks whether to stop

    def __init__(
        self,
        backend: Backend,
        host: str,
        port: int,
        tls: Tls | None = None,
        *,
        bound: int | None = None,
        keep_alive: bool = True,
        observer: Observer | None = None,
    ) -> None:
        """Make a server, which does not listen yet.

        Args:
            tls: None: the server speaks plain HTTP.
            bound: the file descriptor of a socket that is bound already, which the server takes over; None: bind one.
            keep_alive: whether a connection stays open after a response.
            observer: is shown every exchange; None: nobody observes.
        """
        super().__init__((host, port), _Gateway)
        self.backend = backend
        self.tls = tls
        self.keep_alive = keep_alive
        self.observer = observer
        self.head_limit = head_limit(backend.settings.max_header_size)
        self.scheme = "http" if tls is None else "https"
        self.requests = ConnectionThreads()
        self.turns = Turns()
        self._bind_error: OSError | None = None
        self._bound = bound
        self._silent_until = 0.0

    def process_conn(self, conn: _Connection) -> None:
        self.requests.put(conn)

    def with_low_descriptor(self, sock: socket.socket) -> socket.socket:
        """Return a new connection's socket, with another descriptor if its own is one of the last, which requests may need."""
        while self.ready and is_scarce(sock.fileno()):
            self._make_room(OSError(errno.EMFILE, os.strerror(errno.EMFILE)))
            with suppress(OSError):
                low = sock.dup()
                if is_scarce(low.fileno()):
                    low.close()
                else:
                    sock.close()
                    return low
        return sock

    def serve(self) -> None:
        """Accept connections until `stop`. (cheroot's method has a thread for unservicable ones, of which we have none.)"""
        while self.ready:
            try:
                self._connections.run(self.expiration_interval)
            except Exception as error:
                self._make_room(error)

    def _make_room(self, error: Exception) -> None:
        """Close a connection that is idle, or wait a moment, after an error of the accepting thread."""
        self._report(error)
        if not (_is_shortage(error) and self.requests.close_longest_idle()):
            sleep(_RETRY)

    def _report(self, error: Exception) -> None:
        """Log an error of the accepting thread, unless it has logged one in the last minute."""
        now = monotonic()
        if now < self._silent_until:
            return
        self._silent_until = now + _SILENCE
        reason = getattr(error, "strerror", None) or error or type(error).__name__
        log.error("fakes3part cannot accept connections for now: %s", reason, exc_info=None if _is_shortage(error) else error)

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
        if os.name == "posix":
            # So another server can have this port although connections to it are in TIME_WAIT. (cheroot sets it before binding,
            # but not for port 0, where the system might then choose a port that is taken.)
            socket_.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return socket_

    def stop(self) -> None:
        """Stop listening, close every connection, and wait for their threads."""
        shared = None
        self._silent_until = inf
        try:
            shared = self.socket.dup() if self.socket is not None else None
        except OSError:  # there are no descriptors
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
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

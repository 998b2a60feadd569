"""cheroot beneath a `FakeS3`: its listening, accepting and parsing, with the few manners that S3's clients need.

What cheroot leaves to us, and why each class is here (all by its documented hooks):

* `_Reader`: headers that keep underscores, duplicates and their values' bytes; one Content-Length or none.
* `Body`: ``100 Continue`` at the first look at the body and not before, chunked bodies of any size with HTTP trailers.
* `_Gateway`: straight from request to `FakeS3.handle`, without a WSGI environment between; head and body in one send;
  a connection that stays usable after an error answered before the body was read.
* `_Connections`: a thread per connection instead of a pool, so that one slow upload never keeps another waiting, a
  forgotten server never keeps the interpreter alive, and stopping takes milliseconds.
"""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import suppress
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from cheroot.errors import MaxSizeExceeded
from cheroot.server import Gateway, HTTPConnection, HTTPRequest, HTTPServer

from ..message import Delivery, Request, Response
from .faulty_response import send_faulty
from .request_body import DISCARD_LIMIT, PIECE, Body
from .responses import answer, header, log, portions, safe_headers, sends_body, split_target, status_line

if TYPE_CHECKING:
    from ..backend import Backend

HEAD_LIMIT = 64 * 1024
"""Bytes of a request's line and headers. S3 itself refuses from 8 KiB on: the pipeline's affair."""

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class _Reader(HTTPRequest):
    """Reads one request. ``headers`` is what `Request` wants; cheroot's own dict gets only what frames the message."""

    def __init__(self, server: HTTPServer, conn: HTTPConnection) -> None:
        super().__init__(server, conn, proxy_mode=True)  # proxy mode: absolute-form targets are welcome
        self.headers: dict[str, str] = {}

    def parse_request(self) -> None:
        super().parse_request()
        if not self.ready:
            self.conn.hang_up()

    def header_reader(self, _limited: object, framing: dict[bytes, bytes]) -> None:
        """Raises ValueError (answered 400), MaxSizeExceeded (413)."""
        headers = self.headers
        readline = self.conn.rfile.readline
        room = HEAD_LIMIT
        while (line := readline(room + 1)) not in (b"\r\n", b"\n"):
            room -= len(line)
            if room < 0:
                raise MaxSizeExceeded
            name, colon, value = line.decode("latin-1").partition(":")
            if not (colon and name and value.endswith("\n")) or " " in name or "\t" in name:
                raise ValueError("Illegal header line.")
            name, value = name.lower(), value.strip(" \t\r\n")
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        self._frame(framing)

    def _frame(self, framing: dict[bytes, bytes]) -> None:
        headers = self.headers
        options = headers.get("connection", "").lower()
        if "close" in options:
            framing[b"Connection"] = b"close"
        elif "keep-alive" in options:
            framing[b"Connection"] = b"Keep-Alive"
        if "transfer-encoding" in headers:
            framing[b"Transfer-Encoding"] = headers["transfer-encoding"].encode("latin-1")
            if headers.pop("content-length", None) is not None:
                framing[b"Connection"] = b"close"  # RFC 9112, 6.1: maybe somebody smuggles a request
        elif "content-length" in headers:
            lengths = {length.strip() for length in headers["content-length"].split(",")}
            length = lengths.pop()
            if lengths or not (length.isascii() and length.isdigit()):
                raise ValueError("Malformed Content-Length Header.")
            headers["content-length"] = length
            framing[b"Content-Length"] = length.encode()


class _Gateway(Gateway):
    """One request through the fake, and its answer onto the wire."""

    req: _Reader

    def respond(self) -> None:
        req = self.req
        body = self._body()
        host, path, query = split_target(req.uri.decode("latin-1"))
        host = host or req.headers.get("host", "")
        method = req.method.decode("latin-1")
        client = req.conn.remote_addr or "127.0.0.1"
        request = Request(method, host, path, query, req.headers, scheme="http", client=client, read=body.read)
        response = answer(req.server.fake, request)
        req.close_connection = req.close_connection or body.must_close
        req.sent_headers = True  # from here on cheroot must not answer an error of its own
        if response.delivery is not None:
            self._send_faulty(method, response, response.delivery)
            return
        self._send(method, response)
        body.discard()
        req.close_connection = req.close_connection or body.must_close
        if body.must_close:
            req.conn.hang_up()

    def _body(self) -> Body:
        req = self.req
        length = None if req.chunked_read else int(req.headers.get("content-length", "0"))
        expects = req.headers.get("expect", "").lower() == "100-continue" and req.response_protocol == "HTTP/1.1"
        return Body(req.conn.rfile, length, self._proceed if expects else None)

    def _proceed(self) -> None:
        self.req.conn.wfile.write(_CONTINUE)

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
        """Nothing else comes through this connection: each end of a fault closes it, and so does a slow answer."""
        req = self.req
        req.close_connection = True
        head, chunked = self._framed(response)
        body = response.body if sends_body(method, response.status) else ()
        req.conn.is_reset = send_faulty(req.conn.socket, delivery, head, body, chunked=chunked)

    def _framed(self, response: Response) -> tuple[bytes, bool]:
        """The head, and whether the body goes in chunks."""
        chunked = header(response, "content-length") is None and response.status not in (204, 304)
        framing: tuple[tuple[str, str], ...] = ()
        if chunked and self.req.response_protocol == "HTTP/1.0":
            framing = (("Content-Length", str(sum(map(len, response.body)))),)
            chunked = False
        elif chunked:
            framing = (("Transfer-Encoding", "chunked"),)
        return self._head(response, framing), chunked

    def _send_chunked(self, head: bytes, response: Response) -> None:
        pieces: list[bytes | memoryview] = []
        for portion in portions(response.body):
            pieces += (b"%x\r\n" % len(portion), portion, b"\r\n")
        pieces.append(b"0\r\n\r\n")
        for portion in portions(pieces, head):
            self.req.conn.wfile.write(portion)

    def _head(self, response: Response, framing: tuple[tuple[str, str], ...]) -> bytes:
        req = self.req
        lines = [f"HTTP/1.1 {status_line(response.status)}"]
        lines += [f"{name}: {value}" for name, value in (*safe_headers(response), *framing)]
        if header(response, "date") is None:
            lines.append(f"Date: {format_datetime(req.server.fake.clock.now(), usegmt=True)}")
        if header(response, "server") is None:
            lines.append("Server: AmazonS3")
        if req.close_connection:
            lines.append("Connection: close")
        elif req.response_protocol == "HTTP/1.0":
            lines.append("Connection: Keep-Alive")
        return "\r\n".join((*lines, "", "")).encode("latin-1")


class _Writer:
    """What cheroot calls a connection's wfile: every write is sent whole and at once."""

    def __init__(self, sock: socket.socket) -> None:
        self.write = sock.sendall


def _stream(sock: socket.socket, mode: str, size: int) -> Any:
    # io's own buffers, in C: cheroot's come from _pyio.
    return sock.makefile("rb", size) if "r" in mode else _Writer(sock)


class _Connection(HTTPConnection):
    RequestHandlerClass = _Reader
    rbufsize = 64 * 1024
    is_reset = False

    def __init__(self, server: HTTPServer, sock: socket.socket, _makefile: object = None) -> None:
        sock.settimeout(None)  # a client that thinks (or is being debugged) is no error
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(server, sock, _stream)

    def close(self) -> None:
        if self.is_reset:
            # A shutdown would say a polite good-bye; a socket that does not linger is reset when it is closed.
            self.rfile.close()
            self.socket.close()
        else:
            super().close()

    def hang_up(self) -> None:
        """Say that nothing follows, then wait (shortly) until the client has heard it.

        Closing a socket that holds unread bytes resets the connection, and the answer might be lost on its way.
        """
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
            self.socket.settimeout(1)
            left = DISCARD_LIMIT
            while left > 0 and (piece := self.socket.recv(PIECE)):
                left -= len(piece)


class _Connections:
    """In the place of cheroot's pool: a thread a connection, for as long as it lives."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, _Connection] = {}

    def start(self) -> None:
        """Nothing to warm up."""

    def put(self, conn: _Connection) -> None:
        thread = threading.Thread(target=self._serve, args=(conn,), name="fakes3part connection", daemon=True)
        with self._lock:
            self._open[thread] = conn
        thread.start()

    def _serve(self, conn: _Connection) -> None:
        try:
            while conn.communicate():  # type: ignore[no-untyped-call]
                pass
        finally:
            # Closed under the lock: stop() must never shut down a descriptor that is somebody else's by now.
            with self._lock, suppress(OSError):
                del self._open[threading.current_thread()]
                conn.close()

    def stop(self, _timeout: float = 0) -> None:
        """Shut every connection, and wait for its thread."""
        with self._lock:
            threads = list(self._open)
            for conn in self._open.values():
                with suppress(OSError):
                    conn.socket.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()


class Engine(HTTPServer):
    """The listening socket of one fake: ``prepare()`` binds (or raises OSError), ``serve()`` runs until ``stop()``."""

    ConnectionClass = _Connection
    max_request_header_size = HEAD_LIMIT
    request_queue_size = 128
    expiration_interval = 0.05  # how often cheroot looks whether it should stop, in seconds

    def __init__(self, backend: Backend, host: str, port: int) -> None:
        super().__init__((host, port), _Gateway)
        self.fake = backend
        self.requests = _Connections()
        self._refusal: OSError | None = None

    def process_conn(self, conn: _Connection) -> None:
        self.requests.put(conn)

    def _serve_unservicable(self) -> None:
        """No connection ever is: do not keep a thread for it."""

    def prepare(self) -> None:
        """Raises the OSError that says why, where cheroot's own says only that no socket could be made."""
        try:
            super().prepare()
        except OSError as vague:
            refusal, self._refusal = self._refusal, None
            raise refusal or vague from None

    def bind(self, family: int, type: int, proto: int = 0) -> Any:  # noqa: A002  # cheroot's name
        try:
            return super().bind(family, type, proto)
        except OSError as refusal:
            self._refusal = refusal
            raise

    @staticmethod
    def bind_socket(socket_: socket.socket, bind_addr: Any) -> socket.socket:
        try:
            socket_.bind(bind_addr)
        except OSError:
            socket_.close()
            raise
        return socket_

    def clear_stats(self) -> None:
        super().clear_stats()  # type: ignore[no-untyped-call]
        # cheroot's global list of statistics would keep this server, and with it every object of the fake, for ever.
        statistics = getattr(logging, "statistics", {})
        statistics.pop(f"Cheroot HTTPServer {id(self)}", None)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        log.log(level, "%s", msg, exc_info=traceback)

"""`Reader`: reads the head of one request on a connection of cheroot, strictly; errors are S3's documents."""

from __future__ import annotations

from contextlib import suppress
from time import monotonic

from cheroot.errors import MaxSizeExceeded
from cheroot.server import HTTPConnection, HTTPRequest, HTTPServer

from ..errors import S3Error
from ..protocol.http1 import framing, in_chunks, response_head
from ..protocol.http1_head import Head, Target, add_header, bad_request, frame, parse_request_line, parse_target
from .responses import Exchange, reject, show


class Reader(HTTPRequest):
    """Reads one request's head. Nothing is left to cheroot's own parser, which is less strict."""

    head: Head
    target: Target

    def __init__(self, server: HTTPServer, conn: HTTPConnection) -> None:
        super().__init__(server, conn)
        self._is_old = False
        self.conn.idle_since = monotonic()

    def parse_request(self) -> None:
        try:
            self.ready = self._read_head()
        except S3Error as error:
            self._refuse(error, error.status)
        except MaxSizeExceeded:
            self._refuse(
                S3Error("RequestHeaderSectionTooLarge", MaxSizeAllowed=self.server.backend.settings.max_header_size), 413
            )

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
        limit = self.server.head_limit
        line = readline(limit)
        self.conn.idle_since = None
        self.conn.turn.begin()
        self.started_request = True
        if line == b"\r\n":  # RFC 9112, 2.2
            line = readline(limit)
        if not line:
            return False
        if len(line) == limit:
            raise S3Error("RequestURITooLong")
        method, raw_target, self._is_old = parse_request_line(_without_end(line))
        room = limit
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
        if self.server.observer is not None:
            show(self.server.observer, Exchange(None, response, 0, is_control=False))
        added, chunked = framing(response, is_old_client=self._is_old)
        head = response_head(status, [*response.headers, *added, ("Connection", "close")])
        with suppress(OSError):
            self.conn.wfile.write(head + b"".join(in_chunks(response.body) if chunked else response.body))
            self.conn.hang_up()


def _without_end(line: bytes) -> str:
    if not line.endswith(b"\r\n"):
        raise bad_request()
    return line[:-2].decode("latin-1")

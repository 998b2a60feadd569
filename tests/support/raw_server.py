"""A stub of the backend, to test the server alone, and a client that shows the bytes of HTTP."""

from __future__ import annotations

import json
import socket
from types import SimpleNamespace
from typing import Any

from fakes3part.clock import Clock
from fakes3part.errors import S3Error
from fakes3part.ids import Ids
from fakes3part.message import Request, Response
from fakes3part.settings import Settings


class StubBackend:
    """A backend that stores what is PUT and returns it on GET; ``/echo`` returns the request as JSON."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.server_hosts: set[str] = set()
        self.custom_hosts: tuple[str, ...] | None = ()
        self.clock = Clock()
        self.ids = Ids(1)
        self.stored: dict[str, bytes] = {}
        self.seen: list[Request] = []
        self.resets = 0
        self.buckets: dict[str, object] = {}
        self.store = SimpleNamespace(buckets=self.buckets)

    def reset(self) -> None:
        self.resets += 1
        self.stored.clear()

    def handle(self, request: Request) -> Response:
        self.seen.append(request)
        try:
            return getattr(self, f"_{request.path[1:]}", self._object)(request)
        except S3Error as error:
            document = f"<Error><Code>{error.code}</Code></Error>".encode()
            return Response(error.status, [("Content-Type", "application/xml")], (document,))

    def _object(self, request: Request) -> Response:
        if request.method == "PUT":
            self.stored[request.path] = request.payload.data
            return Response(200, [("ETag", '"x"'), ("Content-Length", "0")], operation="PutObject")
        if request.path not in self.stored:
            raise S3Error("NoSuchKey")
        data = self.stored[request.path]
        body = tuple(memoryview(data)[start : start + 50_000] for start in range(0, len(data), 50_000))
        return Response(200, [("Content-Length", str(len(data)))], body, "GetObject")

    def _echo(self, request: Request) -> Response:
        seen = {name: getattr(request, name) for name in ("method", "host", "path", "query", "scheme", "headers")}
        return self._json({**seen, "body": request.payload.data.decode("latin-1")})

    def _json(self, document: Any) -> Response:
        return Response(200, [("Content-Type", "application/json")], (json.dumps(document).encode(),))

    def _refuse(self, request: Request) -> Response:
        """Respond without reading the body."""
        raise S3Error("NoSuchBucket")

    def _forbid(self, request: Request) -> Response:
        raise S3Error("AccessDenied")

    def _boom(self, request: Request) -> Response:
        raise ZeroDivisionError("an unexpected error")

    def _lie(self, request: Request) -> Response:
        return Response(200, [("Content-Length", "7")], (b"12345",))

    def _split(self, request: Request) -> Response:
        return Response(200, [("Content-Type", "a\r\nX-Evil: 1"), ("Content-Length", "0")])

    def _nothing(self, request: Request) -> Response:
        return Response(204, [("Content-Length", "0")])

    def _unchanged(self, request: Request) -> Response:
        return Response(304, [("ETag", '"x"')])

    def _large(self, request: Request) -> Response:
        return Response(200, [("Content-Type", "application/xml")], (b"a" * 10, b"b" * 300_000, b"c" * 10))


class RawConnection:
    """One TCP connection, whose responses are parsed by hand."""

    def __init__(self, address: tuple[str, int], timeout: float = 10) -> None:
        self.socket = socket.create_connection(address, timeout)
        self.stream = self.socket.makefile("rb")

    def __enter__(self) -> RawConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.stream.close()
        self.socket.close()

    def send(self, *data: bytes) -> RawConnection:
        self.socket.sendall(b"".join(data))
        return self

    def head(self) -> tuple[str, dict[str, str]]:
        """Read the status line, without the version, and the headers by lower-case name."""
        status = self.stream.readline().decode("latin-1").rstrip("\r\n")
        headers: dict[str, str] = {}
        while (line := self.stream.readline().decode("latin-1").rstrip("\r\n")) != "":
            name, _, value = line.partition(": ")
            assert name.lower() not in headers, f"duplicate header {name}"
            headers[name.lower()] = value
        return status.removeprefix("HTTP/1.1 "), headers

    def response(self, method: str = "GET") -> tuple[str, dict[str, str], bytes]:
        status, headers = self.head()
        if method == "HEAD" or status[:3] in ("204", "304") or status.startswith("1"):
            return status, headers, b""
        if headers.get("transfer-encoding") == "chunked":
            return status, headers, self._chunks()
        return status, headers, self.stream.read(int(headers["content-length"]))

    def _chunks(self) -> bytes:
        data = b""
        while size := int(self.stream.readline(), 16):
            data += self.stream.read(size)
            assert self.stream.readline() == b"\r\n"
        assert self.stream.readline() == b"\r\n"
        return data

    def ended(self) -> bool:
        """Return whether the server has closed its side."""
        return self.stream.read(1) == b""


def request(method: str, target: str, *headers: str, body: bytes = b"", version: str = "1.1") -> bytes:
    lines = [f"{method} {target} HTTP/{version}", "Host: localhost", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body

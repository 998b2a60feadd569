"""Faults as bytes on a socket, of our own server and of WSGI servers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from werkzeug.serving import make_server
from werkzeug.test import Client

from fakes3part import FakeS3, Server, faults
from fakes3part.message import Request

DATA = bytes(range(250)) * 4
NO_KEY = b"GET /bucket/none HTTP/1.1\r\nHost: localhost\r\n\r\n"
KEY = b"GET /bucket/key HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def fake() -> FakeS3:
    """A fake with a public object, so that a request needs no signature."""
    fake = FakeS3(legacy_defaults=True)
    signed = {"authorization": "AWS AKIDEXAMPLE:c2lnbmF0dXJl", "date": f"{fake.clock.now():%a, %d %b %Y %H:%M:%S} GMT"}
    for path, body in (("/bucket", b""), ("/bucket/key", DATA)):
        headers = {**signed, "x-amz-acl": "public-read", "content-length": str(len(body))}
        assert fake.handle(Request("PUT", "localhost", path, headers=headers, body=body)).status == 200
    return fake


@pytest.fixture
def server(fake: FakeS3) -> Iterator[Server]:
    with Server(fake) as server:
        yield server


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def everything(sock: socket.socket) -> tuple[bytes, str]:
    """Return the bytes received, and how the connection ended."""
    received = b""
    try:
        while piece := sock.recv(65536):
            received += piece
    except ConnectionResetError:
        return received, "reset"
    except TimeoutError:
        return received, "stalled"
    return received, "closed"


def exchange(port: int, request: bytes) -> tuple[bytes, bytes, str]:
    """Return the head, the body, and how the connection ended."""
    with connect(port) as sock:
        sock.sendall(request)
        received, end = everything(sock)
    head, _, body = received.partition(b"\r\n\r\n")
    return head, body, end


@pytest.mark.parametrize("effect", [faults.Reset("before"), faults.Reset("after"), faults.Refuse()])
def test_nothing_is_sent(fake: FakeS3, server: Server, effect: faults.Effect) -> None:
    fake.fail("*", effect)
    assert exchange(server.port, KEY) == (b"", b"", "reset")


def test_half_of_the_body_is_sent(fake: FakeS3, server: Server) -> None:
    fake.fail("GetObject", faults.Reset("during"))
    head, body, end = exchange(server.port, KEY)
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nContent-Length: 1000\r\n" in head
    assert (body, end) == (DATA[:500], "reset")


def test_the_body_ends_early(fake: FakeS3, server: Server) -> None:
    fake.fail("GetObject", faults.Truncate(after=7))
    head, body, end = exchange(server.port, KEY)
    assert b"\r\nContent-Length: 1000\r\n" in head
    assert b"\r\nConnection: close" in head
    assert (body, end) == (DATA[:7], "closed")


def test_chunks_end_early(fake: FakeS3, server: Server) -> None:
    fake.fail("GetObject", faults.Truncate(after=7))
    head, body, end = exchange(server.port, NO_KEY)
    assert b"\r\nTransfer-Encoding: chunked\r\n" in head
    assert (body, end) == (b"7\r\n<?xml v\r\n", "closed")


def test_white_space_keeps_a_200_alive(fake: FakeS3, server: Server) -> None:
    fake.fail("CopyObject", faults.ErrorIn200(whitespace=4))
    request = (
        b"PUT /bucket/copy HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n"
        b"x-amz-copy-source: /bucket/key\r\nAuthorization: AWS AKIDEXAMPLE:c2lnbmF0dXJl\r\nDate: %b\r\n\r\n"
    ) % f"{fake.clock.now():%a, %d %b %Y %H:%M:%S} GMT".encode()
    head, body, end = exchange(server.port, request)
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body.partition(b"\r\n")[2].startswith(
        b'<?xml version="1.0" encoding="UTF-8"?>\n    <Error><Code>InternalError</Code><Message>We encountered an internal error.'
    )
    assert end == "closed"
    assert list(fake.store.buckets["bucket"].objects) == ["key"]


def test_retry_after(fake: FakeS3, server: Server) -> None:
    fake.fail("*", faults.Error("SlowDown", retry_after=7))
    head, _, _ = exchange(server.port, KEY.replace(b"localhost\r\n", b"localhost\r\nConnection: close\r\n"))
    assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"\r\nRetry-After: 7\r\n" in head


def test_a_connection_with_a_fault_is_not_reused(fake: FakeS3, server: Server) -> None:
    fake.fail("GetObject", faults.Bandwidth(10**9))
    head, body, end = exchange(server.port, KEY)
    assert b"\r\nConnection: close" in head
    assert (body, end) == (DATA, "closed")


class TestStalling:
    @pytest.fixture
    def stalled(self, fake: FakeS3, server: Server) -> Iterator[socket.socket]:
        """A client that has received the part of the body that is sent."""
        fake.fail("GetObject", faults.Stall(after=10))
        with connect(server.port) as sock:
            sock.sendall(KEY)
            received = b""
            while not received.endswith(DATA[:10]):
                received += sock.recv(65536)
            sock.settimeout(0.1)
            assert everything(sock) == (b"", "stalled")
            sock.settimeout(5)
            yield sock

    @pytest.mark.parametrize(
        "ends", [lambda fake: fake.faults[0].remove(), lambda fake: fake.faults.clear(), lambda fake: fake.reset()]
    )
    def test_until_the_rule_is_removed(self, fake: FakeS3, stalled: socket.socket, ends: Callable[[FakeS3], None]) -> None:
        ends(fake)
        assert everything(stalled) == (b"", "closed")

    def test_until_the_server_stops(self, server: Server, stalled: socket.socket) -> None:
        server.stop()
        assert everything(stalled)[0] == b""

    def test_until_the_client_closes(self, fake: FakeS3, server: Server, stalled: socket.socket) -> None:
        assert server._cheroot is not None
        (thread,) = server._cheroot.requests._open
        stalled.close()
        thread.join(5)
        assert not thread.is_alive()

    def test_although_the_client_still_sends(self, fake: FakeS3, stalled: socket.socket) -> None:
        stalled.sendall(KEY)
        stalled.settimeout(0.1)
        assert everything(stalled) == (b"", "stalled")


def test_other_connections_are_not_affected(fake: FakeS3, server: Server) -> None:
    fake.fail("GetObject", faults.Stall(None), times=1)
    with connect(server.port) as stalled:
        stalled.sendall(KEY)
        while not fake.faults[0].hits:
            pass
        _, body, _ = exchange(server.port, KEY.replace(b"localhost\r\n", b"localhost\r\nConnection: close\r\n"))
        assert body == DATA


class TestWsgi:
    """WSGI has no socket: a reset depends on how the server handles an error; everything else is the same."""

    def call(self, fake: FakeS3) -> tuple[list[str], Iterator[bytes]]:
        environ: dict[str, Any] = {}
        setup_testing_defaults(environ)
        statuses: list[str] = []
        environ.update(PATH_INFO="/bucket/key", HTTP_HOST="localhost")
        return statuses, iter(fake.wsgi_app(environ, lambda status, headers: statuses.append(status)))  # type: ignore[arg-type,return-value]

    @pytest.mark.parametrize("effect", [faults.Reset("before"), faults.Reset("after"), faults.Refuse()])
    def test_nothing_is_sent(self, fake: FakeS3, effect: faults.Effect) -> None:
        fake.fail("*", effect)
        with pytest.raises(ConnectionResetError, match="a fault of fakes3part cuts the connection"):
            self.call(fake)

    @pytest.mark.parametrize(("effect", "sent"), [(faults.Reset("during"), 500), (faults.Truncate(after=3), 3)])
    def test_a_part_of_the_body_is_sent(self, fake: FakeS3, effect: faults.Effect, sent: int) -> None:
        fake.fail("*", effect)
        status, body = self.call(fake)
        assert status == ["200 OK"]
        received: list[bytes] = []
        with pytest.raises(ConnectionResetError):
            received.extend(body)
        assert b"".join(received) == DATA[:sent]

    def test_a_stall_ends_with_its_rule(self, fake: FakeS3) -> None:
        fake.fail("*", faults.Stall(after=3))
        _, body = self.call(fake)
        assert next(body) == DATA[:3]
        fake.faults.clear()
        with pytest.raises(ConnectionResetError):
            next(body)

    def test_the_body_is_throttled(self, fake: FakeS3) -> None:
        fake.clock.freeze()
        before = fake.clock.now()
        fake.fail("*", faults.Bandwidth(100))
        _, body = self.call(fake)
        pieces = list(body)
        assert b"".join(pieces) == DATA
        assert (fake.clock.now() - before).total_seconds() == pytest.approx(10)
        assert len(pieces) == 200

    def test_a_head_response_is_not_throttled(self, fake: FakeS3) -> None:
        fake.fail("*", faults.Bandwidth(100))
        response = Client(fake.wsgi_app).head("/bucket/key", headers={"Host": "localhost"})
        assert (response.status_code, response.data) == (200, b"")

    @pytest.fixture
    def port(self, fake: FakeS3) -> Iterator[int]:
        server = make_server("127.0.0.1", 0, fake.wsgi_app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.port
        server.shutdown()
        thread.join()
        server.server_close()

    @pytest.mark.parametrize(
        ("effect", "sent"), [(faults.Reset("after"), 0), (faults.Truncate(), 500), (faults.Reset("during"), 500)]
    )
    def test_under_werkzeugs_server(self, fake: FakeS3, port: int, effect: faults.Effect, sent: int) -> None:
        fake.fail("*", effect)
        head, body, end = exchange(port, KEY)
        assert (body, end) == (DATA[:sent], "closed")
        assert (b"Content-Length: 1000" in head) is (sent > 0)

"""HTTP/1.1 as raw bytes against the HTTP server: framing, keep-alive, 100-continue, chunks, and clients that disconnect."""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from fakes3part.protocol.http1 import STATUS_LINES
from fakes3part.server import cheroot_transport
from tests.support.raw_server import RawConnection, StubBackend, request
from tests.support.website import open_to_all

CHUNKED = "Transfer-Encoding: chunked"


def echoed(connection: RawConnection) -> dict[str, object]:
    status, _, body = connection.response()
    assert status == "200 OK"
    return json.loads(body)


@pytest.mark.parametrize(
    ("method", "path", "status", "framing"),
    [
        ("PUT", "/b/k", "200 OK", ("content-length", "0")),
        ("GET", "/b/absent", "404 Not Found", ("transfer-encoding", "chunked")),
        ("HEAD", "/b/absent", "404 Not Found", ("transfer-encoding", "chunked")),
        ("GET", "/forbid", "403 Forbidden", ("transfer-encoding", "chunked")),
        ("DELETE", "/nothing", "204 No Content", None),
        ("HEAD", "/nothing", "204 No Content", None),
        ("GET", "/unchanged", "304 Not Modified", None),
        ("GET", "/large", "200 OK", ("transfer-encoding", "chunked")),
    ],
)
def test_framing_and_the_next_request(
    connection: RawConnection, method: str, path: str, status: str, framing: tuple[str, str] | None
) -> None:
    for _ in range(2):
        got, headers, _ = connection.send(request(method, path)).response(method)
        assert got == status
        found = [(name, headers[name]) for name in ("content-length", "transfer-encoding") if name in headers]
        assert found == ([framing] if framing else [])
        assert headers["server"] == "AmazonS3"
        assert headers["date"].endswith(" GMT")
        assert "connection" not in headers
    assert echoed(connection.send(request("GET", "/echo")))["path"] == "/echo"


def test_head_keeps_the_content_length_and_sends_no_body(connection: RawConnection, backend: StubBackend) -> None:
    backend.stored["/b/k"] = b"x" * 1000
    _, headers, _ = connection.send(request("HEAD", "/b/k")).response("HEAD")
    assert headers["content-length"] == "1000"
    assert connection.send(request("GET", "/b/k")).response()[2] == b"x" * 1000


def test_a_chunked_response_has_all_of_a_large_body(connection: RawConnection) -> None:
    assert connection.send(request("GET", "/large")).response()[2] == b"a" * 10 + b"b" * 300_000 + b"c" * 10


@pytest.mark.parametrize("path", ["/b/k", "/b/absent", "/echo", "/unchanged"])
def test_a_small_response_is_one_send(server: Server, backend: StubBackend, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    backend.stored["/b/k"] = b"x" * 1000
    sends: list[int] = []

    class Counting(cheroot_transport._Writer):
        def __init__(self, sock: socket.socket) -> None:
            self.write = lambda data: (sends.append(len(data)), sock.sendall(data))  # type: ignore[assignment]
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    monkeypatch.setattr(cheroot_transport, "_Writer", Counting)
    with RawConnection(server.get_host_and_port()) as connection:
        connection.send(request("GET", path)).response()
    assert len(sends) == 1


@pytest.mark.parametrize(
    ("target", "host", "path", "query"),
    [
        ("/b/a%2Fb//c/../%20%C3%A9?prefix=a%2Fb&x=a+b", "localhost", "/b/a%2Fb//c/../%20%C3%A9", "prefix=a%2Fb&x=a+b"),
        ("//b//k", "localhost", "//b//k", ""),
        ("/b?a?b=c", "localhost", "/b", "a?b=c"),
        ("http://b.s3.test:80/k%2F?uploads", "b.s3.test:80", "/k%2F", "uploads"),
        ("http://b.s3.test", "b.s3.test", "/", ""),
        ("http://b.s3.test?uploads", "b.s3.test", "/", "uploads"),
        ("/b/http://other/k", "localhost", "/b/http://other/k", ""),
    ],
)
def test_the_target_arrives_raw(
    connection: RawConnection, backend: StubBackend, target: str, host: str, path: str, query: str
) -> None:
    backend.custom_hosts = ("s3.test",)
    connection.send(request("GET", target, "Authorization: AWS testing:x")).response()
    seen = backend.seen[-1]
    assert (seen.host, seen.path, seen.query, seen.scheme) == (host, path, query, "http")


def test_headers_arrive_with_duplicates_underscores_and_latin_1(connection: RawConnection) -> None:
    headers = ("X-Amz-Meta-A: 1", "x-amz-meta-a:  2 \t", "X-Amz-Meta-My_Key: \xe9", "Empty:")
    echo = echoed(connection.send(request("GET", "/echo", *headers)))["headers"]
    assert echo == {"host": "localhost", "x-amz-meta-a": "1,2", "x-amz-meta-my_key": "\xe9", "empty": ""}


def test_a_form_content_type_leaves_the_body_alone(connection: RawConnection) -> None:
    sent = request("PUT", "/echo", "Content-Type: application/x-www-form-urlencoded", body=b"a=1&b=%20")
    assert echoed(connection.send(sent))["body"] == "a=1&b=%20"


@pytest.mark.parametrize(
    ("chunks", "body"),
    [
        (b"0\r\n\r\n", ""),
        (b"5\r\nhello\r\n0\r\n\r\n", "hello"),
        (b"5;name=value\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", "hello!"),
        (b"A\r\n0123456789\r\n0\r\nx-trailer: 1\r\ny-trailer: 2\r\n\r\n", "0123456789"),
    ],
)
def test_chunked_bodies_with_and_without_trailers(connection: RawConnection, chunks: bytes, body: str) -> None:
    for _ in range(3):
        assert echoed(connection.send(request("PUT", "/echo", CHUNKED), chunks))["body"] == body


def test_a_large_chunked_body(connection: RawConnection, backend: StubBackend) -> None:
    data = os.urandom(4 << 20)
    pieces = [data[start : start + 8192] for start in range(0, len(data), 8192)]
    chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]
    status, _, _ = connection.send(request("PUT", "/b/k", CHUNKED), *chunks, b"0\r\n\r\n").response()
    assert status == "200 OK"
    assert backend.stored["/b/k"] == data


@pytest.mark.parametrize(
    "chunks",
    [
        b"zz\r\nhello\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n",
        b"0x5\r\nhello\r\n",
        b"5\r\nhelloworld\r\n0\r\n\r\n",
        b"\r\n\r\n",
        b"6\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\n0\r\n\r\n",
        b"5\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\n\r\n",
        b"5\r\nhello\r\n0\r\n\n",
        b"5\r\nhello\r\n0\r\nno colon\r\n\r\n",
        b"5\r\nhello\r\n0\r\na: \x00\r\n\r\n",
        b"5;\x00\r\nhello\r\n0\r\n\r\n",
        b"5 5\r\nhello\r\n0\r\n\r\n",
        b"\r5\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\n" + b"trailer: x\r\n" * 5000,
        b"5\r\nhello\r\n0\r\ntrailer: " + b"x" * 5000,
    ],
)
def test_broken_chunks_are_incomplete_and_end_the_connection(
    connection: RawConnection, backend: StubBackend, chunks: bytes
) -> None:
    status, _, body = connection.send(request("PUT", "/b/k", CHUNKED), chunks).response()
    assert (status, body) == ("400 Bad Request", b"<Error><Code>IncompleteBody</Code></Error>")
    assert connection.ended()
    assert backend.stored == {}


@pytest.mark.parametrize(
    "start",
    [
        request("PUT", "/b/k", "Content-Length: 10") + b"12345",
        request("PUT", "/b/k", CHUNKED) + b"5\r\n123",
        request("PUT", "/b/k", CHUNKED) + b"5\r\n12345\r\n",
        request("PUT", "/b/k", CHUNKED) + b"5\r\n12345\r\n0\r\nx-trailer: 1\r\n",
    ],
)
def test_a_truncated_body_gets_an_error_and_is_not_stored(connection: RawConnection, backend: StubBackend, start: bytes) -> None:
    connection.send(start).socket.shutdown(socket.SHUT_WR)
    status, _, body = connection.response()
    assert (status, body) == ("400 Bad Request", b"<Error><Code>IncompleteBody</Code></Error>")
    assert connection.ended()
    assert backend.stored == {}


class TestContinue:
    def test_one_100_before_the_body_is_sent(self, connection: RawConnection) -> None:
        for _ in range(2):
            connection.send(request("PUT", "/echo", "Content-Length: 5", "Expect: 100-Continue"))
            assert connection.response() == ("100 Continue", {}, b"")
            assert echoed(connection.send(b"hello"))["body"] == "hello"

    def test_one_100_before_chunks(self, connection: RawConnection) -> None:
        connection.send(request("PUT", "/echo", CHUNKED, "Expect: 100-continue"))
        assert connection.response() == ("100 Continue", {}, b"")
        assert echoed(connection.send(b"2\r\nhi\r\n0\r\n\r\n"))["body"] == "hi"

    def test_no_100_for_an_error_that_needs_no_body(self, connection: RawConnection) -> None:
        connection.send(request("PUT", "/refuse", "Content-Length: 5", "Expect: 100-continue"))
        status, headers, _ = connection.response()
        assert (status, headers["connection"]) == ("404 Not Found", "close")
        assert connection.ended()

    @pytest.mark.parametrize("length", [0, 5])
    def test_no_100_for_a_client_of_http_1_0(self, connection: RawConnection, length: int) -> None:
        headers = (f"Content-Length: {length}", "Expect: 100-continue")
        connection.send(request("PUT", "/b/k", *headers, version="1.0"), b"x" * length)
        assert connection.response()[0] == "200 OK"

    @pytest.mark.parametrize("headers", [("Content-Length: 0",), ()])
    @pytest.mark.parametrize(("path", "status"), [("/b/k", "200 OK"), ("/nothing", "204 No Content")])
    def test_one_100_before_a_success_without_a_body(
        self, connection: RawConnection, headers: tuple[str, ...], path: str, status: str
    ) -> None:
        for _ in range(2):
            connection.send(request("PUT", path, *headers, "Expect: 100-continue"))
            assert connection.response() == ("100 Continue", {}, b"")
            assert connection.response()[0] == status

    def test_an_error_for_an_empty_body_ends_the_connection(self, connection: RawConnection) -> None:
        connection.send(request("PUT", "/refuse", "Content-Length: 0", "Expect: 100-continue"))
        status, headers, _ = connection.response()
        assert (status, headers["connection"]) == ("404 Not Found", "close")
        assert connection.ended()


class TestKeepAlive:
    @pytest.mark.parametrize(
        "sent",
        [
            request("PUT", "/refuse", body=b"x" * 3_000_000),
            request("PUT", "/refuse", CHUNKED) + b"5\r\nhello\r\n0\r\nx-trailer: 1\r\n\r\n",
            request("PUT", "/boom", body=b"x" * 100_000),
        ],
    )
    def test_after_an_error_sent_before_the_body_was_read(self, connection: RawConnection, sent: bytes) -> None:
        for _ in range(3):
            status, headers, _ = connection.send(sent).response()
            assert status[0] in "45"
            assert "connection" not in headers
        assert echoed(connection.send(request("PUT", "/echo", body=b"still here")))["body"] == "still here"

    def test_a_body_too_long_to_discard_closes_the_connection(self, connection: RawConnection) -> None:
        connection.send(request("PUT", "/refuse", "Content-Length: 5368709120"), b"x" * 100_000)
        status, headers, _ = connection.response()
        assert (status, headers["connection"]) == ("404 Not Found", "close")
        assert connection.ended()

    def test_pipelined_requests_are_answered_in_order(self, connection: RawConnection) -> None:
        bodies = [b"one", b"two", b"three"]
        connection.send(*(request("PUT", "/echo", body=body) for body in bodies))
        assert [echoed(connection)["body"] for _ in bodies] == ["one", "two", "three"]

    @pytest.mark.parametrize(
        ("version", "headers", "kept", "header"),
        [
            ("1.1", (), True, None),
            ("1.1", ("Connection: close",), False, "close"),
            ("1.1", ("Connection: Keep-Alive, Close",), False, "close"),
            ("1.0", (), False, "close"),
            ("1.0", ("Connection: keep-alive",), True, "Keep-Alive"),
        ],
    )
    def test_when_the_connection_stays(
        self, connection: RawConnection, version: str, headers: tuple[str, ...], kept: bool, header: str | None
    ) -> None:
        status, got, body = connection.send(request("GET", "/b/absent", *headers, version=version)).response()
        assert (status, got.get("connection")) == ("404 Not Found", header)
        assert body == b"<Error><Code>NoSuchKey</Code></Error>"
        assert ("content-length" in got) == (version == "1.0")
        if kept:
            assert connection.send(request("GET", "/b/absent")).response()[0] == "404 Not Found"
        else:
            assert connection.ended()

    def test_both_length_and_chunks_is_read_as_chunks_and_ends_the_connection(self, connection: RawConnection) -> None:
        connection.send(request("PUT", "/echo", "Content-Length: 3", CHUNKED), b"5\r\nhello\r\n0\r\n\r\n")
        status, headers, body = connection.response()
        assert (status, headers["connection"]) == ("200 OK", "close")
        assert json.loads(body)["body"] == "hello"
        assert connection.ended()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request("PUT", "/b/k", "Content-Length: -5"), "400 Bad Request"),
        (request("PUT", "/b/k", "Content-Length: +5"), "400 Bad Request"),
        (request("PUT", "/b/k", "Content-Length: many"), "400 Bad Request"),
        (request("PUT", "/b/k", "Content-Length: 5", "Content-Length: 6"), "400 Bad Request"),
        (request("GET", "/b/k", "No colon here"), "400 Bad Request"),
        (request("GET", "/b/k", "Name : value"), "400 Bad Request"),
        (request("GET", "/b/k", "X: " + "y" * 70_000), "413 Request Entity Too Large"),
        (request("GET", "/" + "y" * 70_000), "414 Request-URI Too Long"),
        (b"nonsense\r\n\r\n", "400 Bad Request"),
        (request("GET", "http://[::1/"), "400 Bad Request"),
        (request("GET", "http://]/"), "400 Bad Request"),
        (request("GET", "//["), "400 Bad Request"),
        (request("PUT", "/b/k", "Transfer-Encoding: gzip, chunked"), "501 Not Implemented"),
    ],
)
def test_invalid_http_is_rejected_and_closes_the_connection(
    connection: RawConnection, backend: StubBackend, sent: bytes, status: str
) -> None:
    got, _, _ = connection.send(sent).response()
    assert got == status
    assert connection.ended()
    assert backend.seen == []


def send_forever(connection: RawConnection, data: bytes) -> None:
    while True:
        connection.send(data)


@pytest.mark.parametrize("framing", [b"trailer: x\r\n", b"x: " + b"y" * 4000 + b"\r\n"])
def test_trailers_that_never_end_are_not_read_away(connection: RawConnection, framing: bytes) -> None:
    connection.send(request("PUT", "/refuse", CHUNKED), b"5\r\nhello\r\n0\r\n", framing * 10)
    assert connection.response()[0] == "404 Not Found"
    with pytest.raises(ConnectionError):
        send_forever(connection, framing * 100)


def test_the_same_length_twice_is_one_length(connection: RawConnection) -> None:
    sent = request("PUT", "/echo", "Content-Length: 2", "Content-Length: 2")
    assert echoed(connection.send(sent, b"hi"))["body"] == "hi"


def test_an_unexpected_exception_is_an_internal_error_and_logged(
    connection: RawConnection, caplog: pytest.LogCaptureFixture
) -> None:
    status, headers, body = connection.send(request("GET", "/boom")).response()
    assert (status, headers["content-type"]) == ("500 Internal Server Error", "application/xml")
    assert b"<Code>InternalError</Code>" in body
    assert f"<RequestId>{headers['x-amz-request-id']}</RequestId>".encode() in body
    assert b"Traceback" not in body
    assert [record.name for record in caplog.records] == ["fakes3part"]
    assert "an unexpected error" in caplog.text


@pytest.mark.parametrize(("path", "status"), [("/lie", "500 Internal Server Error"), ("/split", "200 OK")])
def test_a_response_cannot_break_the_framing(
    connection: RawConnection, caplog: pytest.LogCaptureFixture, path: str, status: str
) -> None:
    for _ in range(2):
        got, headers, _ = connection.send(request("GET", path)).response()
        assert got == status
        assert "x-evil" not in headers


def test_a_header_beyond_latin_1_is_sent_as_utf_8() -> None:
    """Only a caller in this process can store one."""
    with FakeS3() as fake, Server(fake) as server:
        fake.seed(
            {"bucket": {"k": {"Body": b"x", "ContentType": "text/\u03a9"}, "lone": {"Body": b"x", "ContentType": "\ud800"}}}
        )
        open_to_all(fake.client(), "bucket")
        with RawConnection(server.get_host_and_port()) as connection:
            seen = [connection.send(request("GET", f"/bucket/{key}")).response()[1] for key in ("k", "lone")]
    assert [headers["content-type"] for headers in seen] == ["text/\u03a9".encode().decode("latin-1"), "?"]


def test_one_line_per_request_in_the_access_log(connection: RawConnection, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "fakes3part.access")
    connection.send(request("PUT", "/b/k?x=1", body=b"1")).response()
    connection.send(request("GET", "/b/absent")).response()
    assert caplog.messages == ["PUT /b/k?x=1 200 PutObject", "GET /b/absent 404 -"]


def test_forty_connections_upload_at_once(server: Server, backend: StubBackend) -> None:
    count = 40
    bodies = [os.urandom(200_000) for _ in range(count)]
    together = threading.Barrier(count)

    def upload(number: int) -> str:
        with RawConnection(server.get_host_and_port()) as connection:
            sent = request("PUT", f"/b/{number}", body=bodies[number])
            connection.send(sent[:100_000])
            together.wait(10)  # all requests are half sent: none may wait for the end of another
            return connection.send(sent[100_000:]).response()[0]

    with ThreadPoolExecutor(count) as pool:
        assert list(pool.map(upload, range(count))) == ["200 OK"] * count
    assert backend.stored == {f"/b/{number}": body for number, body in enumerate(bodies)}


def test_clients_that_disconnect_leave_no_trace(
    backend: StubBackend, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    backend.stored["/b/large"] = bytes(32 << 20)
    before = set(threading.enumerate())
    with Server(backend) as server:  # type: ignore[arg-type]
        for sent in (
            b"",
            b"PUT /b",
            request("PUT", "/b/k", "Content-Length: 1000000") + b"x" * 1000,
            request("PUT", "/b/k", CHUNKED) + b"5\r\nhe",
            request("GET", "/b/large"),
        ):
            connection = RawConnection(server.get_host_and_port()).send(sent)
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # reset on close
            connection.close()
        with RawConnection(server.get_host_and_port()) as connection:
            assert connection.send(request("GET", "/b/absent")).response()[0] == "404 Not Found"
    assert set(threading.enumerate()) == before
    assert "/b/k" not in backend.stored
    assert caplog.text == ""
    assert capfd.readouterr().err == ""


def test_phrases_are_those_of_s3_with_every_python() -> None:
    """Python 3.13 changed some of them."""
    lines = [STATUS_LINES[status] for status in (413, 414, 416, 422)]
    assert lines[:2] == ["413 Request Entity Too Large", "414 Request-URI Too Long"]
    assert lines[2:] == ["416 Requested Range Not Satisfiable", "422 Unprocessable Entity"]

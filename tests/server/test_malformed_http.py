"""Requests whose head HTTP/1.1 forbids: each door that reads bytes refuses them with S3's error document, and stores nothing."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeAlias
from wsgiref.util import setup_testing_defaults
from xml.etree import ElementTree

import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from fakes3part.intercept.activation import intercepted
from fakes3part.intercept.connection import Connection, End
from fakes3part.server.wsgi import WsgiApp
from tests.support.raw_server import RawConnection
from tests.support.state import unchanged
from tests.support.website import open_to_all

PARSING = (400, "BadRequest", "An error occurred when parsing the HTTP request.", {})
NOT_IMPLEMENTED = (
    501,
    "NotImplemented",
    "A header you provided implies functionality that is not implemented",
    {"Header": "Transfer-Encoding"},
)
VERSION = (505, "HttpVersionNotSupported", "The HTTP version specified is not supported.", {})
HEADERS_TOO_LONG = (
    413,
    "RequestHeaderSectionTooLarge",
    "Your request header section exceeds the maximum allowed size.",
    {"MaxSizeAllowed": "8192"},
)
URI_TOO_LONG = (414, "RequestURITooLong", "The specified URI is too long.", {})

LINE = b"PUT /bucket/k HTTP/1.1\r\n"
HOST = b"Host: s3.amazonaws.com\r\n"
LENGTH = b"Content-Length: 5\r\n"
BODY = b"\r\nhello"
GOOD = LINE + HOST + LENGTH + BODY

REQUEST_LINES = [
    b"PUT /bucket/k\x00 HTTP/1.1\r\n",
    b"PUT /bucket/\x01k HTTP/1.1\r\n",
    b"PUT /bucket/k\x7f HTTP/1.1\r\n",
    b"PUT /bucket/\tk HTTP/1.1\r\n",
    b"PUT /bucket/a\rk HTTP/1.1\r\n",
    b"PUT /bucket/k?a\x00 HTTP/1.1\r\n",
    b"PUT /bucket/k#fragment HTTP/1.1\r\n",
    b"PUT /bucket/a k HTTP/1.1\r\n",
    b"PUT  /bucket/k HTTP/1.1\r\n",
    b"PUT /bucket/k  HTTP/1.1\r\n",
    b"PUT /bucket/k HTTP/1.1 \r\n",
    b" PUT /bucket/k HTTP/1.1\r\n",
    b"PUT\t/bucket/k\tHTTP/1.1\r\n",
    b"put /bucket/k HTTP/1.1\r\n",
    b"P(T /bucket/k HTTP/1.1\r\n",
    b"P\x00T /bucket/k HTTP/1.1\r\n",
    b"/bucket/k HTTP/1.1\r\n",
    b"PUT HTTP/1.1\r\n",
    b"PUT /bucket/k\r\n",
    b"PUT /bucket/k http/1.1\r\n",
    b"PUT /bucket/k HTTP/1.11\r\n",
    b"PUT /bucket/k HTTP/+1.1\r\n",
    b"PUT /bucket/k HTTP/\r\n",
    b"PUT bucket/k HTTP/1.1\r\n",
    b"PUT ftp://s3.amazonaws.com/bucket/k HTTP/1.1\r\n",
    b"PUT http:///bucket/k HTTP/1.1\r\n",
    b"PUT http://[::1/ HTTP/1.1\r\n",
    b"PUT http://]/ HTTP/1.1\r\n",
    b"PUT //[ HTTP/1.1\r\n",
    b"PUT http://user@s3.amazonaws.com/bucket/k HTTP/1.1\r\n",
    b"PUT http://s3.amazonaws.com:http/bucket/k HTTP/1.1\r\n",
    b"nonsense\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
]

HEADER_LINES = [
    b"x-amz-meta-a: \x00\r\n",
    b"x-amz-meta-a: a\x00b\r\n",
    b"x-amz-meta-a: a\rb\r\n",
    b"x-amz-meta-a: a\nb: c\r\n",
    b"x-amz-meta-a: a\r\r\n",
    b"x-amz-meta-a: \x01\x02\r\n",
    b"x-amz-meta-a: \x7f\r\n",
    b"x-amz-meta-a: \x0b\r\n",
    b"Content-Type: \x01\x02\r\n",
    b"x-amz-meta-(a): v\r\n",
    b"x-amz-meta-a\x00: v\r\n",
    b"x-amz-meta-\xe9: v\r\n",
    b"x-amz-meta-a : v\r\n",
    b"x-amz-meta a: v\r\n",
    b"x-amz-meta-a\t: v\r\n",
    b'x-amz-meta-"a": v\r\n',
    b"x-amz-meta-a/b: v\r\n",
    b": v\r\n",
    b"no colon\r\n",
    b" folded: v\r\n",
    b"x-amz-meta-a: v\r\n folded\r\n",
    b"\tfolded\r\n",
    b"Host: s3.amazonaws.com\r\n",
    b"Host: other.example\r\n",
    b"Content-Length: 6\r\n",
    b"Content-Length: five\r\n",
    b"Transfer-Encoding:\r\n",
    b"Transfer-Encoding: \t\r\n",
    b"Transfer-Encoding: ,\r\n",
]

HOSTS = [
    b"",
    b"Host:\r\n",
    b"Host: a b\r\n",
    b"Host: a/b\r\n",
    b"Host: user@s3.amazonaws.com\r\n",
    b"Host: a,b\r\n",
    b"Host: [::1\r\n",
    b"Host: a:b\r\n",
    b"Host: s3.amazonaws.com\xe9\r\n",
]

ENCODINGS = [b"gzip", b"gzip, chunked", b"chunked, chunked", b"chunked, identity", b"identity", b"chunked;q=1", b"xchunked"]

VERSIONS = [b"2", b"2.0", b"0.9", b"1.2", b"1", b"3"]

LENGTHS = [b"", b"-5", b"+5", b"5.0", b"0x5", b"5 5", b"5, 6", b"1_0", "\u0665".encode(), b"five"]

CASES = [
    *((line + HOST + LENGTH + BODY, PARSING) for line in REQUEST_LINES),
    *((LINE + HOST + line + LENGTH + BODY, PARSING) for line in HEADER_LINES),
    *((LINE + host + LENGTH + BODY, PARSING) for host in HOSTS),
    *((LINE + HOST + b"Content-Length: " + length + b"\r\n" + BODY, PARSING) for length in LENGTHS),
    *((LINE + HOST + b"Transfer-Encoding: " + encoding + b"\r\n" + BODY, NOT_IMPLEMENTED) for encoding in ENCODINGS),
    (LINE + HOST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n" + BODY, NOT_IMPLEMENTED),
    *(
        (b"PUT /bucket/k HTTP/" + version + b"\r\n" + HOST + BODY, VERSION)
        for version in (b"2", b"2.0", b"0.9", b"1.2", b"1", b"3")
    ),
    (LINE + HOST + b"x: " + b"y" * 70_000 + b"\r\n" + BODY, HEADERS_TOO_LONG),
    (LINE + HOST + b"x: y\r\n" * 20_000 + BODY, HEADERS_TOO_LONG),
    (b"PUT /" + b"y" * 70_000 + b" HTTP/1.1\r\n" + HOST + BODY, URI_TOO_LONG),
]

Door: TypeAlias = Callable[[bytes], tuple[int, dict[str, str], bytes]]


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeS3]:
    with FakeS3() as fake:
        s3 = fake.client()
        s3.create_bucket(Bucket="bucket")
        open_to_all(s3, "bucket", "s3:PutObject")
        yield fake


@pytest.fixture(params=["server", "in-process"])
def door(request: pytest.FixtureRequest, fake: FakeS3) -> Iterator[Door]:
    """Send the bytes of one request; return status, headers and body, and assert that the connection has ended."""
    with ExitStack() as stack:
        if request.param == "server":
            server = stack.enter_context(Server(fake))

            def by_socket(sent: bytes) -> tuple[int, dict[str, str], bytes]:
                with RawConnection(server.get_host_and_port()) as connection:
                    connection.send(sent).socket.shutdown(socket.SHUT_WR)
                    status, headers, body = connection.response()
                    assert connection.ended()
                return int(status[:3]), headers, body

            yield by_socket
        else:
            stack.enter_context(intercepted(fake))
            yield in_process


def in_process(sent: bytes) -> tuple[int, dict[str, str], bytes]:
    connection = Connection("s3.amazonaws.com", secure=False)
    connection.receive(sent)
    connection.receive_end()
    events = list(connection.events)
    if events[-1] is End.CLOSE:
        events.pop()
    head, _, body = b"".join(bytes(event) for event in events if isinstance(event, (bytes, memoryview))).partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body = b"".join(re.findall(rb"(<.*>)\r\n", body, re.DOTALL))
    return int(status.split()[1]), headers, body


def stored(fake: FakeS3, key: str) -> bytes:
    body: bytes = fake.client().get_object(Bucket="bucket", Key=key)["Body"].read()
    return body


def test_the_request_that_the_others_vary_is_good(door: Door, fake: FakeS3) -> None:
    assert door(GOOD)[0] == 200
    assert stored(fake, "k") == b"hello"


@pytest.mark.parametrize(("sent", "error"), CASES, ids=[repr(sent[:100]) for sent, _ in CASES])
def test_a_malformed_head_is_refused(door: Door, fake: FakeS3, sent: bytes, error: tuple[int, str, str, dict[str, str]]) -> None:
    count = len(fake.calls)
    with unchanged(fake):
        status, headers, body = door(sent)
    assert_refused(status, headers, body, error)
    assert headers["connection"] == "close"
    assert len(fake.calls) == count  # it is no call


def assert_refused(status: int, headers: dict[str, str], body: bytes, error: tuple[int, str, str, dict[str, str]]) -> None:
    root = ElementTree.fromstring(body)
    elements = {element.tag: element.text for element in root}
    request_id, host_id = elements.pop("RequestId"), elements.pop("HostId")
    expected_status, code, message, extras = error
    assert (status, elements) == (expected_status, {"Code": code, "Message": message, **extras})
    assert (headers["content-type"], headers["server"]) == ("application/xml", "AmazonS3")
    assert (headers["x-amz-request-id"], headers["x-amz-id-2"]) == (request_id, host_id)
    assert headers["date"].endswith(" GMT")


@pytest.mark.parametrize(
    ("variables", "error"),
    [
        ({"HTTP_X_AMZ_META_A": "a\x00"}, PARSING),
        ({"HTTP_X_AMZ_META_A": "a\rb"}, PARSING),
        ({"HTTP_X_AMZ_META_A": "\x7f"}, PARSING),
        ({"CONTENT_TYPE": "\x01\x02"}, PARSING),
        ({"HTTP_X_AMZ_META_(A)": "a"}, PARSING),
        ({"HTTP_HOST": "a,b"}, PARSING),
        ({"HTTP_HOST": ""}, PARSING),
        ({"HTTP_HOST": None}, PARSING),
        ({"CONTENT_LENGTH": "five"}, PARSING),
        ({"HTTP_TRANSFER_ENCODING": ""}, PARSING),
        ({"HTTP_TRANSFER_ENCODING": "gzip"}, NOT_IMPLEMENTED),
        ({"REQUEST_URI": "http://[::1/"}, PARSING),
        ({"REQUEST_URI": "bucket/k"}, PARSING),
        ({"REQUEST_URI": "/bucket/\x00"}, PARSING),
    ],
)
def test_what_a_wsgi_server_lets_through(
    fake: FakeS3, variables: dict[str, str | None], error: tuple[int, str, str, dict[str, str]]
) -> None:
    environ: dict[str, Any] = {"REQUEST_METHOD": "PUT", "PATH_INFO": "/bucket/k", "SERVER_PROTOCOL": "HTTP/1.1", **variables}
    environ = {name: value for name, value in environ.items() if value is not None}
    host = environ.get("HTTP_HOST")
    setup_testing_defaults(environ)
    if host is None and "HTTP_HOST" in variables:
        del environ["HTTP_HOST"]
    answers: list[tuple[str, list[tuple[str, str]]]] = []
    with unchanged(fake):
        body = b"".join(WsgiApp(fake)(environ, lambda status, headers, _=None: answers.append((status, headers))))  # type: ignore[arg-type, return-value]
    ((status, headers),) = answers
    assert_refused(int(status[:3]), {name.lower(): value for name, value in headers}, body, error)


def test_a_head_request_gets_no_document(fake: FakeS3) -> None:
    environ: dict[str, Any] = {"REQUEST_METHOD": "HEAD", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "a,b"}
    setup_testing_defaults(environ)
    assert b"".join(WsgiApp(fake)(environ, lambda *_: None)) == b""  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    "rest",
    [
        b"Transfer-Encoding: chunked\r\n\r\n6\r\nhello\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"Content-Length: 100\r\n\r\nAction=",
    ],
)
def test_a_form_to_the_root_that_breaks_off(door: Door, fake: FakeS3, rest: bytes) -> None:
    """Whether it is for STS would be seen in its body."""
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with unchanged(fake):
        status, _, body = door(head + rest)
    assert status in (400, 403, 405), body


class OldBotocore:
    """What botocore before 1.43.117 does with ``Expect: 100-continue``, over one connection.

    A final response that comes in place of the ``100 Continue`` is remembered, and taken for that of the next request too.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, 5)
        self.remembered: int | None = None

    def put(self, target: str, body: bytes) -> int:
        head = f"PUT {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
        self.socket.sendall(head.encode())
        stream = self.socket.makefile("rb", 0)
        status = self._status(stream)
        if status == 100:
            self._headers(stream)
            self.socket.sendall(body)
        else:
            self.remembered = status
        if self.remembered is None:
            status = self._status(stream)
        else:
            status = self.remembered
        headers = self._headers(stream)
        if "connection: close" in headers:
            self.socket.close()
        return status

    @staticmethod
    def _status(stream: socket.SocketIO) -> int:
        version, status, _ = stream.readline().split(None, 2)
        assert version == b"HTTP/1.1"
        return int(status)

    @staticmethod
    def _headers(stream: socket.SocketIO) -> list[str]:
        lines: list[str] = []
        while line := stream.readline().strip():
            lines.append(line.decode().lower())
        return lines


def test_old_botocore_puts_an_empty_object_and_then_another(fake: FakeS3) -> None:
    with Server(fake) as server:
        client = OldBotocore(server.get_host_and_port())
        with client.socket:
            assert client.put("/bucket/empty", b"") == 200
            assert client.put("/bucket/x", b"x") == 200
            assert client.put("/bucket/empty2", b"") == 200
            assert client.remembered is None
    assert (stored(fake, "empty"), stored(fake, "x")) == (b"", b"x")

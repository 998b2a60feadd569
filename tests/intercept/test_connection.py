"""The connection to a fake on which doors are built: bytes in, events out, whatever the pieces."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes3part.intercept.activation import intercepted
from fakes3part.intercept.connection import Connection, End
from fakes3part.intercept.network_guard import ServiceNotFaked
from tests.support.canned_fake import Canned

HOST = "s3.amazonaws.com"


def connection(*received: bytes) -> Connection:
    made = Connection(HOST, secure=True)
    for data in received:
        made.receive(data)
    return made


def sent(made: Connection) -> bytes:
    """The bytes that a connection has for its client."""
    return b"".join(bytes(event) for event in made.events if isinstance(event, (bytes, memoryview)))


@pytest.fixture
def fake() -> Iterator[Canned]:
    with intercepted(Canned((b"body",), headers=[("Content-Length", "4")])) as fake:
        yield fake


def test_request_and_response(fake: Canned) -> None:
    made = connection(b"GET /b%2f//k?versionId=%20 HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\nX-A: 1\r\nx-a:  2 \r\n\r\n")
    request = fake.request
    assert (request.method, request.host, request.path, request.query) == ("GET", f"b.{HOST}", "/b%2f//k", "versionId=%20")
    assert (request.headers, request.scheme, request.payload.data) == ({"host": f"b.{HOST}", "x-a": "1,2"}, "https", b"")
    assert sent(made) == b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"
    assert not made.is_closed


@pytest.mark.parametrize(
    ("target", "host", "scheme", "path"),
    [
        ("http://b.s3.amazonaws.com/k", f"b.{HOST}", "http", "/k"),
        ("https://s3.amazonaws.com:443/k", f"{HOST}:443", "https", "/k"),
        ("http://b.s3.amazonaws.com", f"b.{HOST}", "http", "/"),
        ("/k", "named.test", "https", "/k"),
    ],
)
def test_targets(fake: Canned, target: str, host: str, scheme: str, path: str) -> None:
    connection(f"GET {target} HTTP/1.1\r\nHost: named.test\r\n\r\n".encode())
    assert (fake.request.host, fake.request.scheme, fake.request.path) == (host, scheme, path)


@pytest.mark.parametrize(("authority", "scheme"), [("b.s3.amazonaws.com:443", "https"), ("b.s3.amazonaws.com:80", "http")])
def test_connect(fake: Canned, authority: str, scheme: str) -> None:
    made = Connection("proxy.test:3128", secure=False)
    made.receive(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode())
    assert made.events.popleft() == b"HTTP/1.1 200 Connection established\r\n\r\n"
    made.receive(b"GET /k HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\n\r\n")
    assert (fake.request.host, fake.request.scheme) == ("b.s3.amazonaws.com", scheme)


SIZED = b"PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"PUT /k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nx-trailer: 1\r\n\r\n"


@given(st.lists(st.sampled_from([SIZED, CHUNKED]), min_size=1, max_size=3), st.data())
def test_pieces_of_any_size(messages: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(messages)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)))))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    with intercepted(Canned()) as fake:
        made = connection(*pieces)
        assert [request.payload.data for request in fake.requests] == [b"hello"] * len(messages)
        assert sent(made).count(b"HTTP/1.1 200 OK\r\n") == len(messages)


def test_a_body_is_not_copied(fake: Canned) -> None:
    body = b"x" * 1000
    connection(b"PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n", body)
    assert fake.request.payload.data is body


def test_a_body_is_not_kept(fake: Canned) -> None:
    body = b"x" * 1000
    before = sys.getrefcount(body)
    made = connection(b"PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n", body)
    assert fake.request.payload.data is body
    fake.requests.clear()
    assert (sys.getrefcount(body), made.is_closed) == (before, False)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /a b HTTP/1.1", 400),
        (b"GET /", 400),
        (b"GET / HTTP/2", 505),
        (b"GET / HTTP/1.1\r\nHost: h\r\nno colon", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\nspace : 1", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\n: 1", 400),
        (b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: +1", 400),
        (b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 2", 400),
        (b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip", 501),
        (b"GET / HTTP/1.1\r\nHost: h\r\nlong: " + b"x" * 70000, 413),
    ],
)
def test_what_is_no_request(fake: Canned, head: bytes, status: int) -> None:
    made = connection(head + b"\r\n\r\n", b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert sent(made).startswith(f"HTTP/1.1 {status} ".encode())
    assert (made.events[-1], made.is_closed, fake.requests) == (End.CLOSE, True, [])


def test_a_head_without_an_end(fake: Canned) -> None:
    made = connection(*[b"x" * 1000] * 70)
    assert sent(made).startswith(b"HTTP/1.1 414 ")
    assert made.is_closed


@pytest.mark.parametrize(
    ("head", "closes"),
    [
        (b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close", True),
        (b"GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive", False),
        (b"GET / HTTP/1.0", True),
        (b"GET / HTTP/1.0\r\nConnection: Keep-Alive", False),
    ],
)
def test_keep_alive(fake: Canned, head: bytes, closes: bool) -> None:
    made = connection(head + b"\r\n\r\n")
    assert (made.is_closed, made.events[-1] is End.CLOSE, b"Connection: close" in sent(made)) == (closes, closes, closes)


def test_both_framings(fake: Canned) -> None:
    made = connection(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")
    assert fake.request.payload.data == b"a"
    assert "content-length" not in fake.request.headers
    assert made.is_closed


@pytest.mark.parametrize(
    ("request_line", "status", "headers", "expected"),
    [
        (b"GET / HTTP/1.1", 200, [], b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"),
        (b"HEAD / HTTP/1.1", 200, [], b"Transfer-Encoding: chunked\r\n\r\n"),
        (b"HEAD / HTTP/1.1", 200, [("Content-Length", "4")], b"Content-Length: 4\r\n\r\n"),
        (b"GET / HTTP/1.1", 204, [("Content-Length", "4")], b"HTTP/1.1 204 No Content\r\n\r\n"),
        (b"GET / HTTP/1.1", 304, [("ETag", "e")], b"HTTP/1.1 304 Not Modified\r\nETag: e\r\n\r\n"),
        (b"GET / HTTP/1.0", 200, [], b"Content-Length: 4\r\nConnection: close\r\n\r\nbody"),
        (b"GET / HTTP/1.1", 200, [("Content-Length", "4"), ("x", "a\r\nb: c")], b"x: a  b: c\r\n\r\nbody"),
    ],
)
def test_framing_of_responses(request_line: bytes, status: int, headers: list[tuple[str, str]], expected: bytes) -> None:
    with intercepted(Canned((b"bo", b"dy"), status, headers)):
        assert sent(connection(request_line + b"\r\nHost: h\r\n\r\n")).endswith(expected)


def test_a_body_that_breaks_off(fake: Canned) -> None:
    from fakes3part.errors import S3Error

    for head, message in [
        (b"Content-Length: 5\r\n\r\nhell", "You did not provide the number of bytes specified by the Content-Length HTTP header"),
        (b"Transfer-Encoding: chunked\r\n\r\n5\r\nhell", "The request body terminated unexpectedly"),
    ]:
        made = connection(b"PUT / HTTP/1.1\r\nHost: h\r\n" + head)
        made.receive_end()
        with pytest.raises(S3Error, match=message):
            fake.request.payload  # noqa: B018
        assert made.is_closed
    assert len(fake.requests) == 2


@pytest.mark.parametrize(
    "chunks",
    [
        b"x\r\n",
        b"-1\r\n",
        b"1\r\nabc",
        b"1" * 5000,
        b"\r\n",
        b"6\r\nhello\r\n0\r\n\r\n",
        b"1\na\r\n",
        b"1\r\na\n",
        b"0\n",
        b"0\r\n\n",
        b"0\r\nno colon\r\n",
        b"0\r\n" + b"trailer: x\r\n" * 2000,
    ],
)
def test_invalid_chunks(fake: Canned, chunks: bytes) -> None:
    from fakes3part.errors import S3Error

    made = connection(b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    with pytest.raises(S3Error, match="The request body terminated unexpectedly"):
        fake.request.payload  # noqa: B018
    assert made.is_closed


def test_the_fake_is_looked_up_for_each_request() -> None:
    made = connection()
    get = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    for _ in range(2):
        with intercepted(Canned()) as fake:
            made.receive(get)
            assert len(fake.requests) == 1
    made.events.clear()
    made.receive(get)
    assert (list(made.events), made.is_closed) == ([End.CLOSE], True)


def test_a_host_that_is_refused(fake: Canned) -> None:
    with pytest.raises(ServiceNotFaked, match=r"dynamodb POST / at dynamodb\.us-east-1\.amazonaws\.com"):
        Connection("dynamodb.us-east-1.amazonaws.com", secure=True).receive(b"POST /?a HTTP/1.1\r\nHost: h\r\n\r\n")


@pytest.mark.parametrize(("status", "closes"), [(200, False), (204, False), (404, True)])
def test_an_expectation_without_a_body(status: int, closes: bool) -> None:
    with intercepted(Canned((), status)):
        made = connection(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n")
    assert (b"HTTP/1.1 100 Continue\r\n\r\n" in sent(made), made.is_closed) == (not closes, closes)

"""`WsgiApp` by PEP 3333, in werkzeug's test client, and under two other WSGI servers."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server
from werkzeug.test import Client

from fakes3part import Settings
from fakes3part.server.wsgi import WsgiApp, request_of
from tests.support.raw_server import RawConnection, StubBackend, request


@pytest.fixture
def app(backend: StubBackend) -> WsgiApp:
    return WsgiApp(backend)  # type: ignore[arg-type]


@pytest.fixture
def client(app: WsgiApp) -> Client:
    return Client(app)


def environ(**variables: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    setup_testing_defaults(made)
    return {**made, **variables}


def test_an_object_goes_up_and_comes_down(client: Client) -> None:
    data = bytes(range(256)) * 1000
    put = client.put("/b/a%2Fb", data=data, content_type="application/x-www-form-urlencoded")
    assert (put.status, put.headers["Content-Length"], put.data) == ("200 OK", "0", b"")
    got = client.get("/b/a%2Fb")
    assert (got.status, got.headers["Content-Length"], got.data) == ("200 OK", "256000", data)
    head = client.head("/b/a%2Fb")
    assert (head.status, head.headers["Content-Length"], head.data) == ("200 OK", "256000", b"")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/forbid", "403 Forbidden"),
        ("GET", "/b/absent", "404 Not Found"),
        ("HEAD", "/b/absent", "404 Not Found"),
        ("DELETE", "/nothing", "204 No Content"),
        ("GET", "/unchanged", "304 Not Modified"),
    ],
)
def test_statuses_and_who_has_a_body(client: Client, method: str, path: str, status: str) -> None:
    response = client.open(path, method=method)
    assert response.status == status
    assert bool(response.data) == (method == "GET" and status[0] == "4")
    assert "Content-Length" not in response.headers


@pytest.mark.parametrize(
    ("variables", "host", "path", "query"),
    [
        ({"REQUEST_URI": "/b/a%2Fb//../%20?x=a%2Fb"}, "127.0.0.1", "/b/a%2Fb//../%20", "x=a%2Fb"),
        ({"RAW_URI": "/b/%C3%A9?uploads"}, "127.0.0.1", "/b/%C3%A9", "uploads"),
        ({"REQUEST_URI": "http://b.s3.test/k%2F?x"}, "b.s3.test", "/k%2F", "x"),
        ({"PATH_INFO": "/b/\xc3\xa9 k/a+b=%", "QUERY_STRING": "x=%2F"}, "127.0.0.1", "/b/%C3%A9%20k/a+b=%25", "x=%2F"),
        ({"PATH_INFO": "", "SCRIPT_NAME": "/s3"}, "127.0.0.1", "/", ""),
        ({"REQUEST_URI": "/s3/b/a%2F", "SCRIPT_NAME": "/s3", "PATH_INFO": "/b/a/"}, "127.0.0.1", "/b/a%2F", ""),
        ({"REQUEST_URI": "/s3", "SCRIPT_NAME": "/s3", "PATH_INFO": ""}, "127.0.0.1", "/", ""),
        ({"HTTP_HOST": "b.localhost:8", "PATH_INFO": "/k"}, "b.localhost:8", "/k", ""),
    ],
)
def test_targets(variables: dict[str, str], host: str, path: str, query: str) -> None:
    made = request_of(environ(**variables), Settings())
    assert (made.host, made.path, made.query, made.scheme) == (host, path, query, "http")


def test_headers_and_a_missing_host() -> None:
    variables = environ(HTTP_X_AMZ_META_A="\xe9", CONTENT_TYPE="text/x", CONTENT_LENGTH="0", SERVER_PORT="81")
    del variables["HTTP_HOST"]
    made = request_of(variables, Settings())
    assert made.headers == {"x-amz-meta-a": "\xe9", "content-type": "text/x", "content-length": "0"}
    assert made.host == "127.0.0.1:81"


class Dripping(io.BytesIO):
    """Returns three bytes at a time, as a socket might."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(3, size) if size and size > 0 else 3)


class Vanishing(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise ConnectionResetError


@pytest.mark.parametrize(
    ("variables", "stream", "body"),
    [
        ({}, io.BytesIO(b"not mine"), b""),
        ({"CONTENT_LENGTH": ""}, io.BytesIO(b"not mine"), b""),
        ({"CONTENT_LENGTH": "5"}, io.BytesIO(b"hello, next request"), b"hello"),
        ({"CONTENT_LENGTH": "11"}, Dripping(b"hello world, next request"), b"hello world"),
        ({"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}, Dripping(b"hello world"), b"hello world"),
        ({"CONTENT_LENGTH": "5", "wsgi.input_terminated": True}, io.BytesIO(b"hello"), b"hello"),
    ],
)
def test_bodies(variables: dict[str, Any], stream: io.BytesIO, body: bytes) -> None:
    assert request_of(environ(**variables, **{"wsgi.input": stream}), Settings()).payload.data == body


@pytest.mark.parametrize(
    ("variables", "stream", "code"),
    [
        ({"CONTENT_LENGTH": "9"}, io.BytesIO(b"hello"), b"IncompleteBody"),
        ({"CONTENT_LENGTH": str(5 << 40)}, io.BytesIO(b"hello"), b"IncompleteBody"),
        ({"CONTENT_LENGTH": "9"}, Vanishing(), b"IncompleteBody"),
        ({"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}, Vanishing(), b"IncompleteBody"),
        ({"CONTENT_LENGTH": "-1"}, io.BytesIO(b"hello"), b"BadRequest"),
        ({"CONTENT_LENGTH": "+5"}, io.BytesIO(b"hello"), b"BadRequest"),
        ({"CONTENT_LENGTH": "many"}, io.BytesIO(b"hello"), b"BadRequest"),
    ],
)
def test_bodies_that_are_none(
    app: WsgiApp, backend: StubBackend, variables: dict[str, Any], stream: io.BytesIO, code: bytes
) -> None:
    statuses: list[str] = []
    environment = environ(REQUEST_METHOD="PUT", PATH_INFO="/b/k", **variables, **{"wsgi.input": stream})
    body = b"".join(app(environment, lambda status, headers: statuses.append(status)))  # type: ignore[arg-type,return-value]
    assert statuses == ["400 Bad Request"]
    assert code in body
    assert backend.stored == {}


def test_an_error_from_the_headers_never_touches_the_body(app: WsgiApp) -> None:
    environment = environ(REQUEST_METHOD="PUT", PATH_INFO="/refuse", CONTENT_LENGTH="9", **{"wsgi.input": None})
    assert b"NoSuchBucket" in b"".join(app(environment, lambda status, headers: None))  # type: ignore[arg-type,return-value]


def test_an_unexpected_exception_is_not_a_traceback_page(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    response = client.get("/boom")
    assert (response.status, response.mimetype) == ("500 Internal Server Error", "application/xml")
    assert b"<Code>InternalError</Code><Message>We encountered an internal error. Please try again." in response.data
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("fakes3part", logging.ERROR)
    assert record.exc_info is not None


@pytest.mark.parametrize("path", ["/forbid", "/large", "/echo", "/unchanged", "/nothing", "/boom"])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_pep_3333(app: WsgiApp, method: str, path: str) -> None:
    environment = environ(REQUEST_METHOD=method, PATH_INFO=path, QUERY_STRING="", CONTENT_LENGTH="2")
    environment["wsgi.input"] = io.BytesIO(b"hi")
    del environment["HTTP_HOST"]
    sent: list[str] = []
    response = validator(app)(environment, lambda status, headers, exc_info=None: sent.append(status) or sent.append)
    data = b"".join(response)
    response.close()  # type: ignore[attr-defined]
    assert len(sent) == 1
    assert (data == b"") == (sent[0][:3] in ("204", "304"))


def test_mounted_in_another_application(app: WsgiApp, backend: StubBackend) -> None:
    mounted = Client(DispatcherMiddleware(lambda environ, start: [], {"/s3": app}))
    assert mounted.put("/s3/b/a%2Fb", data=b"x").status_code == 200
    assert backend.stored == {"/b/a%2Fb": b"x"}


class TestUnderWerkzeugsServer:
    @pytest.fixture
    def connection(self, app: WsgiApp) -> Iterator[RawConnection]:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        with RawConnection(("127.0.0.1", server.port)) as connection:
            yield connection
        server.shutdown()
        thread.join()
        server.server_close()

    def test_raw_path_and_chunked_body(self, connection: RawConnection) -> None:
        sent = request("PUT", "/echo?x=%2F", "Transfer-Encoding: chunked", "Connection: close")
        status, _, body = connection.send(sent, b"5\r\nhello\r\n0\r\n\r\n").response()
        statuses = json.loads(body)
        assert (status, statuses["body"], statuses["query"]) == ("200 OK", "hello", "x=%2F")

    def test_a_key_that_must_stay_encoded(self, connection: RawConnection, backend: StubBackend) -> None:
        connection.send(request("PUT", "/b/a%2Fb//../c", body=b"x")).response()
        assert backend.stored == {"/b/a%2Fb//../c": b"x"}

"""Connections of HTTP libraries in-process: opened before the mock, kept after it, through proxies, in other threads."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import http.client
import io
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit
from weakref import ref

import aiohttp
import httpx
import pytest
import requests
import urllib3
from botocore.config import Config

from fakes3part import faults
from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.mock import mock_s3
from fakes3part.api.moto_config import read_config
from fakes3part.intercept import stack
from fakes3part.intercept.activation import enter, intercepted, leave
from fakes3part.intercept.memory_socket import MemorySocket
from fakes3part.intercept.network_guard import ServiceNotFaked
from tests.support.canned_fake import Canned
from tests.support.http_client import HttpClient
from tests.support.state import unchanged
from tests.support.website import open_to_all

URLS = [
    "https://bucket.s3.amazonaws.com/k",
    "http://bucket.s3.amazonaws.com/k",
    "https://s3.eu-west-1.amazonaws.com:443/bucket/k",
]


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The host and port of a real server, which keeps connections, and is a proxy too."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"real")

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def canned(**settings: Any) -> Canned:
    return Canned((b"fake",), headers=[("Content-Length", "4")], **settings)


@pytest.fixture
def client(http_client: HttpClient) -> Iterator[HttpClient]:
    """A client of the test's own."""
    client = type(http_client)()
    yield client
    client.close()


class TestConnections:
    @pytest.mark.parametrize("url", URLS)
    def test_requests_of_a_fake(self, http_client: HttpClient, url: str) -> None:
        with intercepted(canned()) as fake:
            assert [http_client.request("GET", url).body for _ in range(3)] == [b"fake"] * 3
        assert [request.method for request in fake.requests] == ["GET"] * 3
        assert fake.request.scheme == url.partition(":")[0]
        assert fake.request.headers["host"].removesuffix(":443") == url.split("/")[2].removesuffix(":443")

    def test_before_during_and_after(self, client: HttpClient, elsewhere: str) -> None:
        """A real connection that is kept is not used for a host that a fake serves, and one to a fake not after it."""
        url = f"http://{elsewhere}/k"
        for _ in range(2):
            assert client.request("GET", url).body == b"real"
            with intercepted(canned(custom_endpoints=[elsewhere])) as fake:
                assert [client.request("GET", url).body for _ in range(2)] == [b"fake"] * 2
                with intercepted(canned(custom_endpoints=[elsewhere])) as inner:
                    assert client.request("GET", url).body == b"fake"
                assert (len(fake.requests), len(inner.requests)) == (2, 1)
            assert client.request("GET", url).body == b"real"

    def test_another_fake(self, client: HttpClient) -> None:
        for _ in range(3):
            with intercepted(canned()) as fake:
                client.request("GET", URLS[0])
                assert len(fake.requests) == 1

    def test_an_interception_that_ends_around_another_one(self, client: HttpClient, elsewhere: str) -> None:
        """The patches stay, and only the fake of this host has ended."""
        url = f"http://{elsewhere}/k"
        ending = enter(canned(custom_endpoints=[elsewhere]))
        with intercepted(canned()):
            assert client.request("GET", url).body == b"fake"
            leave(ending)
            assert client.request("GET", url).body == b"real"

    def test_a_response_that_outlives_its_fake(self, client: HttpClient, elsewhere: str) -> None:
        url = f"http://{elsewhere}/k"
        with intercepted(Canned((b"x" * 100_000,), headers=[("Content-Length", "100000")], custom_endpoints=[elsewhere])):
            chunks = client.chunks(url, 1000)
            assert next(chunks) == b"x" * 1000
        assert sum(map(len, chunks)) == 99_000
        assert client.request("GET", url).body == b"real"

    def test_an_upload_that_outlives_its_fake(self) -> None:
        """It is not continued to the real host."""
        connection = http.client.HTTPSConnection("bucket.s3.amazonaws.com")
        with intercepted(canned()) as fake:
            connection.putrequest("PUT", "/k")
            connection.putheader("Content-Length", "10")
            connection.endheaders(b"01234")
        connection.send(b"56789")
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
        connection.close()
        assert fake.requests == []

    def test_threads(self, client: HttpClient) -> None:
        bodies: list[bytes] = []

        def run() -> None:
            own = type(client)()
            bodies.extend(own.request("GET", URLS[1]).body for _ in range(20))
            own.close()

        with intercepted(canned()) as fake:
            threads = [threading.Thread(target=run) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert (bodies, len(fake.requests)) == ([b"fake"] * 160, 160)

    def test_connections_are_freed_at_once(self) -> None:
        """Not by the garbage collector: they may hold large bodies."""
        gc.collect()
        gc.disable()
        try:
            with intercepted(canned()):
                connection = http.client.HTTPConnection("bucket.s3.amazonaws.com")
                connection.request("PUT", "/k", b"data")
                connection.getresponse().read()
                sock = ref(connection.sock)
                assert sock() is not None
                del connection
                assert sock() is None
        finally:
            gc.enable()

    def test_afterwards_everything_is_as_before(self, client: HttpClient) -> None:
        classes = [http.client.HTTPConnection, http.client.HTTPSConnection]
        classes += [urllib3.connection.HTTPConnection, urllib3.connection.HTTPSConnection]
        before = [dict(vars(kind)) for kind in classes]
        wait = urllib3.connection.wait_for_read  # type: ignore[attr-defined]
        with mock_s3():
            client.request("GET", URLS[0])
            assert [dict(vars(kind)) for kind in classes] != before
        assert [dict(vars(kind)) for kind in classes] == before
        assert urllib3.connection.wait_for_read is wait  # type: ignore[attr-defined]

    def test_no_certificate_is_needed_or_verified(self) -> None:
        """urllib3 warns as it would warn of a real request."""
        with intercepted(canned()):
            assert requests.get(URLS[0], timeout=1).status_code == 200
            with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
                requests.get(URLS[0], verify=False, timeout=1)


class TestProxies:
    @pytest.mark.parametrize("url", URLS)
    def test_a_host_of_a_fake(self, client: HttpClient, url: str) -> None:
        """The proxy is not asked: there is none."""
        with intercepted(canned()) as fake:
            for _ in range(2):
                assert client.request("GET", url, proxy="http://127.0.0.1:1").body == b"fake"
        assert fake.request.path == url[url.index("/", 8) :]
        assert fake.request.scheme == url.partition(":")[0]

    def test_other_hosts_of_the_same_proxy(self, client: HttpClient, elsewhere: str) -> None:
        proxy = f"http://{elsewhere}"
        with intercepted(canned()) as fake:
            for _ in range(2):
                assert client.request("GET", "http://other.test/", proxy=proxy).body == b"real"
                assert client.request("GET", "http://bucket.s3.amazonaws.com/k", proxy=proxy).body == b"fake"
        assert len(fake.requests) == 2
        assert client.request("GET", "http://other.test/", proxy=proxy).body == b"real"

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_hosts_that_are_refused(self, client: HttpClient, elsewhere: str, scheme: str) -> None:
        with intercepted(canned()), pytest.raises(ServiceNotFaked):
            client.request("GET", f"{scheme}://sqs.us-east-1.amazonaws.com/", proxy=f"http://{elsewhere}")

    def test_variables_that_are_set_while_the_fake_is_active(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(urllib.request, "_opener", None)  # it caches the proxies
        with intercepted(canned()):
            for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
                monkeypatch.setenv(name, "http://127.0.0.1:1")
            monkeypatch.setenv("no_proxy", "")
            monkeypatch.setenv("NO_PROXY", "")
            for url in URLS:
                assert requests.get(url, timeout=1).content == b"fake"
                with urllib.request.urlopen(url, timeout=1) as response:
                    assert response.read() == b"fake"
        monkeypatch.setattr(urllib.request, "_opener", None)


class TestRefused:
    def test_a_connection_that_was_opened_before(self, elsewhere: str) -> None:
        """The guard of names would not see it."""
        for name, kind in [("http", http.client.HTTPConnection), ("urllib3", urllib3.connection.HTTPConnection)]:
            connection: Any = kind("dynamodb.us-east-1.amazonaws.com", 80)
            connection.sock = socket.create_connection(elsewhere.split(":"))
            connection.request("GET", "/before")
            response = connection.getresponse()
            assert (response.data if name == "urllib3" else response.read()) == b"real"
            with mock_s3(), pytest.raises(ServiceNotFaked, match="dynamodb GET /within"):
                connection.request("GET", "/within?a=1")
            connection.close()

    @pytest.fixture
    def requested(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The hosts with which the real ``getaddrinfo`` would have been called."""
        requested: list[str] = []

        def getaddrinfo(host: str | bytes, *args: Any, **kwargs: Any) -> Any:
            requested.append(host if isinstance(host, str) else host.decode())
            raise socket.gaierror("no network in tests")

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        monkeypatch.setattr("aiohttp.connector.DefaultResolver", aiohttp.ThreadedResolver)  # if aiodns is installed it is another
        return requested

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_some_urls_of_a_host_that_is_refused(self, client: HttpClient, scheme: str, requested: list[str]) -> None:
        host = f"{scheme}://sqs.us-east-1.amazonaws.com"
        with intercepted(canned(), read_config({"core": {"passthrough": {"urls": [r".*sqs.*/queue$"]}}})):
            with pytest.raises(ServiceNotFaked, match="sqs GET /other"):
                client.request("GET", f"{host}/other")
            with pytest.raises((OSError, urllib3.exceptions.HTTPError, httpx.ConnectError)):
                client.request("GET", f"{host}/queue?a=1")
            with pytest.raises(ServiceNotFaked):
                client.request("GET", f"{host}/other")
        assert requested == ["sqs.us-east-1.amazonaws.com"]

    @pytest.mark.parametrize(
        "passthrough", [{"services": ["s3"]}, {"urls": [r"https?://bucket\.s3\.amazonaws\.com/real"]}], ids=["service", "url"]
    )
    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_what_is_let_through(
        self, client: HttpClient, passthrough: dict[str, Any], scheme: str, requested: list[str]
    ) -> None:
        url = f"{scheme}://bucket.s3.amazonaws.com"
        with intercepted(canned(), read_config({"core": {"passthrough": passthrough}})) as fake:
            if "urls" in passthrough:
                assert client.request("GET", f"{url}/fake").body == b"fake"
            with pytest.raises((OSError, urllib3.exceptions.HTTPError, httpx.ConnectError)):
                client.request("GET", f"{url}/real")
            if "urls" in passthrough:
                assert client.request("GET", f"{url}/fake").body == b"fake"
        assert requested == ["bucket.s3.amazonaws.com"]
        assert {request.path for request in fake.requests} <= {"/fake"}


class TestRedirects:
    @pytest.mark.parametrize("method", ["GET", "PUT"])
    def test_to_the_region_of_a_new_bucket(self, http_client: HttpClient, late_client: Callable[..., Any], method: str) -> None:
        """Who follows is refused there: the URL is signed for another region."""
        with FakeS3() as fake:
            s3 = late_client(region_name="eu-west-1")
            s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
            s3 = late_client(config=Config(signature_version="s3v4"))
            url = s3.generate_presigned_url(f"{method.lower()}_object", Params={"Bucket": "bucket", "Key": "k"})
            assert url.startswith("https://bucket.s3.amazonaws.com/k?")
            with unchanged(fake):
                response = http_client.request(method, url, body=b"data" if method == "PUT" else None)
            if http_client.resends_bodies if method == "PUT" else http_client.follows_redirects:
                assert (response.status, response.error["Code"]) == (400, "AuthorizationQueryParametersError")
                assert [call.status for call in fake.calls] == [200, 307, 400]
            else:
                assert (response.status, response.error["Code"]) == (307, "TemporaryRedirect")
                assert response.headers["location"] == url.replace(".s3.", ".s3.eu-west-1.")

    def test_of_a_website(self, http_client: HttpClient, late_client: Callable[..., Any]) -> None:
        with FakeS3():
            s3 = late_client()
            s3.create_bucket(Bucket="bucket")
            open_to_all(s3)
            s3.put_bucket_website(Bucket="bucket", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
            s3.put_object(Bucket="bucket", Key="old", WebsiteRedirectLocation="/docs/")
            s3.put_object(Bucket="bucket", Key="docs/index.html", Body=b"page")
            response = http_client.request("GET", "http://bucket.s3-website-us-east-1.amazonaws.com/old")
            if http_client.follows_redirects:
                assert (response.status, response.body) == (200, b"page")
            else:
                assert (response.status, response.headers["location"]) == (301, "/docs/")


def _read_into(response: http.client.HTTPResponse) -> bytes:
    buffer = bytearray(100_000)
    size = 0
    while count := response.readinto(memoryview(buffer)[size:]):
        size += count
    return bytes(buffer[:size])


def _peek_and_read(response: http.client.HTTPResponse) -> bytes:
    peeked = response.peek()
    read = response.read()
    assert read.startswith(peeked)
    assert bool(peeked) == bool(read)
    return read


READINGS: dict[str, Callable[[http.client.HTTPResponse], bytes]] = {
    "read": lambda response: response.read(),
    "by pieces": lambda response: b"".join(iter(lambda: response.read(1), b"")),
    "as it comes": lambda response: b"".join(iter(lambda: response.read1(10_000), b"")),
    "into a buffer": _read_into,
    "lines": lambda response: b"".join(response),
    "peek": _peek_and_read,
}
"""The ways of http.client to read a body."""


class TestSocket:
    """What libraries use of sockets besides sending and reading."""

    @pytest.fixture
    def connection(self) -> Iterator[http.client.HTTPConnection]:
        with intercepted(canned()):
            connection = http.client.HTTPSConnection("bucket.s3.amazonaws.com:8443")
            connection.connect()
            yield connection
            connection.close()

    def test_answers(self, connection: http.client.HTTPConnection) -> None:
        sock: Any = connection.sock
        assert type(sock) is MemorySocket
        assert sock.getsockname() == ("127.0.0.1", 0)
        assert (sock.cipher()[1], sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)) == ("TLSv1.3", bytes(8))
        assert sock.getpeername() == ("bucket.s3.amazonaws.com", 8443)
        assert (sock.version(), sock.getpeercert(), sock.getpeercert(True), sock.selected_alpn_protocol()) == (
            "TLSv1.3",
            {},
            None,
            None,
        )
        sock.settimeout(3)
        assert (sock.gettimeout(), sock.timeout, sock.getblocking()) == (3, 3, True)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0

    def test_bytes_of_any_kind(self, connection: http.client.HTTPConnection) -> None:
        sock: Any = connection.sock
        for piece in (b"GET / HT", bytearray(b"TP/1.1\r\nHost: h\r\n"), memoryview(b"\r\n")):
            assert sock.send(piece) == len(piece)
        assert sock.pending() > 4
        received = sock.recv(1000)
        assert (received[:15], received[-4:]) == (b"HTTP/1.1 200 OK", b"fake")

    def test_nothing_to_read(self, connection: http.client.HTTPConnection) -> None:
        """A real socket would wait, without a timeout for ever."""
        sock: Any = connection.sock
        sock.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n")
        with pytest.raises(TimeoutError):
            sock.recv(1)
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            sock.recv(1)

    def test_closed(self, connection: http.client.HTTPConnection) -> None:
        sock: Any = connection.sock
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        with pytest.raises(BrokenPipeError):
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        with sock.makefile("rb") as file, sock:
            pass
        assert file.closed
        with pytest.raises(OSError, match="Bad file descriptor"):
            sock.sendall(b"x")

    def test_shut_down(self, connection: http.client.HTTPConnection) -> None:
        """As by a client that has sent all: a request that is not complete breaks off."""
        sock: Any = connection.sock
        sock.sendall(b"PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
        sock.shutdown(socket.SHUT_RD)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        sock.shutdown(socket.SHUT_WR)
        with sock.makefile("rb", 0) as file:
            assert file.readall().endswith(b"\r\nConnection: close\r\n\r\nfake")
        sock.close()
        sock.close()

    def test_text(self, connection: http.client.HTTPConnection) -> None:
        sock: Any = connection.sock
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        with sock.makefile("r", encoding="latin-1", newline="") as file:
            assert file.readline() == "HTTP/1.1 200 OK\r\n"
        with pytest.raises(ValueError, match="must be 'r' or 'rb', not 'w'"):
            sock.makefile("w")

    @pytest.mark.parametrize("size", [0, 1000, 70_000], ids=["empty", "small", "large"])
    @pytest.mark.parametrize("name", READINGS)
    def test_ways_to_read(self, name: str, size: int) -> None:
        """Small responses are files of their own; the client finds no difference to large ones."""
        body = (b"a line\n" * 10_000)[:size]
        with FakeS3() as fake, contextlib.closing(fake.client()) as s3:
            s3.create_bucket(Bucket="bucket")
            s3.put_object(Bucket="bucket", Key="k", Body=body)
            parts = urlsplit(s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"}))
            connection = http.client.HTTPSConnection(parts.netloc)
            for _ in range(2):  # the connection is kept
                connection.request("GET", f"{parts.path}?{parts.query}")
                response = connection.getresponse()
                assert (response.status, response.headers["content-length"]) == (200, str(size))
                assert len(fake.leftovers().bodies) == bool(size)
                assert READINGS[name](response) == body
                assert not fake.leftovers().bodies
                response.close()  # read1() and lines leave it open
            connection.close()

    def test_the_file_of_a_response(self, connection: http.client.HTTPConnection) -> None:
        """Code that wants the socket of a response finds it where it is in CPython."""
        connection.request("GET", "/k")
        sock, response = connection.sock, connection.getresponse()
        file: Any = response.fp
        assert file.raw._sock is sock
        assert (response.fileno(), file.readable(), file.writable()) == (sock.fileno(), True, False)
        with pytest.raises(io.UnsupportedOperation):
            file.write(b"x")
        assert response.read() == b"fake"
        assert file.closed
        file.close()

    def test_a_request_that_outlives_its_fake(self) -> None:
        """Its response can be read. A pool finds the connection as one that the server has closed."""
        connection = urllib3.connection.HTTPSConnection("bucket.s3.amazonaws.com")
        with intercepted(canned()):
            connection.request("GET", "/k")
        assert type(connection.sock) is MemorySocket
        assert not connection.is_connected
        assert connection.getresponse().data == b"fake"
        connection.close()


def test_leniences_are_warned_of_at_the_users_line(client: HttpClient, late_client: Callable[..., Any]) -> None:
    from fakes3part.leniences import LenientWarning

    with FakeS3(lenient=True), pytest.warns(LenientWarning) as caught:
        client.request("PUT", "https://s3.amazonaws.com/bucket")
    assert stack.active.interceptions == ()
    assert caught[0].filename.endswith(("http_clients.py", "httpx_client.py"))


class TestRetries:
    """Pauses between attempts pass on the clock of the fake if the test controls it, as those of botocore do."""

    @pytest.fixture
    def slept(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """The seconds that were really slept."""
        slept: list[float] = []
        monkeypatch.setattr(time, "sleep", slept.append)
        return slept

    @pytest.fixture
    def fake(self) -> Iterator[FakeS3]:
        with FakeS3() as fake:
            yield fake

    @staticmethod
    def urllib3_get(retry: urllib3.Retry) -> int:
        with urllib3.PoolManager() as pool:
            return pool.request("GET", URLS[0], retries=retry).status

    @staticmethod
    def requests_get(retry: urllib3.Retry) -> int:
        with requests.Session() as session:
            session.mount("https://", requests.adapters.HTTPAdapter(max_retries=retry))
            return session.get(URLS[0]).status_code

    @pytest.mark.parametrize("get", ["urllib3_get", "requests_get"])
    @pytest.mark.parametrize("controlled", [True, False])
    def test_of_urllib3(self, fake: FakeS3, slept: list[float], get: str, controlled: bool) -> None:
        if controlled:
            fake.clock.freeze()
        before = fake.clock.now()
        fake.fail("GetObject", "SlowDown", times=3)
        retry = urllib3.Retry(total=3, status_forcelist=[503], backoff_factor=30)
        assert getattr(self, get)(retry) == 404
        pauses = [60.0, 120.0]  # none before the first retry
        assert slept == ([] if controlled else pauses)
        assert [call.status for call in fake.calls] == [503, 503, 503, 404]
        if controlled:
            assert (fake.clock.now() - before).total_seconds() == sum(pauses)

    @pytest.mark.parametrize("get", ["urllib3_get", "requests_get"])
    def test_retry_after(self, fake: FakeS3, slept: list[float], get: str) -> None:
        fake.clock.freeze()
        before = fake.clock.now()
        fake.fail("GetObject", faults.Error("SlowDown", retry_after=7), times=1)
        assert getattr(self, get)(urllib3.Retry(total=3, status_forcelist=[503])) == 404
        assert ((fake.clock.now() - before).total_seconds(), slept) == (7, [])

    def test_of_a_refused_connection(self, fake: FakeS3, slept: list[float]) -> None:
        fake.clock.freeze()
        before = fake.clock.now()
        fake.fail("GetObject", faults.Refuse(), times=2)
        assert self.urllib3_get(urllib3.Retry(total=2, backoff_factor=30)) == 404
        assert ((fake.clock.now() - before).total_seconds(), slept) == (60, [])

    def test_of_another_host(self, fake: FakeS3, slept: list[float]) -> None:
        fake.clock.freeze()
        assert self.urllib3_get(urllib3.Retry(0)) == 404
        with socket.socket() as unused, urllib3.PoolManager() as pool:
            unused.bind(("127.0.0.1", 0))  # nothing listens there
            with pytest.raises(urllib3.exceptions.MaxRetryError):
                pool.request("GET", f"http://127.0.0.1:{unused.getsockname()[1]}/", retries=urllib3.Retry(2, backoff_factor=30))
        assert slept == [60.0]

    def test_of_httpx(self, fake: FakeS3, slept: list[float]) -> None:
        fake.clock.freeze()
        before = fake.clock.now()
        fake.fail("GetObject", faults.Refuse(), times=2)
        with httpx.Client(transport=httpx.HTTPTransport(retries=2)) as client:
            assert client.get(URLS[0]).status_code == 404
        assert ((fake.clock.now() - before).total_seconds(), slept) == (0.5, [])

    def test_of_httpx_in_a_loop(self, fake: FakeS3) -> None:
        async def get() -> int:
            async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=5)) as client:
                return (await client.get(URLS[0])).status_code

        fake.clock.freeze()
        before, begun = fake.clock.now(), time.monotonic()
        fake.fail("GetObject", faults.Refuse(), times=5)
        assert asyncio.run(get()) == 404
        assert (fake.clock.now() - before).total_seconds() == 0.5 + 1 + 2 + 4
        assert time.monotonic() - begun < 5

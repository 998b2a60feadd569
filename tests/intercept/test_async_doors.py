"""httpx and aiohttp in-process: event loops, timeouts, pauses, and mocks of others beside ours. See `test_http_doors` too."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import aiohttp
import httpcore
import httpx
import pytest
import pytest_socket
import respx
import trio
import uvloop
from aioresponses import aioresponses

from fakes3part import faults
from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.mock import mock_s3
from fakes3part.intercept.activation import intercepted
from fakes3part.intercept.network_guard import ServiceNotFaked
from fakes3part.leniences import LenientWarning
from tests.support.canned_fake import Canned

URL = "https://bucket.s3.amazonaws.com/k"
Run = Callable[[Callable[[], Coroutine[Any, Any, Any]]], Any]
Get = Callable[[str], Awaitable[bytes]]


def _asyncio(function: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(function())


def _uvloop(function: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    loop = uvloop.new_event_loop()
    try:
        return loop.run_until_complete(function())
    finally:
        loop.close()


@pytest.fixture(params=[_asyncio, _uvloop, trio.run], ids=["asyncio", "uvloop", "trio"])
def run(request: pytest.FixtureRequest) -> Run:
    """Run a coroutine function in an event loop of each kind."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(params=[_asyncio, _uvloop], ids=["asyncio", "uvloop"])
def run_asyncio(request: pytest.FixtureRequest) -> Run:
    return request.param  # type: ignore[no-any-return]


async def httpx_get(url: str = URL, timeout: float = 5, **settings: Any) -> bytes:
    async with httpx.AsyncClient(**settings) as client:
        return (await client.get(url, timeout=timeout)).content


async def aiohttp_get(url: str = URL, timeout: float = 5) -> bytes:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_read=timeout)) as session, session.get(url) as response:
        return await response.read()


def canned(**settings: Any) -> Canned:
    return Canned((b"fake",), headers=[("Content-Length", "4")], **settings)


class TestLoops:
    def test_httpx(self, run: Run) -> None:
        with intercepted(canned()) as fake:
            assert run(httpx_get) == b"fake"
        assert len(fake.requests) == 1

    def test_aiohttp(self, run_asyncio: Run) -> None:
        with intercepted(canned()) as fake:
            assert run_asyncio(aiohttp_get) == b"fake"
        assert len(fake.requests) == 1

    @pytest.mark.parametrize("get", [httpx_get, aiohttp_get])
    def test_many_loops_in_threads(self, get: Get) -> None:
        bodies: list[bytes] = []

        async def many() -> None:
            bodies.extend(await asyncio.gather(*(get(URL) for _ in range(10))))

        with intercepted(canned()) as fake:
            threads = [threading.Thread(target=asyncio.run, args=(many(),)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert (bodies, len(fake.requests)) == ([b"fake"] * 40, 40)

    @pytest.mark.parametrize("get", [httpx_get, aiohttp_get])
    def test_no_socket_is_opened(self, get: Get) -> None:
        loop = asyncio.new_event_loop()  # has a pair of sockets
        with intercepted(canned()):
            pytest_socket.disable_socket()
            try:
                assert loop.run_until_complete(get(URL)) == b"fake"  # type: ignore[arg-type]
                assert httpx.get(URL).content == b"fake"
            finally:
                pytest_socket.enable_socket()
                loop.close()

    def test_one_connection_is_used_again(self) -> None:
        async def requests() -> set[object]:
            async with aiohttp.ClientSession() as session:
                seen = set()
                for _ in range(3):
                    async with session.get(URL) as response:
                        assert response.connection is None or seen.add(response.connection.transport) is None  # type: ignore[func-returns-value]
                        await response.read()
                return seen

        with intercepted(canned()):
            assert len(asyncio.run(requests())) <= 1


class TestWaiting:
    """What may wait does not stop the event loop."""

    @pytest.mark.parametrize("get", [httpx_get, aiohttp_get])
    def test_a_delay_beyond_the_timeout(self, get: Any) -> None:
        with FakeS3() as fake:
            fake.fail("GetObject", faults.Latency(30))
            begun = time.monotonic()
            with pytest.raises((httpx.ReadTimeout, aiohttp.ServerTimeoutError)):
                asyncio.run(get(URL, timeout=0.05))
            assert time.monotonic() - begun < 5

    def test_a_delay_beyond_the_timeout_in_trio(self) -> None:
        with FakeS3() as fake:
            fake.fail("GetObject", faults.Latency(0.5))
            with pytest.raises(httpx.ReadTimeout):
                trio.run(httpx_get, URL, 0.05)

    @pytest.mark.parametrize("get", [httpx_get, aiohttp_get])
    def test_a_pause_in_the_same_loop(self, get: Get) -> None:
        async def test(fake: FakeS3) -> list[str | None]:
            pause = fake.pause_before("GetObject")
            waiting = asyncio.ensure_future(get("https://s3.amazonaws.com/bucket/k"))
            while not pause.waiting:
                await asyncio.sleep(0.001)
            await get("https://s3.amazonaws.com/")
            pause.release()
            assert b"NoSuchBucket" in await waiting
            return [call.operation for call in fake.calls]

        with FakeS3(lenient=True) as fake, pytest.warns(LenientWarning):
            assert asyncio.run(test(fake)) == ["ListBuckets", "GetObject"]

    @pytest.mark.filterwarnings("ignore::fakes3part.leniences.LenientWarning")
    def test_slow_bodies(self) -> None:
        async def test() -> list[bytes]:
            async with aiohttp.ClientSession() as session, session.get(URL) as response:
                return [chunk async for chunk in response.content.iter_any()]

        with FakeS3(lenient=True) as fake:
            fake.client().create_bucket(Bucket="bucket")
            fake.client().put_object(Bucket="bucket", Key="k", Body=b"0123456789")
            fake.fail("GetObject", faults.Bandwidth(bytes_per_second=100))
            assert len(asyncio.run(test())) > 1
            assert b"".join(asyncio.run(test())) == b"0123456789"


class TestHttpx:
    @pytest.mark.parametrize("http1", [True, False])
    def test_http2_falls_back(self, http1: bool) -> None:
        with intercepted(canned()), httpx.Client(http2=True, http1=http1) as client:
            response = client.get(URL)
        assert (response.http_version, response.content) == ("HTTP/1.1", b"fake")

    def test_retries_of_a_refused_connection(self, monkeypatch: pytest.MonkeyPatch) -> None:
        slept: list[float] = []
        monkeypatch.setattr(
            httpcore.SyncBackend if hasattr(httpcore, "SyncBackend") else object, "sleep", lambda self, s: slept.append(s)
        )
        for retries, times, works in [(2, 2, True), (1, 2, False)]:
            with FakeS3() as fake:
                fake.fail("GetObject", faults.Refuse(), times=times)
                with httpx.Client(transport=httpx.HTTPTransport(retries=retries)) as client:
                    if works:
                        assert client.get(URL).status_code == 404
                    else:
                        with pytest.raises(httpx.ConnectError):
                            client.get(URL)
                assert [call.fault for call in fake.calls][:2] == ["refuse"] * 2
        assert slept == [0, 0.5, 0]

    def test_transports_of_the_users_own(self) -> None:
        def respond(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, content=b"own")

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"own"})

        def wsgi(environ: Any, start_response: Any) -> list[bytes]:
            start_response("200 OK", [])
            return [b"own"]

        transports: list[httpx.BaseTransport] = [httpx.MockTransport(respond), httpx.WSGITransport(wsgi)]
        with intercepted(canned()) as fake:
            for transport in transports:
                with httpx.Client(transport=transport) as client:
                    assert client.get(URL).content == b"own"
            assert asyncio.run(httpx_get(transport=httpx.ASGITransport(app))) == b"own"
        assert fake.requests == []

    def test_a_network_backend_of_the_users_own(self) -> None:
        backend = httpcore.MockBackend([b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown"])
        with intercepted(canned()), httpcore.ConnectionPool(network_backend=backend) as pool:
            assert pool.request("GET", URL.replace("https", "http")).content == b"own"

    def test_respx(self) -> None:
        with intercepted(canned()) as fake, respx.mock(assert_all_called=False) as router:
            router.get("https://other.test/").respond(content=b"respx")
            router.route(host="bucket.s3.amazonaws.com").pass_through()
            assert httpx.get("https://other.test/").content == b"respx"
            assert httpx.get(URL).content == b"fake"
            assert asyncio.run(httpx_get("https://other.test/")) == b"respx"
            assert asyncio.run(httpx_get()) == b"fake"
        assert len(fake.requests) == 2


class TestAiohttp:
    def test_aioresponses(self) -> None:
        async def test() -> None:
            with aioresponses(passthrough=["https://bucket.s3.amazonaws.com"]) as mock:
                mock.get("https://other.test/", body=b"aioresponses")
                assert await aiohttp_get("https://other.test/") == b"aioresponses"
                assert await aiohttp_get() == b"fake"

        with intercepted(canned()):
            asyncio.run(test())

    def test_expect(self) -> None:
        async def put() -> int:
            async with aiohttp.ClientSession() as session, session.put(URL, data=b"data", expect100=True) as response:
                return response.status

        with intercepted(canned()) as fake:
            assert asyncio.run(put()) == 200
        assert fake.request.payload.data == b"data"

    def test_an_upload_that_outlives_its_fake(self) -> None:
        """It is not continued to the real host."""

        async def upload(mock: mock_s3) -> None:
            async def body() -> AsyncIterator[bytes]:
                yield b"01234"
                await asyncio.sleep(0)
                mock.stop()
                yield b"56789"

            headers = {"Content-Length": "10"}
            async with aiohttp.ClientSession() as session, session.put(URL, data=body(), headers=headers):
                pass

        mock = mock_s3()
        fake = mock.start()
        with pytest.raises(aiohttp.ClientConnectionError):
            asyncio.run(upload(mock))
        assert len(fake.calls) == 0

    def test_trace_and_limits(self) -> None:
        async def many() -> list[bytes]:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=2)) as session:

                async def get() -> bytes:
                    async with session.get(URL) as response:
                        return await response.read()

                return await asyncio.gather(*(get() for _ in range(20)))

        with intercepted(canned()):
            assert asyncio.run(many()) == [b"fake"] * 20


class TestGuard:
    @pytest.mark.parametrize("get", [httpx_get, aiohttp_get])
    def test_hosts_that_are_refused(self, get: Get) -> None:
        with mock_s3(), pytest.raises(ServiceNotFaked, match=r"refused: sqs GET /queue at sqs\.eu-west-1\.amazonaws\.com"):
            asyncio.run(get("https://sqs.eu-west-1.amazonaws.com/queue?a=1"))  # type: ignore[arg-type]

    def test_httpx_sync(self) -> None:
        with mock_s3(), pytest.raises(ServiceNotFaked, match="refused: sqs GET /queue at"):
            httpx.get("https://sqs.eu-west-1.amazonaws.com/queue?a=1")

    def test_connections_that_were_opened_before(self) -> None:
        """The guard of names would not see them."""
        url = "http://sqs.eu-west-1.amazonaws.com/queue"
        backend = httpcore.MockBackend([b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nreal"] * 2)
        with httpx.Client() as client:
            pool = client._transport._pool  # type: ignore[attr-defined]
            pool._network_backend = backend
            assert client.get(url).content == b"real"
            pool._connections[0]._network_backend = None  # as if it were httpcore's own
            with mock_s3(), pytest.raises(ServiceNotFaked, match="refused: sqs GET /queue at"):
                client.get(url)

    def test_afterwards_everything_is_as_before(self) -> None:
        owners = [httpcore.HTTPConnection, httpcore.AsyncHTTPConnection, aiohttp.TCPConnector]
        before = [dict(vars(owner)) for owner in owners]
        with mock_s3():
            assert [dict(vars(owner)) for owner in owners] != before
        assert [dict(vars(owner)) for owner in owners] == before

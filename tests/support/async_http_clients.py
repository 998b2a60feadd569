"""Libraries for event loops, behind the interface of `HttpClient`. Each client has a loop of its own, which runs in its calls."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from typing import Any, TypeVar

import aiohttp
import httpx
from yarl import URL

from tests.support.doors import RawResponse
from tests.support.http_client import TIMEOUT, Body, HttpClient, raw_response
from tests.support.httpx_client import HttpxFailures, header_items, httpx_content

T = TypeVar("T")


class _Loop:
    """An event loop that runs as long as a call."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(coroutine)

    def iterate(self, iterator: AsyncIterator[bytes]) -> Iterator[bytes]:
        try:
            while True:
                try:
                    yield self.run(anext(iterator))  # type: ignore[arg-type]
                except StopAsyncIteration:
                    return
        finally:
            self.run(iterator.aclose())  # type: ignore[attr-defined]

    def close(self) -> None:
        self.run(self.loop.shutdown_asyncgens())
        self.loop.close()


async def _asynchronous(body: Body) -> AsyncIterator[bytes]:
    for piece in body:
        yield piece


class AsyncHttpxClient(HttpxFailures):
    """``httpx.AsyncClient`` in asyncio."""

    name = "httpx async"

    def __init__(self, timeout: float = TIMEOUT) -> None:
        super().__init__(timeout)
        self.clients: dict[str | None, httpx.AsyncClient] = {}
        self.loop = _Loop()

    def _client(self, proxy: str | None) -> httpx.AsyncClient:
        client = self.clients.get(proxy)
        if client is None:
            client = self.clients[proxy] = httpx.AsyncClient(
                timeout=self.seconds, trust_env=False, proxy=proxy, follow_redirects=True
            )
        return client

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: Body = None, *, proxy: str | None = None
    ) -> RawResponse:
        content = httpx_content(body)
        if content is not None and not isinstance(content, bytes):
            content = _asynchronous(content)
        response = self.loop.run(self._client(proxy).request(method, url, headers=headers, content=content))
        return raw_response(response.status_code, response.headers.items(), response.content)

    def chunks(self, url: str, size: int) -> Iterator[bytes]:
        async def chunks() -> AsyncIterator[bytes]:
            async with self._client(None).stream("GET", url) as response:
                async for chunk in response.aiter_bytes(size):
                    yield chunk

        yield from self.loop.iterate(chunks())

    def close(self) -> None:
        for client in self.clients.values():
            self.loop.run(client.aclose())
        self.loop.close()


class AiohttpClient(HttpClient):
    """A session of aiohttp, which sends URLs as they are."""

    name = "aiohttp"
    resends_bodies = True
    upload_failure = aiohttp.ClientConnectionError
    refused = aiohttp.ClientConnectorError
    reset = aiohttp.ClientOSError
    timeout = body_timeout = aiohttp.ServerTimeoutError
    cut = cut_chunked = body_reset = aiohttp.ClientPayloadError

    def __init__(self, timeout: float = TIMEOUT) -> None:
        super().__init__(timeout)
        self.loop = _Loop()
        self.opened: aiohttp.ClientSession | None = None

    async def _session(self) -> aiohttp.ClientSession:
        if self.opened is None:
            self.opened = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_read=self.seconds))
        return self.opened

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: Body = None, *, proxy: str | None = None
    ) -> RawResponse:
        async def request() -> RawResponse:
            session = await self._session()
            data = io.BytesIO(body) if isinstance(body, bytes) and len(body) >> 20 else body  # it warns of large bytes
            if data is not None and not isinstance(data, (bytes, io.BytesIO)):
                data = _asynchronous(data)
            async with session.request(method, URL(url, encoded=True), headers=headers, data=data, proxy=proxy) as response:
                return raw_response(response.status, header_items(response.raw_headers), await response.read())

        return self.loop.run(request())

    def chunks(self, url: str, size: int) -> Iterator[bytes]:
        async def chunks() -> AsyncIterator[bytes]:
            session = await self._session()
            async with session.get(URL(url, encoded=True)) as response:
                async for chunk in response.content.iter_chunked(size):
                    yield chunk

        yield from self.loop.iterate(chunks())

    def close(self) -> None:
        if self.opened is not None:
            self.loop.run(self.opened.close())
        self.loop.close()


ASYNC_HTTP_CLIENTS: list[type[HttpClient]] = [AsyncHttpxClient, AiohttpClient]

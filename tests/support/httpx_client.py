"""httpx's client for threads, behind the interface of `HttpClient`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import httpx

from tests.support.doors import RawResponse
from tests.support.http_client import TIMEOUT, Body, HttpClient, raw_response


class HttpxFailures(HttpClient):
    """What httpx's clients raise."""

    resends_bodies = True
    refused = httpx.ConnectError
    reset = body_reset = httpx.ReadError
    timeout = body_timeout = httpx.ReadTimeout
    cut = cut_chunked = httpx.RemoteProtocolError


def httpx_content(body: Body) -> Any:
    """Return a body as httpx takes it: bytes, or an iterable of them."""
    return iter(lambda: body.read(1 << 16), b"") if hasattr(body, "read") else body


class HttpxClient(HttpxFailures):
    """``httpx.Client``; it follows redirects as its users mostly let it."""

    name = "httpx"

    def __init__(self, timeout: float = TIMEOUT) -> None:
        super().__init__(timeout)
        self.clients: dict[str | None, httpx.Client] = {}

    def _client(self, proxy: str | None) -> httpx.Client:
        client = self.clients.get(proxy)
        if client is None:
            client = self.clients[proxy] = httpx.Client(timeout=self.seconds, trust_env=False, proxy=proxy, follow_redirects=True)
        return client

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: Body = None, *, proxy: str | None = None
    ) -> RawResponse:
        response = self._client(proxy).request(method, url, headers=headers, content=httpx_content(body))
        return raw_response(response.status_code, response.headers.items(), response.content)

    def chunks(self, url: str, size: int) -> Iterator[bytes]:
        with self._client(None).stream("GET", url) as response:
            yield from response.iter_bytes(size)

    def close(self) -> None:
        for client in self.clients.values():
            client.close()


def header_items(raw: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    """Yield the headers of a response as text."""
    for name, value in raw:
        yield name.decode("latin-1"), value.decode("latin-1")

"""HTTP libraries for Python behind one interface: what they send and raise is theirs.

To add a library, derive from `HttpClient`, with a row for each failure, and add the class to `HTTP_CLIENTS`.
"""

from __future__ import annotations

import contextlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import urllib3

from tests.support.async_http_clients import ASYNC_HTTP_CLIENTS
from tests.support.doors import RawResponse
from tests.support.http_client import TIMEOUT, Body, HttpClient, raw_response
from tests.support.httpx_client import HttpxClient


class HttpClientClient(HttpClient):
    """``http.client``: one connection to each host, which it keeps."""

    name = "http.client"
    follows_redirects = False
    refused = ConnectionRefusedError
    reset = ConnectionResetError
    timeout = body_timeout = TimeoutError
    cut = cut_chunked = http.client.IncompleteRead
    body_reset = ConnectionResetError

    def __init__(self, timeout: float = TIMEOUT) -> None:
        super().__init__(timeout)
        self.connections: dict[tuple[str, str, str | None], http.client.HTTPConnection] = {}

    def _connection(self, url: str, proxy: str | None) -> tuple[http.client.HTTPConnection, str]:
        parts = urlsplit(url)
        key = (parts.scheme, parts.netloc, proxy)
        connection = self.connections.get(key)
        if connection is None:
            kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            connection = self.connections[key] = kind(urlsplit(proxy).netloc if proxy else parts.netloc, timeout=self.seconds)
            if proxy and parts.scheme == "https":
                connection.set_tunnel(parts.netloc)
        target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        return connection, url if proxy and parts.scheme == "http" else target

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: Body = None, *, proxy: str | None = None
    ) -> RawResponse:
        connection, target = self._connection(url, proxy)
        try:
            connection.request(method, target, body, dict(headers or {}))
            with connection.getresponse() as response:
                return raw_response(response.status, response.getheaders(), response.read())
        except BaseException:
            connection.close()
            raise

    def chunks(self, url: str, size: int) -> Iterator[bytes]:
        connection, target = self._connection(url, None)
        connection.request("GET", target)
        with connection.getresponse() as response:
            while chunk := response.read(size):
                yield chunk

    def close(self) -> None:
        for connection in self.connections.values():
            connection.close()


class UrllibClient(HttpClient):
    """``urllib.request``, a connection for each request."""

    name = "urllib.request"
    refused = urllib.error.URLError
    reset = ConnectionResetError
    timeout = body_timeout = TimeoutError
    cut = cut_chunked = http.client.IncompleteRead
    body_reset = ConnectionResetError

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: Body = None, *, proxy: str | None = None
    ) -> RawResponse:
        request = urllib.request.Request(url, body, dict(headers or {}), method=method)
        proxies = {urlsplit(url).scheme: proxy} if proxy else {}
        opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))
        try:
            with opener.open(request, timeout=self.seconds) as response:
                return raw_response(response.status, response.getheaders(), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return raw_response(error.code, error.headers.items(), error.read())

    def chunks(self, url: str, size: int) -> Iterator[bytes]:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=self.seconds) as response:
            while chunk := response.read(size):
                yield chunk

    def close(self) -> None:
        pass


class Urllib3Client(HttpClient):
    """urllib3's pools, without retries."""

    name = "urllib3"
    resends_bodies = True
    refused = urllib3.exceptions.NewConnectionError
    reset = urllib3.exceptions.ProtocolError
    timeout = body_timeout = urllib3.exceptions.ReadTimeoutError
    cut = cut_chunked = body_reset = urllib3.exceptions.ProtocolError

    def __init__(self, timeout: float = TIMEOUT) -> None:
        super().__init__(timeout)
        self.pools = urllib3.PoolManager()
        self.proxies: dict[str, urllib3.ProxyManager] = {}

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: Body = None, *, proxy: str | None = None
    ) -> RawResponse:
        manager: urllib3.PoolManager = self.pools
        if proxy:
            manager = self.proxies.setdefault(proxy, urllib3.ProxyManager(proxy))
        retries = urllib3.Retry(total=None, connect=False, read=False, other=False, redirect=3)
        response = manager.request(method, url, body=body, headers=dict(headers or {}), timeout=self.seconds, retries=retries)
        return raw_response(response.status, response.headers.items(), response.data)

    def chunks(self, url: str, size: int) -> Iterator[bytes]:
        response = self.pools.request("GET", url, preload_content=False, timeout=self.seconds, retries=False)
        with contextlib.closing(response):
            yield from response.stream(size)

    def close(self) -> None:
        self.pools.clear()
        for proxy in self.proxies.values():
            proxy.clear()


class RequestsClient(HttpClient):
    """A session of requests."""

    name = "requests"
    resends_bodies = True
    refused = reset = requests.ConnectionError
    timeout = requests.ReadTimeout
    cut = cut_chunked = body_reset = requests.exceptions.ChunkedEncodingError
    body_timeout = requests.ConnectionError

    def __init__(self, timeout: float = TIMEOUT) -> None:
        super().__init__(timeout)
        self.session = requests.Session()
        self.session.trust_env = False

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: Body = None, *, proxy: str | None = None
    ) -> RawResponse:
        settings: dict[str, Any] = {"timeout": self.seconds, "proxies": {"http": proxy, "https": proxy} if proxy else None}
        response = self.session.request(method, url, headers=dict(headers or {}), data=body, **settings)
        return raw_response(response.status_code, response.headers.items(), response.content)

    def chunks(self, url: str, size: int) -> Iterator[bytes]:
        with self.session.get(url, stream=True, timeout=self.seconds) as response:
            yield from response.iter_content(size)

    def close(self) -> None:
        self.session.close()


HTTP_CLIENTS: list[type[HttpClient]] = [
    HttpClientClient,
    UrllibClient,
    Urllib3Client,
    RequestsClient,
    HttpxClient,
    *ASYNC_HTTP_CLIENTS,
]


@pytest.fixture(scope="session")
def _http_clients() -> Iterator[dict[type[HttpClient], HttpClient]]:
    """One client of each library for the whole session: connections must survive their mocks."""
    clients = {kind: kind() for kind in HTTP_CLIENTS}
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture(params=HTTP_CLIENTS, ids=lambda kind: kind.name)
def http_client(request: pytest.FixtureRequest, _http_clients: dict[type[HttpClient], HttpClient]) -> HttpClient:
    """A client of each HTTP library, in use since before the test's fake."""
    return _http_clients[request.param]

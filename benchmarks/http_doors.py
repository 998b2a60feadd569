"""HTTP libraries with presigned URLs, and their floor: the same library over a socket that returns an answer made beforehand."""

from __future__ import annotations

import asyncio
import http.client
import io
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from botocore.config import Config

from . import canned
from .canned import BODY, BUCKET, KEY, Canned
from .systems import ACCESS, System

Send = Callable[[str, str, bytes | None], bytes]
"""Sends method, URL and body, and returns the body of the response."""


def _http_client(stack: ExitStack) -> Send:
    connection = http.client.HTTPSConnection(f"{BUCKET}.s3.amazonaws.com")

    def send(method: str, url: str, body: bytes | None) -> bytes:
        connection.request(method, url[len(canned.HOST) :], body)
        return connection.getresponse().read()

    return send


def _urllib3(stack: ExitStack) -> Send:
    import urllib3

    pool = urllib3.PoolManager()
    return lambda method, url, body: pool.request(method, url, body=body).data


def _requests(stack: ExitStack) -> Send:
    import requests

    session = requests.Session()
    return lambda method, url, body: session.request(method, url, data=body).content


def _httpx(stack: ExitStack) -> Send:
    import httpx

    client = httpx.Client(trust_env=False)
    return lambda method, url, body: client.request(method, url, content=body).content


def _async_httpx(stack: ExitStack) -> Send:
    import httpx

    loop = asyncio.new_event_loop()
    client = httpx.AsyncClient(trust_env=False)
    stack.callback(loop.close)
    stack.callback(lambda: loop.run_until_complete(client.aclose()))

    async def request(method: str, url: str, body: bytes | None) -> bytes:
        return (await client.request(method, url, content=body)).content

    return lambda method, url, body: loop.run_until_complete(request(method, url, body))


def _aiohttp(stack: ExitStack) -> Send:
    import aiohttp
    from yarl import URL

    loop = asyncio.new_event_loop()
    opened: list[aiohttp.ClientSession] = []
    stack.callback(loop.close)
    stack.callback(lambda: loop.run_until_complete(opened[0].close()))

    async def request(method: str, url: str, body: bytes | None) -> bytes:
        if not opened:
            opened.append(aiohttp.ClientSession())
        async with opened[0].request(method, URL(url, encoded=True), data=body) as response:
            return await response.read()

    return lambda method, url, body: loop.run_until_complete(request(method, url, body))


LIBRARIES: dict[str, Callable[[ExitStack], Send]] = {
    "http.client": _http_client,
    "urllib3": _urllib3,
    "requests": _requests,
    "httpx": _httpx,
    "httpx async": _async_httpx,
    "aiohttp": _aiohttp,
}


def start(library: str, method: str, system: System, stack: ExitStack) -> Callable[[], object]:
    """Return a call of the library that puts or gets 1 KiB."""
    if system.name == "floor":
        stack.callback(_replace_sockets())
    else:
        stack.enter_context(system.mock())
    client = system.client()
    if system.name != "floor":
        client.create_bucket(Bucket=BUCKET)
        client.put_object(Bucket=BUCKET, Key=KEY, Body=BODY)
    import boto3

    signer = boto3.client("s3", config=Config(signature_version="s3v4"), **ACCESS)
    url = signer.generate_presigned_url(f"{method.lower()}_object", Params={"Bucket": BUCKET, "Key": KEY})
    send = LIBRARIES[library](stack)
    body = BODY if method == "PUT" else None
    return lambda: send(method, url, body)


ANSWERED = (b"GET", b"PUT")


def _answers() -> dict[bytes, bytes]:
    return {method: _encoded(canned.ANSWERS[f"{method.decode()} {canned.HOST}/{KEY}"]) for method in ANSWERED}


class _CannedSocket:
    def __init__(self) -> None:
        self._answers = _answers()
        self._answer = b""

    def sendall(self, data: bytes) -> None:
        if data[:3] in self._answers:
            self._answer = self._answers[data[:3]]

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._answer)

    def settimeout(self, seconds: float | None) -> None:
        pass

    def close(self) -> None:
        pass


class _CannedStream:
    """httpcore's stream, sync."""

    def __init__(self) -> None:
        self._answers = _answers()
        self._answer = b""

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if buffer[:3] in self._answers:
            self._answer = self._answers[buffer[:3]]

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._answer

    def start_tls(self, *args: Any, **kwargs: Any) -> _CannedStream:
        return self

    def get_extra_info(self, info: str) -> Any:
        return False if info == "is_readable" else None

    def close(self) -> None:
        pass


class _AsyncCannedStream:
    """httpcore's stream, async."""

    def __init__(self) -> None:
        self._stream = _CannedStream()
        self.get_extra_info = self._stream.get_extra_info

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes)

    async def start_tls(self, *args: Any, **kwargs: Any) -> _AsyncCannedStream:
        return self

    async def aclose(self) -> None:
        pass


class _CannedTransport(asyncio.Transport):
    """The transport of aiohttp's protocol."""

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._loop = loop
        self._protocol = protocol
        self._answers = _answers()

    def write(self, data: Any) -> None:
        self._loop.call_soon(self._protocol.data_received, self._answers[bytes(data[:3])])

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self._loop.call_soon(self._protocol.connection_lost, None)


async def _connect_protocol(self: Any, *args: Any) -> Any:
    protocol = self._factory()
    protocol.connection_made(_CannedTransport(self._loop, protocol))
    return protocol


async def _connect_stream(self: Any, *args: Any, **kwargs: Any) -> _AsyncCannedStream:
    return _AsyncCannedStream()


def _encoded(answer: Canned) -> bytes:
    headers = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
    return f"HTTP/1.1 {answer.status} OK\r\n{headers}\r\n".encode() + answer.body


def _replace_sockets() -> Callable[[], None]:
    """Let http.client and urllib3 connect to a canned socket; return what restores them."""
    import aiohttp
    import httpcore
    import httpcore._backends.auto
    import httpcore._backends.sync
    import urllib3.connection

    owners: list[tuple[Any, str, Any]] = [
        (httpcore._backends.sync.SyncBackend, "connect_tcp", lambda self, **kwargs: _CannedStream()),
        (httpcore._backends.auto.AutoBackend, "connect_tcp", _connect_stream),
        (aiohttp.TCPConnector, "_create_connection", _connect_protocol),
        (http.client.HTTPSConnection, "connect", _connect),
        (urllib3.connection.HTTPSConnection, "connect", _connect),
        (urllib3.connection, "wait_for_read", lambda sock, timeout=None: False),
    ]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in owners]
    for owner, name, replacement in owners:
        setattr(owner, name, replacement)

    def restore() -> None:
        for owner, name, original in before:
            setattr(owner, name, original)

    return restore


def _connect(self: Any) -> None:
    self.sock = _CannedSocket()
    self.is_verified = True

"""HTTP libraries with presigned URLs, and their floor: the same library over a socket that returns an answer made beforehand."""

from __future__ import annotations

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


def _http_client() -> Send:
    connection = http.client.HTTPSConnection(f"{BUCKET}.s3.amazonaws.com")

    def send(method: str, url: str, body: bytes | None) -> bytes:
        connection.request(method, url[len(canned.HOST) :], body)
        return connection.getresponse().read()

    return send


def _urllib3() -> Send:
    import urllib3

    pool = urllib3.PoolManager()
    return lambda method, url, body: pool.request(method, url, body=body).data


def _requests() -> Send:
    import requests

    session = requests.Session()
    return lambda method, url, body: session.request(method, url, data=body).content


LIBRARIES: dict[str, Callable[[], Send]] = {"http.client": _http_client, "urllib3": _urllib3, "requests": _requests}


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
    send = LIBRARIES[library]()
    body = BODY if method == "PUT" else None
    return lambda: send(method, url, body)


class _CannedSocket:
    def __init__(self) -> None:
        self._answers = {
            method: _encoded(canned.ANSWERS[f"{method.decode()} {canned.HOST}/{KEY}"]) for method in (b"GET", b"PUT")
        }
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


def _encoded(answer: Canned) -> bytes:
    headers = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
    return f"HTTP/1.1 {answer.status} OK\r\n{headers}\r\n".encode() + answer.body


def _replace_sockets() -> Callable[[], None]:
    """Let http.client and urllib3 connect to a canned socket; return what restores them."""
    import urllib3.connection

    owners: list[tuple[Any, str, Any]] = [
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

"""A test never reaches the real AWS: what nobody serves is refused, by a name that tells what it was.

Two waists are guarded: botocore's (`intercept.botocore`, which knows the operation), and ``socket.getaddrinfo``, which
``requests``, ``urllib``, ``httpx``, asyncio and plain sockets all ask first.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

from ..protocol.aws_hosts import METADATA, METADATA_HOSTS, Endpoint, aws_endpoint
from . import stack
from .patch import Function, Patch


class ServiceNotFaked(Exception):
    """While a fake is active, something called an AWS host that it does not serve. Nothing was sent.

    Deliberately neither an ``OSError`` nor one of botocore's exceptions: libraries wrap those into errors of their own
    ("connection failed"), retry them, or take them for a missing network, and the mistake would hide. As a plain
    exception it comes out of botocore, urllib3, requests, httpx, urllib and asyncio unchanged.

    Attributes:
        host: as the caller spelled it.
        service: what the host's name tells (``"dynamodb"``, ``"instance metadata"``), maybe empty.
        operation: AWS's name of the operation when the request tells it, else method and path, else empty.
    """

    def __init__(self, host: str, service: str = "", operation: str = "") -> None:
        super().__init__(host, service, operation)
        self.host = host
        self.service = service
        self.operation = operation

    def __str__(self) -> str:
        what = " ".join(filter(None, (self.service, self.operation))) or "a connection"
        if aws_endpoint(self.host).service is not None:
            advice = (
                "In this process fakes3part answers clients made of botocore only (boto3, s3transfer); give others a "
                "server's URL (fakes3part.Server, the fixture fakes3_server)"
            )
        else:
            advice = "It serves S3, S3 Control, STS and KMS only: mock that service too (moto can live beside it)"
        return (
            f"refused: {what} at {self.host}. fakes3part is active, and no test may reach the real AWS. {advice}, or let it "
            f'through: mock_s3(config={{"core": {{"passthrough": {{"services": ["{self.service or "..."}"]}}}}}})'
        )


def refusal(host: str, endpoint: Endpoint, request: Any) -> ServiceNotFaked:
    """The error for an ``AWSPreparedRequest`` (or anything with ``method``, ``url``, ``headers``, ``body``)."""
    return ServiceNotFaked(host, endpoint.service_name, _operation(request))


def _operation(request: Any) -> str:
    target: bytes | str | None = request.headers.get("X-Amz-Target")
    if target:  # the JSON protocols: DynamoDB_20120810.ListTables
        return str(_text(target).rpartition(".")[2])
    query: str = request.url.partition("?")[2]
    body = request.body
    form = body if isinstance(body, (bytes, str)) else ""
    for text in (query, _text(form[:2000])):  # the query protocols: Action=GetCallerIdentity&Version=...
        if "Action=" in text:
            action = parse_qs(text).get("Action")
            if action:
                return action[0]
    path = re.sub(r"^[a-z]+://[^/?]*", "", request.url).partition("?")[0] or "/"
    return f"{request.method} {path}"


def _text(value: bytes | str) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


_passing = threading.local()


@contextmanager
def bypass() -> Iterator[None]:
    """Let this thread resolve any host meanwhile: for a request that was already let through, with its whole URL in view."""
    before = getattr(_passing, "through", False)
    _passing.through = True
    try:
        yield
    finally:
        _passing.through = before


def patches() -> list[Patch]:
    """The patches of ``socket.getaddrinfo``, and of connecting without it."""
    return [
        Patch(socket, "getaddrinfo", _resolving),
        Patch(socket.socket, "connect", _connecting),
        Patch(socket.socket, "connect_ex", _connecting),
    ]


def _connecting(original: Function) -> Function:
    # asyncio resolves nothing for a numeric address, and the metadata services have no names.
    def connect(self: socket.socket, address: Any) -> Any:
        if type(address) is tuple and address[0] in METADATA_HOSTS:
            _refuse(address[0])
        return original(self, address)

    return connect


def _resolving(original: Function) -> Function:
    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host:
            _refuse(_text(host))
        return original(host, *args, **kwargs)

    return getaddrinfo


def _refuse(host: str) -> None:
    if getattr(_passing, "through", False):
        return
    endpoint = stack.active.refused_endpoint(host)
    if endpoint is not None and not stack.active.lets_through_url(f"https://{host}/"):
        raise ServiceNotFaked(host, endpoint.service_name, "" if endpoint.kind is METADATA else "connection")

"""Refuses connections to the real AWS while a fake is active, with an error that names the service and the operation.

Doors refuse the requests of their libraries, whose operation or path they know. `socket_guard` refuses what Python's sockets
resolve and connect to, and the modules of `native` do so for libraries with a network stack of their own.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

from ..protocol.aws_hosts import METADATA, Endpoint, aws_endpoint, normalize_host
from . import stack


class ServiceNotFaked(Exception):
    """A request to a host of AWS that no active fake serves. Nothing was sent.

    It is neither an ``OSError`` nor one of botocore's exceptions, because libraries wrap those in errors of their own, retry them
    or ignore them, which would hide the mistake. botocore, urllib3, requests, httpx, urllib and asyncio pass it on unchanged.

    Attributes:
        host: as the caller spelled it.
        service: as the host's name shows it (``"dynamodb"``, ``"instance metadata"``), maybe empty.
        operation: AWS's name of the operation if client or request show it, else method and path; empty for a connection.
        has_fake: whether a fake was active. If not, the guard of the whole pytest run (``fakes3_guard``) has refused the request.
    """

    def __init__(self, host: str, service: str = "", operation: str = "", has_fake: bool = True) -> None:
        super().__init__(host, service, operation, has_fake)
        self.host = host
        self.service = service
        self.operation = operation
        self.has_fake = has_fake

    def name_operation(self, url: str, operation: str) -> None:
        """Set the operation, which a client knows, if the refused request was the client's own at this endpoint."""
        if self.host.endswith(url.partition("://")[2].partition("/")[0]):
            self.operation = operation
            self.args = (self.host, self.service, operation, self.has_fake)

    def __str__(self) -> str:
        call = " ".join(filter(None, (self.service, self.operation))) or "a connection"
        explain = _explain if self.has_fake else _explain_guard
        return f"refused: {call} at {self.host}. {explain(self.host, self.service or '...')}"


def _explain(host: str, service: str) -> str:
    endpoint = aws_endpoint(host)
    if endpoint.kind is METADATA:
        return f"While fakes3part is active, no request may reach the real AWS. {_NO_METADATA}"
    if endpoint.service is not None:
        advice = (
            "In this process fakes3part serves clients built on botocore (boto3, s3transfer, aiobotocore, s3fs), urllib3 "
            "(requests, minio), http.client (urllib.request), httpx and aiohttp; give other clients the URL of a server "
            "(fakes3part.Server, the fixture fakes3_server)"
        )
    else:
        advice = (
            'It serves S3, S3 Control, STS and KMS only: let moto serve the others, by mock_aws(others="moto") or '
            "FAKES3PART_OTHERS=moto, or mock that service too"
        )
    return (
        f"While fakes3part is active, no request may reach the real AWS. {advice}, or allow "
        f'the real one: mock_s3(config={{"core": {{"passthrough": {{"services": ["{service}"]}}}}}})'
    )


def _explain_guard(host: str, service: str) -> str:
    text = "fakes3_guard is on, so no request of this pytest run may reach the real AWS, and no fake is active here."
    endpoint = aws_endpoint(host)
    if endpoint.kind is METADATA:
        return f"{text} {_NO_METADATA}"
    if endpoint.service is not None:
        advice = (
            "Give the test a fake: the fixture fakes3, @pytest.mark.fakes3, or the decorator @mock_s3; at import, and in "
            "fixtures of wider scope, use `with mock_s3():`"
        )
    else:
        advice = 'Let moto serve it: @pytest.mark.fakes3(others="moto"), @mock_aws(others="moto"), or moto\'s own mock_aws'
    return f"{text} {advice}. To let the whole run reach the real service: -o fakes3_guard_passthrough={service}"


_NO_METADATA = (
    "Only machines of AWS have this service. Give the client credentials and a region, so that it does not ask for them"
)


def refuse_request(request: Any) -> None:
    """Raise ServiceNotFaked for an ``AWSPreparedRequest`` to a host of AWS that no fake serves, unless it is let through."""
    active = stack.active
    host = request.url.partition("://")[2].partition("/")[0].partition("?")[0]
    if not is_bypassed() and active.fake_for(host) is None and not active.lets_through_url(request.url.partition("?")[0]):
        endpoint = active.refused_endpoint(host)
        if endpoint is not None:
            raise refused_request(host, endpoint, request)


def refused_request(host: str, endpoint: Endpoint, request: Any) -> ServiceNotFaked:
    """Return the error for an ``AWSPreparedRequest``, or anything with ``method``, ``url``, ``headers`` and ``body``."""
    return ServiceNotFaked(host, endpoint.service_name, _operation(request), _has_fake())


def _has_fake() -> bool:
    return bool(stack.active.interceptions)


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


def _text(value: str | bytes | bytearray) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


class _Thread(threading.local):
    bypassed = False


_thread = _Thread()


@contextmanager
def bypass() -> Iterator[None]:
    """Let this thread resolve any host meanwhile: for a request that was already let through, with its whole URL in view."""
    before = _thread.bypassed
    _thread.bypassed = True
    try:
        yield
    finally:
        _thread.bypassed = before


_let_through: list[str] = []
"""The hosts of requests that are let through and on their way, as often as there are such requests."""


@contextmanager
def let_through(host: str) -> Iterator[None]:
    """Let every thread resolve a host meanwhile: event loops resolve the host of such a request in another thread."""
    name = normalize_host(host)
    _let_through.append(name)
    try:
        yield
    finally:
        _let_through.remove(name)


def is_bypassed() -> bool:
    """Return whether this thread is in a `bypass`."""
    return _thread.bypassed


def refuse(host: str | bytes | bytearray, operation: str = "connection") -> None:
    """Raise ServiceNotFaked for a host of AWS, unless the user lets requests to it through."""
    host = _text(host)
    if is_bypassed() or (_let_through and normalize_host(host) in _let_through):
        return
    endpoint = stack.active.refused_endpoint(host)
    if endpoint is not None and not stack.active.lets_through_url(f"https://{host}/"):
        operation = "" if endpoint.kind is METADATA else operation
        raise ServiceNotFaked(host, endpoint.service_name, operation, _has_fake())

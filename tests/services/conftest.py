"""A new fake, in-process and over HTTP."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from tests.support.services import Door


@pytest.fixture(scope="session")
def _warm() -> boto3.session.Session:
    """A session that has read the models once."""
    return boto3.session.Session()


@pytest.fixture(scope="session")
def _pool() -> Iterator[dict[str, list[Any]]]:
    pool: dict[str, list[Any]] = {}
    yield pool
    for clients in pool.values():
        for client in clients:
            client.close()


@pytest.fixture(params=["in-process", "server"])
def door(
    request: pytest.FixtureRequest, _warm: Any, _pool: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Door]:
    """A fake, in-process or over HTTP. The server's clients resolve names below ``localhost``."""
    with contextlib.ExitStack() as stack:
        fake = FakeS3()
        if request.param == "server":
            resolve = socket.getaddrinfo
            monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **named: resolve(_local(host), *more, **named))
            url = stack.enter_context(Server(fake)).url
        else:
            stack.enter_context(fake)
            url = None
        yield Door(request.param, fake, url, _warm, stack, _pool)


def _local(host: Any) -> Any:
    return "127.0.0.1" if isinstance(host, str) and host.endswith("localhost") else host


@pytest.fixture
def sts(door: Door) -> Any:
    return door.client("sts")


@pytest.fixture
def kms(door: Door) -> Any:
    return door.client("kms")


@pytest.fixture
def control(door: Door) -> Any:
    return door.client("s3control")


@pytest.fixture
def s3(door: Door) -> Any:
    return door.client("s3")

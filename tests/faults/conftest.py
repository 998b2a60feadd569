"""A fake of its own for each test, in-process and over HTTP, and clients with retries."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore import endpoint
from botocore.config import Config

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from tests.support.faults import Transport


@pytest.fixture(scope="session")
def _session() -> Any:
    """A shared session: a client of a warm session costs 3 ms, of a new one 50."""
    return boto3.session.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1")


@pytest.fixture
def new_client(_session: Any) -> Iterator[Callable[..., Any]]:
    """``new_client(endpoint_url=None, **config)``; closed at the end. One attempt unless ``retries`` is set."""
    with contextlib.ExitStack() as opened:

        def new(endpoint_url: str | None = None, **config: Any) -> Any:
            settings = {"retries": {"total_max_attempts": 1}, "read_timeout": 10, **config}
            return opened.enter_context(
                contextlib.closing(_session.client("s3", endpoint_url=endpoint_url, config=Config(**settings)))
            )

        yield new


@pytest.fixture(params=["in-process", "server"])
def transport(
    request: pytest.FixtureRequest, new_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Transport]:
    """A seeded fake that accepts small parts, with a frozen clock; clients do not really sleep between attempts."""
    fake = FakeS3(seed=7, min_part_size=1)
    fake.clock.freeze()
    slept: list[float] = []
    monkeypatch.setattr(endpoint, "time", SimpleNamespace(sleep=slept.append))
    if request.param == "in-process":
        with fake:
            yield Transport("in-process", fake, new_client, None, slept)
        assert slept == []
    else:
        with Server(fake) as server:
            yield Transport("server", fake, new_client, server.url, slept)

"""Both doors for every behaviour test: boto3 intercepted in-process, and boto3 against the HTTP server."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from botocore.config import Config

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from fakes3part.intercept.botocore import bound_client
from tests.support.client_pool import ClientPool
from tests.support.doors import Door, warm
from tests.support.http_clients import _http_clients, http_client
from tests.support.older_clients import pytest_fixture_setup, pytest_pyfunc_call, skip_newer_members
from tests.support.programs import Programs
from tests.support.state import prepare
from tests.support.workers import botocore_data

__all__ = ["_http_clients", "http_client", "pytest_fixture_setup", "pytest_pyfunc_call"]

botocore_data.keep()
bound_client.new_session = warm  # of all fakes: `FakeS3.client` of a new fake takes 5 ms, with a session of its own 20

# Machines are slow at times: no deadline. CI tries the same examples every time, so that its result is no chance.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")

MOST_EXAMPLES = 25
"""The limit of examples of a Hypothesis test in CI; elsewhere each test has the number that it sets."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Return the number of processes of ``-n auto``: three for two cores; None: an environment variable sets it.

    A third of a test process's time is waiting for sockets and child processes.
    """
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return (cores * 3 + 1) // 2


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Collect without garbage collection, and exclude the tests from it afterwards: they are never garbage.

    Later collections are ten times as rare as by default: each client is a large cycle of objects that live long.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 100)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip_newer_members(items)
    if not os.environ.get("CI"):
        return
    for item in items:
        function = getattr(item, "function", None)
        given = getattr(function, "_hypothesis_internal_use_settings", None)  # where @settings keeps them
        if given is not None and given.max_examples > MOST_EXAMPLES:
            fewer = hypothesis.settings(given, max_examples=MOST_EXAMPLES)
            function._hypothesis_internal_use_settings = fewer  # type: ignore[union-attr]


_CONFIG = Config(retries={"total_max_attempts": 1}, signature_version="s3v4")


def _client(**settings: Any) -> Any:
    return warm().client(
        "s3",
        **{
            "region_name": "us-east-1",
            "aws_access_key_id": "testing",
            "aws_secret_access_key": "testing",
            "config": _CONFIG,
            **settings,
        },
    )


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """Runs Python programs and pytest in child processes."""
    with Programs(tmp_path_factory.mktemp("programs")) as programs:
        yield programs


@pytest.fixture(scope="session")
def _server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture(scope="session")
def _clients(_server: Server) -> Iterator[dict[str, Any]]:
    """One client for each door and the whole session: users have such clients, and interception must catch them."""
    clients = {"in-process": _client(), "server": _client(endpoint_url=_server.url)}
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture(scope="session")
def _pool(_server: Server) -> Iterator[ClientPool]:
    with contextlib.closing(ClientPool(_client)) as pool:
        yield pool


@pytest.fixture(params=["in-process", "server"])
def door(request: pytest.FixtureRequest, _server: Server, _clients: dict[str, Any], _pool: ClientPool) -> Iterator[Door]:
    """An empty S3: boto3 intercepted in-process, or boto3 against the HTTP server."""
    if request.param == "server":
        _server.fake.reset()
        yield Door("server", _server.fake, _clients["server"], _server.url, _client, _pool)
    else:
        with FakeS3() as fake:
            yield Door("in-process", fake, _clients["in-process"], "https://s3.amazonaws.com", _client, _pool)


@pytest.fixture
def s3(door: Door) -> Any:
    """A boto3 client of the door."""
    return door.client


@pytest.fixture
def bucket(door: Door) -> str:
    """The name of an empty bucket."""
    prepare(door.fake, "PUT", "/bucket")
    return "bucket"

"""Clients and fakes for the tests of multipart operations."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from tests.support.callers import STRANGER
from tests.support.doors import Door, warm

_QUIET = Config(
    retries={"total_max_attempts": 1},
    signature_version="s3v4",
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


def _client(access_key: str = "testing", **settings: Any) -> Any:
    return warm().client("s3", region_name="us-east-1", aws_access_key_id=access_key, aws_secret_access_key="testing", **settings)


@pytest.fixture(scope="session")
def _quiet_clients(_server: Server) -> Iterator[dict[str, Any]]:
    clients = {"in-process": _client(config=_QUIET), "server": _client(config=_QUIET, endpoint_url=_server.url)}
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture
def quiet(door: Door, _quiet_clients: dict[str, Any]) -> Any:
    """A client that sends checksums only where a test passes them; boto3's default is CRC32 with each part."""
    return _quiet_clients[door.name]


@pytest.fixture(scope="session")
def _strangers(_server: Server) -> Iterator[dict[str, Any]]:
    clients = {"in-process": _client(STRANGER), "server": _client(STRANGER, endpoint_url=_server.url)}
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture
def stranger(door: Door, _strangers: dict[str, Any]) -> Any:
    """A client of another account: an access key of 12 digits is one."""
    return _strangers[door.name]


@pytest.fixture(scope="session")
def _tiny_server() -> Iterator[Server]:
    with Server(min_part_size=1) as server:
        yield server


@pytest.fixture(scope="session")
def _tiny_client(_tiny_server: Server) -> Iterator[Any]:
    client = _client(
        config=Config(retries={"total_max_attempts": 1}, signature_version="s3v4", max_pool_connections=32),
        endpoint_url=_tiny_server.url,
    )
    yield client
    client.close()


@pytest.fixture
def tiny(door: Door, _tiny_server: Server, _tiny_client: Any) -> Iterator[Door]:
    """The same kind of door into a fake whose parts may be of any size, with an empty bucket ``bucket``."""
    if door.name == "server":
        _tiny_server.fake.reset()
        small = dataclasses.replace(door, fake=_tiny_server.fake, client=_tiny_client, url=_tiny_server.url)
        small.client.create_bucket(Bucket="bucket")
        yield small
    else:
        with FakeS3(min_part_size=1) as fake:
            small = dataclasses.replace(door, fake=fake)
            small.client.create_bucket(Bucket="bucket")
            yield small

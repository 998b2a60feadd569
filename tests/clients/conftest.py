"""Fixtures for real clients (the AWS CLI, boto3, curl, sockets, Node), isolated from the user's configuration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config

from fakes3part.api.server import Server
from tests.support.aws_cli import Aws
from tests.support.doors import warm
from tests.support.tls_proxy import TlsProxy, make_certificate

_CONFIG = Config(retries={"total_max_attempts": 1})


def _client(**settings: Any) -> Any:
    return warm().client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=_CONFIG,
        **settings,
    )


@pytest.fixture(scope="session")
def clients_server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def server(clients_server: Server) -> Server:
    """A running server with an empty fake."""
    clients_server.fake.reset()
    return clients_server


@pytest.fixture(scope="session")
def in_process() -> Iterator[Any]:
    """An intercepted boto3 client."""
    client = _client()
    yield client
    client.close()


@pytest.fixture(scope="session")
def over_http(clients_server: Server) -> Iterator[Any]:
    """A boto3 client of the server."""
    client = _client(endpoint_url=clients_server.url)
    yield client
    client.close()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working and home directory of command line clients."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def aws(home: Path, clients_server: Server) -> Iterator[Aws]:
    """The AWS CLI, directed to the server by environment variables."""
    with Aws(home, clients_server.url) as aws:
        yield aws


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    make_certificate(path)
    return path


@pytest.fixture(scope="session")
def tls(certificate: Path, clients_server: Server) -> Iterator[TlsProxy]:
    """The server behind TLS."""
    with TlsProxy(certificate, clients_server.get_host_and_port()) as proxy:
        yield proxy

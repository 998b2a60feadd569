"""Three endpoints of directory buckets: AWS's hosts in-process, an IP with path style, and a custom host with virtual hosts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from tests.support.directory_buckets import NAME, create, new_client
from tests.support.doors import Door


@pytest.fixture(scope="session")
def _express(_server: Server) -> Iterator[dict[str, Any]]:
    """One client for each endpoint and the whole test session; it caches sessions of directory buckets."""
    urls = {"in-process": {}, "server": {"endpoint_url": _server.url}, "localhost": {"endpoint_url": _local(_server)}}
    clients = {name: new_client(**settings) for name, settings in urls.items()}
    yield clients
    for client in clients.values():
        client.close()


def _local(server: Server) -> str:
    return server.url.replace("127.0.0.1", "localhost")


@pytest.fixture(params=["in-process", "server", "localhost"])
def door(
    request: pytest.FixtureRequest, _server: Server, _express: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Door]:
    """An empty S3 and a client for one of the endpoints."""
    client = _express[request.param]
    if request.param == "in-process":
        with FakeS3() as fake:
            yield Door("in-process", fake, client, "https://s3.amazonaws.com", new_client)
        return
    _server.fake.reset()
    if request.param == "localhost":
        real = socket.getaddrinfo

        def resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
            """Resolve names under localhost to this machine: not every system's resolver does."""
            return real("127.0.0.1" if str(host).endswith(".localhost") else host, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield Door("server", _server.fake, client, client.meta.endpoint_url, new_client)


@pytest.fixture
def directory(s3: Any) -> str:
    """The name of an empty directory bucket."""
    create(s3)
    return NAME


@pytest.fixture
def fake() -> FakeS3:
    """A fake for requests made by hand."""
    return FakeS3()

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakes3part.api.server import Server
from tests.support.raw_server import RawConnection, StubBackend


@pytest.fixture
def backend() -> StubBackend:
    return StubBackend()


@pytest.fixture
def server(backend: StubBackend) -> Iterator[Server]:
    with Server(backend) as server:  # type: ignore[arg-type]
        yield server


@pytest.fixture
def connection(server: Server) -> Iterator[RawConnection]:
    with RawConnection(server.get_host_and_port()) as connection:
        yield connection

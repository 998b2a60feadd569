from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakes3part.api.server import Server
from tests.support.raw_server import StandIn, Wire


@pytest.fixture
def standin() -> StandIn:
    return StandIn()


@pytest.fixture
def server(standin: StandIn) -> Iterator[Server]:
    with Server(standin) as server:  # type: ignore[arg-type]
        yield server


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    with Wire(server.get_host_and_port()) as wire:
        yield wire

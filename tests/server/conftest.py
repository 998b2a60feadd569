from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from server_standin import StandIn, Wire

from fakes3part.api.server import Server


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

"""A stub of the backend, for tests of the control paths."""

from __future__ import annotations

import pytest

from tests.support.raw_server import StubBackend


@pytest.fixture
def backend() -> StubBackend:
    return StubBackend()

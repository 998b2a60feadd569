"""A fake that returns what it was given, for tests of the paths before it."""

from __future__ import annotations

import pytest

from tests.support.raw_server import StubBackend


@pytest.fixture
def backend() -> StubBackend:
    return StubBackend()

"""A bucket with Object Lock, and a clock that is set to 1 January 2030."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.doors import Door
from tests.support.state import prepare


@pytest.fixture
def locked(door: Door, s3: Any) -> Iterator[str]:
    """The name of an empty bucket with Object Lock and no default retention."""
    door.fake.clock.freeze("2030-01-01T00:00:00Z")
    prepare(door.fake, "PUT", "/locked", headers={"x-amz-bucket-object-lock-enabled": "true"})
    yield "locked"
    door.fake.reset()

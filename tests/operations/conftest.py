"""A bucket with Object Lock, and a clock that is set to 1 January 2030."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.doors import Door


@pytest.fixture
def locked(door: Door, s3: Any) -> Iterator[str]:
    """The name of an empty bucket with Object Lock and no default retention."""
    door.fake.clock.freeze("2030-01-01T00:00:00Z")
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    yield "locked"
    door.fake.reset()

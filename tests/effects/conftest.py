from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakes3part.clock import Clock
from tests.support import access_logs, inventory
from tests.support.doors import Door
from tests.support.lifecycle import START
from tests.support.state import prepare, version


@pytest.fixture
def clock(door: Door, bucket: str) -> Iterator[Clock]:
    """The clock of the fake, frozen at `START`."""
    door.fake.clock.freeze(START)
    yield door.fake.clock
    door.fake.reset()  # and not only the clock, which would run what is due until today


@pytest.fixture
def versioned(door: Door, bucket: str) -> str:
    version(door.fake, bucket)
    return bucket


@pytest.fixture
def listed(door: Door, bucket: str) -> Door:
    """A door to ``bucket``, and to ``reports``, which S3 may write reports to; the clock stands at `inventory.START`."""
    door.fake.clock.freeze(inventory.START)
    prepare(door.fake, "PUT", "/reports")
    inventory.put_policy(door.client, inventory.POLICY)
    return door


@pytest.fixture
def logged(door: Door, bucket: str) -> Iterator[str]:
    """A bucket whose access log goes to the bucket ``logs``. The clock is frozen."""
    door.fake.clock.freeze(access_logs.START)
    prepare(door.fake, "PUT", "/logs")
    access_logs.allow_delivery(door.client)
    access_logs.log_to(door.client)
    yield bucket
    door.fake.reset()

"""A bucket on an Outpost with an access point before it, behind both doors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fakes3part.state.access_points import AccessPoint
from tests.support.doors import Door
from tests.support.named_clients import Clients, named_clients


@pytest.fixture
def new(door: Door) -> Iterator[Clients]:
    with named_clients(door) as clients:
        yield clients


@pytest.fixture
def point(door: Door) -> AccessPoint:
    """An access point of the bucket ``reports`` on an Outpost in us-west-2."""
    return door.fake.add_access_point("point", door.fake.add_outposts_bucket("reports", region="us-west-2"), vpc="vpc-1")


@pytest.fixture
def client(new: Clients) -> Any:
    return new(region="us-west-2")


@pytest.fixture
def control(new: Clients) -> Any:
    """A client of S3 Control."""
    return new("s3control", region="us-west-2")

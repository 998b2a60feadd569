"""A bucket with an access point, in-process and over HTTP."""

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
def point(door: Door, bucket: str) -> AccessPoint:
    """An access point of the bucket, which has an object ``k`` in it."""
    door.client.put_object(Bucket=bucket, Key="k", Body=b"text")
    return door.fake.add_access_point("point", bucket)


@pytest.fixture
def client(new: Clients) -> Any:
    return new()


@pytest.fixture
def control(new: Clients) -> Any:
    """A client of S3 Control."""
    return new("s3control")

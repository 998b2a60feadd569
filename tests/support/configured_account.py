"""Fixtures: a fake with one configured account that also accepts unknown keys, behind both doors."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.config import Config

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from fakes3part.auth.callers import Principal
from tests.support.doors import Door
from tests.support.signing import ACCOUNT, KEY, SECRET, MovingClock

_CONFIG = Config(retries={"total_max_attempts": 1}, signature_version="s3v4")


def _configured() -> FakeS3:
    fake = FakeS3()
    fake.add_account(ACCOUNT, access_key=KEY, secret_key=SECRET)
    return fake


def _client(url: str | None, fake: FakeS3, warm: Any, **settings: Any) -> Any:
    keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET, "region_name": "us-east-1", "config": _CONFIG}
    if url is None:
        return fake.client(**{**keys, **settings})
    return warm.client("s3", **{**keys, "endpoint_url": url, **settings})


@pytest.fixture(scope="session")
def _doors() -> Iterator[dict[str, Door]]:
    warm = boto3.session.Session()
    with Server(_configured()) as server:
        new_clients = {
            "in-process": partial(_client, None, _configured(), warm),
            "server": partial(_client, server.url, server.fake, warm),
        }
        doors = {
            name: Door(name, new.args[1], new(), new.args[0] or "https://s3.amazonaws.com", new)
            for name, new in new_clients.items()
        }
        yield doors
        for door in doors.values():
            door.client.close()


@pytest.fixture(params=["in-process", "server"])
def door(request: pytest.FixtureRequest, _doors: dict[str, Door]) -> Door:
    """A door to a fake with the bucket ``bucket`` of the configured account, which contains ``k``."""
    door = _doors[request.param]
    door.fake.reset()
    clock: Any = MovingClock()
    door.fake.clock = clock
    door.client.create_bucket(Bucket="bucket")
    door.client.put_object(Bucket="bucket", Key="k", Body=b"abc")
    return door


@pytest.fixture
def clock(door: Door) -> MovingClock:
    found: Any = door.fake.clock
    assert isinstance(found, MovingClock)
    return found


@pytest.fixture
def session(door: Door) -> Principal:
    """Temporary credentials of the account that do not expire."""
    return door.fake.add_session(door.fake.accounts.principals[0])

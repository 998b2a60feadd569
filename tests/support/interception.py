from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from fakes3part.intercept import stack


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Assert that the test left interception and the environment as they were."""
    before = _environment()
    yield
    assert stack.active.interceptions == ()
    assert _environment() == before


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


@pytest.fixture(scope="session")
def early_client() -> Iterator[Any]:
    """A client that was created while no fake was active, by its own session, in another region than the fakes."""
    session = boto3.session.Session(aws_access_key_id="AKIAEARLY", aws_secret_access_key="s", region_name="eu-west-1")
    client = session.client("s3")
    yield client
    client.close()


@pytest.fixture
def late_client() -> Iterator[Any]:
    """Create clients of the default session; they are closed when the test ends."""
    made: list[Any] = []

    def make(service: str = "s3", **arguments: Any) -> Any:
        made.append(boto3.client(service, **{"region_name": "us-east-1", **arguments}))
        return made[-1]

    yield make
    for client in made:
        client.close()

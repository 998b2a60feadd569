from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.loaders import JSONFileLoader, Loader

from fakes3part.intercept import stack
from fakes3part.intercept.activation import begin_serving, end_serving
from fakes3part.intercept.botocore import shared_models, shared_setup
from fakes3part.protocol import data_files
from tests.support.workers import botocore_data


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Assert that the test left interception and the environment as they were."""
    before = _environment()
    yield
    assert stack.active.interceptions == ()
    assert _environment() == before


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


@pytest.fixture(scope="module")
def botocore_as_installed() -> Iterator[None]:
    """Let botocore's clients share nothing in this module, unless its tests say so: they compare with what botocore does.

    Elsewhere they share what servers of the session let them, and what `botocore_data` has read.
    """
    for cache in (data_files._files, shared_models._services, shared_setup._rules, shared_setup._event_names):
        cache.clear()
    served = stack.served
    for server, _ in served:
        end_serving(server)
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(JSONFileLoader, "load_file", botocore_data._load)
        patching.setattr(Loader, "list_available_services", botocore_data._list_services)
        yield
    for server, fake in served:
        begin_serving(server, fake)


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

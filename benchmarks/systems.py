"""The systems that are measured: each can be activated, and used through boto3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import boto3

from . import canned

ACCESS: dict[str, Any] = {
    "region_name": "us-east-1",
    "aws_access_key_id": "testing",
    "aws_secret_access_key": "testing",
}
"""Given explicitly, so that no system pays for a search. All else of boto3 is as it is by default."""


@dataclass
class System:
    """A way to have boto3's S3 requests answered.

    Attributes:
        name: floor, floor-read, ours or moto.
        mock: makes what is entered to become active; a floor has nothing to enter.
        connect: what a new client needs to be answered; only a floor needs something.
        server: makes what is entered to run a server in this process; a floor has none.
    """

    name: str
    mock: Callable[[], AbstractContextManager[Any]] = nullcontext
    connect: Callable[[Any], None] = lambda client: None
    server: Callable[[], AbstractContextManager[Any]] = nullcontext
    clients: list[Any] = field(default_factory=list)

    def client(self) -> Any:
        """A client that this system answers, remembered in ``clients``."""
        client = self.new_client()
        self.clients.append(client)
        return client

    def new_client(self) -> Any:
        client = boto3.client("s3", **ACCESS)
        self.connect(client)
        return client


def _floor(handler: Callable[..., Any]) -> Callable[[Any], None]:
    return lambda client: client.meta.events.register("before-send.s3", handler)


@contextmanager
def _moto_server() -> Iterator[None]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    try:
        yield
    finally:
        server.stop()


def load(name: str) -> System:
    """The system of this name; what it needs is imported now, and nothing of the others.

    Raises:
        ValueError: there is none of this name.
    """
    if name == "floor":
        return System(name, connect=_floor(canned.answer))
    if name == "floor-read":
        return System(name, connect=_floor(canned.answer_after_reading))
    if name == "ours":
        from fakes3part import Server, mock_s3

        return System(name, mock=mock_s3, server=Server)
    if name == "moto":
        from moto import mock_aws

        return System(name, mock=mock_aws, server=_moto_server)
    raise ValueError(f"no system is called {name!r}")

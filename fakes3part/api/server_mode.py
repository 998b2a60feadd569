"""moto's ``TEST_SERVER_MODE``: mocks send their requests to a running server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..intercept import environment
from .fakes3 import FakeS3

if TYPE_CHECKING:
    from ..backend import Backend


_VARIABLE = "TEST_SERVER_MODE"


def server_endpoint() -> str | None:
    """Return the URL of the server that moto's variables name; None: ``TEST_SERVER_MODE`` is not ``true``."""
    if (environment.value_of(_VARIABLE) or "").lower() != "true":
        return None
    return os.environ.get("TEST_SERVER_MODE_ENDPOINT") or f"http://localhost:{os.environ.get('MOTO_PORT') or 5000}"


def remote_fake(url: str, *, reset: bool) -> FakeS3:
    """Return a fake that stands for the one of the server.

    Args:
        reset: whether to reset the server.

    Raises:
        RuntimeError: the server cannot be reached.
    """
    from .remote_fake import RemoteFake

    fake = RemoteFake(url)
    if reset:
        fake.reset()
    return fake


def begin(fake: Backend) -> None:
    """Prepare the environment after an interception has begun, if its fake is a server's."""
    if isinstance(fake, FakeS3) and fake.is_remote:
        from .remote_fake import RemoteFake

        assert isinstance(fake, RemoteFake)
        fake.enter_environment()


def end(fake: Backend) -> None:
    """Undo what `begin` did, before the interception ends."""
    if isinstance(fake, FakeS3) and fake.is_remote:
        from .remote_fake import RemoteFake

        assert isinstance(fake, RemoteFake)
        fake.leave_environment()

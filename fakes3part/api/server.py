"""`Server`: a fake behind HTTP, in a thread of this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..server.http_server import HttpServer
from .fakes3 import FakeS3

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..settings import SettingsKwargs


class Server(HttpServer):
    """HTTP in front of a `FakeS3`, from ``start()`` to ``stop()``, or as a context manager::

        with Server() as server:
            boto3.client("s3", endpoint_url=server.url, ...)

    Args:
        fake: the fake to serve; None: a new `FakeS3` made from ``settings``.
        host: the address to listen on.
        port: 0 chooses a free one at each start.
        settings: keyword arguments of `Settings`, when no fake is given.

    Raises:
        TypeError: settings beside a fake, which has its own.

    Any number of servers may run side by side, also over the same fake. A stopped server may be started again.
    """

    def __init__(
        self, fake: FakeS3 | None = None, host: str = "127.0.0.1", port: int = 0, **settings: Unpack[SettingsKwargs]
    ) -> None:
        if fake is not None and settings:
            raise TypeError(f"settings belong to the fake that was given: {', '.join(settings)}")
        self.fake = FakeS3(**settings) if fake is None else fake
        super().__init__(self.fake, host, port)

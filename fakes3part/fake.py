"""`FakeS3`: everything that one fake knows, and the one waist that every door goes through."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from .clock import Clock
from .ids import Ids
from .message import Request, Response
from .settings import Settings
from .state.store import Store

if TYPE_CHECKING:
    from .server.wsgi import WsgiApp
    from .state.bucket import Bucket


class FakeS3:
    """An in-memory S3 of its own: buckets, objects, uploads. Any number of them live side by side in one process.

    Usable as a context manager (``with FakeS3(region="eu-west-1") as fakes3``): while active, botocore's requests to S3
    are answered here.

    Args:
        settings: keyword arguments of `Settings`: ``region``, ``account``, ``min_part_size``, ``custom_endpoints``, ``seed``.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = Settings(**settings)
        self.clock = Clock()
        self.ids = Ids(self.settings.seed)
        self.store = Store()
        self.custom_hosts = tuple(_host(endpoint) for endpoint in self.settings.custom_endpoints)

    def handle(self, request: Request) -> Response:
        """Answer one request, in any thread. Never raises for what a client sent: errors are answers too."""
        from .pipeline import answer

        return answer(self, request)

    def reset(self) -> None:
        """Forget every bucket, object and upload."""
        self.store = Store()

    def checkpoint(self) -> Store:
        """The present state, to be given to `rollback`: shares every byte, costs metadata only."""
        return self.store.copy()

    def rollback(self, checkpoint: Store) -> None:
        """Go back to a checkpoint, which can be used again."""
        self.store = checkpoint.copy()

    @property
    def buckets(self) -> dict[str, Bucket]:
        """The buckets by name, for a look inside."""
        return dict(self.store.buckets)

    @cached_property
    def wsgi_app(self) -> WsgiApp:
        """This fake as a WSGI application, for any WSGI server or ``werkzeug.test.Client``."""
        from .server.wsgi import WsgiApp

        return WsgiApp(self)

    def __enter__(self) -> FakeS3:
        from .intercept.active import enter_fake

        enter_fake(self)
        return self

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        from .intercept.active import leave_fake

        leave_fake(self)

    def __repr__(self) -> str:
        return f"<FakeS3 of {len(self.store.buckets)} buckets, region={self.settings.region!r}, seed={self.ids.seed}>"


def _host(endpoint: str) -> str:
    """The host name of an endpoint given as URL, ``host:port`` or host."""
    host = endpoint.partition("://")[2] or endpoint
    return host.partition("/")[0].rpartition("@")[2].partition(":")[0].lower()

"""The Object Lambda access points of a fake, and the requests that wait for the response of their functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..locks import LazyLock, new_lock

if TYPE_CHECKING:
    from .object_lambda import ObjectLambda, PendingLambdaResponse


class ObjectLambdas:
    """The Object Lambda access points of one fake, and the requests whose functions are running."""

    _lock = LazyLock(new_lock)

    def __init__(self) -> None:
        self.points: dict[str, ObjectLambda] = {}
        self._pending: dict[str, PendingLambdaResponse] = {}

    def add(self, point: ObjectLambda) -> ObjectLambda:
        """Add an access point, under its ARN's resource and its alias; it replaces one of the same name."""
        with self._lock:
            self.points = {**self.points, f"{point.name}-{point.account}": point, point.alias: point}
        return point

    def add_pending(self, pending: PendingLambdaResponse) -> None:
        """Add a request whose function is about to run."""
        with self._lock:
            self._pending[pending.token] = pending

    def remove_pending(self, pending: PendingLambdaResponse) -> None:
        """Remove a request whose function has finished."""
        with self._lock:
            del self._pending[pending.token]

    def respond(self, route: str, token: str, reply: Mapping[str, Any]) -> bool:
        """Set the response of a pending request; return False if none has this route and token, or it has a response already."""
        with self._lock:
            pending = self._pending.get(token)
            if pending is None or pending.route != route or pending.reply is not None:
                return False
            pending.reply = reply
            return True

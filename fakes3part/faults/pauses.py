"""Pauses: calls wait before or after their operation until a test releases them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from ..locks import new_condition
from .matching import Matcher, PendingCall

PAUSE_FIELDS = {
    "operation": "a name, several, or a pattern",
    "when": "before (the default) or after",
    "bucket": "a name or a pattern",
    "key": "a key or a pattern",
    "part_number": "one or several",
    "timeout": "seconds until a call goes on by itself (10)",
}
"""The fields of a pause in JSON, and what they mean."""


class Pause:
    """Holds every call that matches until `release`, or until the end of the ``with`` block; made by ``FakeS3.pause_before``.

    Attributes:
        id: unique in its fake.
        overdue: the calls that were not released within the timeout and went on. The end of the ``with`` block raises for them.
    """

    def __init__(self, number: int, matcher: Matcher, after: bool, timeout: float, on_release: Callable[[Pause], None]) -> None:
        if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 <= timeout <= threading.TIMEOUT_MAX:
            raise ValueError(f"timeout must be a number of seconds, 0 or more, not {timeout!r}")
        self.id = number
        self.matcher = matcher
        self.after = after
        self.timeout = timeout
        self.overdue: list[PendingCall] = []
        self._on_release = on_release
        self._changed = new_condition()
        self._waiting: list[PendingCall] = []
        self._released = False

    @property
    def waiting(self) -> tuple[PendingCall, ...]:
        """The calls that are held now, in the order in which they arrived."""
        return tuple(self._waiting)

    def wait(self, calls: int = 1, timeout: float = 5) -> tuple[PendingCall, ...]:
        """Wait until ``calls`` calls are held, and return them.

        Args:
            timeout: in real seconds, whatever the fake's clock is set to.

        Raises:
            TimeoutError: fewer calls arrived within the timeout.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._waiting) >= calls, timeout):
                raise TimeoutError(f"{len(self._waiting)} of {calls} calls reached {self} within {timeout} s")
            return tuple(self._waiting)

    def release(self) -> None:
        """Remove the pause: calls that are held go on, later calls are not held."""
        self._on_release(self)
        with self._changed:
            self._released = True
            self._changed.notify_all()

    def hold(self, call: PendingCall) -> None:
        """Block the thread of a call until the pause is released or the timeout is over."""
        with self._changed:
            if self._released:
                return
            self._waiting.append(call)
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._released, self.timeout):
                self.overdue.append(call)
            self._waiting[:] = [other for other in self._waiting if other is not call]

    def to_json(self) -> dict[str, Any]:
        """Return the pause's id, when it holds calls, which calls, and those that are held or overdue."""
        return {
            "id": self.id,
            "when": "after" if self.after else "before",
            "calls": str(self.matcher),
            "waiting": [str(call) for call in self.waiting],
            "overdue": [str(call) for call in self.overdue],
        }

    def __enter__(self) -> Pause:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()
        if self.overdue and kind is None:
            calls = ", ".join(map(str, self.overdue))
            raise TimeoutError(
                f"{self} was not released within {self.timeout:g} s, so these calls went on: {calls}. (A call in the thread "
                "that should release the pause waits for itself.)"
            )

    def __str__(self) -> str:
        return f"the pause {'after' if self.after else 'before'} {self.matcher}"

    def __repr__(self) -> str:
        return f"<Pause {'after' if self.after else 'before'} {self.matcher}: {len(self._waiting)} waiting>"

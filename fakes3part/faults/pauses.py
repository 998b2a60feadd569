"""Concurrency drills: calls that wait until a test lets them go on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

from .matching import Asked, Matcher


class Pause:
    """Every call that matches waits here until `release`, or until the ``with`` block ends; made by ``FakeS3.pause_before``.

    Attributes:
        id: a number of its own.
        overdue: the calls that nobody released in time and that went on by themselves. The block's end raises for them.
    """

    def __init__(self, number: int, matcher: Matcher, after: bool, timeout: float, removed: Callable[[Pause], None]) -> None:
        self.id = number
        self.matcher = matcher
        self.after = after
        self.timeout = timeout
        self.overdue: list[Asked] = []
        self._removed = removed
        self._changed = threading.Condition()
        self._waiting: list[Asked] = []
        self._over = False

    @property
    def waiting(self) -> tuple[Asked, ...]:
        """The calls that wait now, the longest first."""
        return tuple(self._waiting)

    def wait(self, calls: int = 1, timeout: float = 5) -> tuple[Asked, ...]:
        """Until so many calls wait here.

        Args:
            timeout: in real seconds, whatever the fake's clock shows.

        Raises:
            TimeoutError: they did not come.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._waiting) >= calls, timeout):
                raise TimeoutError(f"{len(self._waiting)} of {calls} calls came to {self} within {timeout} s")
            return tuple(self._waiting)

    def release(self) -> None:
        """Let all of them go on, and whoever comes later pass."""
        self._removed(self)
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def hold(self, asked: Asked) -> None:
        """Wait, in the thread of the call."""
        with self._changed:
            if self._over:
                return
            self._waiting.append(asked)
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._over, self.timeout):
                self.overdue.append(asked)
            self._waiting[:] = [one for one in self._waiting if one is not asked]

    def __enter__(self) -> Pause:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()
        if self.overdue and kind is None:
            calls = ", ".join(map(str, self.overdue))
            raise TimeoutError(
                f"nobody released {self} within {self.timeout:g} s, so that these went on: {calls}. (A call of the thread "
                "that should release waits for itself.)"
            )

    def __str__(self) -> str:
        return f"the pause {'after' if self.after else 'before'} {self.matcher}"

    def __repr__(self) -> str:
        return f"<Pause {'after' if self.after else 'before'} {self.matcher}: {len(self._waiting)} waiting>"

"""Object Lock of a bucket. (That of a version is `objects.Lock`.)"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LockConfiguration:
    """A bucket that has Object Lock, which cannot be taken away again; with a default retention where ``mode`` is not None.

    Either ``days`` or ``years`` tells how long.
    """

    mode: str | None = None
    days: int | None = None
    years: int | None = None

"""The time, as a fake sees it."""

from __future__ import annotations

from datetime import datetime, timezone


class Clock:
    """``datetime.now`` in UTC, asked anew each time, so that freezegun and time-machine rule it.

    (Under freezegun a thread's ``time.time()`` is not frozen; ``datetime.now`` is.)
    """

    def now(self) -> datetime:
        return datetime.now(timezone.utc)

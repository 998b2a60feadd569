"""The Object Lock configuration of a bucket. (The lock of a version is `objects.Lock`.)"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LockConfiguration:
    """The Object Lock configuration of a bucket. (Object Lock cannot be disabled again.)

    Attributes:
        mode: the mode of the default retention, ``GOVERNANCE`` or ``COMPLIANCE``; None: no default retention.
        days: its period in days; None: the period is in ``years``, or there is none.
        years: its period in years; None: the period is in ``days``, or there is none.
    """

    mode: str | None = None
    days: int | None = None
    years: int | None = None

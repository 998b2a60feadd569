"""The time of a fake: the system's, until a test freezes or moves it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from .argument_checks import check_keywords, is_number, wrong
from .locks import LazyLock, new_rlock

SEEDED_START = datetime(2026, 1, 1, tzinfo=timezone.utc)
"""The time of a fake with a seed, whose clock is frozen until a test moves it."""

_UNITS = ["weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds"]
_UTC = timezone.utc
_FIRST = datetime.min.replace(tzinfo=timezone.utc)
LAST = datetime.max.replace(microsecond=0, tzinfo=timezone.utc)


def later(moment: datetime, span: timedelta) -> datetime:
    """Return a moment plus a time span, which may be negative: at the ends of the calendar, its first or last second."""
    try:
        return moment + span
    except OverflowError:
        return LAST if span > timedelta() else _FIRST


class ClockState(NamedTuple):
    """How a clock differs from the system's.

    Attributes:
        offset: its distance from the system's time while it runs.
        frozen: the time at which it is frozen; None if it runs.
    """

    offset: timedelta
    frozen: datetime | None

    @property
    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(timezone.utc) + self.offset if self.frozen is None else self.frozen


class Clock:
    """The clock of a fake. While no test controls it, it is ``datetime.now``, so that freezegun and time-machine apply.

    (It is not ``time.time``, because freezegun does not freeze that in other threads.)

    Args:
        start: the time at which it is frozen, also after a `reset`; None: it shows the system's time.

    Attributes:
        moved: functions without arguments that are called after every move, to do what S3 does as time passes.
    """

    _lock = LazyLock(new_rlock)

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start
        self._offset = timedelta()
        self._frozen: datetime | None = start
        self._history: list[tuple[datetime, timedelta, datetime | None]] = self._initial_history()
        self.moved: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """Return the time in UTC."""
        frozen = self._frozen
        if frozen is not None:
            return frozen
        return datetime.now(_UTC) + self._offset if self._offset else datetime.now(_UTC)

    def system_time(self) -> datetime:
        """Return the time of clients that do not use this clock."""
        return datetime.now(timezone.utc) if self.is_controlled else self.now()

    @property
    def is_controlled(self) -> bool:
        """Whether a test has frozen or moved this clock. Then nothing really waits."""
        return self._frozen is not None or bool(self._offset)

    @property
    def is_frozen(self) -> bool:
        """Whether the time stands still."""
        return self._frozen is not None

    def possible_signing_times(self, signed: datetime) -> tuple[datetime, ...]:
        """Return the times of this clock at which a client may have signed a request with this date.

        botocore's clients sign by this clock while a fake intercepts them. Others (in another process, or of a server) use the
        system's time: after a test has moved this clock, their date stands for the time that this clock showed at that moment.
        """
        if not self._history or signed > datetime.now(timezone.utc):
            return (signed,)
        for since, offset, frozen in reversed(self._history):
            if signed >= since:
                return signed, (signed + offset if frozen is None else frozen)
        return (signed,)

    def freeze(self, at: datetime | str | None = None) -> None:
        """Stop the clock; `advance` and `move_to` still move it.

        Args:
            at: the time to stop at, as for `move_to`; None: now.

        Raises:
            ValueError: ``at`` is not a date.
        """
        with self._lock:
            self._frozen = self.now() if at is None else _parse_time(at)
            self._record()
        self._notify()

    def unfreeze(self) -> None:
        """Let a frozen clock run again, from the time that it shows."""
        with self._lock:
            if self._frozen is not None:
                self._offset, self._frozen = self._frozen - datetime.now(timezone.utc), None
                self._record()

    def advance(self, by: timedelta | None = None, **units: float) -> datetime:
        """Move the clock by a time span: ``advance(days=31)``, ``advance(timedelta(hours=1))``; a negative one moves it back.

        Args:
            by: the span; None: only ``units``.
            units: arguments of `timedelta`, added to ``by``.

        Returns:
            the new time.

        Raises:
            OverflowError: the year is out of range; the time is unchanged.
            TypeError: there is no such unit.
            ValueError: ``by`` is no timedelta, or an amount is no number.
        """
        check_keywords(units, _UNITS)
        for unit, amount in units.items():
            if not is_number(amount):
                raise wrong(unit, "a number", amount)
        if by is not None and not isinstance(by, timedelta):
            raise wrong("by", "a timedelta; advance(days=1, hours=2) needs none", by)
        span = (by or timedelta()) + timedelta(**units)
        with self._lock:
            _ = self.now() + span  # raises before anything has changed
            if self._frozen is None:
                self._offset += span
            else:
                self._frozen += span
            self._record()
        self._notify()
        return self.now()

    def move_to(self, to: datetime | str) -> None:
        """Set the clock. It runs on from that time, or stays frozen at it.

        Args:
            to: a datetime, or text in ISO 8601; in UTC if it has no time zone.

        Raises:
            ValueError: ``to`` is not a date.
        """
        time_ = _parse_time(to)
        with self._lock:
            if self._frozen is None:
                self._offset = time_ - datetime.now(timezone.utc)
            else:
                self._frozen = time_
            self._record()
        self._notify()

    def reset(self) -> None:
        """Show the system's time again, or the time that the clock was created with."""
        self.restore(ClockState(timedelta(), self._start))

    @property
    def state(self) -> ClockState:
        """The state now, for `restore`."""
        with self._lock:
            return ClockState(self._offset, self._frozen)

    def restore(self, state: ClockState) -> None:
        """Return to an earlier state: run with its offset, or be frozen at its time."""
        with self._lock:
            self._offset, self._frozen = state
            if state == (timedelta(), self._start):
                self._history = self._initial_history()
            else:
                self._record()
        self._notify()

    def _initial_history(self) -> list[tuple[datetime, timedelta, datetime | None]]:
        return [] if self._start is None else [(datetime.min.replace(tzinfo=timezone.utc), timedelta(), self._start)]

    def sleep(self, seconds: float) -> None:
        """Wait; if a test controls this clock, advance it instead.

        Raises:
            ValueError: ``seconds`` is negative.
        """
        if seconds < 0:
            raise ValueError(f"seconds must not be negative, but are {seconds}")
        if self.is_controlled:
            self.advance(seconds=seconds)
        else:
            time.sleep(seconds)

    def _record(self) -> None:
        # Rounded up: signed dates have whole seconds, and what was signed in this second was signed before.
        since = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=1)
        while self._history and self._history[-1][0] >= since:
            self._history.pop()
        self._history.append((since, self._offset, self._frozen))

    def _notify(self) -> None:
        for listener in tuple(self.moved):
            listener()

    def __repr__(self) -> str:
        return f"<Clock {'frozen at' if self.is_frozen else 'at'} {self.now().isoformat()}>"


def _parse_time(value: datetime | str) -> datetime:
    if not isinstance(value, (datetime, str)):
        raise ValueError(f"a time must be a datetime or text in ISO 8601, not {value!r}")
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value[:-1] + "+00:00" if value[-1:] in ("Z", "z") else value)
        except ValueError:
            raise ValueError(f"not a date in ISO 8601, such as '2027-01-31T12:00:00Z': {value!r}") from None
    try:
        return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)
    except OverflowError:
        raise ValueError(f"not a date of the years 1 to 9999 in UTC: {value.isoformat()}") from None

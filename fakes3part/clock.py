"""The time, as a fake sees it: the machine's, until a test takes hold of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

SEEDED = datetime(2026, 1, 1, tzinfo=timezone.utc)
"""Where the clock of a fake with a seed stands still until a test moves it."""


class ClockState(NamedTuple):
    """How a clock differs from the machine's."""

    offset: timedelta
    frozen: datetime | None

    @property
    def now(self) -> datetime:
        return datetime.now(timezone.utc) + self.offset if self.frozen is None else self.frozen


class Clock:
    """``datetime.now`` in UTC, asked anew each time, so that freezegun and time-machine rule it, until it is set or frozen.

    (Under freezegun a thread's ``time.time()`` is not frozen; ``datetime.now`` is.)

    Args:
        start: where it stands still from the beginning, and again after a `reset`; None: it shows the machine's time.

    Attributes:
        moved: called after every move, without arguments: what S3 does as time passes is done then.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start
        self._offset = timedelta()
        self._frozen: datetime | None = start
        self._lock = threading.RLock()
        self._past: list[tuple[datetime, timedelta, datetime | None]] = self._beginning()
        self.moved: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The time in UTC."""
        frozen = self._frozen
        return datetime.now(timezone.utc) + self._offset if frozen is None else frozen

    def machine(self) -> datetime:
        """The time of clients that do not live by this clock."""
        return datetime.now(timezone.utc) if self.is_own else self.now()

    @property
    def is_own(self) -> bool:
        """Whether a test took hold of this clock: nothing waits for real then."""
        return self._frozen is not None or bool(self._offset)

    @property
    def is_frozen(self) -> bool:
        return self._frozen is not None

    def readings(self, signed: datetime) -> tuple[datetime, ...]:
        """The time here at which a client may have signed, by the date that it wrote under its signature.

        Botocore's clients sign by this clock while a fake intercepts; others (in another process, or of a server) live by the
        machine's, so that once a test has moved this clock their date means what it showed at that moment.
        """
        if not self._past or signed > datetime.now(timezone.utc):
            return (signed,)
        for since, offset, frozen in reversed(self._past):
            if signed >= since:
                return signed, (signed + offset if frozen is None else frozen)
        return (signed,)

    def freeze(self, at: datetime | str | None = None) -> None:
        """Stand still, now or at a time (as `move_to` takes it); `advance` and `move_to` still move.

        Raises:
            ValueError: that is no date.
        """
        with self._lock:
            self._frozen = self.now() if at is None else _moment(at)
            self._remember()
        self._tell()

    def unfreeze(self) -> None:
        """Go on from where it stands; a clock that runs already does."""
        with self._lock:
            if self._frozen is not None:
                self._offset, self._frozen = self._frozen - datetime.now(timezone.utc), None
                self._remember()

    def advance(self, by: timedelta | None = None, **units: float) -> datetime:
        """Move on by a time span: ``advance(days=31)``, ``advance(timedelta(hours=1))``; a negative one moves back.

        Returns:
            the new time.

        Raises:
            OverflowError: there is no such year; the time is what it was.
        """
        span = (by or timedelta()) + timedelta(**units)
        with self._lock:
            _ = self.now() + span  # raises before anything has changed
            if self._frozen is None:
                self._offset += span
            else:
                self._frozen += span
            self._remember()
        self._tell()
        return self.now()

    def move_to(self, to: datetime | str) -> None:
        """Show another time (a datetime, or ISO 8601; UTC where no zone is given) and go on from it, or stand still there.

        Raises:
            ValueError: that is no date.
        """
        moment = _moment(to)
        with self._lock:
            if self._frozen is None:
                self._offset = moment - datetime.now(timezone.utc)
            else:
                self._frozen = moment
            self._remember()
        self._tell()

    def reset(self) -> None:
        """Show the machine's time again, or what it was started with."""
        self.restore(ClockState(timedelta(), self._start))

    @property
    def state(self) -> ClockState:
        """How it is held now, for `put_back`."""
        with self._lock:
            return ClockState(self._offset, self._frozen)

    def restore(self, hold: ClockState) -> None:
        """Go on as it was then, or stand still where it stood."""
        with self._lock:
            self._offset, self._frozen = hold
            if hold == (timedelta(), self._start):
                self._past = self._beginning()
            else:
                self._remember()
        self._tell()

    def _beginning(self) -> list[tuple[datetime, timedelta, datetime | None]]:
        return [] if self._start is None else [(datetime.min.replace(tzinfo=timezone.utc), timedelta(), self._start)]

    def sleep(self, seconds: float) -> None:
        """Let time pass: really, or just on this clock when it is a test's own.

        Raises:
            ValueError: less than nothing.
        """
        if seconds < 0:
            raise ValueError("time does not sleep backwards")
        if self.is_own:
            self.advance(seconds=seconds)
        else:
            time.sleep(seconds)

    def _remember(self) -> None:
        # Rounded up: signed dates have whole seconds, and what was signed in this second was signed before.
        machine = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=1)
        while self._past and self._past[-1][0] >= machine:
            self._past.pop()
        self._past.append((machine, self._offset, self._frozen))

    def _tell(self) -> None:
        for listener in tuple(self.moved):
            listener()

    def __repr__(self) -> str:
        return f"<Clock {'frozen at' if self.is_frozen else 'at'} {self.now().isoformat()}>"


def _moment(given: datetime | str) -> datetime:
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given[:-1] + "+00:00" if given[-1:] in ("Z", "z") else given)
        except ValueError:
            raise ValueError(f"no date of ISO 8601: {given!r}") from None
    return given.replace(tzinfo=timezone.utc) if given.tzinfo is None else given.astimezone(timezone.utc)

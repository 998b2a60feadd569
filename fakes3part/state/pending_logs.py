"""Server access logging: the records that were made and not delivered yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..locks import LazyLock, new_lock

if TYPE_CHECKING:
    from .access_logs import AccessLog, LogRecord

MAX_RECORDS = 10_000
"""How many records of one log wait for the hour to pass. If there are more, they are delivered at once."""

HOUR = timedelta(hours=1)


def start_of_hour(time: datetime) -> datetime:
    """Return the beginning of the hour."""
    return time.replace(minute=0, second=0, microsecond=0)


def _next_due(records: Iterable[LogRecord]) -> datetime | None:
    """Return when the hour of the oldest record has passed; None: there are no records, or it is the last hour of all."""
    oldest = min((record.time for record in records), default=None)
    try:
        return None if oldest is None else start_of_hour(oldest) + HOUR
    except OverflowError:
        return None


class PendingLogs:
    """The records that wait for delivery, in any number of logs. Its methods may be called in any thread, with any lock held.

    Attributes:
        due: when the next delivery is due: when the hour of the oldest record has passed; None: there are no records, or that
            hour is the last one of the calendar.
    """

    _lock = LazyLock(new_lock)

    def __init__(self) -> None:
        self._records: dict[AccessLog, list[LogRecord]] = {}
        self.due: datetime | None = None

    def add(self, log: AccessLog, *records: LogRecord) -> None:
        """Add records to a log. ``log`` itself has none."""
        with self._lock:
            pending = self._records.setdefault(log, [])
            pending.extend(records)
            due = pending[-1].time if len(pending) >= MAX_RECORDS else _next_due(records)
            if due is not None and (self.due is None or due < self.due):
                self.due = due

    def take(self, until: datetime | None) -> list[AccessLog]:
        """Remove and return the records whose hour has passed, and all those of a log that is too long.

        Args:
            until: the time; None: remove all records.
        """
        taken: list[AccessLog] = []
        with self._lock:
            for log, records in list(self._records.items()):
                if until is None or len(records) >= MAX_RECORDS:
                    due, rest = records, []
                else:
                    hour = start_of_hour(until)
                    due = [record for record in records if record.time < hour]
                    rest = [record for record in records if record.time >= hour]
                if due:
                    taken.append(replace(log, records=tuple(due)))
                if rest:
                    self._records[log] = rest
                else:
                    del self._records[log]
            self.due = _next_due(record for records in self._records.values() for record in records)
        return taken

    def logs(self) -> list[AccessLog]:
        """Return all records, which stay."""
        with self._lock:
            return [replace(log, records=tuple(records)) for log, records in self._records.items()]

    def copy(self) -> PendingLogs:
        """Return a copy of this moment."""
        copied = PendingLogs()
        for log in self.logs():
            copied.add(replace(log, records=()), *log.records)
        return copied

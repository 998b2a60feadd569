"""Timestamps of S3 Select: Amazon Ion's, each with a precision of its own (``2007T`` is a year) and maybe no known offset."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from ..errors import S3Error

PRECISIONS = ("year", "month", "day", "minute", "second")
"""There is none of hours."""

_TEXT = re.compile(
    r"(\d{4})(?:T|-(\d\d)(?:T|-(\d\d)(?:T(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?))", re.ASCII
)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True, slots=True)
class Stamp:
    """``moment`` is local and holds whole seconds; ``fraction`` the digits after the point; ``offset`` minutes, None: unknown."""

    moment: datetime
    precision: str
    offset: int | None = None
    fraction: str = ""

    @property
    def instant(self) -> tuple[int, Decimal]:
        """What two timestamps are compared by: seconds of UTC, and their fraction."""
        return _seconds(self), Decimal(f"0.{self.fraction or 0}")

    def __str__(self) -> str:
        if self.precision == "year":
            return f"{self.moment:%Y}T".rjust(5, "0")
        if self.precision == "month":
            return f"{self.moment:%Y-%m}T".rjust(8, "0")
        text = self.moment.isoformat()
        if self.precision == "day":
            return text[:10]
        if self.precision == "minute":
            return text[:16] + shown_offset(self.offset)
        return text + (f".{self.fraction}" if self.fraction else "") + shown_offset(self.offset)


def shown_offset(offset: int | None, colon: str = ":", zero: str = "Z") -> str:
    if offset is None:
        return f"-00{colon}00"
    if offset == 0 and zero:
        return zero
    hours, minutes = divmod(abs(offset), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}{colon}{minutes:02}"


def read_stamp(text: str) -> Stamp | None:
    """The timestamp that an ISO 8601 text is (``2007T``, ``2007-02-23``, ``2007-02-23T20:14:33.079-08:00``); None for others."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        date = (int(year), int(month or 1), int(day or 1))
        moment = datetime(*date, int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        return None
    precision = "second" if second else "minute" if minute else "day" if day else "month" if month else "year"
    offset: int | None = None
    if zone == "Z":
        offset = 0
    elif zone is not None and zone != "-00:00":
        if int(zone[1:3]) > 23 or int(zone[4:]) > 59:
            return None
        offset = (int(zone[1:3]) * 60 + int(zone[4:])) * (-1 if zone[0] == "-" else 1)
    return Stamp(moment, precision, offset, fraction or "")


def stamp_of(moment: datetime, digits: int = 3) -> Stamp:
    """A moment in time (naive: UTC), with so many digits of its seconds' fraction."""
    offset = moment.utcoffset() or timedelta()
    fraction = f"{moment.microsecond:06}"[:digits]
    return Stamp(moment.replace(tzinfo=None, microsecond=0), "second", int(offset.total_seconds()) // 60, fraction)


def _seconds(stamp: Stamp) -> int:
    at = stamp.moment
    days = at.toordinal() * 86400
    return days + at.hour * 3600 + at.minute * 60 + at.second - 60 * (stamp.offset or 0)


def _months(stamp: Stamp) -> int:
    return stamp.moment.year * 12 + stamp.moment.month - 1


def add(part: str, quantity: int, stamp: Stamp) -> Stamp:
    """DATE_ADD. The result is as precise as the part that was added needs; a day beyond the month's end becomes its last.

    Raises:
        S3Error: ExternalEvalException beyond the years 1 to 9999.
    """
    try:
        if part in _SECONDS:
            moment = stamp.moment + timedelta(seconds=_SECONDS[part] * quantity)
        else:
            year, month = divmod(_months(stamp) + quantity * (12 if part == "year" else 1), 12)
            day = min(stamp.moment.day, monthrange(year, month + 1)[1])
            moment = stamp.moment.replace(year=year, month=month + 1, day=day)
    except (ValueError, OverflowError):
        raise S3Error("ExternalEvalException") from None
    needed = "minute" if part == "hour" else part
    precision = max(stamp.precision, needed, key=PRECISIONS.index)
    return replace(stamp, moment=moment, precision=precision)


def difference(part: str, first: Stamp, second: Stamp) -> int:
    """DATE_DIFF: whole parts that went by from the first to the second, negative when the first is later."""
    if second.instant < first.instant:
        return -difference(part, second, first)
    (a, low), (b, high) = first.instant, second.instant
    seconds = b - a - (high < low)
    if part in _SECONDS:
        return seconds // _SECONDS[part]
    begin, end = _utc(first), _utc(second)
    months = _months(end) - _months(begin)
    rest = [(at.moment.day, at.moment.time(), at.instant[1]) for at in (begin, end)]
    if rest[1] < rest[0]:
        months -= 1
    return months // 12 if part == "year" else months


def _utc(stamp: Stamp) -> Stamp:
    try:
        return replace(stamp, moment=stamp.moment - timedelta(minutes=stamp.offset or 0), offset=0)
    except OverflowError:
        raise S3Error("ExternalEvalException") from None


def extract(part: str, stamp: Stamp) -> int | None:
    """EXTRACT; None for the time zone of a timestamp that has none."""
    if part in ("timezone_hour", "timezone_minute"):
        if stamp.offset is None:
            return None
        hours, minutes = divmod(abs(stamp.offset), 60)
        return (hours if part == "timezone_hour" else minutes) * (-1 if stamp.offset < 0 else 1)
    found: int = getattr(stamp.moment, part)
    return found

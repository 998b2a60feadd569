"""The timestamps of S3 Select, which are those of Amazon Ion.

Each has its own precision (``2007T`` is a year), and its offset from UTC may be unknown.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from ..errors import S3Error

PRECISIONS = ("year", "month", "day", "minute", "second")
"""From the least to the most precise. Ion has no precision of hours."""

_ISO_8601 = re.compile(
    r"(\d{4})(?:T|-(\d\d)(?:T|-(\d\d)(?:T(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?))", re.ASCII
)
_SECONDS_OF_PART = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True, slots=True)
class IonTimestamp:
    """A timestamp.

    Attributes:
        moment: its local time in whole seconds, naive; parts beyond the precision have their smallest value.
        precision: one of `PRECISIONS`.
        offset: minutes from UTC; None: unknown.
        fraction: the digits of the fraction of the second; may be empty.
    """

    moment: datetime
    precision: str
    offset: int | None = None
    fraction: str = ""

    @property
    def instant(self) -> tuple[int, Decimal]:
        """The seconds in UTC since the year 1, and their fraction; timestamps are compared by it."""
        return _utc_seconds(self), Decimal(f"0.{self.fraction or 0}")

    def __str__(self) -> str:
        if self.precision == "year":
            return f"{self.moment:%Y}T".rjust(5, "0")
        if self.precision == "month":
            return f"{self.moment:%Y-%m}T".rjust(8, "0")
        text = self.moment.isoformat()
        if self.precision == "day":
            return text[:10]
        if self.precision == "minute":
            return text[:16] + format_offset(self.offset)
        return text + (f".{self.fraction}" if self.fraction else "") + format_offset(self.offset)


def format_offset(offset: int | None, colon: str = ":", utc: str = "Z") -> str:
    """Return an offset as ``+01:00``, None (unknown) as ``-00:00``, and 0 as ``utc``, or as ``+00:00`` if that is empty."""
    if offset is None:
        return f"-00{colon}00"
    if offset == 0 and utc:
        return utc
    hours, minutes = divmod(abs(offset), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}{colon}{minutes:02}"


def parse_timestamp(text: str) -> IonTimestamp | None:
    """Parse a timestamp: ``2007T``, ``2007-02-23``, ``2007-02-23T20:14:33.079-08:00``. Return None if it is not well-formed."""
    match = _ISO_8601.fullmatch(text)
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
    return IonTimestamp(moment, precision, offset, fraction or "")


def timestamp_from_datetime(moment: datetime, digits: int = 3) -> IonTimestamp:
    """Return a datetime (naive: in UTC) as a timestamp with this number of digits of the fraction of its second."""
    offset = moment.utcoffset() or timedelta()
    fraction = f"{moment.microsecond:06}"[:digits]
    return IonTimestamp(moment.replace(tzinfo=None, microsecond=0), "second", int(offset.total_seconds()) // 60, fraction)


def _utc_seconds(timestamp: IonTimestamp) -> int:
    moment = timestamp.moment
    days = moment.toordinal() * 86400
    return days + moment.hour * 3600 + moment.minute * 60 + moment.second - 60 * (timestamp.offset or 0)


def _month_number(timestamp: IonTimestamp) -> int:
    return timestamp.moment.year * 12 + timestamp.moment.month - 1


def add(part: str, quantity: int, timestamp: IonTimestamp) -> IonTimestamp:
    """Add to a timestamp, as DATE_ADD does.

    The result is at least as precise as the part. A day beyond the end of the month becomes the month's last day.

    Raises:
        S3Error: ExternalEvalException beyond the years 1 to 9999.
    """
    try:
        if part in _SECONDS_OF_PART:
            moment = timestamp.moment + timedelta(seconds=_SECONDS_OF_PART[part] * quantity)
        else:
            year, month = divmod(_month_number(timestamp) + quantity * (12 if part == "year" else 1), 12)
            day = min(timestamp.moment.day, monthrange(year, month + 1)[1])
            moment = timestamp.moment.replace(year=year, month=month + 1, day=day)
    except (ValueError, OverflowError):
        raise S3Error("ExternalEvalException") from None
    part_precision = "minute" if part == "hour" else part
    precision = max(timestamp.precision, part_precision, key=PRECISIONS.index)
    return replace(timestamp, moment=moment, precision=precision)


def difference(part: str, first: IonTimestamp, second: IonTimestamp) -> int:
    """Return the number of whole parts from the first to the second, as DATE_DIFF does; negative if the first is later.

    Raises:
        S3Error: ExternalEvalException if a timestamp in UTC is beyond the years 1 to 9999.
    """
    if second.instant < first.instant:
        return -difference(part, second, first)
    (first_seconds, first_fraction), (second_seconds, second_fraction) = first.instant, second.instant
    seconds = second_seconds - first_seconds - (second_fraction < first_fraction)
    if part in _SECONDS_OF_PART:
        return seconds // _SECONDS_OF_PART[part]
    start, end = _to_utc(first), _to_utc(second)
    months = _month_number(end) - _month_number(start)
    rest_of_month = [(timestamp.moment.day, timestamp.moment.time(), timestamp.instant[1]) for timestamp in (start, end)]
    if rest_of_month[1] < rest_of_month[0]:
        months -= 1
    return months // 12 if part == "year" else months


def _to_utc(timestamp: IonTimestamp) -> IonTimestamp:
    try:
        return replace(timestamp, moment=timestamp.moment - timedelta(minutes=timestamp.offset or 0), offset=0)
    except OverflowError:
        raise S3Error("ExternalEvalException") from None


def extract(part: str, timestamp: IonTimestamp) -> int | None:
    """Return a part of a timestamp, as EXTRACT does; None for the time zone if the offset is unknown."""
    if part in ("timezone_hour", "timezone_minute"):
        if timestamp.offset is None:
            return None
        hours, minutes = divmod(abs(timestamp.offset), 60)
        return (hours if part == "timezone_hour" else minutes) * (-1 if timestamp.offset < 0 else 1)
    value: int = getattr(timestamp.moment, part)
    return value

"""Formats and parses S3's dates: RFC 1123 in headers, ISO 8601 in documents, both in UTC and whole seconds.

Formatting is cached by the second: a listing repeats a few of them a thousand times.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?([Zz]|[+-]\d\d:?\d\d)?)?", re.ASCII)
_HTTP = re.compile(r"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII)


@lru_cache(4096)
def iso_second(second: int) -> str:
    """Format a Unix time as `iso_date` does."""
    return (_EPOCH + timedelta(seconds=second)).isoformat()[:19] + ".000Z"


@lru_cache(4096)
def _http(second: int) -> str:
    date = _EPOCH + timedelta(seconds=second)
    return f"{_DAYS[date.weekday()]}, {date.day:02} {_MONTHS[date.month - 1]} {date.year:04} {date:%H:%M:%S} GMT"


def iso_date(date: datetime) -> str:
    """Format a date as ``2026-02-21T00:17:01.000Z``. S3 writes milliseconds, which are always zero."""
    return iso_second(int(date.timestamp()))


def http_date(date: datetime) -> str:
    """Format a date as ``Sat, 21 Feb 2026 00:17:01 GMT``."""
    return _http(int(date.timestamp()))


def parse_iso_date(text: str) -> datetime | None:
    """Parse ISO 8601 into an aware UTC date; None if it is invalid. A day without a time is its midnight, no zone is UTC."""
    match = _ISO.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups("0")
    microsecond = int(fraction.ljust(9, "0")[:6])
    try:
        date = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), microsecond, tzinfo=timezone.utc)
        return date - _offset(zone)
    except (ValueError, OverflowError):
        return None


def _offset(zone: str) -> timedelta:
    if zone in "0Zz":
        return timedelta(0)
    span = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return -span if zone[0] == "-" else span


def parse_http_date(text: str) -> datetime | None:
    """Parse any of HTTP's three date formats into an aware UTC date; None if it is invalid."""
    match = _HTTP.fullmatch(text)
    try:
        if match is not None:
            day, month, year, hour, minute, second = match.groups()
            number = _MONTHS.index(month) + 1
            return datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=timezone.utc)
        from email.utils import parsedate_to_datetime  # needed for unusual formats only, and it imports much

        date = parsedate_to_datetime(text.strip())
        return date.replace(tzinfo=timezone.utc) if date.tzinfo is None else date.astimezone(timezone.utc)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None

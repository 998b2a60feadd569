"""Object Lock: the lock that a request specifies, the bucket's default lock, and what may be removed or weakened.

A version is protected while its legal hold is ON or its retention has not ended. GOVERNANCE yields to a caller who may bypass
it; nothing overrides COMPLIANCE and a legal hold. Time is the fake's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from ..errors import S3Error, invalid_argument
from ..state.object_lock import LockConfiguration
from ..state.objects import Lock, Version

GOVERNANCE, COMPLIANCE = MODES = ("GOVERNANCE", "COMPLIANCE")
HOLDS = ("ON", "OFF")
MEMBERS = frozenset({"ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus"})
"""Members of PutObject, CopyObject and CreateMultipartUpload that lock the new version."""

MAX_DAYS, MAX_YEARS = 36_500, 100

_MODE, _UNTIL, _HOLD = "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold"
_FIRST = datetime(1, 1, 1, tzinfo=timezone.utc)
_LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
_IN_THE_FUTURE = "The retain until date must be in the future!"
_PROTECTED = "Access Denied because object protected by object lock."
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


# --- what is protected -----------------------------------------------------------------------------------------------


def is_retained(lock: Lock | None, now: datetime) -> bool:
    """Return whether a version is under a retention that has not ended. At its very date it has ended."""
    return lock is not None and lock.until is not None and lock.until > now


def is_protected(version: Version, now: datetime) -> bool:
    """Return whether lifecycle rules may not delete this version."""
    lock = version.lock
    return lock is not None and (lock.legal_hold == "ON" or is_retained(lock, now))


def may_remove(version: Version, now: datetime, *, bypass: bool = False) -> bool:
    """Return whether a caller may delete this version; ``bypass``: the request bypasses GOVERNANCE and the caller may do so."""
    return not is_protected(version, now) or (bypass and only_governance(version, now))


def only_governance(version: Version, now: datetime) -> bool:
    """Return whether only a retention in GOVERNANCE mode protects this version."""
    lock = version.lock
    return lock is not None and is_retained(lock, now) and lock.mode == GOVERNANCE and lock.legal_hold != "ON"


def object_protected() -> S3Error:
    """Return AccessDenied for deleting a locked version or weakening its lock."""
    return S3Error("AccessDenied", _PROTECTED)


def weakens(old: Lock | None, new: Lock, now: datetime) -> bool:
    """Return whether a new retention weakens the present one: none, a shorter one, or one of another mode.

    A longer retention in COMPLIANCE mode weakens one in GOVERNANCE mode, too (Ceph's issue 42505, tried on AWS).
    """
    if old is None or old.until is None or not is_retained(old, now):
        return False
    return new.until is None or new.until < old.until or new.mode != old.mode


# --- requests --------------------------------------------------------------------------------------------------------


def check_members(params: Mapping[str, Any]) -> None:
    """Check the lock that a write requests, as far as its headers alone tell. That mode and date come together is judged first.

    The order is recorded from AWS, February 2026, for PutObject; assumed for the other writes.

    Raises:
        S3Error: InvalidArgument.
    """
    mode, until = params.get("ObjectLockMode"), params.get("ObjectLockRetainUntilDate")
    hold = params.get("ObjectLockLegalHoldStatus")
    if (mode is None) != (until is None):
        missing = _MODE if mode is None else _UNTIL
        raise S3Error("InvalidArgument", f"{_UNTIL} and {_MODE} must both be supplied", ArgumentName=missing)
    if mode is not None and mode not in MODES:
        raise invalid_argument("Unknown wormMode directive.", _MODE, mode)
    if hold is not None and hold not in HOLDS:
        raise invalid_argument("Legal Hold must be either of 'ON' or 'OFF'", _HOLD, hold)


def requested_lock(params: Mapping[str, Any], headers: Mapping[str, str], now: datetime) -> Lock | None:
    """Return the lock that the headers of a write ask for; None: they ask for none.

    A date is stored in whole seconds, as responses have it. `check_members` has checked the rest.

    Raises:
        S3Error: InvalidArgument.
    """
    if MEMBERS.isdisjoint(params):
        return None
    mode, until = params.get("ObjectLockMode"), params.get("ObjectLockRetainUntilDate")
    hold = params.get("ObjectLockLegalHoldStatus")
    if until is not None:
        if until <= now:
            raise invalid_argument(_IN_THE_FUTURE, _UNTIL, headers.get(_UNTIL))
        until = until.replace(microsecond=0)
    return Lock(mode, until, hold)


def default_lock(lock: Lock | None, configuration: LockConfiguration, written: datetime) -> Lock | None:
    """Return the lock of a new version: the requested one, with the bucket's default retention if it has none."""
    if configuration.mode is None or (lock is not None and lock.mode is not None):
        return lock
    return Lock(configuration.mode, _end(configuration, written), lock.legal_hold if lock else None)


def _end(configuration: LockConfiguration, start: datetime) -> datetime:
    """Return when a default retention ends; `_LAST` if the calendar ends before."""
    if configuration.days is not None:
        return start + timedelta(days=configuration.days) if _LAST - start > timedelta(days=configuration.days) else _LAST
    year = start.year + (configuration.years or 0)
    if year > _LAST.year:
        return _LAST
    try:
        return start.replace(year=year)
    except ValueError:  # the 29th of February
        return start.replace(year=year, day=28)


def parse_retention(document: Mapping[str, Any], now: datetime) -> Lock:
    """Return the retention of a ``Retention`` document; an empty one, ``<Retention/>``, means none.

    Raises:
        S3Error: MalformedXML, or InvalidArgument for a past date (formatted as java.util.Date does, in Pacific time).
    """
    mode, until = document.get("Mode"), document.get("RetainUntilDate")
    if (mode is None) != (until is None) or (mode is not None and mode not in MODES):
        raise S3Error("MalformedXML")
    if until is None:
        return Lock()
    if until <= now:
        raise invalid_argument(_IN_THE_FUTURE, "RetainUntilDate", java_date(until))
    return Lock(mode, until.replace(microsecond=0))


def parse_configuration(document: Mapping[str, Any]) -> LockConfiguration:
    """Return a bucket's lock from an ``ObjectLockConfiguration`` document.

    Raises:
        S3Error: MalformedXML, InvalidRequest for a mode without a period, or InvalidArgument for a period that is none or too
            long. (Recorded from AWS, September 2026, without texts.)
    """
    if document.get("ObjectLockEnabled") != "Enabled":
        raise S3Error("MalformedXML")
    rule = document.get("Rule")
    if rule is None:
        return LockConfiguration()
    default = rule.get("DefaultRetention", {})
    mode, days, years = default.get("Mode"), default.get("Days"), default.get("Years")
    if mode not in MODES or (days is not None and years is not None):
        raise S3Error("MalformedXML")
    name, period, limit = ("Days", days, MAX_DAYS) if days is not None else ("Years", years, MAX_YEARS)
    if period is None:
        raise S3Error("InvalidRequest", "The default retention must have a period of days or years.")
    if period <= 0:
        raise invalid_argument("Default retention period must be a positive integer value.", name, period)
    if period > limit:
        raise invalid_argument("Default retention period too large.", name, period)
    return LockConfiguration(mode, days, years)


# --- a date as Java writes it ----------------------------------------------------------------------------------------


def java_date(date: datetime) -> str:
    """Return a UTC date as S3's error texts have it (recorded from AWS), in Pacific time: ``Tue Dec 31 16:00:00 PST 2019``."""
    if date - _FIRST < timedelta(days=1):
        date = _FIRST + timedelta(days=1)  # in Pacific time it would be before the year 1
    saves = _sunday(date, 3, 8, 10) <= date < _sunday(date, 11, 1, 9)
    local = date - timedelta(hours=7 if saves else 8)
    day, zone = f"{_DAYS[local.weekday()]} {_MONTHS[local.month - 1]} {local.day:02}", "PDT" if saves else "PST"
    return f"{day} {local.hour:02}:{local.minute:02}:{local.second:02} {zone} {local.year:04}"


def _sunday(date: datetime, month: int, day: int, hour: int) -> datetime:
    """Return the first Sunday of a month at or after a day, in UTC: when daylight saving time begins or ends."""
    first = date.replace(month=month, day=day, hour=hour, minute=0, second=0, microsecond=0)
    return first + timedelta(days=6 - first.weekday())

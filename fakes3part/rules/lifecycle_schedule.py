"""What a lifecycle configuration wants done with a key's versions, and at which midnight: one thing at a time, the next first.

Nothing here knows what time it is. Days are counted from a version's creation, or from that of the version that succeeded it,
and rounded up to midnight UTC; what is at midnight stays there. Of what falls on one day, S3 first deletes for good, then
moves to other storage classes (at once to the coldest), then adds delete markers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ..state.lifecycle import VARIES, Expiration, Lifecycle, Rule
from ..state.objects import Version
from ..state.uploads import Upload
from .lifecycle import WATERFALL

DAY = timedelta(days=1)
SMALL = 128 * 1024
"""Bytes. What has fewer is not moved, unless its rule has a filter for sizes."""

DELETE, MOVE, MARK = range(3)
"""What is to be done, in the order of one day: delete a version for good, change its storage class, add a delete marker."""

_COLDNESS = {storage_class: rank for rank, storage_class in enumerate(WATERFALL)}
_ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")


class Due(NamedTuple):
    """One thing to be done; of two, the smaller one comes first."""

    at: datetime
    action: int
    age: int
    """Which version: 0 is the key's oldest."""
    warmth: int = 0
    """Of the class that a move leads to: 0 is the coldest."""

    @property
    def storage_class(self) -> str:
        return WATERFALL[-1 - self.warmth]


class Promise(NamedTuple):
    """When a rule will end something, and the rule's id."""

    at: datetime
    rule_id: str


def day_of(moment: datetime) -> datetime:
    """The midnight that a day began with."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def after(moment: datetime, days: int = 0) -> datetime | None:
    """The midnight at or after a moment and so many days; None: there is none before the year 10000."""
    try:
        end = moment + days * DAY
        midnight = day_of(end)
        return midnight if midnight == end else midnight + DAY
    except OverflowError:
        return None


# --- what answers promise --------------------------------------------------------------------------------------------


def expiry(lifecycle: Lifecycle, version: Version) -> Promise | None:
    """When a current version will expire, by the first of the rules that will see to it."""
    found = [
        Promise(at, rule.id)
        for rule in lifecycle.rules
        if rule.is_enabled and rule.expiration is not None and rule.expiration.markers is None and applies(rule, version)
        for at in [_expires(rule.expiration, version)]
        if at is not None
    ]
    return min(found, key=lambda promise: promise.at, default=None)


def abort(lifecycle: Lifecycle, upload: Upload) -> Promise | None:
    """When an upload that is still open will be aborted, by the first of the rules that will see to it."""
    found = [
        Promise(at, rule.id)
        for rule in lifecycle.rules
        if rule.is_enabled and rule.abort_days is not None and upload.key.startswith(rule.filter.prefix or "")
        for at in [after(upload.initiated, rule.abort_days)]
        if at is not None
    ]
    return min(found, key=lambda promise: promise.at, default=None)


# --- what is to be done ----------------------------------------------------------------------------------------------


def next_due(lifecycle: Lifecycle, versions: Sequence[Version], *, versioned: bool, floor: datetime) -> Due | None:
    """What is to be done next with the versions of a key (the oldest first), not before ``floor``."""
    newest = len(versions) - 1
    best: Due | None = None
    for age, version in enumerate(versions):
        for rule in lifecycle.rules:
            if not rule.is_enabled or not applies(rule, version):
                continue
            wanted = _of_current(rule, versions, versioned) if age == newest else _of_noncurrent(rule, versions, age)
            for at, action, storage_class in wanted:
                if action == DELETE:
                    at = _when_unlocked(version, at)
                elif action == MOVE and not _may_move(lifecycle, rule, version, storage_class):
                    continue
                if at is None:
                    continue
                warmth = len(WATERFALL) - 1 - _COLDNESS[storage_class] if storage_class else 0
                due = Due(max(at, floor), action, age, warmth)
                if best is None or due < best:
                    best = due
        if best is not None and best.action == DELETE and best.at == floor:
            break  # nothing can come before it: of thousands of versions that are due, each is found at once
    return best


_Wanted = Iterator[tuple["datetime | None", int, str]]


def applies(rule: Rule, version: Version) -> bool:
    """Whether a rule's filter lets a version through. A delete marker has neither tags nor a size."""
    wanted = rule.filter
    if wanted.prefix and not version.key.startswith(wanted.prefix):
        return False
    if not wanted.tags and not wanted.has_size:
        return True
    return (
        not version.is_delete_marker
        and all(version.properties.tags.get(key) == value for key, value in wanted.tags)
        and (wanted.larger_than is None or version.size > wanted.larger_than)
        and (wanted.smaller_than is None or version.size < wanted.smaller_than)
    )


def _expires(expiration: Expiration, version: Version) -> datetime | None:
    return after(version.last_modified, expiration.days) if expiration.days is not None else expiration.date


def _of_current(rule: Rule, versions: Sequence[Version], versioned: bool) -> _Wanted:
    version, expiration = versions[-1], rule.expiration
    if version.is_delete_marker:
        # With nothing beneath it, it goes by age and by date too, as S3 documents for Days.
        if expiration is not None and len(versions) == 1 and expiration.markers is not False:
            yield after(version.last_modified) if expiration.markers else _expires(expiration, version), DELETE, ""
        return
    if expiration is not None and expiration.markers is None:
        yield _expires(expiration, version), MARK if versioned else DELETE, ""
    for move in rule.transitions:
        yield after(version.last_modified, move.days) if move.days is not None else move.date, MOVE, move.storage_class


def _of_noncurrent(rule: Rule, versions: Sequence[Version], age: int) -> _Wanted:
    expiration = rule.noncurrent_expiration
    if expiration is not None:
        yield _succeeded(versions, age, expiration.days, expiration.keep), DELETE, ""
    if not versions[age].is_delete_marker:
        for move in rule.noncurrent_transitions:
            yield _succeeded(versions, age, move.days, move.keep), MOVE, move.storage_class


def _succeeded(versions: Sequence[Version], age: int, days: int, keep: int | None) -> datetime | None:
    """So many days after a version became noncurrent; None while there are not ``keep`` newer ones that are noncurrent too."""
    if keep and age + keep + 1 >= len(versions):
        return None
    return after(versions[age + 1].last_modified, days)


def _when_unlocked(version: Version, at: datetime | None) -> datetime | None:
    """Lifecycle breaks no lock: it comes when the retention has ended, and never under a legal hold."""
    lock = version.lock
    if lock is None or at is None:
        return at
    if lock.legal_hold == "ON":
        return None
    return at if lock.until is None or lock.until <= at else after(lock.until)


def _may_move(lifecycle: Lifecycle, rule: Rule, version: Version, to: str) -> bool:
    """Only ever down the waterfall, and nothing small unless a rule says which sizes it means."""
    now = version.properties.storage_class
    if _COLDNESS.get(now, -1) >= _COLDNESS[to] or (now, to) == ("ONEZONE_IA", "GLACIER_IR"):
        return False
    if version.size >= SMALL or rule.filter.has_size:
        return True
    return lifecycle.minimum == VARIES and to in _ARCHIVES

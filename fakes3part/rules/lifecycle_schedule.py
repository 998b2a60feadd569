"""When lifecycle rules act on the versions of a key, and what they do: the next action first.

Nothing here knows the current time. Days are counted from a version's creation, or from that of the version that succeeded it,
and rounded up to midnight UTC. Of the actions that are due on one day, S3 first deletes versions, then changes storage classes
(directly to the coldest), then adds delete markers.
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
MIN_TRANSITION_SIZE = 128 * 1024
"""Bytes. Smaller objects are not moved, unless the rule filters by size."""

DELETE_VERSION, TRANSITION, ADD_DELETE_MARKER = range(3)
"""The kinds of action, in their order within a day."""

_COLDNESS = {storage_class: rank for rank, storage_class in enumerate(WATERFALL)}
_ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")


class DueAction(NamedTuple):
    """An action that a lifecycle rule takes on a version. They sort by when they are due.

    Attributes:
        at: when it is due.
        action: `DELETE_VERSION`, `TRANSITION` or `ADD_DELETE_MARKER`.
        version_index: which version of the key; 0 is the oldest.
        warmth_rank: of the storage class that a transition leads to; 0 is the coldest.
    """

    at: datetime
    action: int
    version_index: int
    warmth_rank: int = 0

    @property
    def storage_class(self) -> str:
        return WATERFALL[-1 - self.warmth_rank]


class ExpiryDate(NamedTuple):
    """The date on which a rule expires a version or aborts an upload, and the rule's id."""

    at: datetime
    rule_id: str


def start_of_day(moment: datetime) -> datetime:
    """Return the midnight at the start of a day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def midnight_after(moment: datetime, days: int = 0) -> datetime | None:
    """Return the first midnight at or after a moment plus a number of days; None: it would be after the year 9999."""
    try:
        end = moment + days * DAY
        midnight = start_of_day(end)
        return midnight if midnight == end else midnight + DAY
    except OverflowError:
        return None


# --- dates in responses -----------------------------------------------------------------------------------------------


def expiration_date(lifecycle: Lifecycle, version: Version) -> ExpiryDate | None:
    """Return when a current version expires, and by which rule; None: never."""
    expiry_dates = [
        ExpiryDate(at, rule.id)
        for rule in lifecycle.rules
        if rule.is_enabled and rule.expiration is not None and rule.expiration.markers is None and matches_filter(rule, version)
        for at in [_expiration_date(rule.expiration, version)]
        if at is not None
    ]
    return min(expiry_dates, key=lambda expiry_date: expiry_date.at, default=None)


def abort_date(lifecycle: Lifecycle, upload: Upload) -> ExpiryDate | None:
    """Return when an open upload is aborted, and by which rule; None: never."""
    expiry_dates = [
        ExpiryDate(at, rule.id)
        for rule in lifecycle.rules
        if rule.is_enabled and rule.abort_days is not None and upload.key.startswith(rule.filter.prefix or "")
        for at in [midnight_after(upload.initiated, rule.abort_days)]
        if at is not None
    ]
    return min(expiry_dates, key=lambda expiry_date: expiry_date.at, default=None)


# --- actions ---------------------------------------------------------------------------------------------------------


def next_due_action(lifecycle: Lifecycle, versions: Sequence[Version], *, versioned: bool, floor: datetime) -> DueAction | None:
    """Return the next action on the versions of a key (the oldest first), due at ``floor`` or later; None: there is none.

    Versions that are still to be replicated wait.
    """
    newest = len(versions) - 1
    best: DueAction | None = None
    for version_index, version in enumerate(versions):
        if version.replication is not None and version.replication.pending:
            continue
        for rule in lifecycle.rules:
            if not rule.is_enabled or not matches_filter(rule, version):
                continue
            actions = (
                _actions_on_current(rule, versions, versioned)
                if version_index == newest
                else _actions_on_noncurrent(rule, versions, version_index)
            )
            for at, action, storage_class in actions:
                if action == DELETE_VERSION:
                    at = _when_unlocked(version, at)
                elif action == TRANSITION and not _may_transition(lifecycle, rule, version, storage_class):
                    continue
                if at is None:
                    continue
                warmth_rank = len(WATERFALL) - 1 - _COLDNESS[storage_class] if storage_class else 0
                due = DueAction(max(at, floor), action, version_index, warmth_rank)
                if best is None or due < best:
                    best = due
        if best is not None and best.action == DELETE_VERSION and best.at == floor:
            break  # nothing can come before it: of thousands of versions that are due, each is found at once
    return best


_ScheduledActions = Iterator[tuple["datetime | None", int, str]]


def matches_filter(rule: Rule, version: Version) -> bool:
    """Return whether a rule's filter matches a version. A delete marker has neither tags nor a size."""
    rule_filter = rule.filter
    if rule_filter.prefix and not version.key.startswith(rule_filter.prefix):
        return False
    if not rule_filter.tags and not rule_filter.has_size:
        return True
    return (
        not version.is_delete_marker
        and all(version.properties.tags.get(key) == value for key, value in rule_filter.tags)
        and (rule_filter.larger_than is None or version.size > rule_filter.larger_than)
        and (rule_filter.smaller_than is None or version.size < rule_filter.smaller_than)
    )


def _expiration_date(expiration: Expiration, version: Version) -> datetime | None:
    return midnight_after(version.last_modified, expiration.days) if expiration.days is not None else expiration.date


def _actions_on_current(rule: Rule, versions: Sequence[Version], versioned: bool) -> _ScheduledActions:
    version, expiration = versions[-1], rule.expiration
    if version.is_delete_marker:
        # With nothing beneath it, it goes by age and by date too, as S3 documents for Days.
        if expiration is not None and len(versions) == 1 and expiration.markers is not False:
            yield (
                midnight_after(version.last_modified) if expiration.markers else _expiration_date(expiration, version),
                DELETE_VERSION,
                "",
            )
        return
    if expiration is not None and expiration.markers is None:
        yield _expiration_date(expiration, version), ADD_DELETE_MARKER if versioned else DELETE_VERSION, ""
    for move in rule.transitions:
        yield (
            midnight_after(version.last_modified, move.days) if move.days is not None else move.date,
            TRANSITION,
            move.storage_class,
        )


def _actions_on_noncurrent(rule: Rule, versions: Sequence[Version], version_index: int) -> _ScheduledActions:
    expiration = rule.noncurrent_expiration
    if expiration is not None:
        yield _noncurrent_due_date(versions, version_index, expiration.days, expiration.keep), DELETE_VERSION, ""
    if not versions[version_index].is_delete_marker:
        for move in rule.noncurrent_transitions:
            yield _noncurrent_due_date(versions, version_index, move.days, move.keep), TRANSITION, move.storage_class


def _noncurrent_due_date(versions: Sequence[Version], version_index: int, days: int, keep: int | None) -> datetime | None:
    """Return the date a number of days after a version became noncurrent.

    None: there are not more than ``keep`` newer noncurrent versions (``keep`` None: any number will do), or no such date."""
    if keep and version_index + keep + 1 >= len(versions):
        return None
    return midnight_after(versions[version_index + 1].last_modified, days)


def _when_unlocked(version: Version, at: datetime | None) -> datetime | None:
    """Return the date on which a version is due and no longer locked; None: never, as under a legal hold."""
    lock = version.lock
    if lock is None or at is None:
        return at
    if lock.legal_hold == "ON":
        return None
    return at if lock.until is None or lock.until <= at else midnight_after(lock.until)


def _may_transition(lifecycle: Lifecycle, rule: Rule, version: Version, to: str) -> bool:
    """Return whether a version may move to this class: to a colder one, small objects only if the rule filters by size."""
    now = version.properties.storage_class
    if _COLDNESS.get(now, -1) >= _COLDNESS[to] or (now, to) == ("ONEZONE_IA", "GLACIER_IR"):
        return False
    if version.size >= MIN_TRANSITION_SIZE or rule.filter.has_size:
        return True
    return lifecycle.minimum == VARIES and to in _ARCHIVES

"""Archive storage classes: whether an object can be read now, and how long a restore takes.

A restore takes hours and lasts days on the fake's clock, which a test moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta, timezone

from ..errors import S3Error, invalid_argument
from ..state.objects import Restore, Version
from .object_properties import ARCHIVED

DURATIONS: Mapping[str, Mapping[str, timedelta]] = {
    "GLACIER": {
        "Expedited": timedelta(minutes=5),
        "Standard": timedelta(hours=5),
        "Bulk": timedelta(hours=12),
    },
    "DEEP_ARCHIVE": {
        "Standard": timedelta(hours=12),
        "Bulk": timedelta(hours=48),
    },
}
"""Storage class -> tier -> the longest that it typically takes, says botocore's model of RestoreObject."""

TIERS = frozenset(tier for durations in DURATIONS.values() for tier in durations)


def is_archived(version: Version, now: datetime) -> bool:
    """Return whether the object is archived and has no restored copy now."""
    return version.properties.storage_class in ARCHIVED and not is_restored(version, now)


def is_restored(version: Version, now: datetime) -> bool:
    """Return whether a restored copy is available."""
    return version.restore is not None and version.restore.ready <= now < version.restore.expires


def is_restoring(version: Version, now: datetime) -> bool:
    """Return whether a restore is in progress."""
    return version.restore is not None and now < version.restore.ready


def check_readable(version: Version, now: datetime) -> None:
    """Raise InvalidObjectState, naming the storage class, for what `is_archived`."""
    if version.properties.storage_class in ARCHIVED and not is_restored(version, now):
        raise S3Error("InvalidObjectState", StorageClass=version.properties.storage_class)


def restore_duration(storage_class: str, tier: str) -> timedelta:
    """Return how long a restore takes in this tier.

    Raises:
        S3Error: InvalidArgument for Expedited from DEEP_ARCHIVE, InvalidObjectState for a class that is not an archive.
    """
    durations = DURATIONS.get(storage_class)
    if durations is None:
        message = "Restore is not allowed for the object's current storage class"
        raise S3Error("InvalidObjectState", message, StorageClass=storage_class)
    if tier not in durations:
        raise invalid_argument("Retrieval option is not supported by this storage class", "Tier", tier)
    return durations[tier]


LAST_READY = datetime(9999, 12, 28, tzinfo=timezone.utc)
"""A restore that begins later is calculated from this time: its end would be after the year 9999."""


def make_restore(ready: datetime, days: int) -> Restore:
    """Return a restored copy that is available from ``ready`` on for this number of days, and then until the next midnight UTC.

    Raises:
        S3Error: InvalidArgument for less than one day, or an end after the year 9999.
    """
    wrong = invalid_argument("Days must be a positive integer", "Days", days)
    if days < 1:
        raise wrong
    try:
        end = ready + timedelta(days=days)
        midnight = datetime.combine(end.date(), time(), timezone.utc)
        return Restore(ready, end if end == midnight else midnight + timedelta(days=1))
    except OverflowError:
        raise wrong from None

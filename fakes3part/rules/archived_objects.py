"""Archives, of storage classes and of Intelligent-Tiering: whether an object can be read now, and how long a restore takes.

A restore takes hours and, of an archive storage class, lasts days on the fake's clock, which a test moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta, timezone

from ..errors import S3Error, invalid_argument
from ..state.objects import Restore, Version
from .access_tiers import archive_status, is_leaving_archive
from .object_properties import ARCHIVED

_FLEXIBLE = {"Expedited": timedelta(minutes=5), "Standard": timedelta(hours=5), "Bulk": timedelta(hours=12)}
_DEEP = {"Standard": timedelta(hours=12), "Bulk": timedelta(hours=48)}
DURATIONS: Mapping[str, Mapping[str, timedelta]] = {
    "GLACIER": _FLEXIBLE,
    "DEEP_ARCHIVE": _DEEP,
    "ARCHIVE_ACCESS": _FLEXIBLE,
    "DEEP_ARCHIVE_ACCESS": _DEEP,
}
"""Storage class or access tier -> tier of the restore -> the longest that it typically takes, says botocore's model of
RestoreObject."""

TIERS = frozenset(tier for durations in DURATIONS.values() for tier in durations)


def is_archived(version: Version, now: datetime) -> bool:
    """Return whether the object is archived and has no restored copy now."""
    if version.properties.storage_class in ARCHIVED:
        return not is_restored(version, now)
    return archive_status(version, now) is not None


def is_restored(version: Version, now: datetime) -> bool:
    """Return whether a restored copy is available."""
    return version.restore is not None and version.restore.ready <= now < version.restore.expires


def is_restoring(version: Version, now: datetime) -> bool:
    """Return whether a restore is in progress."""
    if version.restore is not None:
        return now < version.restore.ready
    return is_leaving_archive(version, now)


def check_readable(version: Version, now: datetime) -> None:
    """Raise InvalidObjectState, naming the storage class and the archive tier, for what `is_archived`."""
    storage_class = version.properties.storage_class
    if storage_class in ARCHIVED and not is_restored(version, now):
        raise S3Error("InvalidObjectState", StorageClass=storage_class)
    check_tier(version, now)


def check_tier(version: Version, now: datetime) -> None:
    """Raise InvalidObjectState for a version in an archive tier of Intelligent-Tiering (text assumed: not recorded from AWS)."""
    tier = archive_status(version, now)
    if tier is not None:
        message = "The operation is not valid for the object's access tier"
        raise S3Error("InvalidObjectState", message, StorageClass=version.properties.storage_class, AccessTier=tier)


def restore_duration(version: Version, tier: str, now: datetime) -> timedelta:
    """Return how long a restore takes in this tier.

    Raises:
        S3Error: InvalidArgument for Expedited from a deep archive, InvalidObjectState for a version that is in no archive.
    """
    storage_class = version.properties.storage_class
    durations = DURATIONS.get(archive_status(version, now) or storage_class)
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

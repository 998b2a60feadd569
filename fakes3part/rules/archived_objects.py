"""What the storage classes of archives mean: whether an object can be read now, and how long bringing it back takes.

A restore takes hours and lasts days, on the fake's clock: nobody waits for it, a test moves the clock.
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
    """Whether the bytes are out of reach: in an archive, with no restored copy there now."""
    return version.properties.storage_class in ARCHIVED and not is_restored(version, now)


def is_restored(version: Version, now: datetime) -> bool:
    """Whether a restored copy is there."""
    return version.restore is not None and version.restore.ready <= now < version.restore.expires


def is_restoring(version: Version, now: datetime) -> bool:
    """Whether a restored copy is in the making."""
    return version.restore is not None and now < version.restore.ready


def check_readable(version: Version, now: datetime) -> None:
    """Raise InvalidObjectState, naming the storage class, for what `is_archived`."""
    if version.properties.storage_class in ARCHIVED and not is_restored(version, now):
        raise S3Error("InvalidObjectState", StorageClass=version.properties.storage_class)


def duration(storage_class: str, tier: str) -> timedelta:
    """How long a restore takes in this tier.

    Raises:
        S3Error: InvalidArgument for Expedited from DEEP_ARCHIVE, InvalidObjectState for a class that nothing is restored from.
    """
    durations = DURATIONS.get(storage_class)
    if durations is None:
        message = "Restore is not allowed for the object's current storage class"
        raise S3Error("InvalidObjectState", message, StorageClass=storage_class)
    if tier not in durations:
        raise invalid_argument("Retrieval option is not supported by this storage class", "Tier", tier)
    return durations[tier]


def restored(ready: datetime, days: int) -> Restore:
    """A copy that is there from ``ready`` on for so many days, and then till the next midnight in UTC.

    Raises:
        S3Error: InvalidArgument for less than one day, or so many that the calendar ends.
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

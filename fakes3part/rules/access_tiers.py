"""The access tiers of INTELLIGENT_TIERING: which one a version is in, when it moves on, and what is archived.

S3 moves an object to a colder tier when it has not been read for a number of days, and back to the first tier when it is read.
Only a configuration of the bucket lets it enter the two archive tiers, from which it must be restored before it can be read.
Sources: "How S3 Intelligent-Tiering works" (S3 user guide); botocore's model of InvalidObjectState and HeadObject. That a tier
changes at the very moment at which the days have passed, without rounding to a day, is assumed: not recorded from AWS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from ..state.intelligent_tiering import IntelligentTieringConfiguration
from ..state.objects import TieringState, Version
from .object_filters import matches

INTELLIGENT_TIERING = "INTELLIGENT_TIERING"
MIN_SIZE = 128 * 1024
"""Bytes. Smaller objects always stay in the first tier."""

FREQUENT, INFREQUENT, ARCHIVE_INSTANT = "FREQUENT", "INFREQUENT", "ARCHIVE_INSTANT_ACCESS"
_INFREQUENT_AFTER, _ARCHIVE_INSTANT_AFTER = timedelta(days=30), timedelta(days=90)

ARCHIVE_TIERS: Mapping[str, str] = {"ARCHIVE_ACCESS": "ARCHIVE", "DEEP_ARCHIVE_ACCESS": "DEEP_ARCHIVE"}
"""The archive tiers, the warmer one first: their names in configurations and responses -> in inventory reports."""


class TierMove(NamedTuple):
    """A move to an archive tier (a name of `ARCHIVE_TIERS`), and when it is due."""

    at: datetime
    tier: str


def access_tier(version: Version, now: datetime) -> str | None:
    """Return the access tier, as inventory reports name it; None: the version is not in INTELLIGENT_TIERING."""
    if version.properties.storage_class != INTELLIGENT_TIERING or version.is_delete_marker:
        return None
    archive = archive_status(version, now)
    if archive is not None:
        return ARCHIVE_TIERS[archive]
    idle = now - reference_date(version, now)
    if version.size < MIN_SIZE or idle < _INFREQUENT_AFTER:
        return FREQUENT
    return INFREQUENT if idle < _ARCHIVE_INSTANT_AFTER else ARCHIVE_INSTANT


def reference_date(version: Version, now: datetime) -> datetime:
    """Return the time from which the days without access are counted: of the last read, the end of a restore, or the write."""
    state = version.tiering
    if state is None:
        return version.last_modified
    return state.ready if state.ready is not None and state.ready <= now else state.reference


def archive_status(version: Version, now: datetime) -> str | None:
    """Return the archive tier (of `ARCHIVE_TIERS`) that a version is in, also while it is restored; None: in none."""
    state = version.tiering
    if state is None or version.properties.storage_class != INTELLIGENT_TIERING:
        return None
    return None if state.ready is not None and state.ready <= now else state.archive


def is_leaving_archive(version: Version, now: datetime) -> bool:
    """Return whether a restore from an archive tier is in progress."""
    return archive_status(version, now) is not None and version.tiering is not None and version.tiering.ready is not None


def next_move(configurations: Iterable[IntelligentTieringConfiguration], version: Version) -> TierMove | None:
    """Return the next move of a version to an archive tier; None: none, as long as it is being restored, or for ever.

    If several configurations match, the fewest days count (assumed: not recorded from AWS).
    """
    state = version.tiering or TieringState(version.last_modified)
    if not is_tiered(version) or state.ready is not None:
        return None
    key, tags = version.key, version.properties.tags
    days: dict[str, int] = {}
    for configuration in configurations:
        if configuration.is_enabled and matches(configuration.filter, key, tags):
            for tiering in configuration.tierings:
                days[tiering.tier] = min(tiering.days, days.get(tiering.tier, tiering.days))
    tiers = list(ARCHIVE_TIERS)
    colder = tiers if state.archive is None else tiers[tiers.index(state.archive) + 1 :]
    coming = [(days[tier], tier) for tier in colder if tier in days]
    if not coming:
        return None
    fewest, tier = min(coming)
    try:
        return TierMove(state.reference + timedelta(days=fewest), tier)
    except OverflowError:  # after the year 9999
        return None


def is_tiered(version: Version) -> bool:
    """Return whether a version can be in other tiers than the first one, so that its reads matter."""
    return version.properties.storage_class == INTELLIGENT_TIERING and version.size >= MIN_SIZE


# --- changed versions ------------------------------------------------------------------------------------------------


def accessed(version: Version, at: datetime) -> Version:
    """Return the version after a read, or after the end of a restore: it is in the first tier."""
    return replace(version, tiering=TieringState(at))


def archived(version: Version, tier: str) -> Version:
    """Return the version after a move to an archive tier."""
    state = version.tiering or TieringState(version.last_modified)
    return replace(version, tiering=replace(state, archive=tier))


def restoring(version: Version, ready: datetime) -> Version:
    """Return an archived version after RestoreObject: it returns to the first tier when it is ready."""
    assert version.tiering is not None
    return replace(version, tiering=replace(version.tiering, ready=ready))

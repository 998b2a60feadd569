"""Storage class analysis: the groups of ages, and the report that is exported each day.

Columns and groups are those of "Amazon S3 analytics - Storage Class Analysis" in the S3 user guide. Assumed, not recorded from
AWS: how groups, filters and numbers are written, that ``ALL`` has objects smaller than 128 KiB too, and how the ratio of accesses
and the ages for transition are computed.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from io import StringIO
from itertools import pairwise
from typing import NamedTuple

from ..clock import later
from ..state.analytics import AnalyticsActivity, AnalyticsConfiguration
from ..state.object_filter import ObjectFilter
from ..state.objects import Version

DAY = timedelta(days=1)
MIN_SIZE = 128 * 1024
"""Bytes of the smallest objects that the groups of ages have."""

STARTS = (0, 15, 30, 45, 60, 75, 90, 120, 150, 180, 365, 730)
"""The age in days at which each group begins."""
GROUPS = (*(f"{first:03}-{following - 1:03}" for first, following in pairwise(STARTS)), "730+")
ALL = "ALL"

COLUMNS = (
    "Date",
    "ConfigId",
    "Filter",
    "StorageClass",
    "ObjectAge",
    "ObjectCount",
    "DataUploaded_MB",
    "Storage_MB",
    "DataRetrieved_MB",
    "GetRequestCount",
    "CumulativeAccessRatio",
    "ObjectAgeForSIATransition",
    "RecommendedObjectAgeForSIATransition",
)

_STANDARD = "STANDARD"
_MIN_TRANSITION = 30
"""The age in days at which objects can be moved to STANDARD_IA, and the days of observation before an age is recommended."""


def groups_of(version: Version, at: datetime) -> tuple[str, ...]:
    """Return the groups that an access to a version counts for, as the keys of `AnalyticsActivity`."""
    storage_class = version.properties.storage_class
    if version.size < MIN_SIZE:
        return (f"{storage_class} {ALL}",)
    days = max((at - version.last_modified).days, 0)
    return f"{storage_class} {GROUPS[bisect_right(STARTS, days) - 1]}", f"{storage_class} {ALL}"


class _StoredClass:
    """The objects of one storage class, so that their ages on any day are found quickly."""

    def __init__(self, versions: Sequence[Version]) -> None:
        self.count, self.size = len(versions), sum(version.size for version in versions)
        grouped = sorted((version.last_modified, version.size) for version in versions if version.size >= MIN_SIZE)
        self.times = [time for time, _ in grouped]
        self.sizes = [0]
        for _, size in grouped:
            self.sizes.append(self.sizes[-1] + size)

    def older_than(self, at: datetime) -> list[tuple[int, int]]:
        """Return for each group how many objects have its first age or a higher one, and their size; then (0, 0)."""
        counts = [bisect_right(self.times, later(at, -timedelta(days=start))) for start in STARTS[1:]]
        return [*((count, self.sizes[count]) for count in (len(self.times), *counts)), (0, 0)]


class Population:
    """The objects that an analysis is about, by storage class."""

    def __init__(self, versions: Iterable[Version]) -> None:
        by_class: dict[str, list[Version]] = {_STANDARD: []}
        for version in versions:
            by_class.setdefault(version.properties.storage_class, []).append(version)
        self.classes = {name: _StoredClass(by_class[name]) for name in (_STANDARD, *sorted(by_class.keys() - {_STANDARD}))}


class _Row(NamedTuple):
    group: str
    objects: int
    size: int
    ratio: float
    observed: int | None = None
    recommended: int | None = None


def report(configuration: AnalyticsConfiguration, activity: AnalyticsActivity, population: Population, at: datetime) -> str:
    """Return the CSV file of the 24 hours before ``at``: for each storage class the groups of ages and ``ALL``."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    common = (f"{at:%m-%d}-{at.year:04}", configuration.id, filter_text(configuration.filter))
    for name, stored in population.classes.items():
        for row in _rows(name, stored, activity, at):
            key = f"{name} {row.group}"
            writer.writerow(
                (
                    *common,
                    name,
                    row.group,
                    row.objects,
                    _megabytes(activity.uploaded.get(key, 0)),
                    _megabytes(row.size),
                    _megabytes(activity.retrieved.get(key, 0)),
                    activity.requests.get(key, 0),
                    _number(row.ratio),
                    row.observed,
                    row.recommended,
                )
            )
    return text.getvalue()


def _rows(name: str, stored: _StoredClass, activity: AnalyticsActivity, at: datetime) -> list[_Row]:
    older = stored.older_than(at)
    read = [activity.retrieved.get(f"{name} {group}", 0) for group in GROUPS]
    rows: list[_Row] = []
    observed: int | None = None
    for index, group in enumerate(GROUPS):
        (count, size), (following_count, following_size) = older[index], older[index + 1]
        retrieved = sum(read[index:])
        if name == _STANDARD and observed is None and STARTS[index] >= _MIN_TRANSITION and count and not retrieved:
            observed = STARTS[index]
        rows.append(_Row(group, count - following_count, size - following_size, retrieved / size if size else 0))
    ratio = activity.retrieved.get(f"{name} {ALL}", 0) / stored.size if stored.size else 0
    is_stable = at - activity.since >= timedelta(days=_MIN_TRANSITION)
    return [*rows, _Row(ALL, stored.count, stored.size, ratio, observed, observed if is_stable else None)]


def filter_text(object_filter: ObjectFilter | None) -> str:
    """Return a filter as the report names it: ``prefix=logs/&tag:colour=red``; empty: the whole bucket (None)."""
    if object_filter is None:
        return ""
    prefix = [] if object_filter.prefix is None else [f"prefix={object_filter.prefix}"]
    return "&".join([*prefix, *(f"tag:{key}={value}" for key, value in object_filter.tags)])


def added(values: Mapping[str, int], keys: Iterable[str], number: int) -> Mapping[str, int]:
    """Return the values with a number added to some of them."""
    return {**values, **{key: values.get(key, 0) + number for key in keys}}


def _megabytes(size: int) -> str:
    return _number(size / 2**20)


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")

"""The background process of S3 Intelligent-Tiering: move what is not read to the archive tiers, and complete restores.

Only these moves have events, and change what a request gets. The warmer tiers are derived from the time of the last read
(`fakes3part.rules.access_tiers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from heapq import heapify, heappop, heappush
from typing import NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from ..locks import new_lock
from ..operations.context import OperationEnvironment
from ..rules.access_tiers import INTELLIGENT_TIERING, accessed, archived, next_move
from ..state.bucket import Bucket
from ..state.intelligent_tiering import IntelligentTieringConfiguration
from ..state.objects import Version
from ..state.store import Store
from .process import ObjectChange, Process, ProcessEnvironment, Report
from .write import changed

_NEVER = datetime.max.replace(tzinfo=timezone.utc)
_Configurations: TypeAlias = "Mapping[str, IntelligentTieringConfiguration] | None"


class _Step(NamedTuple):
    """What happens next to a version, and when: it moves to an archive tier, or (``tier`` is None) its restore is complete."""

    at: datetime
    tier: str | None


class _Entry(NamedTuple):
    """A version whose next step is due, in the order of time."""

    at: datetime
    bucket: str
    key: str
    version_id: str


class _Horizon:
    """The time of the next step in a store, at the earliest.

    It is derived from the state, so that requests need not look through all objects; no snapshot has it.

    Attributes:
        configurations: those of all buckets when ``at`` was found.
        lowered: the earliest step of the versions that were changed since the search began.
        lock: for ``at`` and ``lowered``; no other lock is taken under it.
        search_lock: held during a search. Locks of buckets are taken under it.
    """

    def __init__(self) -> None:
        self.configurations: tuple[_Configurations, ...] | None = None
        self.at = self.lowered = _NEVER
        self.lock = new_lock()
        self.search_lock = new_lock()

    def lower(self, at: datetime) -> None:
        with self.lock:
            self.at, self.lowered = min(self.at, at), min(self.lowered, at)

    def search(self, store: Store) -> None:
        with self.search_lock:
            buckets = _buckets(store)
            with self.lock:
                self.lowered = _NEVER
            configurations = tuple(bucket.intelligent_tiering for bucket in buckets)
            at = min((step.at for bucket in buckets for _, step in _steps(bucket)), default=_NEVER)
            with self.lock:
                self.configurations, self.at = configurations, min(at, self.lowered)


class IntelligentTieringProcess(Process):
    """Moves objects of INTELLIGENT_TIERING to the archive tiers, and back when they are restored."""

    name = "intelligent_tiering"

    def __init__(self) -> None:
        self._horizons: WeakKeyDictionary[Store, _Horizon] = WeakKeyDictionary()
        self._lock = new_lock()

    def next_due(self, store: Store) -> datetime | None:
        horizon = self._horizon(store)
        if horizon.configurations != tuple(bucket.intelligent_tiering for bucket in _buckets(store)):
            horizon.search(store)
        return None if horizon.at == _NEVER else horizon.at

    def object_changed(self, environment: OperationEnvironment, store: Store, change: ObjectChange) -> None:
        if change.version is None:
            return
        version = change.bucket.version(change.key, change.version.id)  # some events have the version before the change
        step = None if version is None else _next_step(change.bucket, version)
        if step is not None:
            self._horizon(store).lower(step.at)

    def run(self, environment: ProcessEnvironment, store: Store, until: datetime) -> list[Report]:
        buckets = {bucket.name: bucket for bucket in _buckets(store)}
        entries = [
            _Entry(step.at, bucket.name, version.key, version.id)
            for bucket in buckets.values()
            for version, step in _steps(bucket)
            if step.at <= until
        ]
        heapify(entries)
        reports: list[Report] = []
        earliest = store.processes_ran_at[self.name]
        while entries:
            entry = heappop(entries)
            bucket = buckets[entry.bucket]
            with bucket.lock:
                version = bucket.version(entry.key, entry.version_id)
                step = None if version is None or bucket.deleted else _next_step(bucket, version)
                if version is None or step is None or step.at > until:
                    continue  # a request has changed it meanwhile
                moved, report = _perform(environment, store, bucket, version, step, max(step.at, earliest))
                reports.append(report)
                following = _next_step(bucket, moved)
            if following is not None and following.at <= until:
                heappush(entries, entry._replace(at=following.at))
        self._horizon(store).search(store)
        return reports

    def _horizon(self, store: Store) -> _Horizon:
        horizon = self._horizons.get(store)
        if horizon is None:
            with self._lock:
                horizon = self._horizons.setdefault(store, _Horizon())
        return horizon


PROCESS = IntelligentTieringProcess()


def _buckets(store: Store) -> list[Bucket]:
    with store.lock:
        return list(store.buckets.values())


def _steps(bucket: Bucket) -> Iterator[tuple[Version, _Step]]:
    """Yield the versions of a bucket that have a next step, with that step, as they are at one moment."""
    with bucket.lock:
        versions = [
            *(version for key, version in bucket.objects.items() if key not in bucket.versions_by_key),
            *(version for versions in bucket.versions_by_key.values.values() for version in versions.values()),
        ]
    for version in versions:
        step = _next_step(bucket, version)
        if step is not None:
            yield version, step


def _next_step(bucket: Bucket, version: Version) -> _Step | None:
    """Return the next step of a version; None: it stays where it is."""
    if version.properties.storage_class != INTELLIGENT_TIERING:
        return None
    if version.tiering is not None and version.tiering.ready is not None:
        return _Step(version.tiering.ready, None)
    move = next_move(bucket.intelligent_tiering.values(), version) if bucket.intelligent_tiering else None
    return None if move is None else _Step(*move)


def _perform(
    environment: ProcessEnvironment, store: Store, bucket: Bucket, version: Version, step: _Step, at: datetime
) -> tuple[Version, Report]:
    """Perform a step, and return the changed version and the report that publishes its event. The bucket's lock is held."""
    if step.tier is None:
        moved, name, extra = accessed(version, step.at), "ObjectRestore:Completed", None
    else:
        moved, name = archived(version, step.tier), "IntelligentTiering"
        extra = {"intelligentTieringEventData": {"destinationAccessTier": step.tier}}
    bucket.replace(moved)
    return moved, changed(environment, store, name, bucket, version.key, moved, at, extra)

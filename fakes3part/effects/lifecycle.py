"""Perform lifecycle rules: expire versions, change their storage class, and abort incomplete uploads.

S3 performs lifecycle rules once a day, at midnight UTC. `run_lifecycle` does so for every midnight since its last run, in the
order of the due dates, so that a clock moved by a year leaves the same state as 365 single days: a version that expired in March
has been noncurrent since March.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import chain
from typing import TypeAlias

from ..ids import Ids
from ..rules.lifecycle_schedule import DAY, DELETE_VERSION, TRANSITION, DueAction, abort_date, next_due_action, start_of_day
from ..state.access_points import bucket_arn
from ..state.bucket import Bucket
from ..state.objects import NULL, Version
from ..state.store import Store
from ..state.uploads import Upload

DELETED = "s3:LifecycleExpiration:Delete"
MARKER_CREATED = "s3:LifecycleExpiration:DeleteMarkerCreated"
TRANSITIONED = "s3:LifecycleTransition"
ABORTED = "AbortIncompleteMultipartUpload"
"""Kinds of actions: the names of S3's events; S3 has no event for an aborted upload."""


@dataclass(frozen=True, slots=True)
class LifecycleAction:
    """An action that lifecycle performed at a midnight.

    Attributes:
        kind: `DELETED`, `MARKER_CREATED`, `TRANSITIONED` or `ABORTED`.
        time: the midnight at which it was due.
        version: the deleted version, the new delete marker or the version in its new storage class; None: an upload was aborted.
        upload: the aborted upload; None for the other kinds.
    """

    kind: str
    bucket: Bucket
    key: str
    time: datetime
    version: Version | None = None
    upload: Upload | None = None


_Entry: TypeAlias = tuple[datetime, str, str, int]
"""A due time, the ARN of a bucket, a key, and 0 for the versions of the key or the sequence number of one of its uploads."""


def run_lifecycle(store: Store, now: datetime, ids: Ids) -> list[LifecycleAction]:
    """Perform the actions that became due at the midnights since the last run, and return them in order.

    If the clock was moved back, nothing is undone, and the midnights that come again are run again. One thread runs, others wait.
    """
    with store.lifecycle_lock:
        last, today = store.lifecycle_ran_at, start_of_day(now)
        if last is None or last == today:
            return []
        try:
            return _Run(store, last + DAY, today, ids).run() if last < today else []
        finally:
            store.lifecycle_ran_at = today


class _Run:
    """One run through all buckets, from a midnight to a midnight, both included."""

    def __init__(self, store: Store, first: datetime, last: datetime, ids: Ids) -> None:
        self.first, self.last = first, last
        self.ids = ids
        self.schedule: list[_Entry] = []
        self.actions: list[LifecycleAction] = []
        with store.lock:
            buckets = (*store.buckets.values(), *store.points.outposts.values())
            self.buckets = {bucket_arn(bucket): bucket for bucket in buckets if bucket.lifecycle is not None}

    def run(self) -> list[LifecycleAction]:
        for bucket in self.buckets.values():
            with bucket.lock:
                self._schedule(bucket)
        heapify(self.schedule)
        while self.schedule:
            self._perform_entry(heappop(self.schedule))
        return self.actions

    def _schedule(self, bucket: Bucket) -> None:
        lifecycle = bucket.lifecycle
        assert lifecycle is not None
        for key in chain(
            bucket.versions_by_key.values, (key for key in bucket.objects.values if key not in bucket.versions_by_key)
        ):
            due = self._next(bucket, key, self.first)
            if due is not None:
                self.schedule.append((due.at, bucket_arn(bucket), key, 0))
        for upload in bucket.uploads.values():
            time = self._abort_time(bucket, upload)
            if time is not None:
                self.schedule.append((time, bucket_arn(bucket), upload.key, upload.sequence))

    def _next(self, bucket: Bucket, key: str, floor: datetime) -> DueAction | None:
        if bucket.lifecycle is None or bucket.deleted:
            return None
        versions = list(bucket.versions(key).values())
        due = next_due_action(bucket.lifecycle, versions, versioned=bucket.versioning is not None, floor=floor)
        return due if due is not None and due.at <= self.last else None

    def _abort_time(self, bucket: Bucket, upload: Upload) -> datetime | None:
        expiry = abort_date(bucket.lifecycle, upload) if bucket.lifecycle is not None else None
        return max(expiry.at, self.first) if expiry is not None and expiry.at <= self.last else None

    def _perform_entry(self, entry: _Entry) -> None:
        """Perform what is due, unless requests that were served since it was scheduled have changed that."""
        time, arn, key, number = entry
        bucket = self.buckets[arn]
        with bucket.lock:
            if number:
                self._abort(bucket, key, number, time)
                return
            due = self._next(bucket, key, time)
            if due is not None and due.at == time:
                self.actions.append(self._perform(bucket, key, due))
                due = self._next(bucket, key, time)
            if due is not None:
                heappush(self.schedule, (due.at, arn, key, 0))

    def _perform(self, bucket: Bucket, key: str, due: DueAction) -> LifecycleAction:
        version = list(bucket.versions(key).values())[due.version_index]
        if due.action == DELETE_VERSION:
            bucket.remove(key, version.id)
            return LifecycleAction(DELETED, bucket, key, due.at, version)
        if due.action == TRANSITION:
            moved = replace(version, properties=replace(version.properties, storage_class=due.storage_class))
            bucket.replace(moved)
            return LifecycleAction(TRANSITIONED, bucket, key, due.at, moved)
        version_id = self.ids.version_id() if bucket.versioning == "Enabled" else NULL
        marker = Version(key, version_id, due.at, bucket.account)
        bucket.store(marker)
        return LifecycleAction(MARKER_CREATED, bucket, key, due.at, marker)

    def _abort(self, bucket: Bucket, key: str, number: int, time: datetime) -> None:
        upload = bucket.uploads_by_key.get((key, number))
        if upload is not None and self._abort_time(bucket, upload) == time:
            bucket.close_upload(upload)
            self.actions.append(LifecycleAction(ABORTED, bucket, key, time, upload=upload))

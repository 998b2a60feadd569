"""Lifecycle: as days pass, versions expire and change their storage class, and forgotten uploads are aborted.

S3 works through lifecycle rules once a day, at midnight UTC; so does `sweep`, for every midnight since the last time. It does
what is due in the order of its dates, so that one leap over a year leaves what 365 single days would: what was expired in
March has been noncurrent since March.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import chain
from typing import TypeAlias

from ..ids import Ids
from ..rules.lifecycle_schedule import DAY, DELETE, MOVE, Due, abort, day_of, next_due
from ..state.access_points import bucket_arn
from ..state.bucket import Bucket
from ..state.objects import NULL, Version
from ..state.store import Store
from ..state.uploads import Upload

DELETED = "s3:LifecycleExpiration:Delete"
MARKED = "s3:LifecycleExpiration:DeleteMarkerCreated"
MOVED = "s3:LifecycleTransition"
ABORTED = "AbortIncompleteMultipartUpload"
"""Kinds of effects: the names of S3's events, and one that S3 tells nobody of."""


@dataclass(frozen=True, slots=True)
class LifecycleAction:
    """One thing that lifecycle did, at a midnight: to a version (the one deleted, the new marker, the moved one) or upload."""

    kind: str
    bucket: Bucket
    key: str
    at: datetime
    version: Version | None = None
    upload: Upload | None = None


_Entry: TypeAlias = tuple[datetime, str, str, int]
"""When something is due, the bucket's ARN, the key, and 0 for its versions or the number of one of its uploads."""


def run_lifecycle(store: Store, now: datetime, ids: Ids) -> list[LifecycleAction]:
    """Do all that became due at the midnights since the last time; what was done, in order.

    A clock that went back undoes nothing, and nothing happens; its midnights come again. One thread does it, others wait.
    """
    with store.lifecycle_lock:
        swept, today = store.lifecycle_ran_at, day_of(now)
        if swept is None or swept == today:
            return []
        try:
            return _Run(store, swept + DAY, today, ids).run() if swept < today else []
        finally:
            store.lifecycle_ran_at = today


class _Run:
    """One run through all buckets, from a midnight to a midnight, both included."""

    def __init__(self, store: Store, first: datetime, last: datetime, ids: Ids) -> None:
        self.first, self.last = first, last
        self.ids = ids
        self.agenda: list[_Entry] = []
        self.effects: list[LifecycleAction] = []
        with store.lock:
            everywhere = (*store.buckets.values(), *store.points.outposts.values())
            self.buckets = {bucket_arn(bucket): bucket for bucket in everywhere if bucket.lifecycle is not None}

    def run(self) -> list[LifecycleAction]:
        for bucket in self.buckets.values():
            with bucket.lock:
                self._look_through(bucket)
        heapify(self.agenda)
        while self.agenda:
            self._do(heappop(self.agenda))
        return self.effects

    def _look_through(self, bucket: Bucket) -> None:
        lifecycle = bucket.lifecycle
        assert lifecycle is not None
        for key in chain(
            bucket.versions_by_key.values, (key for key in bucket.objects.values if key not in bucket.versions_by_key)
        ):
            due = self._next(bucket, key, self.first)
            if due is not None:
                self.agenda.append((due.at, bucket_arn(bucket), key, 0))
        for upload in bucket.uploads.values():
            at = self._abort_of(bucket, upload)
            if at is not None:
                self.agenda.append((at, bucket_arn(bucket), upload.key, upload.sequence))

    def _next(self, bucket: Bucket, key: str, floor: datetime) -> Due | None:
        if bucket.lifecycle is None or bucket.deleted:
            return None
        versions = list(bucket.versions(key).values())
        due = next_due(bucket.lifecycle, versions, versioned=bucket.versioning is not None, floor=floor)
        return due if due is not None and due.at <= self.last else None

    def _abort_of(self, bucket: Bucket, upload: Upload) -> datetime | None:
        promise = abort(bucket.lifecycle, upload) if bucket.lifecycle is not None else None
        return max(promise.at, self.first) if promise is not None and promise.at <= self.last else None

    def _do(self, entry: _Entry) -> None:
        """One thing that is due. Requests go on meanwhile: what they changed since the look through is seen here."""
        at, arn, key, number = entry
        bucket = self.buckets[arn]
        with bucket.lock:
            if number:
                self._abort(bucket, key, number, at)
                return
            due = self._next(bucket, key, at)
            if due is not None and due.at == at:
                self.effects.append(self._carry_out(bucket, key, due))
                due = self._next(bucket, key, at)
            if due is not None:
                heappush(self.agenda, (due.at, arn, key, 0))

    def _carry_out(self, bucket: Bucket, key: str, due: Due) -> LifecycleAction:
        version = list(bucket.versions(key).values())[due.age]
        if due.action == DELETE:
            bucket.remove(key, version.id)
            return LifecycleAction(DELETED, bucket, key, due.at, version)
        if due.action == MOVE:
            moved = replace(version, carried=replace(version.carried, storage_class=due.storage_class))
            bucket.replace(moved)
            return LifecycleAction(MOVED, bucket, key, due.at, moved)
        version_id = self.ids.version_id() if bucket.versioning == "Enabled" else NULL
        marker = Version(key, version_id, due.at, bucket.account)
        bucket.store(marker)
        return LifecycleAction(MARKED, bucket, key, due.at, marker)

    def _abort(self, bucket: Bucket, key: str, number: int, at: datetime) -> None:
        upload = bucket.uploads_by_key.get((key, number))
        if upload is not None and self._abort_of(bucket, upload) == at:
            bucket.close(upload)
            self.effects.append(LifecycleAction(ABORTED, bucket, key, at, upload=upload))

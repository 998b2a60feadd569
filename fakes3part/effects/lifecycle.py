"""The background process of lifecycle rules: expire versions, change their storage class, and abort incomplete uploads.

S3 performs lifecycle rules once a day, at midnight UTC. A run does so for every midnight since the last one, in the
order of the due dates, so that a clock moved by a year leaves the same state as 365 single days: a version that expired in March
has been noncurrent since March.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import chain
from typing import TypeAlias

from ..rules.lifecycle_schedule import DAY, DELETE_VERSION, TRANSITION, DueAction, abort_date, next_due_action, start_of_day
from ..state.access_points import bucket_arn
from ..state.bucket import Bucket
from ..state.objects import NULL, TieringState, Version
from ..state.store import Store
from ..state.uploads import Upload
from .lifecycle_action import ABORTED, DELETED, MARKER_CREATED, TRANSITIONED, LifecycleAction
from .process import Process, ProcessEnvironment, Report
from .schedule import object_changed

_Entry: TypeAlias = tuple[datetime, str, str, int]
"""A due time, the ARN of a bucket, a key, and 0 for the versions of the key or the sequence number of one of its uploads."""


class LifecycleProcess(Process):
    """Performs the lifecycle rules of all buckets at each midnight."""

    name = "lifecycle"

    def next_due(self, store: Store) -> datetime | None:
        try:
            return start_of_day(store.processes_ran_at[self.name]) + DAY
        except OverflowError:  # the last day of the calendar
            return None

    def run(self, environment: ProcessEnvironment, store: Store, until: datetime) -> list[Report]:
        first, last = start_of_day(store.processes_ran_at[self.name]) + DAY, start_of_day(until)
        actions = _Run(environment, store, first, last).run() if first <= last else []
        return [partial(_report, environment, action) for action in actions]


PROCESS = LifecycleProcess()


def _report(environment: ProcessEnvironment, action: LifecycleAction) -> None:
    for listener in tuple(environment.on_lifecycle):
        listener(action)


class _Run:
    """One run through all buckets, from a midnight to a midnight, both included."""

    def __init__(self, environment: ProcessEnvironment, store: Store, first: datetime, last: datetime) -> None:
        self.environment, self.store = environment, store
        self.first, self.last = first, last
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
        for key in chain(bucket.versions_by_key.values, (key for key in bucket.objects if key not in bucket.versions_by_key)):
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
                action = self._perform(bucket, key, due)
                self.actions.append(action)
                object_changed(
                    self.environment, self.store, action.kind.removeprefix("s3:"), bucket, key, action.version, None, due.at
                )
                due = self._next(bucket, key, time)
            if due is not None:
                heappush(self.schedule, (due.at, arn, key, 0))

    def _perform(self, bucket: Bucket, key: str, due: DueAction) -> LifecycleAction:
        version = list(bucket.versions(key).values())[due.version_index]
        if due.action == DELETE_VERSION:
            bucket.remove(key, version.id)
            return LifecycleAction(DELETED, bucket, key, due.at, version)
        if due.action == TRANSITION:
            properties = replace(version.properties, storage_class=due.storage_class)
            tiering = TieringState(due.at) if due.storage_class == "INTELLIGENT_TIERING" else None
            moved = replace(version, properties=properties, tiering=tiering)
            bucket.replace(moved)
            return LifecycleAction(TRANSITIONED, bucket, key, due.at, moved)
        version_id = self.environment.ids.version_id() if bucket.versioning == "Enabled" else NULL
        marker = Version(key, version_id, due.at, bucket.account)
        bucket.store(marker)
        return LifecycleAction(MARKER_CREATED, bucket, key, due.at, marker)

    def _abort(self, bucket: Bucket, key: str, number: int, time: datetime) -> None:
        upload = bucket.uploads_by_key.get((key, number))
        if upload is not None and self._abort_time(bucket, upload) == time:
            bucket.close_upload(upload)
            self.actions.append(LifecycleAction(ABORTED, bucket, key, time, upload=upload))
            object_changed(self.environment, self.store, ABORTED, bucket, key, None, None, time)

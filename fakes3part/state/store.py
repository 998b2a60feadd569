"""The buckets of one fake. Bucket names are one namespace for all accounts, as on S3."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timedelta

from sortedcontainers import SortedDict

from ..locks import new_lock, new_rlock
from .access_control import PublicAccessBlock
from .access_points import AccessPoints
from .bucket import Bucket

_NO_TIME, _DAY = timedelta(0), timedelta(days=1)


class Store:
    """The buckets by name, sorted.

    Attributes:
        points: the access points, and the buckets on Outposts.
        public_access_blocks: the public access blocks of accounts, by account id; each applies to all buckets of its account.
        lifecycle_ran_at: the last midnight for which lifecycle rules were run (`fakes3part.effects.lifecycle`); None while no
            bucket ever had any.
        lifecycle_lock: held while lifecycle rules are run. The lock of a bucket is taken under it, never the other way round.
    """

    def __init__(self) -> None:
        self.buckets: SortedDict[str, Bucket] = SortedDict()
        self.points = AccessPoints()
        self.public_access_blocks: dict[str, PublicAccessBlock] = {}
        self.lock = new_rlock()
        self.lifecycle_ran_at: datetime | None = None
        self.lifecycle_lock = new_lock()

    def get(self, name: str) -> Bucket | None:
        bucket: Bucket | None = self.buckets.get(name)
        return bucket

    def add(self, bucket: Bucket) -> Bucket:
        """Add a bucket, unless there is one of its name; return the bucket that has the name now."""
        with self.lock:
            stored: Bucket = self.buckets.setdefault(bucket.name, bucket)
            stored.public_access_blocks = self.public_access_blocks
            return stored

    def remove(self, bucket: Bucket) -> None:
        """Remove a bucket, and mark it as deleted for the requests that hold it."""
        with self.lock:
            bucket.deleted = True
            if self.buckets.get(bucket.name) is bucket:
                del self.buckets[bucket.name]

    def enable_lifecycle(self, midnight: datetime) -> None:
        """Run lifecycle rules at each midnight after this one, unless that is done already."""
        with self.lock:
            if self.lifecycle_ran_at is None:
                self.lifecycle_ran_at = midnight

    def is_lifecycle_due(self, now: datetime) -> bool:
        """Return whether lifecycle rules were last run for another day. It may be a later one: a test can move the clock back."""
        return self.lifecycle_ran_at is not None and not _NO_TIME <= now - self.lifecycle_ran_at < _DAY

    def copy(self) -> Store:
        """Copy the state of one moment: no change that is being made is half in the copy. See `Bucket.copy`."""
        copied = Store()
        with self.lifecycle_lock, ExitStack() as locks:
            self._lock_all(locks)
            copied.lifecycle_ran_at = self.lifecycle_ran_at
            copied.buckets = SortedDict((name, bucket.copy()) for name, bucket in self.buckets.items())
            copied.points = self.points.copy()
            copied.public_access_blocks.update(self.public_access_blocks)
        for bucket in copied.buckets.values():
            bucket.public_access_blocks = copied.public_access_blocks
        return copied

    def _lock_all(self, locks: ExitStack) -> None:
        """Acquire the locks of all buckets, then the store's, in the order of DeleteBucket. (No request holds two of them.)"""
        while True:
            with self.lock:
                buckets = list(self.buckets.values())
            acquired = locks.enter_context(ExitStack())
            for bucket in buckets:
                acquired.enter_context(bucket.lock)
            acquired.enter_context(self.lock)
            if list(self.buckets.values()) == buckets:  # (a bucket equals only itself)
                return
            acquired.close()

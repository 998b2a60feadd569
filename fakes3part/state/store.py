"""All buckets of one fake. Bucket names are global: one namespace for all accounts, as on S3."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from datetime import datetime, timedelta

from sortedcontainers import SortedDict

from .access_control import PublicAccessBlock
from .access_points import AccessPoints
from .bucket import Bucket

_NO_TIME, _DAY = timedelta(0), timedelta(days=1)


class Store:
    """The buckets by name, sorted.

    Attributes:
        points: the access points, and the buckets on Outposts.
        account_blocks: the public access blocks of whole accounts, by id; each counts for the buckets of its account.
        swept: the last midnight at which lifecycle rules were worked through (`fakes3part.effects.lifecycle`); None while no
            bucket ever had any.
        sweeping: held while they are; a bucket's lock is taken under it, never the other way round.
    """

    def __init__(self) -> None:
        self.buckets: SortedDict[str, Bucket] = SortedDict()
        self.points = AccessPoints()
        self.account_blocks: dict[str, PublicAccessBlock] = {}
        self.lock = threading.RLock()
        self.lifecycle_ran_at: datetime | None = None
        self.lifecycle_lock = threading.Lock()

    def get(self, name: str) -> Bucket | None:
        bucket: Bucket | None = self.buckets.get(name)
        return bucket

    def add(self, bucket: Bucket) -> Bucket:
        """Register a bucket; the one that is there already, if any, stays and is returned."""
        with self.lock:
            there: Bucket = self.buckets.setdefault(bucket.name, bucket)
            there.account_blocks = self.account_blocks
            return there

    def remove(self, bucket: Bucket) -> None:
        with self.lock:
            bucket.deleted = True
            if self.buckets.get(bucket.name) is bucket:
                del self.buckets[bucket.name]

    def enable_lifecycle(self, midnight: datetime) -> None:
        """A bucket has lifecycle rules now: they are worked through at each midnight after this one."""
        with self.lock:
            if self.lifecycle_ran_at is None:
                self.lifecycle_ran_at = midnight

    def is_lifecycle_due(self, now: datetime) -> bool:
        """Whether lifecycle rules were last worked through on another day (a later one too: clocks go back)."""
        return self.lifecycle_ran_at is not None and not _NO_TIME <= now - self.lifecycle_ran_at < _DAY

    def copy(self) -> Store:
        """A store of the state at one moment: no change that is made meanwhile is half in it. See `Bucket.copy`."""
        twin = Store()
        with self.lifecycle_lock, ExitStack() as held:
            self._lock_all(held)
            twin.lifecycle_ran_at = self.lifecycle_ran_at
            twin.buckets = SortedDict((name, bucket.copy()) for name, bucket in self.buckets.items())
            twin.points = self.points.copy()
            twin.account_blocks.update(self.account_blocks)
        for bucket in twin.buckets.values():
            bucket.account_blocks = twin.account_blocks
        return twin

    def _lock_all(self, held: ExitStack) -> None:
        """Take the locks of all buckets, then the store's: DeleteBucket has the same order, and nobody takes two buckets'."""
        while True:
            with self.lock:
                buckets = list(self.buckets.values())
            taken = held.enter_context(ExitStack())
            for bucket in buckets:
                taken.enter_context(bucket.lock)
            taken.enter_context(self.lock)
            if list(self.buckets.values()) == buckets:  # (buckets are equal to themselves only)
                return
            taken.close()

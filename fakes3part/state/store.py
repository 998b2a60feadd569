"""All buckets of one fake. Bucket names are global: one namespace for all accounts, as on S3."""

from __future__ import annotations

import threading

from sortedcontainers import SortedDict

from .bucket import Bucket


class Store:
    """The buckets by name, sorted."""

    def __init__(self) -> None:
        self.buckets: SortedDict[str, Bucket] = SortedDict()
        self.lock = threading.RLock()

    def get(self, name: str) -> Bucket | None:
        bucket: Bucket | None = self.buckets.get(name)
        return bucket

    def add(self, bucket: Bucket) -> Bucket:
        """Register a bucket; the one that is there already, if any, stays and is returned."""
        with self.lock:
            there: Bucket = self.buckets.setdefault(bucket.name, bucket)
            return there

    def drop(self, bucket: Bucket) -> None:
        with self.lock:
            bucket.deleted = True
            self.buckets.pop(bucket.name, None)

    def copy(self) -> Store:
        """A store of the same state that shares every version and part."""
        with self.lock:
            buckets = list(self.buckets.values())
        twin = Store()
        # A bucket's lock is never taken under the store's: DeleteBucket takes them the other way round.
        twin.buckets = SortedDict((bucket.name, bucket.copy()) for bucket in buckets)
        return twin

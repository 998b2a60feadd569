"""The buckets of one fake. Bucket names are one namespace for all accounts, as on S3."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

from sortedcontainers import SortedDict

from ..locks import Lazy, LazyLock, items_of, new_lock, new_rlock
from .access_control import PublicAccessBlock
from .access_points import AccessPoints
from .bucket import Bucket
from .pending_logs import PendingLogs
from .usage import Usage

if TYPE_CHECKING:
    from .replication import PendingReplication


class Store:
    """The buckets by name, sorted.

    Attributes:
        usage: counts the stored bytes; None: they are not limited.
        points: the access points, and the buckets on Outposts.
        public_access_blocks: the public access blocks of accounts, by account id; each applies to all buckets of its account.
        processes_ran_at: the background processes that are active (modules of `fakes3part.effects`), and until when each has run.
            Empty while no bucket ever had a configuration that needs one.
        access_logs: the records of server access logging that are not delivered yet.
        process_lock: held while processes run. The lock of a bucket is taken under it, never the other way round.
        pending_replications: what is to be replicated, in the order of the changes. Threads append while another one removes.
        timed_replications: those of them for which S3 publishes an event if they miss the threshold of their rule.
    """

    process_lock = LazyLock(new_lock)
    lock = LazyLock(new_rlock)
    buckets: Lazy[SortedDict[str, Bucket]] = Lazy(SortedDict)

    def __init__(self, usage: Usage | None = None) -> None:
        self.usage = usage
        self.points = AccessPoints()
        self.public_access_blocks: dict[str, PublicAccessBlock] = {}
        self.processes_ran_at: dict[str, datetime] = {}
        self.access_logs = PendingLogs()
        self.pending_replications: deque[PendingReplication] = deque()
        self.timed_replications: deque[PendingReplication] = deque()

    def get(self, name: str) -> Bucket | None:
        bucket: Bucket | None = self.buckets.get(name)
        return bucket

    def add(self, bucket: Bucket) -> Bucket:
        """Add a bucket, unless there is one of its name; return the bucket that has the name now."""
        with self.lock:
            stored: Bucket = self.buckets.setdefault(bucket.name, bucket)
            stored.public_access_blocks = self.public_access_blocks
            stored.usage = self.usage
            return stored

    def remove(self, bucket: Bucket) -> None:
        """Remove a bucket, and mark it as deleted for the requests that hold it."""
        with self.lock:
            bucket.deleted = True
            bucket.stop_counting()
            if self.buckets.get(bucket.name) is bucket:
                del self.buckets[bucket.name]

    def count_bytes(self, usage: Usage | None) -> None:
        """Count and limit the stored bytes from now on, also if there are more already; None: there is no limit."""
        if usage is None:
            return
        with self.lock:
            self.usage = usage
            for bucket in (*self.buckets.values(), *self.points.outposts.values()):
                usage.size += bucket.size
                bucket.usage = usage

    def activate(self, process: str, now: datetime) -> None:
        """Let a background process do what is due from now on, unless it is active already.

        Args:
            process: the name of its module in `fakes3part.effects`.
        """
        if process not in self.processes_ran_at:
            with self.lock:
                self.processes_ran_at = {process: now, **self.processes_ran_at}

    def set_ran_at(self, process: str, until: datetime) -> None:
        """Record until when an active process has run. (Locked: `activate` replaces the dictionary.)"""
        with self.lock:
            self.processes_ran_at[process] = until

    def copy(self) -> Store:
        """Copy the state of one moment: no change that is being made is half in the copy. See `Bucket.copy`."""
        copied = Store()
        with self.process_lock, ExitStack() as locks:
            self._lock_all(locks)
            copied.processes_ran_at = self.processes_ran_at.copy()
            copied.access_logs = self.access_logs.copy()
            copied.pending_replications = deque(items_of(self.pending_replications))
            copied.timed_replications = deque(items_of(self.timed_replications))
            copied.buckets.update((name, bucket.copy()) for name, bucket in self.buckets.items())
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

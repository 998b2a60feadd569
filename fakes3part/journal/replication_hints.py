"""Explains why a replica is missing: its replication is pending, has failed, or no rule selected the object."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..state.bucket import Bucket
    from ..state.store import Store


def missing_replica(store: Store, bucket: Bucket, key: str) -> str | None:
    """Return why a bucket lacks an object of a bucket that is replicated to it; None: there is no such object."""
    for source in list(store.buckets.values()):
        replication = source.replication
        if replication is None or all(rule.destination.bucket_name != bucket.name for rule in replication.rules):
            continue
        with source.lock:
            version = source.current(key)
        if version is None or version.is_delete_marker:
            continue
        state, where = version.replication, f"{key!r} of bucket {source.name!r}"
        if state is not None and bucket.name in state.pending:
            return f"{where} is still to be replicated (PENDING): move the clock on by replication_delay"
        if state is not None and bucket.name in dict(state.failed):
            return f"the replication of {where} has failed: {dict(state.failed)[bucket.name]}"
        if state is None or bucket.name not in state.completed:
            return f"{where} was not replicated: no rule selected it when it was written"
    return None

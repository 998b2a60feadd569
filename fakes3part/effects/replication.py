"""The background process of replication: note what requests change, and replicate it when it is due.

Each operation is due ``replication_delay`` seconds after it happened; by default at once, which is right after its response.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ..clock import later
from ..operations.context import OperationEnvironment
from ..rules.replication_selection import rule_for_change, rules_for_version
from ..state.bucket import Bucket
from ..state.objects import Version
from ..state.replication import THRESHOLD, PendingReplication, Replication, ReplicationRule, ReplicationState
from ..state.store import Store
from .process import ObjectChange, Process, ProcessEnvironment, Report
from .replicate import replicate, report_missed_threshold

_CREATED = ("ObjectCreated:", "ObjectRemoved:DeleteMarkerCreated")
_CHANGED = ("ObjectTagging:", "ObjectAcl:", "ObjectAnnotation:", "ObjectRetention:", "ObjectLegalHold:")


class ReplicationProcess(Process):
    """Replicates what is written to buckets with a replication configuration."""

    name = "replication"

    def next_due(self, store: Store) -> datetime | None:
        turn = _next_turn(store)
        return None if turn is None else turn[0]

    def run(self, environment: ProcessEnvironment, store: Store, until: datetime) -> list[Report]:
        reports: list[Report] = []
        while (turn := _next_turn(store)) is not None and turn[0] <= until:
            at, is_threshold = turn
            queue = store.timed_replications if is_threshold else store.pending_replications
            perform = report_missed_threshold if is_threshold else replicate
            try:
                reports += perform(environment, store, queue[0], at)
            finally:  # not before: a thread whose change is being replicated must still see that it is due, and wait
                queue.popleft()
        return reports

    def object_changed(self, environment: OperationEnvironment, store: Store, change: ObjectChange) -> None:
        """Note what is to be replicated. What S3 itself does to existing objects, lifecycle rules included, is not."""
        bucket, replication = change.bucket, change.bucket.replication
        if replication is None or change.version is None:
            return
        version = bucket.version(change.key, change.version.id)
        if version is None:
            return  # a version was deleted for good
        if change.name.startswith(_CREATED):
            rules = rules_for_version(replication, version)
        elif change.name.startswith(_CHANGED) and change.context is not None:
            rules = _rules_for_change(replication, version)
        else:
            return
        if rules:
            _add(environment, store, bucket, version, change, rules)


PROCESS = ReplicationProcess()


def _next_turn(store: Store) -> tuple[datetime, bool] | None:
    """Return when the next operation, or the next threshold, is due, and whether it is a threshold; None: nothing is pending.

    Both queues are in the order of time, unless a test moves the clock back.
    """
    turns = []
    if store.pending_replications:
        turns.append((store.pending_replications[0].due, False))
    if store.timed_replications:
        turns.append((store.timed_replications[0].threshold, True))
    return min(turns, default=None)


def _rules_for_change(replication: Replication, version: Version) -> list[ReplicationRule]:
    """Return the rules by which a change follows to the buckets that have the version.

    A change of what is still to be replicated needs none.
    """
    state = version.replication
    if state is None:
        return []
    destinations = state.completed if state.origin is None else (state.origin,)
    rules = (rule_for_change(replication, version, destination) for destination in destinations)
    return [rule for rule in rules if rule is not None]


def _add(
    environment: OperationEnvironment,
    store: Store,
    bucket: Bucket,
    version: Version,
    change: ObjectChange,
    rules: list[ReplicationRule],
) -> None:
    """Add an operation for each rule. The bucket is locked.

    S3 Replication Time Control does not cover delete markers ("Replicating delete markers between buckets" in the user guide).
    """
    destinations = tuple(rule.destination.bucket_name for rule in rules)
    state = (version.replication or ReplicationState()).with_pending(destinations)
    bucket.replace(replace(version, replication=state))
    delay = timedelta(seconds=environment.settings.replication_delay)
    for rule in rules:
        time = rule.destination.time
        pending = PendingReplication(
            event=change.name,
            source=bucket.name,
            key=version.key,
            version_id=version.id,
            destination=rule.destination.bucket_name,
            rule=rule.id,
            requested=change.at,
            due=later(change.at, delay),
            is_tracked=rule.destination.has_metrics,
            is_timed=time is not None and time.is_enabled and not version.is_delete_marker,
        )
        store.pending_replications.append(pending)
        if pending.is_timed and delay > THRESHOLD:
            store.timed_replications.append(pending)

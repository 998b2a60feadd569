"""The replication configuration of a bucket, with everything that GetBucketReplication returns, and the state of replications."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

ENABLED, DISABLED = "Enabled", "Disabled"

Tags = tuple[tuple[str, str], ...]
"""Pairs of a tag's key and value, in order."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """The ``Not`` of a filter: objects with one of these prefixes or tags are not replicated.

    Attributes:
        is_or: the document had them in an ``Or`` element.
    """

    prefixes: tuple[str, ...] = ()
    tags: Tags = ()
    is_or: bool = False


@dataclass(frozen=True, slots=True)
class ReplicationFilter:
    """The filter of a rule: objects that have the prefix and all tags, and are not excluded.

    Attributes:
        prefix: None: any key.
        exclusion: None: no object is excluded.
        is_and: the document had the conditions in an ``And`` element.
    """

    prefix: str | None = None
    tags: Tags = ()
    exclusion: Exclusion | None = None
    is_and: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """A status with a number of minutes: ReplicationTime, or Metrics with its EventThreshold.

    Attributes:
        status: `ENABLED` or `DISABLED`.
        minutes: None: the document had no EventThreshold.
    """

    status: str
    minutes: int | None = None

    @property
    def is_enabled(self) -> bool:
        return self.status == ENABLED


@dataclass(frozen=True, slots=True)
class Destination:
    """The destination of a rule.

    Attributes:
        bucket: the ARN of the destination bucket.
        account: as it was put, any text; None: the document had no Account.
        storage_class: of the replicas; None: that of the source object.
        overrides_owner: AccessControlTranslation: the owner of the destination bucket owns the replicas.
        kms_key: ReplicaKmsKeyID; None: the rule does not replicate objects that are encrypted with KMS.
        time: S3 Replication Time Control (RTC); None: the document had no ReplicationTime.
        metrics: None: the document had no Metrics.
    """

    bucket: str
    account: str | None = None
    storage_class: str | None = None
    overrides_owner: bool = False
    kms_key: str | None = None
    time: Timing | None = None
    metrics: Timing | None = None

    @property
    def bucket_name(self) -> str:
        """The name of the destination bucket."""
        return self.bucket.rpartition(":")[2]

    @property
    def has_metrics(self) -> bool:
        """Whether S3 tracks replications by the rule, and publishes events about them."""
        return any(timing is not None and timing.is_enabled for timing in (self.metrics, self.time))


@dataclass(frozen=True, slots=True)
class ReplicationRule:
    """A replication rule.

    Attributes:
        status: `ENABLED` or `DISABLED`.
        prefix: the Prefix of a rule of the first version of the schema (V1); None: the rule has a filter.
        filter: the Filter of a rule of the second version (V2); None: the rule has a prefix.
        priority: None: the rule has none, as in V1.
        kms_objects: the status of SseKmsEncryptedObjects; None: the document had none.
        replica_modifications: the status of ReplicaModifications; None: the document had none.
        delete_markers: the status of DeleteMarkerReplication; None: the document had none, as in V1.
    """

    id: str
    status: str
    destination: Destination
    prefix: str | None = None
    filter: ReplicationFilter | None = None
    priority: int | None = None
    kms_objects: str | None = None
    replica_modifications: str | None = None
    delete_markers: str | None = None


@dataclass(frozen=True, slots=True)
class Replication:
    """A replication configuration; ``role`` is the ARN of the IAM role that S3 assumes."""

    role: str
    rules: tuple[ReplicationRule, ...]


# --- what a configuration does ---------------------------------------------------------------------------------------

PENDING, COMPLETED, FAILED, REPLICA = "PENDING", "COMPLETED", "FAILED", "REPLICA"
"""The values of ``x-amz-replication-status``."""

THRESHOLD = timedelta(minutes=15)
"""The time after which S3 Replication Time Control publishes events about what is not replicated yet."""


@dataclass(frozen=True, slots=True)
class ReplicationState:
    """How far the replication of a version is. Buckets are given by their names.

    Attributes:
        origin: the bucket that a replica comes from; None: the version is no replica.
        pending: the destinations of operations that are still to be done, one for each operation.
        completed: the destinations that have the version.
        failed: the destinations of which the last operation failed, each with the reason.
    """

    origin: str | None = None
    pending: tuple[str, ...] = ()
    completed: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()

    @property
    def status(self) -> str:
        """The ``x-amz-replication-status``. A replica has others than `REPLICA` while its modifications travel back."""
        if self.pending:
            return PENDING
        if self.failed:
            return FAILED
        return COMPLETED if self.origin is None else REPLICA

    def with_pending(self, destinations: tuple[str, ...]) -> ReplicationState:
        """Return the state after operations were added."""
        return replace(self, pending=(*self.pending, *destinations))

    def with_result(self, destination: str, failure: str | None = None) -> ReplicationState:
        """Return the state after an operation was done (``failure`` None), or has failed, with the reason."""
        pending = list(self.pending)
        if destination in pending:
            pending.remove(destination)
        failed = tuple(pair for pair in self.failed if pair[0] != destination)
        completed = self.completed
        if failure is not None:
            failed = (*failed, (destination, failure))
        elif destination not in (*completed, self.origin):
            completed = (*completed, destination)
        return replace(self, pending=tuple(pending), completed=completed, failed=failed)


@dataclass(frozen=True, slots=True)
class PendingReplication:
    """An operation on a version that is to be replicated to one destination.

    Attributes:
        event: what happened, by the name of its event without ``s3:`` (``ObjectCreated:Put``).
        source: the name of the bucket in which it happened.
        destination: the name of the destination bucket.
        rule: the id of the rule that selected it.
        requested: when it happened.
        due: when it will be replicated.
        is_tracked: whether the rule had metrics, so that S3 publishes events about it.
        is_timed: whether the rule had S3 Replication Time Control (RTC).
    """

    event: str
    source: str
    key: str
    version_id: str
    destination: str
    rule: str
    requested: datetime
    due: datetime
    is_tracked: bool = False
    is_timed: bool = False

    @property
    def kind(self) -> str:
        """The kind of the event: ``ObjectCreated``."""
        return self.event.partition(":")[0]

    @property
    def threshold(self) -> datetime:
        """The time by which S3 Replication Time Control is to have replicated it."""
        return self.requested + THRESHOLD

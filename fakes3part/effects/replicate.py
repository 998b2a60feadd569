"""Replicate one operation on a version to one destination, and publish the events about it.

Source: "What does Amazon S3 replicate?" and "Amazon S3 replication failure reasons" in the user guide.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from ..errors import S3Error
from ..events.records import event_fields, event_time, retention_data
from ..locks import items_of
from ..rules.object_lock import default_lock
from ..rules.replication_selection import rule_for_change, rules_for_version
from ..state.access_control import ENFORCED
from ..state.bucket import Bucket
from ..state.encryption import SSE_C, Encryption, sse_kms
from ..state.objects import NOTHING, Lock, Version
from ..state.replication import PendingReplication, Replication, ReplicationRule, ReplicationState
from ..state.store import Store
from .process import ProcessEnvironment, Report
from .replication_role import ReplicationFailure, ReplicationRole
from .schedule import object_changed
from .write import changed

LOG = logging.getLogger("fakes3part.replication")

_OPERATIONS = {
    "ObjectCreated": "OBJECT_PUT",
    "ObjectRemoved": "OBJECT_DELETE",
    "ObjectTagging": "OBJECT_PUT_TAGGING",
    "ObjectAcl": "OBJECT_PUT_ACL",
    "ObjectAnnotation": "OBJECT_PUT_ANNOTATION",
    "ObjectRetention": "OBJECT_PUT_RETENTION",
    "ObjectLegalHold": "OBJECT_PUT_LEGAL_HOLD",
}
"""Kind of event -> ``s3Operation``. Names other than OBJECT_PUT are assumed: not recorded from AWS."""


def replicate(environment: ProcessEnvironment, store: Store, pending: PendingReplication, at: datetime) -> list[Report]:
    """Replicate an operation, or note that it failed, and return what is to be reported. No lock of a bucket is held."""
    try:
        rule, reports = _replicate(environment, store, pending, at)
    except ReplicationFailure as failure:
        LOG.warning("%s of %s/%s failed to replicate to %s: %s", *_description(pending), failure)
        version = _finish(store, pending, failure.reason)
        reason = {"failureReason": failure.reason}
        return _events(environment, store, pending, version, "OperationFailedReplication", at, reason)
    version = _finish(store, pending)
    if not rule.destination.has_metrics:
        reports += _events(environment, store, pending, version, "OperationNotTracked", at)
    elif pending.is_timed and at > pending.threshold:
        reports += _events(environment, store, pending, version, "OperationReplicatedAfterThreshold", at)
    return reports


def report_missed_threshold(
    environment: ProcessEnvironment, store: Store, pending: PendingReplication, at: datetime
) -> list[Report]:
    """Return what is to be reported of an operation that was not replicated by its threshold; nothing if it was."""
    if pending not in items_of(store.pending_replications):
        return []
    source = store.get(pending.source)
    version = None if source is None else source.version(pending.key, pending.version_id)
    return _events(environment, store, pending, version, "OperationMissedThreshold", at)


def _description(pending: PendingReplication) -> tuple[str, str, str, str]:
    return _OPERATIONS[pending.kind], pending.source, pending.key, pending.destination


def _finish(store: Store, pending: PendingReplication, failure: str | None = None) -> Version | None:
    """Note the result on the version and return it; None: it is gone. ``failure`` is the reason; None: it was replicated."""
    source = store.get(pending.source)
    if source is None:
        return None
    with source.lock:
        version = source.version(pending.key, pending.version_id)
        if version is None or version.replication is None:
            return version
        version = replace(version, replication=version.replication.with_result(pending.destination, failure))
        source.replace(version)
        return version


def _events(
    environment: ProcessEnvironment,
    store: Store,
    pending: PendingReplication,
    version: Version | None,
    name: str,
    at: datetime,
    details: Mapping[str, str] | None = None,
) -> list[Report]:
    """Return the report that publishes an event about a replication; none for rules without metrics.

    Args:
        version: of the source bucket; None: it is gone.
        details: further members of ``replicationEventData``; None: there are none.
    """
    source = store.get(pending.source)
    if source is None or not pending.is_tracked:
        return []
    data = {
        "replicationRuleId": pending.rule,
        "destinationBucket": f"arn:aws:s3:::{pending.destination}",
        "s3Operation": _OPERATIONS[pending.kind],
        "requestTime": event_time(pending.requested),
        **(details or {}),
    }
    number = next(environment.events.sequence_numbers)
    fields = event_fields(number, f"Replication:{name}", source, pending.key, version, {"replicationEventData": data})
    return [partial(environment.events.publish, [fields], at, None)]


# --- one operation ---------------------------------------------------------------------------------------------------


def _replicate(
    environment: ProcessEnvironment, store: Store, pending: PendingReplication, at: datetime
) -> tuple[ReplicationRule, list[Report]]:
    """Replicate an operation, and return the rule that it was replicated by, and what is to be reported.

    Raises:
        ReplicationFailure: it could not be replicated.
    """
    source = store.get(pending.source)
    if source is None:
        raise ReplicationFailure("SrcBucketNotFound")
    version, configuration = source.version(pending.key, pending.version_id), source.replication
    if version is None or version.replication is None:
        raise ReplicationFailure("SrcVersionNotFound")
    if configuration is None:
        raise ReplicationFailure("SrcBucketReplicationConfigMissing")
    rule = _rule(configuration, version, pending)
    if rule is None:
        raise ReplicationFailure("SrcObjectNotEligible")
    destination = store.get(pending.destination)
    if destination is None:
        raise ReplicationFailure("DstBucketNotFound")
    role = ReplicationRole(environment, configuration.role, source, destination, version)
    if pending.kind == "ObjectRemoved":
        role.check_delete_marker()
        replica = _marker(version, source, destination, rule)
    elif pending.kind == "ObjectCreated":
        replica = _replica(environment, version, source, destination, rule, role, at)
    else:
        role.check_change(pending.kind)
        reports = _change(environment, store, destination, version, rule, pending, at)
        return rule, reports + role.lenience_reports()
    with destination.lock:
        _check_destination(destination)
        try:
            destination.insert(replica)
        except S3Error as error:  # the setting max_bytes does not allow it
            raise ReplicationFailure("DstPutObjectNotPermitted", error.message) from error
        event = "ObjectRemoved:DeleteMarkerCreated" if replica.is_delete_marker else "ObjectCreated:Put"
        report = changed(environment, store, event, destination, replica.key, replica, at)
    return rule, [report, *role.lenience_reports()]


def _rule(configuration: Replication, version: Version, pending: PendingReplication) -> ReplicationRule | None:
    """Return the rule by which an operation is replicated now; None: there is none any more."""
    if pending.kind not in ("ObjectCreated", "ObjectRemoved"):
        return rule_for_change(configuration, version, pending.destination)
    rules = rules_for_version(configuration, version)
    return next((rule for rule in rules if rule.destination.bucket_name == pending.destination), None)


def _check_destination(destination: Bucket) -> None:
    """Raise ReplicationFailure unless the destination, which is locked, can take versions."""
    if destination.deleted:
        raise ReplicationFailure("DstBucketNotFound")
    if destination.versioning != "Enabled":
        raise ReplicationFailure("DstBucketUnversioned")


# --- replicas --------------------------------------------------------------------------------------------------------


def _owner(version: Version, destination: Bucket, rule: ReplicationRule) -> str:
    """Return the account that owns a replica: that of the source object, unless the destination bucket's does."""
    is_translated = rule.destination.overrides_owner or destination.ownership == ENFORCED
    return destination.account if is_translated else version.owner


def _marker(version: Version, source: Bucket, destination: Bucket, rule: ReplicationRule) -> Version:
    owner = _owner(version, destination, rule)
    return Version(version.key, version.id, version.last_modified, owner, replication=ReplicationState(source.name))


def _replica(
    environment: ProcessEnvironment,
    version: Version,
    source: Bucket,
    destination: Bucket,
    rule: ReplicationRule,
    role: ReplicationRole,
    at: datetime,
) -> Version:
    """Return the replica of an object: its version id, time, bytes, properties, ACL, lock and annotations.

    Raises:
        ReplicationFailure: the role may not read the object or write the replica, or the destination does not take it.
    """
    overrides_owner = rule.destination.overrides_owner
    role.check_object(overrides_owner=overrides_owner)
    if _is_locked(version.lock) and destination.object_lock is None:
        raise ReplicationFailure("DstBucketObjectLockConfigMissing")
    encryption = _encryption(environment, version, destination, rule, role)
    properties = version.properties
    if properties.tags and not role.may_replicate_tags():
        properties = replace(properties, tags=NOTHING)
    if rule.destination.storage_class is not None:
        properties = replace(properties, storage_class=rule.destination.storage_class)
    keeps_acl = not overrides_owner and destination.ownership != ENFORCED
    lock = None
    if destination.object_lock is not None:
        lock = default_lock(version.lock, destination.object_lock, at.replace(microsecond=0))
    return replace(
        version,
        owner=_owner(version, destination, rule),
        etag=version.etag if encryption is version.encryption else environment.ids.etag(),
        properties=properties,
        encryption=encryption,
        acl=version.acl if keeps_acl else None,
        lock=lock,
        restore=None,
        tiering=None,
        replication=ReplicationState(source.name),
    )


def _is_locked(lock: Lock | None) -> bool:
    return lock is not None and (lock.mode is not None or lock.legal_hold == "ON")


def _encryption(
    environment: ProcessEnvironment, version: Version, destination: Bucket, rule: ReplicationRule, role: ReplicationRole
) -> Encryption:
    """Return the encryption of a replica: that of the source object, but with the KMS key of the rule.

    Raises:
        ReplicationFailure: the destination blocks SSE-C, or a KMS key cannot be used.
    """
    encryption, default = version.encryption, destination.encryption
    if encryption.customer is not None:
        blocks = environment.settings.block_sse_c if default is None else SSE_C in (default.blocked or ())
        if blocks:
            raise ReplicationFailure("DstPutObjectNotPermitted")
    if encryption.key_arn is None or encryption.algorithm is None:
        return encryption
    assert rule.destination.kms_key is not None  # or the rule would not take the object
    role.check_source_key(encryption.key_arn)
    key_arn = role.destination_key(rule.destination.kms_key)
    return sse_kms(encryption.algorithm, key_arn, bucket_key=default is not None and default.bucket_key)


# --- later changes ---------------------------------------------------------------------------------------------------


def _change(
    environment: ProcessEnvironment,
    store: Store,
    destination: Bucket,
    version: Version,
    rule: ReplicationRule,
    pending: PendingReplication,
    at: datetime,
) -> list[Report]:
    """Let a change of tags, ACL, lock or annotations follow to the same version in the destination.

    Raises:
        ReplicationFailure: the version is not there, or cannot take the change.
    """
    with destination.lock:
        _check_destination(destination)
        current = destination.version(version.key, version.id)
        if current is None or current.is_delete_marker:
            raise ReplicationFailure("DstVersionNotFound")
        new = _changed_version(current, version, destination, rule, pending.kind)
        if new is None:
            return []
        destination.replace(new)
        if pending.kind == "ObjectLegalHold":  # it has no event
            object_changed(environment, store, pending.event, destination, new.key, new, None, at)
            return []
        extra = retention_data(new.lock) if pending.kind == "ObjectRetention" and new.lock is not None else None
        return [changed(environment, store, pending.event, destination, new.key, new, at, extra)]


def _changed_version(current: Version, version: Version, destination: Bucket, rule: ReplicationRule, kind: str) -> Version | None:
    """Return the version of the destination with the change; None: the change does not concern it."""
    if kind == "ObjectTagging":
        return replace(current, properties=replace(current.properties, tags=version.properties.tags))
    if kind == "ObjectAnnotation":
        return replace(current, annotations=version.annotations)
    if kind == "ObjectAcl":
        has_own_acl = rule.destination.overrides_owner or destination.ownership == ENFORCED
        return None if has_own_acl else replace(current, acl=version.acl)
    if destination.object_lock is None:
        raise ReplicationFailure("DstBucketObjectLockConfigMissing")
    lock, old = version.lock or Lock(), current.lock or Lock()
    if kind == "ObjectRetention":
        return replace(current, lock=replace(old, mode=lock.mode, until=lock.until))
    return replace(current, lock=replace(old, legal_hold=lock.legal_hold))

"""The background process of server access logging: collects the records of requests, and delivers them as log objects.

Records are delivered when the hour of their request has passed by the fake's clock, or at once by `deliver`. They are lost if the
target does not let S3 write: S3 promises no more than its best effort.

A delivery is a request to the target, and in the target's own log. On S3 a bucket that logs into itself has a log object every
hour for ever; here a log object that has nothing but deliveries is the last one, so that a clock may be moved by years.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from ..auth.authorization.evaluate import LOGGING_SERVICE
from ..clock import later
from ..operations.context import OperationEnvironment
from ..rules.access_log import LogEntry, format_entry, log_object_key
from ..rules.acls import default_acl
from ..rules.regions import region_of
from ..state.access_control import ENFORCED, REQUESTER, Acl
from ..state.access_logging import EVENT_TIME, PARTITIONED
from ..state.access_logs import AccessLog, LogRecord
from ..state.bucket import Bucket
from ..state.encryption import AES256
from ..state.objects import ObjectProperties
from ..state.pending_logs import start_of_hour
from ..state.store import Store
from .access_log_entries import (
    addressed,
    copy_source_of,
    delivery_entry,
    lifecycle_entry,
    owner_of,
    request_entries,
    source_entry,
)
from .process import HandledCall, ObjectChange, Process, ProcessEnvironment, Report
from .write import put_object, service_decision

LOG = logging.getLogger("fakes3part.access_log")
"""Warns of each log that could not be delivered, with the reason: S3 says nothing."""
LOG.addHandler(logging.NullHandler())

_HOUR = timedelta(hours=1)
_PROPERTIES = ObjectProperties({"ContentType": "text/plain"})


class DeliveredLog(NamedTuple):
    """A log object that was delivered."""

    bucket: str
    key: str


class AccessLogProcess(Process):
    """Collects and delivers the access logs of all buckets."""

    name = "access_log"

    def next_due(self, store: Store) -> datetime | None:
        return store.access_logs.due

    def run(self, environment: ProcessEnvironment, store: Store, until: datetime) -> list[Report]:
        reports: list[Report] = []
        for log in store.access_logs.take(until):
            for hour, records in groupby(log.records, key=lambda record: start_of_hour(record.time)):
                at = min(later(hour, _HOUR), until)
                reports += _deliver(environment, store, log, list(records), at, [])
        return reports

    def object_changed(self, environment: OperationEnvironment, store: Store, change: ObjectChange) -> None:
        if change.bucket.logging is not None:
            entry = lifecycle_entry(environment, change)
            if entry is not None:
                _add(store, change.bucket, [entry])

    def call_handled(self, environment: ProcessEnvironment, store: Store, call: HandledCall) -> None:
        if call.record.status == 0:  # a fault: there is no response
            return
        target = addressed(store, call)
        if target is not None and target.bucket.logging is not None:
            _add(store, target.bucket, request_entries(environment, call, target))
        copied = copy_source_of(store, call, target)
        if copied is not None and copied[0].bucket.logging is not None:
            _add(store, copied[0].bucket, [source_entry(environment, call, *copied)])


PROCESS = AccessLogProcess()


def _add(store: Store, bucket: Bucket, entries: Iterable[LogEntry], *, is_delivery: bool = False) -> None:
    """Add entries to the log of a bucket that has logging on."""
    logging_status = bucket.logging
    if logging_status is not None:
        log = AccessLog(bucket.name, bucket.account, region_of(bucket), logging_status)
        store.access_logs.add(log, *[LogRecord(entry.time, format_entry(entry), is_delivery) for entry in entries])


def deliver(environment: ProcessEnvironment, store: Store, now: datetime) -> list[DeliveredLog]:
    """Deliver all records now, and return the log objects that were written, in order."""
    delivered: list[DeliveredLog] = []
    reports: list[Report] = []
    with store.process_lock:
        for log in store.access_logs.take(None):
            reports += _deliver(environment, store, log, list(log.records), now, delivered)
    for report in reports:
        report()
    return delivered


def _deliver(
    environment: ProcessEnvironment,
    store: Store,
    log: AccessLog,
    records: list[LogRecord],
    at: datetime,
    delivered: list[DeliveredLog],
) -> list[Report]:
    """Write records as one log object, or as one for each day if its keys have the dates of the records.

    Args:
        at: the time of the delivery.
        delivered: the log objects are added to it.
    """
    target = store.get(log.logging.target_bucket)
    if target is None or target.account != log.account:
        _warn(log, records, "there is no such bucket")
        return []
    reports: list[Report] = []
    by_day = log.logging.key_format == PARTITIONED and log.logging.date_source == EVENT_TIME
    for _, group in groupby(records, key=lambda record: record.time.date() if by_day else None):
        part = list(group)
        unique = environment.ids.log_id()
        key = log_object_key(log.logging, log.account, log.region, log.bucket, part[0].time, at, unique)
        refusal = _refusal(environment, log, target, key)
        if refusal is not None:
            _warn(log, part, refusal)
            continue
        body = "".join(f"{record.line}\n" for record in part).encode("utf-8", "surrogateescape")
        acl = _acl(environment, log, target)
        written = put_object(environment, store, target, key, body, at, properties=_PROPERTIES, acl=acl)
        if written is not None:
            reports.append(written.report)
            delivered.append(DeliveredLog(target.name, key))
            if not all(record.is_delivery for record in part):
                _add(store, target, [delivery_entry(environment, target, written.version)], is_delivery=True)
    return reports


def _refusal(environment: ProcessEnvironment, log: AccessLog, target: Bucket, key: str) -> str | None:
    """Return why S3 does not deliver a log object; None: it does."""
    if target.object_lock is not None and target.object_lock.mode is not None:
        return "the target has a default retention period"
    if target.encryption is not None and target.encryption.algorithm != AES256:
        return f"the default encryption of the target is {target.encryption.algorithm}, not SSE-S3"
    if target.payer == REQUESTER:
        return "the target has Requester Pays enabled"
    source = Bucket(log.bucket, log.account, log.region, target.created)
    decision = service_decision(environment, LOGGING_SERVICE, "s3:PutObject", target, key, source)
    if decision.allowed and decision.statement is None:  # by an ACL, which S3 must be able to read
        decision = service_decision(environment, LOGGING_SERVICE, "s3:GetBucketAcl", target, key, source)
    return None if decision.allowed else str(decision)


def _acl(environment: ProcessEnvironment, log: AccessLog, target: Bucket) -> Acl | None:
    """Return the ACL of a log object; None: the default."""
    grants = log.logging.target_grants
    if not grants or target.ownership == ENFORCED:
        return None
    return (*default_acl(owner_of(environment, target.account)), *grants)


def _warn(log: AccessLog, records: list[LogRecord], reason: str) -> None:
    LOG.warning(
        "%d records of the access log of %s were not delivered to %s: %s",
        len(records),
        log.bucket,
        log.logging.target_bucket,
        reason,
    )

"""The background process of storage class analysis: observe accesses, and export a report every 24 hours.

S3 writes as the principal ``s3.amazonaws.com``, which the policy of the destination bucket has to allow. Where it may not, or the
bucket is missing or in another region, there is no report, only a warning in the log ``fakes3part.analytics``.

Assumed, not recorded from AWS: the key of a report, and that it is due 24 hours after the configuration was put.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import NamedTuple

from ..operations.context import OperationEnvironment
from ..rules.destinations import bucket_of
from ..rules.object_filters import matches
from ..rules.storage_class_analysis import DAY, Population, added, groups_of, report
from ..state.analytics import AnalyticsActivity, AnalyticsConfiguration, AnalyticsExport
from ..state.bucket import Bucket
from ..state.objects import ObjectProperties, Version
from ..state.store import Store
from .process import HandledCall, ObjectChange, Process, ProcessEnvironment, Report
from .reports import ReportError, check_may_write, find_destination
from .schedule import MAX_STEPS
from .write import put_object

log = logging.getLogger("fakes3part.analytics")

_UPLOADS = frozenset({"ObjectCreated:Put", "ObjectCreated:Post", "ObjectCreated:Copy"})
"""Uploads in parts are not in the reports: "multipart requests do not currently have storage class information" (user guide)."""

_LAST_DAY = datetime.max.replace(tzinfo=timezone.utc) - DAY
_PROPERTIES = ObjectProperties(system={"ContentType": "text/csv"})


class _Due(NamedTuple):
    """A report that is due, in the order of time."""

    at: datetime
    bucket: str
    configuration_id: str


class AnalyticsProcess(Process):
    """Exports the reports of the analytics configurations that have a DataExport."""

    name = "analytics"

    def next_due(self, store: Store) -> datetime | None:
        return min((due.at for due in _schedule(store)), default=None)

    def run(self, environment: ProcessEnvironment, store: Store, until: datetime) -> list[Report]:
        now = environment.clock.now()
        reports: list[Report] = []
        populations: dict[tuple[str, str], Population] = {}
        while (due := min(_schedule(store), default=None)) is not None and due.at <= until:
            bucket = store.get(due.bucket)
            if bucket is None:
                continue  # deleted meanwhile
            with bucket.lock:
                configuration = (bucket.analytics or {}).get(due.configuration_id)
                activity = bucket.analytics_activity.get(due.configuration_id)
                if activity is None:
                    continue  # likewise
                if now - due.at > MAX_STEPS:  # only the reports of the last ten years are made
                    day = activity.day + timedelta(days=(now - due.at - MAX_STEPS).days + 1)
                    _set(bucket, due.configuration_id, replace(activity, day=day))
                    continue
                following = AnalyticsActivity(activity.since, due.at)
                bucket.analytics_activity = {**bucket.analytics_activity, due.configuration_id: following}
                name = due.bucket, due.configuration_id
                if configuration is not None and configuration.export is not None and name not in populations:
                    populations[name] = Population(_versions(bucket, configuration))
            if configuration is None or configuration.export is None:
                continue
            body = report(configuration, activity, populations[name], due.at).encode()
            reports.append(_export(environment, store, bucket, configuration.export, configuration.id, body, due.at))
            for other in [other for other in populations if other[0] == bucket_of(configuration.export.bucket)]:
                del populations[other]  # the destination has one object more now
        return reports

    def object_changed(self, environment: OperationEnvironment, store: Store, change: ObjectChange) -> None:
        bucket, version = change.bucket, change.version
        if version is not None and change.name in _UPLOADS and bucket.analytics_activity:
            for configuration in _observing(bucket, version):
                activity = bucket.analytics_activity[configuration.id]
                uploaded = added(activity.uploaded, groups_of(version, change.at), version.size)
                _set(bucket, configuration.id, replace(activity, uploaded=uploaded))

    def call_handled(self, environment: ProcessEnvironment, store: Store, call: HandledCall) -> None:
        record = call.record
        params = record.params or {}
        bucket = store.get(params.get("Bucket", ""))
        if bucket is None or not (bucket.analytics or bucket.analytics_activity):
            return
        with bucket.lock:
            exported = [one.id for one in (bucket.analytics or {}).values() if one.export is not None]
            if bucket.analytics_activity.keys() != set(exported):
                new = AnalyticsActivity(record.time, record.time)
                bucket.analytics_activity = {name: bucket.analytics_activity.get(name, new) for name in exported}
            if record.operation is not None and record.operation.name == "GetObject" and record.status in (200, 206):
                _observe_get(bucket, params["Key"], params.get("VersionId"), record.bytes_out, record.time)


PROCESS = AnalyticsProcess()


def _schedule(store: Store) -> list[_Due]:
    """Return the next reports of all configurations."""
    with store.lock:
        buckets = [bucket for bucket in store.buckets.values() if bucket.analytics_activity]
    return [
        _Due(activity.day + DAY, bucket.name, name)
        for bucket in buckets
        for name, activity in bucket.analytics_activity.items()
        if activity.day < _LAST_DAY
    ]


def _observe_get(bucket: Bucket, key: str, version_id: str | None, size: int, at: datetime) -> None:
    version = bucket.current(key) if version_id is None else bucket.version(key, version_id)
    if version is None or version.is_delete_marker:  # removed by another request meanwhile
        return
    groups = groups_of(version, at)
    for configuration in _observing(bucket, version):
        activity = bucket.analytics_activity[configuration.id]
        requests, retrieved = added(activity.requests, groups, 1), added(activity.retrieved, groups, size)
        _set(bucket, configuration.id, replace(activity, requests=requests, retrieved=retrieved))


def _observing(bucket: Bucket, version: Version) -> list[AnalyticsConfiguration]:
    """Return the configurations that observe a version."""
    return [
        configuration
        for name, configuration in (bucket.analytics or {}).items()
        if name in bucket.analytics_activity and matches(configuration.filter, version.key, version.properties.tags)
    ]


def _set(bucket: Bucket, name: str, activity: AnalyticsActivity) -> None:
    bucket.analytics_activity = {**bucket.analytics_activity, name: activity}


def _versions(bucket: Bucket, configuration: AnalyticsConfiguration) -> list[Version]:
    """Return the current versions that an analysis is about."""
    return [version for key, version in bucket.objects.items() if matches(configuration.filter, key, version.properties.tags)]


def _export(
    environment: ProcessEnvironment,
    store: Store,
    source: Bucket,
    export: AnalyticsExport,
    configuration_id: str,
    body: bytes,
    at: datetime,
) -> Report:
    """Write a file of results, and return the report of its event, or else the warning that it cannot be written."""
    prefix = f"{export.prefix.removesuffix('/')}/" if export.prefix else ""
    key = f"{prefix}{source.name}/{configuration_id}/{at.date().isoformat()}.csv"
    try:
        destination = find_destination(store, source, export.bucket, export.account)
        check_may_write(environment, destination, key, source)
        written = put_object(environment, store, destination, key, body, at, properties=_PROPERTIES)
        if written is None:
            raise ReportError(f"bucket {destination.name!r} was deleted, or the KMS key of its encryption cannot be used")
    except ReportError as error:
        subject = f"the analysis {configuration_id!r} of bucket {source.name!r} cannot be exported"
        return partial(log.warning, "%s: %s", subject, error)
    return written.report

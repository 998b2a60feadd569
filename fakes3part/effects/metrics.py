"""The background process of request metrics: count requests by the filters of a bucket's metrics configurations.

A configuration counts from the request after the one that put it. With a filter it counts requests on single objects only.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import local

from ..auth.access_point_address import find_access_point
from ..errors import S3Error
from ..operations.access_point_routing import bucket_of
from ..operations.context import OperationEnvironment
from ..rules.copy_source import copy_source
from ..rules.object_filters import matches
from ..rules.request_metrics import Handled, increments
from ..state.access_points import AccessPoint
from ..state.bucket import Bucket
from ..state.metrics import MetricsConfiguration, MetricSums
from ..state.objects import NOTHING
from ..state.store import Store
from .process import HandledCall, ObjectChange, Process, ProcessEnvironment


class MetricsProcess(Process):
    """Counts each request for the configurations of its bucket."""

    name = "metrics"

    def __init__(self) -> None:
        self._request = local()  # the tags of what the thread's present request has removed

    def object_changed(self, environment: OperationEnvironment, store: Store, change: ObjectChange) -> None:
        if change.context is not None and change.version is not None and change.name in ("Removal", "ObjectRemoved:Delete"):
            self._request.removed = change.version.properties.tags

    def call_handled(self, environment: ProcessEnvironment, store: Store, call: HandledCall) -> None:
        removed = vars(self._request).pop("removed", NOTHING)
        record = call.record
        address = record.address
        if address is None or address.bucket is None:
            return
        point = find_access_point(store, address)
        bucket = store.get(address.bucket) if point is None else bucket_of(store, point)
        params = record.params or {}
        if bucket is not None and (bucket.metrics or bucket.metric_sums):
            key = address.key or params.get("Key")
            added = increments(
                Handled(
                    record.method,
                    None if record.operation is None else record.operation.name,
                    key is not None,
                    record.status,
                    record.bytes_in,
                    record.bytes_out,
                    (record.ended - record.started) * 1000,
                )
            )
            _count(bucket, added, key, params.get("VersionId"), point, removed)
        if record.operation is not None and record.operation.name == "CopyObject" and record.status == 200:
            _count_source(store, str(params.get("CopySource", "")))


PROCESS = MetricsProcess()


def _count_source(store: Store, header: str) -> None:
    """Count a copy as a GET request on its source."""
    try:
        source = copy_source(header)
    except S3Error:
        return
    points = store.points
    point = points.by_arn(source.bucket) if source.bucket.startswith("arn:") else points.by_alias(source.bucket)
    bucket = store.get(source.bucket) if point is None else bucket_of(store, point)
    if bucket is not None and bucket.metrics:
        _count(bucket, {"GetRequests": 1}, source.key, source.version_id, point, NOTHING)


def _count(
    bucket: Bucket,
    added: Mapping[str, float],
    key: str | None,
    version_id: str | None,
    point: AccessPoint | None,
    removed_tags: Mapping[str, str],
) -> None:
    """Add a request to the sums of each configuration whose filter it meets.

    Args:
        key: None: the request is not on a single object.
        version_id: None: the current version.
        point: the access point that the request came through; None: none.
        removed_tags: of the version that it removed.
    """
    with bucket.lock:
        configurations, sums = bucket.metrics or {}, bucket.metric_sums
        tags = removed_tags or (_tags(bucket, key, version_id) if key is not None else NOTHING)
        bucket.metric_sums = {
            name: _sum(sums[name], added) if name in sums and _is_met(configuration, key, tags, point) else sums.get(name, {})
            for name, configuration in configurations.items()
        }


def _tags(bucket: Bucket, key: str, version_id: str | None) -> Mapping[str, str]:
    """Return the tags of the version that a request is about; of a deleted object, those that it had."""
    if version_id is not None:
        version = bucket.version(key, version_id)
        return NOTHING if version is None else version.properties.tags
    versions = bucket.versions(key).values()
    return next((version.properties.tags for version in reversed(list(versions)) if not version.is_delete_marker), NOTHING)


def _is_met(configuration: MetricsConfiguration, key: str | None, tags: Mapping[str, str], point: AccessPoint | None) -> bool:
    object_filter = configuration.filter
    if object_filter is None:
        return True
    if key is None or (object_filter.access_point is not None and (point is None or point.arn != object_filter.access_point)):
        return False
    return matches(object_filter, key, tags)


def _sum(sums: MetricSums, added: Mapping[str, float]) -> MetricSums:
    return {**sums, **{name: sums.get(name, 0) + value for name, value in added.items()}}

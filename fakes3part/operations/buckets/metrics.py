"""The operations of request metrics configurations.

Recorded from AWS, September 2026: an empty ``Filter`` or ``Prefix``, and an ``And`` with nothing but a prefix, are malformed.
Assumed, not recorded from AWS: so is every other condition that cannot be one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import S3Error
from ...rules.limits import MAX_TAGS
from ...rules.object_filters import filter_output, parse_filter
from ...rules.tags import MAX_KEY, MAX_VALUE
from ...state.metrics import MetricsConfiguration
from ...state.object_filter import ObjectFilter
from ..registry import Output
from .identified_configurations import identified_configuration

_ACCESS_POINT = re.compile(r"arn:aws[a-z-]*:s3:[a-z0-9-]+:\d{12}:accesspoint[/:][a-z0-9-]+", re.ASCII)


def _parse(document: Mapping[str, Any]) -> MetricsConfiguration:
    object_filter = parse_filter(document.get("Filter"))
    if object_filter is not None and not _is_valid(object_filter):
        raise S3Error("MalformedXML")
    return MetricsConfiguration(document["Id"], object_filter)


def _is_valid(object_filter: ObjectFilter) -> bool:
    tags, access_point = object_filter.tags, object_filter.access_point
    if object_filter.prefix == "" or len(tags) > MAX_TAGS:
        return False
    if object_filter.is_and and (object_filter.prefix is not None) + len(tags) + (access_point is not None) < 2:
        return False
    if access_point is not None and not _ACCESS_POINT.fullmatch(access_point):
        return False
    return all(0 < len(key) <= MAX_KEY and len(value) <= MAX_VALUE for key, value in tags)


def _check_in_directory(configuration: MetricsConfiguration) -> None:
    """Refuse tags, which filters of directory buckets do not have (botocore's model, MetricsFilter)."""
    if configuration.filter is not None and configuration.filter.tags:
        raise S3Error("MalformedXML")


def _show(configuration: MetricsConfiguration) -> Output:
    return {"Id": configuration.id, "Filter": filter_output(configuration.filter)}


identified_configuration(
    field="metrics", family="Metrics", parse=_parse, show=_show, check_in_directory=_check_in_directory, activates="metrics"
)

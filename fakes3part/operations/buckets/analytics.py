"""The operations of storage class analysis configurations.

The rules are recorded from AWS, September 2026. Assumed, not recorded from AWS: the text for an id with other characters, and
that of an ARN with region or account.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import S3Error
from ...rules.destinations import check_bucket_arn
from ...rules.object_filters import check_filter, filter_output, parse_filter
from ...state.analytics import AnalyticsConfiguration, AnalyticsExport
from ..registry import Output
from .identified_configurations import identified_configuration

_LENGTH = "Config Id should not be more than 1 char and less than 64 chars in length"
_PATTERN = r"Config Id does not match the pattern ^[a-zA-Z0-9\\-_.]+$"
_CHARACTERS = re.compile(r"[a-zA-Z0-9_.-]*", re.ASCII)
_EMPTY_PREFIX = "S3BucketDestination Prefix should be set with a valid non-empty value or not set at all."


def _parse(document: Mapping[str, Any]) -> AnalyticsConfiguration:
    if "StorageClassAnalysis" not in document:
        raise S3Error("MissingStorageClassAnalysis")
    export = None
    if "DataExport" in document["StorageClassAnalysis"]:
        destination = document["StorageClassAnalysis"]["DataExport"]["Destination"]["S3BucketDestination"]
        export = AnalyticsExport(destination["Bucket"], destination.get("BucketAccountId"), destination.get("Prefix"))
    return AnalyticsConfiguration(document["Id"], parse_filter(document.get("Filter")), export)


def _check_id(configuration_id: str) -> None:
    if not configuration_id:
        raise S3Error("InvalidConfigId")
    if len(configuration_id) > 64:
        raise S3Error("InvalidConfigId", _LENGTH)
    if not _CHARACTERS.fullmatch(configuration_id):
        raise S3Error("InvalidConfigId", _PATTERN)


def _check(configuration: AnalyticsConfiguration) -> None:
    check_filter(configuration.filter, unique_keys=False, empty_values=False)
    if configuration.export is not None:
        check_bucket_arn(configuration.export.bucket, "InvalidDestination")
        if configuration.export.prefix == "":
            raise S3Error("InvalidDestination", _EMPTY_PREFIX)


def _show(configuration: AnalyticsConfiguration) -> Output:
    return {
        "Id": configuration.id,
        "Filter": filter_output(configuration.filter),
        "StorageClassAnalysis": {} if configuration.export is None else {"DataExport": _show_export(configuration.export)},
    }


def _show_export(export: AnalyticsExport) -> Output:
    destination = {"Format": "CSV", "BucketAccountId": export.account, "Bucket": export.bucket, "Prefix": export.prefix}
    return {"OutputSchemaVersion": "V_1", "Destination": {"S3BucketDestination": destination}}


identified_configuration(
    field="analytics",
    family="Analytics",
    parse=_parse,
    show=_show,
    check_id=_check_id,
    check=_check,
    activates="analytics",
)

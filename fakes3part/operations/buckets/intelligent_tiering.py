"""The operations of S3 Intelligent-Tiering configurations. The rules are recorded from AWS, September 2026.

Assumed, not recorded from AWS: which of several faults of the tiers counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import S3Error
from ...rules.object_filters import check_filter, filter_output, parse_filter
from ...state.intelligent_tiering import IntelligentTieringConfiguration, Tiering
from ..registry import Output
from .identified_configurations import identified_configuration

_MINIMUMS = {"ARCHIVE_ACCESS": 90, "DEEP_ARCHIVE_ACCESS": 180}
_MAXIMUM = 730
_LENGTH = "Config Id should be more than 1 character and less than 64 characters in length."
_PATTERN = r"Config Id does not match the pattern ^[a-zA-Z0-9\\-_.]+$"
_CHARACTERS = re.compile(r"[a-zA-Z0-9_.-]*", re.ASCII)


def _parse(document: Mapping[str, Any]) -> IntelligentTieringConfiguration:
    return IntelligentTieringConfiguration(
        id=document["Id"],
        is_enabled=document["Status"] == "Enabled",
        tierings=tuple(Tiering(tiering["AccessTier"], tiering["Days"]) for tiering in document["Tierings"]),
        filter=parse_filter(document.get("Filter")),
    )


def _check_id(configuration_id: str) -> None:
    if not configuration_id:
        raise S3Error("InvalidConfigId", "Config Id cannot be null or empty.")
    if len(configuration_id) > 64:
        raise S3Error("InvalidConfigId", _LENGTH)
    if not _CHARACTERS.fullmatch(configuration_id):
        raise S3Error("InvalidConfigId", _PATTERN)


def _check(configuration: IntelligentTieringConfiguration) -> None:
    check_filter(configuration.filter, unique_keys=True, empty_values=True)
    days: dict[str, int] = {}
    for tiering in configuration.tierings:
        if tiering.tier in days:
            text = f"All Access Tiers in a configuration must be unique. Found duplicate entry for {tiering.tier}."
            raise S3Error("InvalidAccessTier", text)
        if tiering.days < _MINIMUMS[tiering.tier]:
            raise _wrong_days(tiering.tier, f"less than {_MINIMUMS[tiering.tier]}")
        if tiering.days > _MAXIMUM:
            raise _wrong_days(tiering.tier, f"more than {_MAXIMUM}")
        days[tiering.tier] = tiering.days
    if len(days) == 2 and days["DEEP_ARCHIVE_ACCESS"] <= days["ARCHIVE_ACCESS"]:
        text = "Days specified in DEEP_ARCHIVE_ACCESS should be greater than days specified in ARCHIVE_ACCESS"
        raise S3Error("InvalidAccessTier", text)


def _wrong_days(tier: str, limit: str) -> S3Error:
    return S3Error("InvalidAccessTier", f"Days specified in {tier} tier should not be {limit}.")


def _show(configuration: IntelligentTieringConfiguration) -> Output:
    return {
        "Id": configuration.id,
        "Filter": filter_output(configuration.filter),
        "Status": "Enabled" if configuration.is_enabled else "Disabled",
        "Tierings": [{"Days": tiering.days, "AccessTier": tiering.tier} for tiering in configuration.tierings],
    }


identified_configuration(
    field="intelligent_tiering",
    family="IntelligentTiering",
    parse=_parse,
    show=_show,
    check_id=_check_id,
    check=_check,
    activates="intelligent_tiering",
)

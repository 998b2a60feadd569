"""Filters of analytics, metrics and Intelligent-Tiering configurations: their documents, and which objects they match.

The rules of analytics and Intelligent-Tiering are recorded from AWS, September 2026. Assumed, not recorded from AWS: the text for
a tag value that is too long, and which of several faults counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import S3Error
from ..state.object_filter import ObjectFilter
from .limits import MAX_TAGS
from .tags import MAX_KEY, MAX_VALUE

_TOO_FEW = "Number of Prefixes and Tags combined cannot be less than 2. And cannot contain less than 2 elements."
_TAGS = "Number of tags should not be less than 1 and more than 10 within And. And cannot contain less than 2 elements."
_KEY = "Tag Key cannot be empty or longer than 128 chars."


def parse_filter(document: Mapping[str, Any] | None) -> ObjectFilter | None:
    """Return the filter of a ``Filter`` element; None: the configuration has no such element.

    Raises:
        S3Error: MalformedXML, unless it has exactly one condition.
    """
    if document is None:
        return None
    if len(document) != 1:
        raise S3Error("MalformedXML")
    conditions = document.get("And")
    is_and = conditions is not None
    inner = document if conditions is None else conditions
    tags = inner.get("Tags", []) if is_and else [inner["Tag"]] if "Tag" in inner else []
    pairs = tuple((tag.get("Key", ""), tag.get("Value", "")) for tag in tags)
    return ObjectFilter(inner.get("Prefix"), pairs, inner.get("AccessPointArn"), is_and)


def check_filter(object_filter: ObjectFilter | None, *, unique_keys: bool, empty_values: bool) -> None:
    """Check the filter of an analytics or Intelligent-Tiering configuration; None: it has none.

    Args:
        unique_keys: whether the tags of an ``And`` must have different keys.
        empty_values: whether tags may have empty values.

    Raises:
        S3Error: InvalidPrefix, InvalidAnd or InvalidTag.
    """
    if object_filter is None:
        return
    tags = object_filter.tags
    if object_filter.prefix == "":
        raise S3Error("InvalidPrefix")
    if object_filter.is_and:
        if (object_filter.prefix is not None) + len(tags) < 2:
            raise S3Error("InvalidAnd", _TOO_FEW)
        if not 0 < len(tags) <= MAX_TAGS:
            raise S3Error("InvalidAnd", _TAGS)
    keys: set[str] = set()
    for key, value in tags:
        if not 0 < len(key) <= MAX_KEY:
            raise S3Error("InvalidTag", _KEY)
        if not value and not empty_values:
            raise S3Error("InvalidTag", "Tag Value must be specified.")
        if len(value) > MAX_VALUE:
            raise S3Error("InvalidTag", "Tag Value cannot be longer than 256 chars.")
        if unique_keys and key in keys:
            raise S3Error("InvalidAnd", f"All Tag Keys in an And must be unique. Found duplicate entry for {key}.")
        keys.add(key)


def filter_output(object_filter: ObjectFilter | None) -> dict[str, Any] | None:
    """Return the ``Filter`` element, as it was put; None: the configuration has none."""
    if object_filter is None:
        return None
    output: dict[str, Any] = {}
    if object_filter.prefix is not None:
        output["Prefix"] = object_filter.prefix
    if object_filter.access_point is not None:
        output["AccessPointArn"] = object_filter.access_point
    tags = [{"Key": key, "Value": value} for key, value in object_filter.tags]
    if object_filter.is_and:
        return {"And": {**output, "Tags": tags}}
    return {**output, "Tag": tags[0]} if tags else output


def matches(object_filter: ObjectFilter | None, key: str, tags: Mapping[str, str]) -> bool:
    """Return whether an object meets a filter's prefix and tags; None: every object does."""
    return object_filter is None or (
        key.startswith(object_filter.prefix or "") and all(tags.get(name) == value for name, value in object_filter.tags)
    )

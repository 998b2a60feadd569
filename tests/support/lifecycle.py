"""Helpers for the tests of lifecycle: rules, the start time, and the versions in a bucket."""

from __future__ import annotations

from typing import Any

START = "2026-01-01T10:00:00Z"
"""The start time of these tests: not midnight, so that dates are rounded up."""

EVERYTHING: dict[str, Any] = {"Prefix": ""}


def rule(name: str = "rule", **members: Any) -> dict[str, Any]:
    """Return an enabled rule for every object, with these members changed (None: removed)."""
    found = {"ID": name, "Status": "Enabled", "Filter": EVERYTHING, **members}
    return {member: value for member, value in found.items() if value is not None}


def put_rules(s3: Any, *rules: dict[str, Any], **params: Any) -> Any:
    return s3.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration={"Rules": list(rules)}, **params)


def get_rules(s3: Any) -> list[dict[str, Any]]:
    return list(s3.get_bucket_lifecycle_configuration(Bucket="bucket")["Rules"])


def versions(s3: Any, key: str = "k") -> list[tuple[str, str]]:
    """Return the versions of a key, newest first: (storage class or MARKER, day of the month of its creation)."""
    response = s3.list_object_versions(Bucket="bucket", Prefix=key)
    found = [(one, one["StorageClass"]) for one in response.get("Versions", ())]
    found += [(one, "MARKER") for one in response.get("DeleteMarkers", ())]
    found.sort(key=lambda one: (one[0]["LastModified"], one[0]["IsLatest"]), reverse=True)
    return [(kind, f"{one['LastModified']:%d}") for one, kind in found if one["Key"] == key]


def keys(s3: Any) -> list[str]:
    return [one["Key"] for one in s3.list_objects_v2(Bucket="bucket").get("Contents", ())]

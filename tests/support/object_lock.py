"""Helpers for the tests of Object Lock."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

from tests.support.doors import refused
from tests.support.errors import NO_SUCH_VERSION

NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
PROTECTED = "Access Denied because object protected by object lock."
NO_LOCK = "Bucket is missing Object Lock Configuration"
UNLOCKED = "The specified object does not have a ObjectLock configuration"


def day(number: int) -> datetime:
    """Return the time so many days after `NOW`."""
    return NOW + timedelta(days=number)


def lock(mode: str = "GOVERNANCE", days: int = 10) -> dict[str, Any]:
    """Return the members of a write that retain the version for some days."""
    return {"ObjectLockMode": mode, "ObjectLockRetainUntilDate": day(days)}


def retention(mode: str = "GOVERNANCE", days: int = 10) -> dict[str, Any]:
    return {"Mode": mode, "RetainUntilDate": day(days)}


def put(s3: Any, key: str = "k", body: bytes = b"abc", **options: Any) -> str:
    """Put an object; returns the id of the new version."""
    version_id: str = s3.put_object(Bucket="locked", Key=key, Body=body, **options)["VersionId"]
    return version_id


def shown(s3: Any, key: str = "k", **where: Any) -> tuple[Any, Any, Any]:
    """Return mode, date and legal hold of HeadObject."""
    head = s3.head_object(Bucket="locked", Key=key, **where)
    members = ("ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus")
    mode, until, hold = (head.get(member) for member in members)
    return mode, until, hold


def is_locked(s3: Any, version_id: str, key: str = "k", **options: Any) -> None:
    """Assert that the version cannot be deleted, and is unchanged."""
    where = {"Bucket": "locked", "Key": key, "VersionId": version_id}
    refused(partial(s3.delete_object, **where, **options), 403, "AccessDenied", PROTECTED)
    [error] = s3.delete_objects(Bucket="locked", Delete={"Objects": [{"Key": key, "VersionId": version_id}]}, **options)["Errors"]
    assert error == {"Key": key, "VersionId": version_id, "Code": "AccessDenied", "Message": PROTECTED}
    assert s3.get_object(**where)["Body"].read() == b"abc"


def is_gone_after_delete(s3: Any, version_id: str, key: str = "k", **options: Any) -> None:
    where = {"Bucket": "locked", "Key": key, "VersionId": version_id}
    assert s3.delete_object(**where, **options)["ResponseMetadata"]["HTTPStatusCode"] == 204
    extras = {"Key": key, "VersionId": version_id}
    refused(partial(s3.get_object, **where), 404, "NoSuchVersion", NO_SUCH_VERSION, extras)

"""RestoreObject: an archived object, or a temporary copy of it, becomes available (and expires) by the fake's clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ...errors import S3Error, not_implemented
from ...protocol.timestamps import http_date
from ...rules.access_tiers import archive_status, restoring
from ...rules.archived_objects import LAST_READY, TIERS, is_restored, is_restoring, make_restore, restore_duration
from ...state.objects import Restore, Version
from ..context import Context, find_version
from ..registry import Output, Params, operation

_SELECT_MEMBERS = ("Type", "SelectParameters", "OutputLocation")


@operation("RestoreObject")
def restore_object(context: Context, params: Params) -> Output:
    """Start to restore an archived version (202), or change the lifetime of its restored copy (200).

    What comes back from an archive tier of Intelligent-Tiering stays, so that such a request has no Days.
    """
    days, tier = _requested_restore(params)
    bucket, now = context.bucket, context.now()
    with bucket.lock:
        context.ensure_exists(bucket)
        version = find_version(bucket, params["Key"], params.get("VersionId"), "POST")
        delay = restore_duration(version, tier, now)
        is_tiered = archive_status(version, now) is not None
        was_restored = is_restored(version, now)
        if (days is None) != is_tiered:
            raise S3Error("MalformedXML")  # for Days with Intelligent-Tiering assumed: not recorded from AWS
        if days is None:
            new_version = _tier_restore(version, min(now, LAST_READY) + delay)
        else:
            new_version = replace(version, restore=_temporary_copy(version, now, delay, days))
        bucket.replace(new_version)
        if not was_restored:
            context.status = 202
            context.headers.append(("Content-Length", "0"))
            context.add_event("ObjectRestore:Post", bucket, version.key, new_version)
            if new_version.restore is not None:
                context.events.schedule_restore_events(bucket, new_version)
    return {}


def _requested_restore(params: Params) -> tuple[int | None, str]:
    """Return the days (None: the request has none) and the tier of the request.

    Raises:
        S3Error: MalformedXML, or NotImplemented for a restore with a SELECT query.
    """
    request = params.get("RestoreRequest")
    if request is None:
        raise S3Error("MalformedXML")
    if any(member in request for member in _SELECT_MEMBERS):
        raise not_implemented("RestoreObject", "a restore that selects: Type, SelectParameters, OutputLocation")
    tier = request.get("GlacierJobParameters", {}).get("Tier") or request.get("Tier", "Standard")
    if tier not in TIERS:
        raise S3Error("MalformedXML")
    return request.get("Days"), tier


def _temporary_copy(version: Version, now: datetime, delay: timedelta, days: int) -> Restore:
    """Return the restored copy of a version in an archive storage class.

    Raises:
        S3Error: InvalidArgument for the days, RestoreAlreadyInProgress.
    """
    if is_restored(version, now):
        # Relative to the current time (botocore's model documentation): nothing has to be restored from the archive.
        return make_restore(now, days)
    restore = make_restore(min(now, LAST_READY) + delay, days)
    if is_restoring(version, now):
        _check_upgrade(version, restore, days)
    return restore


def _tier_restore(version: Version, ready: datetime) -> Version:
    """Return a version that leaves its archive tier. A restore in progress can only be made faster.

    Raises:
        S3Error: RestoreAlreadyInProgress.
    """
    assert version.tiering is not None
    if version.tiering.ready is not None and ready >= version.tiering.ready:
        raise S3Error("RestoreAlreadyInProgress")
    return restoring(version, ready)


def _check_upgrade(version: Version, faster: Restore, days: int) -> None:
    """Raise RestoreAlreadyInProgress, unless the request only changes the tier to a faster one."""
    current = version.restore
    assert current is not None
    if faster.ready >= current.ready or make_restore(current.ready, days) != current:
        raise S3Error("RestoreAlreadyInProgress")


def restore_header(version: Version, now: datetime) -> str | None:
    """Return ``x-amz-restore``; None: before the first restore, and once the restored copy has expired."""
    if is_restoring(version, now):
        return 'ongoing-request="true"'
    if is_restored(version, now):
        assert version.restore is not None
        return f'ongoing-request="false", expiry-date="{http_date(version.restore.expires)}"'
    return None

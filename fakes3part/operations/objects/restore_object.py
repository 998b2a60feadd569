"""RestoreObject: a temporary copy of what is in an archive, made and gone on the fake's clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ...errors import S3Error, not_implemented
from ...protocol.timestamps import http_date
from ...rules.archived_objects import TIERS, duration, is_restored, is_restoring, restored
from ...state.objects import Restore, Version
from ..context import Context, find_version
from ..registry import Output, Params, operation

_SELECTS = ("Type", "SelectParameters", "OutputLocation")


@operation("RestoreObject")
def restore_object(context: Context, params: Params) -> Output:
    """Begin to restore an archived version (202), or let its restored copy live longer or shorter from now on (200)."""
    days, tier = _asked(params)
    bucket, now = context.bucket, context.now()
    with bucket.lock:
        context.ensure(bucket)
        version = find_version(bucket, params["Key"], params.get("VersionId"), "POST")
        takes = duration(version.carried.storage_class, tier)
        if is_restored(version, now):
            # Relative to the current time, says the model; there was nothing to bring out of the archive.
            found = restored(now, days)
        else:
            found = restored(now + takes, days)
            if is_restoring(version, now):
                _check_upgrade(version, found, days)
            context.status = 202
            context.headers.append(("Content-Length", "0"))
        kept = replace(version, restore=found)
        bucket.replace(kept)
        if context.status == 202:
            context.add_event("ObjectRestore:Post", bucket, version.key, kept)
            context.events.schedule_restore_events(bucket, kept)
    return {}


def _asked(params: Params) -> tuple[int, str]:
    """Days and tier.

    Raises:
        S3Error: MalformedXML, or NotImplemented for a restore that selects.
    """
    asked = params.get("RestoreRequest")
    if asked is None:
        raise S3Error("MalformedXML")
    if any(member in asked for member in _SELECTS):
        raise not_implemented("RestoreObject", "a restore that selects: Type, SelectParameters, OutputLocation")
    tier = asked.get("GlacierJobParameters", {}).get("Tier") or asked.get("Tier", "Standard")
    if "Days" not in asked or tier not in TIERS:
        raise S3Error("MalformedXML")
    return asked["Days"], tier


def _check_upgrade(version: Version, faster: Restore, days: int) -> None:
    """While a restore is going on, the same may be asked for in a faster tier, and nothing else.

    Raises:
        S3Error: RestoreAlreadyInProgress.
    """
    current = version.restore
    assert current is not None
    if faster.ready >= current.ready or restored(current.ready, days) != current:
        raise S3Error("RestoreAlreadyInProgress")


def restore_header(version: Version, now: datetime) -> str | None:
    """``x-amz-restore`` of a read: absent before the first restore, and once the restored copy has expired."""
    if is_restoring(version, now):
        return 'ongoing-request="true"'
    if is_restored(version, now):
        assert version.restore is not None
        return f'ongoing-request="false", expiry-date="{http_date(version.restore.expires)}"'
    return None

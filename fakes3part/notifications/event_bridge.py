"""The events that S3 sends to EventBridge.

Source: "EventBridge event message structure" in the user guide; the members are recorded from AWS, 2025 (LocalStack's snapshots).
Assumed, not recorded from AWS: ``event-version`` is absent.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..events.records import EventOccurrence, object_members, sequencer
from ..ids import Ids
from ..message import S3_ITSELF
from ..state.objects import NULL

_CREATED = "Object Created"
_DELETED = "Object Deleted"
_TYPES = {
    "ObjectCreated:Put": (_CREATED, "PutObject"),
    "ObjectCreated:Post": (_CREATED, "POST Object"),
    "ObjectCreated:Copy": (_CREATED, "CopyObject"),
    "ObjectCreated:CompleteMultipartUpload": (_CREATED, "CompleteMultipartUpload"),
    "ObjectRemoved:Delete": (_DELETED, "DeleteObject"),
    "ObjectRemoved:DeleteMarkerCreated": (_DELETED, "DeleteObject"),
    "LifecycleExpiration:Delete": (_DELETED, "Lifecycle Expiration"),
    "LifecycleExpiration:DeleteMarkerCreated": (_DELETED, "Lifecycle Expiration"),
    "LifecycleTransition": ("Object Storage Class Changed", None),
    "IntelligentTiering": ("Object Access Tier Changed", None),
    "ObjectRestore:Post": ("Object Restore Initiated", None),
    "ObjectRestore:Completed": ("Object Restore Completed", None),
    "ObjectRestore:Delete": ("Object Restore Expired", None),
    "ObjectTagging:Put": ("Object Tags Added", None),
    "ObjectTagging:Delete": ("Object Tags Deleted", None),
    "ObjectAcl:Put": ("Object ACL Updated", None),
    "ObjectAnnotation:Put": ("Object Annotation Created", None),
    "ObjectAnnotation:Delete": ("Object Annotation Removed", None),
    "ObjectRetention:Put": ("Object Retention Updated", None),
}
"""Event name -> detail-type and reason. Replication and lost objects are not sent to EventBridge."""

_SEQUENCED = frozenset({_CREATED, _DELETED})
_DELETION_TYPES = {"Delete": "Permanently Deleted", "DeleteMarkerCreated": "Delete Marker Created"}
_RESTORE = frozenset({"ObjectRestore:Post", "ObjectRestore:Completed"})


def bus_arn(region: str, account: str) -> str:
    """Return the ARN of the event bus that gets S3's events."""
    return f"arn:aws:events:{region}:{account}:event-bus/default"


def event_of(ids: Ids, occurrence: EventOccurrence, region: str) -> dict[str, Any] | None:
    """Return the event that EventBridge gets; None: it gets none of this type.

    Args:
        region: of the bucket.
    """
    data, at, _ = occurrence
    if data.name not in _TYPES:
        return None
    return {
        "version": "0",
        "id": ids.uuid("notification"),
        "detail-type": _TYPES[data.name][0],
        "source": "aws.s3",
        "account": data.owner,
        "time": _seconds(at),
        "region": region,
        "resources": [f"arn:aws:s3:::{data.bucket}"],
        "detail": _detail(occurrence),
    }


def _detail(occurrence: EventOccurrence) -> dict[str, Any]:
    data, _, origin = occurrence
    detail_type, reason = _TYPES[data.name]
    detail: dict[str, Any] = {"version": "0", "bucket": {"name": data.bucket}, "object": _object(occurrence)}
    caller, client, request_id, _, _ = origin or (None, None, "", "", None)
    detail["request-id"] = request_id
    detail["requester"] = S3_ITSELF if caller is None else "" if caller.account is None else caller.account.id
    if client is not None:
        detail["source-ip-address"] = client
    if reason is not None:
        detail["reason"] = reason
    if detail_type == _DELETED:
        detail["deletion-type"] = _DELETION_TYPES[data.name.partition(":")[2]]
    return detail | _extra(occurrence)


def _object(occurrence: EventOccurrence) -> dict[str, Any]:
    data = occurrence.data
    element: dict[str, Any] = {"key": data.key}
    etag, has_size = object_members(data)
    if has_size:
        element["size"] = data.size
    if etag is not None:
        element["etag"] = etag
    if data.version_id not in (None, NULL):
        element["version-id"] = data.version_id
    if _TYPES[data.name][0] in _SEQUENCED:
        element["sequencer"] = sequencer(data)
    return element


def _extra(occurrence: EventOccurrence) -> dict[str, Any]:
    """Return the members that only some types of events have."""
    data = occurrence.data
    extra = {name: value for name, value in (data.extra or {}).items() if "-" in name}
    if data.name in _RESTORE:
        extra["source-storage-class"] = data.storage_class
    if data.name == "ObjectRestore:Completed" and data.restore is not None:
        extra["restore-expiry-time"] = _seconds(data.restore.expires)
    if data.name == "LifecycleTransition":
        extra["destination-storage-class"] = data.storage_class
    if data.name == "IntelligentTiering" and data.extra is not None:
        extra["destination-access-tier"] = data.extra.get("intelligentTieringEventData", {}).get("destinationAccessTier")
    return extra


def _seconds(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"

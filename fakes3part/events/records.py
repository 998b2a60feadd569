"""S3's event records: the data of an event, stored as a plain tuple, and AWS's "Event message structure" rendered from it."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import quote_plus

from ..state.objects import NULL
from ..text import suggestion

if TYPE_CHECKING:
    from ..auth.callers import Caller
    from ..state.bucket import Bucket
    from ..state.objects import Restore, Version

Event: TypeAlias = "dict[str, Any]"
"""One element of the ``Records`` that S3 sends."""

Origin: TypeAlias = "tuple[Caller, str, str, str]"
"""The request that caused an event: its caller, its IP address, and the response's request id and host id."""

EVENT_TYPES = (
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:ReducedRedundancyLostObject",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
    "s3:ObjectAcl:Put",
    "s3:ObjectAnnotation:Put",
    "s3:ObjectAnnotation:Delete",
    "s3:ObjectRetention:Put",
)
"""All event types of S3 (the enumeration ``Event`` in botocore's model), including those that no operation here publishes."""

_WITH_STAR = (
    "ObjectCreated",
    "ObjectRemoved",
    "ObjectRestore",
    "Replication",
    "LifecycleExpiration",
    "ObjectTagging",
    "ObjectAnnotation",
)
PATTERNS = frozenset([*EVENT_TYPES, *(f"s3:{kind}:*" for kind in _WITH_STAR), "s3:*"])
"""What a callback can subscribe to: a type, or all of one kind (``s3:ObjectCreated:*``). ``s3:*``, unknown to S3, means all."""

CONFIGURATION_ID = "fakes3part"
"""The ``configurationId`` of the records, which do not come from a bucket's notification configuration."""

_VERSIONS = {
    "ObjectCreated": "2.1",
    "ObjectRemoved": "2.1",
    "ObjectRestore:Post": "2.1",
    "ObjectRestore:Completed": "2.1",
    "Replication": "2.2",
}
_DEFAULT_VERSION = "2.3"
"""Event versions, by "Event message structure": 2.2 for replication, 2.3 for lifecycle, tiering, ACL, tagging and
ObjectRestore:Delete, 2.1 for all others."""

_SEQUENCED = frozenset({"ObjectCreated", "ObjectRemoved", "LifecycleExpiration"})
"""Kinds whose records have a sequencer: AWS sends it with puts and deletes only."""

_SIZELESS = frozenset({"Delete", "DeleteMarkerCreated"})
_ETAG_OF_EMPTY_OBJECT = "d41d8cd98f00b204e9800998ecf8427e"
_S3_ITSELF = "s3.amazonaws.com"
_FIRST_SEQUENCER = 0x6955B900 << 32
"""The first sequencer. S3's look like times, but these must increase whatever a test does to the clock."""


EventFields: TypeAlias = "tuple[Any, ...]"
"""The fields of an `EventData`, perhaps without the last one. Every write makes one, and a plain tuple takes a quarter of the
time."""


class EventData(NamedTuple):
    """An event as an operation publishes it, see `event_fields`.

    Attributes:
        number: numbers the events in the order of the changes.
        name: the type, without ``s3:``.
        owner: the account of the bucket's owner.
        version_id: None: the key has no versions.
        restore: the version's restore; None: it has none.
        access_tier: of an IntelligentTiering event, ``ARCHIVE_ACCESS`` or ``DEEP_ARCHIVE_ACCESS``; None: of any other.
    """

    number: int
    name: str
    region: str
    bucket: str
    owner: str
    key: str
    size: int
    etag: str
    version_id: str | None
    storage_class: str
    restore: Restore | None
    access_tier: str | None = None


class EventOccurrence(NamedTuple):
    """An event with its time and the request that caused it; ``origin`` is None if S3 itself did."""

    data: EventData
    at: datetime
    origin: Origin | None


def event_fields(number: int, name: str, bucket: Bucket, key: str, version: Version | None) -> EventFields:
    """Return the fields of an event. (The version itself must not be stored: its bytes would stay in memory.)

    Args:
        number: numbers the events in the order of the changes.
        name: the type, without ``s3:`` (``ObjectCreated:Put``).
        version: the version that was created, changed or removed; None: a key without versions that was removed.
    """
    if version is None:
        return number, name, bucket.region, bucket.name, bucket.account, key, 0, "", None, "", None
    return (
        number,
        name,
        bucket.region,
        bucket.name,
        bucket.account,
        key,
        version.size,
        version.etag,
        version.id,
        version.properties.storage_class,
        version.restore,
    )


def event_record(occurrence: EventOccurrence) -> Event:
    """Return the record of an event in AWS's "Event message structure"."""
    data, at, origin = occurrence
    kind, _, action = data.name.partition(":")
    caller, client, request_id, host_id = origin or (None, _S3_ITSELF, "", "")
    event: Event = {
        "eventVersion": _VERSIONS.get(data.name) or _VERSIONS.get(kind, _DEFAULT_VERSION),
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1" if data.region == "EU" else data.region,
        "eventTime": _time(at),
        "eventName": data.name,
        "userIdentity": {"principalId": _S3_ITSELF if caller is None else _principal(caller)},
        "requestParameters": {"sourceIPAddress": client},
        "responseElements": {"x-amz-request-id": request_id, "x-amz-id-2": host_id},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": CONFIGURATION_ID,
            "bucket": {
                "name": data.bucket,
                "ownerIdentity": {"principalId": customer_id(data.owner)},
                "arn": f"arn:aws:s3:::{data.bucket}",
            },
            "object": _object(data, kind, action),
        },
    }
    if data.name == "ObjectRestore:Completed":
        # What comes back from an archive tier of Intelligent-Tiering does not expire.
        expiry = {} if data.restore is None else {"lifecycleRestorationExpiryTime": _time(data.restore.expires)}
        event["glacierEventData"] = {"restoreEventData": {**expiry, "lifecycleRestoreStorageClass": data.storage_class}}
    if data.name == "LifecycleTransition":
        event["lifecycleEventData"] = {"transitionEventData": {"destinationStorageClass": data.storage_class}}
    if data.name == "IntelligentTiering":
        event["intelligentTieringEventData"] = {"destinationAccessTier": data.access_tier}
    return event


def _object(data: EventData, kind: str, action: str) -> dict[str, Any]:
    """Return the record's object. A removed version has no size and no ETag; a delete marker has the ETag of an empty object."""
    element: dict[str, Any] = {"key": quote_plus(data.key, safe="/")}
    deleted = kind in _SEQUENCED and action in _SIZELESS
    if not deleted:
        element |= {"size": data.size, "eTag": data.etag}
    elif action == "DeleteMarkerCreated":
        element["eTag"] = _ETAG_OF_EMPTY_OBJECT
    if data.version_id not in (None, NULL):
        element["versionId"] = data.version_id
    if kind in _SEQUENCED:
        element["sequencer"] = f"{_FIRST_SEQUENCER + data.number:018X}"
    return element


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _principal(caller: Caller) -> str:
    return f"AWS:{caller.user_id}" if caller.account is not None else "Anonymous"


@lru_cache(maxsize=256)
def customer_id(account: str) -> str:
    """Return the Amazon customer id of an account, in AWS's format (``A3NL1KOZZKExample``)."""
    return f"A{b32encode(sha256(f'customer {account}'.encode()).digest()).decode()[:13]}"


def occurrences(events: Sequence[EventFields], at: datetime, origin: Origin | None) -> list[EventOccurrence]:
    """Return the events of one call."""
    return [EventOccurrence(EventData(*fields), at, origin) for fields in events]


def matches(name: str, pattern: str) -> bool:
    """Return whether an event matches a pattern; ``name`` is without ``s3:``, ``pattern`` with it."""
    expected = pattern[3:]
    return name.startswith(expected[:-1]) if expected.endswith("*") else name == expected


def check_pattern(pattern: str) -> str:
    """Return the pattern.

    Raises:
        ValueError: S3 has no such event type; the text suggests similar ones.
    """
    if pattern not in PATTERNS:
        raise ValueError(f"S3 has no event {pattern!r}{suggestion(pattern, sorted(PATTERNS))}")
    return pattern

"""S3's event records: the data of an event, stored as a plain tuple, and AWS's "Event message structure" rendered from it."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import quote_plus

from ..message import S3_ITSELF
from ..state.objects import NULL
from ..text import suggestion

if TYPE_CHECKING:
    from ..auth.callers import Caller
    from ..state.bucket import Bucket
    from ..state.notification import Notification
    from ..state.objects import Lock, Restore, Version

Event: TypeAlias = "dict[str, Any]"
"""One element of the ``Records`` that S3 sends."""

Origin: TypeAlias = "tuple[Caller, str, str, str, str | None]"
"""The request that caused an event: its caller and IP address, the response's request id and host id, its ``X-Amzn-Trace-Id``."""

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
"""The ``configurationId`` of records that do not come from a bucket's notification configuration."""

TEST_EVENT = "TestEvent"
"""The name of the event by which S3 tries the destinations of a new notification configuration. It has no record."""

_VERSIONS = {
    "IntelligentTiering": "2.3",
    "LifecycleExpiration": "2.3",
    "LifecycleTransition": "2.3",
    "ObjectRestore:Completed": "2.1",
    "ObjectRestore:Delete": "2.3",
    "Replication": "2.2",
}
_DEFAULT_VERSION = "2.6"
"""Event versions: 2.6 of what a request causes (recorded from AWS, September 2026, for ObjectCreated:Put and ObjectAcl:Put), the
others by "Event message structure"."""

_DELETIONS = frozenset({"ObjectRemoved", "LifecycleExpiration"})
_SEQUENCED = frozenset({"ObjectCreated", "ObjectRestore:Completed", "ObjectRestore:Post", "Replication", *_DELETIONS})
"""Kinds and names of events whose records have a sequencer (recorded from AWS, 2025)."""

_SIZELESS = frozenset({"ObjectAcl", "ObjectRetention", "ObjectTagging"})
"""Kinds of events whose records have no size (recorded from AWS, 2025, but for ObjectRetention)."""
_ETAG_OF_EMPTY_OBJECT = "d41d8cd98f00b204e9800998ecf8427e"
_FIRST_SEQUENCER = 0x6955B900 << 32
"""The first sequencer. S3's look like times, but these must increase whatever a test does to the clock."""


EventFields: TypeAlias = "tuple[Any, ...]"
"""The fields of an `EventData`. Every write makes one, and a plain tuple takes a quarter of the time."""


class EventData(NamedTuple):
    """An event as an operation publishes it, see `event_fields`.

    Attributes:
        number: numbers the events in the order of the changes.
        name: the type, without ``s3:``.
        owner: the account of the bucket's owner.
        version_id: None: the key has no versions.
        restore: the version's restore; None: it has none.
        notification: the bucket's notification configuration at the time of the event; None: it has none.
        extra: further members of the record (``replicationEventData``) and of EventBridge's detail (``object-annotation``); None:
            there are none.
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
    notification: Notification | None
    extra: Mapping[str, Any] | None


class EventOccurrence(NamedTuple):
    """An event with its time and the request that caused it; ``origin`` is None if S3 itself did."""

    data: EventData
    at: datetime
    origin: Origin | None


NOTIFICATION = EventData._fields.index("notification")


def event_fields(
    number: int, name: str, bucket: Bucket, key: str, version: Version | None, extra: Mapping[str, Any] | None = None
) -> EventFields:
    """Return the fields of an event. (The version itself must not be stored: its bytes would stay in memory.)

    Args:
        number: numbers the events in the order of the changes.
        name: the type, without ``s3:`` (``ObjectCreated:Put``).
        version: the version that was created, changed or removed; None: a key without versions that was removed.
        extra: further members, as in `EventData`, in JSON's types; None: there are none.
    """
    if version is None:
        return number, name, bucket.region, bucket.name, bucket.account, key, 0, "", None, "", None, bucket.notification, extra
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
        bucket.notification,
        extra,
    )


def events_of_removed_keys(numbers: Iterator[int], name: str, bucket: Bucket, keys: Sequence[str]) -> Iterable[EventFields]:
    """Return the fields of an event for each of many keys without versions that were removed, as `event_fields` does."""
    first, last = event_fields(0, name, bucket, "", None)[1:5], event_fields(0, name, bucket, "", None)[6:]
    return zip(islice(numbers, len(keys)), *map(repeat, first), keys, *map(repeat, last), strict=False)


def event_record(occurrence: EventOccurrence, configuration_id: str = CONFIGURATION_ID) -> Event:
    """Return the record of an event in AWS's "Event message structure".

    Args:
        configuration_id: the id of the entry in the bucket's notification configuration that it is for.
    """
    data, at, origin = occurrence
    kind = data.name.partition(":")[0]
    caller, client, request_id, host_id, _ = origin or (None, S3_ITSELF, "", "", None)
    event: Event = {
        "eventVersion": _VERSIONS.get(data.name) or _VERSIONS.get(kind, _DEFAULT_VERSION),
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1" if data.region == "EU" else data.region,
        "eventTime": event_time(at),
        "eventName": data.name,
        "userIdentity": {"principalId": _principal(data, caller)},
        "requestParameters": {"sourceIPAddress": client},
        "responseElements": {"x-amz-request-id": request_id, "x-amz-id-2": host_id},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": data.bucket,
                "ownerIdentity": {"principalId": data.owner if kind == "Replication" else customer_id(data.owner)},
                "arn": f"arn:aws:s3:::{data.bucket}",
            },
            "object": _object(data, kind),
        },
    }
    if data.name == "ObjectRestore:Completed":
        # What comes back from an archive tier of Intelligent-Tiering does not expire.
        expiry = {} if data.restore is None else {"lifecycleRestorationExpiryTime": event_time(data.restore.expires)}
        event["glacierEventData"] = {"restoreEventData": {**expiry, "lifecycleRestoreStorageClass": data.storage_class}}
    if data.name == "LifecycleTransition":
        event["lifecycleEventData"] = {"transitionEventData": {"destinationStorageClass": data.storage_class}}
    if data.extra is not None:
        event.update({name: deepcopy(value) for name, value in data.extra.items() if name.endswith("EventData")})
    return event


def _object(data: EventData, kind: str) -> dict[str, Any]:
    """Return the record's object. A removed version has no size and no ETag; a delete marker has the ETag of an empty object."""
    element: dict[str, Any] = {"key": quote_plus(data.key, safe="/")}
    etag, has_size = object_members(data)
    if has_size:
        element["size"] = data.size
    if etag is not None:
        element["eTag"] = etag
    if data.version_id not in (None, NULL):
        element["versionId"] = data.version_id
    if kind in _SEQUENCED or data.name in _SEQUENCED:
        element["sequencer"] = sequencer(data)
    return element


def object_members(data: EventData) -> tuple[str | None, bool]:
    """Return the ETag that an event shows of its object (None: none), and whether it shows the size."""
    kind, _, action = data.name.partition(":")
    if kind in _DELETIONS:
        return _ETAG_OF_EMPTY_OBJECT if action == "DeleteMarkerCreated" else None, False
    return data.etag, kind not in _SIZELESS


def sequencer(data: EventData) -> str:
    """Return the text by which the events of a key are ordered."""
    return f"{_FIRST_SEQUENCER + data.number:018X}"


def retention_data(lock: Lock) -> Mapping[str, Any]:
    """Return the further members of the record of ``ObjectRetention:Put``."""
    until = None if lock.until is None else event_time(lock.until)
    return {"objectRetentionEventData": {"mode": lock.mode, "retainUntilDate": until}}


def event_time(moment: datetime) -> str:
    """Return a time as records and messages show it, in milliseconds."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _principal(data: EventData, caller: Caller | None) -> str:
    if caller is None:
        return f"AmazonCustomer:{customer_id(data.owner)}" if data.name == "ObjectRestore:Completed" else S3_ITSELF
    return f"AWS:{caller.user_id}" if caller.account is not None else "Anonymous"


@lru_cache(maxsize=256)
def customer_id(account: str) -> str:
    """Return the Amazon customer id of an account, in AWS's format (``A3NL1KOZZKExample``)."""
    return f"A{b32encode(sha256(f'customer {account}'.encode()).digest()).decode()[:13]}"


def occurrences(events: Sequence[EventFields], at: datetime, origin: Origin | None) -> list[EventOccurrence]:
    """Return the events of one call."""
    return [EventOccurrence(EventData._make(fields), at, origin) for fields in events]


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

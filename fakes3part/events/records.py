"""S3's event records: what there is to tell, kept as plain tuples, and AWS's "Event message structure" made of them."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import quote_plus

from ..state.objects import NULL

if TYPE_CHECKING:
    from ..auth.callers import Caller
    from ..state.bucket import Bucket
    from ..state.objects import Restore, Version

Event: TypeAlias = "dict[str, Any]"
"""One element of the ``Records`` that S3 sends."""

Origin: TypeAlias = "tuple[Caller, str, str, str]"
"""Who caused it, from which IP address, and the answer's two ids."""

TYPES = (
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
"""Every type of event that S3 has (botocore's model, ``Event``), whether an operation here raises it or not."""

_WITH_STAR = (
    "ObjectCreated",
    "ObjectRemoved",
    "ObjectRestore",
    "Replication",
    "LifecycleExpiration",
    "ObjectTagging",
    "ObjectAnnotation",
)
PATTERNS = frozenset([*TYPES, *(f"s3:{kind}:*" for kind in _WITH_STAR), "s3:*"])
"""What may be subscribed to: a type, or all of one kind (``s3:ObjectCreated:*``); ``s3:*``, which S3 has not, means all."""

CONFIGURATION = "fakes3part"
"""The ``configurationId`` of the records: here no bucket's notification configuration asked for them."""

_VERSIONS = {"ObjectCreated": "2.1", "ObjectRemoved": "2.1", "Replication": "2.2", "ObjectRestore:Post": "2.1"}
_VERSIONS["ObjectRestore:Completed"] = "2.1"
_LATEST = "2.3"
"""AWS: 2.2 for replication, 2.3 for lifecycle, tiering, ACL, tagging and ObjectRestore:Delete, 2.1 for all others."""

_SEQUENCED = frozenset({"ObjectCreated", "ObjectRemoved", "LifecycleExpiration"})
"""Kinds with a sequencer, which AWS gives puts and deletes only."""

_SIZELESS = frozenset({"Delete", "DeleteMarkerCreated"})
_ETAG_OF_NOTHING = "d41d8cd98f00b204e9800998ecf8427e"
_S3_ITSELF = "s3.amazonaws.com"
_FIRST = 0x6955B900 << 32
"""Where sequencers begin: S3's look like times, but these must grow whatever a test does to the clock."""


Fields: TypeAlias = "tuple[Any, ...]"
"""Those of a `Told`, as the path of every write makes them: a plain tuple takes a quarter of the time."""


class Told(NamedTuple):
    """One event as an operation tells it, see `fields_of`."""

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


class Occurred(NamedTuple):
    """An event with what its request knows. ``origin`` None: S3 did it by itself."""

    told: Told
    at: datetime
    origin: Origin | None


def fields_of(number: int, name: str, bucket: Bucket, key: str, version: Version | None) -> Fields:
    """An event (``ObjectCreated:Put``) that just happened. (The version itself must not be kept: its bytes would be.)

    Args:
        number: tells in which order things happened.
        version: the one that was made, changed or removed; None: a key without versions that is gone.
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
        version.carried.storage_class,
        version.restore,
    )


def record(occurred: Occurred) -> Event:
    """S3's event record: AWS's "Event message structure"."""
    told, at, origin = occurred
    kind, _, what = told.name.partition(":")
    caller, client, request_id, host_id = origin or (None, _S3_ITSELF, "", "")
    event: Event = {
        "eventVersion": _VERSIONS.get(told.name) or _VERSIONS.get(kind, _LATEST),
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1" if told.region == "EU" else told.region,
        "eventTime": _time(at),
        "eventName": told.name,
        "userIdentity": {"principalId": _S3_ITSELF if caller is None else _principal(caller)},
        "requestParameters": {"sourceIPAddress": client},
        "responseElements": {"x-amz-request-id": request_id, "x-amz-id-2": host_id},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": CONFIGURATION,
            "bucket": {
                "name": told.bucket,
                "ownerIdentity": {"principalId": customer_id(told.owner)},
                "arn": f"arn:aws:s3:::{told.bucket}",
            },
            "object": _object(told, kind, what),
        },
    }
    if told.name == "ObjectRestore:Completed" and told.restore is not None:
        event["glacierEventData"] = {
            "restoreEventData": {
                "lifecycleRestorationExpiryTime": _time(told.restore.expires),
                "lifecycleRestoreStorageClass": told.storage_class,
            }
        }
    if told.name == "LifecycleTransition":
        event["lifecycleEventData"] = {"transitionEventData": {"destinationStorageClass": told.storage_class}}
    return event


def _object(told: Told, kind: str, what: str) -> dict[str, Any]:
    """What was deleted has no size and no ETag any more; a delete marker has the ETag of nothing."""
    found: dict[str, Any] = {"key": quote_plus(told.key, safe="/")}
    deleted = kind in _SEQUENCED and what in _SIZELESS
    if not deleted:
        found |= {"size": told.size, "eTag": told.etag}
    elif what == "DeleteMarkerCreated":
        found["eTag"] = _ETAG_OF_NOTHING
    if told.version_id not in (None, NULL):
        found["versionId"] = told.version_id
    if kind in _SEQUENCED:
        found["sequencer"] = f"{_FIRST + told.number:018X}"
    return found


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _principal(caller: Caller) -> str:
    return f"AWS:{caller.user_id}" if caller.account is not None else "Anonymous"


@lru_cache(maxsize=256)
def customer_id(account: str) -> str:
    """The Amazon customer id of an account, in the shape of AWS's (``A3NL1KOZZKExample``)."""
    return f"A{b32encode(sha256(f'customer {account}'.encode()).digest()).decode()[:13]}"


def occurred(told: Sequence[Fields], at: datetime, origin: Origin | None) -> list[Occurred]:
    """The events of one call."""
    return [Occurred(Told._make(fields), at, origin) for fields in told]


def fits(name: str, pattern: str) -> bool:
    """``name`` is without ``s3:``, ``pattern`` with it."""
    wanted = pattern[3:]
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted


def checked(pattern: str) -> str:
    """Raise the ValueError that tells which pattern may have been meant."""
    if pattern in PATTERNS:
        return pattern
    from difflib import get_close_matches

    near = get_close_matches(pattern, sorted(PATTERNS), 3)
    raise ValueError(f"S3 has no event {pattern!r}" + (f"; did you mean {' or '.join(near)}?" if near else ""))

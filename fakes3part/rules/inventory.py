"""Inventory reports: their columns, the value of each column for a version, the manifest, and the keys of the files.

Source: "Amazon S3 Inventory list" and "Locating your inventory list" (S3 user guide).
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import md5
from typing import NamedTuple, TypeAlias

from ..state.access_control import ENFORCED
from ..state.bucket import Bucket
from ..state.encryption import AES256, DSSE, KMS
from ..state.inventory import InventoryConfiguration
from ..state.objects import NULL, Version
from .access_tiers import access_tier, reference_date
from .acls import default_acl
from .checksums import DEFAULT
from .lifecycle_schedule import DAY, expiration_date, start_of_day

TEXT, BOOLEAN, NUMBER, TIME = "string", "boolean", "bigint", "timestamp"
"""The types of columns, as ORC's schemas name them."""

Value: TypeAlias = "str | bool | int | datetime | None"

ALL_VERSIONS = "All"
_WEEKLY, _SUNDAY = "Weekly", 6


class Row(NamedTuple):
    """A version that a report lists.

    Attributes:
        canonical_id: returns the canonical user id of an account; '' is that of anonymous writers.
        now: the time of the report.
    """

    bucket: Bucket
    version: Version
    is_latest: bool
    canonical_id: Callable[[str], str]
    now: datetime


class Column(NamedTuple):
    """A column: its name in CSV's schemas and in those of ORC and Parquet, its type, and its value in a row (None: empty)."""

    name: str
    column: str
    type: str
    value: Callable[[Row], Value]


def is_due(configuration: InventoryConfiguration, midnight: datetime) -> bool:
    """Return whether a report is made at a midnight (UTC): every day, or on Sundays."""
    return configuration.is_enabled and (configuration.frequency != _WEEKLY or midnight.weekday() == _SUNDAY)


def midnights(after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the midnights (UTC) after a moment, until another one (included)."""
    midnight = start_of_day(after)
    while until - midnight >= DAY:
        midnight += timedelta(days=1)
        yield midnight


# --- rows ------------------------------------------------------------------------------------------------------------


def rows(bucket: Bucket, configuration: InventoryConfiguration, canonical_id: Callable[[str], str], now: datetime) -> list[Row]:
    """Return what a report lists, by key, the newest version first. To be called under the bucket's lock.

    A list of the current versions has no delete markers.
    """
    prefix = configuration.prefix or ""
    listed: list[Row] = []
    for key in bucket.walk(prefix):
        if not key.startswith(prefix):
            break
        if configuration.versions == ALL_VERSIONS:
            versions = list(bucket.versions(key).newest_first())
            listed += [Row(bucket, version, index == 0, canonical_id, now) for index, version in enumerate(versions)]
        elif (current := bucket.objects.get(key)) is not None:
            listed.append(Row(bucket, current, True, canonical_id, now))
    return listed


def columns(configuration: InventoryConfiguration) -> list[Column]:
    """Return the columns of a report: the optional fields are in the order of AWS's list, however they were put."""
    versions = _VERSION_COLUMNS if configuration.versions == ALL_VERSIONS else ()
    fields = configuration.fields or ()
    return [*_COLUMNS, *versions, *(column for column in OPTIONAL_COLUMNS if column.name in fields)]


def _encryption_status(row: Row) -> str | None:
    encryption = row.version.encryption
    return None if row.version.is_delete_marker else _ENCRYPTIONS.get(encryption.algorithm or "", "SSE-C")


_ENCRYPTIONS = {AES256: "SSE-S3", KMS: "SSE-KMS", DSSE: "DSSE-KMS"}


def _bucket_key_status(row: Row) -> str | None:
    if row.version.is_delete_marker:
        return None
    return "ENABLED" if row.version.encryption.response_members.get("BucketKeyEnabled") else "DISABLED"


def _owner(row: Row) -> str:
    """Return the canonical id of the owner. The bucket's owner owns all objects while Object Ownership is enforced."""
    return row.canonical_id(row.bucket.account if row.bucket.ownership == ENFORCED else row.version.owner)


def _acl(row: Row) -> str | None:
    """Return the ACL as JSON in base64 (Object Access Control List field, S3 user guide)."""
    version = row.version
    if version.is_delete_marker:
        return None
    is_default = version.acl is None or row.bucket.ownership == ENFORCED
    acl = default_acl(_owner(row)) if is_default or version.acl is None else version.acl
    grants = [
        {
            "uri" if grant.is_group else "canonicalId": grant.grantee,
            "type": "Group" if grant.is_group else "CanonicalUser",
            "permission": grant.permission,
        }
        for grant in acl
    ]
    document = {"version": "2022-11-10", "status": "AVAILABLE", "grants": grants}
    return b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()


def _expiration(row: Row) -> datetime | None:
    """Return when a lifecycle rule expires a current version."""
    if row.bucket.lifecycle is None or not row.is_latest or row.version.is_delete_marker:
        return None
    expiry = expiration_date(row.bucket.lifecycle, row.version)
    return None if expiry is None else expiry.at


def _checksum_algorithm(row: Row) -> str | None:
    version = row.version
    if version.is_delete_marker:
        return None
    return DEFAULT if version.checksum is None else version.checksum.algorithm


def _reference_date(row: Row) -> datetime | None:
    return None if access_tier(row.version, row.now) is None else reference_date(row.version, row.now)


def _of_object(value: Callable[[Version], Value]) -> Callable[[Row], Value]:
    """Return a value that delete markers do not have."""
    return lambda row: None if row.version.is_delete_marker else value(row.version)


_COLUMNS = (
    Column("Bucket", "bucket", TEXT, lambda row: row.bucket.name),
    Column("Key", "key", TEXT, lambda row: row.version.key),
)
_VERSION_COLUMNS = (
    Column("VersionId", "version_id", TEXT, lambda row: None if row.version.id == NULL else row.version.id),
    Column("IsLatest", "is_latest", BOOLEAN, lambda row: row.is_latest),
    Column("IsDeleteMarker", "is_delete_marker", BOOLEAN, lambda row: row.version.is_delete_marker),
)
OPTIONAL_COLUMNS = (
    Column("Size", "size", NUMBER, _of_object(lambda version: version.size)),
    Column("LastModifiedDate", "last_modified_date", TIME, lambda row: row.version.last_modified),
    Column("ETag", "e_tag", TEXT, _of_object(lambda version: version.etag)),
    Column("StorageClass", "storage_class", TEXT, _of_object(lambda version: version.properties.storage_class)),
    Column("IsMultipartUploaded", "is_multipart_uploaded", BOOLEAN, _of_object(lambda version: bool(version.parts))),
    Column(
        "ReplicationStatus",
        "replication_status",
        TEXT,
        lambda row: None if row.version.replication is None else row.version.replication.status,
    ),
    Column("EncryptionStatus", "encryption_status", TEXT, _encryption_status),
    Column(
        "ObjectLockRetainUntilDate",
        "object_lock_retain_until_date",
        TIME,
        lambda row: None if row.version.lock is None else row.version.lock.until,
    ),
    Column("ObjectLockMode", "object_lock_mode", TEXT, lambda row: None if row.version.lock is None else row.version.lock.mode),
    Column(
        "ObjectLockLegalHoldStatus",
        "object_lock_legal_hold_status",
        TEXT,
        lambda row: None if row.version.lock is None else row.version.lock.legal_hold,
    ),
    Column("ObjectLockEventHoldStatus", "object_lock_event_hold_status", TEXT, lambda row: None),
    Column("ObjectLockEventHoldDuration", "object_lock_event_hold_duration", TEXT, lambda row: None),
    Column(
        "IntelligentTieringAccessTier",
        "intelligent_tiering_access_tier",
        TEXT,
        lambda row: access_tier(row.version, row.now),
    ),
    Column("BucketKeyStatus", "bucket_key_status", TEXT, _bucket_key_status),
    Column("ChecksumAlgorithm", "checksum_algorithm", TEXT, _checksum_algorithm),
    Column("ObjectAccessControlList", "object_access_control_list", TEXT, _acl),
    Column("ObjectOwner", "object_owner", TEXT, _owner),
    Column("LifecycleExpirationDate", "lifecycle_expiration_date", TIME, _expiration),
    Column("IntelligentTieringReferenceDate", "intelligent_tiering_reference_date", TIME, _reference_date),
)
"""The optional fields, in the order of AWS's list.

Assumed, not recorded from AWS: the spelling of lock modes and legal holds (as in requests), what a delete marker has (no value
but its date and owner), the names of the last two columns. Holds that wait for an event are not implemented: their columns are
empty.
"""


# --- files -----------------------------------------------------------------------------------------------------------


class DataFile(NamedTuple):
    """A file of rows."""

    key: str
    content: bytes


def file_schema(chosen: Sequence[Column], file_format: str) -> str:
    """Return the ``fileSchema`` of a manifest, for ``CSV``, ``ORC`` or ``Parquet``."""
    if file_format == "CSV":
        return ", ".join(column.name for column in chosen)
    if file_format == "ORC":
        return f"struct<{','.join(f'{column.column}:{column.type}' for column in chosen)}>"
    fields = (
        f"{'required' if column in _COLUMNS else 'optional'} {_PARQUET[column.type].format(column.column)};" for column in chosen
    )
    return f"message s3.inventory {{ {' '.join(fields)} }}"


_PARQUET: Mapping[str, str] = {
    TEXT: "binary {} (UTF8)",
    BOOLEAN: "boolean {}",
    NUMBER: "int64 {}",
    TIME: "int64 {} (TIMESTAMP_MILLIS)",
}


def manifest(source: str, configuration: InventoryConfiguration, at: datetime, files: Iterable[DataFile], schema: str) -> bytes:
    """Return ``manifest.json``."""
    document = {
        "sourceBucket": source,
        "destinationBucket": configuration.destination.bucket,
        "version": "2016-11-30",
        "creationTimestamp": str(int(at.timestamp() * 1000)),
        "fileFormat": configuration.destination.format,
        "fileSchema": schema,
        "files": [{"key": file.key, "size": len(file.content), "MD5checksum": hex_md5(file.content)} for file in files],
    }
    return json.dumps(document, indent=2).encode()


def hex_md5(content: bytes) -> str:
    """Return the MD5 in hexadecimal digits."""
    return md5(content, usedforsecurity=False).hexdigest()


class Keys(NamedTuple):
    """The keys of a report's files; ``data`` is the beginning of the data files' keys."""

    manifest: str
    checksum: str
    symlink: str
    data: str


def keys(source: str, configuration: InventoryConfiguration, at: datetime) -> Keys:
    """Return the keys of a report's files in the destination bucket."""
    prefix = configuration.destination.prefix
    base = f"{prefix}/{source}/{configuration.id}" if prefix else f"{source}/{configuration.id}"
    folder = f"{base}/{at:%Y-%m-%dT%H-%MZ}"
    symlink = f"{base}/hive/dt={at:%Y-%m-%d-%H-%M}/symlink.txt"
    return Keys(f"{folder}/manifest.json", f"{folder}/manifest.checksum", symlink, f"{base}/data/")

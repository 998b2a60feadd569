"""The rows of metadata tables: of a change, of a version, of an annotation.

Source: the schemas of the journal and inventory tables in the S3 user guide. Assumed, not recorded from AWS: the version id of
an object in a bucket without versioning is null, rows of versions that were deleted for good say nothing of the object, and the
form of sequence numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ..state.bucket import Bucket
from ..state.encryption import AES256, DSSE, KMS
from ..state.metadata_tables import (
    INVENTORY,
    AnnotationRow,
    InventoryRow,
    JournalRow,
    MetadataTable,
    Row,
)
from ..state.objects import NULL, Version
from .checksums import DEFAULT
from .metadata_tables import ACTIVE, table_configuration, table_status

CREATE, UPDATE_METADATA, DELETE = "CREATE", "UPDATE_METADATA", "DELETE"

_CHUNK = 256

_ENCRYPTION_STATUS = {AES256: "SSE-S3", KMS: "SSE-KMS", DSSE: "DSSE-KMS", None: "SSE-C"}


def _sequence_number(number: int) -> str:
    """Return a sequence number, which is compared as a text."""
    return f"{number:020X}"


def _version_id(version: Version) -> str | None:
    return None if version.id == NULL else version.id


def _object_columns(version: Version) -> dict[str, Any]:
    """Return the columns that describe a version. A delete marker has few of them."""
    if version.is_delete_marker:
        return {"size": 0, "last_modified_date": version.last_modified}
    encryption, properties = version.encryption, version.properties
    return {
        "size": version.size,
        "last_modified_date": version.last_modified,
        "e_tag": version.etag,
        "storage_class": properties.storage_class,
        "is_multipart": bool(version.parts),
        "encryption_status": _ENCRYPTION_STATUS[encryption.algorithm],
        "is_bucket_key_enabled": bool(encryption.response_members.get("BucketKeyEnabled")),
        "kms_key_arn": encryption.key_arn,
        "checksum_algorithm": DEFAULT if version.checksum is None else version.checksum.algorithm,
        "object_tags": dict(properties.tags),
        "user_metadata": dict(properties.metadata),
    }


def change_row(record_type: str, key: str, version: Version, at: datetime) -> JournalRow:
    """Return the row of a change, without its sequence number and its request.

    Args:
        version: as it is now, or as it was deleted.
    """
    columns: dict[str, Any] = {"version_id": _version_id(version)}
    if record_type != DELETE:
        columns |= {"is_delete_marker": False, **_object_columns(version)}
    return JournalRow(key, "", record_type, at, **columns)


def marker_row(marker: Version, at: datetime) -> JournalRow:
    """Return the row of a new delete marker, without its sequence number and its request."""
    columns = _object_columns(marker)
    return JournalRow(marker.key, "", DELETE, at, version_id=_version_id(marker), is_delete_marker=True, **columns)


def with_row(table: MetadataTable, row: JournalRow, record_days: int | None) -> MetadataTable:
    """Return a journal table with one more row, and without chunks that have expired."""
    chunks, recent = table.chunks, (*table.recent, replace(row, sequence_number=_sequence_number(table.next_sequence)))
    if chunks and record_days is not None and not without_expired(chunks[0], record_days, row.record_timestamp):
        chunks = chunks[1:]
    if len(recent) >= _CHUNK:
        chunks, recent = (*chunks, recent), ()
    return replace(table, chunks=chunks, recent=recent, next_sequence=table.next_sequence + 1)


def with_rows(table: MetadataTable, rows: tuple[Row, ...]) -> MetadataTable:
    """Return a table with other rows."""
    return replace(table, chunks=(rows,) if rows else (), recent=())


def without_expired(rows: tuple[Row, ...], days: int | None, now: datetime) -> tuple[Row, ...]:
    """Return the rows of a journal table that have not expired. ``days``: after how many they do; None: never."""
    if days is None:
        return rows
    try:
        oldest = now - timedelta(days=days)
    except OverflowError:
        return rows
    return tuple(row for row in rows if not isinstance(row, JournalRow) or row.record_timestamp > oldest)


# --- live tables -----------------------------------------------------------------------------------------------------


def _all_versions(bucket: Bucket) -> Iterator[Version]:
    for key in bucket.walk(""):
        yield from bucket.versions(key).values()


def _inventory_rows(bucket: Bucket) -> Iterator[InventoryRow]:
    """Yield the rows of all versions by key, oldest first. One that is older than the journal table has the number 0."""
    numbers: dict[tuple[str, str | None], str] = {}
    journal = bucket.metadata_tables.get(bucket.metadata.journal_name) if bucket.metadata is not None else None
    for row in journal.rows if journal is not None else ():
        if isinstance(row, JournalRow):
            numbers[row.key, row.version_id] = row.sequence_number
    for version in _all_versions(bucket):
        version_id = _version_id(version)
        number = numbers.get((version.key, version_id), _sequence_number(0))
        yield InventoryRow(version.key, number, version_id, version.is_delete_marker, **_object_columns(version))


def _annotation_rows(bucket: Bucket) -> Iterator[AnnotationRow]:
    for version in _all_versions(bucket):
        for name, annotation in sorted((version.annotations or {}).items()):
            yield AnnotationRow(
                version.key,
                _version_id(version),
                name,
                b"".join(annotation.data.segments).decode("utf-8", "replace"),
                annotation.data.size,
                annotation.etag,
                annotation.last_modified,
                annotation.checksum.algorithm,
            )


def rows_of(bucket: Bucket, name: str, now: datetime) -> tuple[Row, ...]:
    """Return the rows of a table that exists. The bucket's lock is held.

    A journal table has its rows at once; inventory and annotation tables are empty until they are ACTIVE.
    """
    table, configuration = bucket.metadata_tables[name], bucket.metadata
    if not table.is_live or configuration is None:
        return table.rows
    if name == configuration.journal_name:
        return without_expired(table.rows, configuration.record_days, now)
    if table_configuration(configuration, name) is None or table_status(bucket, name, now) != ACTIVE:
        return ()
    return tuple(_inventory_rows(bucket) if name == INVENTORY else _annotation_rows(bucket))


def frozen(bucket: Bucket, name: str, now: datetime) -> MetadataTable:
    """Return a table as it stays when S3 writes to it no longer."""
    return replace(with_rows(bucket.metadata_tables[name], rows_of(bucket, name, now)), is_live=False)

"""The rows of metadata tables (S3 Metadata) as dictionaries, as a query of the table would return them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from ..inspection.mappings import UnknownNameError
from ..rules.metadata_rows import rows_of
from ..state.bucket import Bucket
from ..state.store import Store
from ..text import alternatives


def metadata_rows(store: Store, bucket_name: str, table: str, now: datetime) -> list[dict[str, Any]]:
    """Return the rows of a metadata table, see `FakeS3.metadata_table`."""
    bucket = _find(store, bucket_name)
    with bucket.lock:
        _check_table(bucket, table)
        rows = rows_of(bucket, table, now)
    return [{"bucket": bucket.name, **{field.name: _plain(getattr(row, field.name)) for field in fields(row)}} for row in rows]


def delete_metadata_table(store: Store, bucket_name: str, table: str) -> None:
    """Delete a metadata table, see `FakeS3.delete_metadata_table`."""
    bucket = _find(store, bucket_name)
    with bucket.lock:
        _check_table(bucket, table)
        bucket.metadata_tables = {name: other for name, other in bucket.metadata_tables.items() if name != table}


def _find(store: Store, name: str) -> Bucket:
    bucket = store.get(name)
    if bucket is None:
        raise UnknownNameError(name, lambda: f"no bucket {name!r}; {alternatives(name, store.buckets)}")
    return bucket


def _check_table(bucket: Bucket, table: str) -> None:
    if table not in bucket.metadata_tables:
        text = f"the bucket {bucket.name!r} has no metadata table {table!r}"
        raise UnknownNameError(table, lambda: f"{text}; {alternatives(table, bucket.metadata_tables)}")


def _plain(value: Any) -> Any:
    """Return a value that belongs to the caller: mappings are copied."""
    return dict(value) if isinstance(value, Mapping) else value

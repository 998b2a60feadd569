"""Buckets, objects, versions and uploads in types that JSON has."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from ..state.bucket import Bucket
from ..state.bucket_configuration import BucketConfiguration
from ..state.objects import Version
from ..state.uploads import Upload
from .objects import EncryptionView, VersionView

PREVIEW = 4096
"""How many bytes of an object are shown."""


def plain(value: Any) -> Any:
    """Return a value of the state in types that JSON has: dataclasses without the fields that are None, bytes in base64."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if is_dataclass(value):
        values = ((field.name, getattr(value, field.name)) for field in fields(value))
        return {name: plain(item) for name, item in values if item is not None}
    return str(value)


def configuration_document(bucket: Bucket) -> dict[str, Any]:
    """Return the configurations that a bucket has, by the names of `state.bucket_configuration.BucketConfiguration`."""
    with bucket.lock:
        values = {field.name: getattr(bucket, field.name) for field in fields(BucketConfiguration)}
    return {name: plain(value) for name, value in values.items() if value is not None}


def object_page(bucket: Bucket, prefix: str, after: str | None, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of the keys of a bucket, and the key after which the next page begins (None: there is none).

    Keys of which only delete markers and older versions are left are in it too.

    Args:
        prefix: only keys that begin with it.
        after: only keys after this one; None: from the first.
    """
    rows: list[dict[str, Any]] = []
    with bucket.lock:
        for key in islice(_keys(bucket, prefix, after), limit + 1):
            if len(rows) == limit:
                return rows, rows[-1]["key"]
            rows.append(_row(bucket, key))
    return rows, None


def _keys(bucket: Bucket, prefix: str, after: str | None) -> Iterator[str]:
    keys = bucket.walk(prefix) if after is None or after < prefix else bucket.walk(after, inclusive=False)
    for key in keys:
        if not key.startswith(prefix):
            return
        yield key


def _row(bucket: Bucket, key: str) -> dict[str, Any]:
    version = bucket.current(key)
    assert version is not None
    versions = bucket.versions_by_key.get(key)
    return {
        "key": key,
        "size": version.size,
        "etag": version.etag,
        "last_modified": version.last_modified.isoformat(),
        "storage_class": version.properties.storage_class,
        "delete_marker": version.is_delete_marker,
        "versions": 1 if versions is None else len(versions),
    }


def version_document(view: VersionView) -> dict[str, Any]:
    """Return everything about a version except its content."""
    document = {
        "version_id": view.version_id,
        "is_latest": view.is_latest,
        "delete_marker": view.delete_marker,
        "size": view.size,
        "etag": view.etag,
        "last_modified": view.last_modified.isoformat(),
        "owner": view.owner,
        "storage_class": view.storage_class,
        "access_tier": view.access_tier,
        "headers": dict(view.headers),
        "metadata": dict(view.metadata),
        "tags": dict(view.tags),
        "checksums": dict(view.checksums),
        "encryption": _encryption(view.encryption),
        "acl": plain(view.acl),
        "lock": plain(view.lock),
        "restore": plain(view.restore),
        "replication_status": view.replication_status,
        "annotations": sorted(view.annotations),
        "parts": [{"number": part.number, "size": part.size} for part in view.parts.values()],
    }
    return {name: value for name, value in document.items() if value not in (None, {}, [])}


def _encryption(view: EncryptionView) -> dict[str, Any]:
    return {name: value for name, value in plain(view).items() if value}


def content_preview(version: Version) -> dict[str, Any]:
    """Return the beginning of a version's bytes: as text if it is printable UTF-8, else in hexadecimal digits."""
    if version.data is None:
        return {"text": "", "truncated": False}
    data = b"".join(version.data.slice(0, min(PREVIEW, version.size)))
    truncated = version.size > len(data)
    text = _text(data, truncated=truncated)
    return {"truncated": truncated} | ({"hex": data[:512].hex(" ")} if text is None else {"text": text})


def _text(data: bytes, *, truncated: bool) -> str | None:
    """Return bytes as text; None: they are none. The last character may be cut off if they are truncated."""
    for cut in range(4 if truncated else 1):
        try:
            text = data[: len(data) - cut].decode()
        except UnicodeDecodeError:
            continue
        return text if all(character.isprintable() or character in "\t\r\n" for character in text) else None
    return None


def upload_row(upload: Upload) -> dict[str, Any]:
    """Return what a list of uploads shows of one."""
    return {
        "id": upload.id,
        "key": upload.key,
        "initiated": upload.initiated.isoformat(),
        "parts": len(upload.parts),
        "size": sum(part.size for part in upload.parts.values()),
    }


def upload_document(upload: Upload) -> dict[str, Any]:
    """Return everything about an open upload: its parts in order, and the numbers that are missing between them."""
    parts = [
        {
            "number": part.number,
            "size": part.size,
            "etag": part.etag,
            "last_modified": part.last_modified.isoformat(),
            "checksum": plain(part.checksum),
        }
        for part in upload.parts.values()
    ]
    return {
        **upload_row(upload),
        "initiator": upload.initiating_user or upload.initiator,
        "owner": upload.owner,
        "storage_class": upload.properties.storage_class,
        "headers": dict(upload.properties.system),
        "metadata": dict(upload.properties.metadata),
        "tags": dict(upload.properties.tags),
        "checksum_algorithm": upload.algorithm,
        "checksum_type": upload.checksum_type,
        "encryption": _encryption(EncryptionView.of(upload.encryption)),
        "parts": parts,
        "gaps": gaps(list(upload.parts)),
    }


def gaps(numbers: list[int]) -> list[list[int]]:
    """Return the ranges of part numbers (first, last) that are missing before and between the numbers, which are in order."""
    found = []
    previous = 0
    for number in numbers:
        if number > previous + 1:
            found.append([previous + 1, number - 1])
        previous = number
    return found

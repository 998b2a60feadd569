"""The differences between two states: buckets, configurations, objects and uploads that were added, removed or changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from ..state.bucket import Bucket
from ..state.objects import Version
from ..state.store import Store
from ..state.uploads import Upload
from .documents import configuration_document, plain

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


class Difference(NamedTuple):
    """One difference.

    Attributes:
        kind: ``bucket``, ``configuration``, ``object`` or ``upload``.
        bucket: the bucket's name.
        name: the name of the configuration, the key, or the upload's id; the bucket's for a bucket.
        change: ``added``, ``removed`` or ``changed``.
        fields: of what changed, by name: the values before and after (None: there was none).
    """

    kind: str
    bucket: str
    name: str
    change: str
    fields: dict[str, tuple[Any, Any]]


def differences(before: Store, after: Store) -> Iterator[Difference]:
    """Yield what is different in ``after``, bucket by bucket."""
    for name in sorted({*before.buckets, *after.buckets}):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            bucket = old or new
            assert bucket is not None
            yield Difference("bucket", name, name, ADDED if old is None else REMOVED, {})
            empty = Bucket(name, bucket.account, bucket.region, bucket.created)
            old, new = old or empty, new or empty
        else:
            yield from _configurations(old, new)
        yield from _objects(old, new)
        yield from _uploads(old, new)


def _configurations(old: Bucket, new: Bucket) -> Iterator[Difference]:
    before, after = configuration_document(old), configuration_document(new)
    for name in chain(before, (name for name in after if name not in before)):
        if before.get(name) != after.get(name):
            yield Difference(
                "configuration", new.name, name, _change(name, before, after), {"value": (before.get(name), after.get(name))}
            )


def _change(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return ADDED if name not in before else REMOVED if name not in after else CHANGED


def _objects(old: Bucket, new: Bucket) -> Iterator[Difference]:
    with old.lock, new.lock:
        before, after = _versions(old), _versions(new)
    for key in sorted({*before, *after}):
        first, second = before.get(key, ()), after.get(key, ())
        if len(first) == len(second) and all(one is other for one, other in zip(first, second, strict=True)):
            continue
        change = _change(key, before, after)
        fields = _fields(_summary(first), _summary(second)) if change == CHANGED else {}
        if fields or change != CHANGED:
            yield Difference("object", new.name, key, change, fields)


def _versions(bucket: Bucket) -> dict[str, tuple[Version, ...]]:
    """Return the versions of each key, the newest last."""
    current = {key: (version,) for key, version in bucket.objects.values.items()}
    return {**current, **{key: tuple(versions.values()) for key, versions in bucket.versions_by_key.values.items()}}


def _summary(versions: tuple[Version, ...]) -> dict[str, Any]:
    newest = versions[-1]
    return {
        "version_id": newest.id,
        "versions": [version.id for version in versions],
        "delete_marker": newest.is_delete_marker,
        "size": newest.size,
        "etag": newest.etag,
        "last_modified": newest.last_modified.isoformat(),
        "storage_class": newest.properties.storage_class,
        "headers": dict(newest.properties.system),
        "metadata": dict(newest.properties.metadata),
        "tags": dict(newest.properties.tags),
        "acl": plain(newest.acl),
        "lock": plain(newest.lock),
        "restore": plain(newest.restore),
    }


def _uploads(old: Bucket, new: Bucket) -> Iterator[Difference]:
    with old.lock, new.lock:
        before, after = dict(old.uploads), dict(new.uploads)
    for upload_id in chain(before, (name for name in after if name not in before)):
        change = _change(upload_id, before, after)
        fields = _fields(_upload(before.get(upload_id)), _upload(after.get(upload_id)))
        if fields:
            yield Difference("upload", new.name, upload_id, change, fields)


def _upload(upload: Upload | None) -> dict[str, Any]:
    if upload is None:
        return {}
    return {"key": upload.key, "parts": {str(number): part.etag for number, part in upload.parts.items()}}


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = dict.fromkeys((*before, *after))
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}

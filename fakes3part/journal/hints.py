"""Why a call found nothing: what the fake knows and S3 would never tell.

Nothing is kept for this but the journal and the events. It is computed when somebody looks; while a test runs, with bounds, for
the notes on botocore's errors.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import normalize
from urllib.parse import quote, unquote, unquote_plus

from ..errors import S3Error
from ..rules.copy_source import CopySource, copy_source
from ..text import count, either, similar

if TYPE_CHECKING:
    from datetime import datetime

    from ..events.events import Events
    from ..state.bucket import Bucket
    from ..state.store import Store
    from .history import FakeState, History
    from .record import Record

BOUND = 1000
"""Calls that are looked through while a test runs: a test that meets 10,000 missing keys should not wait for their hints."""

_FEW = 100
"""Keys of a bucket that are all compared with the missing one."""

_NEIGHBOURS = 8
"""Of more, so many on each side of where it would stand: their order brings what is alike together."""

_DELETES = frozenset({"DeleteObject", "DeleteObjects"})
_COPIES = frozenset({"CopyObject", "UploadPartCopy"})


class _Scene(NamedTuple):
    """A call that found nothing, and what there is to know about it; ``bucket`` and ``key`` may be a copy's source."""

    record: Record
    store: Store
    events: Events
    before: Sequence[Record]
    bucket: str
    key: str
    version_id: str | None

    @property
    def there(self) -> Bucket | None:
        return self.store.get(self.bucket)


def hint(record: Record, history: History, bound: int | None = None) -> str | None:
    """Why this call found nothing, or was denied; None when there is nothing to tell.

    Args:
        bound: how many of the latest calls are looked through; None: all.
    """
    if record.error is None:
        return None
    decision = record.error[3]
    if decision is not None:
        return str(decision)
    explain = EXPLAINED.get(record.error[0])
    fake = history.fake
    if explain is None or fake is None or record.address is None:
        return None
    before = [one for one in history.latest(bound) if one.number < record.number]
    return explain(_scene(record, fake, before))


def _scene(record: Record, fake: FakeState, before: Sequence[Record]) -> _Scene:
    assert record.address is not None
    params = record.params or {}
    bucket, key, version_id = record.address.bucket or "", record.address.key or "", params.get("VersionId")
    if record.operation is not None and record.operation.name in _COPIES and record.error is not None:
        source = _source(params)
        told: Mapping[str, Any] = record.error[2]
        if source is not None and (source.key == told.get("Key") or source.bucket == told.get("BucketName")):
            bucket, key, version_id = source
    return _Scene(record, fake.store, fake.events, before, bucket, key, version_id)


def _source(params: Mapping[str, Any]) -> CopySource | None:
    try:
        return copy_source(params.get("CopySource", ""))
    except S3Error:
        return None


# Buckets


def _no_bucket(scene: _Scene) -> str:
    name = scene.bucket
    deleted = _latest(scene, {"DeleteBucket"}, lambda one: _bucket_of(one) == name)
    if deleted is not None:
        return f"bucket {name!r} was deleted by {_told(deleted, scene)}"
    text = f"bucket {name!r} was never created in this fake"
    if scene.there is not None:
        return f"bucket {name!r} was not there yet"
    near = similar(name, islice(scene.store.buckets, _FEW))
    if near:
        return f"{text}; did you mean {either(near)}?"
    total = len(scene.store.buckets)
    return f"{text}, which has no bucket at all" if not total else f"{text}; it has {_some(scene.store.buckets, total)}"


# Keys


def _no_key(scene: _Scene) -> str | None:
    bucket, key = scene.there, scene.key
    if bucket is None:
        return f"bucket {scene.bucket!r} is gone meanwhile"
    with bucket.lock:
        current = bucket.current(key)
        if current is None:
            near = _near(bucket, key)
            total = len(bucket.objects)
    if current is not None and not current.is_delete_marker:
        return f"{key!r} was not there yet"
    if current is not None:
        by = _marking(scene, current.id)
        return f"the current version of {key!r} is a delete marker ({current.id})" + (f", made by {by}" if by else "")
    deleted = _deletion(scene)
    if deleted is not None:
        return f"{key!r} was deleted by {deleted}"
    if near:
        return f"bucket {bucket.name!r} has no {key!r}; did you mean {either(near)}?"
    if not total:
        return f"bucket {bucket.name!r} is empty" + _pending(bucket, key)
    return f"bucket {bucket.name!r} has {count(total, 'key')}, and none is like {key!r}" + _pending(bucket, key)


def _pending(bucket: Bucket, key: str) -> str:
    """An upload of the key that nobody completed is a likely reason."""
    with bucket.lock:
        open_uploads = sum(upload.key == key for upload in bucket.uploads.values())
    return f", and {count(open_uploads, 'multipart upload')} of {key!r} not completed" if open_uploads else ""


def _near(bucket: Bucket, key: str) -> list[str]:
    """Keys that may have been meant, the likeliest first. The bucket is locked."""
    slips = [slip for slip in _slips(bucket.name, key) if slip != key and slip in bucket.objects]
    if len(bucket.objects) <= _FEW:
        others = list(bucket.objects.values)
        name = key.rpartition("/")[2]
        elsewhere = [other for other in others if name and other.rpartition("/")[2] == name]
    else:
        others = [*islice(bucket.objects.walk(key), _NEIGHBOURS), *islice(bucket.objects.walk_back(key), _NEIGHBOURS)]
        elsewhere = []
    alike = sorted((difference(key, other), other) for other in others)
    near = [other for distance, other in alike if distance <= max(2, len(key) // 5)]
    return list(dict.fromkeys([*slips, *near, *elsewhere]))[:3]


def difference(one: str, other: str) -> int:
    """The length of what differs: of what is left between the beginning and the end that both share.

    Good for typing errors, and a hundredth of the cost of what `difflib` does.
    """
    if len(one) > len(other):
        one, other = other, one
    same = _alike(one, other)
    rest = len(one) - same
    return len(other) - same - _alike(one[::-1][:rest], other[::-1])


def _alike(one: str, other: str) -> int:
    """How many characters they have in common at their beginning; ``one`` is not the longer."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


def _slips(bucket: str, key: str) -> Iterator[str]:
    """What people mean when they write ``key``: the usual mistakes, undone."""
    yield key.lstrip("/")
    yield key.rstrip("/")
    yield f"{key}/"
    yield f"/{key}"
    yield key.removeprefix(f"{bucket}/").removeprefix(f"s3://{bucket}/")
    yield unquote(key)
    yield unquote_plus(key)
    yield quote(key)
    yield key.replace("\\", "/")
    yield key.replace("//", "/")
    yield key.strip()
    yield key.lower()
    yield normalize("NFC", key)
    yield normalize("NFD", key)


def _deletion(scene: _Scene, version_id: str | None = None) -> str | None:
    """The call, or the day's lifecycle, that deleted the key (or just that version)."""
    bucket, key = scene.bucket, scene.key
    deleted = _latest(scene, _DELETES, lambda one: _bucket_of(one) == bucket and _deletes(one, key, version_id))
    if deleted is not None:
        return _told(deleted, scene)
    expired = scene.events.last_expiration(bucket, key, scene.record.at)
    return None if expired is None or version_id is not None else f"a lifecycle rule, {_ago(expired, scene)}"


def _marking(scene: _Scene, version_id: str | None) -> str | None:
    """The call, or the day's lifecycle, that made a delete marker."""
    exact = _latest(scene, {"DeleteObject"}, lambda one: one.version_id == version_id and _key_of(one) == scene.key)
    if exact is not None:
        return _told(exact, scene)
    return _deletion(scene)


def _deletes(record: Record, key: str, version_id: str | None) -> bool:
    params = record.params or {}
    objects = params["Delete"]["Objects"] if "Delete" in params else [params]
    return any(one.get("Key") == key and version_id in (None, one.get("VersionId")) for one in objects)


# Versions and uploads


def _no_version(scene: _Scene) -> str | None:
    bucket, key, wanted = scene.there, scene.key, scene.version_id
    if bucket is None or wanted is None:
        return None
    deleted = _deletion(scene, wanted)
    if deleted is not None:
        return f"version {wanted} of {key!r} was deleted by {deleted}"
    with bucket.lock:
        ids = list(bucket.versions(key))
        other = None if ids else next((other for other in bucket.versions_by_key if bucket.version(other, wanted)), None)
    if other is not None:
        return f"version {wanted} is one of {other!r}, not of {key!r}"
    if not ids:
        return f"{key!r} has no versions at all"
    return f"{key!r} never had a version {wanted}; it has {_some(reversed(ids), len(ids))}"


def _is_marker(scene: _Scene) -> str | None:
    if scene.record.error is None or scene.record.error[2].get("ResourceType") != "DeleteMarker":
        return None
    by = _marking(scene, scene.version_id)
    return f"version {scene.version_id} of {scene.key!r} is a delete marker" + (f", made by {by}" if by else "")


_ENDS = {"AbortMultipartUpload": "aborted", "CompleteMultipartUpload": "completed"}


def _no_upload(scene: _Scene) -> str | None:
    params = scene.record.params or {}
    wanted = params.get("UploadId", "")
    ended = _latest(scene, _ENDS, lambda one: (one.params or {}).get("UploadId") == wanted)
    if ended is not None and ended.operation is not None:
        return f"the upload was {_ENDS[ended.operation.name]} by {_told(ended, scene)}"
    for bucket in list(scene.store.buckets.values()):
        with bucket.lock:
            upload = bucket.uploads.get(wanted)
            if upload is not None:
                return f"the upload is one of {upload.key!r} in bucket {bucket.name!r}"
    begun = _latest(scene, {"CreateMultipartUpload"}, lambda one: one.upload_id == wanted)
    if begun is not None:
        return f"the upload was begun by {_told(begun, scene)}, and is gone: aborted by a lifecycle rule, or the state was reset"
    return "no upload ever had this id here"


EXPLAINED: dict[str, Callable[[_Scene], str | None]] = {
    "NoSuchBucket": _no_bucket,
    "NoSuchKey": _no_key,
    "NoSuchVersion": _no_version,
    "NoSuchUpload": _no_upload,
    "MethodNotAllowed": _is_marker,
}
"""By the code of the error."""


# Words


def _latest(scene: _Scene, operations: Container[str], is_it: Callable[[Record], bool]) -> Record | None:
    """The latest call of one of the operations that succeeded and is meant."""
    for one in scene.before:
        if one.operation is not None and one.operation.name in operations and one.error is None and is_it(one):
            return one
    return None


def _bucket_of(record: Record) -> str | None:
    return record.address.bucket if record.address is not None else None


def _key_of(record: Record) -> str | None:
    return record.address.key if record.address is not None else None


def _told(record: Record, scene: _Scene) -> str:
    name = record.operation.name if record.operation is not None else record.method
    return f"{name} (call #{record.number}, {_ago(record.at, scene)})"


def _ago(at: datetime, scene: _Scene) -> str:
    seconds = (scene.record.at - at).total_seconds()
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit} before"
    return f"{max(seconds, 0) * 1000:.0f} ms before"


def _some(names: Iterable[str], total: int) -> str:
    shown = ", ".join(map(repr, islice(names, 3)))
    return shown if total <= 3 else f"{shown} and {total - 3} more"

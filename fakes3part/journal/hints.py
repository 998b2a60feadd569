"""Explains why a call found nothing or was denied, from what the fake knows and S3 would not say.

Nothing is stored for this but the journal and the events. A hint is computed when it is read; for the notes on botocore's
errors, which are made while a test runs, the number of calls that are searched is limited.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import normalize
from urllib.parse import quote, unquote, unquote_plus

from ..errors import S3Error
from ..rules.copy_source import CopySource, copy_source
from ..text import count, join_with_or, similar
from .replication_hints import missing_replica
from .rule_hints import RULE_HINTS

if TYPE_CHECKING:
    from datetime import datetime

    from ..events.events import Events
    from ..state.bucket import Bucket
    from ..state.store import Store
    from .history import FakeState, History
    from .record import Record

SEARCHED_CALLS = 1000
"""The calls that are searched while a test runs: a test that meets 10,000 missing keys should not wait for their hints."""

_COMPARED = 100
"""The number of keys in a bucket up to which all of them are compared with the missing key."""

_NEIGHBOURS = 8
"""In a larger bucket, the keys that are compared before and after the missing one: similar keys are close in order."""

_DELETES = frozenset({"DeleteObject", "DeleteObjects"})
_COPIES = frozenset({"CopyObject", "UploadPartCopy"})


class _FailedCall(NamedTuple):
    """A call that failed, and what explains it.

    Attributes:
        earlier: the records of earlier calls, the latest first.
        bucket: the missing bucket, or the bucket of the missing key; of a copy maybe its source.
        key: likewise; empty if the call names none.
        version_id: the version that was requested; None: none was.
    """

    record: Record
    store: Store
    events: Events
    earlier: Sequence[Record]
    bucket: str
    key: str
    version_id: str | None

    @property
    def existing_bucket(self) -> Bucket | None:
        """The bucket as it is now; None: it does not exist."""
        return self.store.get(self.bucket)


def hint(record: Record, history: History, searched: int | None = None) -> str | None:
    """Return why a call found nothing or was denied; None if nothing is known about it.

    Args:
        searched: how many of the latest calls are searched; None: all.
    """
    if record.error is None:
        return None
    if record.error.decision is not None:
        return str(record.error.decision)
    explain, explain_rule = EXPLANATIONS.get(record.error.code), RULE_HINTS.get(record.error.code)
    fake = history.fake
    if fake is None or record.address is None:
        return None
    if explain_rule is not None:
        return explain_rule(record, fake.store.get(record.address.bucket or ""))
    if explain is None:
        return None
    earlier = [other for other in history.latest(searched) if other.number < record.number]
    return explain(_failed_call(record, fake, earlier))


def _failed_call(record: Record, fake: FakeState, earlier: Sequence[Record]) -> _FailedCall:
    assert record.address is not None
    params = record.params or {}
    bucket, key, version_id = record.address.bucket or "", record.address.key or "", params.get("VersionId")
    if record.operation is not None and record.operation.name in _COPIES and record.error is not None:
        source = _source(params)
        missing: Mapping[str, Any] = record.error.extras
        if source is not None and (source.key == missing.get("Key") or source.bucket == missing.get("BucketName")):
            bucket, key, version_id = source
    return _FailedCall(record, fake.store, fake.events, earlier, bucket, key, version_id)


def _source(params: Mapping[str, Any]) -> CopySource | None:
    try:
        return copy_source(params.get("CopySource", ""), legacy_names=True)
    except S3Error:
        return None


# --- buckets -----------------------------------------------------------------------------------------------------------------


def _no_such_bucket(failed: _FailedCall) -> str:
    name = failed.bucket
    deletion = _latest_call(failed, {"DeleteBucket"}, lambda call: _bucket_of(call) == name)
    if deletion is not None:
        return f"bucket {name!r} was deleted by {_described(deletion, failed)}"
    if failed.existing_bucket is not None:
        return f"bucket {name!r} did not exist yet"
    text = f"bucket {name!r} was never created in this fake"
    close = similar(name, islice(failed.store.buckets, _COMPARED))
    if close:
        return f"{text}; did you mean {join_with_or(close)}?"
    total = len(failed.store.buckets)
    return f"{text}, which has no bucket at all" if not total else f"{text}; it has {_first(failed.store.buckets, total)}"


# --- keys --------------------------------------------------------------------------------------------------------------------


def _no_such_key(failed: _FailedCall) -> str | None:
    bucket, key = failed.existing_bucket, failed.key
    if bucket is None:
        return f"bucket {failed.bucket!r} was deleted meanwhile"
    with bucket.lock:
        current = bucket.current(key)
        if current is None:
            close = _similar_keys(bucket, key)
            total = len(bucket.objects)
    if current is not None and not current.is_delete_marker:
        return f"{key!r} did not exist yet"
    if current is not None:
        return f"the current version of {key!r} is a delete marker ({current.id}){_made_by(failed, current.id)}"
    deletion = _deletion(failed)
    if deletion is not None:
        return f"{key!r} was deleted by {deletion}"
    not_replicated = missing_replica(failed.store, bucket, key)
    if not_replicated is not None:
        return not_replicated
    if close:
        return f"bucket {bucket.name!r} has no {key!r}; did you mean {join_with_or(close)}?"
    if not total:
        return f"bucket {bucket.name!r} is empty{_open_uploads(bucket, key)}"
    return f"bucket {bucket.name!r} has {count(total, 'key')}, and none is like {key!r}{_open_uploads(bucket, key)}"


def _open_uploads(bucket: Bucket, key: str) -> str:
    """Return a remark on the key's uploads that were not completed, a likely reason; empty if there are none."""
    with bucket.lock:
        number = sum(upload.key == key for upload in bucket.uploads.values())
    return f", and {count(number, 'multipart upload')} of {key!r} not completed" if number else ""


def _similar_keys(bucket: Bucket, key: str) -> list[str]:
    """Return up to three keys that may have been meant, the likeliest first. The bucket's lock must be held."""
    corrected = [other for other in _corrections(bucket.name, key) if other != key and other in bucket.objects]
    if len(bucket.objects) <= _COMPARED:
        others = list(bucket.objects)
        name = key.rpartition("/")[2]
        elsewhere = [other for other in others if name and other.rpartition("/")[2] == name]
    else:
        others = [*islice(bucket.objects.walk(key), _NEIGHBOURS), *islice(bucket.objects.walk_back(key), _NEIGHBOURS)]
        elsewhere = []
    by_difference = sorted((difference(key, other), other) for other in others)
    close = [other for distance, other in by_difference if distance <= max(2, len(key) // 5)]
    return list(dict.fromkeys([*corrected, *close, *elsewhere]))[:3]


def difference(first: str, second: str) -> int:
    """Return the length of what differs between the beginning and the end that both texts share.

    Good for typing errors, at a hundredth of the cost of `difflib`.
    """
    if len(first) > len(second):
        first, second = second, first
    prefix = _common_prefix(first, second)
    rest = len(first) - prefix
    return len(second) - prefix - _common_prefix(first[::-1][:rest], second[::-1])


def _common_prefix(shorter: str, longer: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    return next((index for index, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))


def _corrections(bucket: str, key: str) -> Iterator[str]:
    """Yield the keys that ``key`` would be without the usual mistakes."""
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


def _deletion(failed: _FailedCall, version_id: str | None = None) -> str | None:
    """Return which call or lifecycle rule deleted the key; None: unknown.

    Args:
        version_id: only a call that deleted this version; None: any.
    """
    bucket, key = failed.bucket, failed.key
    call = _latest_call(failed, _DELETES, lambda call: _bucket_of(call) == bucket and _deletes(call, key, version_id))
    if call is not None:
        return _described(call, failed)
    expired = failed.events.last_expiration(bucket, key, failed.record.time)
    return None if expired is None or version_id is not None else f"a lifecycle rule, {_time_before(expired, failed)}"


def _made_by(failed: _FailedCall, marker_id: str | None) -> str:
    """Return which call or lifecycle rule made a delete marker, as a remark; empty: unknown."""
    call = _latest_call(failed, {"DeleteObject"}, lambda call: call.version_id == marker_id and _key_of(call) == failed.key)
    maker = _deletion(failed) if call is None else _described(call, failed)
    return f", made by {maker}" if maker else ""


def _deletes(record: Record, key: str, version_id: str | None) -> bool:
    params = record.params or {}
    objects = params["Delete"]["Objects"] if "Delete" in params else [params]
    return any(entry.get("Key") == key and version_id in (None, entry.get("VersionId")) for entry in objects)


# --- versions and uploads ----------------------------------------------------------------------------------------------------


def _no_such_version(failed: _FailedCall) -> str | None:
    bucket, key, version_id = failed.existing_bucket, failed.key, failed.version_id
    if bucket is None or version_id is None:
        return None
    deletion = _deletion(failed, version_id)
    if deletion is not None:
        return f"version {version_id} of {key!r} was deleted by {deletion}"
    with bucket.lock:
        ids = list(bucket.versions(key))
        other_key = None if ids else next((other for other in bucket.versions_by_key if bucket.version(other, version_id)), None)
    if other_key is not None:
        return f"version {version_id} is one of {other_key!r}, not of {key!r}"
    if not ids:
        return f"{key!r} has no versions at all"
    return f"{key!r} never had a version {version_id}; it has {_first(reversed(ids), len(ids))}"


def _unknown_version_id(failed: _FailedCall) -> str | None:
    bucket, version_id = failed.existing_bucket, failed.version_id
    if failed.record.error is None or failed.record.error.extras.get("ArgumentName") != "versionId" or not version_id:
        return None
    if bucket is None or failed.key is None:
        return None
    with bucket.lock:
        ids = list(bucket.versions(failed.key))
    existing = f"{failed.key!r} has {_first(reversed(ids), len(ids))}" if ids else f"{failed.key!r} has no versions at all"
    return f"S3 never gave the version id {version_id!r}, which it can tell by the id; {existing}"


def _delete_marker(failed: _FailedCall) -> str | None:
    if failed.record.error is None or failed.record.error.extras.get("ResourceType") != "DeleteMarker":
        return None
    return f"version {failed.version_id} of {failed.key!r} is a delete marker{_made_by(failed, failed.version_id)}"


_UPLOAD_ENDS = {"CompleteMultipartUpload": "completed", "AbortMultipartUpload": "aborted"}
"""In this order: a completed upload may be aborted in vain."""


def _no_such_upload(failed: _FailedCall) -> str | None:
    upload_id = (failed.record.params or {}).get("UploadId", "")
    for operation, ended in _UPLOAD_ENDS.items():
        end = _latest_call(failed, {operation}, lambda call: (call.params or {}).get("UploadId") == upload_id)
        if end is not None:
            return f"the upload was {ended} by {_described(end, failed)}"
    for bucket in list(failed.store.buckets.values()):
        with bucket.lock:
            upload = bucket.uploads.get(upload_id)
            if upload is not None:
                return f"the upload is one of {upload.key!r} in bucket {bucket.name!r}"
    start = _latest_call(failed, {"CreateMultipartUpload"}, lambda call: call.upload_id == upload_id)
    if start is not None:
        made = _described(start, failed)
        return f"the upload was created by {made}, and is gone: a lifecycle rule aborted it, or the fake was reset"
    return "no upload ever had this id in this fake"


EXPLANATIONS: dict[str, Callable[[_FailedCall], str | None]] = {
    "NoSuchBucket": _no_such_bucket,
    "NoSuchKey": _no_such_key,
    "NoSuchVersion": _no_such_version,
    "NoSuchUpload": _no_such_upload,
    "InvalidArgument": _unknown_version_id,
    "MethodNotAllowed": _delete_marker,
}
"""By error code: returns the hint for a failed call, or None."""

HINTED_CODES = frozenset([*EXPLANATIONS, *RULE_HINTS])
"""Codes of errors that a hint may explain."""


# --- texts -------------------------------------------------------------------------------------------------------------------


def _latest_call(failed: _FailedCall, operations: Container[str], matches: Callable[[Record], bool]) -> Record | None:
    """Return the latest earlier call of one of the operations that succeeded and matches; None: there is none."""
    for call in failed.earlier:
        if call.operation is not None and call.operation.name in operations and call.error is None and matches(call):
            return call
    return None


def _bucket_of(record: Record) -> str | None:
    return record.address.bucket if record.address is not None else None


def _key_of(record: Record) -> str | None:
    return record.address.key if record.address is not None else None


def _described(call: Record, failed: _FailedCall) -> str:
    name = call.operation.name if call.operation is not None else call.method
    return f"{name} (call #{call.number}, {_time_before(call.time, failed)})"


def _time_before(time: datetime, failed: _FailedCall) -> str:
    seconds = (failed.record.time - time).total_seconds()
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit} before"
    return f"{max(seconds, 0) * 1000:.0f} ms before"


def _first(names: Iterable[str], total: int) -> str:
    """Return the first three names, and how many more there are."""
    first = ", ".join(map(repr, islice(names, 3)))
    return first if total <= 3 else f"{first} and {total - 3} more"

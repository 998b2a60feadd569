"""Finds what a test left over: multipart uploads neither completed nor aborted, and downloads whose body was not read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..text import count, shorten, size
from .call import Call
from .calls import Calls
from .record import Record

if TYPE_CHECKING:
    from ..state.store import Store
    from ..state.uploads import Upload
    from .history import History


class LeftoverWarning(UserWarning):
    """A test left something over; issued by the pytest fixtures, see ``fakes3_leftovers`` in the ini file."""


@dataclass(frozen=True)
class OpenUpload:
    """A multipart upload neither completed nor aborted: S3 stores its parts, and charges for them, without showing an object.

    Attributes:
        parts: the number of its parts.
        size: their bytes together.
        call: the CreateMultipartUpload; None if the journal no longer stores it.
    """

    bucket: str
    key: str
    id: str
    initiated: datetime
    parts: int
    size: int
    call: Call | None = field(default=None, compare=False)

    def __str__(self) -> str:
        created = f"by call #{self.call.number}" if self.call is not None else f"at {self.initiated:%Y-%m-%d %H:%M:%S}"
        parts = f"{count(self.parts, 'part')} of {size(self.size)}" if self.parts else "no parts"
        return f"upload of {shorten(f'{self.bucket}/{self.key}')} neither completed nor aborted ({parts}; created {created})"

    def to_json(self) -> dict[str, Any]:
        """Return the upload in types that JSON has; ``call`` is the call's number."""
        return {
            "bucket": self.bucket,
            "key": self.key,
            "upload_id": self.id,
            "initiated": self.initiated.isoformat(),
            "parts": self.parts,
            "size": self.size,
            "call": None if self.call is None else self.call.number,
        }


@dataclass(frozen=True)
class Leftovers:
    """What a test left over; false if that is nothing. The text has one line for each.

    Attributes:
        uploads: the open multipart uploads.
        bodies: GetObject calls of botocore clients in this process whose body was neither closed nor read, not even in part:
            each would keep a connection from returning to the pool. For bodies sent over HTTP this is not known.
    """

    uploads: tuple[OpenUpload, ...]
    bodies: Calls

    def __bool__(self) -> bool:
        return bool(self.uploads or len(self.bodies))

    def lines(self, *, uploads: bool = True, bodies: bool = True) -> list[str]:
        """Return one line for each upload and each body."""
        lines = [str(upload) for upload in self.uploads] if uploads else []
        return lines + [_unread(call) for call in self.bodies] if bodies else lines

    def to_json(self) -> dict[str, Any]:
        """Return uploads and unread bodies in types that JSON has; calls are their numbers."""
        return {
            "uploads": [upload.to_json() for upload in self.uploads],
            "unread_bodies": [{"bucket": call.bucket, "key": call.key, "call": call.number} for call in self.bodies],
        }

    def __str__(self) -> str:
        return "\n".join(self.lines()) or "nothing left over"


def _unread(call: Call) -> str:
    path = shorten(f"{call.bucket}/{call.key}")
    return f"body of {path} ({size(call.bytes_out)}) neither read nor closed (call #{call.number})"


def upload_ids(store: Store) -> frozenset[str]:
    """Return the ids of the uploads that are open now; those open when a test begins are not its leftovers."""
    return frozenset(upload.id for _, upload in _uploads(store))


def leftovers(store: Store, history: History, ignored_uploads: Collection[str] = (), since: int = 0) -> Leftovers:
    """Return what is left over now.

    Args:
        ignored_uploads: ids of uploads to ignore.
        since: ignore downloads up to the call of this number.
    """
    created = {record.upload_id: record for record in history.records() if _creates_upload(record)}
    uploads = []
    for bucket, upload in _uploads(store):
        if upload.id in ignored_uploads:
            continue
        parts = list(upload.parts.values())
        record = created.get(upload.id)
        call = None if record is None else Call(record, history)
        total = sum(part.size for part in parts)
        uploads.append(OpenUpload(bucket, upload.key, upload.id, upload.initiated, len(parts), total, call))
    unread = tuple(record for record in history.records() if record.number > since and is_unread(record))
    return Leftovers(tuple(uploads), Calls(unread, history))


def _creates_upload(record: Record) -> bool:
    return record.operation is not None and record.operation.name == "CreateMultipartUpload"


def _uploads(store: Store) -> Iterator[tuple[str, Upload]]:
    for bucket in list(store.buckets.values()):
        with bucket.lock:
            uploads = list(bucket.uploads.values())
        for upload in uploads:
            yield bucket.name, upload


def is_unread(record: Record) -> bool:
    """Return whether the response's body is known to be unread: it is, or it was when its reader was garbage-collected."""
    if not record.body_state:
        return False
    (state,) = record.body_state
    if isinstance(state, bool):
        return state
    reader = state()
    return reader is not None and reader.is_unread

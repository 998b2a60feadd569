"""What a test left behind: multipart uploads neither completed nor aborted, and downloads whose body nobody read."""

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
    """A test left something behind: pytest's fixtures warn of it, see ``fakes3_leftovers`` in the ini file."""


@dataclass(frozen=True)
class OpenUpload:
    """A multipart upload that is neither completed nor aborted: its parts are stored, and paid for, and nobody sees them.

    Attributes:
        parts: how many there are, of ``size`` bytes together.
        call: the CreateMultipartUpload; None when the journal does not know it any more.
    """

    bucket: str
    key: str
    id: str
    initiated: datetime
    parts: int
    size: int
    call: Call | None = field(default=None, compare=False)

    def __str__(self) -> str:
        begun = f"call #{self.call.number}" if self.call is not None else f"{self.initiated:%Y-%m-%d %H:%M:%S}"
        parts = f"{count(self.parts, 'part')} of {size(self.size)}" if self.parts else "no parts"
        return f"upload of {shorten(f'{self.bucket}/{self.key}')} neither completed nor aborted ({parts}; begun by {begun})"

    def to_json(self) -> dict[str, Any]:
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
    """What is left: false when that is nothing; its text has a line for each.

    Attributes:
        bodies: GetObject calls of botocore clients in this process whose body was neither read, not even in part, nor closed: a
            connection of the pool would be lost by each. What became of a body that was sent over HTTP nobody can know here.
    """

    uploads: tuple[OpenUpload, ...]
    bodies: Calls

    def __bool__(self) -> bool:
        return bool(self.uploads or len(self.bodies))

    def lines(self, *, uploads: bool = True, bodies: bool = True) -> list[str]:
        """In words."""
        found = [str(upload) for upload in self.uploads] if uploads else []
        return found + [_unread(call) for call in self.bodies] if bodies else found

    def to_json(self) -> dict[str, Any]:
        return {
            "uploads": [upload.to_json() for upload in self.uploads],
            "unread_bodies": [{"bucket": call.bucket, "key": call.key, "call": call.number} for call in self.bodies],
        }

    def __str__(self) -> str:
        return "\n".join(self.lines()) or "nothing left over"


def _unread(call: Call) -> str:
    what = shorten(f"{call.bucket}/{call.key}")
    return f"body of {what} ({size(call.bytes_out)}) neither read nor closed (call #{call.number})"


def upload_ids(store: Store) -> frozenset[str]:
    """The uploads that are open now: what is there already when a test begins is not its leftover."""
    return frozenset(upload.id for _, upload in _uploads(store))


def leftovers(store: Store, history: History, known: Collection[str] = (), since: int = 0) -> Leftovers:
    """What is left now.

    Args:
        known: ids of uploads that do not count.
        since: the number of the last call that does not.
    """
    begun = {one.upload_id: one for one in history.records() if _creates(one)}
    uploads = []
    for bucket, upload in _uploads(store):
        if upload.id in known:
            continue
        parts = list(upload.parts.values())
        record = begun.get(upload.id)
        call = None if record is None else Call(record, history)
        total = sum(part.size for part in parts)
        uploads.append(OpenUpload(bucket, upload.key, upload.id, upload.initiated, len(parts), total, call))
    unread = tuple(one for one in history.records() if one.number > since and is_unread(one))
    return Leftovers(tuple(uploads), Calls(unread, history))


def _creates(record: Record) -> bool:
    return record.operation is not None and record.operation.name == "CreateMultipartUpload"


def _uploads(store: Store) -> Iterator[tuple[str, Upload]]:
    for bucket in list(store.buckets.values()):
        with bucket.lock:
            found = list(bucket.uploads.values())
        for upload in found:
            yield bucket.name, upload


def is_unread(record: Record) -> bool:
    """Whether the body of this answer is known to be unread: it still is, or it was when its last reader dropped it.

    The cell holds a weak reference to the body while that lives, what became of it when it is gone, nothing if it went over HTTP.
    """
    if not record.body_state:
        return False
    (state,) = record.body_state
    if isinstance(state, bool):
        return state
    raw = state()
    return raw is not None and raw.is_unread

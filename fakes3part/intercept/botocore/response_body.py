"""What a response's body is read from: the part of ``urllib3.HTTPResponse`` that botocore, s3transfer and users touch."""

from __future__ import annotations

import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from weakref import ref

from ...message import BodyState, Segments


def raw_body(segments: Segments) -> Whole | Pieces:
    """A reader over the segments, which are never joined unless somebody reads them all at once."""
    if not segments:
        return Whole()
    if len(segments) == 1 and type(segments[0]) is bytes:
        return Whole(segments[0])
    return Pieces(segments)


class Connection:
    """What urllib3's response has beyond a file. (Mixed into the two readers: both have ``read``.)"""

    # botocore's StreamingBody.set_socket_timeout() walks down to the socket; here is none to wait for.
    _fp = SimpleNamespace(fp=SimpleNamespace(raw=SimpleNamespace(_sock=SimpleNamespace(settimeout=lambda seconds: None))))
    _shut = False
    _state: BodyState | None = None

    def watch(self, state: BodyState) -> None:
        """Report in ``state`` whether this body is read."""
        self._state = state
        state[:] = [ref(self)]

    @property
    def is_unread(self) -> bool:
        """Whether it was neither closed nor read, not even in part."""
        return not self._shut and not self.tell()  # type: ignore[attr-defined]

    def __del__(self) -> None:
        if self._state is not None:
            self._state[:] = [self.is_unread]

    @property
    def closed(self) -> bool:
        return self._shut

    def isclosed(self) -> bool:
        return self._shut

    def stream(self, amt: int | None = None, decode_content: bool | None = None) -> Iterator[bytes]:
        """Chunks of ``amt`` bytes; None: all that is left in one."""
        while chunk := self.read(amt):  # type: ignore[attr-defined]
            yield chunk

    def release_conn(self) -> None:
        """There is no connection to give back."""

    drain_conn = release_conn


class Whole(Connection, io.BytesIO):
    """A body in one piece. Once closed it is empty rather than an error, as urllib3's is."""

    def close(self) -> None:
        self.seek(0, io.SEEK_END)
        self._shut = True


class Pieces(Connection, io.RawIOBase):
    """A body in many pieces: a read costs what it returns, wherever it is in the body."""

    def __init__(self, segments: Segments) -> None:
        super().__init__()
        self._source: Segments = segments
        self._index = 0
        self._offset = 0
        self._position = 0

    def readable(self) -> bool:
        return not self._shut

    def tell(self) -> int:
        return self._position

    def read(self, amt: int | None = -1, decode_content: bool | None = None) -> bytes:
        """Up to ``amt`` bytes, as many as there are; None or -1: all that is left, joined once."""
        return b"".join(self._take(None if amt is None or amt < 0 else amt))

    def readall(self) -> bytes:
        return self.read()

    def read1(self, amt: int = -1) -> bytes:
        return self.read(amt)

    def readinto(self, buffer: Any) -> int:
        target = memoryview(buffer).cast("B")
        filled = 0
        for piece in self._take(len(target)):
            target[filled : filled + len(piece)] = piece
            filled += len(piece)
        return filled

    def peek(self, amt: int = 0) -> bytes:
        """Some of the bytes to come (``readline`` asks, so that it need not go byte by byte)."""
        before = self._index, self._offset, self._position
        found = self.read(max(amt, 4096))
        self._index, self._offset, self._position = before
        return found

    def _take(self, amt: int | None) -> Iterator[memoryview | bytes]:
        if self._shut:
            return
        while self._index < len(self._source) and amt != 0:
            segment = memoryview(self._source[self._index])
            piece = segment[self._offset :] if amt is None else segment[self._offset : self._offset + amt]
            self._position += len(piece)
            if self._offset + len(piece) == len(segment):
                self._index, self._offset = self._index + 1, 0
            else:
                self._offset += len(piece)
            if amt is not None:
                amt -= len(piece)
            yield piece

    def close(self) -> None:
        self._shut = True
        self._source = ()

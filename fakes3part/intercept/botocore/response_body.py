"""The readers of a response's body: the part of ``urllib3.HTTPResponse`` that botocore, s3transfer and users call."""

from __future__ import annotations

import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from weakref import ref

from ...message import BodyState, Segments


def raw_body(segments: Segments) -> BytesBody | SegmentsBody:
    """Return a reader of the segments, which are joined only if they are read all at once."""
    if not segments:
        return BytesBody()
    if len(segments) == 1 and type(segments[0]) is bytes:
        return BytesBody(segments[0])
    return SegmentsBody(segments)


class _ResponseMethods:
    """What ``urllib3.HTTPResponse`` has beyond a file. Mixed into the readers, which all have ``read`` and ``tell``."""

    # botocore's StreamingBody.set_socket_timeout() walks down to the socket; there is no socket here.
    _fp = SimpleNamespace(fp=SimpleNamespace(raw=SimpleNamespace(_sock=SimpleNamespace(settimeout=lambda seconds: None))))
    _closed = False
    _body_state: BodyState | None = None

    def watch(self, body_state: BodyState) -> None:
        """Report to ``body_state``, which the call journal keeps, whether the body is read."""
        self._body_state = body_state
        self._body_state[:] = [ref(self)]

    @property
    def is_unread(self) -> bool:
        """Whether the body was neither closed nor read, not even in part."""
        return not self._closed and not self.tell()  # type: ignore[attr-defined]

    def __del__(self) -> None:
        if self._body_state is not None:
            self._body_state[:] = [self.is_unread]

    @property
    def closed(self) -> bool:
        return self._closed

    def isclosed(self) -> bool:
        return self._closed

    def stream(self, amt: int | None = None, decode_content: bool | None = None) -> Iterator[bytes]:
        """Yield chunks of ``amt`` bytes; None: the rest of the body in one."""
        while chunk := self.read(amt):  # type: ignore[attr-defined]
            yield chunk

    def release_conn(self) -> None:
        """Do nothing: there is no connection to release."""

    drain_conn = release_conn


class BytesBody(_ResponseMethods, io.BytesIO):
    """A body in one segment. Once closed it is empty and raises nothing, like urllib3's."""

    def close(self) -> None:
        self.seek(0, io.SEEK_END)
        self._closed = True


class RawBody(_ResponseMethods, io.RawIOBase):
    """The base of readers that are not files in memory: all ways of reading call ``read``."""

    def readable(self) -> bool:
        return not self._closed

    def read(self, amt: int | None = -1, decode_content: bool | None = None) -> bytes:
        """Return up to ``amt`` bytes, as many as there are; None or -1: the rest of the body."""
        raise NotImplementedError

    def readall(self) -> bytes:
        return self.read()

    def read1(self, amt: int = -1) -> bytes:
        return self.read(amt)

    def readinto(self, buffer: Any) -> int:
        target = memoryview(buffer).cast("B")
        data = self.read(len(target))
        target[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._closed = True


class SegmentsBody(RawBody):
    """A body in several segments. The cost of a read depends only on the number of bytes read, not on the position."""

    def __init__(self, segments: Segments) -> None:
        super().__init__()
        self._segments: Segments = segments
        self._index = 0
        self._offset = 0
        self._position = 0

    def tell(self) -> int:
        return self._position

    def read(self, amt: int | None = -1, decode_content: bool | None = None) -> bytes:
        return b"".join(self._take(None if amt is None or amt < 0 else amt))

    def readinto(self, buffer: Any) -> int:  # without joining the segments first
        target = memoryview(buffer).cast("B")
        filled = 0
        for piece in self._take(len(target)):
            target[filled : filled + len(piece)] = piece
            filled += len(piece)
        return filled

    def peek(self, amt: int = 0) -> bytes:
        """Return some of the next bytes without consuming them (``readline`` calls it, to avoid reading byte by byte)."""
        before = self._index, self._offset, self._position
        data = self.read(max(amt, 4096))
        self._index, self._offset, self._position = before
        return data

    def _take(self, amt: int | None) -> Iterator[memoryview | bytes]:
        if self._closed:
            return
        while self._index < len(self._segments) and amt != 0:
            segment = memoryview(self._segments[self._index])
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
        super().close()
        self._segments = ()

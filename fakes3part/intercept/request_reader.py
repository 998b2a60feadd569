"""The bodies of requests as a connection receives them, in pieces of any size: with a Content-Length, or in chunks."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import S3Error
from ..message import Buffer, Payload
from ..protocol.http1 import LINE_LIMIT, Trailers, broken_body, check_chunk_end, chunk_size, incomplete_body


class SizedBody:
    """A body of ``length`` bytes."""

    def __init__(self, length: int) -> None:
        self._left = length
        self._pieces: list[bytes] = []
        self.is_complete = not length
        self.is_broken = False

    def receive(self, data: bytes) -> bytes:
        """Receive a piece of the body; return the bytes after its end."""
        piece, rest = (data, b"") if len(data) <= self._left else (data[: self._left], data[self._left :])
        self._pieces.append(piece)
        self._left -= len(piece)
        self.is_complete = not self._left
        return rest

    def break_off(self) -> None:
        """Let the body end here."""
        self.is_broken = True

    def payload(self) -> Payload:
        """Return the whole body.

        Raises:
            S3Error: IncompleteBody if it has broken off.
        """
        if self.is_broken:
            raise incomplete_body()
        return Payload(_join(self._pieces))


class ChunkedBody:
    """A body with ``Transfer-Encoding: chunked``. HTTP trailers are dropped, as by the server."""

    def __init__(self) -> None:
        self._pieces: list[memoryview] = []
        self._left = 0
        self._line = b""
        self._receives_line = self._receive_size
        self._trailers = Trailers()
        self.is_complete = False
        self.is_broken = False

    def receive(self, data: bytes) -> bytes:
        """Receive a piece of the body; return the bytes after its end."""
        view = memoryview(data)
        start = 0
        while start < len(data) and not self.is_complete:
            if self._left:
                piece = view[start : start + self._left]
                self._pieces.append(piece)
                self._left -= len(piece)
                start += len(piece)
                continue
            limit = 2 if self._receives_line == self._receive_chunk_end else LINE_LIMIT
            end = data.find(b"\n", start) + 1 or len(data)
            end = min(end, start + limit - len(self._line))
            self._line += data[start:end]
            start = end
            if self._line.endswith(b"\n") or len(self._line) == limit:
                line, self._line = self._line, b""
                try:
                    self._receives_line(line)
                except S3Error:
                    self.break_off()
        return data[start:]

    def break_off(self) -> None:
        """Let the body end here: its chunks are invalid, or the client has gone."""
        self.is_broken = self.is_complete = True

    def payload(self) -> Payload:
        """Return the whole body.

        Raises:
            S3Error: IncompleteBody if it has broken off.
        """
        if self.is_broken:
            raise broken_body()
        return Payload(_join(self._pieces))

    def _receive_size(self, line: bytes) -> None:
        self._left = chunk_size(line)
        self._receives_line = self._receive_chunk_end if self._left else self._receive_trailer

    def _receive_chunk_end(self, line: bytes) -> None:
        check_chunk_end(line)
        self._receives_line = self._receive_size

    def _receive_trailer(self, line: bytes) -> None:
        self.is_complete = self._trailers.is_end(line)


def _join(pieces: Sequence[Buffer]) -> bytes:
    first = pieces[0] if pieces else b""
    return first if len(pieces) < 2 and type(first) is bytes else b"".join(pieces)

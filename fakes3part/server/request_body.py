"""A request's body on the wire: read when somebody asks for it, read away or given up when nobody does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from io import BufferedReader

from ..errors import S3Error
from ..message import Payload
from .responses import EMPTY, broken_body, incomplete_body

DISCARD_LIMIT = 64 * 1024 * 1024
"""Bytes of an unread body that are read away to keep a connection; above, closing it is cheaper."""

READ = 64 * 1024 * 1024
"""Bytes asked for at once: a client that declares 5 GiB gets that much memory only as it sends."""

PIECE = 256 * 1024
_LINE = 4096


class Body:
    """One request's body while it is still on the wire.

    ``length`` is in bytes, None for a chunked body. ``proceed`` tells the client, if it waits for that, to go on.
    """

    def __init__(self, stream: BufferedReader, length: int | None, proceed: Callable[[], None] | None) -> None:
        self._stream = stream
        self._left = length
        self._proceed = proceed
        self._done = length == 0

    def read(self) -> Payload:
        """All of it. Raises S3Error IncompleteBody when the client ends before it, or its chunks make no sense."""
        if self._done:
            return EMPTY
        if self._proceed is not None:
            self._proceed()
            self._proceed = None
        pieces: list[bytes] = []
        try:
            if self._left is None:
                self._chunks(pieces.append)
            else:
                self._known(pieces.append, READ)
        except OSError as gone:
            raise incomplete_body() from gone
        return Payload(pieces[0] if len(pieces) == 1 else b"".join(pieces))

    def discard(self) -> None:
        """Read what nobody wanted, if that is worth while; `must_close` tells whether it worked."""
        if self._done or self.must_close:
            return
        with suppress(S3Error, OSError):
            if self._left is None:
                self._chunks(_forget(DISCARD_LIMIT))
            else:
                self._known(_forget(DISCARD_LIMIT), PIECE)

    @property
    def must_close(self) -> bool:
        """Whether the connection cannot carry another request: nobody knows where this body ends, or it is far away.

        A client that still waits for its ``100 Continue`` may send the body or not.
        """
        if self._done:
            return False
        return self._proceed is not None or self._left == -1 or (self._left or 0) > DISCARD_LIMIT

    def _known(self, take: Callable[[bytes], object], at_once: int) -> None:
        assert self._left is not None
        while self._left:
            piece = self._stream.read(min(self._left, at_once))
            if not piece:
                self._left = -1
                raise incomplete_body()
            self._left -= len(piece)
            take(piece)
        self._done = True

    def _chunks(self, take: Callable[[bytes], object]) -> None:
        stream = self._stream
        self._left = -1  # until the last chunk has been seen, the border is unknown
        while size := _chunk_size(stream.readline(_LINE)):
            while size:
                piece = stream.read(min(size, READ))
                if not piece:
                    raise broken_body()
                size -= len(piece)
                take(piece)
            if stream.readline(3) not in (b"\r\n", b"\n"):
                raise broken_body()
        while (trailer := stream.readline(_LINE)) not in (b"\r\n", b"\n"):
            if not trailer.endswith(b"\n"):
                raise broken_body()
        self._done = True


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    # int() alone would take "+5", "0x5" and "1_0".
    if not line.endswith(b"\n") or not digits or len(digits) > 16 or digits.strip(b"0123456789abcdefABCDEF"):
        raise broken_body()
    return int(digits, 16)


def _forget(limit: int) -> Callable[[bytes], None]:
    left = limit

    def take(piece: bytes) -> None:
        nonlocal left
        left -= len(piece)
        if left < 0:
            raise broken_body()

    return take

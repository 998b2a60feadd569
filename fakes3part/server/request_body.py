"""A request's body on a socket: read when the handler needs it; otherwise discarded, or the connection is closed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from io import BufferedReader

from ..errors import S3Error
from ..message import Payload
from ..protocol.http1 import LINE_LIMIT, broken_body, chunk_size, incomplete_body
from .responses import EMPTY

DISCARD_LIMIT = 64 * 1024 * 1024
"""The most bytes of an unread body that are discarded to keep the connection; for more, closing it is cheaper."""

READ = 64 * 1024 * 1024
"""Bytes read at once, so that memory is allocated only as the client sends, whatever length it declares."""

PIECE = 256 * 1024


class Body:
    """The body of one request.

    Args:
        stream: of the connection, at the start of the body.
        length: in bytes; None for a chunked body.
        proceed: sends ``100 Continue``; None if the client does not wait for it.
    """

    def __init__(self, stream: BufferedReader, length: int | None, proceed: Callable[[], None] | None) -> None:
        self._stream = stream
        self._remaining = length
        self._proceed = proceed
        self._is_finished = length == 0

    def read(self) -> Payload:
        """Read the whole body.

        Raises:
            S3Error: IncompleteBody if the connection ends before it, or its chunks are invalid.
        """
        if self._is_finished:
            return EMPTY
        if self._proceed is not None:
            self._proceed()
            self._proceed = None
        pieces: list[bytes] = []
        try:
            if self._remaining is None:
                self._read_chunks(pieces.append)
            else:
                self._read_known(pieces.append, READ)
        except OSError as error:
            raise incomplete_body() from error
        return Payload(pieces[0] if len(pieces) == 1 else b"".join(pieces))

    def discard(self) -> None:
        """Read and drop an unread body unless it is too long; afterwards `must_close` says whether its end was reached."""
        if self._is_finished or self.must_close:
            return
        with suppress(S3Error, OSError):
            if self._remaining is None:
                self._read_chunks(_limited_drop(DISCARD_LIMIT))
            else:
                self._read_known(_limited_drop(DISCARD_LIMIT), PIECE)

    @property
    def must_close(self) -> bool:
        """Whether the connection cannot be used for another request: the end of the body is unknown, or too far away.

        A client that still waits for ``100 Continue`` may or may not send the body.
        """
        if self._is_finished:
            return False
        return self._proceed is not None or self._remaining == -1 or (self._remaining or 0) > DISCARD_LIMIT

    def _read_known(self, take: Callable[[bytes], object], at_once: int) -> None:
        assert self._remaining is not None
        while self._remaining:
            piece = self._stream.read(min(self._remaining, at_once))
            if not piece:
                self._remaining = -1
                raise incomplete_body()
            self._remaining -= len(piece)
            take(piece)
        self._is_finished = True

    def _read_chunks(self, take: Callable[[bytes], object]) -> None:
        stream = self._stream
        self._remaining = -1  # the end is unknown until the last chunk has been read
        while size := chunk_size(stream.readline(LINE_LIMIT)):
            while size:
                piece = stream.read(min(size, READ))
                if not piece:
                    raise broken_body()
                size -= len(piece)
                take(piece)
            if stream.readline(3) not in (b"\r\n", b"\n"):
                raise broken_body()
        while (trailer := stream.readline(LINE_LIMIT)) not in (b"\r\n", b"\n"):
            if not trailer.endswith(b"\n"):
                raise broken_body()
        self._is_finished = True


def _limited_drop(limit: int) -> Callable[[bytes], None]:
    left = limit

    def take(piece: bytes) -> None:
        nonlocal left
        left -= len(piece)
        if left < 0:
            raise broken_body()

    return take

"""A request's body on a socket: read when the handler needs it; otherwise discarded, or the connection is closed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from io import BufferedReader

from ..errors import S3Error
from ..message import Payload
from ..protocol.http1 import LINE_LIMIT, Trailers, broken_body, check_chunk_end, chunk_size, incomplete_body
from ..settings import Settings
from .responses import EMPTY

DISCARD_LIMIT = 64 * 1024 * 1024
"""The most bytes of an unread body that are discarded to keep the connection; for more, closing it is cheaper."""

READ = 64 * 1024 * 1024
"""Bytes read at once, so that memory is allocated only as the client sends, whatever length it declares."""

PIECE = 256 * 1024

_FRAMING = 3 * 1024 * 1024
"""Bytes that a body may have beyond its limit: aws-chunked framing (beside 1/32 of the limit), fields of a form, documents."""


class Body:
    """The body of one request.

    Args:
        stream: of the connection, at the start of the body.
        length: in bytes; None for a chunked body.
        proceed: sends ``100 Continue``; None if the client does not wait for it.
        settings: of the fake, with the limits of body and trailers.

    Attributes:
        reserve: see `ReceivedBody`.
    """

    reserve: Callable[[int], None] | None = None

    def __init__(
        self, stream: BufferedReader, length: int | None, proceed: Callable[[], None] | None, settings: Settings
    ) -> None:
        self._stream = stream
        self._settings = settings
        self._remaining = length
        self._proceed = proceed
        self._is_finished = length == 0
        self._failure: S3Error | None = None

    def read(self) -> Payload:
        """Read the whole body.

        Raises:
            S3Error: IncompleteBody if the connection ends before it, or its chunks are invalid.
        """
        if self._is_finished:
            return EMPTY
        if self._failure is not None:
            raise self._failure
        check_size(self._remaining or 0, self._settings)
        if self._proceed is not None:
            self._proceed()
            self._proceed = None
        pieces: list[bytes] = []
        read: Callable[[int], bytes] = self._stream.read
        take: Callable[[bytes], object] = pieces.append
        if self.reserve is not None:
            read, take = self._read_some, _reserved(take, self.reserve)
        try:
            if self._remaining is None:
                self._read_chunks(_limited(take, self._settings), _ignore, read)
            else:
                self._read_known(take, READ, read)
        except MemoryError:
            self._remaining = -1  # bytes were read and lost
            raise
        except OSError as error:
            self._failure = incomplete_body()
            raise self._failure from error
        except S3Error as error:
            self._failure = error
            raise
        return Payload(pieces[0] if len(pieces) == 1 else b"".join(pieces))

    def proceed(self) -> None:
        """Send the ``100 Continue`` for which the client still waits, if its body is empty.

        botocore sends ``Expect: 100-continue`` for empty bodies too. Before 1.43.117 it takes a final response that comes instead
        for the one to the connection's next request, and that request stalls.
        """
        if self._proceed is not None and self._is_finished:
            self._proceed()
            self._proceed = None

    def discard(self) -> None:
        """Read and drop an unread body unless it is too long; afterwards `must_close` says whether its end was reached."""
        if self._is_finished or self.must_close:
            return
        with suppress(S3Error, OSError):
            if self._remaining is None:
                drop = _limited_drop(DISCARD_LIMIT)
                self._read_chunks(drop, drop, self._stream.read)
            else:
                self._read_known(_limited_drop(DISCARD_LIMIT), PIECE, self._stream.read)

    @property
    def must_close(self) -> bool:
        """Whether the connection cannot be used for another request: the end of the body is unknown, or too far away.

        A client that still waits for ``100 Continue`` may or may not send the body, and old botocore (see `proceed`) needs a new
        connection.
        """
        if self._proceed is not None:
            return True
        if self._is_finished:
            return False
        return self._remaining == -1 or (self._remaining or 0) > DISCARD_LIMIT

    def _read_known(self, take: Callable[[bytes], object], at_once: int, read: Callable[[int], bytes]) -> None:
        assert self._remaining is not None
        while self._remaining:
            piece = read(min(self._remaining, at_once))
            if not piece:
                self._remaining = -1
                raise incomplete_body()
            self._remaining -= len(piece)
            take(piece)
        self._is_finished = True

    def _read_chunks(
        self, take: Callable[[bytes], object], take_line: Callable[[bytes], object], read: Callable[[int], bytes]
    ) -> None:
        self._remaining = -1  # the end is unknown until the last chunk has been read
        while size := chunk_size(self._line(take_line)):
            while size:
                piece = read(min(size, READ))
                if not piece:
                    raise broken_body()
                size -= len(piece)
                take(piece)
            check_chunk_end(self._line(take_line, 2))
        trailers = Trailers(self._settings.max_trailer_size)
        while not trailers.is_end(self._line(take_line)):
            pass
        self._is_finished = True

    def _read_some(self, size: int) -> bytes:
        """Read what has come of the next ``size`` bytes, and wait only if that is nothing."""
        return self._stream.read1(min(size, PIECE))

    def _line(self, take_line: Callable[[bytes], object], limit: int = LINE_LIMIT) -> bytes:
        line = self._stream.readline(limit)
        take_line(line)
        return line


def check_size(size: int, settings: Settings) -> None:
    """Raise EntityTooLarge if a body is larger than any upload with the framing of its chunks."""
    limit = settings.max_upload
    if size > limit + limit // 32 + _FRAMING:
        raise S3Error("EntityTooLarge", ProposedSize=size, MaxSizeAllowed=limit)


def _limited(take: Callable[[bytes], object], settings: Settings) -> Callable[[bytes], None]:
    """Return ``take``, which raises EntityTooLarge when it has got too many bytes."""
    size = 0

    def take_piece(piece: bytes) -> None:
        nonlocal size
        size += len(piece)
        check_size(size, settings)
        take(piece)

    return take_piece


def _reserved(take: Callable[[bytes], object], reserve: Callable[[int], None]) -> Callable[[bytes], None]:
    """Return ``take``, which reserves room for what it gets."""

    def take_piece(piece: bytes) -> None:
        reserve(len(piece))
        take(piece)

    return take_piece


def _ignore(_line: bytes) -> None:
    """Do nothing with a line of the framing."""


def _limited_drop(limit: int) -> Callable[[bytes], None]:
    left = limit

    def take(piece: bytes) -> None:
        nonlocal left
        left -= len(piece)
        if left < 0:
            raise broken_body()

    return take

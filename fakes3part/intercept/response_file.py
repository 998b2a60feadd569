"""The file from which http.client reads a response that is there as a whole: nothing faulty, large or unfinished."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple, Protocol
from weakref import ref

if TYPE_CHECKING:
    from ..message import BodyState

MOST = 64 * 1024
"""The largest response that is read so: it is copied once more, and larger ones are read by pieces."""


class _Socket(Protocol):
    def fileno(self) -> int: ...

    def _decref_socketios(self) -> None: ...


class WholeResponse(NamedTuple):
    """The bytes of a response.

    Attributes:
        head_size: how many of them come before the body.
        body_state: tells the journal whether the body is unread (`BodyState`); None: it is no download.
    """

    data: bytes
    head_size: int
    body_state: BodyState | None


class ResponseFile(io.BytesIO):
    """What ``socket.makefile("rb")`` returns, without `io.BufferedReader` and `socket.SocketIO`, which take 10 us a response."""

    def __init__(self, response: WholeResponse, sock: _Socket) -> None:
        super().__init__(response.data)
        self._head_size = response.head_size
        self._body_state = response.body_state
        self._sock = sock
        if response.body_state is not None:
            response.body_state[:] = [ref(self)]

    @property
    def raw(self) -> ResponseFile:
        """The file itself: code that wants the socket of a response looks for ``raw._sock``."""
        return self

    @property
    def is_unread(self) -> bool:
        """Whether the body has neither been read nor closed."""
        return not self.closed and self.tell() <= self._head_size

    def peek(self, size: int = 0) -> bytes:
        """Return what is left, as `io.BufferedReader` does with what is buffered. Who looks at a body has read it."""
        self._head_size = -1
        return bytes(self.getbuffer()[self.tell() :])

    def fileno(self) -> int:
        return self._sock.fileno()

    def writable(self) -> bool:
        return False

    def write(self, buffer: object) -> int:
        raise io.UnsupportedOperation("write")

    def close(self) -> None:
        if self.closed:
            return
        super().close()
        if self._body_state is not None:
            self._body_state[:] = [False]
        self._sock._decref_socketios()

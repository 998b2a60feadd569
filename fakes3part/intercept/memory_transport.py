"""The transport that an asyncio protocol gets for a connection to a fake: what a socket's transport is to it otherwise.

It belongs to no event loop's implementation, so it serves asyncio's own loops and uvloop's alike.
"""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from . import stack
from .connection import Connection, Download, End, Pause

_PIECE = 256 * 1024
"""Bytes that a protocol receives at a time at most, as from a socket's transport. It may pause the transport in between."""

_LOOK = 0.001
"""Seconds until a connection that is about to end looks again whether all is read. They double each time."""


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))  # Python makes the subclass of it


class MemoryTransport(asyncio.Transport):
    """A transport whose other end is a `Connection`.

    The fake handles requests in the loop's own thread, unless it may have to wait: for a fault that delays, or for a pause. Then
    another thread does, so that the timeouts of the client hold and the test, which may run in the same loop, goes on.

    Args:
        loop: the protocol's.
        protocol: receives the responses.
        connection: the other end.
        fail: tells the protocol an error that reading will raise: of a connection that is refused (`ConnectionRefusedError`),
            of a response that does not come in time (`TimeoutError`), and what handling a request has raised.
        has_unread: whether the protocol has received bytes that its user has not read yet.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        protocol: asyncio.Protocol,
        connection: Connection,
        fail: Callable[[BaseException], None],
        has_unread: Callable[[], bool],
    ) -> None:
        super().__init__()
        self.connection = connection
        self._loop = loop
        self._protocol: Any = protocol
        self._fail = fail
        self._has_unread = has_unread
        self._delayed: list[bytes] = []
        self._is_waiting = False
        self._is_paused = False
        self._is_scheduled = False
        self._is_closing = False
        self._is_lost = False

    # --- sending -------------------------------------------------------------------------------------------------------------

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send data to the fake, which handles the requests that are complete now."""
        if self._is_closing or self.connection.is_closed:
            return
        piece = data if type(data) is bytes else bytes(data)
        if self._is_waiting or self.connection.may_wait:
            self._delayed.append(piece)
            self._handle_in_thread()
            return
        try:
            self.connection.receive(piece)
        except BaseException as error:
            self._stop(error)
        self._schedule()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))

    def _handle_in_thread(self) -> None:
        if self._is_waiting or not self._delayed:
            return
        data = b"".join(self._delayed)
        self._delayed.clear()
        self._in_thread(self.connection.receive, data)

    def _in_thread(self, function: Callable[..., object], *args: Any) -> None:
        """Call a function that may wait, and go on when it has returned."""
        self._is_waiting = True

        def run() -> None:
            error: BaseException | None = None
            try:
                function(*args)
            except BaseException as raised:
                error = raised
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._waited, error)

        threading.Thread(target=run, name="fakes3part", daemon=True).start()

    def _waited(self, error: BaseException | None) -> None:
        self._is_waiting = False
        if self._is_lost:
            return
        if error is not None:
            self._stop(error)
        self._handle_in_thread()
        self._schedule()

    def _stop(self, error: BaseException) -> None:
        self._fail(error)
        self.close()

    # --- receiving -----------------------------------------------------------------------------------------------------------

    def _schedule(self) -> None:
        if self.connection.events and not (self._is_scheduled or self._is_lost):
            self._is_scheduled = True
            self._loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        """Let the protocol receive what has come, until it pauses, or a fault does."""
        self._is_scheduled = False
        events = self.connection.events
        while events and not (self._is_paused or self._is_closing or self._is_waiting):
            event = events.popleft()
            if isinstance(event, Download):
                event.lose_sight()
            elif isinstance(event, Pause):
                self._in_thread(event.sleep, event.seconds)
            elif isinstance(event, End):
                self._end_when_read(event)
            elif len(event) <= _PIECE:
                self._protocol.data_received(event if type(event) is bytes else bytes(event))
            else:
                view = memoryview(event)
                events.appendleft(view[_PIECE:])
                self._protocol.data_received(bytes(view[:_PIECE]))

    def _end_when_read(self, end: End, delay: float = _LOOK) -> None:
        """End the connection, but not before the user has read what came before: the error would take its place."""
        if self._is_closing:
            return
        if self._has_unread():
            self._loop.call_later(delay, self._end_when_read, end, min(delay * 2, 0.1))
        else:
            self._end(end)

    def _end(self, end: End) -> None:
        if end is End.STALL or end is End.REFUSE:  # then the client closes the connection
            self._fail(TimeoutError("timed out") if end is End.STALL else _error(errno.ECONNREFUSED))
            return
        if end is End.CLOSE:
            self._protocol.eof_received()
        self._is_closing = True
        self._lose(_error(errno.ECONNRESET) if end is End.RESET else None)

    def pause_reading(self) -> None:
        self._is_paused = True

    def resume_reading(self) -> None:
        self._is_paused = False
        self._schedule()

    def is_reading(self) -> bool:
        return not self._is_paused and not self._is_closing

    # --- the rest ------------------------------------------------------------------------------------------------------------

    def is_closing(self) -> bool:
        """Return whether nothing more can be sent: also if no fake serves the host any more."""
        return self._is_closing or self.connection.is_closed or stack.active.fake_for(self.connection.peer) is None

    def close(self) -> None:
        """Close the connection. A request that is not complete breaks off."""
        if self._is_closing:
            return
        self._is_closing = True
        if not (self._is_waiting or self._delayed):
            self.connection.receive_end()
        self._loop.call_soon(self._lose, None)

    abort = close

    def _lose(self, error: OSError | None) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._protocol.connection_lost(error)

    def can_write_eof(self) -> bool:
        return False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Ignore the limits: nothing is buffered."""

    def get_write_buffer_size(self) -> int:
        return 0

    def get_protocol(self) -> asyncio.BaseProtocol:
        protocol: asyncio.BaseProtocol = self._protocol
        return protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == "peername":
            return self.connection.peer_address
        return ("127.0.0.1", 0) if name == "sockname" else default

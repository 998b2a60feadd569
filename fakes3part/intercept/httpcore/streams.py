"""The streams in memory that httpcore gets for connections to a fake: its ``NetworkStream`` and ``AsyncNetworkStream``."""

from __future__ import annotations

import math
from typing import Any

from .. import stack
from ..connection import Connection, Pause
from ..memory_socket import MemorySocket


class _Stream:
    """What both streams share.

    Args:
        connection: the other end.
        library: the module ``httpcore``, or a fork of it: its exceptions are raised.
    """

    def __init__(self, connection: Connection, library: Any) -> None:
        self._library = library
        self._socket = MemorySocket(connection, lambda error: library.ConnectError(str(error)))

    @property
    def connection(self) -> Connection:
        """The other end."""
        return self._socket.connection

    @property
    def is_open(self) -> bool:
        """Whether the connection takes another request."""
        return not self.connection.is_closed

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the connection; None: nothing, as of its encryption."""
        if info == "is_readable":  # a kept connection is: then the server has closed it, and it is not used again
            return self._socket.is_readable or stack.active.fake_for(self.connection.peer) is None
        if info == "server_addr":
            return self._socket.getpeername()
        if info == "client_addr":
            return self._socket.getsockname()
        return self._socket if info == "socket" else None

    def _receive(self, size: int) -> bytes:
        try:
            return self._socket.recv(size)
        except TimeoutError as error:
            raise self._library.ReadTimeout(str(error)) from error
        except OSError as error:
            raise self._library.ReadError(str(error)) from error

    def _send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise self._library.WriteError(str(error)) from error


class SyncStream(_Stream):
    """A stream for threads. It waits as `MemorySocket` does."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._socket.settimeout(timeout)
        return self._receive(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if buffer:  # h11 also writes the end of a body, which is nothing if it has a length
            self._socket.settimeout(timeout)
            self._send(buffer)

    def close(self) -> None:
        self._socket.close()

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> SyncStream:
        return self


class AsyncStream(_Stream):
    """A stream for event loops: asyncio's, and trio's.

    The fake handles requests in the loop's own thread, unless it may have to wait: for a fault that delays, or for a pause. Then
    another thread does, so that the timeouts of the client hold and the test, which may run in the same loop, goes on.
    """

    def __init__(self, connection: Connection, library: Any) -> None:
        super().__init__(connection, library)
        self._delayed: list[bytes] = []

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        events = self.connection.events
        if self._delayed:
            data = b"".join(self._delayed)
            self._delayed.clear()
            await self._in_thread(timeout, self._send, data)
        while events and isinstance(events[0], Pause):
            pause = events.popleft()
            assert isinstance(pause, Pause)
            await self._in_thread(timeout, pause.sleep, pause.seconds)
        return self._receive(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        if self._delayed or self.connection.may_wait:
            self._delayed.append(buffer)  # until the client reads: all of it belongs to the time for reading
        else:
            self._send(buffer)

    async def _in_thread(self, timeout: float | None, function: Any, *args: Any) -> None:
        import anyio
        import anyio.to_thread

        limiter = anyio.CapacityLimiter(math.inf)  # any number of requests may be paused
        try:
            with anyio.fail_after(timeout):
                await anyio.to_thread.run_sync(function, *args, abandon_on_cancel=True, limiter=limiter)
        except TimeoutError as error:
            raise self._library.ReadTimeout("timed out") from error

    async def aclose(self) -> None:
        self._socket.close()

    async def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> AsyncStream:
        return self

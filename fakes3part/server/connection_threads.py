"""The threads of a server's connections, one for each."""

from __future__ import annotations

import os
import select
import socket
import threading
from contextlib import suppress
from time import monotonic
from typing import Any, Protocol

from ..locks import new_lock

_IDLE = 0.5
"""Seconds without a request after which a connection may be closed: a busy client sends its next one sooner."""

_CLOSING = 0.2
"""Seconds to wait for the thread of a connection that was shut down."""


class Connection(Protocol):
    """What a server's connection has.

    Attributes:
        socket: the socket, or that of TLS.
        idle_since: when it began to wait for a request, by `time.monotonic`; None: it is handling one, or was shut down.
    """

    socket: Any
    idle_since: float | None

    def open(self) -> bool: ...
    def communicate(self) -> bool: ...
    def close(self) -> None: ...


class ConnectionThreads:
    """Replaces cheroot's thread pool: one thread for each connection, for its lifetime."""

    def __init__(self) -> None:
        self._lock = new_lock()
        self._open: dict[threading.Thread, Connection] = {}

    def start(self) -> None:
        """Do nothing: there is no pool to fill."""

    def put(self, conn: Connection) -> None:
        thread = threading.Thread(target=self._serve, args=(conn,), name="fakes3part connection", daemon=True)
        with self._lock:
            self._open[thread] = conn
        try:
            thread.start()
        except RuntimeError:  # there is no memory for its stack, or there are too many threads
            with self._lock:
                del self._open[thread]
            conn.close()
            raise

    def _serve(self, conn: Connection) -> None:
        try:
            is_open = conn.open()
            while is_open:
                is_open = conn.communicate()
        finally:
            # Closed under the lock: else stop() might shut down a descriptor that has been reused.
            with self._lock, suppress(OSError):
                del self._open[threading.current_thread()]
                conn.close()

    def close_longest_idle(self) -> bool:
        """Shut down the connection that has been waiting longest for a request, and wait for its thread.

        Returns:
            Whether there was one. A request that is being received or handled is never cut.
        """
        now = monotonic()
        with self._lock:
            idle = [
                (since, thread, conn)
                for thread, conn in self._open.items()
                if (since := conn.idle_since) is not None and now - since >= _IDLE
            ]
            idle.sort(key=lambda item: item[0])
            longest = next(((thread, conn) for _, thread, conn in idle if not _has_data(conn.socket)), None)
            if longest is None:
                return False
            thread, conn = longest
            conn.idle_since = None
            with suppress(OSError):
                conn.socket.shutdown(socket.SHUT_RDWR)
        thread.join(_CLOSING)
        return True

    def stop(self, timeout: float) -> None:
        """Shut down every connection, and wait for its thread, but not longer than ``timeout`` seconds for all."""
        end = monotonic() + timeout
        with self._lock:
            threads = list(self._open)
            for conn in self._open.values():
                with suppress(OSError):
                    conn.socket.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(max(0, end - monotonic()))

    def abandon(self) -> None:
        for conn in self._open.values():
            with suppress(OSError):
                os.close(conn.socket.detach())  # (close() would wait for the files made of the socket)


def _has_data(sock: socket.socket) -> bool:
    """Return whether a socket can be read: a request has come, or the client has gone."""
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))

"""`Endpoint`: a port of 127.0.0.1 that is reserved for a fake, and served from the first connection on."""

from __future__ import annotations

import _socket
import logging
import os
import selectors
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from ..locks import new_lock

if TYPE_CHECKING:
    from ..backend import Backend

log = logging.getLogger("fakes3part")

_CAN_WATCH = selectors.DefaultSelector.__name__ in ("EpollSelector", "KqueueSelector")
"""Whether a socket can be added while another thread waits for the others."""


class Endpoint:
    """A port. It refuses connections until `listen`; the HTTP server is started by the first connection after that.

    Raises:
        OSError: there are no sockets here, or no free port or descriptor.
    """

    def __init__(self) -> None:
        # Not `socket.socket`: pytest-socket replaces that, and a reserved port is no connection.
        reserved = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        try:
            reserved.bind(("127.0.0.1", 0))
            self.port: int = reserved.getsockname()[1]
        except BaseException:
            reserved.close()
            raise
        self._descriptor: int | None = reserved.detach()
        self._lock = new_lock()
        self._stop: Callable[[], None] | None = None
        self._fake: Backend | None = None

    def listen(self, fake: Backend) -> None:
        """Accept connections for this fake."""
        assert self._descriptor is not None
        listening = _socket.socket(fileno=self._descriptor)
        try:
            listening.listen(128)
        finally:
            listening.detach()
        self._fake = fake
        if _CAN_WATCH:
            doorman.watch(self._descriptor, self._serve)
        else:
            self._serve()

    def _serve(self) -> None:
        with self._lock:
            descriptor, self._descriptor = self._descriptor, None
            if descriptor is not None and self._fake is not None:
                self._stop = self._fake.serve_on(descriptor)

    def close(self) -> None:
        """Refuse connections from now on, and end those that are open."""
        with self._lock:
            descriptor, self._descriptor = self._descriptor, None
            stop, self._stop = self._stop, None
            self._fake = None
        if descriptor is not None:
            doorman.forget(descriptor)
            os.close(descriptor)
        if stop is not None:
            stop()

    def abandon(self) -> None:
        """Close the socket in a forked child. (The server closes its own.)"""
        descriptor, self._descriptor = self._descriptor, None
        self._stop = self._fake = None
        if descriptor is not None:
            os.close(descriptor)


class _Doorman:
    """A thread that waits for the first connection of each port. It runs while there are such ports, or while it is kept."""

    def __init__(self) -> None:
        self._lock = new_lock()
        self._thread: threading.Thread | None = None
        self._selector: selectors.BaseSelector | None = None
        self._stop_writing: int | None = None

    def watch(self, descriptor: int, connected: Callable[[], None]) -> None:
        """Call ``connected`` once, when a client connects."""
        with self._lock:
            if self._selector is None:
                self._start()
            assert self._selector is not None
            self._selector.register(descriptor, selectors.EVENT_READ, connected)

    def forget(self, descriptor: int) -> None:
        """Stop watching a port, if it is still watched."""
        with self._lock:
            if self._selector is not None:
                with suppress(KeyError):
                    self._selector.unregister(descriptor)

    def stop(self) -> None:
        """End the thread. Ports that are still watched are forgotten."""
        with self._lock:
            thread, self._thread = self._thread, None
            writing, self._stop_writing = self._stop_writing, None
            self._selector = None
        if thread is not None and writing is not None:
            os.close(writing)  # the other end of the pipe becomes readable
            if thread is not threading.current_thread():
                thread.join()

    def abandon(self) -> None:
        """Forget the thread in a forked child, which does not have it."""
        if self._stop_writing is not None:
            os.close(self._stop_writing)
        self._thread = self._selector = self._stop_writing = None

    def _start(self) -> None:
        self._selector = selectors.DefaultSelector()
        reading, self._stop_writing = os.pipe()
        self._selector.register(reading, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=_watch, args=(self._selector, reading), name="fakes3part doorman", daemon=True)
        self._thread.start()


def _watch(selector: selectors.BaseSelector, stop: int) -> None:
    try:
        while True:
            for key, _ in selector.select():
                if key.data is None:
                    return
                doorman.forget(key.fd)
                try:
                    key.data()
                except Exception:
                    log.exception("the server for child processes and native libraries cannot be started")
    finally:
        selector.close()
        os.close(stop)


doorman = _Doorman()

"""`StopSignals`: waits for the signals that end ``serve``."""

from __future__ import annotations

import signal
import socket
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""SIGHUP comes when a terminal is closed; SIGBREAK is Ctrl+Break on Windows."""


class StopSignals:
    """Notes signals from when it is entered, which interrupt nothing, and waits for the first. To be used in the main thread.

    Python runs handlers in the main thread only, which a signal need not wake: the kernel may deliver it to any other thread. So
    the main thread waits for a socket that Python's own handler, which runs at once in whichever thread, writes to.

    Args:
        ends_process: whether the process ends afterwards, so that further signals are ignored for good.
    """

    def __init__(self, *, ends_process: bool) -> None:
        self._ends_process = ends_process
        numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
        # A process that is started by nohup ignores SIGHUP.
        self._numbers = [n for n in numbers if n != getattr(signal, "SIGHUP", None) or signal.getsignal(n) is not signal.SIG_IGN]
        self._came = False

    def __enter__(self) -> Self:
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        self._old_descriptor = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._old_handlers = {number: signal.signal(number, _ignore) for number in self._numbers}
        return self

    def wait(self) -> None:
        """Return when a signal has come since `__enter__`."""
        while not self._came:
            self._came = not set(self._numbers).isdisjoint(self._reader.recv(4096))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._came and self._ends_process and hasattr(signal, "pthread_sigmask"):
            # Handlers are reset while Python ends, and a late signal would still kill it.
            signal.pthread_sigmask(signal.SIG_BLOCK, self._numbers)
        signal.set_wakeup_fd(self._old_descriptor)
        self._reader.close()
        self._writer.close()
        if not (self._came and self._ends_process):
            for number, handler in self._old_handlers.items():
                signal.signal(number, handler)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing. (SIG_IGN would keep Python from writing to the socket.)"""

"""The log of ``serve`` on stderr, which blocks no request, whether or not anyone reads stderr."""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic, sleep

MOST_LINES = 10_000
"""Records that may wait; further ones are dropped, and counted."""

_FLUSH = 0.5
"""Seconds that are left for what still waits at the end."""


class StderrHandler(logging.Handler):
    """Writes records in a thread of its own, to the file descriptor of stderr.

    A pipe that is not drained (``subprocess.Popen(stderr=PIPE)``) is full after 64 KiB. Whoever writes then waits, with the lock
    of logging, or that of ``sys.stderr``, which Python needs at its end.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: queue.Queue[bytes] = queue.Queue(MOST_LINES)
        self._dropped = 0
        self._thread = threading.Thread(target=self._write, name="fakes3part log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
            if self._dropped:
                line = f"({self._dropped} lines were dropped, as stderr is not read)\n{line}"
            self._lines.put_nowait(f"{line}\n".encode(errors="backslashreplace"))
            self._dropped = 0
        except queue.Full:
            self._dropped += 1

    def flush(self) -> None:
        """Wait until all records are written, but not longer than half a second."""
        end = monotonic() + _FLUSH
        while self._lines.unfinished_tasks and monotonic() < end:
            sleep(0.005)

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            with suppress(OSError):  # nobody reads stderr any more, or it is closed
                while line:
                    line = line[os.write(2, line) :]
            self._lines.task_done()


@contextmanager
def log_to_stderr(level: int) -> Iterator[None]:
    """Write log records and warnings to stderr."""
    root = logging.getLogger()
    if root.handlers:  # as logging.basicConfig: the log goes elsewhere already
        yield
        return
    handler = StderrHandler() if sys.stderr is sys.__stderr__ else logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    old_level = root.level
    root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        handler.flush()
        logging.captureWarnings(False)
        root.removeHandler(handler)
        root.setLevel(old_level)

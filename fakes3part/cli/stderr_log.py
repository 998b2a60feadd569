"""Writes the logs of ``serve`` to stderr, which blocks no request, whether or not anyone reads stderr."""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from time import monotonic, sleep
from typing import Protocol, TextIO

MOST_LINES = 10_000
"""Lines that may wait; further ones are dropped, and counted."""

_FLUSH = 0.5
"""Seconds that are left for what still waits at the end."""


class Writer(Protocol):
    """Writes lines."""

    encoding: str

    def write(self, text: str) -> None:
        """Write a text and a line break. What the encoding lacks is escaped."""

    def flush(self) -> None:
        """Wait for what is not written yet, but not for long."""


class DescriptorWriter:
    """Writes lines in a thread of its own, to a file descriptor.

    A pipe that is not drained (``subprocess.Popen(stderr=PIPE)``) is full after 64 KiB, and a terminal may be held (Ctrl+S).
    Whoever writes then waits, with the lock of logging, or that of ``sys.stderr``, which Python needs at its end.
    """

    def __init__(self, descriptor: int, encoding: str = "utf-8") -> None:
        self.encoding = encoding
        self._descriptor = descriptor
        self._lines: queue.Queue[bytes] = queue.Queue(MOST_LINES)
        self._lock = threading.Lock()
        self._dropped = 0
        self._is_stuck = False
        self._thread = threading.Thread(target=self._write, name="fakes3part log", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        with self._lock:
            if self._dropped:
                text = f"({self._dropped} lines were dropped, as stderr is not read)\n{text}"
            try:
                self._lines.put_nowait(f"{text}\n".encode(self.encoding, "backslashreplace"))
                self._dropped = 0
            except queue.Full:
                self._dropped += 1

    def flush(self) -> None:
        """Wait until all lines are written, but not longer than half a second, and only once if that is too short."""
        end = monotonic() + _FLUSH
        while self._lines.unfinished_tasks and not self._is_stuck:
            self._is_stuck = monotonic() > end
            sleep(0.005)

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            with suppress(OSError):  # nobody reads it any more, or it is closed
                while line:
                    line = line[os.write(self._descriptor, line) :]
            self._lines.task_done()


class StreamWriter:
    """Writes lines to a stream; None: writes nothing."""

    def __init__(self, stream: TextIO | None) -> None:
        self.encoding = getattr(stream, "encoding", None) or "utf-8"
        self._stream = stream

    def write(self, text: str) -> None:
        if self._stream is not None:
            with suppress(OSError, ValueError):  # it is closed
                print(text.encode(self.encoding, "backslashreplace").decode(self.encoding), file=self._stream, flush=True)

    def flush(self) -> None:
        """Do nothing: all is written."""


def writer_of(stream: TextIO | None) -> Writer:
    """Return what writes to ``sys.stdout`` or ``sys.stderr``, after what is in their buffers; None: writes nothing."""
    # A process may have none, and then its descriptor may be that of something else, such as a connection.
    if stream is None or not any(stream is own for own in (sys.__stdout__, sys.__stderr__)):
        return StreamWriter(stream)
    with suppress(OSError, ValueError):
        stream.flush()
    return DescriptorWriter(stream.fileno(), stream.encoding or "utf-8")


class WriterHandler(logging.Handler):
    """Passes log records to a writer."""

    def __init__(self, writer: Writer) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        self._writer.write(self.format(record))

    def flush(self) -> None:
        self._writer.flush()


class JsonFormatter(logging.Formatter):
    """Formats log records as JSON objects, as requests in the log are."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        document = {"time": time, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            document["traceback"] = self.formatException(record.exc_info)
        return json.dumps(document)


@contextmanager
def log_to_stderr(writer: Writer, *, is_json: bool = False) -> Iterator[None]:
    """Write warnings and errors that are logged, and Python's warnings, to stderr."""
    root = logging.getLogger()
    if root.handlers:  # as logging.basicConfig: the log goes elsewhere already
        yield
        return
    handler = WriterHandler(writer)
    handler.setFormatter(JsonFormatter() if is_json else logging.Formatter("%(asctime)s %(message)s"))
    old_level = root.level
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        handler.flush()
        logging.captureWarnings(False)
        root.removeHandler(handler)
        root.setLevel(old_level)

"""The log of requests of ``serve``, and their count."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from ..text import count
from .log_entry import log_entry
from .log_text import is_terminal, terminal_of_stderr, text_of

if TYPE_CHECKING:
    from ..api.fakes3 import FakeS3
    from ..server.responses import Exchange

FORMATS = ("text", "json")


class LogOptions(NamedTuple):
    """What is logged, and how.

    Attributes:
        is_quiet: nothing is.
        is_verbose: requests to the server itself too, and more of each request.
        format: one of `FORMATS`; None: ``text``, if standard error is a terminal or ``is_verbose``, else nothing is logged.
    """

    is_quiet: bool = False
    is_verbose: bool = False
    format: str | None = None

    @property
    def is_logged(self) -> bool:
        """Whether requests are logged."""
        return not self.is_quiet and (self.is_verbose or self.format is not None or is_terminal(sys.stderr))


class RequestLog:
    """Counts the requests of a server, and logs them: an observer of the server.

    Args:
        write: writes text at once, and does not wait for who reads it.
        encoding: of what is written to.
    """

    def __init__(self, fake: FakeS3, options: LogOptions, write: Callable[[str], None], encoding: str) -> None:
        self._fake = fake
        self._options = options
        self._is_logged = options.is_logged
        self._is_terminal = is_terminal(sys.stderr)
        self._write = write
        self._encoding = encoding
        self._started = monotonic()
        self._lock = threading.Lock()
        self.requests = 0
        self.errors = 0

    def __call__(self, exchange: Exchange) -> None:
        if not exchange.is_control:
            with self._lock:
                self.requests += 1
                self.errors += exchange.response.status >= 400
        if self._is_logged and (self._options.is_verbose or not exchange.is_control):
            self._write(self._text(exchange))

    def _text(self, exchange: Exchange) -> str:
        entry, verbose = log_entry(self._fake, exchange), self._options.is_verbose
        if self._options.format == "json":
            return json.dumps(entry.to_json(verbose=verbose), default=str)
        return text_of(entry, terminal_of_stderr() if self._is_terminal else None, self._encoding, verbose=verbose)

    def summary(self) -> str:
        """Return a sentence with the count of requests to S3 and the time since the log was made."""
        seconds = monotonic() - self._started
        return f"fakes3part stopped: {count(self.requests, 'request')}, {count(self.errors, 'error')}, {seconds:,.1f} s"

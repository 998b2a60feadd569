"""The order in which the connections of a busy server are served: that in which their requests came.

A thread that waits for Python's global lock may lose it again and again to threads that came later: of 32 connections at once,
one request in a hundred waited seven times as long as half of them. To wait in a queue costs each request 20 us, so that few
connections do not.
"""

from __future__ import annotations

from collections import deque
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from ..locks import new_lock

if TYPE_CHECKING:
    from _thread import LockType

FEW = 8
"""Requests at once that are served without turns."""

LONG = 0.01
"""Seconds after which a turn is too long: the request waits for something, such as a fault's pause or a callback of the test."""

SUSPENDED = 1.0
"""Seconds without turns after one that was too long: others like it may follow, and each would hold up all connections."""

_USUAL = 0.001
"""Seconds for each request in the queue before a connection looks whether the present turn is too long."""


class Turns:
    """The queue of a server. Each of its connections has a `Turn`."""

    def __init__(self) -> None:
        self._lock = new_lock()
        self._requests = 0
        self._holder: Turn | None = None  # None: no connection has the turn
        self._since = 0.0
        self._resumed_at = 0.0
        self._queue: deque[tuple[Turn, LockType]] = deque()

    def begin(self, turn: Turn) -> None:
        """Wait until it is this connection's turn, or until another one's is too long."""
        with self._lock:
            self._requests += 1
            if self._requests <= FEW:
                return
            now = monotonic()
            if now < self._resumed_at:
                return
            if self._holder is None:
                self._holder, self._since = turn, now
                return
            gate = Lock()
            gate.acquire()
            patience = LONG + len(self._queue) * _USUAL
            self._queue.append((turn, gate))
        while not gate.acquire(timeout=patience):
            self._suspend_if_long()

    def end(self, turn: Turn) -> None:
        """Give the turn, if this connection has it, to the one that has waited longest."""
        with self._lock:
            self._requests -= 1
            if self._holder is not turn:
                return
            if not self._queue:
                self._holder = None
                return
            self._holder, gate = self._queue.popleft()
            self._since = monotonic()
            gate.release()

    def _suspend_if_long(self) -> None:
        """Let all connections go on if the present turn is too long."""
        now = monotonic()
        with self._lock:
            if now - self._since < LONG:
                return
            self._holder, self._resumed_at = None, now + SUSPENDED
            while self._queue:
                self._queue.popleft()[1].release()


class Turn:
    """The turns of one connection."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._has_begun = False

    def begin(self) -> None:
        """Wait for this connection's turn, to do what needs no waiting. Any number of `end` may follow."""
        self._has_begun = True
        self._turns.begin(self)

    def end(self) -> None:
        """End the turn, before something that may take long."""
        if self._has_begun:
            self._has_begun = False
            self._turns.end(self)

"""Locks that are free in a forked child, although another thread of the parent may have held them when it was forked."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Protocol, TypeVar
from weakref import ref

if TYPE_CHECKING:
    from _thread import LockType


class _Renewable(Protocol):
    """What `threading`'s locks and conditions have."""

    def _at_fork_reinit(self) -> None:
        """Make the lock free, and forget who waits for it."""


L = TypeVar("L")

_locks: set[ref[object]] = set()
_forget = _locks.discard


def _renewed_at_fork(lock: L) -> L:
    _locks.add(ref(lock, _forget))
    return lock


def new_lock() -> LockType:
    """Return a ``threading.Lock``."""
    return _renewed_at_fork(threading.Lock())


def new_rlock() -> threading.RLock:
    """Return a ``threading.RLock``."""
    return _renewed_at_fork(threading.RLock())


def new_condition() -> threading.Condition:
    """Return a ``threading.Condition``."""
    return _renewed_at_fork(threading.Condition())


def _renew_all() -> None:
    for reference in tuple(_locks):
        lock: _Renewable | None = reference()  # type: ignore[assignment]
        if lock is not None:
            lock._at_fork_reinit()


if hasattr(os, "register_at_fork"):  # (Windows has no fork)
    os.register_at_fork(after_in_child=_renew_all)

"""Locks that are free in a forked child, although another thread of the parent may have held them, and copies without a lock."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast
from weakref import ref

if TYPE_CHECKING:
    from _thread import LockType


class _Renewable(Protocol):
    """What `threading`'s locks and conditions have."""

    def _at_fork_reinit(self) -> None:
        """Make the lock free, and forget who waits for it."""


L = TypeVar("L")
T = TypeVar("T")

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


class Lazy(Generic[L]):
    """An attribute of each object of a class, made when it is used first: ``_counts = Lazy(Counter)`` in the class's body.

    A fake has a dozen locks, of which most tests use a few, and other parts likewise.
    """

    def __init__(self, make: Callable[[], L]) -> None:
        self._make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> L:
        if instance is None:
            return cast(L, self)  # of the class itself, which help() and mock's autospec look at
        value: L = instance.__dict__.setdefault(self._name, self._new(instance))  # it is atomic: all threads get the same value
        return value

    def _new(self, instance: Any) -> L:
        return self._make()


class _Part(Lazy[Any]):
    """A `Lazy` attribute that is made from its object; `part` returns it."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self._make_from = make

    def _new(self, instance: Any) -> Any:
        return self._make_from(instance)


def part(make: Callable[[Any], L]) -> L:
    """Return an attribute of each object of a class, made when it is used first: ``store = part(_store)`` in the class's body.

    Objects of the class may be shared by threads: all of them get the same part. Two may be made at the same time, of which one
    is dropped, so making one must have no effect.

    Args:
        make: is called with the object.
    """
    return cast(L, _Part(make))


def items_of(items: deque[T]) -> list[T]:
    """Return the items of a deque to which other threads append.

    Without the GIL (Python 3.13t) no copy of a deque is atomic: it raises RuntimeError when another thread appends meanwhile.
    """
    while True:
        try:
            return list(items)
        except RuntimeError:
            continue


class LazyLock(Lazy[L]):
    """A lock of each object of a class, made when it is used first: ``_lock = LazyLock(new_rlock)`` in the class's body."""


def _renew_all() -> None:
    for reference in tuple(_locks):
        lock: _Renewable | None = reference()  # type: ignore[assignment]
        if lock is not None:
            lock._at_fork_reinit()


if hasattr(os, "register_at_fork"):  # (Windows has no fork)
    os.register_at_fork(after_in_child=_renew_all)

"""A dictionary whose keys can be walked in order, from anywhere.

Lookups and changes are a plain dictionary's. The order is brought up to date when somebody walks it: a few changes one by
one, many of them at once, which for 1,000 keys deleted together costs a tenth. A walk never sorts what is sorted already.

A copy shares the dictionary and the order with its original until either of the two is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby
from typing import Generic, TypeVar

from sortedcontainers import SortedList

V = TypeVar("V")

_MANY = 8
"""From this fraction of the keys on (one in ...), changes are made by building the list anew, which is faster."""


def merged(first: Iterator[str], second: Iterator[str]) -> Iterator[str]:
    """Two walks as one, in order, a key of both only once."""
    return (key for key, _ in groupby(merge(first, second)))


class Index(Generic[V]):
    """``key -> value``, walkable by `walk`. Not locked: its bucket is. (``values`` is for looking at, not for changing.)"""

    __slots__ = ("_added", "_order", "_removed", "_shares_order", "_shares_values", "values")

    def __init__(self, values: dict[str, V] | None = None) -> None:
        self.values: dict[str, V] = {} if values is None else values
        self._order = SortedList(self.values)
        self._added: set[str] = set()
        self._removed: set[str] = set()
        self._shares_values = self._shares_order = False

    def __len__(self) -> int:
        return len(self.values)

    def __contains__(self, key: object) -> bool:
        return key in self.values

    def __iter__(self) -> Iterator[str]:
        return self.walk("")

    def __getitem__(self, key: str) -> V:
        return self.values[key]

    def get(self, key: str) -> V | None:
        return self.values.get(key)

    def __setitem__(self, key: str, value: V) -> None:
        if self._shares_values:
            self._own()
        if key not in self.values:
            if key in self._removed:
                self._removed.discard(key)
            else:
                self._added.add(key)
        self.values[key] = value

    def pop(self, key: str) -> V | None:
        """Forget a key; its value, or None when it was not there."""
        if self._shares_values:
            self._own()
        value = self.values.pop(key, None)
        if value is not None:
            if key in self._added:
                self._added.discard(key)
            else:
                self._removed.add(key)
        return value

    def values_of(self, keys: Iterable[str]) -> list[V]:
        """The values of keys that are there."""
        return list(map(self.values.__getitem__, keys))

    def discard(self, keys: Iterable[str]) -> list[str]:
        """Forget many keys; those that were there."""
        if self._shares_values:
            self._own()
        values, added, removed = self.values, self._added, self._removed
        there = []
        for key in keys:
            if values.pop(key, None) is not None:
                there.append(key)
                if key in added:
                    added.discard(key)
                else:
                    removed.add(key)
        return there

    def walk(self, start: str, *, inclusive: bool = True) -> Iterator[str]:
        """The keys from ``start`` on (or behind it), in order of their code points, which is that of their UTF-8 bytes."""
        self._settle()
        keys: Iterator[str] = self._order.irange(minimum=start, inclusive=(inclusive, True))
        return keys

    def walk_back(self, before: str) -> Iterator[str]:
        """The keys before ``before``, the nearest first."""
        self._settle()
        keys: Iterator[str] = self._order.irange(maximum=before, inclusive=(True, False), reverse=True)
        return keys

    def copy(self) -> Index[V]:
        """The same keys and values; a change of one is not one of the other's. Costs nothing until then.

        The order is settled first: what two share, neither may change, and they have different locks.
        """
        self._settle()
        twin: Index[V] = Index()
        twin.values, twin._order = self.values, self._order
        self._shares_values = self._shares_order = twin._shares_values = twin._shares_order = True
        return twin

    def _own(self) -> None:
        self.values = self.values.copy()
        self._shares_values = False

    def _settle(self) -> None:
        added, removed = self._added, self._removed
        if not added and not removed:
            return
        if len(added) + len(removed) > len(self._order) // _MANY:
            self._order = SortedList(self.values)
        else:
            if self._shares_order:
                self._order = self._order.copy()
            for key in removed:
                self._order.remove(key)
            for key in added:
                self._order.add(key)
        self._shares_order = False
        self._added, self._removed = set(), set()

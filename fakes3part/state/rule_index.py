"""An index of objects most of which exist only as rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import chain
from typing import NamedTuple

from .object_rule import ObjectRule, Ranges
from .objects import Version
from .sorted_index import Index


class Layer(NamedTuple):
    """A rule, and the indexes of its keys that have been overwritten or deleted."""

    rule: ObjectRule
    hidden: Ranges

    def find(self, key: str) -> int | None:
        """Return the index of a key that the rule has, and that is not hidden; None: there is no such key."""
        index = self.rule.index_of(key)
        return None if index is None or index in self.hidden else index

    def walk(self, start: str, inclusive: bool) -> Iterator[str]:
        """Yield the keys from ``start`` on, or after it."""
        rule = self.rule
        index = rule.position(start)
        if not inclusive and rule.index_of(start) is not None:
            index += 1
        gaps = self.hidden.gaps(index, len(rule))
        return chain.from_iterable(rule.between(first, last) for first, last in gaps)

    def walk_back(self, before: str) -> Iterator[str]:
        """Yield the keys before ``before``, the nearest first."""
        rule = self.rule
        for first, last in self.hidden.gaps_back(rule.position(before)):
            for index in range(last - 1, first - 1, -1):
                yield rule.keys[index]


class RuleIndex(Index[Version]):
    """An `Index` whose keys are those of rules, and those that were stored since: ``values`` has only the latter.

    A page costs what it costs in an `Index`, however many keys the rules have. Memory is needed for what is overwritten (a
    version), and for what is deleted (a range of indexes for neighbours).
    """

    __slots__ = ("layers",)

    def __init__(self, layers: Iterable[Layer] = ()) -> None:
        super().__init__()
        self.layers = tuple(sorted(layers, key=lambda layer: layer.rule.first))

    @classmethod
    def extended(cls, index: Index[Version], layer: Layer) -> RuleIndex:
        """Return an index of what ``index`` has, and of a rule.

        Raises:
            ValueError: one of the rule's keys is there, or its keys are among those of another rule.
        """
        rule = layer.rule
        there = next((key for key in index.stored_keys() if rule.index_of(key) is not None), None)
        layers = index.layers if isinstance(index, RuleIndex) else ()
        for other in layers:
            if rule.first <= other.rule.last and other.rule.first <= rule.last:
                there = rule.first
        if there is not None:
            raise ValueError(f"a rule cannot replace objects: {there!r} is there, or its place is among the keys of another rule")
        extended = cls((*layers, layer))
        index.update_order()
        index.share(extended)
        return extended

    def _find(self, key: str) -> Layer | None:
        for layer in self.layers:
            if layer.find(key) is not None:
                return layer
        return None

    def _hide(self, key: str) -> None:
        for layer in self.layers:
            index = layer.rule.index_of(key)
            if index is not None:
                layer.hidden.add(index)

    def __len__(self) -> int:
        in_rules: int = sum(len(layer.rule) - layer.hidden.count for layer in self.layers)
        return in_rules + len(self.values)

    def __contains__(self, key: object) -> bool:
        return key in self.values or (isinstance(key, str) and self._find(key) is not None)

    def __getitem__(self, key: str) -> Version:
        version = self.get(key)
        if version is None:
            raise KeyError(key)
        return version

    def get(self, key: str) -> Version | None:
        version = self.values.get(key)
        if version is not None:
            return version
        layer = self._find(key)
        return None if layer is None else layer.rule.version(key)

    def __setitem__(self, key: str, value: Version) -> None:
        self._hide(key)
        super().__setitem__(key, value)

    def pop(self, key: str) -> Version | None:
        version = super().pop(key)
        if version is None and (layer := self._find(key)) is not None:
            version = layer.rule.version(key)
            self._hide(key)
        return version

    def values_of(self, keys: Iterable[str]) -> list[Version]:
        if not self.values and len(self.layers) == 1:
            return self.layers[0].rule.versions(keys)
        return [self[key] for key in keys]

    def discard(self, keys: Iterable[str]) -> list[str]:
        return [key for key in keys if self.pop(key) is not None]

    def items(self) -> Iterator[tuple[str, Version]]:
        return ((key, self[key]) for key in self.walk(""))

    def walk(self, start: str, *, inclusive: bool = True) -> Iterator[str]:
        walks = [layer.walk(start, inclusive) for layer in self.layers]
        keys = walks[0] if len(walks) == 1 else chain.from_iterable(walks)
        return merge(super().walk(start, inclusive=inclusive), keys) if self.values else keys

    def walk_back(self, before: str) -> Iterator[str]:
        keys = chain.from_iterable(layer.walk_back(before) for layer in reversed(self.layers))
        return merge(super().walk_back(before), keys, reverse=True) if self.values else keys

    def copy(self) -> RuleIndex:
        copied = RuleIndex(Layer(layer.rule, layer.hidden.copy()) for layer in self.layers)
        self.update_order()
        self.share(copied)
        return copied


def total_size(index: Index[Version]) -> int:
    """Return the size of all objects of an index. Those of a rule are counted, not made, where all have one size."""
    size = sum(version.size for version in index.values.values())
    for layer in index.layers if isinstance(index, RuleIndex) else ():
        rule, hidden = layer.rule, layer.hidden
        if rule.size is not None:
            size += rule.size * (len(rule) - hidden.count)
        else:
            size += sum(version.size for version in rule.versions(layer.walk("", True)))
    return size

"""Lists of one response whose elements are interleaved in the document, in an order that the operation gives.

In the model they are separate members: ListObjectVersions has ``Versions`` and ``DeleteMarkers``, whose elements follow one
another by key and age. Recorded from AWS, February 2026 (LocalStack's snapshots).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

INTERLEAVED: dict[str, tuple[str, ...]] = {"ListObjectVersionsOutput": ("Versions", "DeleteMarkers")}
"""By shape, the members whose elements are interleaved, at the position of the first of them."""


class InterleavedItems(list[Any]):
    """One of the lists: its items, and the position of each among the items of all lists.

    Items appended without a position follow one another.
    """

    def __init__(self) -> None:
        super().__init__()
        self.positions: list[int] = []

    def put(self, position: int, item: Any) -> None:
        """Append an item that has this position in the document."""
        self.append(item)
        self.positions.append(position)


def merge_columns(columns: Mapping[str, Sequence[Any]], names: Sequence[str]) -> Mapping[str, Sequence[Any]]:
    """Return the columns with those of the named members merged into one, under the first name: in each row all its lists."""
    merged = list(zip(*(columns.get(name) or repeat(()) for name in names), strict=False)) if columns.keys() & set(names) else []
    rest = {name: column for name, column in columns.items() if name not in names}
    return {**rest, names[0]: merged} if merged else rest


def interleave(texts: Iterable[Sequence[str]], lists: Iterable[Sequence[Any]]) -> list[str]:
    """Return the texts of all lists' items, given by list, in the order of the document."""
    placed: list[tuple[int, str]] = []
    for written, items in zip(texts, lists, strict=True):
        first = len(placed)
        positions = items.positions if isinstance(items, InterleavedItems) else range(first, first + len(items))
        placed += zip(positions, written, strict=True)
    placed.sort()
    return [text for _, text in placed]

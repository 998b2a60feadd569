"""Lists of one answer whose elements stand mixed in the document, in an order that the operation gives (70.9).

The model knows them as members of their own: ListObjectVersions has ``Versions`` and ``DeleteMarkers``, whose elements follow
one another by key and age.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

MIXED: dict[str, tuple[str, ...]] = {"ListObjectVersionsOutput": ("Versions", "DeleteMarkers")}
"""By shape, the members whose elements stand mixed, where the first of them would stand."""


class Placed(list[Any]):
    """One of the lists: its items, and the place of each among the items of all of them. Unplaced ones follow one another."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[int] = []

    def put(self, place: int, item: Any) -> None:
        self.append(item)
        self.places.append(place)


def gathered(columns: Mapping[str, Sequence[Any]], names: Sequence[str]) -> Mapping[str, Sequence[Any]]:
    """The columns, with those of the mixed members made one, under the first of their names: in each row all its lists."""
    mixed = list(zip(*(columns.get(name) or repeat(()) for name in names), strict=False)) if columns.keys() & set(names) else []
    rest = {name: column for name, column in columns.items() if name not in names}
    return {**rest, names[0]: mixed} if mixed else rest


def in_places(texts: Iterable[Sequence[str]], lists: Iterable[Sequence[Any]]) -> list[str]:
    """The items' texts, those of each list, in the order of the document."""
    found: list[tuple[int, str]] = []
    for written, items in zip(texts, lists, strict=True):
        first = len(found)
        found += zip(items.places if isinstance(items, Placed) else range(first, first + len(items)), written, strict=True)
    found.sort()
    return [text for _, text in found]

"""All versions of one key: a dictionary that can also be read from any version on, as the pages of a listing do."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from sortedcontainers import SortedDict

from .objects import Version

_MANY = 1_000
"""From so many versions on the order is kept at the first removal: a dictionary that shrank at its end is slow to read there."""

_REMEMBERED = 10_000
"""The place of so many versions that are gone is known."""


class _Order:
    """The ids of a key's versions by their places, which are numbers that grow with time and never change."""

    __slots__ = ("_gone", "_ids", "_next", "_places")

    def __init__(self, ids: Iterable[str]) -> None:
        self._ids: SortedDict[int, str] = SortedDict(enumerate(ids))
        self._places: dict[str, int] = {version_id: place for place, version_id in self._ids.items()}
        self._gone: OrderedDict[str, None] = OrderedDict()
        self._next = len(self._ids)

    def copy(self) -> _Order:
        twin = _Order(())
        twin._ids, twin._places, twin._gone, twin._next = self._ids.copy(), self._places.copy(), self._gone.copy(), self._next
        return twin

    def append(self, version_id: str) -> None:
        self._gone.pop(version_id, None)
        self._ids[self._next] = version_id
        self._places[version_id] = self._next
        self._next += 1

    def remove(self, version_id: str) -> None:
        del self._ids[self._places[version_id]]
        self._gone[version_id] = None
        if len(self._gone) > _REMEMBERED:
            del self._places[self._gone.popitem(last=False)[0]]

    def older(self, than: str) -> Iterator[str] | None:
        """The ids behind one, newest first; None when nobody knows where that one is or was."""
        place = self._places.get(than)
        if place is None:
            return None
        return map(self._ids.__getitem__, self._ids.irange(maximum=place, inclusive=(True, False), reverse=True))

    @property
    def newest(self) -> str | None:
        return self._ids.peekitem()[1] if self._ids else None


class Versions(dict[str, Version]):
    """``id -> version``, oldest first, delete markers included. Changed by `put` and `take` only (and values in place).

    Puts and lookups cost what a dictionary's do, however many versions there are. The order by place is made when a page ends
    within the key, so that the next page finds its beginning at once, even if that version is deleted in between:
    ``bucket.object_versions.delete()`` of boto3 deletes page by page.

    Copies of a bucket share it; ``epoch`` is that of the one bucket that may change it (`Bucket.epoch`).
    """

    epoch: object = None
    _order: _Order | None = None

    def put(self, version: Version) -> None:
        """Make this the newest; one of the same id (``null`` over ``null``) is replaced."""
        if version.id in self:
            self.remove(version.id)
        self[version.id] = version
        if self._order is not None:
            self._order.append(version.id)

    def remove(self, version_id: str) -> Version | None:
        """Remove one for good; it, or None when it was not there."""
        if self._order is None and len(self) > _MANY:
            self.keep_order()
        version = self.pop(version_id, None)
        if version is not None and self._order is not None:
            self._order.remove(version_id)
        return version

    @property
    def newest(self) -> Version | None:
        if self._order is None:
            return next(reversed(self.values()), None)
        version_id = self._order.newest
        return None if version_id is None else self[version_id]

    def newest_first(self) -> Iterator[Version]:
        """All of them."""
        return reversed(self.values())

    def older(self, than: str) -> Iterator[Version] | None:
        """The versions older than one, newest first; None when nobody knows where that one is or was."""
        if than in self:
            self.keep_order()
        ids = self._order.older(than) if self._order is not None else None
        return None if ids is None else map(self.__getitem__, ids)

    def keep_order(self) -> None:
        """Know the place of each from now on, also once it is gone: a page ends here."""
        if self._order is None:
            self._order = _Order(self)

    def copy(self) -> Versions:
        """The same versions; a change of one is not one of the other's. It knows of the same versions where they were."""
        twin = Versions(self)
        if self._order is not None:
            twin._order = self._order.copy()
        return twin

"""The versions of a key: a dictionary that can be read from any version on, as the pages of a listing do."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from sortedcontainers import SortedDict

from .objects import Version

_MANY = 1_000
"""With more versions the order is kept from the first removal on: a dictionary that shrank at its end is slow to read there."""

_MAX_REMOVED = 10_000
"""How many removed versions have a known position."""


class _Order:
    """The ids of a key's versions by position. Positions are numbers that grow with time and never change."""

    __slots__ = ("_ids", "_next", "_positions", "_removed")

    def __init__(self, ids: Iterable[str]) -> None:
        self._ids: SortedDict[int, str] = SortedDict(enumerate(ids))
        self._positions: dict[str, int] = {version_id: position for position, version_id in self._ids.items()}
        self._removed: OrderedDict[str, None] = OrderedDict()
        self._next = len(self._ids)

    def copy(self) -> _Order:
        copied = _Order(())
        copied._ids, copied._positions, copied._removed, copied._next = (
            self._ids.copy(),
            self._positions.copy(),
            self._removed.copy(),
            self._next,
        )
        return copied

    def append(self, version_id: str) -> None:
        self._removed.pop(version_id, None)
        self._ids[self._next] = version_id
        self._positions[version_id] = self._next
        self._next += 1

    def remove(self, version_id: str) -> None:
        del self._ids[self._positions[version_id]]
        self._removed[version_id] = None
        if len(self._removed) > _MAX_REMOVED:
            del self._positions[self._removed.popitem(last=False)[0]]

    def older(self, than: str) -> Iterator[str] | None:
        """Yield the ids of the versions older than one, newest first; None: the position of that one is unknown."""
        position = self._positions.get(than)
        if position is None:
            return None
        return map(self._ids.__getitem__, self._ids.irange(maximum=position, inclusive=(True, False), reverse=True))

    @property
    def newest(self) -> str | None:
        return self._ids.peekitem()[1] if self._ids else None


class Versions(dict[str, Version]):
    """The versions of a key by id, oldest first, delete markers included. Only `put` and `remove` add and remove versions.

    Puts and lookups cost what those of a dictionary do, however many versions there are. The order by position is made when a
    page of a listing ends within the key, so that the next page finds its first version at once, even if the version where the
    page ended was deleted: boto3's ``bucket.object_versions.delete()`` deletes page by page.

    Copies of a bucket share it; ``epoch`` is that of the bucket that may change it (`Bucket.epoch`).
    """

    epoch: object = None
    _order: _Order | None = None

    def put(self, version: Version) -> None:
        """Add a version as the newest; it replaces one of the same id (``null`` by ``null``)."""
        if version.id in self:
            self.remove(version.id)
        self[version.id] = version
        if self._order is not None:
            self._order.append(version.id)

    def remove(self, version_id: str) -> Version | None:
        """Remove a version and return it; None: there is no such version."""
        if self._order is None and len(self) > _MANY:
            self.keep_order()
        version = self.pop(version_id, None)
        if version is not None and self._order is not None:
            self._order.remove(version_id)
        return version

    @property
    def newest(self) -> Version | None:
        """The newest version; None: there is none."""
        if self._order is None:
            return next(reversed(self.values()), None)
        version_id = self._order.newest
        return None if version_id is None else self[version_id]

    def newest_first(self) -> Iterator[Version]:
        """Yield all versions, newest first."""
        return reversed(self.values())

    def older(self, than: str) -> Iterator[Version] | None:
        """Yield the versions older than one, newest first; None: the position of that one is unknown."""
        if than in self:
            self.keep_order()
        ids = self._order.older(than) if self._order is not None else None
        return None if ids is None else map(self.__getitem__, ids)

    def keep_order(self) -> None:
        """Keep the position of each version from now on, also of removed ones: a page of a listing ends within the key."""
        if self._order is None:
            self._order = _Order(self)

    def copy(self) -> Versions:
        """Return an independent copy that knows the same positions."""
        copied = Versions(self)
        if self._order is not None:
            copied._order = self._order.copy()
        return copied

"""How many bytes the buckets of a store hold, where a setting limits them (``max_bytes``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..locks import new_lock
from .objects import Data, Version
from .uploads import Upload


class Usage:
    """The bytes of all versions, parts and annotations of a store.

    Attributes:
        limit: how many there may be.
        size: how many there are. It can be above the limit after a state was restored.
        error: (growth, size, limit) -> the error that refuses a change.
    """

    def __init__(self, limit: int, error: Callable[[int, int, int], Exception]) -> None:
        self.limit = limit
        self.size = 0
        self.error = error
        self._lock = new_lock()

    def add(self, growth: int) -> None:
        """Count bytes that are about to be stored, or that have been removed (a negative number).

        Raises:
            Exception: ``error``, if they would be too many; they are not counted then.
        """
        with self._lock:
            if growth > 0 and self.size + growth > self.limit:
                raise self.error(growth, self.size, self.limit)
            self.size += growth


def size_of_version(version: Version | None) -> int:
    """Return how many bytes a version takes, with its annotations; None: there is no version."""
    if version is None or version.data is None:
        return 0
    size = version.data.memory
    return size if version.annotations is None else size + _sum(a.data for a in version.annotations.values())


def size_of_upload(upload: Upload) -> int:
    """Return how many bytes the parts of an upload take."""
    return _sum(part.data for part in upload.parts.values())


def _sum(data: Iterable[Data]) -> int:
    return sum(each.memory for each in data)

"""How many bytes the buckets of a store hold, and requests bring, where a setting limits them (``max_bytes``)."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable
from threading import get_ident
from typing import TYPE_CHECKING

from ..locks import new_lock
from .objects import Data, Version

if TYPE_CHECKING:
    from .uploads import Upload


class Usage:
    """The bytes of all versions, parts and annotations of a store, and of the bodies that are in flight.

    A body is in flight from its first byte until it is stored or its request ends. What it will replace is subtracted from it, so
    that an object can be replaced in a store that has no room for a second one.

    Attributes:
        limit: how many there may be.
        size: how many are stored. It can be above the limit after a state was restored.
        reserved: how many the bodies in flight need.
        error: (growth, size, limit, reserved by others) -> the error that refuses a change.
    """

    def __init__(self, limit: int, error: Callable[[int, int, int, int], Exception]) -> None:
        self.limit = limit
        self.size = 0
        self.reserved = 0
        self.error = error
        self._reservations: dict[int, Reservation] = {}  # by thread, which handles one request at a time
        self._replaced = set[Hashable]()
        self._process = os.getpid()
        self._lock = new_lock()

    def add(self, growth: int) -> None:
        """Count bytes that are about to be stored, or that have been removed (a negative number).

        The body that this thread has reserved becomes what is stored, and is in flight no longer.

        Raises:
            Exception: ``error``, if they would be too many; they are not counted then.
        """
        with self._lock:
            self._forget_parent()
            reservation = self._reservations.get(get_ident())
            others = self.reserved - (0 if reservation is None else reservation.needed)
            if growth > 0 and self.size + others + growth > self.limit:
                raise self.error(growth, self.size, self.limit, others)
            self.size += growth
            if reservation is not None:
                self._end(reservation)

    def reserve(
        self, replaced: Hashable = None, replaced_size: int = 0, expected: int | None = None, uncounted: int = 0
    ) -> Reservation:
        """Return a reservation for the body that this thread is about to receive. Its `Reservation.release` must be called.

        Args:
            replaced: names what the body will replace. Of several bodies in flight, one replaces it; None: it replaces nothing.
            replaced_size: the bytes of that.
            expected: the size of the body as the client has declared it; None: it has not.
            uncounted: how many bytes of the body may be of its form, which is not stored.
        """
        with self._lock:
            self._forget_parent()
            if replaced in self._replaced:
                replaced = None
            if replaced is not None:
                self._replaced.add(replaced)
            outer = self._reservations.get(get_ident())
            size = 0 if replaced is None else replaced_size
            reservation = Reservation(self, outer, replaced, size, expected, uncounted)
            self._reservations[get_ident()] = reservation
            return reservation

    def received(self, size: int) -> None:
        """Note that the body which this thread is receiving is complete, and how many bytes of it will be stored.

        Raises:
            Exception: ``error``, if they are too many.
        """
        reservation = self._reservations.get(get_ident())
        if reservation is not None:
            reservation.expected, reservation.uncounted = size, 0
            self._grow(reservation, size)

    def _grow(self, reservation: Reservation, received: int) -> None:
        """Reserve what a body needs of which so many bytes have been received."""
        with self._lock:
            if not reservation.is_open:
                return
            needed = reservation.needed_for(received)
            others = self.reserved - reservation.needed
            if needed > reservation.needed and self.size + others + needed > self.limit:
                raise self.error(reservation.needed_for_all(received), self.size, self.limit, others)
            self.reserved = others + needed
            reservation.received, reservation.needed = received, needed

    def _release(self, reservation: Reservation) -> None:
        with self._lock:
            self._end(reservation)
            if self._reservations.get(get_ident()) is reservation:
                if reservation.outer is None:
                    del self._reservations[get_ident()]
                else:
                    self._reservations[get_ident()] = reservation.outer

    def _end(self, reservation: Reservation) -> None:
        if reservation.is_open:
            reservation.is_open = False
            self.reserved -= reservation.needed
            reservation.needed = 0
            self._replaced.discard(reservation.replaced)

    def _forget_parent(self) -> None:
        """Forget the bodies of the parent's requests, in a forked child."""
        if self._process != os.getpid():
            self._process = os.getpid()
            for reservation in self._reservations.values():
                self._end(reservation)
            self._reservations.clear()
            self._replaced.clear()
            self.reserved = 0


class Reservation:
    """The bytes of one body in flight.

    Attributes:
        outer: the reservation of the request during which this one is handled, by the same thread; None: there is none.
        received: how many bytes of the body have come.
        needed: how many of `Usage.reserved` are for it.
        is_open: whether the body is neither stored nor released.
    """

    __slots__ = ("_usage", "expected", "is_open", "needed", "outer", "received", "replaced", "replaced_size", "uncounted")

    def __init__(
        self,
        usage: Usage,
        outer: Reservation | None,
        replaced: Hashable,
        replaced_size: int,
        expected: int | None,
        uncounted: int,
    ) -> None:
        self._usage = usage
        self.outer = outer
        self.replaced = replaced
        self.replaced_size = replaced_size
        self.expected = expected
        self.uncounted = uncounted
        self.received = self.needed = 0
        self.is_open = True

    def take(self, size: int) -> None:
        """Reserve the next ``size`` bytes of the body, which are about to be received.

        Raises:
            Exception: `Usage.error`, if there is no room for them; they are not reserved then.
        """
        self._usage._grow(self, self.received + size)

    def release(self) -> None:
        """End the reservation: the request has ended."""
        self._usage._release(self)

    def needed_for(self, received: int) -> int:
        """Return how many bytes a body needs beyond what it replaces, when so many of it have come, framing included."""
        size = received - self.uncounted
        return max(0, (size if self.expected is None else min(size, self.expected)) - self.replaced_size)

    def needed_for_all(self, received: int) -> int:
        """Return how many bytes the whole body needs, as far as its size is known."""
        return self.needed_for(received if self.expected is None else max(received, self.expected))


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

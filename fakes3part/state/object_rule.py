"""Objects that exist only as a rule: a sorted sequence of keys, and one body for all of them or one made for each."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, TypeAlias, overload
from weakref import WeakValueDictionary

from sortedcontainers import SortedDict

from .objects import Version
from .synthetic_data import Synthetic

Body: TypeAlias = "Synthetic | Callable[[str], Version] | None"
"""Synthetic bytes for each key; None: the data of the prototype; or a function that makes the version of a key."""

_TEMPLATE = re.compile(r"((?:[^{}]|\{\{|\}\})*)\{:0(\d+)d?\}((?:[^{}]|\{\{|\}\})*)")
_CHECKED = 1_000
_DIGITS = tuple(f"{number:03}" for number in range(1000))


class KeyRange(Sequence[str]):
    """Keys that differ by a number: ``KeyRange("logs/{:08d}.json", 10_000_000)``. They take no memory.

    Args:
        template: with one number in a fixed width, as in ``{:08d}``: so the keys are in their order.
        count: how many keys.
        start: the first number.

    Raises:
        ValueError: the template has no such number, or the width is too small for the last one.
    """

    def __init__(self, template: str, count: int, start: int = 0) -> None:
        match = _TEMPLATE.fullmatch(template)
        if match is None:
            raise ValueError(f"the template of a KeyRange must have one number such as {{:08d}}, not {template!r}")
        if start < 0 or count < 0:
            raise ValueError(f"count and start of a KeyRange must be 0 or more, not {count} and {start}")
        self.template, self.start, self._count = template, start, count
        self._prefix, self._suffix = (part.replace("{{", "{").replace("}}", "}") for part in match.group(1, 3))
        self._width = int(match[2])
        if count and len(str(start + count - 1)) > self._width:
            raise ValueError(f"{template!r} has room for {self._width} digits, and the last number is {start + count - 1}")
        percent = f"{self._prefix.replace('%', '%%')}%0{self._width}d{self._suffix.replace('%', '%%')}"
        self._key: Callable[[int], str] = percent.__mod__

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(self._count))]
        return self._key(range(self.start, self.start + self._count)[index])

    def between(self, start: int, stop: int) -> Iterator[str]:
        """Yield the keys with the indexes ``[start, stop)``."""
        first, last = self.start + start, self.start + stop
        if self._width < 4:
            return map(self._key, range(first, last))
        return chain.from_iterable(self._thousand(number, first, last) for number in range(first // 1000, -(-last // 1000)))

    def _thousand(self, number: int, first: int, last: int) -> list[str]:
        """Return those keys of a thousand whose numbers are in ``[first, last)``: quicker than to format each."""
        head, suffix = f"{self._prefix}{number:0{self._width - 3}}", self._suffix
        return [f"{head}{digits}{suffix}" for digits in _DIGITS[max(first - number * 1000, 0) : last - number * 1000]]

    @property
    def digits(self) -> tuple[int, int]:
        """Where the number is in each key."""
        return len(self._prefix), len(self._prefix) + self._width

    def index_of(self, key: str) -> int | None:
        """Return the index of a key; None: it is not one of these."""
        size = len(self._prefix)
        digits = key[size : size + self._width]
        if not digits.isascii() or not digits.isdecimal():
            return None
        index = int(digits) - self.start
        return index if 0 <= index < self._count and self._key(index + self.start) == key else None

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.index_of(key) is not None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeyRange):
            return NotImplemented
        return (self.template, len(self), self.start) == (other.template, len(other), other.start)

    def __hash__(self) -> int:
        return hash((self.template, len(self), self.start))

    def __repr__(self) -> str:
        return f"KeyRange({self.template!r}, {len(self)}{f', {self.start}' if self.start else ''})"


class _ExplicitKeys:
    """Any other sorted sequence of keys, by bisection."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = keys

    def between(self, start: int, stop: int) -> Iterator[str]:
        return map(self.keys.__getitem__, range(start, stop))

    def index_of(self, key: str) -> int | None:
        index = bisect_left(self.keys, key)
        return index if index < len(self.keys) and self.keys[index] == key else None


def checked_keys(keys: Sequence[str]) -> Iterator[str]:
    """Yield keys to be checked: all of a list or tuple, of another sequence the ends and some between.

    Raises:
        ValueError: they are not in the order of their code points, or one occurs twice.
    """
    count = len(keys)
    step = 1 if isinstance(keys, list | tuple) else max(1, count // _CHECKED)
    before: str | None = None
    for index in chain(range(0, max(count - 1, 0), step), (count - 1,) if count else ()):
        key = keys[index]
        if before is not None and before >= key:
            raise ValueError(f"the keys of a rule must be sorted, and each occur once: {before!r} is before {key!r}")
        before = key
        yield key


class RuleVersion(Version):
    """A version that a rule makes. Most of its attributes are those of the rule's prototype, in a class for each rule.

    What depends on the key, and takes time, is made at its first use. A changed copy (`dataclasses.replace`) is a `Version`.
    """

    __slots__ = ("__weakref__",)

    rule: ObjectRule

    def __new__(cls, *args: Any, **fields: Any) -> Any:
        return Version(*args, **fields) if args or fields else object.__new__(cls)

    def __init__(self) -> None:
        """Set nothing: `ObjectRule` does."""

    def __getattr__(self, name: str) -> Any:
        if name not in ("checksum", "data", "etag", "size"):
            raise AttributeError(name)
        self.rule.complete(self)
        return getattr(self, name)


_OF_KEY = ("key", "data", "etag", "checksum", "size")
_OF_ALL = tuple(name for name in Version.__slots__ if name not in _OF_KEY)


def _digits(body: Synthetic, keys: KeyRange) -> tuple[str, int, int, str]:
    """Return what is before the digits of a key in its ETag, where they are in the key, and the end of the ETag."""
    digest, _, count = body.etag(keys.template).partition("-")
    start, stop = keys.digits
    start = max(start, stop - 16)
    return digest[: 32 - (stop - start)], start, stop, f"-{count}"


class ObjectRule:
    """Objects of the keys of a sequence, which are versions like a prototype. They are made when they are read.

    Attributes:
        keys: sorted, each once; the sequence must not change.
        prototype: of the versions; its key is empty, and its id ``null``.
        body: see `Body`.
    """

    def __init__(self, keys: Sequence[str], prototype: Version, body: Body = None) -> None:
        self.keys, self.prototype, self.body = keys, prototype, body
        source = keys if isinstance(keys, KeyRange) else _ExplicitKeys(keys)
        self.between, self.index_of = source.between, source.index_of
        self.first, self.last = keys[0], keys[-1]
        shared = [*_OF_ALL]
        if body is None:
            shared += ["data", "etag", "checksum", "size"]
        elif isinstance(body, Synthetic):
            shared += ["checksum", "size"]
        attributes: dict[str, Any] = {name: getattr(prototype, name) for name in shared}
        self._class: Any = type(
            "RuleVersion", (RuleVersion,), {"__slots__": (), "__module__": __name__, "rule": self, **attributes}
        )
        self._digits = _digits(body, keys) if isinstance(body, Synthetic) and isinstance(keys, KeyRange) else None
        self._versions: WeakValueDictionary[str, RuleVersion] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self.keys)

    def position(self, key: str) -> int:
        """Return how many keys are before a key, which need not exist."""
        index = self.index_of(key)
        return bisect_left(self.keys, key) if index is None else index

    def version(self, key: str) -> Version:
        """Return the version of a key, which must exist: the same one while somebody has it."""
        version = self._versions.get(key)
        if version is None:
            version = self._versions[key] = self._class()
            version.key = key
        return version

    def versions(self, keys: Iterable[str]) -> list[Version]:
        """Return the versions of keys, all of which must exist, for a listing."""
        new, cls = object.__new__, self._class
        versions: list[Version] = []
        if self._digits is not None:  # `etag`, without a call for each key
            head, start, stop, tail = self._digits
            for key in keys:
                version = new(cls)
                version.key, version.etag = key, f"{head}{key[start:stop]}{tail}"
                versions.append(version)
            return versions
        for key in keys:
            version = new(cls)
            version.key = key
            versions.append(version)
        return versions

    def etag(self, key: str) -> str:
        """Return the opaque ETag of a key with a synthetic body: another one for another key, body or rule.

        Those of a `KeyRange` are the digits of the key after a digest of all else: 1,000 hashes for a page would take too long.
        """
        if self._digits is not None:
            head, start, stop, tail = self._digits
            return head + key[start:stop] + tail
        assert isinstance(self.body, Synthetic)
        return self.body.etag(key)

    def complete(self, version: RuleVersion) -> None:
        """Set what is made for the key of a version."""
        body = self.body
        if isinstance(body, Synthetic):
            version.data, version.etag = body.data(version.key), self.etag(version.key)
        else:
            assert body is not None
            made = body(version.key)
            version.data, version.etag, version.checksum, version.size = made.data, made.etag, made.checksum, made.size

    @property
    def size(self) -> int | None:
        """The size of each object; None: they have different ones."""
        return self.prototype.size if self.body is None else self.body.size if isinstance(self.body, Synthetic) else None

    def __repr__(self) -> str:
        return f"<ObjectRule of {len(self.keys)} keys from {self.first!r} to {self.last!r}>"


class Ranges:
    """A set of indexes, stored as ranges that do not touch: many neighbours take the memory of one."""

    __slots__ = ("_stops", "count")

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self._stops: SortedDict[int, int] = SortedDict(ranges)
        self.count = sum(stop - start for start, stop in self._stops.items())

    def __contains__(self, index: int) -> bool:
        position = self._stops.bisect_right(index) - 1
        return position >= 0 and bool(index < self._stops.peekitem(position)[1])

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._stops.items())

    def add(self, index: int) -> bool:
        """Add an index; return False if it was there."""
        stops = self._stops
        position = stops.bisect_right(index) - 1
        start, stop = stops.peekitem(position) if position >= 0 else (index, index)
        if position >= 0 and index < stop:
            return False
        if stop != index:
            start = index
        stops[start] = stops.pop(index + 1, index + 1)
        self.count += 1
        return True

    def gaps(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """Yield the ranges of ``[start, stop)`` that are not in the set."""
        stops = self._stops
        position = stops.bisect_right(start) - 1
        if position >= 0:
            start = max(start, stops.peekitem(position)[1])
        while start < stop:
            position += 1
            begin, end = stops.peekitem(position) if position < len(stops) else (stop, stop)
            if start < min(begin, stop):
                yield start, min(begin, stop)
            start = end

    def gaps_back(self, stop: int) -> Iterator[tuple[int, int]]:
        """Yield the ranges of ``[0, stop)`` that are not in the set, the last one first."""
        stops = self._stops
        position = stops.bisect_left(stop)
        while stop > 0:
            position -= 1
            begin, end = stops.peekitem(position) if position >= 0 else (0, 0)
            if end < stop:
                yield end, stop
            stop = begin

    def copy(self) -> Ranges:
        copied = Ranges()
        copied._stops, copied.count = self._stops.copy(), self.count
        return copied

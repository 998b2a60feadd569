"""Data that exists only as a rule: synthetic bytes, made from a seed and an offset when they are read.

The bytes of a seed are an endless stream in blocks of 64 KiB: block ``n`` is SHAKE128 of ``n``, a colon and the seed. So any
range of an object of terabytes is read without the bytes before it, and it is the same in each run.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import md5, shake_128
from itertools import accumulate
from typing import overload

from ..message import Buffer, LazySegments, Segments
from .objects import Data, ObjectPart

_BLOCK = 64 * 1024
_MIB = 1024 * 1024
_MAX_HASHED = 64 * _MIB
_MAX_PARTS, _MAX_PART = 10_000, 5 * 1024**3
MAX_SYNTHETIC = _MAX_PARTS * _MAX_PART
"""The bytes of the largest object that an upload can make: 10,000 parts of 5 GiB."""


def _bytes(seed: bytes, start: int, stop: int) -> bytes:
    """Return the bytes ``[start, stop)`` of a seed's stream, which must be in one block."""
    number, begin = divmod(start, _BLOCK)
    block = shake_128(b"%d:%s" % (number, seed), usedforsecurity=False).digest(begin + stop - start)
    return block[begin:] if begin else block


class _SyntheticSegments(LazySegments):
    """The blocks of a range, each made when it is accessed. The last one is cached, for reading in small steps."""

    def __init__(self, seed: bytes, start: int, stop: int) -> None:
        self._seed, self._start, self._stop = seed, start, stop
        self._first = start // _BLOCK
        self._last: tuple[int, bytes] = -1, b""
        self.size = stop - start

    def __len__(self) -> int:
        return -(-self._stop // _BLOCK) - self._first

    def segment(self, index: int) -> bytes:
        last, data = self._last
        if last != index:
            begin = (self._first + index) * _BLOCK
            data = _bytes(self._seed, max(begin, self._start), min(begin + _BLOCK, self._stop))
            self._last = index, data
        return data


class SyntheticData(Data):
    """`Data` of ``size`` bytes of a seed's stream, from ``offset`` on. It takes no memory."""

    __slots__ = ("offset", "seed")

    def __init__(self, seed: bytes, size: int, offset: int = 0) -> None:
        super().__init__(())
        self.seed, self.size, self.offset = seed, size, offset

    @property
    def memory(self) -> int:
        return 0

    @property
    def is_opaque(self) -> bool:
        return self.size > _MAX_HASHED

    @property
    def segments(self) -> Segments:
        return self.slice(0, self.size)

    @segments.setter
    def segments(self, segments: Segments) -> None:
        assert not segments

    def slice(self, start: int, stop: int) -> Segments:
        """Return the segments of ``[start, stop)``: a range in one block is made now, the segments of a longer one later."""
        if start >= stop:
            return []
        start, stop = start + self.offset, stop + self.offset
        if start // _BLOCK == (stop - 1) // _BLOCK:
            return [_bytes(self.seed, start, stop)]
        return _SyntheticSegments(self.seed, start, stop)

    def cut(self, start: int, stop: int) -> Data:
        return SyntheticData(self.seed, stop - start, self.offset + start)

    def __repr__(self) -> str:
        return f"<SyntheticData of {self.size} bytes of {self.seed!r}>"


class _JoinedSegments(LazySegments):
    """The segments of several sequences, one after the other."""

    def __init__(self, pieces: Sequence[Segments], size: int) -> None:
        self._pieces = pieces
        self._ends = list(accumulate(map(len, pieces)))
        self.size = size

    def __len__(self) -> int:
        return self._ends[-1]

    def segment(self, index: int) -> Buffer:
        number = bisect_right(self._ends, index)
        piece = self._pieces[number]
        return piece[index - self._ends[number] + len(piece)]


class JoinedData(Data):
    """`Data` that consists of other data, some of which is not in memory."""

    __slots__ = ("pieces",)

    def __init__(self, pieces: Sequence[Data]) -> None:
        super().__init__(())
        self.pieces = tuple(piece for piece in pieces if piece.size)
        ends = self._ends = list(accumulate(piece.size for piece in self.pieces))
        self.size = ends[-1] if ends else 0

    @property
    def memory(self) -> int:
        return sum(piece.memory for piece in self.pieces)

    @property
    def is_opaque(self) -> bool:
        return any(piece.is_opaque for piece in self.pieces)

    @property
    def segments(self) -> Segments:
        return self.slice(0, self.size)

    @segments.setter
    def segments(self, segments: Segments) -> None:
        assert not segments

    def _within(self, start: int, stop: int) -> Iterator[tuple[Data, int, int]]:
        """Yield the pieces of ``[start, stop)``, each with the range within it."""
        assert self._ends is not None
        number = bisect_right(self._ends, start)
        while start < stop:
            piece, end = self.pieces[number], self._ends[number]
            begin = end - piece.size
            yield piece, start - begin, min(stop, end) - begin
            start, number = end, number + 1

    def slice(self, start: int, stop: int) -> Segments:
        """Return the segments of ``[start, stop)``, which are made or read when they are accessed."""
        pieces = [piece.slice(first, last) for piece, first, last in self._within(start, stop)]
        if len(pieces) < 2:
            return pieces[0] if pieces else []
        return _JoinedSegments(pieces, stop - start)

    def cut(self, start: int, stop: int) -> Data:
        return join([piece.cut(first, last) for piece, first, last in self._within(start, stop)])

    def __repr__(self) -> str:
        return f"<JoinedData of {self.size} bytes in {len(self.pieces)} pieces>"


def join(pieces: Sequence[Data]) -> Data:
    """Return data that consists of other data, one after the other. No bytes are copied."""
    if len(pieces) == 1:
        return pieces[0]
    if all(type(piece) is Data for piece in pieces):
        return Data(tuple(segment for piece in pieces for segment in piece.segments))
    return JoinedData([part for piece in pieces for part in (piece.pieces if isinstance(piece, JoinedData) else (piece,))])


@dataclass(frozen=True)
class Synthetic:
    """The body of an object that takes no memory: ``size`` bytes that look random and are the same in each run.

    S3 does not say how the object was uploaded, so an object with such a body is one that was uploaded in parts: its ETag ends in
    the number of parts and is opaque (no MD5 of the bytes, but another one for another size or seed), and it has no checksum, as
    objects that were uploaded before S3 computed checksums by default.

    Attributes:
        size: in bytes, up to 10,000 parts of 5 GiB.
        seed: another seed has other bytes.
        part_size: in bytes; None: one part up to 5 GiB, else as many MiB as 10,000 parts need.

    Raises:
        ValueError: the size, or the number of parts, is not allowed.
    """

    size: int
    seed: int | str = 0
    part_size: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.size, int) or not 0 <= self.size <= MAX_SYNTHETIC:
            raise ValueError(f"the size of a Synthetic must be a number of bytes from 0 to {MAX_SYNTHETIC}, not {self.size!r}")
        part_size = self.part_size
        if part_size is None:
            return
        if not isinstance(part_size, int) or not 0 < part_size <= _MAX_PART or -(-self.size // part_size) > _MAX_PARTS:
            raise ValueError(
                f"the part_size of a Synthetic must be from 1 to {_MAX_PART} bytes, and make at most {_MAX_PARTS} parts of "
                f"{self.size} bytes, not {part_size!r}"
            )

    @overload
    def read(self, start: int = 0) -> bytes: ...
    @overload
    def read(self, start: int, stop: int) -> bytes: ...
    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """Return the bytes ``[start, stop)``, as GetObject does; ``stop`` None: up to the end."""
        stop = self.size if stop is None else min(stop, self.size)
        return b"".join(self.data().slice(start, stop))

    def data(self, key: str | None = None) -> SyntheticData:
        """Return the bytes as data; with a key, those of this key in a listing that is a rule."""
        return SyntheticData(self.stream(key), self.size)

    def stream(self, key: str | None = None) -> bytes:
        """Return the seed of the stream as bytes; with a key, that of this key."""
        return str(self.seed).encode() if key is None else f"{self.seed}/{key}".encode()

    def etag(self, key: str | None = None) -> str:
        """Return the ETag, without quotes."""
        text = b"%s %d %d" % (self.stream(key), self.size, self._part_size())
        return f"{md5(text, usedforsecurity=False).hexdigest()}-{max(1, -(-self.size // self._part_size()))}"

    def parts(self) -> tuple[ObjectPart, ...]:
        """Return the parts of the object."""
        count, rest = divmod(self.size, self._part_size())
        last = (ObjectPart(rest),) if rest or not count else ()
        return (ObjectPart(self._part_size()),) * count + last

    def _part_size(self) -> int:
        if self.part_size is not None:
            return self.part_size
        return _MAX_PART if self.size <= _MAX_PART else -(-self.size // (_MAX_PARTS * _MIB)) * _MIB

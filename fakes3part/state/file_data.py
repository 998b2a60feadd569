"""Bytes that stay in a file of the machine until somebody reads them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import overload

from ..message import Buffer, Segments
from .objects import Data

PIECE = 1024 * 1024
"""So many bytes of a file are in memory at a time, however large it is."""


class FileChangedError(RuntimeError):
    """A file is not any more what it was when it was mapped: an object never changes, so nobody can say what it holds."""


class MappedFile:
    """A file as it was at the first look. It is opened for each read and closed again; nothing is kept but its name and stat.

    Raises:
        OSError: there is no such file.
    """

    __slots__ = ("_modified", "path", "size")

    def __init__(self, path: Path) -> None:
        self.path = path
        stat = os.stat(path)
        self.size, self._modified = stat.st_size, stat.st_mtime_ns

    def check(self) -> None:
        """Raise FileChangedError unless it is there as it was, to the size and the nanosecond."""
        try:
            self._compare(os.stat(self.path))
        except OSError as error:
            raise FileChangedError(f"{self.path} was mapped to an object and is gone: {error}") from None

    def read(self, start: int, stop: int) -> bytes:
        """Bytes ``[start, stop)``.

        Raises:
            FileChangedError: it is not what it was, also if that became so while it was read.
        """
        try:
            with open(self.path, "rb") as file:
                file.seek(start)
                data = file.read(stop - start)
                self._compare(os.fstat(file.fileno()))
        except OSError as error:
            raise FileChangedError(f"{self.path} was mapped to an object and cannot be read: {error}") from None
        return data

    def _compare(self, stat: os.stat_result) -> None:
        if (stat.st_size, stat.st_mtime_ns) != (self.size, self._modified):
            raise FileChangedError(f"{self.path} has changed since it was mapped to an object")


class _Pieces(Sequence[Buffer]):
    """A part of a file, piece by piece, each read when it is asked for; the last one is kept, for who reads it bit by bit."""

    def __init__(self, file: MappedFile, start: int, stop: int) -> None:
        self._file, self._start, self._stop = file, start, stop
        self._last: tuple[int, bytes] = -1, b""

    def __len__(self) -> int:
        return -(-(self._stop - self._start) // PIECE)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[Buffer]: ...
    def __getitem__(self, index: int | slice) -> Buffer | list[Buffer]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        last, data = self._last
        if last != index:
            begin = self._start + index * PIECE
            data = self._file.read(begin, min(begin + PIECE, self._stop))
            self._last = index, data
        return data


class FileData(Data):
    """`Data` that is a file. Its ``segments`` are read anew each time."""

    __slots__ = ("file",)

    def __init__(self, path: Path) -> None:
        super().__init__(())
        self.file = MappedFile(path)
        self.size = self.file.size

    @property
    def segments(self) -> Segments:
        return self.slice(0, self.size)

    @segments.setter
    def segments(self, segments: Segments) -> None:
        assert not segments

    def slice(self, start: int, stop: int) -> Segments:
        """The bytes of ``[start, stop)``: a little at once, much of it piece by piece.

        Raises:
            FileChangedError: now, or when a piece is read.
        """
        if start >= stop:
            return []
        if stop - start <= PIECE:
            return [self.file.read(start, stop)]
        self.file.check()
        return _Pieces(self.file, start, stop)

    def __repr__(self) -> str:
        return f"<FileData of {self.size} bytes in {self.file.path}>"

"""Data of objects that stays in a file, and is read when it is needed."""

from __future__ import annotations

import os
from pathlib import Path

from ..message import LazySegments, Segments
from .objects import Data

SEGMENT_SIZE = 1024 * 1024
"""How many bytes of a file are in memory at a time, at most."""


class FileChangedError(RuntimeError):
    """A file that was mapped to an object has changed since, or is gone. (Objects never change.)"""


class MappedFile:
    """A file with its size and modification time. It is opened for each read and closed again.

    Raises:
        OSError: there is no such file.
    """

    __slots__ = ("_modified", "path", "size")

    def __init__(self, path: Path) -> None:
        self.path = path
        stat = os.stat(path)
        self.size, self._modified = stat.st_size, stat.st_mtime_ns

    def check(self) -> None:
        """Raise FileChangedError if the file is gone, or its size or modification time has changed."""
        try:
            self._compare(os.stat(self.path))
        except OSError as error:
            raise FileChangedError(f"{self.path} was mapped to an object and is gone: {error}") from None

    def read(self, start: int, stop: int) -> bytes:
        """Return the bytes ``[start, stop)``.

        Raises:
            FileChangedError: the file is gone or has changed, before or while it was read.
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


class _FileSegments(LazySegments):
    """Segments of a range of a file, each read when it is accessed. The last one is cached, for reading in small steps."""

    def __init__(self, file: MappedFile, start: int, stop: int) -> None:
        self._file, self._start, self._stop = file, start, stop
        self._last: tuple[int, bytes] = -1, b""
        self.size = stop - start

    def __len__(self) -> int:
        return -(-(self._stop - self._start) // SEGMENT_SIZE)

    def segment(self, index: int) -> bytes:
        last, data = self._last
        if last != index:
            begin = self._start + index * SEGMENT_SIZE
            data = self._file.read(begin, min(begin + SEGMENT_SIZE, self._stop))
            self._last = index, data
        return data


class FileData(Data):
    """`Data` in a file. Its ``segments`` are read each time they are accessed."""

    __slots__ = ("file",)

    def __init__(self, path: Path) -> None:
        super().__init__(())
        self.file = MappedFile(path)
        self.size = self.file.size

    @property
    def memory(self) -> int:
        return 0

    @property
    def segments(self) -> Segments:
        return self.slice(0, self.size)

    @segments.setter
    def segments(self, segments: Segments) -> None:
        assert not segments

    def slice(self, start: int, stop: int) -> Segments:
        """Return the segments of ``[start, stop)``: up to `SEGMENT_SIZE` bytes are read now, the segments of more of them later.

        Raises:
            FileChangedError: now, or when a segment is read.
        """
        if start >= stop:
            return []
        if stop - start <= SEGMENT_SIZE:
            return [self.file.read(start, stop)]
        self.file.check()
        return _FileSegments(self.file, start, stop)

    def __repr__(self) -> str:
        return f"<FileData of {self.size} bytes in {self.file.path}>"

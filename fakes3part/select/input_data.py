"""The bytes that a query reads: a whole object, or a compressed one, which is decompressed by pieces as it is read."""

from __future__ import annotations

import bz2
import gzip
import sys
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from io import BytesIO

from ..errors import S3Error
from .functions import MAX_RECORD_LENGTH
from .request import not_applicable_message

PIECE = 1024 * 1024
"""Bytes that are decompressed at once. An object that has no more is treated like one that is not compressed."""

MAX_RECORD_BYTES = 4 * MAX_RECORD_LENGTH
"""A record of more bytes has too many characters, whatever they are."""

MAX_WHOLE = 128 * PIECE
"""Decompressed bytes that are held at once: JSON documents that may span lines are parsed as a whole."""

_MAGIC = {"GZIP": b"\x1f\x8b", "BZIP2": b"BZh"}


class InputData(ABC):
    """The bytes that a query reads.

    Attributes:
        stop: the end of what is to be read, for objects whose size is not known: a number that no object reaches.
    """

    stop: int

    @property
    @abstractmethod
    def end(self) -> int:
        """The end of what has been read: of a whole object, its size."""

    @abstractmethod
    def split(self, delimiter: bytes, start: int, stop: int) -> Iterator[tuple[int, int, bytes]]:
        """Yield each record that begins in ``[start, stop)``: where it begins, where the next one does, and it.

        Raises:
            S3Error: TruncatedInput, OverMaxRecordSize.
        """

    @abstractmethod
    def whole(self) -> bytes:
        """Return all bytes.

        Raises:
            S3Error: TruncatedInput, or OverMaxRecordSize if there are too many.
        """


class WholeData(InputData):
    """An object that is not compressed, or a small one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.stop = len(data)

    @property
    def end(self) -> int:
        return len(self._data)

    def split(self, delimiter: bytes, start: int, stop: int) -> Iterator[tuple[int, int, bytes]]:
        data = self._data
        if start > 0:
            delimiter_index = data.find(delimiter, max(start - len(delimiter), 0))
            start = len(data) if delimiter_index < 0 else delimiter_index + len(delimiter)
        while start < stop:
            index = data.find(delimiter, start)
            end = len(data) if index < 0 else index + len(delimiter)
            yield start, end, data[start : len(data) if index < 0 else index]
            start = end

    def whole(self) -> bytes:
        return self._data


class CompressedData(InputData):
    """A compressed object. Its records are read once, in order; ``split`` goes on where it has stopped before."""

    stop = sys.maxsize

    def __init__(self, file: gzip.GzipFile | bz2.BZ2File, first: bytes) -> None:
        self._file = file
        self._buffer = first
        self._index = 0
        self._begin = 0
        """Where the buffer begins in the decompressed object."""

    @property
    def end(self) -> int:
        return self._begin + self._index

    def split(self, delimiter: bytes, start: int, stop: int) -> Iterator[tuple[int, int, bytes]]:
        searched = self._index
        while True:
            index = self._buffer.find(delimiter, searched)
            if index < 0:
                searched = max(len(self._buffer) - len(delimiter) + 1, self._index) - self._index
                if len(self._buffer) - self._index > MAX_RECORD_BYTES:
                    raise S3Error("OverMaxRecordSize")
                if self._read_on():
                    continue
                if self._index < len(self._buffer):
                    position, record = self.end, self._buffer[self._index :]
                    self._index = len(self._buffer)
                    yield position, self.end, record
                return
            position, record = self.end, self._buffer[self._index : index]
            self._index = searched = index + len(delimiter)
            yield position, self.end, record

    def _read_on(self) -> bool:
        """Append a piece to what is left of the buffer. Return whether there was one."""
        piece = _read(self._file, PIECE)
        self._begin += self._index
        self._buffer = self._buffer[self._index :] + piece
        self._index = 0
        return bool(piece)

    def whole(self) -> bytes:
        pieces = [self._buffer]
        size = len(self._buffer)
        while piece := _read(self._file, PIECE):
            size += len(piece)
            if size > MAX_WHOLE:
                raise S3Error("OverMaxRecordSize")
            pieces.append(piece)
        self._buffer, self._index, self._begin = b"", 0, size
        return b"".join(pieces)


def open_data(data: bytes, compression: str) -> InputData:
    """Return the data of an object; ``compression``: NONE, GZIP or BZIP2.

    Raises:
        S3Error: InvalidCompressionFormat if the data does not have this compression, TruncatedInput if it is damaged (large
            objects: in their first piece).
    """
    if compression == "NONE":
        return WholeData(data)
    if not data.startswith(_MAGIC[compression]):
        raise S3Error("InvalidCompressionFormat", not_applicable_message(compression))
    stream = BytesIO(data)
    file = gzip.GzipFile(fileobj=stream) if compression == "GZIP" else bz2.BZ2File(stream)
    first = b""
    while len(first) <= PIECE:
        piece = _read(file, PIECE)
        if not piece:
            return WholeData(first)
        first += piece
    return CompressedData(file, first)


def _read(file: gzip.GzipFile | bz2.BZ2File, size: int) -> bytes:
    try:
        return file.read(size)
    except (EOFError, OSError, ValueError, zlib.error):
        raise S3Error("TruncatedInput") from None

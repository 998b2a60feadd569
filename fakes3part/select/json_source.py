"""Objects to records: what every format has, and JSON. Records are made one at a time, so that LIMIT spares the rest."""

from __future__ import annotations

import bz2
import gzip
import json
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from ..errors import S3Error
from .functions import MAX_RECORD
from .request import JsonInput, not_applicable
from .values import ANY_FIELD, ANY_ITEM, MISSING, Name, Step, Value

BOM = b"\xef\xbb\xbf"

_OPENERS: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "GZIP": (b"\x1f\x8b", gzip.decompress),
    "BZIP2": (b"BZh", bz2.decompress),
}


def decompress(data: bytes, compression: str) -> bytes:
    """The object's content.

    Raises:
        S3Error: InvalidCompressionFormat for what is not compressed so, TruncatedInput for what is broken.
    """
    if compression == "NONE":
        return data
    magic, opened = _OPENERS[compression]
    if not data.startswith(magic):
        raise S3Error("InvalidCompressionFormat", not_applicable(compression))
    try:
        return opened(data)
    except (EOFError, OSError, ValueError, zlib.error):
        raise S3Error("TruncatedInput") from None


class Source(ABC):
    """Records of one object. ``raw`` and ``nested`` as in `compile.Columns`."""

    raw = False
    nested = False
    consumed = 0
    """Bytes of the (uncompressed) object that were looked at so far."""

    @abstractmethod
    def records(self, path: Sequence[Step]) -> Iterator[Value]:
        """The records that the FROM clause's path yields. Raises S3Error for what cannot be read."""

    @abstractmethod
    def getter(self, path: Sequence[Step]) -> Callable[[Value], Value]:
        """As `compile.Columns.getter`."""

    @abstractmethod
    def fields(self, record: Value) -> Sequence[tuple[str, Value]]:
        """What ``*`` gives of a record: names and values."""


def lines(data: bytes, delimiter: bytes, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
    """The records that begin in ``[start, stop)`` with their places, up to but without their delimiters."""
    if start > 0:
        before = data.find(delimiter, max(start - len(delimiter), 0))
        start = len(data) if before < 0 else before + len(delimiter)
    while start < stop:
        end = data.find(delimiter, start)
        if end < 0:
            end = len(data)
        yield start, data[start:end]
        start = end + len(delimiter)


def decoded(data: bytes, place: int) -> str:
    """A record's text.

    Raises:
        S3Error: OverMaxRecordSize, InvalidTextEncoding.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        message = f"UTF-8 encoding is required. The text encoding error was found near byte {place + error.start:,}."
        raise S3Error("InvalidTextEncoding", message) from None
    if len(text) > MAX_RECORD:
        raise S3Error("OverMaxRecordSize")
    return text


def field(value: Value, name: Name) -> Value:
    """A member of a structure; MISSING when there is none.

    Raises:
        S3Error: AmbiguousFieldName when unquoted and there are several that differ in case only.
    """
    if type(value) is not dict:
        return MISSING
    if name.quoted:
        return value.get(name.text, MISSING)
    lower = name.text.lower()
    found = [key for key in value if key.lower() == lower]
    if len(found) > 1:
        raise S3Error("AmbiguousFieldName")
    return value[found[0]] if found else MISSING


def walker(path: Sequence[Step]) -> Callable[[Value], Value]:
    """What finds the value at a path."""
    if not path:
        return lambda record: record
    steps = [_item(step) if isinstance(step, int) else _member(step) for step in path]
    if len(steps) == 1:
        return steps[0]

    def walk(value: Value) -> Value:
        for step in steps:
            value = step(value)
        return value

    return walk


def _member(step: Step) -> Callable[[Value], Value]:
    assert isinstance(step, Name)
    name = step
    return lambda value: field(value, name)


def _item(index: int) -> Callable[[Value], Value]:
    return lambda value: value[index] if type(value) is list and index < len(value) else MISSING


def expand(value: Value, path: Sequence[Step]) -> Iterator[Value]:
    """What a FROM clause's path yields of one document. What is no collection counts as one of itself."""
    if not path:
        yield value
        return
    step, *rest = path
    if step is ANY_ITEM:
        found = value if type(value) is list else [value]
    elif step is ANY_FIELD:
        found = list(value.values()) if type(value) is dict else [value]
    else:
        found = [walker([step])(value)]
    for each in found:
        yield from expand(each, rest)


def shown_fields(record: Value) -> Sequence[tuple[str, Value]]:
    """What ``*`` gives of a record that may be anything."""
    if type(record) is dict:
        return list(record.items())
    return [] if record is MISSING else [("_1", record)]


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


class JsonSource(Source):
    """JSON documents, one a line or as they come. Numbers keep their digits."""

    nested = True

    def __init__(self, data: bytes, options: JsonInput, scan: tuple[int, int] | None = None) -> None:
        self._data = data
        self._options = options
        self._scan = scan or (0, len(data))
        self._decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)

    def records(self, path: Sequence[Step]) -> Iterator[Value]:
        for document in self._lines() if self._options.lines else self._documents():
            yield from expand(document, path)

    def _lines(self) -> Iterator[Value]:
        start, stop = self._scan
        for place, line in lines(self._data, b"\n", start, stop):
            self.consumed = min(place + len(line) + 1, len(self._data)) - start
            if place == 0:
                line = line.removeprefix(BOM)
            yield from self._values(decoded(line, place))

    def _documents(self) -> Iterator[Value]:
        self.consumed = len(self._data)
        try:
            text = self._data.removeprefix(BOM).decode()
        except UnicodeDecodeError as error:
            decoded(self._data[error.start : error.start + 4] or b"\xff", error.start)
            raise
        yield from self._values(text)

    def _values(self, text: str) -> Iterator[Value]:
        at = _skip(text, 0)
        while at < len(text):
            try:
                value, at = self._decoder.raw_decode(text, at)
            except (ValueError, RecursionError, ArithmeticError):
                raise S3Error("JSONParsingError") from None
            yield value
            at = _skip(text, at)

    def getter(self, path: Sequence[Step]) -> Callable[[Value], Value]:
        return walker(path)

    def fields(self, record: Value) -> Sequence[tuple[str, Value]]:
        return shown_fields(record)


def _skip(text: str, at: int) -> int:
    """Behind the white space that JSON allows between documents."""
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at

"""The base class of sources, which read the records of an object, and the source of JSON.

Records are read one at a time, so that a query with LIMIT does not read the whole object.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from ..errors import S3Error
from .functions import MAX_RECORD_LENGTH
from .input_data import InputData
from .request import JsonInput
from .values import ANY_FIELD, ANY_ITEM, MISSING, Name, Step, Value

BOM = b"\xef\xbb\xbf"


class Source(ABC):
    """The records of one object.

    Attributes:
        raw: as in `compiler.Columns`.
        nested: as in `compiler.Columns`.
        bytes_processed: bytes of the decompressed object that were read so far.
        bytes_scanned: bytes of the stored object that were read so far; None: derived from the bytes processed.
    """

    raw = False
    nested = False
    bytes_processed = 0
    bytes_scanned: int | None = None

    @abstractmethod
    def records(self, path: Sequence[Step]) -> Iterator[Value]:
        """Return the records at the path of the FROM clause.

        Raises:
            S3Error: a record cannot be read.
        """

    @abstractmethod
    def getter(self, path: Sequence[Step]) -> Callable[[Value], Value]:
        """Return the function that returns the value at a path, as `compiler.Columns.getter`."""

    @abstractmethod
    def fields(self, record: Value) -> Sequence[tuple[str, Value]]:
        """Return the names and values that ``*`` selects from a record."""


def decode_record(data: bytes, position: int) -> str:
    """Return the text of a record; ``position``: where it begins in the object.

    Raises:
        S3Error: OverMaxRecordSize, InvalidTextEncoding.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        message = f"UTF-8 encoding is required. The text encoding error was found near byte {position + error.start:,}."
        raise S3Error("InvalidTextEncoding", message) from None
    if len(text) > MAX_RECORD_LENGTH:
        raise S3Error("OverMaxRecordSize")
    return text


def get_member(value: Value, name: Name) -> Value:
    """Return a member of a structure; MISSING if there is none.

    Raises:
        S3Error: AmbiguousFieldName if the name is not quoted and several members differ in case only.
    """
    if type(value) is not dict:
        return MISSING
    if name.quoted:
        return value.get(name.text, MISSING)
    lower = name.text.lower()
    matching = [key for key in value if key.lower() == lower]
    if len(matching) > 1:
        raise S3Error("AmbiguousFieldName")
    return value[matching[0]] if matching else MISSING


def path_getter(path: Sequence[Step]) -> Callable[[Value], Value]:
    """Return the function that returns the value at a path, or MISSING."""
    if not path:
        return lambda record: record
    steps = [_item(step) if isinstance(step, int) else _member(step) for step in path]
    if len(steps) == 1:
        return steps[0]

    def get_value(value: Value) -> Value:
        for step in steps:
            value = step(value)
        return value

    return get_value


def _member(step: Step) -> Callable[[Value], Value]:
    assert isinstance(step, Name)
    name = step
    return lambda value: get_member(value, name)


def _item(index: int) -> Callable[[Value], Value]:
    return lambda value: value[index] if type(value) is list and index < len(value) else MISSING


def expand_path(value: Value, path: Sequence[Step]) -> Iterator[Value]:
    """Return the values at the path of a FROM clause in one document.

    ``[*]`` and ``.*`` of a value that is not a collection select the value itself.
    """
    if not path:
        yield value
        return
    step, *rest = path
    if step is ANY_ITEM:
        values = value if type(value) is list else [value]
    elif step is ANY_FIELD:
        values = list(value.values()) if type(value) is dict else [value]
    else:
        values = [path_getter([step])(value)]
    for inner in values:
        yield from expand_path(inner, rest)


def fields_of_any(record: Value) -> Sequence[tuple[str, Value]]:
    """Return the names and values that ``*`` selects from a record of any type."""
    if type(record) is dict:
        return list(record.items())
    return [] if record is MISSING else [("_1", record)]


def _refuse_constant(constant: str) -> Any:
    raise ValueError(constant)


class JsonSource(Source):
    """The records of a JSON object. Numbers keep their digits."""

    nested = True

    def __init__(self, data: InputData, options: JsonInput, scan_range: tuple[int, int] | None = None) -> None:
        self._data = data
        self._options = options
        self._scan_range = scan_range or (0, data.stop)
        self._decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant)

    def records(self, path: Sequence[Step]) -> Iterator[Value]:
        for document in self._lines() if self._options.is_lines else self._documents():
            yield from expand_path(document, path)

    def _lines(self) -> Iterator[Value]:
        start, stop = self._scan_range
        for position, end, line in self._data.split(b"\n", start, stop):
            self.bytes_processed = end - start
            if position == 0:
                line = line.removeprefix(BOM)
            yield from self._values(decode_record(line, position))

    def _documents(self) -> Iterator[Value]:
        data = self._data.whole()
        self.bytes_processed = len(data)
        try:
            text = data.removeprefix(BOM).decode()
        except UnicodeDecodeError as error:
            decode_record(data[error.start : error.start + 4] or b"\xff", error.start)
            raise
        yield from self._values(text)

    def _values(self, text: str) -> Iterator[Value]:
        index = _skip_whitespace(text, 0)
        while index < len(text):
            try:
                value, index = self._decoder.raw_decode(text, index)
            except (ValueError, RecursionError, ArithmeticError):
                raise S3Error("JSONParsingError") from None
            yield value
            index = _skip_whitespace(text, index)

    def getter(self, path: Sequence[Step]) -> Callable[[Value], Value]:
        return path_getter(path)

    def fields(self, record: Value) -> Sequence[tuple[str, Value]]:
        return fields_of_any(record)


def _skip_whitespace(text: str, index: int) -> int:
    """Return the index after the white space that JSON allows between documents."""
    while index < len(text) and text[index] in " \t\r\n":
        index += 1
    return index

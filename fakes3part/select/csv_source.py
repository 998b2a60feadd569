"""Reads the records of a CSV object, with any delimiters, quotes, escapes and comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from ..errors import S3Error
from .functions import MAX_RECORD_LENGTH
from .input_data import InputData
from .json_source import BOM, Source, decode_record
from .request import CsvInput
from .values import MISSING, Name, Step, Value

_ORDINAL = re.compile(r"_(\d{1,9})", re.ASCII)


class CsvSource(Source):
    """The records of a CSV object: lists of texts. A column is named by the header or by its position (``_1``)."""

    raw = True

    def __init__(self, data: InputData, options: CsvInput, scan_range: tuple[int, int] | None = None) -> None:
        self._data = data
        self._options = options
        self._scan_range = scan_range or (0, data.stop)
        self._delimiter = options.record_delimiter.encode()
        self._header: list[str] | None = None
        self._records_start = 0
        """The position after the header, which is the first record of the object, whatever the scan range."""
        if options.header != "NONE":
            for end, header in self._rows(0, data.stop):
                self._records_start = end
                self._header = header if options.header == "USE" else None
                break
            else:
                self._records_start = data.end

    def records(self, path: Sequence[Step]) -> Iterator[Value]:
        start, stop = self._scan_range
        for end, row in self._rows(max(start, self._records_start), stop):
            self.bytes_processed = end - start
            yield row
        self.bytes_processed = max(min(stop, self._data.end) - start, self.bytes_processed)

    def _rows(self, start: int, stop: int) -> Iterator[tuple[int, list[str]]]:
        """Return (end, fields) of each record that begins in ``[start, stop)``, without comments and empty lines."""
        options, comment, quote = self._options, self._options.comment, self._options.quote
        allows_crlf = options.record_delimiter == "\n"  # then \r\n is a record delimiter too
        pending: list[str] = []
        size = 0
        for position, end, line in self._data.split(self._delimiter, start, stop):
            text = decode_record(line.removeprefix(BOM) if position == 0 else line, position)
            if pending:
                pending.append(text)
                size += len(text) + len(options.record_delimiter)
                if size > MAX_RECORD_LENGTH:
                    raise S3Error("OverMaxRecordSize")
                if quote not in text:
                    continue
                text = options.record_delimiter.join(pending)
            elif comment and text.startswith(comment):
                continue
            record = text.removesuffix("\r") if allows_crlf else text
            if not record:
                continue
            row = split_fields(record, options)
            if row is not None:
                pending = []
                yield end, row
            elif not options.quoted_record_delimiters:
                raise S3Error("CSVParsingError")
            elif not pending:
                pending, size = [text], len(text)
        if pending:
            raise S3Error("CSVParsingError")

    def getter(self, path: Sequence[Step]) -> Callable[[Value], Value]:
        if not path:
            return lambda record: record
        name = path[0]
        if len(path) > 1 or not isinstance(name, Name):
            raise S3Error("ParseInvalidPathComponent")
        index = self._column_index(name)
        return lambda row: row[index] if index < len(row) else MISSING

    def _column_index(self, name: Name) -> int:
        header = self._header or []
        lower = name.text.lower()
        matching = [
            index for index, title in enumerate(header) if title == name.text or (not name.quoted and title.lower() == lower)
        ]
        if len(matching) > 1:
            raise S3Error("AmbiguousFieldName")
        if matching:
            return matching[0]
        ordinal = _ORDINAL.fullmatch(name.text)
        if ordinal is None:
            raise S3Error("MissingHeaders" if self._options.header == "USE" else "EvaluatorBindingDoesNotExist")
        if int(ordinal[1]) == 0:
            raise S3Error("InvalidColumnIndex")
        return int(ordinal[1]) - 1

    def fields(self, record: Value) -> Sequence[tuple[str, Value]]:
        names = self._header or []
        return [(names[index] if index < len(names) else f"_{index + 1}", text) for index, text in enumerate(record)]


def split_fields(text: str, options: CsvInput) -> list[str] | None:
    """Return the fields of a record; None if it ends within quotes.

    Raises:
        S3Error: CSVUnescapedQuote for text between a closing quote and the next delimiter.
    """
    quote, delimiter = options.quote, options.field_delimiter
    if not quote or quote not in text:
        return text.split(delimiter)
    fields = []
    start = 0
    while True:
        if text.startswith(quote, start):
            quoted_field = _read_quoted_field(text, start + 1, quote, options.escape)
            if quoted_field is None:
                return None
            value, start = quoted_field
            if start < len(text) and text[start] != delimiter:
                raise S3Error("CSVUnescapedQuote")
            end = start if start < len(text) else -1
        else:
            end = text.find(delimiter, start)
            value = text[start:] if end < 0 else text[start:end]
        fields.append(value)
        if end < 0:
            return fields
        start = end + 1


def _read_quoted_field(text: str, start: int, quote: str, escape: str) -> tuple[str, int] | None:
    """Return the field at ``start``, after its opening quote, and the index after its closing quote; None if it has none."""
    pieces = []
    while True:
        end = text.find(quote, start)
        if escape != quote:
            escaped = text.find(escape, start, end if end >= 0 else len(text))
            if escaped >= 0:
                following = text[escaped + 1 : escaped + 2]
                is_escape = following in (quote, escape) and following != ""
                pieces += [text[start:escaped], following if is_escape else escape]
                start = escaped + (2 if is_escape else 1)
                continue
        if end < 0:
            return None
        if escape == quote and text.startswith(quote, end + 1):
            pieces += [text[start:end], quote]
            start = end + 2
            continue
        return "".join(pieces) + text[start:end], end + 1

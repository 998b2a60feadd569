"""CSV as S3 Select reads it: any delimiters, quotes, escapes and comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from ..errors import S3Error
from .functions import MAX_RECORD
from .json_source import BOM, Source, decoded, lines
from .request import CsvInput
from .values import MISSING, Name, Step, Value

_ORDINAL = re.compile(r"_(\d{1,9})", re.ASCII)


class CsvSource(Source):
    """Records are lists of texts; a name is one of the header's, or a place (``_1``)."""

    raw = True

    def __init__(self, data: bytes, options: CsvInput, scan: tuple[int, int] | None = None) -> None:
        self._data = data
        self._options = options
        self._scan = scan or (0, len(data))
        self._delimiter = options.record.encode()
        self._header: list[str] | None = None
        self._begin = 0
        """Where the records begin, behind the header. It is the object's first record, whatever is scanned."""
        if options.header != "NONE":
            self._begin = len(data)
            for end, header in self._rows(0, len(data)):
                self._begin = end
                self._header = header if options.header == "USE" else None
                break

    def records(self, path: Sequence[Step]) -> Iterator[Value]:
        start, stop = self._scan
        for end, row in self._rows(max(start, self._begin), stop):
            self.consumed = end - start
            yield row
        self.consumed = max(stop - start, self.consumed)

    def _rows(self, start: int, stop: int) -> Iterator[tuple[int, list[str]]]:
        """(where it ends, its fields) of each record that begins in ``[start, stop)``. Empty ones and comments are none."""
        options, comment, quote = self._options, self._options.comment, self._options.quote
        windows = options.record == "\n"  # then \r\n ends a record too
        pending: list[str] = []
        size = 0
        for place, line in lines(self._data, self._delimiter, start, stop):
            text = decoded(line.removeprefix(BOM) if place == 0 else line, place)
            if pending:
                pending.append(text)
                size += len(text) + len(options.record)
                if size > MAX_RECORD:
                    raise S3Error("OverMaxRecordSize")
                if quote not in text:
                    continue
                text = options.record.join(pending)
            elif comment and text.startswith(comment):
                continue
            record = text.removesuffix("\r") if windows else text
            if not record:
                continue
            row = split(record, options)
            if row is not None:
                pending = []
                yield min(place + len(line) + len(self._delimiter), len(self._data)), row
            elif not options.quoted_records:
                raise S3Error("CSVParsingError")
            elif not pending:
                pending, size = [text], len(text)
        if pending:
            raise S3Error("CSVParsingError")

    def getter(self, path: Sequence[Step]) -> Callable[[Value], Value]:
        if not path:
            return lambda record: record
        step = path[0]
        if len(path) > 1 or not isinstance(step, Name):
            raise S3Error("ParseInvalidPathComponent")
        place = self._place(step)
        return lambda row: row[place] if place < len(row) else MISSING

    def _place(self, name: Name) -> int:
        header = self._header or []
        lower = name.text.lower()
        found = [
            place for place, title in enumerate(header) if title == name.text or (not name.quoted and title.lower() == lower)
        ]
        if len(found) > 1:
            raise S3Error("AmbiguousFieldName")
        if found:
            return found[0]
        ordinal = _ORDINAL.fullmatch(name.text)
        if ordinal is None:
            raise S3Error("MissingHeaders" if self._options.header == "USE" else "EvaluatorBindingDoesNotExist")
        if int(ordinal[1]) == 0:
            raise S3Error("InvalidColumnIndex")
        return int(ordinal[1]) - 1

    def fields(self, record: Value) -> Sequence[tuple[str, Value]]:
        names = self._header or []
        return [(names[place] if place < len(names) else f"_{place + 1}", text) for place, text in enumerate(record)]


def split(text: str, options: CsvInput) -> list[str] | None:
    """A record's fields; None when it ends within quotes.

    Raises:
        S3Error: CSVUnescapedQuote for text between a closing quote and the next delimiter.
    """
    quote, delimiter = options.quote, options.delimiter
    if not quote or quote not in text:
        return text.split(delimiter)
    fields = []
    at = 0
    while True:
        if text.startswith(quote, at):
            found = _quoted(text, at + 1, quote, options.escape)
            if found is None:
                return None
            value, at = found
            if at < len(text) and text[at] != delimiter:
                raise S3Error("CSVUnescapedQuote")
            end = at if at < len(text) else -1
        else:
            end = text.find(delimiter, at)
            value = text[at:] if end < 0 else text[at:end]
        fields.append(value)
        if end < 0:
            return fields
        at = end + 1


def _quoted(text: str, at: int, quote: str, escape: str) -> tuple[str, int] | None:
    """The field whose opening quote is behind us, and where its closing one is behind; None when it has none."""
    pieces = []
    while True:
        end = text.find(quote, at)
        if escape != quote:
            escaped = text.find(escape, at, end if end >= 0 else len(text))
            if escaped >= 0:
                following = text[escaped + 1 : escaped + 2]
                known = following in (quote, escape) and following != ""
                pieces += [text[at:escaped], following if known else escape]
                at = escaped + (2 if known else 1)
                continue
        if end < 0:
            return None
        if escape == quote and text.startswith(quote, end + 1):
            pieces += [text[at:end], quote]
            at = end + 2
            continue
        return "".join(pieces) + text[at:end], end + 1

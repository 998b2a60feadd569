"""What a SelectObjectContent asks for, checked: the input's format, the output's, the scan range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import S3Error

_ONE = 1
_TWO = 2


class CsvInput(NamedTuple):
    """Each a character, the record delimiter up to two, ``quote`` and ``comment`` maybe ''."""

    header: str
    delimiter: str
    record: str
    quote: str
    escape: str
    comment: str
    quoted_records: bool
    """Whether quoted fields may hold record delimiters."""


class JsonInput(NamedTuple):
    """``LINES`` has a document a line, else documents take as many as they like."""

    lines: bool


class ParquetInput(NamedTuple):
    """There is nothing to choose."""


class CsvOutput(NamedTuple):
    delimiter: str
    record: str
    quote: str
    escape: str
    always: bool


class JsonOutput(NamedTuple):
    record: str


class ScanRange(NamedTuple):
    """``start`` None: the last ``end`` bytes; ``end`` (inclusive) None: all from the start on."""

    start: int | None
    end: int | None

    def within(self, size: int) -> tuple[int, int]:
        """``[start, stop)`` of an object of this size.

        Raises:
            S3Error: InvalidScanRange when it begins behind the object.
        """
        if self.start is None:
            assert self.end is not None
            return max(size - self.end, 0), size
        if self.start >= size > 0:
            raise S3Error("InvalidScanRange")
        return self.start, size if self.end is None else min(self.end + 1, size)


class Query(NamedTuple):
    """A checked request."""

    expression: str
    source: CsvInput | JsonInput | ParquetInput
    compression: str
    output: CsvOutput | JsonOutput
    scan: ScanRange | None
    progress: bool


def read_request(params: Mapping[str, Any]) -> Query:
    """The members of a SelectObjectContent as a `Query`.

    Raises:
        S3Error: one of S3 Select's, 400.
    """
    for name in ("Expression", "ExpressionType", "InputSerialization", "OutputSerialization"):
        if not params.get(name):
            raise S3Error("MissingRequiredParameter")
    if params["ExpressionType"].upper() != "SQL":
        raise S3Error("InvalidExpressionType")
    given = params["InputSerialization"]
    source = _source(given)
    compression = given.get("CompressionType") or "NONE"
    if compression not in ("NONE", "GZIP", "BZIP2"):
        raise S3Error("InvalidCompressionFormat")
    if compression != "NONE" and isinstance(source, ParquetInput):
        raise S3Error("InvalidCompressionFormat", not_applicable(compression))
    scan = _scan(params.get("ScanRange"))
    if scan is not None and (compression != "NONE" or not _can_scan(source)):
        raise S3Error("UnsupportedScanRangeInput")
    progress = bool((params.get("RequestProgress") or {}).get("Enabled"))
    return Query(params["Expression"], source, compression, _output(params["OutputSerialization"]), scan, progress)


def not_applicable(compression: str) -> str:
    """InvalidCompressionFormat of an object that is not compressed so, in S3's own words."""
    return f"{compression} is not applicable to the queried object. Please correct the request and try again."


def _one_of(given: Mapping[str, Any], names: tuple[str, ...]) -> str:
    found = [name for name in names if given.get(name) is not None]
    if not found:
        raise S3Error("MissingRequiredParameter")
    if len(found) > 1:
        raise S3Error("ObjectSerializationConflict")
    return found[0]


def _source(given: Mapping[str, Any]) -> CsvInput | JsonInput | ParquetInput:
    kind = _one_of(given, ("CSV", "JSON", "Parquet"))
    options = given[kind]
    if kind == "Parquet":
        return ParquetInput()
    if kind == "JSON":
        if options.get("Type") not in ("LINES", "DOCUMENT"):
            raise S3Error("InvalidJsonType")
        return JsonInput(options["Type"] == "LINES")
    header = options.get("FileHeaderInfo") or "NONE"
    if header not in ("NONE", "USE", "IGNORE"):
        raise S3Error("InvalidFileHeaderInfo")
    return CsvInput(
        header,
        _text(options, "FieldDelimiter", ",", _ONE),
        _text(options, "RecordDelimiter", "\n", _TWO),
        _text(options, "QuoteCharacter", '"', _ONE, least=0),
        _text(options, "QuoteEscapeCharacter", '"', _ONE),
        _text(options, "Comments", "#", _ONE, least=0),
        bool(options.get("AllowQuotedRecordDelimiter")),
    )


def _output(given: Mapping[str, Any]) -> CsvOutput | JsonOutput:
    kind = _one_of(given, ("CSV", "JSON"))
    options = given[kind]
    if kind == "JSON":
        return JsonOutput(_text(options, "RecordDelimiter", "\n"))
    quoting = options.get("QuoteFields") or "ASNEEDED"
    if quoting not in ("ALWAYS", "ASNEEDED"):
        raise S3Error("InvalidQuoteFields")
    return CsvOutput(
        _text(options, "FieldDelimiter", ","),
        _text(options, "RecordDelimiter", "\n"),
        _text(options, "QuoteCharacter", '"', _ONE, least=0),
        _text(options, "QuoteEscapeCharacter", '"', _ONE),
        quoting == "ALWAYS",
    )


def _text(options: Mapping[str, Any], name: str, default: str, most: int = 64, *, least: int = 1) -> str:
    text: str | None = options.get(name)
    if text is None:
        return default
    if not least <= len(text) <= most:
        raise S3Error("InvalidRequestParameter")
    return text


def _scan(given: Mapping[str, Any] | None) -> ScanRange | None:
    if given is None:
        return None
    start, end = given.get("Start"), given.get("End")
    if (start is None and end is None) or (start or 0) < 0 or (end or 0) < 0:
        raise S3Error("InvalidScanRange")
    if start is not None and end is not None and end < start:
        raise S3Error("InvalidScanRange")
    return ScanRange(start, end)


def _can_scan(source: CsvInput | JsonInput | ParquetInput) -> bool:
    if isinstance(source, CsvInput):
        return not source.quoted_records
    return not isinstance(source, JsonInput) or source.lines

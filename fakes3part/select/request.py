"""Parses and checks the parameters of SelectObjectContent: formats of input and output, compression, scan range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import S3Error

_ONE_CHARACTER = 1
_TWO_CHARACTERS = 2


class CsvInput(NamedTuple):
    """The format of CSV input.

    Attributes:
        header: FileHeaderInfo: NONE, USE or IGNORE.
        field_delimiter: one character, as ``escape``.
        record_delimiter: one or two characters.
        quote: one character, or empty: fields are not quoted.
        comment: the character that begins a comment line, or empty: there are no comments.
        quoted_record_delimiters: whether quoted fields may contain record delimiters.
    """

    header: str
    field_delimiter: str
    record_delimiter: str
    quote: str
    escape: str
    comment: str
    quoted_record_delimiters: bool


class JsonInput(NamedTuple):
    """The format of JSON input. ``is_lines``: one document per line (Type LINES), otherwise documents may span lines."""

    is_lines: bool


class ParquetInput(NamedTuple):
    """Parquet input, which has no options."""


class CsvOutput(NamedTuple):
    """The format of CSV output. ``always_quote``: QuoteFields is ALWAYS, not ASNEEDED; an empty ``quote``: never quote."""

    field_delimiter: str
    record_delimiter: str
    quote: str
    escape: str
    always_quote: bool


class JsonOutput(NamedTuple):
    """The format of JSON output."""

    record_delimiter: str


class ScanRange(NamedTuple):
    """A range of the object's bytes: the records that begin in it are scanned.

    Attributes:
        start: None: the range is the last ``end`` bytes.
        end: inclusive; None: to the end of the object.
    """

    start: int | None
    end: int | None

    def resolve(self, size: int) -> tuple[int, int]:
        """Return the range as ``(start, stop)``, ``stop`` exclusive, for an object of this size.

        Raises:
            S3Error: InvalidScanRange if it begins after the end of the object.
        """
        if self.start is None:
            assert self.end is not None
            return max(size - self.end, 0), size
        if self.start >= size > 0:
            raise S3Error("InvalidScanRange")
        return self.start, size if self.end is None else min(self.end + 1, size)


class Query(NamedTuple):
    """The checked parameters of a request. ``compression``: NONE, GZIP or BZIP2; ``scan_range`` None: the whole object."""

    expression: str
    input: CsvInput | JsonInput | ParquetInput
    compression: str
    output: CsvOutput | JsonOutput
    scan_range: ScanRange | None
    progress: bool


def parse_request(params: Mapping[str, Any]) -> Query:
    """Return the parameters of SelectObjectContent as a `Query`.

    Raises:
        S3Error: one of S3 Select's, with status 400.
    """
    for name in ("Expression", "ExpressionType", "InputSerialization", "OutputSerialization"):
        if not params.get(name):
            raise S3Error("MissingRequiredParameter")
    if params["ExpressionType"].upper() != "SQL":
        raise S3Error("InvalidExpressionType")
    serialization = params["InputSerialization"]
    input_format = _parse_input(serialization)
    compression = serialization.get("CompressionType") or "NONE"
    if compression not in ("NONE", "GZIP", "BZIP2"):
        raise S3Error("InvalidCompressionFormat")
    if compression != "NONE" and isinstance(input_format, ParquetInput):
        raise S3Error("InvalidCompressionFormat", not_applicable_message(compression))
    scan_range = _parse_scan_range(params.get("ScanRange"))
    if scan_range is not None and (compression != "NONE" or not _is_splittable(input_format)):
        raise S3Error("UnsupportedScanRangeInput")
    progress = bool((params.get("RequestProgress") or {}).get("Enabled"))
    output_format = _parse_output(params["OutputSerialization"])
    return Query(params["Expression"], input_format, compression, output_format, scan_range, progress)


def not_applicable_message(compression: str) -> str:
    """Return S3's message of InvalidCompressionFormat for an object that does not have this compression."""
    return f"{compression} is not applicable to the queried object. Please correct the request and try again."


def _only_member(serialization: Mapping[str, Any], names: tuple[str, ...]) -> str:
    present = [name for name in names if serialization.get(name) is not None]
    if not present:
        raise S3Error("MissingRequiredParameter")
    if len(present) > 1:
        raise S3Error("ObjectSerializationConflict")
    return present[0]


def _parse_input(serialization: Mapping[str, Any]) -> CsvInput | JsonInput | ParquetInput:
    format_name = _only_member(serialization, ("CSV", "JSON", "Parquet"))
    options = serialization[format_name]
    if format_name == "Parquet":
        return ParquetInput()
    if format_name == "JSON":
        if options.get("Type") not in ("LINES", "DOCUMENT"):
            raise S3Error("InvalidJsonType")
        return JsonInput(options["Type"] == "LINES")
    header = options.get("FileHeaderInfo") or "NONE"
    if header not in ("NONE", "USE", "IGNORE"):
        raise S3Error("InvalidFileHeaderInfo")
    return CsvInput(
        header,
        _text(options, "FieldDelimiter", ",", _ONE_CHARACTER),
        _text(options, "RecordDelimiter", "\n", _TWO_CHARACTERS),
        _text(options, "QuoteCharacter", '"', _ONE_CHARACTER, min_length=0),
        _text(options, "QuoteEscapeCharacter", '"', _ONE_CHARACTER),
        _text(options, "Comments", "#", _ONE_CHARACTER, min_length=0),
        bool(options.get("AllowQuotedRecordDelimiter")),
    )


def _parse_output(serialization: Mapping[str, Any]) -> CsvOutput | JsonOutput:
    format_name = _only_member(serialization, ("CSV", "JSON"))
    options = serialization[format_name]
    if format_name == "JSON":
        return JsonOutput(_text(options, "RecordDelimiter", "\n"))
    quoting = options.get("QuoteFields") or "ASNEEDED"
    if quoting not in ("ALWAYS", "ASNEEDED"):
        raise S3Error("InvalidQuoteFields")
    return CsvOutput(
        _text(options, "FieldDelimiter", ","),
        _text(options, "RecordDelimiter", "\n"),
        _text(options, "QuoteCharacter", '"', _ONE_CHARACTER, min_length=0),
        _text(options, "QuoteEscapeCharacter", '"', _ONE_CHARACTER),
        quoting == "ALWAYS",
    )


def _text(options: Mapping[str, Any], name: str, default: str, max_length: int = 64, *, min_length: int = 1) -> str:
    text: str | None = options.get(name)
    if text is None:
        return default
    if not min_length <= len(text) <= max_length:
        raise S3Error("InvalidRequestParameter")
    return text


def _parse_scan_range(scan_range: Mapping[str, Any] | None) -> ScanRange | None:
    if scan_range is None:
        return None
    start, end = scan_range.get("Start"), scan_range.get("End")
    if (start is None and end is None) or (start or 0) < 0 or (end or 0) < 0:
        raise S3Error("InvalidScanRange")
    if start is not None and end is not None and end < start:
        raise S3Error("InvalidScanRange")
    return ScanRange(start, end)


def _is_splittable(input_format: CsvInput | JsonInput | ParquetInput) -> bool:
    """Return whether records can be found from any position of the object, as a scan range needs."""
    if isinstance(input_format, CsvInput):
        return not input_format.quoted_record_delimiters
    return not isinstance(input_format, JsonInput) or input_format.is_lines

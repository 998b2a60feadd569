"""Formats the results: a record as a line of CSV or JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from json.encoder import encode_basestring as _encode_text
from typing import TypeAlias

from ..errors import S3Error
from .functions import MAX_RECORD_LENGTH
from .request import CsvOutput, JsonOutput
from .timestamps import IonTimestamp
from .values import MISSING, NULL_OR_MISSING, Value, to_text

Fields: TypeAlias = "Iterable[tuple[str, Value]]"
Writer: TypeAlias = Callable[[Fields], bytes]
"""Returns the bytes of a record, with its delimiter. Raises S3Error OverMaxRecordSize."""


def to_json(value: Value) -> str:
    """Return a value as JSON. NaN and infinity, which JSON does not have, become null, as in Ion's rules for JSON."""
    if type(value) is str:
        return _encode_text(value)
    if value in NULL_OR_MISSING:
        return "null"
    if type(value) is dict:
        members = [f"{_encode_text(name)}:{to_json(inner)}" for name, inner in value.items()]
        return "{" + ",".join(members) + "}"
    if type(value) is list:
        return "[" + ",".join([to_json(inner) for inner in value]) + "]"
    if type(value) is IonTimestamp:
        return f'"{value}"'
    if type(value) is float and not math.isfinite(value):
        return "null"
    return to_text(value)


def make_writer(output: CsvOutput | JsonOutput) -> Writer:
    """Return the function that formats a record. MISSING fields are left out of JSON; in CSV they are empty, as NULL is."""
    write = _csv(output) if isinstance(output, CsvOutput) else _json
    record_delimiter = output.record_delimiter

    def write_checked(fields: Fields) -> bytes:
        text = write(fields)
        if len(text) > MAX_RECORD_LENGTH:
            raise S3Error("OverMaxRecordSize")
        return (text + record_delimiter).encode("utf-8", "replace")

    return write_checked


def _json(fields: Fields) -> str:
    members = [f"{_encode_text(name)}:{to_json(value)}" for name, value in fields if value is not MISSING]
    return "{" + ",".join(members) + "}"


def _csv(output: CsvOutput) -> Callable[[Fields], str]:
    delimiter, quote, escape = output.field_delimiter, output.quote, output.escape
    special = [delimiter, output.record_delimiter, quote, "\n", "\r"] if quote else []

    def format_cell(value: Value) -> str:
        text = "" if value in NULL_OR_MISSING else to_json(value) if type(value) in (dict, list) else to_text(value)
        if not output.always_quote and not any(character in text for character in special):
            return text
        if not quote:
            return text
        if escape != quote:
            text = text.replace(escape, escape + escape)
        return quote + text.replace(quote, escape + quote) + quote

    return lambda fields: delimiter.join([format_cell(value) for _, value in fields])

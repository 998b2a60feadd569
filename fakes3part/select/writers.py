"""Results to bytes: a record of names and values as a line of CSV or JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from json.encoder import encode_basestring as _encode_text
from typing import TypeAlias

from ..errors import S3Error
from .functions import MAX_RECORD
from .request import CsvOutput, JsonOutput
from .timestamps import Stamp
from .values import MISSING, NOTHING, Value, text_of

Fields: TypeAlias = "Iterable[tuple[str, Value]]"
Writer: TypeAlias = Callable[[Fields], bytes]
"""Raises: S3Error OverMaxRecordSize."""


def json_text(value: Value) -> str:
    """A value in JSON. What has no number in JSON (NaN, infinity) is null there, as Ion has it."""
    if type(value) is str:
        return _encode_text(value)
    if value in NOTHING:
        return "null"
    if type(value) is dict:
        members = [f"{_encode_text(name)}:{json_text(inner)}" for name, inner in value.items()]
        return "{" + ",".join(members) + "}"
    if type(value) is list:
        return "[" + ",".join([json_text(inner) for inner in value]) + "]"
    if type(value) is Stamp:
        return f'"{value}"'
    if type(value) is float and not math.isfinite(value):
        return "null"
    return text_of(value)


def writer(output: CsvOutput | JsonOutput) -> Writer:
    """What makes bytes of a result's fields. MISSING ones are left out of JSON and empty in CSV, as NULL is."""
    write = _csv(output) if isinstance(output, CsvOutput) else _json
    end = output.record

    def write_checked(fields: Fields) -> bytes:
        text = write(fields)
        if len(text) > MAX_RECORD:
            raise S3Error("OverMaxRecordSize")
        return (text + end).encode("utf-8", "replace")

    return write_checked


def _json(fields: Fields) -> str:
    members = [f"{_encode_text(name)}:{json_text(value)}" for name, value in fields if value is not MISSING]
    return "{" + ",".join(members) + "}"


def _csv(output: CsvOutput) -> Callable[[Fields], str]:
    delimiter, quote, escape = output.delimiter, output.quote, output.escape
    special = [delimiter, output.record, quote, "\n", "\r"] if quote else []

    def cell(value: Value) -> str:
        text = "" if value in NOTHING else json_text(value) if type(value) in (dict, list) else text_of(value)
        if not output.always and not any(sign in text for sign in special):
            return text
        if not quote:
            return text
        if escape != quote:
            text = text.replace(escape, escape + escape)
        return quote + text.replace(quote, escape + quote) + quote

    return lambda fields: delimiter.join([cell(value) for _, value in fields])

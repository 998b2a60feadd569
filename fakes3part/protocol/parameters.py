"""Converts the text of headers and query parameters into the model's types, and raises S3's errors for invalid values.

An empty text is an absent member (``max-parts=`` means the default: recorded from AWS, 2023), except for `_NEVER_EMPTY`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from ..errors import S3Error, invalid_argument
from .shapes import Shape
from .timestamps import http_date, parse_http_date, parse_iso_date

Convert = Callable[[str], Any]
"""The text as sent -> a value; None: as if the member had not been sent. Raises S3Error."""

LIMITS = {"integer": 2**31 - 1, "long": 2**63 - 1}
_INTEGER = re.compile(r"([+-]?)0*(\d{1,19})", re.ASCII)

_PART_NUMBER = "Part number must be an integer between 1 and 10000, inclusive"
NOT_A_NUMBER: dict[str, tuple[str, str]] = {"partNumber": (_PART_NUMBER, "partNumber")}
"""``{wire name: (message, ArgumentName)}``. Of every other: ``Provided {name} not an integer or within integer range``."""


class Minimum(NamedTuple):
    """The smallest valid number, and the ``InvalidArgument`` for a smaller one.

    The texts are those in the sources of versitygw and moto; none is recorded from AWS.
    """

    number: int
    message: str
    argument: str


def _from_zero(name: str) -> Minimum:
    return Minimum(0, f"Argument {name} must be an integer between 0 and 2147483647", name)


MINIMUMS: dict[str, Minimum] = {
    "max-keys": _from_zero("maxKeys"),
    "max-parts": _from_zero("max-parts"),
    "max-uploads": _from_zero("max-uploads"),
    "part-number-marker": _from_zero("part-number-marker"),
    "x-amz-max-parts": _from_zero("x-amz-max-parts"),
    "x-amz-part-number-marker": _from_zero("x-amz-part-number-marker"),
    "max-buckets": Minimum(1, "Argument max-buckets must be an integer between 1 and 10000.", "max-buckets"),
    "max-annotation-results": Minimum(
        1, "Argument max-annotation-results must be an integer between 1 and 1000.", "max-annotation-results"
    ),
}

_NEGATIVE = frozenset({("ListObjectVersions", "max-keys")})
"""Parameters whose negative values the operation itself refuses."""

_NEVER_EMPTY = frozenset({"partNumber"})
_OBJECT_SIZE = "x-amz-mp-object-size"
_RETAIN_UNTIL = "x-amz-object-lock-retain-until-date"
_VERBATIM_DATES = frozenset({"expires", "response-expires", "x-amz-fwd-header-expires"})
_CONDITIONS = ("if-modified-since", "if-unmodified-since")


def parse_integer(text: str, kind: str) -> int | None:
    """Parse a decimal number within the range of the model's ``integer`` (32 bits) or ``long`` (64); None if it is invalid."""
    if len(text) < 10 and text.isdigit() and text.isascii():
        return int(text)
    match = _INTEGER.fullmatch(text)
    if match is None:
        return None
    number = int(match[1] + match[2])
    limit = LIMITS[kind]
    return number if -limit - 1 <= number <= limit else None


def _integer(operation: str, wire_name: str, kind: str) -> Convert:
    message, argument = NOT_A_NUMBER.get(wire_name, (f"Provided {wire_name} not an integer or within integer range", wire_name))
    minimum = None if (operation, wire_name) in _NEGATIVE else MINIMUMS.get(wire_name)

    def convert(text: str) -> int | None:
        if not text and wire_name not in _NEVER_EMPTY:
            return None
        number = parse_integer(text, kind)
        if number is None:
            raise invalid_argument(message, argument, text)
        if minimum is not None and number < minimum.number:
            raise invalid_argument(minimum.message, minimum.argument, str(number))
        return number

    return convert


def _object_size(text: str) -> int:
    """Convert ``x-amz-mp-object-size``, whose errors have texts of their own (those of versitygw's tests)."""
    number = parse_integer(text, "long")
    if number is None:
        raise S3Error("InvalidRequest", f"Value for {_OBJECT_SIZE} header is invalid: '{text}'")
    if number < 0:
        raise S3Error("InvalidRequest", f"Value for {_OBJECT_SIZE} header is less than zero: '{text}'")
    return number


def _boolean(wire_name: str) -> Convert:
    def convert(text: str) -> bool | None:
        lower = text.strip().lower()
        if lower in ("true", "false"):
            return lower == "true"
        if lower:
            raise invalid_argument(f"Provided {wire_name} not a boolean", wire_name, text)
        return None

    return convert


def _verbatim_date(text: str) -> datetime | str | None:
    """Convert ``Expires``. S3 returns the bytes it was sent, so a date that `http_date` would format differently stays text."""
    date = parse_http_date(text)
    return date if date is not None and http_date(date) == text else text or None


def _date(wire_name: str, parse: Callable[[str], datetime | None], message: str) -> Convert:
    ignored = wire_name.endswith(_CONDITIONS)

    def convert(text: str) -> datetime | None:
        date = parse(text)
        if date is None and text and not ignored:
            raise invalid_argument(message, wire_name, text)
        return date

    return convert


def _timestamp(wire_name: str, shape: Shape) -> Convert:
    if wire_name in _VERBATIM_DATES:
        return _latin_date if wire_name.startswith("response-") else _verbatim_date
    if wire_name == _RETAIN_UNTIL:
        return _date(wire_name, parse_iso_date, "The retain until date must be provided in ISO 8601 format")
    parse = parse_iso_date if shape.date_format == "iso8601" else parse_http_date
    return _date(wire_name, parse, f"Provided {wire_name} not a valid date")


def latin(wire_name: str) -> Convert:
    """Return the converter of a ``response-*`` parameter. It becomes a header, so it must be Latin-1 without line ends."""

    def convert(text: str) -> str:
        try:
            text.encode("latin-1")
        except UnicodeEncodeError:
            pass
        else:
            if not ("\r" in text or "\n" in text or "\0" in text):
                return text
        raise invalid_argument("Header value cannot be represented using ISO-8859-1.", wire_name, text)

    return convert


def _latin_date(text: str) -> datetime | str | None:
    return _verbatim_date(latin("response-expires")(text))


_QUOTED = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^",]*))\s*(?:,|$)')


def _items(text: str) -> list[str] | None:
    """Split a comma-separated list with quoted strings (RFC 9110, 5.6); empty items are dropped. None: the list is empty."""
    if '"' not in text:
        return [item.strip() for item in text.split(",") if item.strip()] or None
    items = (re.sub(r"\\(.)", r"\1", quoted) if quoted else plain.strip() for quoted, plain in _QUOTED.findall(text))
    return [item for item in items if item] or None


def converter(operation: str, wire_name: str, shape: Shape) -> Convert | None:
    """Return the function that converts the text of a header or query parameter; None: it stays text."""
    if wire_name == _OBJECT_SIZE:
        return _object_size
    if shape.type in LIMITS:
        return _integer(operation, wire_name, shape.type)
    if shape.type == "boolean":
        return _boolean(wire_name)
    if shape.type == "timestamp":
        return _timestamp(wire_name, shape)
    if shape.type == "list":
        return _items
    assert shape.type == "string", shape
    return latin(wire_name) if wire_name.startswith("response-") else None


def missing(location: str, wire_name: str) -> S3Error:
    """Return the error for a required header or query parameter that was not sent."""
    if wire_name == "x-amz-object-attributes":
        text = f"The {wire_name} header specifying the attributes to be retrieved is either missing or empty"
        return S3Error("InvalidRequest", text)
    if wire_name == "id":  # of a bucket configuration
        return S3Error("InvalidConfigurationId")
    if location == "header":
        return S3Error("InvalidRequest", f"Missing required header for this request: {wire_name}")
    return invalid_argument(f"Missing required query parameter: {wire_name}", wire_name, None)

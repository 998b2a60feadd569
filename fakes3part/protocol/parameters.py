"""What S3 says about numbers, booleans and dates that are none: one table, by the name on the wire.

`converter` gives the function that turns the text of a header or query member into the value that the model promises. An
empty text is an absent member (``max-parts=`` means the default; recorded), save where S3 was seen to refuse it.
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
"""The text on the wire -> a value; None: as if the member had not been sent. Raises S3Error."""

LIMITS = {"integer": 2**31 - 1, "long": 2**63 - 1}
_INTEGER = re.compile(r"\s*([+-]?\d{1,19})\s*", re.ASCII)

_PART_NUMBER = "Part number must be an integer between 1 and 10000, inclusive"
NOT_A_NUMBER: dict[str, tuple[str, str]] = {"partNumber": (_PART_NUMBER, "partNumber")}
"""``{wire name: (message, ArgumentName)}``; every other: ``Provided {name} not an integer or within integer range``."""


class Least(NamedTuple):
    """The smallest number that S3 takes, and what it says beneath it (70.2, 70.9, 10.8, 10.9)."""

    number: int
    message: str
    argument: str


def _from_zero(name: str) -> Least:
    return Least(0, f"Argument {name} must be an integer between 0 and 2147483647", name)


LEAST: dict[str, Least] = {
    "max-keys": _from_zero("maxKeys"),
    "max-parts": _from_zero("max-parts"),
    "max-uploads": _from_zero("max-uploads"),
    "part-number-marker": _from_zero("part-number-marker"),
    "x-amz-max-parts": _from_zero("x-amz-max-parts"),
    "x-amz-part-number-marker": _from_zero("x-amz-part-number-marker"),
    "max-buckets": Least(1, "Argument max-buckets must be an integer between 1 and 10000.", "max-buckets"),
    "max-annotation-results": Least(
        1, "Argument max-annotation-results must be an integer between 1 and 1000.", "max-annotation-results"
    ),
    "ListObjectVersions max-keys": Least(0, "max-keys cannot be negative", "maxKeys"),
}

_NEVER_EMPTY = frozenset({"partNumber"})
_OBJECT_SIZE = "x-amz-mp-object-size"
_RETAIN_UNTIL = "x-amz-object-lock-retain-until-date"
_KEPT_DATES = frozenset({"expires", "response-expires", "x-amz-fwd-header-expires"})
_CONDITIONS = ("if-modified-since", "if-unmodified-since")


def parse_integer(text: str, kind: str) -> int | None:
    """A decimal number within the range of the model's ``integer`` (32 bits) or ``long`` (64); None when it is none."""
    found = _INTEGER.fullmatch(text)
    if found is None:
        return None
    number = int(found[1])
    limit = LIMITS[kind]
    return number if -limit - 1 <= number <= limit else None


def _integer(operation: str, wire: str, kind: str) -> Convert:
    message, argument = NOT_A_NUMBER.get(wire, (f"Provided {wire} not an integer or within integer range", wire))
    least = LEAST.get(f"{operation} {wire}") or LEAST.get(wire)

    def convert(text: str) -> int | None:
        if not text and wire not in _NEVER_EMPTY:
            return None
        number = parse_integer(text, kind)
        if number is None:
            raise invalid_argument(message, argument, text)
        if least is not None and number < least.number:
            raise invalid_argument(least.message, least.argument, text)
        return number

    return convert


def _object_size(text: str) -> int:
    """``x-amz-mp-object-size`` has texts of its own (10.6)."""
    number = parse_integer(text, "long")
    if number is None:
        raise S3Error("InvalidRequest", f"Value for {_OBJECT_SIZE} header is invalid: '{text}'")
    if number < 0:
        raise S3Error("InvalidRequest", f"Value for {_OBJECT_SIZE} header is less than zero: '{text}'")
    return number


def _boolean(wire: str) -> Convert:
    def convert(text: str) -> bool | None:
        lower = text.strip().lower()
        if lower in ("true", "false"):
            return lower == "true"
        if lower:
            raise invalid_argument(f"Provided {wire} not a boolean", wire, text)
        return None

    return convert


def _kept_date(text: str) -> datetime | str | None:
    """``Expires``: S3 gives back the bytes it was sent, so a date that we would spell otherwise stays text."""
    date = parse_http_date(text)
    return date if date is not None and http_date(date) == text else text or None


def _date(wire: str, parse: Callable[[str], datetime | None], message: str) -> Convert:
    ignored = wire.endswith(_CONDITIONS)

    def convert(text: str) -> datetime | None:
        date = parse(text)
        if date is None and text and not ignored:
            raise invalid_argument(message, wire, text)
        return date

    return convert


def _timestamp(wire: str, shape: Shape) -> Convert:
    if wire in _KEPT_DATES:
        return _latin_date if wire.startswith("response-") else _kept_date
    if wire == _RETAIN_UNTIL:
        return _date(wire, parse_iso_date, "The retain until date must be provided in ISO 8601 format")
    parse = parse_iso_date if shape.date_format == "iso8601" else parse_http_date
    return _date(wire, parse, f"Provided {wire} not a valid date")


def latin(wire: str) -> Convert:
    """``response-*`` members become headers: what a header cannot carry is refused (60.4), line ends above all."""

    def convert(text: str) -> str:
        try:
            text.encode("latin-1")
        except UnicodeEncodeError:
            pass
        else:
            if not ("\r" in text or "\n" in text or "\0" in text):
                return text
        raise invalid_argument("Header value cannot be represented using ISO-8859-1.", wire, text)

    return convert


def _latin_date(text: str) -> datetime | str | None:
    return _kept_date(latin("response-expires")(text))


_QUOTED = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^",]*))\s*(?:,|$)')


def _items(text: str) -> list[str] | None:
    """A comma list, items quoted where need be (RFC 9110); empty ones are dropped."""
    if '"' not in text:
        return [item.strip() for item in text.split(",") if item.strip()] or None
    found = (re.sub(r"\\(.)", r"\1", quoted) if quoted else bare.strip() for quoted, bare in _QUOTED.findall(text))
    return [item for item in found if item] or None


def converter(operation: str, wire: str, shape: Shape) -> Convert | None:
    """How the text of one header or query member becomes a value; None: it stays the text it is."""
    if wire == _OBJECT_SIZE:
        return _object_size
    if shape.type in LIMITS:
        return _integer(operation, wire, shape.type)
    if shape.type == "boolean":
        return _boolean(wire)
    if shape.type == "timestamp":
        return _timestamp(wire, shape)
    if shape.type == "list":
        return _items
    assert shape.type == "string", shape
    return latin(wire) if wire.startswith("response-") else None


def missing(location: str, wire: str) -> S3Error:
    """A required header or query member did not come."""
    if wire == "x-amz-object-attributes":
        text = f"The {wire} header specifying the attributes to be retrieved is either missing or empty"
        return S3Error("InvalidRequest", text)
    if location == "header":
        return S3Error("InvalidRequest", f"Missing required header for this request: {wire}")
    return invalid_argument(f"Missing required query parameter: {wire}", wire, None)

"""Compiles the format patterns of TO_STRING, such as ``yyyy-MM-dd''T''HH:mm:ssX``, and the patterns of LIKE."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from ..errors import S3Error
from .timestamps import IonTimestamp, format_offset

_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
"""English names in every locale."""
_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'")

Format: TypeAlias = Callable[[IonTimestamp], str]
"""Formats a timestamp, or one part of it."""


def _twelve_hour(timestamp: IonTimestamp) -> int:
    return timestamp.moment.hour % 12 or 12


def _offset_format(minutes: bool, colon: str, utc: str) -> Format:
    def format_timestamp(timestamp: IonTimestamp) -> str:
        text = format_offset(timestamp.offset, colon, utc)
        return text if minutes or text == "Z" else text[:3]

    return format_timestamp


_SYMBOLS: dict[str, Format] = {
    "yy": lambda timestamp: f"{timestamp.moment.year % 100:02}",
    "y": lambda timestamp: f"{timestamp.moment.year}",
    "yyyy": lambda timestamp: f"{timestamp.moment.year:04}",
    "M": lambda timestamp: f"{timestamp.moment.month}",
    "MM": lambda timestamp: f"{timestamp.moment.month:02}",
    "MMM": lambda timestamp: _MONTHS[timestamp.moment.month - 1][:3],
    "MMMM": lambda timestamp: _MONTHS[timestamp.moment.month - 1],
    "MMMMM": lambda timestamp: _MONTHS[timestamp.moment.month - 1][:1],
    "d": lambda timestamp: f"{timestamp.moment.day}",
    "dd": lambda timestamp: f"{timestamp.moment.day:02}",
    "a": lambda timestamp: "AM" if timestamp.moment.hour < 12 else "PM",
    "h": lambda timestamp: f"{_twelve_hour(timestamp)}",
    "hh": lambda timestamp: f"{_twelve_hour(timestamp):02}",
    "H": lambda timestamp: f"{timestamp.moment.hour}",
    "HH": lambda timestamp: f"{timestamp.moment.hour:02}",
    "m": lambda timestamp: f"{timestamp.moment.minute}",
    "mm": lambda timestamp: f"{timestamp.moment.minute:02}",
    "s": lambda timestamp: f"{timestamp.moment.second}",
    "ss": lambda timestamp: f"{timestamp.moment.second:02}",
    "n": lambda timestamp: f"{int(timestamp.fraction.ljust(9, '0'))}",
    "X": _offset_format(False, "", "Z"),
    "XX": _offset_format(True, "", "Z"),
    "XXX": _offset_format(True, ":", "Z"),
    "XXXX": _offset_format(True, "", "Z"),
    "XXXXX": _offset_format(True, ":", "Z"),
    "x": _offset_format(False, "", ""),
    "xx": _offset_format(True, "", ""),
    "xxx": _offset_format(True, ":", ""),
    "xxxx": _offset_format(True, "", ""),
    "xxxxx": _offset_format(True, ":", ""),
}


def _fraction_format(digits: int) -> Format:
    return lambda timestamp: timestamp.fraction.ljust(digits, "0")[:digits]


def _literal_format(text: str) -> Format:
    return lambda _: text


def _token_format(match: re.Match[str]) -> Format:
    text = match.group()
    if text == "'":
        raise S3Error("EvaluatorUnterminatedTimestampFormatPatternToken")
    if match[1] is not None:
        return _literal_format(match[1].replace("''", "'") or "'")
    if match[2] is None:
        return _literal_format(text)
    if match[2] == "S" and len(text) <= 9:
        return _fraction_format(len(text))
    if text in _SYMBOLS:
        return _SYMBOLS[text]
    is_symbol = match[2] in _SYMBOLS or match[2] == "S"
    raise S3Error(f"EvaluatorInvalidTimestampFormatPattern{'Token' if is_symbol else 'Symbol'}")


@lru_cache(maxsize=64)
def compile_format(pattern: str) -> Format:
    """Return the function that formats a timestamp by a pattern of TO_STRING.

    Raises:
        S3Error: EvaluatorInvalidTimestampFormatPattern... or EvaluatorUnterminatedTimestampFormatPatternToken.
    """
    formats = [_token_format(match) for match in _TOKEN.finditer(pattern)]
    return lambda timestamp: "".join([format_token(timestamp) for format_token in formats])


Matcher: TypeAlias = Callable[[str], bool]


@lru_cache(maxsize=64)
def compile_like(pattern: str, escape: str | None) -> Matcher:
    """Return the function that returns whether a text matches a LIKE pattern; ``escape`` None: no escape character.

    It takes linear time for each piece between two ``%``, whatever the pattern: one regular expression for all could take
    exponential time.

    Raises:
        S3Error: EvaluatorLikePatternInvalidEscapeSequence.
    """
    if escape is not None and len(escape) != 1:
        raise S3Error("EvaluatorLikePatternInvalidEscapeSequence")
    pieces, width = [""], 0
    characters = iter(pattern)
    for character in characters:
        if character == "%" and escape != "%":
            pieces.append("")
            width = 0
            continue
        if character == escape:
            character = next(characters, "")
            if character not in ("%", "_", escape):
                raise S3Error("EvaluatorLikePatternInvalidEscapeSequence")
            pieces[-1] += re.escape(character)
        else:
            pieces[-1] += "." if character == "_" else re.escape(character)
        width += 1
    first, *rest = [re.compile(piece, re.DOTALL) for piece in pieces]
    if not rest:
        return lambda text: first.fullmatch(text) is not None
    last = rest.pop()

    def matches(text: str) -> bool:
        """Match the first piece at the start, each next one as early as possible, and the last, of ``width``, at the end."""
        match = first.match(text)
        for piece in rest:
            if match is None:
                return False
            match = piece.search(text, match.end())
        end = len(text) - width
        return match is not None and end >= match.end() and last.fullmatch(text, end) is not None

    return matches

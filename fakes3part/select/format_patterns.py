"""The format patterns of TO_STRING: ``yyyy-MM-dd''T''HH:mm:ssX``, and the patterns of LIKE."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from ..errors import S3Error
from .timestamps import Stamp, shown_offset

_YEAR = "January February March April May June July August September October November December"
_MONTHS = _YEAR.split()
"""Not the locale's."""
_PIECE = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'")

Format: TypeAlias = Callable[[Stamp], str]


def _twelve(stamp: Stamp) -> int:
    return stamp.moment.hour % 12 or 12


def _basic(minutes: bool, colon: str, zero: str) -> Format:
    def shown(stamp: Stamp) -> str:
        text = shown_offset(stamp.offset, colon, zero)
        return text if minutes or text == "Z" else text[:3]

    return shown


_SYMBOLS: dict[str, Format] = {
    "yy": lambda at: f"{at.moment.year % 100:02}",
    "y": lambda at: f"{at.moment.year}",
    "yyyy": lambda at: f"{at.moment.year:04}",
    "M": lambda at: f"{at.moment.month}",
    "MM": lambda at: f"{at.moment.month:02}",
    "MMM": lambda at: _MONTHS[at.moment.month - 1][:3],
    "MMMM": lambda at: _MONTHS[at.moment.month - 1],
    "MMMMM": lambda at: _MONTHS[at.moment.month - 1][:1],
    "d": lambda at: f"{at.moment.day}",
    "dd": lambda at: f"{at.moment.day:02}",
    "a": lambda at: "AM" if at.moment.hour < 12 else "PM",
    "h": lambda at: f"{_twelve(at)}",
    "hh": lambda at: f"{_twelve(at):02}",
    "H": lambda at: f"{at.moment.hour}",
    "HH": lambda at: f"{at.moment.hour:02}",
    "m": lambda at: f"{at.moment.minute}",
    "mm": lambda at: f"{at.moment.minute:02}",
    "s": lambda at: f"{at.moment.second}",
    "ss": lambda at: f"{at.moment.second:02}",
    "n": lambda at: f"{int(at.fraction.ljust(9, '0'))}",
    "X": _basic(False, "", "Z"),
    "XX": _basic(True, "", "Z"),
    "XXX": _basic(True, ":", "Z"),
    "XXXX": _basic(True, "", "Z"),
    "XXXXX": _basic(True, ":", "Z"),
    "x": _basic(False, "", ""),
    "xx": _basic(True, "", ""),
    "xxx": _basic(True, ":", ""),
    "xxxx": _basic(True, "", ""),
    "xxxxx": _basic(True, ":", ""),
}


def _fraction(digits: int) -> Format:
    return lambda at: at.fraction.ljust(digits, "0")[:digits]


def _literal(text: str) -> Format:
    return lambda _: text


def _piece(match: re.Match[str]) -> Format:
    text = match.group()
    if text == "'":
        raise S3Error("EvaluatorUnterminatedTimestampFormatPatternToken")
    if match[1] is not None:
        return _literal(match[1].replace("''", "'") or "'")
    if match[2] is None:
        return _literal(text)
    if match[2] == "S" and len(text) <= 9:
        return _fraction(len(text))
    if text in _SYMBOLS:
        return _SYMBOLS[text]
    known = match[2] in _SYMBOLS or match[2] == "S"
    raise S3Error(f"EvaluatorInvalidTimestampFormatPattern{'Token' if known else 'Symbol'}")


@lru_cache(maxsize=64)
def formatter(pattern: str) -> Format:
    """What TO_STRING does by this pattern.

    Raises:
        S3Error: EvaluatorInvalidTimestampFormatPattern... or EvaluatorUnterminatedTimestampFormatPatternToken.
    """
    pieces = [_piece(match) for match in _PIECE.finditer(pattern)]
    return lambda stamp: "".join([piece(stamp) for piece in pieces])


Matcher: TypeAlias = Callable[[str], bool]


@lru_cache(maxsize=64)
def matcher(pattern: str, escape: str | None) -> Matcher:
    """What LIKE does by this pattern: in time linear to the text for each piece between two ``%``, whatever the pattern.

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
        """The first piece at the start, each next one as early as it can be, the last (of ``width``) at the end."""
        found = first.match(text)
        for piece in rest:
            if found is None:
                return False
            found = piece.search(text, found.end())
        end = len(text) - width
        return found is not None and end >= found.end() and last.fullmatch(text, end) is not None

    return matches

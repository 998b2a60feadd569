"""The functions of S3 Select's SQL, of values: NULL for NULL, an error of S3's for arguments of the wrong type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from ..errors import S3Error
from . import timestamps
from .format_patterns import formatter, matcher
from .timestamps import Stamp, read_stamp, stamp_of
from .values import NOTHING, Value, arithmetic, is_number, order

MAX_RECORD = 1024 * 1024
"""Characters of a record, of the input or the result."""


def _typed(value: Value, kind: type) -> Any:
    if type(value) is not kind:
        raise S3Error("IncorrectSqlFunctionArgumentType")
    return value


def _of_text(function: Callable[[str], Value]) -> Callable[[Value], Value]:
    def call(value: Value) -> Value:
        return None if value in NOTHING else function(_typed(value, str))

    return call


char_length = _of_text(len)
lower = _of_text(str.lower)
upper = _of_text(str.upper)


def concatenate(a: Value, b: Value) -> Value:
    """``||``"""
    if a in NOTHING or b in NOTHING:
        return None
    if len(_typed(a, str)) + len(_typed(b, str)) > MAX_RECORD:
        raise S3Error("OverMaxRecordSize")
    return a + b


def substring(text: Value, start: Value, length: Value = MAX_RECORD) -> Value:
    """SUBSTRING: from 1 on; what lies before the text counts as characters that are not there."""
    if text in NOTHING or start in NOTHING or length in NOTHING:
        return None
    first, count = _typed(start, int), _typed(length, int)
    if count < 0:
        raise S3Error("EvaluatorInvalidArguments")
    return _typed(text, str)[max(first - 1, 0) : max(first - 1 + count, 0)]


_TRIMS: dict[str, Callable[[str, str], str]] = {"BOTH": str.strip, "LEADING": str.lstrip, "TRAILING": str.rstrip}


def trim(side: str, text: Value, characters: Value = " ") -> Value:
    """TRIM: of any of the characters, as many as there are."""
    if text in NOTHING or characters in NOTHING:
        return None
    return _TRIMS[side](_typed(text, str), _typed(characters, str))


def like(text: Value, pattern: Value, escape: Value) -> bool | None:
    """LIKE; ``escape`` None: there is none.

    Raises:
        S3Error: LikeInvalidInputs, EvaluatorLikePatternInvalidEscapeSequence.
    """
    if text in NOTHING or pattern in NOTHING:
        return None
    if type(text) is not str or type(pattern) is not str or type(escape) not in (str, type(None)):
        raise S3Error("LikeInvalidInputs")
    return matcher(pattern, escape)(text)


def coalesce(*values: Value) -> Value:
    return next((value for value in values if value not in NOTHING), None)


# --- of time ---------------------------------------------------------------------------------------------------------


def date_add(part: str, quantity: Value, stamp: Value) -> Value:
    if quantity in NOTHING or stamp in NOTHING:
        return None
    return timestamps.add(part, _typed(quantity, int), _typed(stamp, Stamp))


def date_diff(part: str, first: Value, second: Value) -> Value:
    if first in NOTHING or second in NOTHING:
        return None
    return timestamps.difference(part, _typed(first, Stamp), _typed(second, Stamp))


def extract(part: str, stamp: Value) -> Value:
    return None if stamp in NOTHING else timestamps.extract(part, _typed(stamp, Stamp))


def to_string(stamp: Value, pattern: Value) -> Value:
    if stamp in NOTHING or pattern in NOTHING:
        return None
    return formatter(_typed(pattern, str))(_typed(stamp, Stamp))


def to_timestamp(text: Value) -> Value:
    """Raises: S3Error ValueParseFailure."""
    if text in NOTHING:
        return None
    found = read_stamp(_typed(text, str))
    if found is None:
        raise S3Error("ValueParseFailure")
    return found


class Function(NamedTuple):
    """How many arguments it takes, and what it makes of them. ``timed``: of a date part and its arguments. ``chooses``: it gives
    back one of them."""

    least: int
    most: int
    call: Callable[..., Value]
    timed: bool = False
    chooses: bool = False


def function_table(now: datetime) -> dict[str, Function]:
    """By name, those that are called as ``name(arguments)`` and are no aggregates."""
    moment = stamp_of(now)
    return {
        "char_length": Function(1, 1, char_length),
        "character_length": Function(1, 1, char_length),
        "coalesce": Function(1, 1000, coalesce, chooses=True),
        "date_add": Function(3, 3, date_add, timed=True),
        "date_diff": Function(3, 3, date_diff, timed=True),
        "lower": Function(1, 1, lower),
        "to_string": Function(2, 2, to_string),
        "to_timestamp": Function(1, 1, to_timestamp),
        "upper": Function(1, 1, upper),
        "utcnow": Function(0, 0, lambda: moment),
    }


# --- aggregates ------------------------------------------------------------------------------------------------------


class Aggregate:
    """COUNT, SUM, AVG, MIN or MAX, over one query."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        self.value: Value = None

    def add(self, value: Value) -> None:
        """One record's value; NULL and MISSING do not count.

        Raises:
            S3Error: IncorrectSqlFunctionArgumentType for what has no sum or order.
        """
        if value in NOTHING:
            return
        self.count += 1
        if self.name == "count":
            return
        if not is_number(value):
            raise S3Error("IncorrectSqlFunctionArgumentType")
        if self.value is None:
            self.value = value
        elif self.name in ("sum", "avg"):
            self.value = arithmetic("+", self.value, value)
        elif order(value, self.value) == (-1 if self.name == "min" else 1):
            self.value = value

    def result(self) -> Value:
        """Of no values at all: 0 for COUNT, else NULL."""
        if self.name == "count":
            return self.count
        if self.name == "avg" and self.count:
            total = Decimal(self.value) if type(self.value) is int else self.value
            return arithmetic("/", total, self.count)
        return self.value

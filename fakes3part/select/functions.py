"""The functions of S3 Select's SQL.

For NULL or MISSING they return None (NULL). For an argument of the wrong type they raise IncorrectSqlFunctionArgumentType.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from ..errors import S3Error
from . import timestamps
from .format_patterns import compile_format, compile_like
from .timestamps import IonTimestamp, parse_timestamp, timestamp_from_datetime
from .values import NULL_OR_MISSING, Value, arithmetic, compare, is_number

MAX_RECORD_LENGTH = 1024 * 1024
"""The maximum number of characters of a record, in the input and in the result."""


def _require_type(value: Value, type_: type) -> Any:
    if type(value) is not type_:
        raise S3Error("IncorrectSqlFunctionArgumentType")
    return value


def _text_function(function: Callable[[str], Value]) -> Callable[[Value], Value]:
    def call(value: Value) -> Value:
        return None if value in NULL_OR_MISSING else function(_require_type(value, str))

    return call


char_length = _text_function(len)
lower = _text_function(str.lower)
upper = _text_function(str.upper)


def concatenate(a: Value, b: Value) -> Value:
    """Concatenate two texts: the operator ``||``.

    Raises:
        S3Error: IncorrectSqlFunctionArgumentType, OverMaxRecordSize.
    """
    if a in NULL_OR_MISSING or b in NULL_OR_MISSING:
        return None
    if len(_require_type(a, str)) + len(_require_type(b, str)) > MAX_RECORD_LENGTH:
        raise S3Error("OverMaxRecordSize")
    return a + b


def substring(text: Value, start: Value, length: Value = MAX_RECORD_LENGTH) -> Value:
    """Return part of a text, as SUBSTRING does. Positions begin at 1; positions less than 1 count towards the length.

    Raises:
        S3Error: IncorrectSqlFunctionArgumentType, EvaluatorInvalidArguments for a negative length.
    """
    if text in NULL_OR_MISSING or start in NULL_OR_MISSING or length in NULL_OR_MISSING:
        return None
    first, count = _require_type(start, int), _require_type(length, int)
    if count < 0:
        raise S3Error("EvaluatorInvalidArguments")
    return _require_type(text, str)[max(first - 1, 0) : max(first - 1 + count, 0)]


_TRIMS: dict[str, Callable[[str, str], str]] = {"BOTH": str.strip, "LEADING": str.lstrip, "TRAILING": str.rstrip}


def trim(side: str, text: Value, characters: Value = " ") -> Value:
    """Remove any of the characters from the ends of a text, as TRIM does; ``side``: BOTH, LEADING or TRAILING."""
    if text in NULL_OR_MISSING or characters in NULL_OR_MISSING:
        return None
    return _TRIMS[side](_require_type(text, str), _require_type(characters, str))


def like(text: Value, pattern: Value, escape: Value) -> bool | None:
    """Match a text with a pattern, as LIKE does; ``escape`` None: without an escape character.

    Raises:
        S3Error: LikeInvalidInputs, EvaluatorLikePatternInvalidEscapeSequence.
    """
    if text in NULL_OR_MISSING or pattern in NULL_OR_MISSING:
        return None
    if type(text) is not str or type(pattern) is not str or type(escape) not in (str, type(None)):
        raise S3Error("LikeInvalidInputs")
    return compile_like(pattern, escape)(text)


def coalesce(*values: Value) -> Value:
    """Return the first value that is not NULL or MISSING; None if all are."""
    return next((value for value in values if value not in NULL_OR_MISSING), None)


# --- timestamps ---------------------------------------------------------------------------------------------------------


def date_add(part: str, quantity: Value, timestamp: Value) -> Value:
    """Add a number of years, months, days ... to a timestamp, as DATE_ADD does."""
    if quantity in NULL_OR_MISSING or timestamp in NULL_OR_MISSING:
        return None
    return timestamps.add(part, _require_type(quantity, int), _require_type(timestamp, IonTimestamp))


def date_diff(part: str, first: Value, second: Value) -> Value:
    """Return the number of whole years, months, days ... between two timestamps, as DATE_DIFF does."""
    if first in NULL_OR_MISSING or second in NULL_OR_MISSING:
        return None
    return timestamps.difference(part, _require_type(first, IonTimestamp), _require_type(second, IonTimestamp))


def extract(part: str, timestamp: Value) -> Value:
    """Return one part of a timestamp as a number, as EXTRACT does."""
    return None if timestamp in NULL_OR_MISSING else timestamps.extract(part, _require_type(timestamp, IonTimestamp))


def to_string(timestamp: Value, pattern: Value) -> Value:
    """Format a timestamp by a pattern, as TO_STRING does."""
    if timestamp in NULL_OR_MISSING or pattern in NULL_OR_MISSING:
        return None
    return compile_format(_require_type(pattern, str))(_require_type(timestamp, IonTimestamp))


def to_timestamp(text: Value) -> Value:
    """Parse a timestamp, as TO_TIMESTAMP does.

    Raises:
        S3Error: ValueParseFailure, IncorrectSqlFunctionArgumentType.
    """
    if text in NULL_OR_MISSING:
        return None
    timestamp = parse_timestamp(_require_type(text, str))
    if timestamp is None:
        raise S3Error("ValueParseFailure")
    return timestamp


class Function(NamedTuple):
    """A function of SQL.

    Attributes:
        takes_date_part: whether its first argument is a date part, which is passed to ``call`` as its lower-case name.
        returns_argument: whether its result is one of its arguments, and so is raw text if an argument is.
    """

    min_arguments: int
    max_arguments: int
    call: Callable[..., Value]
    takes_date_part: bool = False
    returns_argument: bool = False


def functions_by_name(now: datetime) -> dict[str, Function]:
    """Return the functions that are called as ``name(arguments)``, without NULLIF and the aggregates; ``now`` is UTCNOW()."""
    utcnow = timestamp_from_datetime(now)
    return {
        "char_length": Function(1, 1, char_length),
        "character_length": Function(1, 1, char_length),
        "coalesce": Function(1, 1000, coalesce, returns_argument=True),
        "date_add": Function(3, 3, date_add, takes_date_part=True),
        "date_diff": Function(3, 3, date_diff, takes_date_part=True),
        "lower": Function(1, 1, lower),
        "to_string": Function(2, 2, to_string),
        "to_timestamp": Function(1, 1, to_timestamp),
        "upper": Function(1, 1, upper),
        "utcnow": Function(0, 0, lambda: utcnow),
    }


# --- aggregates ------------------------------------------------------------------------------------------------------


class Aggregate:
    """The accumulator of one COUNT, SUM, AVG, MIN or MAX of a query."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        self.value: Value = None

    def add(self, value: Value) -> None:
        """Add one record's value; NULL and MISSING do not count.

        Raises:
            S3Error: IncorrectSqlFunctionArgumentType if the value is not a number; COUNT takes any.
        """
        if value in NULL_OR_MISSING:
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
        elif compare(value, self.value) == (-1 if self.name == "min" else 1):
            self.value = value

    def result(self) -> Value:
        """Return the aggregate of the added values; without any 0 for COUNT, None (NULL) for the others."""
        if self.name == "count":
            return self.count
        if self.name == "avg" and self.count:
            total = Decimal(self.value) if type(self.value) is int else self.value
            return arithmetic("/", total, self.count)
        return self.value

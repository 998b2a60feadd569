"""The values of S3 Select's SQL: comparison, arithmetic and CAST.

A value is None (NULL), `MISSING`, bool, int, float, Decimal, str, `IonTimestamp`, list or dict. The fields of CSV are "raw" text,
which has no type: compared with a number, a boolean or a timestamp it is parsed as one.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from decimal import Context, Decimal, DecimalException
from enum import Enum
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from ..errors import S3Error
from .timestamps import IonTimestamp, parse_timestamp

Value: TypeAlias = Any


class MissingType(Enum):
    """The type of `MISSING`: the value of a field that a record does not have, which is not NULL."""

    MISSING = "missing"


MISSING: Final = MissingType.MISSING
NULL_OR_MISSING: Final = (None, MISSING)


class Name(NamedTuple):
    """A step of a path that names a member. Unless it is quoted, the case of letters does not count."""

    text: str
    quoted: bool


class Wildcard(Enum):
    """A step of a path that selects all elements of a list, or all members of a structure."""

    ITEM = "[*]"
    FIELD = ".*"


ANY_ITEM: Final = Wildcard.ITEM
ANY_FIELD: Final = Wildcard.FIELD
Step: TypeAlias = "Name | int | Literal[Wildcard.ITEM, Wildcard.FIELD]"

_DECIMALS = Context(prec=38)
"""S3 Select's decimals have 38 digits. The default context is not used: a thread may have set any precision."""

_NUMBER_TYPES = frozenset({int, float, Decimal})
_INT = re.compile(r"[+-]?\d{1,40}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,9})?", re.ASCII)
_MIN, _MAX = -(2**63), 2**63 - 1
_BOOLEANS = {"true": True, "false": False}


def is_number(value: Value) -> bool:
    return type(value) in _NUMBER_TYPES


def parse_number(text: str) -> int | Decimal | None:
    """Return a text as a number; None if it is not one."""
    if _INT.fullmatch(text):
        return int(text)
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def raw_to_number(value: Value, raw: bool) -> Value:
    """Return a raw text that is a number as this number; every other value unchanged."""
    if raw and type(value) is str:
        parsed = parse_number(value)
        return value if parsed is None else parsed
    return value


def convert_raw_text(text: str, other: Value) -> Value:
    """Return a raw text converted to the type of ``other``; unchanged if it cannot be, and then it is not equal to ``other``."""
    converted: Value = None
    if type(other) in _NUMBER_TYPES:
        converted = parse_number(text)
    elif type(other) is bool:
        converted = _BOOLEANS.get(text.lower())
    elif type(other) is IonTimestamp:
        converted = parse_timestamp(text)
    return text if converted is None else converted


def compare(a: Value, b: Value) -> int | None:
    """Return -1, 0 or 1 for ``a`` less than, equal to or greater than ``b``; None if they have no order: different types, NaN."""
    if type(a) is not type(b) and not (type(a) in _NUMBER_TYPES and type(b) in _NUMBER_TYPES):
        return None
    if type(a) is IonTimestamp:
        a, b = a.instant, b.instant
    if a == b:
        return 0
    if type(a) in (list, dict):
        return None
    return -1 if a < b else 1 if a > b else None


# --- arithmetic ------------------------------------------------------------------------------------------------------


def _check_int64(result: int) -> int:
    if not _MIN <= result <= _MAX:
        raise S3Error("IntegerOverflow")
    return result


def _quotient(a: int, b: int) -> int:
    """Divide integers, truncating towards zero."""
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def _remainder(a: int, b: int) -> int:
    """Return the remainder of integers, which has the sign of the dividend."""
    return a - b * _quotient(a, b)


class _Operator(NamedTuple):
    """An arithmetic operator, for each type of operands."""

    ints: Callable[[int, int], int]
    decimals: Callable[[Decimal, Decimal], Decimal]
    floats: Callable[[float, float], float]


_OPERATORS = {
    "+": _Operator(operator.add, _DECIMALS.add, operator.add),
    "-": _Operator(operator.sub, _DECIMALS.subtract, operator.sub),
    "*": _Operator(operator.mul, _DECIMALS.multiply, operator.mul),
    "/": _Operator(_quotient, _DECIMALS.divide, operator.truediv),
    "%": _Operator(_remainder, _DECIMALS.remainder, math.fmod),
}


def arithmetic(symbol: str, a: Value, b: Value) -> Value:
    """Return the result of ``+``, ``-``, ``*``, ``/`` or ``%``; None (NULL) if an operand is NULL or MISSING.

    Raises:
        S3Error: InvalidDataType if an operand is not a number, IntegerOverflow, ExternalEvalException (division by zero).
    """
    if a in NULL_OR_MISSING or b in NULL_OR_MISSING:
        return None
    operations = _OPERATORS[symbol]
    try:
        if type(a) is int and type(b) is int:
            return _check_int64(operations.ints(a, b))
        if type(a) not in _NUMBER_TYPES or type(b) not in _NUMBER_TYPES:
            raise S3Error("InvalidDataType")
        if type(a) is float or type(b) is float:
            return operations.floats(float(a), float(b))
        return operations.decimals(Decimal(a), Decimal(b))
    except (ZeroDivisionError, DecimalException, OverflowError, ValueError):
        raise S3Error("ExternalEvalException") from None


# --- CAST ------------------------------------------------------------------------------------------------------------


def _cast_failed() -> S3Error:
    return S3Error("CastFailed")


def _to_bool(value: Value) -> bool:
    if type(value) is str:
        result = _BOOLEANS.get(value.lower())
        if result is None:
            raise _cast_failed()
        return result
    if type(value) is bool or type(value) in _NUMBER_TYPES:
        return bool(value)
    raise _cast_failed()


def _to_int(value: Value) -> int:
    if type(value) is str:
        if not _INT.fullmatch(value):
            raise _cast_failed()
        return _check_int64(int(value))
    if type(value) is bool or type(value) in _NUMBER_TYPES:
        if abs(value) >= 2**64:  # checked first: int() of 1e1000 has a thousand digits
            raise S3Error("IntegerOverflow")
        return _check_int64(int(value))
    raise _cast_failed()


def _to_float(value: Value) -> float:
    result = float(_to_number(value))
    if not math.isfinite(result):
        raise _cast_failed()
    return result


def _to_decimal(value: Value) -> Decimal:
    result = _to_number(value)
    return Decimal(repr(result)) if type(result) is float else _DECIMALS.plus(Decimal(result))


def _to_number(value: Value) -> Any:
    if type(value) is str:
        result = parse_number(value)
        if result is None:
            raise _cast_failed()
        return result
    if type(value) is bool:
        return int(value)
    if type(value) in _NUMBER_TYPES:
        return value
    raise _cast_failed()


def to_text(value: Value) -> str:
    """Return a scalar as text, as CSV output and CAST AS STRING have it."""
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    return repr(value) if type(value) is float else str(value)


def _to_string(value: Value) -> str:
    if type(value) in (list, dict):
        raise _cast_failed()
    return to_text(value)


def _to_timestamp(value: Value) -> IonTimestamp:
    timestamp = value if type(value) is IonTimestamp else parse_timestamp(value) if type(value) is str else None
    if timestamp is None:
        raise _cast_failed()
    return timestamp


CASTS: dict[str, Callable[[Value], Value]] = {
    "bool": _to_bool,
    "decimal": _to_decimal,
    "float": _to_float,
    "int": _to_int,
    "string": _to_string,
    "timestamp": _to_timestamp,
}


def cast(value: Value, kind: str) -> Value:
    """Convert a value as CAST does; None (NULL) if it is NULL or MISSING.

    Raises:
        S3Error: CastFailed, IntegerOverflow.
    """
    if value in NULL_OR_MISSING:
        return None
    try:
        return CASTS[kind](value)
    except (OverflowError, ValueError, DecimalException):
        raise _cast_failed() from None

"""What S3 Select computes with: the values of records, how they compare, add up and convert.

A value is None (NULL), `MISSING`, bool, int, float, Decimal, str, `Stamp`, list or dict. Fields of CSV are text that was never
given a type ("raw"): against a number, a boolean or a timestamp they are read as one.
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
from .timestamps import Stamp, read_stamp

Value: TypeAlias = Any


class Absent(Enum):
    """What a record does not have, which is not NULL."""

    MISSING = "missing"


MISSING: Final = Absent.MISSING
NOTHING: Final = (None, MISSING)


class Name(NamedTuple):
    """A step of a path by name; unless quoted, the case of letters does not count."""

    text: str
    quoted: bool


class Wildcard(Enum):
    """A step to everything within."""

    ITEM = "[*]"
    FIELD = ".*"


ANY_ITEM: Final = Wildcard.ITEM
ANY_FIELD: Final = Wildcard.FIELD
Step: TypeAlias = "Name | int | Literal[Wildcard.ITEM, Wildcard.FIELD]"

_DECIMALS = Context(prec=38)
"""S3 Select's decimals have 38 digits. (A context of our own: the process's may be anything, and is each thread's.)"""

_NUMBERS = frozenset({int, float, Decimal})
_INT = re.compile(r"[+-]?\d{1,40}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,9})?", re.ASCII)
_MIN, _MAX = -(2**63), 2**63 - 1
_TRUTHS = {"true": True, "false": False}


def is_number(value: Value) -> bool:
    return type(value) in _NUMBERS


def number(text: str) -> int | Decimal | None:
    """The number that a text is, None when it is none."""
    if _INT.fullmatch(text):
        return int(text)
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def as_number(value: Value, raw: bool) -> Value:
    """A raw text in a place for numbers; what is no number stays as it is."""
    if raw and type(value) is str:
        found = number(value)
        return value if found is None else found
    return value


def read_like(text: str, other: Value) -> Value:
    """A raw text as what it is compared with; unreadable ones stay text, which equals nothing of another type."""
    found: Value = None
    if type(other) in _NUMBERS:
        found = number(text)
    elif type(other) is bool:
        found = _TRUTHS.get(text.lower())
    elif type(other) is Stamp:
        found = read_stamp(text)
    return text if found is None else found


def order(a: Value, b: Value) -> int | None:
    """-1, 0 or 1; None for two that have no order: of different types, or NaN."""
    if type(a) is not type(b) and not (type(a) in _NUMBERS and type(b) in _NUMBERS):
        return None
    if type(a) is Stamp:
        a, b = a.instant, b.instant
    if a == b:
        return 0
    if type(a) in (list, dict):
        return None
    return -1 if a < b else 1 if a > b else None


# --- arithmetic ------------------------------------------------------------------------------------------------------


def _checked(result: int) -> int:
    if not _MIN <= result <= _MAX:
        raise S3Error("IntegerOverflow")
    return result


def _quotient(a: int, b: int) -> int:
    """Of integers: cut off towards zero."""
    found = abs(a) // abs(b)
    return found if (a < 0) == (b < 0) else -found


def _remainder(a: int, b: int) -> int:
    """With the sign of the dividend."""
    return a - b * _quotient(a, b)


class _Sign(NamedTuple):
    ints: Callable[[int, int], int]
    decimals: Callable[[Decimal, Decimal], Decimal]
    floats: Callable[[float, float], float]


_SIGNS = {
    "+": _Sign(operator.add, _DECIMALS.add, operator.add),
    "-": _Sign(operator.sub, _DECIMALS.subtract, operator.sub),
    "*": _Sign(operator.mul, _DECIMALS.multiply, operator.mul),
    "/": _Sign(_quotient, _DECIMALS.divide, operator.truediv),
    "%": _Sign(_remainder, _DECIMALS.remainder, math.fmod),
}


def arithmetic(sign: str, a: Value, b: Value) -> Value:
    """``a sign b``; NULL when one of them is.

    Raises:
        S3Error: InvalidDataType for what is no number, IntegerOverflow, ExternalEvalException (division by zero).
    """
    if a in NOTHING or b in NOTHING:
        return None
    by = _SIGNS[sign]
    try:
        if type(a) is int and type(b) is int:
            return _checked(by.ints(a, b))
        if type(a) not in _NUMBERS or type(b) not in _NUMBERS:
            raise S3Error("InvalidDataType")
        if type(a) is float or type(b) is float:
            return by.floats(float(a), float(b))
        return by.decimals(Decimal(a), Decimal(b))
    except (ZeroDivisionError, DecimalException, OverflowError, ValueError):
        raise S3Error("ExternalEvalException") from None


# --- CAST ------------------------------------------------------------------------------------------------------------


def _failed() -> S3Error:
    return S3Error("CastFailed")


def _to_bool(value: Value) -> bool:
    if type(value) is str:
        truth = _TRUTHS.get(value.lower())
        if truth is None:
            raise _failed()
        return truth
    if type(value) is bool or type(value) in _NUMBERS:
        return bool(value)
    raise _failed()


def _to_int(value: Value) -> int:
    if type(value) is str:
        if not _INT.fullmatch(value):
            raise _failed()
        return _checked(int(value))
    if type(value) is bool or type(value) in _NUMBERS:
        if abs(value) >= 2**64:  # before int() makes a thousand digits of 1e1000
            raise S3Error("IntegerOverflow")
        return _checked(int(value))
    raise _failed()


def _to_float(value: Value) -> float:
    found = float(_numeric(value))
    if not math.isfinite(found):
        raise _failed()
    return found


def _to_decimal(value: Value) -> Decimal:
    found = _numeric(value)
    return Decimal(repr(found)) if type(found) is float else _DECIMALS.plus(Decimal(found))


def _numeric(value: Value) -> Any:
    if type(value) is str:
        found = number(value)
        if found is None:
            raise _failed()
        return found
    if type(value) is bool:
        return int(value)
    if type(value) in _NUMBERS:
        return value
    raise _failed()


def text_of(value: Value) -> str:
    """A scalar as text: what CSV shows and CAST AS STRING gives."""
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    return repr(value) if type(value) is float else str(value)


def _to_string(value: Value) -> str:
    if type(value) in (list, dict):
        raise _failed()
    return text_of(value)


def _to_timestamp(value: Value) -> Stamp:
    found = value if type(value) is Stamp else read_stamp(value) if type(value) is str else None
    if found is None:
        raise _failed()
    return found


CASTS: dict[str, Callable[[Value], Value]] = {
    "bool": _to_bool,
    "decimal": _to_decimal,
    "float": _to_float,
    "int": _to_int,
    "string": _to_string,
    "timestamp": _to_timestamp,
}


def cast(value: Value, kind: str) -> Value:
    """CAST; NULL stays NULL.

    Raises:
        S3Error: CastFailed, IntegerOverflow.
    """
    if value in NOTHING:
        return None
    try:
        return CASTS[kind](value)
    except (OverflowError, ValueError, DecimalException):
        raise _failed() from None

"""Conditions: true, false or unknown (None), and comparisons of values whose types may differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from ..errors import S3Error
from .values import NOTHING, Value, order, read_like

Evaluate: TypeAlias = "Callable[[Value], Value]"
"""A record -> a value."""


class Expression(NamedTuple):
    """``raw``: its texts are CSV's, whose type nobody has told."""

    evaluate: Evaluate
    raw: bool = False


def truth_of(value: Value) -> bool | None:
    """Raises: S3Error InvalidDataType for what is no condition."""
    if value is True or value is False:
        return bool(value)
    if value in NOTHING:
        return None
    raise S3Error("InvalidDataType")


def inverted(evaluate: Evaluate) -> Evaluate:
    def inverse(record: Value) -> bool | None:
        truth = truth_of(evaluate(record))
        return None if truth is None else not truth

    return inverse


Test: TypeAlias = "Callable[[int | None], bool | None]"
"""How two values are ordered -> what the comparison says. Values of different types are not equal, and neither is less."""

TESTS: dict[str, Test] = {
    "EQ": lambda found: found == 0,
    "NEQ": lambda found: found != 0,
    "LT": lambda found: None if found is None else found < 0,
    "LTE": lambda found: None if found is None else found <= 0,
    "GT": lambda found: None if found is None else found > 0,
    "GTE": lambda found: None if found is None else found >= 0,
}


def compared(left: Expression, right: Expression, test: Test) -> Evaluate:
    (a, a_raw), (b, b_raw) = left, right

    def evaluate(record: Value) -> bool | None:
        one, other = a(record), b(record)
        if one in NOTHING or other in NOTHING:
            return None
        if a_raw and type(one) is str and type(other) is not str:
            one = read_like(one, other)
        elif b_raw and type(other) is str and type(one) is not str:
            other = read_like(other, one)
        return test(order(one, other))

    return evaluate

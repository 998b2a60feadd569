"""Three-valued logic: conditions are true, false or unknown (None); comparison of values whose types may differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from ..errors import S3Error
from .values import NULL_OR_MISSING, Value, compare, convert_raw_text

Evaluate: TypeAlias = "Callable[[Value], Value]"
"""Returns an expression's value for a record."""


class Expression(NamedTuple):
    """A compiled expression. ``raw``: its texts are fields of CSV, which have no type."""

    evaluate: Evaluate
    raw: bool = False


def to_truth_value(value: Value) -> bool | None:
    """Return the truth value of a condition; None: unknown, for NULL and MISSING.

    Raises:
        S3Error: InvalidDataType if the value is not a boolean.
    """
    if value is True or value is False:
        return bool(value)
    if value in NULL_OR_MISSING:
        return None
    raise S3Error("InvalidDataType")


def negate(evaluate: Evaluate) -> Evaluate:
    """Return the negation of a condition; unknown stays unknown."""

    def inverse(record: Value) -> bool | None:
        truth = to_truth_value(evaluate(record))
        return None if truth is None else not truth

    return inverse


Comparison: TypeAlias = "Callable[[int | None], bool | None]"
"""Returns whether a comparison holds for what `compare` returned: values without an order are not equal, and neither is less."""

COMPARISONS: dict[str, Comparison] = {
    "EQ": lambda ordering: ordering == 0,
    "NEQ": lambda ordering: ordering != 0,
    "LT": lambda ordering: None if ordering is None else ordering < 0,
    "LTE": lambda ordering: None if ordering is None else ordering <= 0,
    "GT": lambda ordering: None if ordering is None else ordering > 0,
    "GTE": lambda ordering: None if ordering is None else ordering >= 0,
}


def compile_comparison(left: Expression, right: Expression, holds: Comparison) -> Evaluate:
    """Return a comparison of two expressions. If one is raw text, it is converted to the type of the other value."""
    (left_evaluate, left_raw), (right_evaluate, right_raw) = left, right

    def evaluate(record: Value) -> bool | None:
        left_value, right_value = left_evaluate(record), right_evaluate(record)
        if left_value in NULL_OR_MISSING or right_value in NULL_OR_MISSING:
            return None
        if left_raw and type(left_value) is str and type(right_value) is not str:
            left_value = convert_raw_text(left_value, right_value)
        elif right_raw and type(right_value) is str and type(left_value) is not str:
            right_value = convert_raw_text(right_value, left_value)
        return holds(compare(left_value, right_value))

    return evaluate

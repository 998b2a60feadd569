"""Compiles the conditions in sqlglot's tree: AND, OR, NOT, comparisons, BETWEEN, IN, LIKE, IS NULL and IS MISSING."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from sqlglot import exp

from ..errors import S3Error
from . import functions
from .paths import is_missing
from .three_valued_logic import COMPARISONS, Evaluate, Expression, compile_comparison, negate, to_truth_value
from .values import MISSING, NULL_OR_MISSING, Value


class Compiler(Protocol):
    """The compiler of expressions, as conditions use it for their operands."""

    def compile(self, tree: exp.Expression) -> Expression: ...

    def compile_all(self, trees: Sequence[exp.Expression]) -> list[Expression]: ...

    def check(self, tree: exp.Expression) -> None:
        """Raise S3Error UnsupportedSqlStructure for a node, or an argument of a node, that S3 Select does not have."""


def and_or(compiler: Compiler, tree: exp.Expression) -> Expression:
    """Compile AND or OR. Operands are evaluated from left to right until the result is certain.

    A chain such as ``a OR b OR c`` becomes one list, so that a long one does not exceed the recursion limit.
    """
    decisive = isinstance(tree, exp.Or)
    parts = [operand.evaluate for operand in compiler.compile_all(list(_flatten(tree)))]

    def evaluate(record: Value) -> bool | None:
        unknown = False
        for part in parts:
            truth = to_truth_value(part(record))
            if truth is decisive:
                return decisive
            unknown = unknown or truth is None
        return None if unknown else not decisive

    return Expression(evaluate)


def negation(compiler: Compiler, tree: exp.Expression) -> Expression:
    """Compile NOT."""
    return Expression(negate(compiler.compile(tree.this).evaluate))


def comparison(compiler: Compiler, tree: exp.Expression) -> Expression:
    """Compile ``=``, ``<>``, ``<``, ``<=``, ``>`` or ``>=``."""
    holds = COMPARISONS[type(tree).__name__]
    return Expression(compile_comparison(compiler.compile(tree.this), compiler.compile(tree.expression), holds))


def between(compiler: Compiler, tree: exp.Expression) -> Expression:
    """Compile BETWEEN."""
    value = compiler.compile(tree.this)
    low = compile_comparison(value, compiler.compile(tree.args["low"]), COMPARISONS["GTE"])
    high = compile_comparison(value, compiler.compile(tree.args["high"]), COMPARISONS["LTE"])

    def evaluate(record: Value) -> bool | None:
        above = low(record)
        below = False if above is False else high(record)
        return below if above or below is False else None

    return Expression(_apply_negate(tree, evaluate))


def in_list(compiler: Compiler, tree: exp.Expression) -> Expression:
    """Compile IN."""
    if not tree.expressions:
        raise S3Error("ParseUnexpectedToken")
    value = compiler.compile(tree.this)
    comparisons = [compile_comparison(value, other, COMPARISONS["EQ"]) for other in compiler.compile_all(tree.expressions)]

    def evaluate(record: Value) -> bool | None:
        results = [is_equal(record) for is_equal in comparisons]
        return True if True in results else None if None in results else False

    return Expression(_apply_negate(tree, evaluate))


def like(compiler: Compiler, tree: exp.Expression, escape: Evaluate | None = None) -> Expression:
    """Compile LIKE; ``escape`` None: without an escape character."""
    text, pattern = compiler.compile(tree.this).evaluate, compiler.compile(tree.expression).evaluate
    if escape is None:
        return Expression(_apply_negate(tree, lambda record: functions.like(text(record), pattern(record), None)))
    escape_value: Evaluate = escape

    def evaluate(record: Value) -> bool | None:
        return functions.like(text(record), pattern(record), escape_value(record) or "")

    return Expression(_apply_negate(tree, evaluate))


def like_with_escape(compiler: Compiler, tree: exp.Expression) -> Expression:
    """Compile LIKE with ESCAPE, which sqlglot has as a node around that of LIKE."""
    if not isinstance(tree.this, exp.Like):
        raise S3Error("ParseUnexpectedToken")
    compiler.check(tree.this)
    return like(compiler, tree.this, compiler.compile(tree.expression).evaluate)


def is_null_or_missing(compiler: Compiler, tree: exp.Expression) -> Expression:
    """Compile IS NULL, which holds for MISSING too, and IS MISSING."""
    value = compiler.compile(tree.this).evaluate
    if isinstance(tree.expression, exp.Null):
        return Expression(_apply_negate(tree, lambda record: value(record) in NULL_OR_MISSING))
    if isinstance(tree.expression, exp.Column) and is_missing(tree.expression):
        return Expression(_apply_negate(tree, lambda record: value(record) is MISSING))
    raise S3Error("ParseUnexpectedToken")


def _flatten(tree: exp.Expression) -> Iterator[exp.Expression]:
    """Return the operands of a chain of equal operators, from left to right."""
    kind, pending = type(tree), [tree]
    while pending:
        node = pending.pop()
        if type(node) is kind:
            pending += [node.expression, node.this]
        else:
            yield node


def _apply_negate(tree: exp.Expression, evaluate: Evaluate) -> Evaluate:
    """Negate the condition of a node that says so: some versions of sqlglot have NOT LIKE as one node."""
    return negate(evaluate) if tree.args.get("negate") else evaluate

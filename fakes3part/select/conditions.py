"""The nodes of sqlglot's tree that are conditions: AND, OR, NOT, comparisons, BETWEEN, IN, LIKE, IS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from sqlglot import exp

from ..errors import S3Error
from . import functions
from .paths import is_missing
from .three_valued_logic import TESTS, Evaluate, Expression, compared, inverted, truth_of
from .values import MISSING, NOTHING, Value


class Compiler(Protocol):
    """What compiles the parts of a node."""

    def compile(self, tree: exp.Expression) -> Expression: ...

    def each(self, trees: Sequence[exp.Expression]) -> list[Expression]: ...

    def check(self, tree: exp.Expression) -> None:
        """Raise S3Error for a node that says more than we know."""


def connected(compiler: Compiler, tree: exp.Expression) -> Expression:
    """AND, OR: from left to right, and no further than it takes. Chains of them are one list, however long."""
    decisive = isinstance(tree, exp.Or)
    parts = [operand.evaluate for operand in compiler.each(list(_chain(tree)))]

    def evaluate(record: Value) -> bool | None:
        unknown = False
        for part in parts:
            truth = truth_of(part(record))
            if truth is decisive:
                return decisive
            unknown = unknown or truth is None
        return None if unknown else not decisive

    return Expression(evaluate)


def inverse(compiler: Compiler, tree: exp.Expression) -> Expression:
    return Expression(inverted(compiler.compile(tree.this).evaluate))


def comparison(compiler: Compiler, tree: exp.Expression) -> Expression:
    test = TESTS[type(tree).__name__]
    return Expression(compared(compiler.compile(tree.this), compiler.compile(tree.expression), test))


def between(compiler: Compiler, tree: exp.Expression) -> Expression:
    value = compiler.compile(tree.this)
    low = compared(value, compiler.compile(tree.args["low"]), TESTS["GTE"])
    high = compared(value, compiler.compile(tree.args["high"]), TESTS["LTE"])

    def evaluate(record: Value) -> bool | None:
        above = low(record)
        below = False if above is False else high(record)
        return below if above or below is False else None

    return Expression(_negated(tree, evaluate))


def contained(compiler: Compiler, tree: exp.Expression) -> Expression:
    if not tree.expressions:
        raise S3Error("ParseUnexpectedToken")
    value = compiler.compile(tree.this)
    tests = [compared(value, other, TESTS["EQ"]) for other in compiler.each(tree.expressions)]

    def evaluate(record: Value) -> bool | None:
        found = [test(record) for test in tests]
        return True if True in found else None if None in found else False

    return Expression(_negated(tree, evaluate))


def like(compiler: Compiler, tree: exp.Expression, escape: Evaluate | None = None) -> Expression:
    text, pattern = compiler.compile(tree.this).evaluate, compiler.compile(tree.expression).evaluate
    if escape is None:
        return Expression(_negated(tree, lambda record: functions.like(text(record), pattern(record), None)))
    sign: Evaluate = escape

    def evaluate(record: Value) -> bool | None:
        return functions.like(text(record), pattern(record), sign(record) or "")

    return Expression(_negated(tree, evaluate))


def escaped(compiler: Compiler, tree: exp.Expression) -> Expression:
    if not isinstance(tree.this, exp.Like):
        raise S3Error("ParseUnexpectedToken")
    compiler.check(tree.this)
    return like(compiler, tree.this, compiler.compile(tree.expression).evaluate)


def absent(compiler: Compiler, tree: exp.Expression) -> Expression:
    """IS NULL, which MISSING is too, and IS MISSING."""
    value = compiler.compile(tree.this).evaluate
    if isinstance(tree.expression, exp.Null):
        return Expression(_negated(tree, lambda record: value(record) in NOTHING))
    if isinstance(tree.expression, exp.Column) and is_missing(tree.expression):
        return Expression(_negated(tree, lambda record: value(record) is MISSING))
    raise S3Error("ParseUnexpectedToken")


def _chain(tree: exp.Expression) -> Iterator[exp.Expression]:
    kind, waiting = type(tree), [tree]
    while waiting:
        node = waiting.pop()
        if type(node) is kind:
            waiting += [node.expression, node.this]
        else:
            yield node


def _negated(tree: exp.Expression, evaluate: Evaluate) -> Evaluate:
    """Some versions of sqlglot have NOT LIKE as one node."""
    return inverted(evaluate) if tree.args.get("negate") else evaluate

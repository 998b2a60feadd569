"""Expressions to functions of a record: sqlglot's tree is walked once, not for each record.

A node that is not in the table below, or has an argument that its row does not name, is refused: sqlglot parses far more than S3
takes, and what is not understood in full is not computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple, Protocol

from sqlglot import exp

from ..errors import S3Error
from . import conditions, functions
from .functions import function_table
from .lexer import AGGREGATES, PARTS, RESERVED
from .parser import TABLE, Origin, Statement
from .paths import inside, is_missing, steps_of
from .three_valued_logic import TESTS, Evaluate, Expression, compared, truth_of
from .timestamps import read_stamp
from .values import MISSING, Name, Step, Value, arithmetic, as_number, cast, number


class Columns(Protocol):
    """What a source tells of its records."""

    raw: bool
    nested: bool
    """Whether a value of a record may have values in it, and a record any shape."""

    def getter(self, path: Sequence[Step]) -> Evaluate:
        """What finds the value at a path below a record. Raises S3Error for what no record can have."""


class Item(NamedTuple):
    """One output of SELECT; ``name`` None: all fields of the record (``s.*``)."""

    name: str | None
    evaluate: Evaluate


class Plan(NamedTuple):
    """A compiled statement. With aggregates, items are functions of their results, not of a record."""

    items: tuple[Item, ...]
    """None at all: ``*``."""
    where: Evaluate | None
    aggregates: tuple[tuple[str, Evaluate], ...]


def compile_statement(statement: Statement, columns: Columns, now: datetime) -> Plan:
    """Raise S3Error for what S3 Select refuses; the plan refuses only what depends on a record."""
    try:
        return _compile(statement, columns, now)
    except RecursionError:
        raise S3Error("UnsupportedSqlStructure") from None


def _compile(statement: Statement, columns: Columns, now: datetime) -> Plan:
    compiler = _Compiler(statement.origin, columns, now)
    where = None
    if statement.where is not None:
        if _aggregates(statement.where):
            raise S3Error("UnsupportedSqlStructure")
        where = compiler.compile(statement.where).evaluate
    items = statement.items
    if any(isinstance(item, exp.Star) for item in items):
        if len(items) > 1:
            raise S3Error("ParseAsteriskIsNotAloneInSelectList")
        compiler.check(items[0])
        compiler.all_columns()
        return Plan((), where, ())
    compiler.aggregating = any(_aggregates(item) for item in items)
    compiled = tuple(compiler.item(item, index) for index, item in enumerate(items, 1))
    return Plan(compiled, where, tuple(compiler.aggregates))


def _aggregates(tree: exp.Expression) -> bool:
    return any(str(call.this).lower() in AGGREGATES for call in tree.find_all(exp.Anonymous))


class _Compiler:
    """``aggregating``: outside of aggregates there is no record to take a column of, only the aggregates' results."""

    def __init__(self, origin: Origin, columns: Columns, now: datetime) -> None:
        self.origin = origin
        self.columns = columns
        self.functions = function_table(now)
        self.aggregates: list[tuple[str, Evaluate]] = []
        self.aggregating = False

    def item(self, tree: exp.Expression, index: int) -> Item:
        if isinstance(tree, exp.Alias):
            self.check(tree)
            alias = tree.args["alias"]
            if not alias.quoted and alias.this.lower() in RESERVED:
                raise S3Error("ParseExpectedIdentForAlias")
            return Item(alias.this, self.compile(tree.this).evaluate)
        if isinstance(tree, exp.Column) and isinstance(tree.this, exp.Star):
            self.check(tree)
            _, path = self._resolved(steps_of(tree)[:-1])
            if path or self.aggregating:
                raise S3Error("ParseInvalidContextForWildcardInSelectList")
            self.all_columns()
            return Item(None, lambda record: record)
        name = f"_{index}"
        if isinstance(tree, (exp.Column, exp.Dot, exp.Bracket)) and not is_missing(tree):
            last = steps_of(tree)[-1]
            if isinstance(last, Name):
                name = last.text
        return Item(name, self.compile(tree).evaluate)

    def all_columns(self) -> None:
        self.columns.getter(())

    def compile(self, tree: exp.Expression) -> Expression:
        found = _NODES.get(type(tree).__name__)
        if found is None:
            raise S3Error("UnsupportedSqlStructure")
        self.check(tree)
        return found.compile(self, tree)

    def check(self, tree: exp.Expression) -> None:
        """Everything that the node says is something that we know."""
        node = _NODES.get(type(tree).__name__)
        if node is None or not all(name in node.arguments for name, value in tree.args.items() if value):
            raise S3Error("UnsupportedSqlStructure")

    def refused(self, tree: exp.Expression) -> Expression:
        """Nodes with one place each, which is elsewhere."""
        raise S3Error("ParseUnexpectedToken")

    def each(self, trees: Sequence[exp.Expression]) -> list[Expression]:
        return [self.compile(tree) for tree in trees]

    # --- paths ---

    def path(self, tree: exp.Expression) -> Expression:
        if is_missing(tree):
            return Expression(lambda _: MISSING)
        if self.aggregating:
            raise S3Error("UnsupportedSqlStructure")
        for node in inside(tree):
            self.check(node)
        steps = steps_of(tree)
        if any(isinstance(step, Name) and not step.quoted and step.text.lower() in RESERVED for step in steps):
            raise S3Error("ParseUnexpectedKeyword")
        whole, path = self._resolved(steps)
        if whole and not self.columns.nested:
            raise S3Error("UnsupportedSqlStructure")
        return Expression(self.columns.getter(path), self.columns.raw)

    def _resolved(self, steps: list[Step]) -> tuple[bool, list[Step]]:
        """(whether it is the record itself, the path below the record)."""
        first, *rest = steps
        assert isinstance(first, Name)
        if self._is_alias(first) or (first.text == "_1" and self.columns.nested):
            return not rest, rest
        if rest and (not self.columns.nested or first.text.lower() == TABLE):
            raise S3Error("InvalidTableAlias")
        return False, steps

    def _is_alias(self, name: Name) -> bool:
        alias = self.origin.alias
        if alias is None:
            return False
        if name.quoted and self.origin.quoted:
            return name.text == alias
        return name.text.lower() == alias.lower()

    # --- constants ---

    def literal(self, tree: exp.Expression) -> Expression:
        text = tree.this
        value: Value = text if tree.args.get("is_string") else number(text)
        return Expression(lambda _: value)

    def ion(self, tree: exp.Expression) -> Expression:
        stamp = read_stamp(tree.this)
        if stamp is None:
            raise S3Error("LexerInvalidIONLiteral")
        return Expression(lambda _: stamp)

    def boolean(self, tree: exp.Expression) -> Expression:
        value = bool(tree.this)
        return Expression(lambda _: value)

    def null(self, _: exp.Expression) -> Expression:
        return Expression(lambda _: None)

    def paren(self, tree: exp.Expression) -> Expression:
        return self.compile(tree.this)

    # --- values ---

    def arithmetic(self, tree: exp.Expression) -> Expression:
        sign = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "Mod": "%"}[type(tree).__name__]
        left, right = self.compile(tree.this), self.compile(tree.expression)
        a, b, a_raw, b_raw = left.evaluate, right.evaluate, left.raw, right.raw
        return Expression(lambda record: arithmetic(sign, as_number(a(record), a_raw), as_number(b(record), b_raw)))

    def negative(self, tree: exp.Expression) -> Expression:
        value, raw = self.compile(tree.this)
        return Expression(lambda record: arithmetic("-", 0, as_number(value(record), raw)))

    def concatenation(self, tree: exp.Expression) -> Expression:
        a, b = self.compile(tree.this).evaluate, self.compile(tree.expression).evaluate
        return Expression(lambda record: functions.concatenate(a(record), b(record)))

    def case(self, tree: exp.Expression) -> Expression:
        subject = None if tree.this is None else self.compile(tree.this)
        branches = []
        raw = False
        for branch in tree.args["ifs"]:
            self.check(branch)
            when, then = self.compile(branch.this), self.compile(branch.args["true"])
            test = when.evaluate if subject is None else compared(subject, when, TESTS["EQ"])
            branches.append((test, then.evaluate))
            raw = raw or then.raw
        default = tree.args.get("default")
        otherwise = Expression(lambda _: None) if default is None else self.compile(default)

        def evaluate(record: Value) -> Value:
            for test, then in branches:
                if truth_of(test(record)):
                    return then(record)
            return otherwise.evaluate(record)

        return Expression(evaluate, raw or otherwise.raw)

    def cast(self, tree: exp.Expression) -> Expression:
        to = tree.args["to"]
        if to.expressions:
            raise S3Error("ParseInvalidTypeParam")
        kind = _TYPES.get(getattr(to.this, "name", ""))
        if kind is None:
            raise S3Error("InvalidDataType")
        value = self.compile(tree.this).evaluate
        return Expression(lambda record: cast(value(record), kind))

    def extract(self, tree: exp.Expression) -> Expression:
        part = _part(tree.this)
        value = self.compile(tree.expression).evaluate
        return Expression(lambda record: functions.extract(part, value(record)))

    def substring(self, tree: exp.Expression) -> Expression:
        if tree.args.get("start") is None:
            raise S3Error("EvaluatorInvalidArguments")
        given = [tree.this, tree.args["start"], tree.args.get("length")]
        return _called(functions.substring, self.each([part for part in given if part is not None]))

    def trim(self, tree: exp.Expression) -> Expression:
        side = tree.args.get("position") or "BOTH"
        given = [tree.this, tree.args.get("expression")]
        return _called(partial(functions.trim, side), self.each([part for part in given if part is not None]))

    def call(self, tree: exp.Expression) -> Expression:
        name = str(tree.this).lower()
        if name in AGGREGATES:
            return self._aggregate(name, tree.expressions)
        if name == "nullif":
            return self._nullif(tree.expressions)
        function = self.functions.get(name)
        if function is None:
            raise S3Error("UnsupportedFunction")
        arguments = tree.expressions
        if not function.least <= len(arguments) <= function.most:
            raise S3Error("EvaluatorInvalidArguments")
        if function.timed:
            part = _part(arguments[0])
            if part.startswith("timezone"):
                raise S3Error("ParseExpectedDatePart")
            return _called(partial(function.call, part), self.each(arguments[1:]))
        return _called(function.call, self.each(arguments), chooses=function.chooses)

    def _nullif(self, arguments: Sequence[exp.Expression]) -> Expression:
        if len(arguments) != 2:
            raise S3Error("EvaluatorInvalidArguments")
        value, other = self.each(arguments)
        equal = compared(value, other, TESTS["EQ"])
        return Expression(lambda record: None if equal(record) else value.evaluate(record), value.raw)

    def _aggregate(self, name: str, arguments: Sequence[exp.Expression]) -> Expression:
        if len(arguments) != 1:
            raise S3Error("ParseNonUnaryAgregateFunctionCall")
        if not self.aggregating:  # within another aggregate
            raise S3Error("UnsupportedSqlStructure")
        self.aggregating = False
        value = self._aggregated(name, arguments[0])
        self.aggregating = True
        index = len(self.aggregates)
        self.aggregates.append((name, value))
        return Expression(lambda results: results[index])

    def _aggregated(self, name: str, argument: exp.Expression) -> Evaluate:
        if isinstance(argument, exp.Star):
            self.check(argument)
            return lambda _: True
        value, raw = self.compile(argument)
        if name == "count" or not raw:
            return value
        return lambda record: as_number(value(record), raw)


# --- what the methods stand on ---------------------------------------------------------------------------------------


def _called(function: Callable[..., Value], operands: Sequence[Expression], *, chooses: bool = False) -> Expression:
    """``chooses``: the function gives back one of its arguments."""
    given = [operand.evaluate for operand in operands]
    raw = chooses and any(operand.raw for operand in operands)
    return Expression(lambda record: function(*[argument(record) for argument in given]), raw)


def _part(tree: exp.Expression) -> str:
    name: str = tree.name.lower()
    quoted = isinstance(tree, exp.Column) and tree.this.args.get("quoted")
    if not isinstance(tree, (exp.Column, exp.Var)) or quoted or name not in PARTS:
        raise S3Error("ParseExpectedDatePart")
    return name


class _Node(NamedTuple):
    """How to compile a node, and the arguments that it may have."""

    compile: Callable[[_Compiler, exp.Expression], Expression]
    arguments: frozenset[str]


def _node(compile_: Callable[[_Compiler, exp.Expression], Expression], arguments: str = "this expression") -> _Node:
    return _Node(compile_, frozenset(arguments.split()))


_C = _Compiler
_NODES: dict[str, _Node] = {
    "Add": _node(_C.arithmetic),
    "Alias": _node(_C.refused, "this alias"),
    "And": _node(conditions.connected),
    "Anonymous": _node(_C.call, "this expressions"),
    "Between": _node(conditions.between, "this low high negate"),
    "Boolean": _node(_C.boolean),
    "Bracket": _node(_C.path, "this expressions"),
    "Case": _node(_C.case, "this ifs default"),
    "Cast": _node(_C.cast, "this to _type"),
    "Column": _node(_C.path, "this table db catalog"),
    "DPipe": _node(_C.concatenation, "this expression safe"),
    "Div": _node(_C.arithmetic),
    "Dot": _node(_C.path),
    "EQ": _node(conditions.comparison),
    "Escape": _node(conditions.escaped),
    "Extract": _node(_C.extract),
    "GT": _node(conditions.comparison),
    "GTE": _node(conditions.comparison),
    "If": _node(_C.refused, "this true"),
    "In": _node(conditions.contained, "this expressions negate"),
    "Is": _node(conditions.absent, "this expression negate"),
    "LT": _node(conditions.comparison),
    "LTE": _node(conditions.comparison),
    "Like": _node(conditions.like, "this expression negate"),
    "Literal": _node(_C.literal, "this is_string"),
    "Mod": _node(_C.arithmetic),
    "Mul": _node(_C.arithmetic),
    "NEQ": _node(conditions.comparison),
    "Neg": _node(_C.negative),
    "Not": _node(conditions.inverse),
    "Null": _node(_C.null),
    "Or": _node(conditions.connected),
    "Paren": _node(_C.paren),
    "RawString": _node(_C.ion),
    "Star": _node(_C.refused, ""),
    "Sub": _node(_C.arithmetic),
    "Substring": _node(_C.substring, "this start length"),
    "Trim": _node(_C.trim, "this position expression"),
}

_TYPES = {
    "BOOLEAN": "bool",
    "DECIMAL": "decimal",
    "FLOAT": "float",
    "INT": "int",
    "TEXT": "string",
    "TIMESTAMP": "timestamp",
}
"""sqlglot's names of the types in `words.TYPES`."""

"""Compiles sqlglot's tree of a statement to functions of a record, so that it is not walked for each record.

A node that is not in the table `_NODES`, or has an argument that its row does not name, is refused: sqlglot parses more than S3
Select accepts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from sqlglot import exp

from ..errors import S3Error
from . import conditions, functions
from .functions import functions_by_name
from .lexer import AGGREGATES, DATE_PARTS, RESERVED
from .parser import TABLE, FromClause, Statement
from .paths import is_missing, path_nodes, path_steps
from .plan import Columns, OutputColumn, Plan
from .three_valued_logic import COMPARISONS, Evaluate, Expression, compile_comparison, to_truth_value
from .timestamps import parse_timestamp
from .values import MISSING, Name, Step, Value, arithmetic, cast, parse_number, raw_to_number


def compile_statement(statement: Statement, columns: Columns, now: datetime) -> Plan:
    """Compile a statement; ``now`` is the value of UTCNOW().

    Raises:
        S3Error: one of S3 Select's. The functions of the plan raise those that depend on a record.
    """
    try:
        return _compile(statement, columns, now)
    except RecursionError:
        raise S3Error("UnsupportedSqlStructure") from None


def _compile(statement: Statement, columns: Columns, now: datetime) -> Plan:
    compiler = _Compiler(statement.from_clause, columns, now)
    where = None
    if statement.where is not None:
        if _has_aggregate(statement.where):
            raise S3Error("UnsupportedSqlStructure")
        where = compiler.compile(statement.where).evaluate
    items = statement.items
    if any(isinstance(item, exp.Star) for item in items):
        if len(items) > 1:
            raise S3Error("ParseAsteriskIsNotAloneInSelectList")
        compiler.check(items[0])
        compiler.select_all_columns()
        return Plan((), where, ())
    compiler.aggregating = any(_has_aggregate(item) for item in items)
    compiled = tuple(compiler.item(item, index) for index, item in enumerate(items, 1))
    return Plan(compiled, where, tuple(compiler.aggregates))


def _has_aggregate(tree: exp.Expression) -> bool:
    return any(str(call.this).lower() in AGGREGATES for call in tree.find_all(exp.Anonymous))


class _Compiler:
    """Compiles expressions.

    Attributes:
        aggregates: the name and the argument of each aggregate that was compiled.
        aggregating: whether columns are allowed only within aggregates, since the expression is one of the aggregates' results.
    """

    def __init__(self, from_clause: FromClause, columns: Columns, now: datetime) -> None:
        self.from_clause = from_clause
        self.columns = columns
        self.functions = functions_by_name(now)
        self.aggregates: list[tuple[str, Evaluate]] = []
        self.aggregating = False

    def item(self, tree: exp.Expression, index: int) -> OutputColumn:
        if isinstance(tree, exp.Alias):
            self.check(tree)
            alias = tree.args["alias"]
            if not alias.quoted and alias.this.lower() in RESERVED:
                raise S3Error("ParseExpectedIdentForAlias")
            return OutputColumn(alias.this, self.compile(tree.this).evaluate)
        if isinstance(tree, exp.Column) and isinstance(tree.this, exp.Star):
            self.check(tree)
            _, path = self._resolve(path_steps(tree)[:-1])
            if path or self.aggregating:
                raise S3Error("ParseInvalidContextForWildcardInSelectList")
            self.select_all_columns()
            return OutputColumn(None, lambda record: record)
        name = f"_{index}"
        if isinstance(tree, (exp.Column, exp.Dot, exp.Bracket)) and not is_missing(tree):
            last = path_steps(tree)[-1]
            if isinstance(last, Name):
                name = last.text
        return OutputColumn(name, self.compile(tree).evaluate)

    def select_all_columns(self) -> None:
        self.columns.getter(())

    def compile(self, tree: exp.Expression) -> Expression:
        node = _NODES.get(type(tree).__name__)
        if node is None:
            raise S3Error("UnsupportedSqlStructure")
        self.check(tree)
        return node.compile(self, tree)

    def check(self, tree: exp.Expression) -> None:
        """Raise UnsupportedSqlStructure for a node, or an argument of a node, that is not in `_NODES`."""
        node = _NODES.get(type(tree).__name__)
        if node is None or not all(name in node.arguments for name, value in tree.args.items() if value):
            raise S3Error("UnsupportedSqlStructure")

    def refuse_outside_parent(self, tree: exp.Expression) -> Expression:
        """Raise ParseUnexpectedToken for a node that only its parent compiles, such as an alias."""
        raise S3Error("ParseUnexpectedToken")

    def compile_all(self, trees: Sequence[exp.Expression]) -> list[Expression]:
        return [self.compile(tree) for tree in trees]

    # --- paths ---

    def path(self, tree: exp.Expression) -> Expression:
        if is_missing(tree):
            return Expression(lambda _: MISSING)
        if self.aggregating:
            raise S3Error("UnsupportedSqlStructure")
        for node in path_nodes(tree):
            self.check(node)
        steps = path_steps(tree)
        if any(isinstance(step, Name) and not step.quoted and step.text.lower() in RESERVED for step in steps):
            raise S3Error("ParseUnexpectedKeyword")
        is_record, path = self._resolve(steps)
        if is_record and not self.columns.nested:
            raise S3Error("UnsupportedSqlStructure")
        return Expression(self.columns.getter(path), self.columns.raw)

    def _resolve(self, steps: list[Step]) -> tuple[bool, list[Step]]:
        """Return (whether the path is the record itself, the path below the record)."""
        first, *rest = steps
        assert isinstance(first, Name)
        if self._is_alias(first) or (first.text == "_1" and self.columns.nested):
            return not rest, rest
        if rest and (not self.columns.nested or first.text.lower() == TABLE):
            raise S3Error("InvalidTableAlias")
        return False, steps

    def _is_alias(self, name: Name) -> bool:
        alias = self.from_clause.alias
        if alias is None:
            return False
        if name.quoted and self.from_clause.quoted:
            return name.text == alias
        return name.text.lower() == alias.lower()

    # --- constants ---

    def literal(self, tree: exp.Expression) -> Expression:
        text = tree.this
        value: Value = text if tree.args.get("is_string") else parse_number(text)
        return Expression(lambda _: value)

    def ion(self, tree: exp.Expression) -> Expression:
        timestamp = parse_timestamp(tree.this)
        if timestamp is None:
            raise S3Error("LexerInvalidIONLiteral")
        return Expression(lambda _: timestamp)

    def boolean(self, tree: exp.Expression) -> Expression:
        value = bool(tree.this)
        return Expression(lambda _: value)

    def null(self, _: exp.Expression) -> Expression:
        return Expression(lambda _: None)

    def paren(self, tree: exp.Expression) -> Expression:
        return self.compile(tree.this)

    # --- values ---

    def arithmetic(self, tree: exp.Expression) -> Expression:
        symbol = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "Mod": "%"}[type(tree).__name__]
        left, right = self.compile(tree.this), self.compile(tree.expression)
        a, b, a_raw, b_raw = left.evaluate, right.evaluate, left.raw, right.raw
        return Expression(lambda record: arithmetic(symbol, raw_to_number(a(record), a_raw), raw_to_number(b(record), b_raw)))

    def negative(self, tree: exp.Expression) -> Expression:
        value, raw = self.compile(tree.this)
        return Expression(lambda record: arithmetic("-", 0, raw_to_number(value(record), raw)))

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
            condition = when.evaluate if subject is None else compile_comparison(subject, when, COMPARISONS["EQ"])
            branches.append((condition, then.evaluate))
            raw = raw or then.raw
        default = tree.args.get("default")
        otherwise = Expression(lambda _: None) if default is None else self.compile(default)

        def evaluate(record: Value) -> Value:
            for condition, then in branches:
                if to_truth_value(condition(record)):
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
        part = _date_part(tree.this)
        value = self.compile(tree.expression).evaluate
        return Expression(lambda record: functions.extract(part, value(record)))

    def substring(self, tree: exp.Expression) -> Expression:
        if tree.args.get("start") is None:
            raise S3Error("EvaluatorInvalidArguments")
        arguments = [tree.this, tree.args["start"], tree.args.get("length")]
        return _function_call(functions.substring, self.compile_all([part for part in arguments if part is not None]))

    def trim(self, tree: exp.Expression) -> Expression:
        side = tree.args.get("position") or "BOTH"
        arguments = [tree.this, tree.args.get("expression")]
        return _function_call(partial(functions.trim, side), self.compile_all([part for part in arguments if part is not None]))

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
        if not function.min_arguments <= len(arguments) <= function.max_arguments:
            raise S3Error("EvaluatorInvalidArguments")
        if function.takes_date_part:
            part = _date_part(arguments[0])
            if part.startswith("timezone"):
                raise S3Error("ParseExpectedDatePart")
            return _function_call(partial(function.call, part), self.compile_all(arguments[1:]))
        return _function_call(function.call, self.compile_all(arguments), returns_argument=function.returns_argument)

    def _nullif(self, arguments: Sequence[exp.Expression]) -> Expression:
        if len(arguments) != 2:
            raise S3Error("EvaluatorInvalidArguments")
        value, other = self.compile_all(arguments)
        equal = compile_comparison(value, other, COMPARISONS["EQ"])
        return Expression(lambda record: None if equal(record) else value.evaluate(record), value.raw)

    def _aggregate(self, name: str, arguments: Sequence[exp.Expression]) -> Expression:
        if len(arguments) != 1:
            raise S3Error("ParseNonUnaryAgregateFunctionCall")
        if not self.aggregating:  # within another aggregate
            raise S3Error("UnsupportedSqlStructure")
        self.aggregating = False
        value = self._aggregate_argument(name, arguments[0])
        self.aggregating = True
        index = len(self.aggregates)
        self.aggregates.append((name, value))
        return Expression(lambda results: results[index])

    def _aggregate_argument(self, name: str, argument: exp.Expression) -> Evaluate:
        if isinstance(argument, exp.Star):
            self.check(argument)
            return lambda _: True
        value, raw = self.compile(argument)
        if name == "count" or not raw:
            return value
        return lambda record: raw_to_number(value(record), raw)


# --- helpers of the methods ------------------------------------------------------------------------------------------


def _function_call(
    function: Callable[..., Value], operands: Sequence[Expression], *, returns_argument: bool = False
) -> Expression:
    """Compile a call; ``returns_argument``: the function returns one of its arguments."""
    arguments = [operand.evaluate for operand in operands]
    raw = returns_argument and any(operand.raw for operand in operands)
    return Expression(lambda record: function(*[argument(record) for argument in arguments]), raw)


def _date_part(tree: exp.Expression) -> str:
    name: str = tree.name.lower()
    quoted = isinstance(tree, exp.Column) and tree.this.args.get("quoted")
    if not isinstance(tree, (exp.Column, exp.Var)) or quoted or name not in DATE_PARTS:
        raise S3Error("ParseExpectedDatePart")
    return name


class _Node(NamedTuple):
    """How a node of sqlglot's tree is compiled, and the arguments that it may have."""

    compile: Callable[[_Compiler, exp.Expression], Expression]
    arguments: frozenset[str]


def _node(compile_: Callable[[_Compiler, exp.Expression], Expression], arguments: str = "this expression") -> _Node:
    return _Node(compile_, frozenset(arguments.split()))


_C = _Compiler
_NODES: dict[str, _Node] = {
    "Add": _node(_C.arithmetic),
    "Alias": _node(_C.refuse_outside_parent, "this alias"),
    "And": _node(conditions.and_or),
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
    "Escape": _node(conditions.like_with_escape),
    "Extract": _node(_C.extract),
    "GT": _node(conditions.comparison),
    "GTE": _node(conditions.comparison),
    "If": _node(_C.refuse_outside_parent, "this true"),
    "In": _node(conditions.in_list, "this expressions negate"),
    "Is": _node(conditions.is_null_or_missing, "this expression negate"),
    "LT": _node(conditions.comparison),
    "LTE": _node(conditions.comparison),
    "Like": _node(conditions.like, "this expression negate"),
    "Literal": _node(_C.literal, "this is_string"),
    "Mod": _node(_C.arithmetic),
    "Mul": _node(_C.arithmetic),
    "NEQ": _node(conditions.comparison),
    "Neg": _node(_C.negative),
    "Not": _node(conditions.negation),
    "Null": _node(_C.null),
    "Or": _node(conditions.and_or),
    "Paren": _node(_C.paren),
    "RawString": _node(_C.ion),
    "Star": _node(_C.refuse_outside_parent, ""),
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
"""sqlglot's names of the types in `lexer.TYPES`."""

"""Parses a statement of S3 Select's SQL into its clauses. The expressions in them are sqlglot's trees.

sqlglot takes a quarter of a second to import, so this module is imported by the first query only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlglot import Token as SqlToken
from sqlglot import TokenType, exp, parser, tokens
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from ..errors import S3Error
from .lexer import Token, check_number, check_words, is_name, word_or_symbol
from .values import ANY_FIELD, ANY_ITEM, Name, Step

MAX_EXPRESSION = 256 * 1024
"""The maximum length of a statement in bytes."""

TABLE = "s3object"

_FUNCTIONS_WITH_SYNTAX = ("CAST", "EXTRACT", "SUBSTRING", "TRIM")
"""Functions with arguments of a special syntax, such as ``CAST(x AS INT)``. All others are parsed as anonymous calls."""


class _Dialect(Dialect):
    # ruff: noqa: RUF012 (sqlglot's classes are configured by mutable class attributes)
    class Tokenizer(tokens.Tokenizer):
        IDENTIFIERS = ['"']
        QUOTES = ["'"]
        STRING_ESCAPES = ["'"]
        RAW_STRINGS = [("`", "`")]

    class Parser(parser.Parser):
        FUNCTIONS = {}
        NO_PAREN_FUNCTIONS = {}
        FUNCTION_PARSERS = {name: parser.Parser.FUNCTION_PARSERS[name] for name in _FUNCTIONS_WITH_SYNTAX}
        NO_PAREN_FUNCTION_PARSERS = {"CASE": parser.Parser.NO_PAREN_FUNCTION_PARSERS["CASE"]}


class FromClause(NamedTuple):
    """The FROM clause.

    Attributes:
        path: the path below each document, without the ``[*]`` of S3Object itself.
        alias: the name of a record: AS, or else the last name of the path; None if the path ends in no name.
        quoted: whether the alias is in double quotes, and so case-sensitive.
    """

    path: tuple[Step, ...]
    alias: str | None
    quoted: bool


class Statement(NamedTuple):
    """A statement: SELECT items FROM from_clause WHERE where LIMIT limit. ``where`` or ``limit`` None: without this clause."""

    items: list[exp.Expression]
    from_clause: FromClause
    where: exp.Expression | None
    limit: int | None


def parse(expression: str) -> Statement:
    """Parse a statement.

    Raises:
        S3Error: one of S3 Select's, with status 400, if S3 Select does not accept the statement.
    """
    if len(expression.encode("utf-8", "replace")) > MAX_EXPRESSION:
        raise S3Error("ExpressionTooLong")
    sqlglot_tokens, own_tokens = _tokenize(expression)
    start, stop, end = _find_clauses(own_tokens)
    check_words(own_tokens)
    limit = _parse_limit(own_tokens[end:])
    from_clause = _parse_from(own_tokens[start:stop])
    parser_tokens = _names_as_variables(sqlglot_tokens, own_tokens)
    tree = _parse_tree([*parser_tokens[:start], SqlToken(TokenType.VAR, TABLE), *parser_tokens[stop:end]], expression)
    where = tree.args.get("where")
    return Statement(tree.expressions, from_clause, where.this if where is not None else None, limit)


_KINDS = {
    TokenType.IDENTIFIER: "name",
    TokenType.NUMBER: "number",
    TokenType.RAW_STRING: "ion",
    TokenType.STRING: "text",
}


def _tokenize(expression: str) -> tuple[list[SqlToken], list[Token]]:
    """Return sqlglot's tokens and, for each of them, ours."""
    try:
        sqlglot_tokens = list(_Dialect().tokenize(expression))
    except SqlglotError:
        raise S3Error("LexerInvalidLiteral") from None
    own_tokens: list[Token] = []
    end = -1
    for token in sqlglot_tokens:
        kind = _KINDS.get(token.token_type)
        if kind == "number":
            check_number(token.text)
        elif own_tokens and own_tokens[-1].kind == "number" and token.start == end + 1 and token.text[0].isidentifier():
            raise S3Error("LexerInvalidLiteral")  # sqlglot reads 0x1F as 0 with the alias x1F
        end = token.end
        own_tokens.append(Token(kind, token.text) if kind else word_or_symbol(token.text))
    return sqlglot_tokens, own_tokens


def _names_as_variables(sqlglot_tokens: Sequence[SqlToken], own_tokens: Sequence[Token]) -> list[SqlToken]:
    """Return sqlglot's tokens with names marked as such: ``ilike`` and ``format`` are keywords of sqlglot, not of S3 Select."""
    parser_tokens = []
    for index, token in enumerate(sqlglot_tokens):
        if is_name(own_tokens, index):
            token = SqlToken(TokenType.VAR, token.text)
        elif own_tokens[index].is_plain and " " in token.text:
            raise S3Error("ParseUnexpectedToken")
        parser_tokens.append(token)
    return parser_tokens


def _find_clauses(own_tokens: Sequence[Token]) -> tuple[int, int, int]:
    """Return the index after FROM, the index after the source, and the index of LIMIT, or of the end without LIMIT."""
    if not own_tokens or own_tokens[0] != ("word", "select"):
        raise S3Error("ParseExpectedKeyword")
    positions: dict[str, int] = {}
    depth = 0
    for index, token in enumerate(own_tokens):
        if token.kind == "symbol":
            depth += (token.text in "([") - (token.text in ")]")
        elif token.kind == "word" and token.text in ("from", "where", "limit", "select") and depth == 0:
            positions.setdefault(token.text, index)
        if token == ("word", "select") and index:
            raise S3Error("UnsupportedSqlStructure")
    if "from" not in positions:
        raise S3Error("ParseSelectMissingFrom")
    if positions["from"] == 1:
        raise S3Error("ParseEmptySelect")
    end = positions.get("limit", len(own_tokens))
    stop = min(positions.get("where", end), end)
    if stop < positions["from"]:
        raise S3Error("ParseSelectMissingFrom")
    return positions["from"] + 1, stop, end


def _parse_limit(own_tokens: Sequence[Token]) -> int | None:
    if not own_tokens:
        return None
    if len(own_tokens) > 1 and own_tokens[1] == ("symbol", "-"):
        raise S3Error("EvaluatorNegativeLimit")
    if len(own_tokens) == 1 or own_tokens[1].kind != "number" or not own_tokens[1].text.isdigit():
        raise S3Error("ParseExpectedNumber")
    if len(own_tokens) > 2:
        raise S3Error("ParseUnexpectedToken")
    if len(own_tokens[1].text) > 18:
        raise S3Error("IntegerOverflow")
    return int(own_tokens[1].text)


def _parse_from(own_tokens: Sequence[Token]) -> FromClause:
    """Parse the source after FROM, such as ``S3Object[*].a[*] AS x``."""
    if not own_tokens:
        raise S3Error("ParseUnexpectedToken")
    if ("symbol", ",") in own_tokens:
        raise S3Error("MultipleDataSourcesUnsupported")
    if own_tokens[0].kind not in ("word", "name") or own_tokens[0].text.lower() != TABLE:
        raise S3Error("EvaluatorBindingDoesNotExist")
    remaining = list(own_tokens[1:])
    path: list[Step] = []
    while remaining and remaining[0].kind == "symbol":
        path.append(_take_step(remaining))
    has_alias = bool(remaining)
    if remaining and remaining[0] == ("word", "as"):
        del remaining[0]
        if not remaining:
            raise S3Error("ParseExpectedIdentForAlias")
    if len(remaining) > 1:
        raise S3Error("ParseUnexpectedToken")
    if remaining and remaining[0].kind not in ("word", "name"):
        raise S3Error("ParseExpectedIdentForAlias")
    if path[:1] == [ANY_ITEM]:
        del path[0]
    elif path and not isinstance(path[0], Name):
        raise S3Error("UnsupportedSqlStructure")
    if has_alias:
        return FromClause(tuple(path), remaining[0].text, remaining[0].kind == "name")
    last = path[-1] if path else Name(TABLE, False)
    return FromClause(tuple(path), last.text if isinstance(last, Name) else None, False)


def _take_step(remaining: list[Token]) -> Step:
    """Remove one step of a path from the front of the tokens and return it."""
    if remaining[0] == ("symbol", ".") and len(remaining) > 1:
        token = remaining[1]
        del remaining[:2]
        if token == ("symbol", "*"):
            return ANY_FIELD
        if token.kind in ("word", "name"):
            return Name(token.text, token.kind == "name")
    elif remaining[0] == ("symbol", "[") and len(remaining) > 2 and remaining[2] == ("symbol", "]"):
        token = remaining[1]
        del remaining[:3]
        if token == ("symbol", "*"):
            return ANY_ITEM
        if token.kind == "number" and token.text.isdigit():
            return int(token.text[:18])
        if token.kind == "text":
            return Name(token.text, True)
    raise S3Error("ParseInvalidPathComponent")


def _parse_tree(sqlglot_tokens: list[SqlToken], expression: str) -> exp.Select:
    try:
        trees = _Dialect().parser().parse(sqlglot_tokens, expression)
    except SqlglotError:
        raise S3Error("ParseUnexpectedToken") from None
    except RecursionError:
        raise S3Error("UnsupportedSqlStructure") from None
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, exp.Select):
        raise S3Error("ParseUnexpectedToken")
    clauses = {name for name, value in tree.args.items() if value}
    if not clauses <= {"expressions", "from", "from_", "where"}:
        raise S3Error("UnsupportedSqlStructure")
    return tree

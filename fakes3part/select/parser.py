"""A statement of S3 Select's SQL to its clauses; the expressions in them are sqlglot's trees.

The only modules that import sqlglot are this one and `compile`: a quarter of a second, for who selects.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlglot import Token as SqlToken
from sqlglot import TokenType, exp, parser, tokens
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from ..errors import S3Error
from .lexer import Token, check_number, check_words, is_name, word_or_sign
from .values import ANY_FIELD, ANY_ITEM, Name, Step

MAX_EXPRESSION = 256 * 1024
"""Bytes."""

TABLE = "s3object"

_BUILT_IN = ("CAST", "EXTRACT", "SUBSTRING", "TRIM")
"""The functions whose arguments have a grammar of their own; all others stay calls by their name."""


class _Dialect(Dialect):
    # ruff: noqa: RUF012 (sqlglot's classes have their settings so)
    class Tokenizer(tokens.Tokenizer):
        IDENTIFIERS = ['"']
        QUOTES = ["'"]
        STRING_ESCAPES = ["'"]
        RAW_STRINGS = [("`", "`")]

    class Parser(parser.Parser):
        FUNCTIONS = {}
        NO_PAREN_FUNCTIONS = {}
        FUNCTION_PARSERS = {name: parser.Parser.FUNCTION_PARSERS[name] for name in _BUILT_IN}
        NO_PAREN_FUNCTION_PARSERS = {"CASE": parser.Parser.NO_PAREN_FUNCTION_PARSERS["CASE"]}


class Origin(NamedTuple):
    """The FROM clause: the path below each document (``[*]`` of S3Object itself left out), and the name of what it yields."""

    path: tuple[Step, ...]
    alias: str | None
    quoted: bool
    """Whether the alias was: then its case counts."""
    is_named: bool
    """Whether it was given, not taken from the path."""


class Statement(NamedTuple):
    """SELECT items FROM origin WHERE where LIMIT limit."""

    items: list[exp.Expression]
    origin: Origin
    where: exp.Expression | None
    limit: int | None


def parse(expression: str) -> Statement:
    """The clauses of a statement.

    Raises:
        S3Error: one of S3 Select's, all 400, for what is no statement or one that S3 does not take.
    """
    if len(expression.encode("utf-8", "replace")) > MAX_EXPRESSION:
        raise S3Error("ExpressionTooLong")
    read, lexed = _lex(expression)
    start, stop, end = _clauses(lexed)
    check_words(lexed)
    limit = _limit(lexed[end:])
    origin = _origin(lexed[start:stop])
    plain = _plain(read, lexed)
    tree = _tree([*plain[:start], SqlToken(TokenType.VAR, TABLE), *plain[stop:end]], expression)
    where = tree.args.get("where")
    return Statement(tree.expressions, origin, where.this if where is not None else None, limit)


_KINDS = {
    TokenType.IDENTIFIER: "name",
    TokenType.NUMBER: "number",
    TokenType.RAW_STRING: "ion",
    TokenType.STRING: "text",
}


def _lex(expression: str) -> tuple[list[SqlToken], list[Token]]:
    """sqlglot's tokens, and ours, one each."""
    try:
        read = list(_Dialect().tokenize(expression))
    except SqlglotError:
        raise S3Error("LexerInvalidLiteral") from None
    lexed: list[Token] = []
    end = -1
    for token in read:
        kind = _KINDS.get(token.token_type)
        if kind == "number":
            check_number(token.text)
        elif lexed and lexed[-1].kind == "number" and token.start == end + 1 and token.text[0].isidentifier():
            raise S3Error("LexerInvalidLiteral")  # 0x1F: to sqlglot 0, named x1F
        end = token.end
        lexed.append(Token(kind, token.text) if kind else word_or_sign(token.text))
    return read, lexed


def _plain(read: Sequence[SqlToken], lexed: Sequence[Token]) -> list[SqlToken]:
    """The tokens with names that are nothing but names: ``ilike`` and ``format`` are words of sqlglot's, not of S3's."""
    plain = []
    for index, token in enumerate(read):
        if is_name(lexed, index):
            token = SqlToken(TokenType.VAR, token.text)
        elif lexed[index].is_plain and " " in token.text:
            raise S3Error("ParseUnexpectedToken")
        plain.append(token)
    return plain


def _clauses(lexed: Sequence[Token]) -> tuple[int, int, int]:
    """Where the source begins (after FROM), where it ends, and where LIMIT stands, or the statement ends."""
    if not lexed or lexed[0] != ("word", "select"):
        raise S3Error("ParseExpectedKeyword")
    found: dict[str, int] = {}
    depth = 0
    for index, token in enumerate(lexed):
        if token.kind == "sign":
            depth += (token.text in "([") - (token.text in ")]")
        elif token.kind == "word" and token.text in ("from", "where", "limit", "select") and depth == 0:
            found.setdefault(token.text, index)
        if token == ("word", "select") and index:
            raise S3Error("UnsupportedSqlStructure")
    if "from" not in found:
        raise S3Error("ParseSelectMissingFrom")
    if found["from"] == 1:
        raise S3Error("ParseEmptySelect")
    end = found.get("limit", len(lexed))
    stop = min(found.get("where", end), end)
    if stop < found["from"]:
        raise S3Error("ParseSelectMissingFrom")
    return found["from"] + 1, stop, end


def _limit(lexed: Sequence[Token]) -> int | None:
    if not lexed:
        return None
    if len(lexed) > 1 and lexed[1] == ("sign", "-"):
        raise S3Error("EvaluatorNegativeLimit")
    if len(lexed) == 1 or lexed[1].kind != "number" or not lexed[1].text.isdigit():
        raise S3Error("ParseExpectedNumber")
    if len(lexed) > 2:
        raise S3Error("ParseUnexpectedToken")
    if len(lexed[1].text) > 18:
        raise S3Error("IntegerOverflow")
    return int(lexed[1].text)


def _origin(lexed: Sequence[Token]) -> Origin:
    """``S3Object[*].a[*] AS x``."""
    if not lexed:
        raise S3Error("ParseUnexpectedToken")
    if ("sign", ",") in lexed:
        raise S3Error("MultipleDataSourcesUnsupported")
    if lexed[0].kind not in ("word", "name") or lexed[0].text.lower() != TABLE:
        raise S3Error("EvaluatorBindingDoesNotExist")
    rest = list(lexed[1:])
    path: list[Step] = []
    while rest and rest[0].kind == "sign":
        path.append(_step(rest))
    named = bool(rest)
    if rest and rest[0] == ("word", "as"):
        del rest[0]
        if not rest:
            raise S3Error("ParseExpectedIdentForAlias")
    if len(rest) > 1:
        raise S3Error("ParseUnexpectedToken")
    if rest and rest[0].kind not in ("word", "name"):
        raise S3Error("ParseExpectedIdentForAlias")
    if path[:1] == [ANY_ITEM]:
        del path[0]
    elif path and not isinstance(path[0], Name):
        raise S3Error("UnsupportedSqlStructure")
    if named:
        return Origin(tuple(path), rest[0].text, rest[0].kind == "name", True)
    last = path[-1] if path else Name(TABLE, False)
    return Origin(tuple(path), last.text if isinstance(last, Name) else None, False, False)


def _step(rest: list[Token]) -> Step:
    """Take one step of a path from the front."""
    if rest[0] == ("sign", ".") and len(rest) > 1:
        token = rest[1]
        del rest[:2]
        if token == ("sign", "*"):
            return ANY_FIELD
        if token.kind in ("word", "name"):
            return Name(token.text, token.kind == "name")
    elif rest[0] == ("sign", "[") and len(rest) > 2 and rest[2] == ("sign", "]"):
        token = rest[1]
        del rest[:3]
        if token == ("sign", "*"):
            return ANY_ITEM
        if token.kind == "number" and token.text.isdigit():
            return int(token.text[:18])
        if token.kind == "text":
            return Name(token.text, True)
    raise S3Error("ParseInvalidPathComponent")


def _tree(read: list[SqlToken], expression: str) -> exp.Select:
    try:
        trees = _Dialect().parser().parse(read, expression)
    except SqlglotError:
        raise S3Error("ParseUnexpectedToken") from None
    except RecursionError:
        raise S3Error("UnsupportedSqlStructure") from None
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, exp.Select):
        raise S3Error("ParseUnexpectedToken")
    given = {name for name, value in tree.args.items() if value}
    if not given <= {"expressions", "from", "from_", "where"}:
        raise S3Error("UnsupportedSqlStructure")
    return tree

"""The words and signs of S3 Select's SQL: what a statement is made of, before anybody parses it.

sqlglot is made to read every dialect and is lenient by design; what passes here has one meaning only. Everything else is refused
by the code that S3 has for it, never taken for something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..errors import S3Error

_LISTED = """
absolute action add all allocate alter and any are as asc assertion at authorization avg bag begin between bit bit_length blob
bool boolean both by cascade cascaded case cast catalog char char_length character character_length check clob close coalesce
collate collation column commit connect connection constraint constraints continue convert corresponding count create cross
current current_date current_time current_timestamp current_user cursor date day deallocate dec decimal declare default
deferrable deferred delete desc describe descriptor diagnostics disconnect distinct domain double drop else end end-exec escape
except exception exec execute exists external extract false fetch first float for foreign found from full get global go goto
grant group having hour identity immediate in indicator initially inner input insensitive insert int integer intersect interval
into is isolation join key language last leading left level like limit list local lower match max min minute missing module
month names national natural nchar next no not null nullif numeric octet_length of on only open option or order outer output
overlaps pad partial pivot position precision prepare preserve primary prior privileges procedure public read real references
relative restrict revoke right rollback rows schema scroll second section select session session_user set sexp size smallint
some space sql sqlcode sqlerror sqlstate string struct substring sum symbol system_user table temporary then time timestamp
timezone_hour timezone_minute to trailing transaction translate translation trim true tuple union unique unknown unpivot update
upper usage user using value values varchar varying view when whenever where with work write year zone
"""

RESERVED = frozenset(_LISTED.split())
"""No names, unless in double quotes."""

AGGREGATES = frozenset({"avg", "count", "max", "min", "sum"})
FUNCTIONS = AGGREGATES | {
    *("cast", "char_length", "character_length", "coalesce", "date_add", "date_diff", "extract", "lower", "nullif"),
    *("substring", "to_string", "to_timestamp", "trim", "upper", "utcnow"),
}
TYPES = frozenset({"bool", "boolean", "decimal", "float", "int", "integer", "numeric", "string", "timestamp"})
PARTS = frozenset({"day", "hour", "minute", "month", "second", "timezone_hour", "timezone_minute", "year"})
SIDES = frozenset({"both", "leading", "trailing"})

_CLAUSES = """
and as between case else end escape false for from in is like limit missing not null or select then true when where
"""
_OTHERS = """
all any cross distinct except exists full group having inner intersect into join left natural offset order outer pivot qualify
right some union unpivot window with
"""

_GRAMMAR = frozenset(_CLAUSES.split())
_UNSUPPORTED = frozenset(_OTHERS.split())
"""SQL that S3 Select has no use for: one object, row after row."""

_OF_PARTS = frozenset({"date_add", "date_diff", "extract"})
_WITHOUT_COMMAS = frozenset({"cast", "extract", "trim"})
_SIGNS = frozenset({*"(),.*+-/%=<>[]", "<>", "!=", "<=", ">=", "||"})
_WORD = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


class Token(NamedTuple):
    """``kind``: word (``text`` lower-case), name (quoted), text, number, ion (in backticks), or sign."""

    kind: str
    text: str

    @property
    def is_plain(self) -> bool:
        """Words and signs are what they say; the others hold anything."""
        return self.kind in ("word", "sign")


_NOTHING = Token("sign", "")


def word_or_sign(text: str) -> Token:
    """What stands outside all quotes. (sqlglot joins ``GROUP BY`` and its like to one: the first word tells.)

    Raises:
        S3Error: LexerInvalidChar, LexerInvalidOperator.
    """
    if text in _SIGNS:
        return Token("sign", text)
    first = text.split(None, 1)[0]
    if _WORD.fullmatch(first):
        return Token("word", first.lower())
    raise S3Error("LexerInvalidChar" if len(text) == 1 else "LexerInvalidOperator")


def check_number(text: str) -> None:
    """Raise LexerInvalidLiteral for what sqlglot takes for a number and S3 does not (``0x1F``, ``1_000``)."""
    if not _NUMBER.fullmatch(text):
        raise S3Error("LexerInvalidLiteral")


def check_words(tokens: Sequence[Token]) -> None:
    """Every word stands where S3 takes it.

    Raises:
        S3Error: ParseInvalidPathComponent, ParseInvalidTypeParam, ParseUnexpectedKeyword, ParseUnexpectedToken,
            ParseUnsupportedCallWithStar, UnsupportedFunction, UnsupportedSqlStructure.
    """
    calls: list[str] = []
    for index, token in enumerate(tokens):
        before = _around(tokens, index - 1)
        if token.kind == "word":
            _check_word(token.text, _around(tokens, index - 2), before, _around(tokens, index + 1))
        elif token == ("sign", "("):
            calls.append(before.text if before.kind == "word" else "")
        elif token == ("sign", ")") and calls:
            calls.pop()
        elif token == ("sign", ","):
            _check_comma(calls[-1] if calls else "", before, _around(tokens, index + 1))
        elif token == ("sign", "*") and before == ("sign", "("):
            _check_star(_around(tokens, index - 2))


def is_name(tokens: Sequence[Token], index: int) -> bool:
    """Whether the word there is somebody's name for something, in tokens that `check_words` let pass."""
    word = tokens[index].text
    if tokens[index].kind != "word":
        return False
    if _around(tokens, index - 1) == ("sign", "."):
        return True
    return word not in RESERVED and word not in _GRAMMAR


def _check_comma(called: str, before: Token, after: Token) -> None:
    begins = before in (("word", "select"), ("sign", "("))
    ends = after in (("sign", ")"), ("sign", ","), _NOTHING, ("word", "from"))
    if begins or ends or called in _WITHOUT_COMMAS:
        raise S3Error("ParseUnexpectedToken")


def _check_star(called: Token) -> None:
    if called != ("word", "count"):
        raise S3Error("ParseUnsupportedCallWithStar")


def _around(tokens: Sequence[Token], index: int) -> Token:
    return tokens[index] if 0 <= index < len(tokens) else _NOTHING


def _check_word(word: str, second: Token, before: Token, after: Token) -> None:
    """``second`` and ``before`` stand before the word, in this order."""
    calls = after == ("sign", "(")
    if before == ("sign", "."):
        if word in RESERVED:
            raise S3Error("ParseInvalidPathComponent")
        if calls:
            raise S3Error("UnsupportedFunction")
        return
    if calls and word in FUNCTIONS:
        return
    if word in _UNSUPPORTED:
        raise S3Error("UnsupportedSqlStructure")
    if calls and word in TYPES and before == ("word", "as"):
        raise S3Error("ParseInvalidTypeParam")
    if calls and word not in _GRAMMAR:
        raise S3Error("UnsupportedFunction")
    if word not in _GRAMMAR and word in RESERVED and not _is_placed(word, second, before):
        raise S3Error("ParseUnexpectedKeyword")


def _is_placed(word: str, second: Token, before: Token) -> bool:
    """Types, date parts and sides are reserved words with one place each."""
    if word in TYPES:
        return before == ("word", "as")
    if before != ("sign", "(") or second.kind != "word":
        return False
    return (word in PARTS and second.text in _OF_PARTS) or (word in SIDES and second.text == "trim")

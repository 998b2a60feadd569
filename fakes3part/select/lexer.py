"""The words and symbols of S3 Select's SQL, and the checks of a statement's tokens before sqlglot parses them.

sqlglot accepts the words of every dialect. These checks refuse, with S3's error codes, each word that S3 Select does not have or
does not allow where it stands, so that sqlglot cannot give it a meaning of another dialect.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..errors import S3Error

_RESERVED_WORDS = """
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

RESERVED = frozenset(_RESERVED_WORDS.split())
"""Words that are names only in double quotes."""

AGGREGATES = frozenset({"avg", "count", "max", "min", "sum"})
FUNCTIONS = AGGREGATES | {
    *("cast", "char_length", "character_length", "coalesce", "date_add", "date_diff", "extract", "lower", "nullif"),
    *("substring", "to_string", "to_timestamp", "trim", "upper", "utcnow"),
}
TYPES = frozenset({"bool", "boolean", "decimal", "float", "int", "integer", "numeric", "string", "timestamp"})
DATE_PARTS = frozenset({"day", "hour", "minute", "month", "second", "timezone_hour", "timezone_minute", "year"})
TRIM_SPECIFICATIONS = frozenset({"both", "leading", "trailing"})

_CLAUSE_WORDS = """
and as between case else end escape false for from in is like limit missing not null or select then true when where
"""
_OTHER_SQL_WORDS = """
all any cross distinct except exists full group having inner intersect into join left natural offset order outer pivot qualify
right some union unpivot window with
"""

_SUPPORTED_CLAUSES = frozenset(_CLAUSE_WORDS.split())
_UNSUPPORTED_CLAUSES = frozenset(_OTHER_SQL_WORDS.split())
"""Words of SQL that S3 Select does not support."""

_DATE_PART_FUNCTIONS = frozenset({"date_add", "date_diff", "extract"})
_FUNCTIONS_WITHOUT_COMMAS = frozenset({"cast", "extract", "trim"})
_SYMBOLS = frozenset({*"(),.*+-/%=<>[]", "<>", "!=", "<=", ">=", "||"})
_WORD = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


class Token(NamedTuple):
    """A token. ``kind``: word (``text`` in lower case), name (in double quotes), text, number, ion (in backticks), or symbol."""

    kind: str
    text: str

    @property
    def is_plain(self) -> bool:
        """Whether it is a word or a symbol, which the checks know; other tokens may have any text."""
        return self.kind in ("word", "symbol")


_NO_TOKEN = Token("symbol", "")


def word_or_symbol(text: str) -> Token:
    """Return the token of a text outside quotes. sqlglot joins words such as ``GROUP BY`` to one token: the first one counts.

    Raises:
        S3Error: LexerInvalidChar, LexerInvalidOperator.
    """
    if text in _SYMBOLS:
        return Token("symbol", text)
    first = text.split(None, 1)[0]
    if _WORD.fullmatch(first):
        return Token("word", first.lower())
    raise S3Error("LexerInvalidChar" if len(text) == 1 else "LexerInvalidOperator")


def check_number(text: str) -> None:
    """Raise LexerInvalidLiteral for numbers that sqlglot accepts and S3 does not (``0x1F``, ``1_000``)."""
    if not _NUMBER.fullmatch(text):
        raise S3Error("LexerInvalidLiteral")


def check_words(tokens: Sequence[Token]) -> None:
    """Check that each word stands where S3 Select allows it.

    Raises:
        S3Error: ParseInvalidPathComponent, ParseInvalidTypeParam, ParseUnexpectedKeyword, ParseUnexpectedToken,
            ParseUnsupportedCallWithStar, UnsupportedFunction, UnsupportedSqlStructure.
    """
    open_calls: list[str] = []
    for index, token in enumerate(tokens):
        previous = _token_at(tokens, index - 1)
        if token.kind == "word":
            _check_word(token.text, _token_at(tokens, index - 2), previous, _token_at(tokens, index + 1))
        elif token == ("symbol", "("):
            open_calls.append(previous.text if previous.kind == "word" else "")
        elif token == ("symbol", ")") and open_calls:
            open_calls.pop()
        elif token == ("symbol", ","):
            _check_comma(open_calls[-1] if open_calls else "", previous, _token_at(tokens, index + 1))
        elif token == ("symbol", "*") and previous == ("symbol", "("):
            _check_star(_token_at(tokens, index - 2))


def is_name(tokens: Sequence[Token], index: int) -> bool:
    """Return whether the token is the name of a column, member or alias; for tokens that passed `check_words`."""
    word = tokens[index].text
    if tokens[index].kind != "word":
        return False
    if _token_at(tokens, index - 1) == ("symbol", "."):
        return True
    return word not in RESERVED and word not in _SUPPORTED_CLAUSES


def _check_comma(function: str, previous: Token, following: Token) -> None:
    starts_list = previous in (("word", "select"), ("symbol", "("))
    ends_list = following in (("symbol", ")"), ("symbol", ","), _NO_TOKEN, ("word", "from"))
    if starts_list or ends_list or function in _FUNCTIONS_WITHOUT_COMMAS:
        raise S3Error("ParseUnexpectedToken")


def _check_star(function: Token) -> None:
    if function != ("word", "count"):
        raise S3Error("ParseUnsupportedCallWithStar")


def _token_at(tokens: Sequence[Token], index: int) -> Token:
    return tokens[index] if 0 <= index < len(tokens) else _NO_TOKEN


def _check_word(word: str, before_previous: Token, previous: Token, following: Token) -> None:
    """Check a word by the two tokens before it and the one after it."""
    is_call = following == ("symbol", "(")
    if previous == ("symbol", "."):
        if word in RESERVED:
            raise S3Error("ParseInvalidPathComponent")
        if is_call:
            raise S3Error("UnsupportedFunction")
        return
    if is_call and word in FUNCTIONS:
        return
    if word in _UNSUPPORTED_CLAUSES:
        raise S3Error("UnsupportedSqlStructure")
    if is_call and word in TYPES and previous == ("word", "as"):
        raise S3Error("ParseInvalidTypeParam")
    if is_call and word not in _SUPPORTED_CLAUSES:
        raise S3Error("UnsupportedFunction")
    if word not in _SUPPORTED_CLAUSES and word in RESERVED and not _is_in_position(word, before_previous, previous):
        raise S3Error("ParseUnexpectedKeyword")


def _is_in_position(word: str, before_previous: Token, previous: Token) -> bool:
    """Return whether a type, a date part or a side of TRIM stands where it is allowed: they are reserved words elsewhere."""
    if word in TYPES:
        return previous == ("word", "as")
    if previous != ("symbol", "(") or before_previous.kind != "word":
        return False
    return (word in DATE_PARTS and before_previous.text in _DATE_PART_FUNCTIONS) or (
        word in TRIM_SPECIFICATIONS and before_previous.text == "trim"
    )

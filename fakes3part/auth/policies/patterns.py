"""Texts of policies: the wildcards ``*`` and ``?``, and variables such as ``${aws:username}``.

A pattern is matched in time linear in both texts for every star, never by a regular expression with several ``.*``: policies
come from clients, and such an expression can take ages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple, TypeAlias

Lookup: TypeAlias = "Callable[[str], tuple[str, ...] | None]"
"""A condition key (see `normal_key`) -> its values in the request; None: it has none."""


class Wildcard(Enum):
    """What stands for text that is not told."""

    MANY = "*"
    ONE = "?"


class Variable(NamedTuple):
    """``${key}`` or ``${key, 'default'}``."""

    key: str
    default: str | None


Token: TypeAlias = "str | Wildcard | Variable"

_TOKEN = re.compile(r"\$\{([^}]*)\}|([*?])|[^$*?]+|\$")
_VARIABLE = re.compile(r"\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?")


def normal_key(key: str) -> str:
    """A condition key in the one spelling that we look it up by: case counts only in the name of a tag."""
    head, slash, tag = key.partition("/")
    return f"{head.lower()}{slash}{tag}"


def tokenize(text: str, *, wildcards: bool, variables: bool) -> list[Token]:
    """The text taken apart. ``${*}``, ``${?}`` and ``${$}`` stand for these characters themselves."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        inner, wildcard = match[1], match[2]
        if inner is not None and variables:
            variable = _VARIABLE.fullmatch(inner)
            if inner in ("*", "?", "$"):
                tokens.append(inner)
            else:
                tokens.append(Variable(normal_key(variable[1]), variable[2]) if variable else match[0])
        elif wildcard is not None and wildcards:
            tokens.append(Wildcard(wildcard))
        elif inner is not None and wildcards:  # no variables before 2012: the braces hold text and wildcards
            tokens += ["${", *tokenize(inner, wildcards=True, variables=False), "}"]
        else:
            tokens.append(match[0])
    return tokens


class _Glob:
    """A pattern without variables."""

    __slots__ = ("first", "last", "last_length", "middle", "whole")

    def __init__(self, tokens: Sequence[Token]) -> None:
        fragments: list[list[Token]] = [[]]
        for token in tokens:
            if token is Wildcard.MANY:
                fragments.append([])
            else:
                fragments[-1].append(token)
        self.whole = _compile_fragment(fragments[0]) if len(fragments) == 1 else None
        self.first, self.last = _compile_fragment(fragments[0]), _compile_fragment(fragments[-1])
        self.middle = [_compile_fragment(fragment) for fragment in fragments[1:-1]]
        self.last_length = sum(len(piece) if isinstance(piece, str) else 1 for piece in fragments[-1])

    def matches(self, text: str) -> bool:
        if self.whole is not None:
            return self.whole.fullmatch(text) is not None
        match = self.first.match(text)
        for fragment in self.middle:
            if match is None:
                return False
            match = fragment.search(text, match.end())
        start = len(text) - self.last_length
        return match is not None and start >= match.end() and self.last.fullmatch(text, start) is not None


def _compile_fragment(fragment: Sequence[Token]) -> re.Pattern[str]:
    """Of text and single wildcards only: its matches all have one length."""
    return re.compile("".join(re.escape(piece) if isinstance(piece, str) else "." for piece in fragment), re.DOTALL)


class Pattern:
    """One text of a policy, ready to be matched.

    Args:
        fold: upper and lower case are the same.
    """

    __slots__ = ("_glob", "_ignore_case", "_tokens")

    def __init__(self, text: str, *, wildcards: bool = True, variables: bool = False, ignore_case: bool = False) -> None:
        self._ignore_case = ignore_case
        tokens = tokenize(text, wildcards=wildcards, variables=variables)
        if ignore_case:
            tokens = [piece.lower() if isinstance(piece, str) else piece for piece in tokens]
        self._tokens = tokens
        self._glob = None if any(isinstance(piece, Variable) for piece in tokens) else _Glob(tokens)

    def matches(self, text: str, lookup: Lookup) -> bool:
        """Whether the text is one of the pattern's. A variable without a value and a default matches nothing."""
        if self._ignore_case:
            text = text.lower()
        glob = self._glob or self._substitute(lookup)
        return glob is not None and glob.matches(text)

    def _substitute(self, lookup: Lookup) -> _Glob | None:
        tokens: list[Token] = []
        for token in self._tokens:
            if isinstance(token, Variable):
                values = lookup(token.key)
                value = values[0] if values is not None and len(values) == 1 else token.default
                if value is None:
                    return None
                token = value.lower() if self._ignore_case else value
            tokens.append(token)
        return _Glob(tokens)

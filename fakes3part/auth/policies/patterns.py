"""Patterns of policies: the wildcards ``*`` and ``?``, and policy variables such as ``${aws:username}``.

Matching takes linear time for each ``*``. A regular expression with several ``.*`` could take exponential time, and policies come
from clients.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple, TypeAlias

Lookup: TypeAlias = "Callable[[str], tuple[str, ...] | None]"
"""Normalised condition key (`normal_key`) -> its values in the request; None: the request has none."""


class Wildcard(Enum):
    """A wildcard: ``*`` or ``?``."""

    MANY = "*"
    ONE = "?"


class Variable(NamedTuple):
    """A policy variable: ``${key}`` (``default`` is None) or ``${key, 'default'}``."""

    key: str
    default: str | None


Token: TypeAlias = "str | Wildcard | Variable"

_TOKEN = re.compile(r"\$\{([^}]*)\}|([*?])|[^$*?]+|\$")
_VARIABLE = re.compile(r"\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?")


def normal_key(key: str) -> str:
    """Normalise a condition key: to lower case, except for the name of a tag."""
    head, slash, tag = key.partition("/")
    return f"{head.lower()}{slash}{tag}"


def tokenize(text: str, *, wildcards: bool, variables: bool) -> list[Token]:
    """Split a text into literals, wildcards and variables. ``${*}``, ``${?}`` and ``${$}`` are the literal characters."""
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
        elif inner is not None and wildcards:  # version 2008-10-17 has no variables: the braces are literal
            tokens += ["${", *tokenize(inner, wildcards=True, variables=False), "}"]
        else:
            tokens.append(match[0])
    return tokens


class _Glob:
    """A pattern without variables."""

    __slots__ = ("first", "last", "last_length", "middle", "only_fragment")

    def __init__(self, tokens: Sequence[Token]) -> None:
        fragments: list[list[Token]] = [[]]
        for token in tokens:
            if token is Wildcard.MANY:
                fragments.append([])
            else:
                fragments[-1].append(token)
        self.only_fragment = _compile_fragment(fragments[0]) if len(fragments) == 1 else None
        self.first, self.last = _compile_fragment(fragments[0]), _compile_fragment(fragments[-1])
        self.middle = [_compile_fragment(fragment) for fragment in fragments[1:-1]]
        self.last_length = sum(len(piece) if isinstance(piece, str) else 1 for piece in fragments[-1])

    def matches(self, text: str) -> bool:
        """Return whether the whole text matches."""
        if self.only_fragment is not None:
            return self.only_fragment.fullmatch(text) is not None
        match = self.first.match(text)
        for fragment in self.middle:
            if match is None:
                return False
            match = fragment.search(text, match.end())
        start = len(text) - self.last_length
        return match is not None and start >= match.end() and self.last.fullmatch(text, start) is not None


def _compile_fragment(fragment: Sequence[Token]) -> re.Pattern[str]:
    """Compile literals and ``?`` wildcards; all texts that match have the same length."""
    return re.compile("".join(re.escape(piece) if isinstance(piece, str) else "." for piece in fragment), re.DOTALL)


class Pattern:
    """A compiled text of a policy.

    Args:
        wildcards: ``*`` and ``?`` are wildcards, not literals.
        variables: ``${...}`` is a policy variable, not a literal.
        ignore_case: upper and lower case are equal.
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
        """Return whether the text matches. A variable with neither a value nor a default matches nothing."""
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

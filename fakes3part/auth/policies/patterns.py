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


class Wild(Enum):
    """What stands for text that is not told."""

    MANY = "*"
    ONE = "?"


class Variable(NamedTuple):
    """``${key}`` or ``${key, 'default'}``."""

    key: str
    default: str | None


Piece: TypeAlias = "str | Wild | Variable"

_TOKEN = re.compile(r"\$\{([^}]*)\}|([*?])|[^$*?]+|\$")
_VARIABLE = re.compile(r"\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?")


def normal_key(key: str) -> str:
    """A condition key in the one spelling that we look it up by: case counts only in the name of a tag."""
    head, slash, tag = key.partition("/")
    return f"{head.lower()}{slash}{tag}"


def pieces(text: str, *, wildcards: bool, variables: bool) -> list[Piece]:
    """The text taken apart. ``${*}``, ``${?}`` and ``${$}`` stand for these characters themselves."""
    found: list[Piece] = []
    for token in _TOKEN.finditer(text):
        inner, wild = token[1], token[2]
        if inner is not None and variables:
            named = _VARIABLE.fullmatch(inner)
            if inner in ("*", "?", "$"):
                found.append(inner)
            else:
                found.append(Variable(normal_key(named[1]), named[2]) if named else token[0])
        elif wild is not None and wildcards:
            found.append(Wild(wild))
        elif inner is not None and wildcards:  # no variables before 2012: the braces hold text and wildcards
            found += ["${", *pieces(inner, wildcards=True, variables=False), "}"]
        else:
            found.append(token[0])
    return found


class _Glob:
    """A pattern without variables."""

    __slots__ = ("first", "last", "last_length", "middle", "whole")

    def __init__(self, found: Sequence[Piece]) -> None:
        fragments: list[list[Piece]] = [[]]
        for piece in found:
            if piece is Wild.MANY:
                fragments.append([])
            else:
                fragments[-1].append(piece)
        self.whole = _fixed(fragments[0]) if len(fragments) == 1 else None
        self.first, self.last = _fixed(fragments[0]), _fixed(fragments[-1])
        self.middle = [_fixed(fragment) for fragment in fragments[1:-1]]
        self.last_length = sum(len(piece) if isinstance(piece, str) else 1 for piece in fragments[-1])

    def matches(self, text: str) -> bool:
        if self.whole is not None:
            return self.whole.fullmatch(text) is not None
        found = self.first.match(text)
        for fragment in self.middle:
            if found is None:
                return False
            found = fragment.search(text, found.end())
        start = len(text) - self.last_length
        return found is not None and start >= found.end() and self.last.fullmatch(text, start) is not None


def _fixed(fragment: Sequence[Piece]) -> re.Pattern[str]:
    """Of text and single wildcards only: its matches all have one length."""
    return re.compile("".join(re.escape(piece) if isinstance(piece, str) else "." for piece in fragment), re.DOTALL)


class Pattern:
    """One text of a policy, ready to be matched.

    Args:
        fold: upper and lower case are the same.
    """

    __slots__ = ("_fold", "_glob", "_pieces")

    def __init__(self, text: str, *, wildcards: bool = True, variables: bool = False, fold: bool = False) -> None:
        self._fold = fold
        found = pieces(text, wildcards=wildcards, variables=variables)
        if fold:
            found = [piece.lower() if isinstance(piece, str) else piece for piece in found]
        self._pieces = found
        self._glob = None if any(isinstance(piece, Variable) for piece in found) else _Glob(found)

    def matches(self, text: str, lookup: Lookup) -> bool:
        """Whether the text is one of the pattern's. A variable without a value and a default matches nothing."""
        if self._fold:
            text = text.lower()
        glob = self._glob or self._filled(lookup)
        return glob is not None and glob.matches(text)

    def _filled(self, lookup: Lookup) -> _Glob | None:
        filled: list[Piece] = []
        for piece in self._pieces:
            if isinstance(piece, Variable):
                values = lookup(piece.key)
                value = values[0] if values is not None and len(values) == 1 else piece.default
                if value is None:
                    return None
                piece = value.lower() if self._fold else value
            filled.append(piece)
        return _Glob(filled)

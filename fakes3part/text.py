"""Formats counts, sizes, long texts and suggestions for messages and representations."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

_COMPARED = 3_000
"""How many of the existing names are compared with a missing one."""


def count(number: int, what: str) -> str:
    """Return ``1 bucket``, ``2 buckets``, ``1,000 buckets``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """Return a number of bytes for humans: ``10 bytes``, ``1.5 MiB``."""
    if number < 1024:
        return count(number, "byte")
    value, unit = number / 1024, "KiB"
    for larger in ("MiB", "GiB", "TiB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{value:.1f} {unit}"


def shorten(text: str, length: int = 100) -> str:
    """Return a text for one line: escaped if it is not printable, its middle left out if it is longer than ``length``."""
    text = text if text.isprintable() else repr(text)[1:-1]
    return text if len(text) <= length else f"{text[: length // 2]}…{text[-length // 2 + 1 :]}"


def similar(name: object, names: Iterable[str]) -> list[str]:
    """Return up to three of ``names`` that look like ``name``, the most similar first."""
    return get_close_matches(str(name), list(dict.fromkeys(islice(names, _COMPARED))), 3, 0.5)


def either(names: Iterable[str]) -> str:
    """Return ``'a' or 'b' or 'c'``."""
    return " or ".join(map(repr, names))


def suggestion(name: object, names: Iterable[str]) -> str:
    """Return ``; did you mean 'a' or 'b'?``, to be appended to an error text; empty if none of ``names`` is similar."""
    close = similar(name, names)
    return f"; did you mean {either(close)}?" if close else ""


def alternatives(name: object, names: Iterable[str]) -> str:
    """Return what the text of a KeyError says after the missing name: similar names, or else the first few of ``names``."""
    existing = list(dict.fromkeys(islice(names, _COMPARED)))
    if not existing:
        return "there are none"
    close = similar(name, existing)
    if close:
        return f"did you mean {either(close)}?"
    more = ", ..." if len(existing) > 3 else ""
    return f"there are {', '.join(map(repr, existing[:3]))}{more}"

"""Reads whole numbers, and formats counts, sizes, long texts and suggestions for messages and representations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

_COMPARED = 3_000
"""How many of the existing names are compared with a missing one."""


HUGE = 2**64
"""What `whole_number` returns for numbers that are greater than any size, count or time here."""


def whole_number(text: str | None) -> int | None:
    """Return a number of ASCII digits; None: the text is something else, or None.

    A number of 20 digits or more, leading zeros aside, is `HUGE`: Python refuses to convert more than 4,300 digits.
    """
    if not text or not (text.isascii() and text.isdigit()):
        return None
    return int(text) if len(text) < 20 else HUGE if len(text.lstrip("0")) >= 20 else int(text.lstrip("0") or "0")


def count(number: int, noun: str) -> str:
    """Return ``1 bucket``, ``2 buckets``, ``1,000 buckets``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """Return a number of bytes for humans: ``10 bytes``, ``1.5 MiB``."""
    return count(number, "byte") if number < 1024 else larger_size(number)


def larger_size(number: int) -> str:
    """Return a number of bytes, 1,024 or more, in the unit that gives it four digits at most: ``1.5 MiB``."""
    value, unit = number / 1024, "KiB"
    for larger in ("MiB", "GiB", "TiB"):
        if value < 1023.95:
            break
        value, unit = value / 1024, larger
    return f"{value:.1f} {unit}"


def shorten(text: str, length: int = 100) -> str:
    """Return a text for one line: escaped if it is not printable, its middle left out if it is longer than ``length``."""
    text = text if text.isprintable() else repr(text)[1:-1]
    return text if len(text) <= length else f"{text[: length // 2]}…{text[-length // 2 + 1 :]}"


def similar(name: object, names: Iterable[str], *, limit: int = 3, cutoff: float = 0.5) -> list[str]:
    """Return up to ``limit`` of ``names`` that look like ``name``, the most similar first.

    Args:
        cutoff: the least similarity, from 0 to 1 (equal).
    """
    from difflib import get_close_matches  # needed for error messages only

    return get_close_matches(str(name), list(dict.fromkeys(islice(names, _COMPARED))), limit, cutoff)


def join_with_or(names: Iterable[str]) -> str:
    """Return ``'a' or 'b' or 'c'``."""
    return " or ".join(map(repr, names))


def suggestion(name: object, names: Iterable[str]) -> str:
    """Return ``; did you mean 'a' or 'b'?``, to be appended to an error text; empty if none of ``names`` is similar."""
    close = similar(name, names)
    return f"; did you mean {join_with_or(close)}?" if close else ""


def suggestion_or_all(name: object, names: Sequence[str]) -> str:
    """Return ``; did you mean 'a' or 'b'?``, or else ``; known are a, b, c``, to be appended to an error text.

    Only very similar names are suggested: the list of all names is more helpful than a poor guess.
    """
    close = similar(name, names, limit=2, cutoff=0.7)
    return f"; did you mean {join_with_or(close)}?" if close else f"; known are {', '.join(names)}"


def alternatives(name: object, names: Iterable[str]) -> str:
    """Return what the text of a KeyError says after the missing name: similar names, or else the first few of ``names``."""
    existing = list(dict.fromkeys(islice(names, _COMPARED)))
    if not existing:
        return "there are none"
    close = similar(name, existing)
    if close:
        return f"did you mean {join_with_or(close)}?"
    more = ", ..." if len(existing) > 3 else ""
    return f"there are {', '.join(map(repr, existing[:3]))}{more}"

"""Words for messages and representations."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

_COMPARED = 3_000
"""So many names are compared with one that is not there."""


def count(number: int, what: str) -> str:
    """``1 bucket``, ``2 buckets``, ``1,000 buckets``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """``10 bytes``, ``1.5 MiB``."""
    if number < 1024:
        return count(number, "byte")
    value, unit = number / 1024, "KiB"
    for larger in ("MiB", "GiB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{value:.1f} {unit}"


def nearest(name: object, there: Iterable[str]) -> str:
    """What a KeyError says after the name: names like it, or the first few."""
    names = list(dict.fromkeys(islice(there, _COMPARED)))
    if not names:
        return "there are none"
    close = get_close_matches(str(name), names, 3, 0.5)
    if close:
        return f"did you mean {' or '.join(map(repr, close))}?"
    more = ", ..." if len(names) > 3 else ""
    return f"there are {', '.join(map(repr, names[:3]))}{more}"

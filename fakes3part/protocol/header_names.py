"""What the names of a request's headers say by themselves, found out once for each set of names.

A client sends the same few sets of headers in all its requests. What depends on the names alone is remembered here, so that a
request pays only for the headers that mean something. Nothing depends on what is remembered but time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_MOST = 256
"""How many sets of names are remembered at most. (The names of one request take at most `Settings.max_header_size` bytes.)"""


class HeaderNames:
    """The names of a request's headers, in their order.

    Attributes:
        all: the names, in lower case.
        size: the bytes of all names together.
        checksums: those that begin with ``x-amz-checksum-``, in their order.
        fields: by the parser of an operation's requests: the headers that it reads, in their order (`protocol.parse`).
    """

    __slots__ = ("all", "checksums", "fields", "size")

    def __init__(self, names: tuple[str, ...]) -> None:
        self.all = frozenset(names)
        self.size = sum(map(len, names))
        self.checksums = tuple(name for name in names if name.startswith("x-amz-checksum-"))
        self.fields: dict[object, tuple[tuple[str, Any], ...]] = {}


_remembered: dict[tuple[str, ...], HeaderNames] = {}


def header_names(headers: Iterable[str]) -> HeaderNames:
    """Return the names of headers (a mapping by lower-case name)."""
    names = tuple(headers)
    found = _remembered.get(names)
    if found is None:
        if len(_remembered) >= _MOST:
            _remembered.clear()
        found = _remembered[names] = HeaderNames(names)
    return found

"""One page of a listing: prefix, delimiter, marker and page size over a sorted index.

A page costs O(page): the start is found by bisection, and all keys of a common prefix are skipped by one bisection. A marker
within a common prefix means that this prefix was listed already.
"""

from __future__ import annotations

import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, Protocol

from ..errors import S3Error, invalid_argument

_LAST = chr(sys.maxunicode)


class Walkable(Protocol):
    """Keys in order: an `Index`, or a bucket, whose keys include those that have only old versions."""

    def walk(self, start: str, *, inclusive: bool = True) -> Iterator[str]: ...


class Page(NamedTuple):
    """Keys and common prefixes in order; ``last`` is the last of both, where the next page begins."""

    keys: list[str]
    prefixes: list[str]
    last: str
    truncated: bool


def after_prefix(prefix: str) -> str:
    """Return a text that sorts after every key beginning with ``prefix``, and not after any later key."""
    stem = prefix.rstrip(_LAST)
    # Nothing is greater than all texts of last characters, but 1,024 bytes hold no more than 256 of them.
    return stem[:-1] + chr(ord(stem[-1]) + 1) if stem else _LAST * 257


def common_prefix(key: str, prefix: str, delimiter: str) -> str | None:
    """Return the common prefix that a key is grouped into; None: the delimiter does not occur after the prefix."""
    cut = key.find(delimiter, len(prefix))
    return key[: cut + len(delimiter)] if cut >= 0 else None


def _start(prefix: str, delimiter: str, after: str, including: bool) -> tuple[str, bool]:
    """Return the key to start at, and whether to include it."""
    if delimiter and after.startswith(prefix) and (prefix_of_after := common_prefix(after, prefix, delimiter)):
        return after_prefix(prefix_of_after), True
    return (prefix, True) if prefix > after else (after, including)


def entries(keys: Walkable, *, prefix: str, delimiter: str, after: str, including: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield keys (False) and common prefixes (True) after ``after`` (empty: from the start), or from it on (``including``)."""
    start, inclusive = _start(prefix, delimiter, after, including)
    candidates = keys.walk(start, inclusive=inclusive)
    if not delimiter:
        for key in candidates:
            if not key.startswith(prefix):
                return
            yield key, False
    rolled = None
    while (key := next(candidates, "")) and key.startswith(prefix):
        if rolled is not None and key.startswith(rolled):
            candidates = keys.walk(after_prefix(rolled))
            rolled = None
            continue
        rolled = common_prefix(key, prefix, delimiter)
        yield (key, False) if rolled is None else (rolled, True)


def page(keys: Walkable, *, prefix: str, delimiter: str, after: str, limit: int) -> Page:
    """Return the first ``limit`` keys and common prefixes after ``after`` (empty: from the start)."""
    if limit == 0:
        return Page([], [], "", False)
    if not delimiter:
        return _plain_page(keys, prefix, after, limit)
    keys_and_prefixes: tuple[list[str], list[str]] = [], []
    last = ""
    for count, (entry, is_prefix) in enumerate(entries(keys, prefix=prefix, delimiter=delimiter, after=after)):
        if count == limit:
            return Page(*keys_and_prefixes, last, True)
        keys_and_prefixes[is_prefix].append(entry)
        last = entry
    return Page(*keys_and_prefixes, last, False)


def _plain_page(keys: Walkable, prefix: str, after: str, limit: int) -> Page:
    """Return a page without a delimiter; its loops run in C."""
    start, inclusive = _start(prefix, "", after, False)
    page_keys = list(islice(keys.walk(start, inclusive=inclusive), limit + 1))
    if page_keys and not page_keys[-1].startswith(prefix):
        del page_keys[bisect_left(page_keys, after_prefix(prefix)) :]
    truncated = len(page_keys) > limit
    if truncated:
        page_keys.pop()
    return Page(page_keys, [], page_keys[-1] if page_keys else "", truncated)


def encode_token(last: str) -> str:
    """Return the opaque token with which ListObjectsV2 or ListBuckets continues after ``last``."""
    return urlsafe_b64encode(b"1" + last.encode()).decode()


def decode_token(token: str) -> str:
    """Return the key or name after which a token continues.

    Raises:
        S3Error: InvalidArgument for a token that `encode_token` did not make.
    """
    try:
        raw = urlsafe_b64decode(token.encode())
        if raw[:1] == b"1":
            return raw[1:].decode()
    except (Base64Error, ValueError):
        pass
    raise S3Error("InvalidArgument", "The continuation token provided is incorrect", ArgumentName="continuation-token")


def parse_encoding_type(value: str | None) -> bool:
    """Return whether ``encoding-type`` is ``url``, in any case; None: the parameter is absent.

    Raises:
        S3Error: InvalidArgument for any other encoding.
    """
    if value is None:
        return False
    if value.lower() != "url":
        raise invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", value)
    return True

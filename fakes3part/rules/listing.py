"""One page of a listing: prefix, delimiter, marker and page size over a sorted index.

Costs O(page): the start is found by bisection and a common prefix is left by one jump, however many keys it stands for.
"""

from __future__ import annotations

import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Any, NamedTuple

from ..errors import invalid_argument
from ..state.index import Index

_LAST = chr(sys.maxunicode)


class Page(NamedTuple):
    """Keys and common prefixes in order; ``last`` is the last of both, where the next page begins."""

    keys: list[str]
    prefixes: list[str]
    last: str
    truncated: bool


def after_all(prefix: str) -> str:
    """A text greater than every key that begins with ``prefix``, and not greater than any other key behind them."""
    stem = prefix.rstrip(_LAST)
    # Nothing is greater than all texts of last characters, but 1,024 bytes hold no more than 256 of them.
    return stem[:-1] + chr(ord(stem[-1]) + 1) if stem else _LAST * 257


def common_prefix(key: str, prefix: str, delimiter: str) -> str | None:
    """What a key is rolled up to, if the delimiter occurs behind the prefix."""
    cut = key.find(delimiter, len(prefix))
    return key[: cut + len(delimiter)] if cut >= 0 else None


def page(index: Index[Any], *, prefix: str, delimiter: str, after: str, limit: int) -> Page:
    """The first ``limit`` keys and common prefixes behind ``after`` ('': from the start).

    A marker within a common prefix has seen that prefix: it is not listed again.
    """
    if limit == 0:
        return Page([], [], "", False)
    start, inclusive = (prefix, True) if prefix > after else (after, False)
    if delimiter and after.startswith(prefix) and (seen := common_prefix(after, prefix, delimiter)):
        start, inclusive = after_all(seen), True
    keys: list[str] = []
    prefixes: list[str] = []
    last = ""
    rolled = None
    candidates = index.walk(start, inclusive=inclusive)
    while (key := next(candidates, None)) is not None and key.startswith(prefix):
        if rolled is not None and key.startswith(rolled):
            candidates = index.walk(after_all(rolled))
            rolled = None
            continue
        if len(keys) + len(prefixes) == limit:
            return Page(keys, prefixes, last, True)
        rolled = common_prefix(key, prefix, delimiter) if delimiter else None
        if rolled is not None:
            prefixes.append(rolled)
            last = rolled
        else:
            keys.append(key)
            last = key
    return Page(keys, prefixes, last, False)


def encode_token(last: str) -> str:
    """The opaque token with which ListObjectsV2 (or ListBuckets) goes on behind ``last``."""
    return urlsafe_b64encode(b"1" + last.encode()).decode()


def decode_token(token: str) -> str:
    """Where a token goes on.

    Raises:
        S3Error: InvalidArgument when it is no token of ours.
    """
    try:
        raw = urlsafe_b64decode(token.encode())
        if raw[:1] == b"1":
            return raw[1:].decode()
    except (Base64Error, ValueError):
        pass
    raise invalid_argument("The continuation token provided is incorrect", "continuation-token", token)


def check_encoding(value: str | None) -> bool:
    """Whether ``encoding-type=url`` was asked for.

    Raises:
        S3Error: InvalidArgument for any other encoding.
    """
    if value is None:
        return False
    if value != "url":
        raise invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", value)
    return True

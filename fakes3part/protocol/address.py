"""From host and raw path to bucket and key: path style, virtual-hosted style, and the hosts of other kinds of endpoint."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ..errors import S3Error
from .aws_hosts import DIRECTORY_POINT, OBJECT_LAMBDA, UNSUPPORTED, Endpoint, parse_host

_KINDS = ((re.compile(r".+--xa-s3"), DIRECTORY_POINT),)


class Address(NamedTuple):
    """``key`` is decoded; None on the bucket level; ``bucket`` None on the service level."""

    bucket: str | None
    key: str | None
    host: Endpoint

    @property
    def level(self) -> str:
        if self.bucket is None:
            return "service"
        return "bucket" if self.key is None else "object"


def other_kind(place: Address) -> str | None:
    """What a "bucket" that is not there may be instead, of the kinds that we lack."""
    name = place.bucket or ""
    return next((kind for pattern, kind in _KINDS if kind in UNSUPPORTED and pattern.fullmatch(name)), None)


def _decode(path: str, raw: str) -> str:
    if "%" not in path and path.isascii():
        return path
    try:
        return unquote_to_bytes(path.encode("latin-1")).decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise S3Error("InvalidURI", URI=raw) from None


def at_bucket(bucket: str, path: str, kind: str) -> Address:
    """What a raw path means at a host that is a bucket's own, without being of AWS or ours.

    Raises:
        S3Error: InvalidURI for a path that is not UTF-8.
    """
    return Address(bucket, _decode(path.removeprefix("/"), path) or None, Endpoint(bucket, None, kind))


def address(host: str, path: str, custom: tuple[str, ...] = ()) -> Address:
    """Where a request goes. The path is raw: ``a//b``, ``%2F`` and ``..`` stay what they are.

    Raises:
        S3Error: InvalidURI for a path that is not UTF-8.
    """
    where = parse_host(host, custom)
    rest = path[1:] if path.startswith("/") else path
    if where.bucket is not None and not (where.kind == OBJECT_LAMBDA and rest == "WriteGetObjectResponse"):
        return Address(where.bucket, _decode(rest, path) or None, where)
    bucket, _, key = rest.partition("/")
    return Address(_decode(bucket, path) or None, _decode(key, path) or None, where)

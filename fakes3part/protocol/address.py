"""Parses host and raw path into bucket and key: path style, virtual-hosted style, and the hosts of other kinds of endpoint."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ..errors import S3Error
from .aws_hosts import DIRECTORY_POINT, OBJECT_LAMBDA, UNSUPPORTED, Endpoint, parse_host

_KINDS = ((re.compile(r".+--xa-s3"), DIRECTORY_POINT),)


class Address(NamedTuple):
    """What a request addresses.

    Attributes:
        bucket: its name, decoded; None on the service level.
        key: decoded; None on the bucket level.
        endpoint: what the host names.
    """

    bucket: str | None
    key: str | None
    endpoint: Endpoint

    @property
    def level(self) -> str:
        """``service``, ``bucket`` or ``object``."""
        if self.bucket is None:
            return "service"
        return "bucket" if self.key is None else "object"


def unsupported_kind(address: Address) -> str | None:
    """Return the unsupported kind of endpoint whose names look like this bucket's, which does not exist; None: there is none."""
    name = address.bucket or ""
    return next((kind for pattern, kind in _KINDS if kind in UNSUPPORTED and pattern.fullmatch(name)), None)


def _decode(part: str, path: str) -> str:
    """Percent-decode a part of a path. ``path`` is the whole one, for the error."""
    if "%" not in part and part.isascii():
        return part
    try:
        return unquote_to_bytes(part.encode("latin-1")).decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise S3Error("InvalidURI", URI=path) from None


def domain_address(bucket: str, path: str, kind: str) -> Address:
    """Return the address of a raw path at a bucket's own domain name, a CNAME.

    Raises:
        S3Error: InvalidURI for a path that is not UTF-8.
    """
    return Address(bucket, _decode(path.removeprefix("/"), path) or None, Endpoint(bucket, None, kind))


@lru_cache(maxsize=512)
def parse_address(host: str, path: str, custom: tuple[str, ...] | None = ()) -> Address:
    """Parse the host and the raw path of a request. Nothing is normalized: ``a//b``, ``%2F`` and ``..`` stay what they are.

    ``custom`` are the hosts of custom endpoints (`parse_host`). Addresses are remembered: most keys are soon addressed again.

    Raises:
        S3Error: InvalidURI for a path that is not UTF-8.
    """
    endpoint = parse_host(host, custom)
    rest = path[1:] if path.startswith("/") else path
    if endpoint.bucket is not None and not (endpoint.kind == OBJECT_LAMBDA and rest == "WriteGetObjectResponse"):
        return Address(endpoint.bucket, _decode(rest, path) or None, endpoint)
    bucket, _, key = rest.partition("/")
    return Address(_decode(bucket, path) or None, _decode(key, path) or None, endpoint)

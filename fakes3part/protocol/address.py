"""From host and raw path to bucket and key: path style, virtual-hosted style, and the hosts of other kinds of endpoint."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ..errors import S3Error

# Suffixes of AWS partitions (botocore's partitions.json).
_SUFFIX = (
    r"(?:amazonaws\.com(?:\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn|amazonaws\.eu|api\.amazonwebservices\.eu|"
    r"c2s\.ic\.gov|api\.aws\.ic\.gov|sc2s\.sgov\.gov|api\.aws\.scloud|cloud\.adc-e\.uk|api\.cloud-aws\.adc-e\.uk|"
    r"csp\.hci\.ic\.gov|api\.aws\.hci\.ic\.gov)"
)
_REGION = r"(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d+)"
_AWS_HOST = re.compile(rf"(?:(?P<bucket>.+)\.)?s3(?:-fips|-external-1)?(?:\.dualstack)?(?:[.-]{_REGION})?\.{_SUFFIX}")
_OTHER_HOST = re.compile(
    r"(?:(?P<bucket>.+)\.)?s3"
    r"(?P<flavor>-accesspoint|-outposts|-object-lambda|-global|-accelerate|express-control|express|-website|-control)"
    rf"[^/]*\.{_SUFFIX}"
)
DIRECTORY = "directory buckets"
_LAMBDA = "Object Lambda access points"
_FLAVORS = {
    "-accesspoint": "access points",
    "-outposts": "S3 on Outposts",
    "-object-lambda": _LAMBDA,
    "-global": "multi-region access points",
    "-accelerate": "transfer acceleration",
    "express": DIRECTORY,
    "express-control": DIRECTORY,
    "-website": "website endpoints",
    "-control": "S3 Control",
}
_LOCAL = ("s3.localhost", "localhost")


_KINDS = (
    (re.compile(r".+-s3alias"), "access points"),
    (re.compile(r".+--op-s3"), "S3 on Outposts"),
    (re.compile(r".+--xa?-s3"), DIRECTORY),
)
_VIRTUAL_KINDS = (
    (re.compile(r".+-\d{12}\.op-\w+"), "S3 on Outposts"),
    (re.compile(r"[a-z0-9-]+-\d{12}"), "access points"),
)


class Host(NamedTuple):
    """What a Host header tells: a virtual-hosted bucket, the endpoint's region; ``unsupported`` names another kind."""

    bucket: str | None = None
    region: str | None = None
    unsupported: str | None = None


class Address(NamedTuple):
    """``key`` is decoded; None on the bucket level; ``bucket`` None on the service level."""

    bucket: str | None
    key: str | None
    host: Host

    @property
    def level(self) -> str:
        if self.bucket is None:
            return "service"
        return "bucket" if self.key is None else "object"


def other_kind(place: Address) -> str | None:
    """What a "bucket" that is not there may be instead: an alias, or an ARN that a client made a host name of."""
    name = place.bucket or ""
    kinds = _KINDS + _VIRTUAL_KINDS if place.host.bucket is not None else _KINDS
    return next((kind for pattern, kind in kinds if pattern.fullmatch(name)), None)


@lru_cache(maxsize=1024)
def parse_host(host: str, custom: tuple[str, ...] = ()) -> Host:
    """A Host header taken apart. ``custom`` are hosts of our own under which buckets may be labels, without a port.

    A host that nobody told us of (an IP, a container's name) is path style.
    """
    name = host.lower()
    if not name.endswith("]"):
        name = name.rpartition(":")[0] or name if re.search(r":\d*$", name) else name
    found = _AWS_HOST.fullmatch(name)
    if found:
        # The global host, and the old external one, are those of us-east-1.
        return Host(found["bucket"], found["region"] or "us-east-1")
    other = _OTHER_HOST.fullmatch(name)
    if other:
        return Host(other["bucket"], unsupported=_FLAVORS[other["flavor"]])
    for base in (*custom, *_LOCAL):
        if name == base:
            return Host()
        if name.endswith(f".{base}"):
            return Host(name[: -len(base) - 1])
    return Host()


def _decode(path: str, raw: str) -> str:
    if "%" not in path and path.isascii():
        return path
    try:
        return unquote_to_bytes(path.encode("latin-1")).decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise S3Error("InvalidURI", URI=raw) from None


def address(host: str, path: str, custom: tuple[str, ...] = ()) -> Address:
    """Where a request goes. The path is raw: ``a//b``, ``%2F`` and ``..`` stay what they are.

    Raises:
        S3Error: InvalidURI for a path that is not UTF-8.
    """
    where = parse_host(host, custom)
    rest = path[1:] if path.startswith("/") else path
    if where.bucket is not None and not (where.unsupported == _LAMBDA and rest == "WriteGetObjectResponse"):
        return Address(where.bucket, _decode(rest, path) or None, where)
    bucket, _, key = rest.partition("/")
    return Address(_decode(bucket, path) or None, _decode(key, path) or None, where)

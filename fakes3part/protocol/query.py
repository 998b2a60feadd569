"""The query string of a request."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote_plus

_CONDITIONS = frozenset({"if-match", "if-none-match"})
_CHECKSUM = "x-amz-checksum-"
SIGNATURE_PARAMETERS = frozenset(
    {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Signature", "X-Amz-SignedHeaders"}
)
"""The parameters of a presigned URL of Signature Version 4, each of which it must have."""

_CHECKSUM_SETTINGS = frozenset({f"{_CHECKSUM}algorithm", f"{_CHECKSUM}type", f"{_CHECKSUM}mode"})


def parse_query(query: str) -> dict[str, str]:
    """Return the decoded parameters by name.

    A name without ``=`` has the value ``""``. Of several values of one name the first counts, as in S3. Pairs without a name are
    ignored.
    """
    return _parse_query(query).copy() if query else {}


@lru_cache(maxsize=256)
def _parse_query(query: str) -> dict[str, str]:
    parsed: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if "%" in pair or "+" in pair:
            name, value = _decode(name), _decode(value)
        if name and name not in parsed:
            parsed[name] = value
    return parsed


_decode = lru_cache(maxsize=1024)(unquote_plus)
"""All presigned URLs of a day have the same few values that are encoded: credential, signed headers, content type ..."""


@lru_cache(maxsize=1024)
def hoisted_header(name: str, signed: bool = False) -> str | None:
    """Return the lower-case name of the header that a presigner has moved into the query; None: the parameter is no such header.

    They are the headers ``x-amz-*``, and If-Match and If-None-Match if the query is ``signed`` by SigV4 (recorded from AWS,
    February 2026, for PutObject). Other headers are not known to count.

    The checksum of a body is not: JavaScript's presigner puts that of an empty body there, and S3 ignores it (issues
    localstack 12169, ministack 1695 and aws-sdk-go-v2 2610, against AWS). ``-algorithm``, ``-type`` and ``-mode`` are headers
    as any other (assumed: not recorded from AWS).
    """
    if name in SIGNATURE_PARAMETERS:
        return None
    if name[:6].lower() != "x-amz-":
        return header if signed and (header := name.lower()) in _CONDITIONS else None
    header = name.lower()
    if header == "x-amz-sdk-checksum-algorithm" or (header.startswith(_CHECKSUM) and header not in _CHECKSUM_SETTINGS):
        return None
    return header

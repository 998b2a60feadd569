"""The query string of a request."""

from __future__ import annotations

from urllib.parse import unquote_plus

_CONDITIONS = frozenset({"if-match", "if-none-match"})
_CHECKSUM = "x-amz-checksum-"
_CHECKSUM_SETTINGS = frozenset({f"{_CHECKSUM}algorithm", f"{_CHECKSUM}type", f"{_CHECKSUM}mode"})


def parse_query(query: str) -> dict[str, str]:
    """Return the decoded parameters by name.

    A name without ``=`` has the value ``""``. Of several values of one name the first counts, as in S3. Pairs without a name are
    ignored.
    """
    parsed: dict[str, str] = {}
    if query:
        for pair in query.split("&"):
            name, _, value = pair.partition("=")
            if name:
                parsed.setdefault(unquote_plus(name), unquote_plus(value) if value else "")
    return parsed


def hoisted_header(name: str, *, signed: bool = False) -> str | None:
    """Return the lower-case name of the header that a presigner has moved into the query; None: the parameter is no such header.

    They are the headers ``x-amz-*``, and If-Match and If-None-Match if the query is ``signed`` by SigV4 (recorded from AWS,
    February 2026, for PutObject). Other headers are not known to count.

    The checksum of a body is not: JavaScript's presigner puts that of an empty body there, and S3 ignores it (issues
    localstack 12169, ministack 1695 and aws-sdk-go-v2 2610, against AWS). ``-algorithm``, ``-type`` and ``-mode`` are headers
    as any other (assumed: not recorded from AWS).
    """
    if name[:6].lower() != "x-amz-":
        return header if signed and (header := name.lower()) in _CONDITIONS else None
    header = name.lower()
    if header == "x-amz-sdk-checksum-algorithm" or (header.startswith(_CHECKSUM) and header not in _CHECKSUM_SETTINGS):
        return None
    return header

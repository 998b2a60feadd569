"""Secrets, taken out of what the journal shows: signatures, session tokens, keys of SSE-C, codes of MFA devices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

HIDDEN = "***"

_SIGNATURE = re.compile(r"(Signature=)[^,\s]*")
_HEADERS = frozenset(
    [
        "cookie",
        "proxy-authorization",
        "x-amz-copy-source-server-side-encryption-customer-key",
        "x-amz-mfa",
        "x-amz-s3session-token",
        "x-amz-security-token",
        "x-amz-server-side-encryption-customer-key",
        "x-amz-trailer-signature",
    ]
)
"""Whose values are secrets, also where they stand in the query."""

_QUERY = _HEADERS | {"signature", "x-amz-signature"}
_PARAMS = frozenset(["CopySourceSSECustomerKey", "MFA", "SSECustomerKey", "SessionToken"])


def headers(sent: Mapping[str, str]) -> dict[str, str]:
    """Headers as they were sent, but for the secrets."""
    shown = {name: HIDDEN if name in _HEADERS else value for name, value in sent.items()}
    if "authorization" in shown:
        shown["authorization"] = _authorization(shown["authorization"])
    return shown


def _authorization(value: str) -> str:
    """Who signed is no secret; how is. What is of no form that we know is all secret."""
    scheme, _, rest = value.partition(" ")
    if scheme.startswith("AWS4-"):
        return _SIGNATURE.sub(rf"\g<1>{HIDDEN}", value)
    if scheme == "AWS":
        return f"{scheme} {rest.partition(':')[0]}:{HIDDEN}"
    return f"{scheme} {HIDDEN}" if rest else HIDDEN


def query(raw: str) -> str:
    """A raw query, but for the secrets."""
    return "&".join(map(_pair, raw.split("&"))) if "=" in raw else raw


def _pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}={HIDDEN}" if equals and unquote_plus(name).lower() in _QUERY else pair


def params(given: Mapping[str, Any]) -> dict[str, Any]:
    """Params of an operation, but for the secrets."""
    return {name: HIDDEN if name in _PARAMS else value for name, value in given.items()}

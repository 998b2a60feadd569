"""Removes secrets from what logs and the journal show: signatures, session tokens, SSE-C keys, codes of MFA devices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

HIDDEN = "***"

_SIGNATURE = re.compile(r"(signature\s*=\s*)[^,\s]*", re.IGNORECASE)
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
"""Headers whose values are secrets, also as query parameters."""

_QUERY = _HEADERS | {"signature", "x-amz-signature"}
_PARAMS = frozenset(["CopySourceSSECustomerKey", "MFA", "SSECustomerKey", "SessionToken"])


def headers(sent: Mapping[str, str]) -> dict[str, str]:
    """Return headers with their secrets replaced."""
    redacted = {name: HIDDEN if name in _HEADERS else value for name, value in sent.items()}
    if "authorization" in redacted:
        redacted["authorization"] = _authorization(redacted["authorization"])
    return redacted


def _authorization(value: str) -> str:
    """Return the header without its signature. The access key id is no secret; an unknown scheme is hidden as a whole."""
    scheme, _, rest = value.partition(" ")
    if scheme.startswith("AWS4-"):
        return _SIGNATURE.sub(rf"\g<1>{HIDDEN}", value)
    if scheme == "AWS":
        return f"{scheme} {rest.partition(':')[0]}:{HIDDEN}"
    return f"{scheme} {HIDDEN}" if rest else HIDDEN


def query(raw: str) -> str:
    """Return a raw query with its secrets replaced."""
    return "&".join(map(_parameter, raw.split("&"))) if "=" in raw else raw


def _parameter(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}={HIDDEN}" if equals and unquote_plus(name).lower() in _QUERY else pair


def params(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return an operation's parameters with their secrets replaced."""
    return {name: HIDDEN if name in _PARAMS else value for name, value in values.items()}

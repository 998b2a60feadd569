"""CORS: what a configuration may say, which rule allows a request, and the headers that a browser gets.

Source: PutBucketCors in the S3 API reference and "Using CORS" in the user guide; validation, matching and headers are recorded
from AWS, September 2026. Assumed: the texts about characters and wildcards (those of versitygw).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from ..errors import S3Error
from ..state.cors import Cors, CorsRule

MAX_RULES = 100
RULE_METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")
"""Methods that a rule may allow."""
REQUEST_METHODS = frozenset({*RULE_METHODS, "OPTIONS", "PATCH"})
"""Methods that a browser may ask for. No rule allows OPTIONS or PATCH."""

ORIGIN = "origin"
METHOD = "access-control-request-method"
HEADERS = "access-control-request-headers"
VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]*", re.ASCII)

# --- the configuration -----------------------------------------------------------------------------------------------


def parse_cors(configuration: Mapping[str, Any]) -> Cors:
    """Return the configuration of a ``CORSConfiguration`` document.

    Raises:
        S3Error: MalformedXML or InvalidRequest.
    """
    rules = configuration.get("CORSRules", [])
    if not rules:
        raise S3Error("MalformedXML")
    if len(rules) > MAX_RULES:
        raise S3Error("InvalidRequest", f"The number of CORS rules should not exceed allowed limit of {MAX_RULES} rules.")
    return Cors(tuple(map(_rule, rules)))


def _rule(document: Mapping[str, Any]) -> CorsRule:
    methods, origins = document.get("AllowedMethods", []), document.get("AllowedOrigins", [])
    headers, expose_headers = document.get("AllowedHeaders", []), document.get("ExposeHeaders", [])
    if not methods or not origins:
        raise S3Error("MalformedXML")
    for method in methods:
        if method not in RULE_METHODS:
            _refuse(f"Found unsupported HTTP method in CORS config. Unsupported method is {method}")
    for origin in origins:
        _check_one_wildcard("AllowedOrigin", origin)
    for header in headers:
        _check_one_wildcard("AllowedHeader", header)
        _check_characters("AllowedHeader", header)
    for header in expose_headers:
        if "*" in header:
            _refuse(f'ExposeHeader "{header}" contains wildcard. We currently do not support wildcard for ExposeHeader.')
        _check_characters("ExposeHeader", header)
    return CorsRule(
        tuple(methods), tuple(origins), tuple(headers), tuple(expose_headers), document.get("ID"), document.get("MaxAgeSeconds")
    )


def _refuse(text: str) -> NoReturn:
    raise S3Error("InvalidRequest", text)


def _check_one_wildcard(element: str, value: str) -> None:
    if value.count("*") > 1:
        _refuse(f'{element} "{value}" can not have more than one wildcard.')


def _check_characters(element: str, value: str) -> None:
    if not _TOKEN.fullmatch(value):
        _refuse(f'{element} "{value}" contains invalid character.')


def cors_output(cors: Cors) -> dict[str, Any]:
    """Return the output of GetBucketCors: the configuration as it was put."""
    return {"CORSRules": [_rule_output(rule) for rule in cors.rules]}


def _rule_output(rule: CorsRule) -> Mapping[str, Any]:
    return {
        "ID": rule.id,
        "AllowedHeaders": list(rule.headers),
        "AllowedMethods": list(rule.methods),
        "AllowedOrigins": list(rule.origins),
        "ExposeHeaders": list(rule.expose_headers),
        "MaxAgeSeconds": rule.max_age,
    }


# --- requests --------------------------------------------------------------------------------------------------------


def check_cors_request(headers: Mapping[str, str]) -> None:
    """Check what a request with an Origin says about a request to follow.

    Raises:
        S3Error: BadRequest for a method that S3 does not know, or a header's name that is none.
    """
    method = headers.get(METHOD)
    if method and method not in REQUEST_METHODS:
        raise S3Error("BadRequest", f"Invalid Access-Control-Request-Method: {method}")
    for name in _requested_headers(headers):
        if not _TOKEN.fullmatch(name):
            raise S3Error("BadRequest", f'Access-Control-Request-Headers "{name}" contains invalid character.')


def requested_method(headers: Mapping[str, str], method: str) -> str:
    """Return the method that a browser asks for; without one, that of the request itself, ``method``."""
    return headers.get(METHOD) or method


def response_headers(cors: Cors, headers: Mapping[str, str], method: str) -> list[tuple[str, str]] | None:
    """Return the headers that allow a request with an Origin; None: no rule allows it.

    They are the same on the response to a preflight request and to a plain one, an error included.

    Args:
        headers: of the request, by lower-case name.
        method: of the request.
    """
    origin, wanted, names = headers[ORIGIN], requested_method(headers, method), _requested_headers(headers)
    for rule in cors.rules:
        pattern = _matching_origin(rule, origin)
        if pattern is not None and wanted in rule.methods and _allows_headers(rule, names):
            return _allowing(rule, origin, names, any_origin=pattern == "*")
    return None


def _allowing(rule: CorsRule, origin: str, names: list[str], *, any_origin: bool) -> list[tuple[str, str]]:
    allowing = [("Access-Control-Allow-Origin", "*" if any_origin else origin)]
    if not any_origin:
        allowing.append(("Access-Control-Allow-Credentials", "true"))
    allowing.append(("Access-Control-Allow-Methods", ", ".join(rule.methods)))
    if names:
        allowing.append(("Access-Control-Allow-Headers", ", ".join(names)))
    if rule.expose_headers:
        allowing.append(("Access-Control-Expose-Headers", ", ".join(rule.expose_headers)))
    if rule.max_age is not None:
        allowing.append(("Access-Control-Max-Age", str(rule.max_age)))
    allowing.append(("Vary", VARY))
    return allowing


def _requested_headers(headers: Mapping[str, str]) -> list[str]:
    """Return the names in ``Access-Control-Request-Headers``, in lower case; empty ones at the end are dropped."""
    text = headers.get(HEADERS)
    if not text:
        return []
    names = [name.strip().lower() for name in text.split(",")]
    while names and not names[-1]:
        names.pop()
    return names


def _matching_origin(rule: CorsRule, origin: str) -> str | None:
    """Return the rule's pattern that matches an origin, ``*`` first; None: none does.

    That ``*`` counts beside an exact origin in the same rule is assumed: LocalStack does so.
    """
    matching = [pattern for pattern in rule.origins if _matches(pattern, origin)]
    return "*" if "*" in matching else next(iter(matching), None)


def _allows_headers(rule: CorsRule, names: Iterable[str]) -> bool:
    patterns = [pattern.lower() for pattern in rule.headers]
    return all(any(_matches(pattern, name) for pattern in patterns) for name in names)


def _matches(pattern: str, text: str) -> bool:
    """Return whether a text is a pattern, in which one ``*`` stands for any characters."""
    start, wildcard, end = pattern.partition("*")
    if not wildcard:
        return text == pattern
    return len(text) >= len(start) + len(end) and text.startswith(start) and text.endswith(end)

"""Parses and verifies presigned URLs of Signature Version 4. They expire on the fake's clock, even with an unknown access key.

Source: "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)" in the S3 API reference; what is recorded from
AWS is listed in `authenticate`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from ...clock import Clock, later
from ...errors import S3Error
from ...message import Request
from ...protocol.payload_hash import HEADER, UNSIGNED
from ...protocol.query import SIGNATURE_PARAMETERS
from .crypto import ALGORITHM
from .sigv4 import (
    MAX_SKEW,
    SIGV4A_ALGORITHM,
    MalformedCredentialError,
    SigV4Parameters,
    check_all_signed,
    format_iso,
    parse_credential,
    parse_timestamp,
)

REQUIRED = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)
TOKEN = "X-Amz-Security-Token"
MAX_EXPIRES = 604800


class _SignsHeaders(Protocol):
    @property
    def signed_headers(self) -> str: ...


AnyParameters = TypeVar("AnyParameters", bound=_SignsHeaders)
"""The signature parameters of SigV4 or SigV4A."""

_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)


def _query_error(message: str, headers: dict[str, str] | None = None, **extras: Any) -> S3Error:
    return S3Error("AuthorizationQueryParametersError", message, headers=headers, **extras)


def credential_error(detail: str, headers: dict[str, str] | None = None, **extras: Any) -> S3Error:
    """Return AuthorizationQueryParametersError for ``X-Amz-Credential``; ``headers`` None: the response has no further ones."""
    return _query_error(f"Error parsing the X-Amz-Credential parameter; {detail}", headers, **extras)


def parse_query(query: Mapping[str, str], clock: Clock) -> SigV4Parameters:
    """Parse the signature parameters of a presigned URL.

    Raises:
        S3Error: AuthorizationQueryParametersError, or AccessDenied if it is not valid yet or has expired.
    """
    parameters, date, seconds = _parse_parameters(*required_parameters(query))
    _check_time(date, seconds, clock, parameters.timestamp)
    return parameters


@lru_cache(maxsize=256)
def _parse_parameters(
    algorithm: str, credential: str, provided: str, timestamp: str, signed: str, expires: str
) -> tuple[SigV4Parameters, datetime, int]:
    """Parse the values of `REQUIRED`; return with them the date of the URL, and for how many seconds it is valid.

    Raises:
        S3Error: AuthorizationQueryParametersError.
    """
    if algorithm != ALGORITHM:
        raise _query_error(f'X-Amz-Algorithm only supports "{ALGORITHM} and {SIGV4A_ALGORITHM}"')
    try:
        scope = parse_credential(credential)
    except MalformedCredentialError as error:
        raise credential_error(str(error)) from None
    date, seconds = _parse_validity(timestamp, scope.date, expires)
    return SigV4Parameters(scope, signed, timestamp, provided), date, seconds


def required_parameters(query: Mapping[str, str]) -> list[str]:
    """Return the values of the required parameters, in the order of `REQUIRED`.

    Raises:
        S3Error: AuthorizationQueryParametersError.
    """
    if not query.keys() >= SIGNATURE_PARAMETERS:
        raise _query_error(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
            "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    return [query[name] for name in REQUIRED]


def check_validity(timestamp: str, day: str, expires: str, clock: Clock) -> None:
    """Raise unless the date of the URL agrees with that of its credential, and the URL is valid now.

    Raises:
        S3Error: AuthorizationQueryParametersError, or AccessDenied if it is not valid yet or has expired.
    """
    _check_time(*_parse_validity(timestamp, day, expires), clock, timestamp)


def _parse_validity(timestamp: str, day: str, expires: str) -> tuple[datetime, int]:
    """Return the date of a URL, which must agree with that of its credential, and for how many seconds it is valid.

    Raises:
        S3Error: AuthorizationQueryParametersError.
    """
    date = parse_timestamp(timestamp)
    if date is None:
        raise _query_error("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    if timestamp[:8] != day:
        raise _query_error(f'Invalid credential date "{day}". This date is not the same as X-Amz-Date: "{timestamp[:8]}".')
    return date, _parse_expires(expires)


def _parse_expires(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise _query_error("X-Amz-Expires should be a number")
    seconds = int(text)
    if seconds < 0:
        raise _query_error("X-Amz-Expires must be non-negative")
    if seconds > MAX_EXPIRES:
        raise _query_error(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
            f"{MAX_EXPIRES} seconds"
        )
    return seconds


def _check_time(date: datetime, seconds: int, clock: Clock, timestamp: str) -> None:
    now, longest = clock.now(), timedelta(seconds=seconds)
    if -MAX_SKEW <= now - date <= longest:  # as nearly always
        return
    for signed in clock.possible_signing_times(date):
        if -MAX_SKEW <= now - signed <= longest:
            return
    if date - now > MAX_SKEW:
        too_early: dict[str, Any] = {"X-Amz-Date": timestamp, "ServerTime": format_iso(now)}
        raise S3Error("AccessDenied", "Request is not valid yet", **too_early)
    raise expired_error({"X-Amz-Expires": str(seconds), "Expires": format_iso(later(date, timedelta(seconds=seconds)))}, now)


def expired_error(extras: dict[str, Any], now: datetime) -> S3Error:
    """Return the error of an expired URL; ``extras`` are the elements of its signature version."""
    return S3Error("AccessDenied", "Request has expired", **extras, ServerTime=format_iso(now))


def check_query_signature(
    request: Request,
    query: Mapping[str, str],
    parameters: AnyParameters,
    secret: str | None,
    check_signature: Callable[[Request, AnyParameters, str | None, str, str], None],
) -> None:
    """Verify that all headers that must be signed are, and that the signature is right (by ``check_signature``).

    A header with the name of a signed parameter replaces that parameter, so another value makes the signature wrong. If
    ``secret`` is None, it is unknown: then the signature is wrong only if a signed header was not sent.

    Raises:
        S3Error: AccessDenied with HeadersNotSigned, SignatureDoesNotMatch.
    """
    headers = request.headers
    names = parameters.signed_headers.lower().split(";")
    check_all_signed(headers, parameters.signed_headers, {HEADER, *query})
    if secret is None and all(name in headers or name == "host" for name in names):
        return
    payload_hash = query.get("X-Amz-Content-Sha256") or query.get(HEADER) or UNSIGNED
    if HEADER in names:
        payload_hash = headers.get(HEADER, "")
    overriding = {
        name: headers[name]
        for name in query.keys() & headers.keys()
        if name.startswith("x-amz-") and name not in names and name != HEADER and headers[name] != query[name]
    }
    if overriding:
        request = _replace_query_values(request, overriding)
    check_signature(request, parameters, secret, payload_hash, "X-Amz-Signature")


def _replace_query_values(request: Request, values: Mapping[str, str]) -> Request:
    from urllib.parse import quote, unquote_plus

    pairs = [pair.partition("=") for pair in request.query.split("&")]
    query = "&".join(
        f"{name}={quote(values[unquote_plus(name)])}" if unquote_plus(name) in values else f"{name}={value}"
        for name, _, value in pairs
    )
    return Request(request.method, request.host, request.path, query, request.headers, scheme=request.scheme)

"""Parses and verifies AWS Signature Version 4 in the Authorization header.

The canonical request is S3's: the path is decoded once and encoded again but not normalised, so ``a//b`` and ``..`` stay as they
are; so is the query, sorted by its encoded form. Clients may send equivalent spellings (``(`` or ``%28``), but sign this one.

Source: "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)" in the S3 API reference; what is
recorded from AWS is listed in `authenticate`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_to_bytes

from ...clock import Clock
from ...errors import S3Error, not_implemented
from ...message import Request
from ...protocol.timestamps import parse_http_date
from .crypto import ALGORITHM, Scope, signature, signature_mismatch_error, signatures_equal, signing_key, wire_bytes

SIGV4A_ALGORITHM = "AWS4-ECDSA-P256-SHA256"
MAX_SKEW = timedelta(minutes=15)
SERVICES = frozenset({"s3", "s3express", "s3-object-lambda", "s3-outposts"})

_TIMESTAMP = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_DAY = re.compile(r"\d{8}", re.ASCII)
_S3_CONTROL_PREFIX = "/v20180820/"
_ENCODED_SLASH = re.compile("%2F", re.IGNORECASE)
_PLAIN = r"[A-Za-z0-9\-._~]*"
_ENCODED = r"%(?:[0189A-F][0-9A-F]|2[0-9A-C]|3[A-F]|40|5[B-E]|60|7[BCDF])"
"""What must be encoded in a path, in upper-case hex; in a query, a slash too."""
_CANONICAL_PATH = re.compile(f"(?:/{_PLAIN}(?:{_ENCODED}{_PLAIN})*)+")
_CANONICAL_PAIR = re.compile("({0})=({0})".format(f"{_PLAIN}(?:(?:{_ENCODED}|%2F){_PLAIN})*"))
_WHITESPACE = re.compile(r"[ \t\r\n\f\v]+")
_COMPONENTS = ("Credential", "SignedHeaders", "Signature")
_USUAL_PREFIX = f"{ALGORITHM} Credential="
_EXPECTED_FORM = "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request"


class SigV4Parameters(NamedTuple):
    """The signature parameters of a request.

    Attributes:
        timestamp: ``yyyymmddThhmmssZ``.
        signed_headers: the names of the signed headers, separated by ``;``, as sent.
    """

    scope: Scope
    signed_headers: str
    timestamp: str
    signature: str


class MalformedCredentialError(ValueError):
    """A malformed credential. Its message is part of S3's error, which begins differently for header and query."""


@lru_cache(maxsize=1024)
def parse_timestamp(text: str) -> datetime | None:
    """Parse a timestamp such as ``20260101T000000Z``; None if it is malformed."""
    match = _TIMESTAMP.fullmatch(text)
    try:
        return datetime(*map(int, match.groups()), tzinfo=timezone.utc) if match else None  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def format_iso(date: datetime) -> str:
    """Format a date as in errors about time: ``2026-02-21T00:31:06Z``."""
    return f"{date:%Y-%m-%dT%H:%M:%SZ}"


@lru_cache(maxsize=1024)
def parse_credential(text: str) -> Scope:
    """Parse a credential: ``KEY/20260101/us-east-1/s3/aws4_request``.

    Raises:
        MalformedCredentialError: a part is missing or wrong.
    """
    parts = text.split("/")
    if len(parts) != 5 or not parts[0]:
        raise MalformedCredentialError(f'the Credential is mal-formed; expecting "{_EXPECTED_FORM}".')
    access_key, date, region, service, terminal = parts
    if service not in SERVICES:
        raise MalformedCredentialError(f'incorrect service "{service}". This endpoint belongs to "s3".')
    if terminal != "aws4_request":
        raise MalformedCredentialError(f'incorrect terminal "{terminal}". This endpoint uses "aws4_request".')
    if not _DAY.fullmatch(date) or parse_timestamp(f"{date}T000000Z") is None:
        raise MalformedCredentialError(
            f'incorrect date format "{date}". This date in the credential must be in the format "yyyyMMdd".'
        )
    return Scope(access_key, date, region, service)


def malformed_header_error(detail: str, headers: dict[str, str] | None = None, **extras: Any) -> S3Error:
    """Return AuthorizationHeaderMalformed; ``headers`` None: the response has no further ones."""
    return S3Error("AuthorizationHeaderMalformed", f"The authorization header is malformed; {detail}", headers=headers, **extras)


def parse_header(headers: Mapping[str, str], authorization: str) -> SigV4Parameters:
    """Parse ``Authorization: AWS4-HMAC-SHA256 ...`` and the date of the request.

    Raises:
        S3Error: AccessDenied without a date, AuthorizationHeaderMalformed.
    """
    timestamp = request_timestamp(headers)
    usual, _, provided = authorization.rpartition(", Signature=")
    parsed = parse_usual(usual) if provided.isalnum() else None
    if parsed is None:
        credential, signed, provided = _components(authorization)
        try:
            parsed = parse_credential(credential), signed
        except MalformedCredentialError as wrong:
            raise malformed_header_error(str(wrong)) from None
    return SigV4Parameters(*parsed, timestamp, provided)


def request_timestamp(headers: Mapping[str, str]) -> str:
    """Return when the request was signed, as ``yyyymmddThhmmssZ``: from ``x-amz-date``, or else from ``Date``.

    Raises:
        S3Error: AccessDenied.
    """
    sent = headers.get("x-amz-date")
    if sent is None:
        sent = headers.get("date", "")
        if parse_timestamp(sent) is None:
            date = parse_http_date(sent) if sent else None
            sent = f"{date:%Y%m%dT%H%M%SZ}" if date is not None else ""
    if parse_timestamp(sent) is None:
        raise missing_date_error()
    return sent


def missing_date_error() -> S3Error:
    """Return the AccessDenied of a signed request without a valid date."""
    return S3Error("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")


@lru_cache(maxsize=256)
def parse_usual(text: str) -> tuple[Scope, str] | None:
    """Parse an Authorization header as every SDK spells it, up to the signature: this is the same in all requests of a day.

    Returns:
        the scope and the signed headers; None: they are spelled in another way, or malformed.
    """
    if not text.startswith(_USUAL_PREFIX):
        return None
    credential, _, signed = text[len(_USUAL_PREFIX) :].partition(", SignedHeaders=")
    if not credential or not signed or "," in signed:
        return None
    try:
        return parse_credential(credential), signed
    except MalformedCredentialError:
        return None


def _components(authorization: str) -> tuple[str, str, str]:
    algorithm, _, rest = authorization.partition(" ")
    if algorithm == SIGV4A_ALGORITHM:
        raise not_implemented("SigV4A", SIGV4A_ALGORITHM)
    parts = [part.strip() for part in rest.split(",")]
    if len(parts) != 3:
        message = "the authorization header requires three components: Credential, SignedHeaders, and Signature."
        raise malformed_header_error(message)
    components: dict[str, str] = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if not equals:
            raise malformed_header_error(f'the authorization component "{part}" is malformed.')
        components[name] = value
    for name in _COMPONENTS:
        if not components.get(name):
            raise malformed_header_error(f"missing {name}.")
    return components["Credential"], components["SignedHeaders"], components["Signature"]


def check_skew(timestamp: str, clock: Clock, sent: str) -> None:
    """Raise if the request was signed more than 15 minutes from now. ``sent`` is the date as it was sent.

    Raises:
        S3Error: RequestTimeTooSkewed.
    """
    date, now = parse_timestamp(timestamp), clock.now()
    if date is None or all(abs(time - date) > MAX_SKEW for time in (now, clock.system_time())):
        raise S3Error(
            "RequestTimeTooSkewed",
            RequestTime=sent,
            ServerTime=format_iso(now),
            MaxAllowedSkewMilliseconds=MAX_SKEW // timedelta(milliseconds=1),
        )


def host_header(request: Request) -> str:
    """Return the Host header, or the one that the client's HTTP library would have sent if the request has none."""
    sent = request.headers.get("host")
    if sent is not None:
        return sent
    return request.host.removesuffix(":443" if request.scheme == "https" else ":80")


def canonical_path(path: str) -> str:
    """Return the path decoded once and encoded again."""
    if _CANONICAL_PATH.fullmatch(path):  # as SDKs send it
        return path
    return quote(unquote_to_bytes(wire_bytes(path)), safe="/~") or "/"


def _control_path(request: Request) -> str | None:
    """Return the canonical path of an S3 Control request, where ``%2F`` of an ARN stays encoded; None for other requests."""
    if request.path.startswith(_S3_CONTROL_PREFIX) and not request.headers.keys().isdisjoint(
        ("x-amz-account-id", "x-amz-outpost-id")
    ):
        return "%2F".join(canonical_path(part) for part in _ENCODED_SLASH.split(request.path))
    return None


def canonical_query(query: str, excluded: str | None = None) -> str:
    """Return the canonical query; ``excluded`` is the parameter that holds the signature, None: there is none."""
    pairs = []
    for pair in query.split("&"):
        match = _CANONICAL_PAIR.fullmatch(pair)  # as SDKs send it
        name, value = match.groups() if match else map(_canonical_encoding, pair.partition("=")[::2])
        if name and name != excluded:
            pairs.append((name, value))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _canonical_encoding(text: str) -> str:
    return quote(unquote_to_bytes(wire_bytes(text.replace("+", " "))), safe="~")


def canonical_headers(request: Request, signed: str) -> str:
    """Return the canonical headers, one a line. A signed header that was not sent is empty, so the signature will not match."""
    lines = []
    for name in signed.lower().split(";"):
        value = host_header(request) if name == "host" else request.headers.get(name, "")
        lines.append(f"{name}:{_WHITESPACE.sub(' ', value).strip(' ')}\n")
    return "".join(lines)


class _SignedRequest(NamedTuple):
    """All that a canonical request is made of. ``excluded``: see `canonical_query`."""

    method: str
    canonical_path: str
    query: str
    canonical_headers: str
    signed_headers: str
    payload_hash: str
    excluded: str | None

    @property
    def text(self) -> str:
        """The canonical request."""
        method, path, query, headers, signed, payload_hash, excluded = self
        return "\n".join((method, path, canonical_query(query, excluded) if query else "", headers, signed, payload_hash))


def _signed_request(request: Request, signed: str, payload_hash: str, excluded: str | None) -> _SignedRequest:
    path = _control_path(request) or canonical_path(request.path)
    return _SignedRequest(request.method, path, request.query, canonical_headers(request, signed), signed, payload_hash, excluded)


def canonical_request(request: Request, signed: str, payload_hash: str, excluded: str | None = None) -> str:
    """Return the canonical request. Each character is one byte, as in `message`."""
    return _signed_request(request, signed, payload_hash, excluded).text


def _string_to_sign(canonical: str, timestamp: str, scope: Scope) -> str:
    return f"{ALGORITHM}\n{timestamp}\n{scope.text}\n{sha256(wire_bytes(canonical)).hexdigest()}"


def _signature(signed: _SignedRequest, timestamp: str, scope: Scope, secret: str) -> str:
    key = signing_key(secret, scope.date, scope.region, scope.service)
    return signature(key, _string_to_sign(signed.text, timestamp, scope))


_url_signature = lru_cache(maxsize=256)(_signature)
"""A presigned URL may be used often. What it is signed with is part of what is remembered, so a key may be changed or removed."""


def check_signature(
    request: Request, parameters: SigV4Parameters, secret: str | None, payload_hash: str, excluded: str | None = None
) -> None:
    """Verify the signature; ``excluded`` is the query parameter that holds it, None: it is in a header.

    If ``secret`` is None, no signature is right.

    Raises:
        S3Error: SignatureDoesNotMatch.
    """
    scope, timestamp = parameters.scope, parameters.timestamp
    signed = _signed_request(request, parameters.signed_headers, payload_hash, excluded)
    if secret is not None:
        calculate = _signature if excluded is None else _url_signature
        if signatures_equal(calculate(signed, timestamp, scope, secret), parameters.signature):
            return
    canonical = signed.text
    text = _string_to_sign(canonical, timestamp, scope)
    raise signature_mismatch_error(scope.access_key, text, parameters.signature, canonical)


def check_all_signed(headers: Mapping[str, str], signed: str, exempt: Container[str] = ()) -> None:
    """Raise unless ``host`` and every ``x-amz-*`` header that is not exempt are signed.

    Raises:
        S3Error: AccessDenied, with HeadersNotSigned.
    """
    names = signed.lower().split(";")
    unsigned = [name for name in headers if name.startswith("x-amz-") and name not in names and name not in exempt]
    if "host" not in names:
        unsigned.insert(0, "host")
    if unsigned:
        text = "There were headers present in the request which were not signed"
        raise S3Error("AccessDenied", text, HeadersNotSigned=", ".join(unsigned))

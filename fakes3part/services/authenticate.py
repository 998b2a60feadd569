"""Authenticates requests to STS and KMS: Signature Version 4, in the header or in a presigned URL.

Each service has its own error codes. As in S3, everything that needs no secret is always checked, and the signature if the secret
is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from ..auth.callers import Caller
from ..auth.own_credentials import is_wrong_token, verify
from ..auth.signatures import sigv4
from ..auth.signatures.crypto import ALGORITHM, Scope, signature, signatures_equal, signing_key, wire_bytes
from ..clock import later
from .context import ServiceContext
from .errors import ServiceError

_INVALID_TOKEN = "The security token included in the request is invalid."
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
    "method. Consult the service documentation for details."
)
_SKEW = timedelta(minutes=15)


class AuthenticationErrors(NamedTuple):
    """Codes and statuses of a service's authentication errors. ``missing`` includes the message."""

    missing: tuple[str, int, str]
    incomplete: tuple[str, int]
    unknown: tuple[str, int]
    expired: tuple[str, int]
    mismatch: tuple[str, int]


class _RequestSignature(NamedTuple):
    """The signature of a request, as it was sent.

    ``signed_headers`` are separated by semicolons. ``token`` None: no session token was sent. ``lifetime`` is that of a presigned
    URL; None: the signature is in the header.
    """

    credential: str
    signed_headers: str
    signature: str
    timestamp: str
    token: str | None
    lifetime: timedelta | None


def _error(code_and_status: tuple[str, int], message: str) -> ServiceError:
    return ServiceError(code_and_status[0], message, code_and_status[1])


def authenticate(context: ServiceContext, service: str, region: str | None, errors: AuthenticationErrors) -> Caller:
    """Return the caller of a request.

    Args:
        region: the endpoint's; None: it has none, and the region that the request is signed for counts.
        errors: the service's error codes.

    Raises:
        ServiceError: the request is not signed, or its signature is wrong.
    """
    sent = _read_signature(context, errors)
    parts = sent.credential.split("/")
    if len(parts) != 5 or not parts[0]:
        expected = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term"
        text = f"{expected}, got '{sent.credential}'"
        raise _error(errors.incomplete, text)
    scope = Scope(*parts[:4])
    caller = _caller_of_key(context, scope.access_key, sent.token, errors)

    def check(secret: str | None) -> None:
        if secret is not None:
            _check_scope(scope, parts[4], service, region, sent, errors)
            _check_time(context, sent, errors)
            _check_signature(context, sent, scope, secret, errors)

    if sent.lifetime is not None or context.request.is_received:
        verify(context.request, caller, check, _error(errors.unknown, _INVALID_TOKEN))
    else:
        check(caller.secret)
    if region is None:
        context.region = scope.region
    return caller


def _read_signature(context: ServiceContext, errors: AuthenticationErrors) -> _RequestSignature:
    headers, query = context.request.headers, context.query
    authorization = headers.get("authorization")
    if authorization is not None:
        algorithm, _, rest = authorization.partition(" ")
        if algorithm != ALGORITHM:
            raise _error(errors.incomplete, f"Unsupported AWS 'algorithm': '{algorithm}'.")
        fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
        timestamp = headers.get("x-amz-date") or headers.get("date", "")
        return _complete_signature(fields, "Authorization header", timestamp, headers.get("x-amz-security-token"), None, errors)
    if "X-Amz-Signature" in query:
        fields = {name.removeprefix("X-Amz-"): value for name, value in query.items()}
        expires = query.get("X-Amz-Expires", "900")
        lifetime = timedelta(seconds=int(expires) if expires.isdecimal() and len(expires) < 8 else 0)
        timestamp = query.get("X-Amz-Date", "")
        return _complete_signature(
            fields, "AWS query-string parameters", timestamp, query.get("X-Amz-Security-Token"), lifetime, errors
        )
    raise _error(errors.missing[:2], errors.missing[2])


def _complete_signature(
    fields: Mapping[str, str],
    source: str,
    timestamp: str,
    token: str | None,
    lifetime: timedelta | None,
    errors: AuthenticationErrors,
) -> _RequestSignature:
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not fields.get(name):
            raise _error(errors.incomplete, f"{source} requires '{name}' parameter.")
    if sigv4.parse_timestamp(timestamp) is None:
        text = f"Date must be in ISO-8601 'basic format'. Got '{timestamp}'. See http://en.wikipedia.org/wiki/ISO_8601"
        raise _error(errors.incomplete, text)
    return _RequestSignature(fields["Credential"], fields["SignedHeaders"], fields["Signature"], timestamp, token, lifetime)


def _caller_of_key(context: ServiceContext, access_key: str, token: str | None, errors: AuthenticationErrors) -> Caller:
    caller = context.backend.accounts.caller(access_key)
    if caller is None or (caller.session_token is not None and token is None):
        raise _error(errors.unknown, _INVALID_TOKEN)
    if caller.secret is None:  # an unknown key is accepted with any token
        if token is not None and is_wrong_token(context.request, access_key, token):
            raise _error(errors.unknown, _INVALID_TOKEN)
        return caller
    if token is not None and (caller.session_token is None or not signatures_equal(caller.session_token, token)):
        raise _error(errors.unknown, _INVALID_TOKEN)
    if caller.expires is not None and context.backend.clock.now() >= caller.expires:
        raise _error(errors.expired, "The security token included in the request is expired")
    return caller


def _check_scope(
    scope: Scope, terminator: str, service: str, region: str | None, sent: _RequestSignature, errors: AuthenticationErrors
) -> None:
    problems = ""
    if region is not None and scope.region != region:
        problems = "Credential should be scoped to a valid region. "
    if scope.service != service:
        problems += f"Credential should be scoped to correct service: '{service}'. "
    if terminator != "aws4_request":
        problems += f"Credential should be scoped with a valid terminator: 'aws4_request', not '{terminator}'. "
    if scope.date != sent.timestamp[:8]:
        problems += f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{scope.date}'. "
    if problems:
        raise _error(errors.mismatch, problems.rstrip())


def _check_time(context: ServiceContext, sent: _RequestSignature, errors: AuthenticationErrors) -> None:
    """Check the signature's time, as S3 does: against the fake's clock or the system's.

    A presigned URL may have been signed by either clock (`Clock.possible_signing_times`).
    """
    signed = sigv4.parse_timestamp(sent.timestamp)
    assert signed is not None
    clock = context.backend.clock
    now, oldest = clock.now(), _SKEW if sent.lifetime is None else sent.lifetime
    if sent.lifetime is None:
        ages = [time - signed for time in (now, clock.system_time())]
    else:
        ages = [now - reading for reading in clock.possible_signing_times(signed)]
    if any(-_SKEW <= span <= oldest for span in ages):
        return
    timestamp, current = sent.timestamp, _basic(now)
    if signed > now:
        text = f"Signature not yet current: {timestamp} is still later than {_basic(later(now, _SKEW))} ({current} + 15 min.)"
    else:
        earliest = _basic(later(now, -oldest))
        text = f"Signature expired: {timestamp} is now earlier than {earliest} ({current} - {_minutes(oldest)})"
    raise _error(errors.mismatch, text)


def _basic(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _minutes(span: timedelta) -> str:
    return f"{span // timedelta(minutes=1)} min."


def _check_signature(
    context: ServiceContext, sent: _RequestSignature, scope: Scope, secret: str, errors: AuthenticationErrors
) -> None:
    request = context.request
    digest = sha256(request.payload.data, usedforsecurity=False).hexdigest()
    excluded = None if sent.lifetime is None else "X-Amz-Signature"
    canonical = sigv4.canonical_request(request, sent.signed_headers, digest, excluded)
    text = f"{ALGORITHM}\n{sent.timestamp}\n{scope.text}\n{sha256(wire_bytes(canonical)).hexdigest()}"
    key = signing_key(secret, scope.date, scope.region, scope.service)
    if "host" not in sent.signed_headers.split(";") or not signatures_equal(signature(key, text), sent.signature):
        raise _error(errors.mismatch, _MISMATCH)

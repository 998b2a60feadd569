"""Who asks STS or KMS: Signature Version 4, in the header or in a presigned URL, in the words that each has for what is wrong.

As with S3, what can be told without a secret is judged always, and the signature where the secret is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from ..auth.callers import Caller
from ..auth.signatures import sigv4
from ..auth.signatures.crypto import ALGORITHM, Scope, signature, signatures_equal, signing_key, wire_bytes
from .context import ServiceContext
from .errors import ServiceError

_INVALID_TOKEN = "The security token included in the request is invalid."
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
    "method. Consult the service documentation for details."
)
_SKEW = timedelta(minutes=15)


class AuthenticationErrors(NamedTuple):
    """Codes and statuses of a service. ``missing`` has its text with it."""

    missing: tuple[str, int, str]
    incomplete: tuple[str, int]
    unknown: tuple[str, int]
    expired: tuple[str, int]
    mismatch: tuple[str, int]


class _RequestSignature(NamedTuple):
    credential: str
    signed: str
    signature: str
    timestamp: str
    token: str | None
    lifetime: timedelta | None
    """Of a presigned URL."""


def _error(code_and_status: tuple[str, int], message: str) -> ServiceError:
    return ServiceError(code_and_status[0], message, code_and_status[1])


def authenticate(context: ServiceContext, service: str, region: str | None, words: AuthenticationErrors) -> Caller:
    """The caller of a request; ``region`` is the host's, None where it tells none.

    Raises:
        ServiceError: in ``words``.
    """
    claim = _read_signature(context, words)
    parts = claim.credential.split("/")
    if len(parts) != 5 or not parts[0]:
        expected = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term"
        text = f"{expected}, got '{claim.credential}'"
        raise _error(words.incomplete, text)
    scope = Scope(*parts[:4])
    caller = _caller_of_key(context, scope.access_key, claim.token, words)
    if caller.secret is not None:
        _check_scope(scope, parts[4], service, region, claim, words)
        _check_time(context, claim, words)
        _check_signature(context, claim, scope, caller.secret, words)
    if region is None:
        context.region = scope.region
    return caller


def _read_signature(context: ServiceContext, words: AuthenticationErrors) -> _RequestSignature:
    headers, query = context.request.headers, context.query
    authorization = headers.get("authorization")
    if authorization is not None:
        algorithm, _, rest = authorization.partition(" ")
        if algorithm != ALGORITHM:
            raise _error(words.incomplete, f"Unsupported AWS 'algorithm': '{algorithm}'.")
        fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
        timestamp = headers.get("x-amz-date") or headers.get("date", "")
        return _complete_signature(fields, "Authorization header", timestamp, headers.get("x-amz-security-token"), None, words)
    if "X-Amz-Signature" in query:
        fields = {name.removeprefix("X-Amz-"): value for name, value in query.items()}
        expires = query.get("X-Amz-Expires", "900")
        lifetime = timedelta(seconds=int(expires) if expires.isdecimal() and len(expires) < 8 else 0)
        timestamp = query.get("X-Amz-Date", "")
        return _complete_signature(
            fields, "AWS query-string parameters", timestamp, query.get("X-Amz-Security-Token"), lifetime, words
        )
    raise _error(words.missing[:2], words.missing[2])


def _complete_signature(
    fields: Mapping[str, str],
    source: str,
    timestamp: str,
    token: str | None,
    lifetime: timedelta | None,
    words: AuthenticationErrors,
) -> _RequestSignature:
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not fields.get(name):
            raise _error(words.incomplete, f"{source} requires '{name}' parameter.")
    if sigv4.parse_timestamp(timestamp) is None:
        text = f"Date must be in ISO-8601 'basic format'. Got '{timestamp}'. See http://en.wikipedia.org/wiki/ISO_8601"
        raise _error(words.incomplete, text)
    return _RequestSignature(fields["Credential"], fields["SignedHeaders"], fields["Signature"], timestamp, token, lifetime)


def _caller_of_key(context: ServiceContext, access_key: str, token: str | None, words: AuthenticationErrors) -> Caller:
    caller = context.fake.accounts.caller(access_key)
    if caller is None or (caller.session_token is not None and token is None):
        raise _error(words.unknown, _INVALID_TOKEN)
    if caller.secret is None:  # nobody's secret: any token is as good as the key
        return caller
    if token is not None and (caller.session_token is None or not signatures_equal(caller.session_token, token)):
        raise _error(words.unknown, _INVALID_TOKEN)
    if caller.expires is not None and context.fake.clock.now() >= caller.expires:
        raise _error(words.expired, "The security token included in the request is expired")
    return caller


def _check_scope(
    scope: Scope, terminator: str, service: str, region: str | None, claim: _RequestSignature, words: AuthenticationErrors
) -> None:
    problems = ""
    if region is not None and scope.region != region:
        problems = "Credential should be scoped to a valid region. "
    if scope.service != service:
        problems += f"Credential should be scoped to correct service: '{service}'. "
    if terminator != "aws4_request":
        problems += f"Credential should be scoped with a valid terminator: 'aws4_request', not '{terminator}'. "
    if scope.date != claim.timestamp[:8]:
        problems += f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{scope.date}'. "
    if problems:
        raise _error(words.mismatch, problems.rstrip())


def _check_time(context: ServiceContext, claim: _RequestSignature, words: AuthenticationErrors) -> None:
    """As S3's: the fake's clock must agree with the client's, or the machine's (`Clock.machine`, `Clock.readings`)."""
    signed = sigv4.parse_timestamp(claim.timestamp)
    assert signed is not None
    clock = context.fake.clock
    now, oldest = clock.now(), _SKEW if claim.lifetime is None else claim.lifetime
    if claim.lifetime is None:
        ages = [time - signed for time in (now, clock.machine())]
    else:
        ages = [now - reading for reading in clock.readings(signed)]
    if any(-_SKEW <= span <= oldest for span in ages):
        return
    sent, current = claim.timestamp, _basic(now)
    if signed > now:
        text = f"Signature not yet current: {sent} is still later than {_basic(now + _SKEW)} ({current} + 15 min.)"
    else:
        text = f"Signature expired: {sent} is now earlier than {_basic(now - oldest)} ({current} - {_minutes(oldest)})"
    raise _error(words.mismatch, text)


def _basic(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _minutes(span: timedelta) -> str:
    return f"{span // timedelta(minutes=1)} min."


def _check_signature(
    context: ServiceContext, claim: _RequestSignature, scope: Scope, secret: str, words: AuthenticationErrors
) -> None:
    request = context.request
    digest = sha256(request.payload.data, usedforsecurity=False).hexdigest()
    excluded = None if claim.lifetime is None else "X-Amz-Signature"
    canonical = sigv4.canonical_request(request, claim.signed, digest, excluded)
    text = f"{ALGORITHM}\n{claim.timestamp}\n{scope.text}\n{sha256(wire_bytes(canonical)).hexdigest()}"
    key = signing_key(secret, scope.date, scope.region, scope.service)
    if "host" not in claim.signed.split(";") or not signatures_equal(signature(key, text), claim.signature):
        raise _error(words.mismatch, _MISMATCH)

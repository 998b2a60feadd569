"""Credentials of the sessions of directory buckets: issues them for CreateSession, and authenticates requests signed with them.

A session is stored in its token only, sealed with a constant key. botocore's clients cache a session for five minutes, and a
client can outlive a fake, so the next fake in the process must accept the sessions of the previous one. The key is no secret.
"""

from __future__ import annotations

import hmac
import json
import re
from base64 import b32encode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from hashlib import sha256
from typing import Any

from ..clock import Clock, later
from ..errors import S3Error
from ..message import Request
from ..protocol.address import Address
from ..protocol.aws_hosts import DIRECTORY_CONTROL, GENERAL
from .callers import Caller
from .environment import AuthEnvironment
from .sessions import ExpressSession
from .signatures.sigv4 import parse_timestamp

LIFETIME = timedelta(minutes=5)
SERVICE = "s3express"
"""The service in the credential scope of requests to directory buckets."""

_SEALING_KEY = b"sessions of the directory buckets of fakes3part"
_SEAL_SIZE = 16
_SCOPE = re.compile(r"[^/]+/\d+/[^/]+/([^/]+)/aws4_request", re.ASCII)


@dataclass(frozen=True)
class SessionCredentials:
    """The credentials of a session, as CreateSession returns them."""

    access_key: str
    secret: str
    token: str


def issue_credentials(session: ExpressSession) -> SessionCredentials:
    """Return the credentials of a session."""
    text = json.dumps(asdict(session), separators=(",", ":")).encode()
    return _derive_credentials(urlsafe_b64encode(_seal(text) + text).decode())


def _seal(text: bytes) -> bytes:
    return hmac.digest(_SEALING_KEY, text, sha256)[:_SEAL_SIZE]


def _derive_credentials(token: str) -> SessionCredentials:
    access_key = "ASIA" + b32encode(hmac.digest(_SEALING_KEY, f"key of {token}".encode(), sha256)).decode()[:16]
    return SessionCredentials(
        access_key, b64encode(hmac.digest(_SEALING_KEY, f"secret of {token}".encode(), sha256)).decode()[:40], token
    )


@lru_cache(maxsize=256)
def parse_token(token: str) -> tuple[ExpressSession, SessionCredentials] | None:
    """Return the session and the credentials of a token; None if the token is not one of `issue_credentials`."""
    try:
        raw = urlsafe_b64decode(token.encode())
    except ValueError:
        return None
    text = raw[_SEAL_SIZE:]
    if not hmac.compare_digest(raw[:_SEAL_SIZE], _seal(text)):
        return None
    return ExpressSession(**json.loads(text)), _derive_credentials(token)


def authenticate_session(environment: AuthEnvironment, access_key: str, token: str, address: Address) -> Caller:
    """Return the caller of a request that is signed with a session's credentials.

    Raises:
        S3Error: InvalidToken, ExpiredToken, InvalidAccessKeyId at an endpoint that takes no sessions, AccessDenied for another
            bucket.
    """
    extras: dict[str, Any] = {"Token-0": token}
    session_and_credentials = parse_token(token)
    if session_and_credentials is None or session_and_credentials[1].access_key != access_key:
        raise S3Error("InvalidToken", **extras)
    session, credentials = session_and_credentials
    if address.endpoint.kind is DIRECTORY_CONTROL or (address.endpoint.kind is GENERAL and address.endpoint.suffix is not None):
        raise S3Error("InvalidAccessKeyId", AWSAccessKeyId=access_key)
    if environment.clock.now() >= datetime.fromtimestamp(session.expires, timezone.utc):
        raise S3Error("ExpiredToken", **extras)
    owner = environment.accounts.caller(session.owner_key)
    if owner is None:
        raise S3Error("InvalidToken", **extras)
    if address.bucket != session.bucket:
        raise S3Error("AccessDenied")
    if session.origin != environment.ids.seed:
        session = replace(session, mode="")
    return replace(owner, access_key=access_key, secret=credentials.secret, session_token=None, expires=None, express=session)


def client_expiration(expires: datetime, clock: Clock, request: Request) -> datetime:
    """Return the expiration to send to the client.

    Once a test controls the fake's clock it is based on the time at which the client signed: the client compares it with its own
    clock.
    """
    signed = parse_timestamp(request.headers.get("x-amz-date", "")) if clock.is_controlled else None
    return expires if signed is None else later(signed, LIFETIME)


def signed_service(request: Request, query: Mapping[str, str]) -> str | None:
    """Return the service in the request's credential scope; None if the request has no credential scope."""
    authorization = request.headers.get("authorization")
    credential = query.get("X-Amz-Credential", "") if authorization is None else authorization
    match = _SCOPE.search(credential)
    return None if match is None else match[1]

"""Authenticates a request: selects the signature scheme, returns the caller.

Syntax, dates that must agree and expiry are always checked. The signature, the clock skew, the region and unsigned headers are
checked only where the secret of the access key is known: it was added, or it is the fake's own (`own_credentials`).

Sources: "Authenticating Requests (AWS Signature Version 4)" in the S3 API reference. The errors for a wrong region, for unsigned
headers, missing query parameters, a malformed credential in the query and an expired URL are recorded from AWS, February 2026;
RequestTimeTooSkewed in September 2025. The texts of the other errors are those of versitygw, assumed: not recorded from AWS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..errors import S3Error, invalid_argument
from ..leniences import LenientRequest, allow
from ..message import Request
from ..protocol import payload_hash
from ..protocol.address import Address
from ..protocol.query import SIGNATURE_PARAMETERS
from ..rules.regions import region_of
from .access_point_address import find_access_point
from .callers import ANONYMOUS, Caller
from .environment import AuthEnvironment
from .own_credentials import ACCESS_KEY, is_wrong_token, secret_of, verify
from .signatures import presigned_url, sigv2, sigv4
from .signatures.crypto import ALGORITHM, ChunkSignatureVerifier, Scope, signatures_equal
from .signing_region import follows_signature, wrong_region_error

SESSION_TOKEN = "x-amz-s3session-token"
"""The header that holds the token of a session of a directory bucket."""

SESSION_PARAMETER = "X-Amz-S3session-Token"
"""The query parameter of presigned URLs that holds it."""

_SECURITY_TOKEN = "x-amz-security-token"
_PRESIGNED = SIGNATURE_PARAMETERS - {"X-Amz-Signature"}
"""A lone X-Amz-Signature is no credential at all, nor is an empty Authorization (recorded from AWS, September 2026)."""
_TEMPORARY_KEY = re.compile(r"ASIA[A-Z0-9]{16}", re.ASCII)


def authenticate(environment: AuthEnvironment, request: Request, query: Mapping[str, str], address: Address) -> Caller:
    """Return the caller of a request.

    Args:
        request: its headers must be those that were sent, without headers moved from the query.

    Raises:
        S3Error: InvalidArgument, AuthorizationHeaderMalformed, AuthorizationQueryParametersError, AccessDenied, InvalidRequest,
            RequestTimeTooSkewed, InvalidAccessKeyId, InvalidToken, ExpiredToken or SignatureDoesNotMatch.
    """
    authorization = request.headers.get("authorization") or None
    if query:
        if not _PRESIGNED.isdisjoint(query):
            _check_single_mechanism(authorization)
            if query.get("X-Amz-Algorithm") == sigv4.SIGV4A_ALGORITHM:
                return _by_sigv4a_url(environment, request, query, address)
            return _by_sigv4_url(environment, request, query, address)
        if not sigv2.PARAMETERS.isdisjoint(query):
            _check_single_mechanism(authorization)
            return _by_sigv2_url(environment, request, query, address)
    if authorization is None:
        return ANONYMOUS
    signing, _, signature = authorization.rpartition(", Signature=")
    remembered = environment.accounts.unverified_callers.get(signing)
    if remembered is not None and _is_plain(request, remembered.date) and signature.isalnum():
        return remembered.caller
    scheme, space, _ = authorization.partition(" ")
    if not space:
        text = "Authorization header is invalid -- one and only one ' ' (space) required."
        raise invalid_argument(text, "Authorization", authorization)
    if scheme == ALGORITHM:
        return _by_sigv4_header(environment, request, authorization, address)
    if scheme == "AWS":
        return _by_sigv2_header(environment, request, query, authorization, address)
    if scheme == sigv4.SIGV4A_ALGORITHM:
        return _by_sigv4a_header(environment, request, authorization, address)
    raise invalid_argument("Unsupported Authorization Type", "Authorization", authorization)


def _is_plain(request: Request, date: str) -> bool:
    """Return whether nothing but its signature, which is scoped to this date, could be wrong with a request of this process."""
    headers = request.headers
    timestamp = headers.get("x-amz-date", "")
    return (
        timestamp[:8] == date
        and sigv4.parse_timestamp(timestamp) is not None
        and headers.get(payload_hash.HEADER) in payload_hash.KEYWORDS
        and SESSION_TOKEN not in headers
        and not request.is_received
    )


def _check_single_mechanism(authorization: str | None) -> None:
    if authorization is not None:
        text = (
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter "
            "or the Authorization header should be specified"
        )
        raise invalid_argument(text, "Authorization", authorization)


def _by_sigv4_header(environment: AuthEnvironment, request: Request, authorization: str, address: Address) -> Caller:
    headers = request.headers
    parameters = sigv4.parse_header(headers, authorization)
    if SESSION_TOKEN in headers:
        caller = _caller_of_session(environment, parameters.scope.access_key, headers[SESSION_TOKEN], address)
    else:
        caller = caller_of_key(environment, request, parameters.scope.access_key, headers.get(_SECURITY_TOKEN))
    if caller.secret is None and request.is_received:
        verify(request, caller, lambda secret: _check_sigv4_header(environment, request, parameters, secret, address))
    else:
        _check_sigv4_header(environment, request, parameters, caller.secret, address)
        signing = authorization.rpartition(", Signature=")[0]
        if _is_unverified(caller, signing) and SESSION_TOKEN not in headers:
            environment.accounts.remember_unverified(signing, caller, parameters.scope.date)
    return caller


def _caller_of_session(environment: AuthEnvironment, access_key: str, token: str, address: Address) -> Caller:
    """Return the caller of a request that is signed with the credentials of a session of a directory bucket."""
    from .express_sessions import authenticate_session

    return authenticate_session(environment, access_key, token, address)


def _check_sigv4_header(
    environment: AuthEnvironment, request: Request, parameters: sigv4.SigV4Parameters, secret: str | None, address: Address
) -> None:
    """Verify what a header signs; ``secret`` None: it is unknown, and only the syntax is checked."""
    headers = request.headers
    if secret is not None:
        sigv4.check_skew(parameters.timestamp, environment.clock, headers.get("x-amz-date") or headers["date"])
        expected = _expected_region(environment, parameters.scope, address)
        if expected is not None:
            raise wrong_region_error(request, parameters.scope.region, expected)
    if not parameters.timestamp.startswith(parameters.scope.date):
        raise sigv4.malformed_header_error("Invalid credential date. Date is not the same as X-Amz-Date.")
    payload_hash.check_syntax(headers)
    if secret is not None:
        sigv4.check_all_signed(headers, parameters.signed_headers)
        sigv4.check_signature(request, parameters, secret, headers[payload_hash.HEADER])


def _is_unverified(caller: Caller, signing: str) -> bool:
    """Return whether all requests of a caller with the same Authorization header, but for the signature, are accepted as his."""
    key = caller.access_key or ""
    depends_on_token = _is_temporary(key) or (key == ACCESS_KEY and _SECURITY_TOKEN in signing)
    return caller.secret is None and not depends_on_token and sigv4.parse_usual(signing) is not None


def _by_sigv4a_header(environment: AuthEnvironment, request: Request, authorization: str, address: Address) -> Caller:
    from .signatures import sigv4a

    headers = request.headers
    parameters = sigv4a.parse_header(headers, authorization)
    caller = caller_of_key(environment, request, parameters.access_key, headers.get(_SECURITY_TOKEN))
    payload_hash.check_syntax(headers)

    def check(secret: str | None) -> None:
        if secret is not None:
            sigv4.check_skew(parameters.timestamp, environment.clock, headers.get("x-amz-date") or headers["date"])
            _check_region_set(environment, request, parameters.region_set, address)
            sigv4.check_all_signed(headers, parameters.signed_headers)
            sigv4a.check_signature(request, parameters, secret, headers[payload_hash.HEADER])

    _verify_header(request, caller, check)
    return caller


def _verify_header(request: Request, caller: Caller, check: Callable[[str | None], None]) -> None:
    """Verify a signature in the headers; one by the fake's own key only if the request came over HTTP."""
    if request.is_received:
        verify(request, caller, check)
    else:
        check(caller.secret)


def _check_region_set(environment: AuthEnvironment, request: Request, regions: str, address: Address) -> None:
    """Raise unless the region set of a SigV4A signature includes the endpoint's region."""
    from .signatures import sigv4a

    region = address.endpoint.region or environment.settings.region
    if not follows_signature(environment, address.endpoint) and not sigv4a.region_set_includes(regions, region):
        raise wrong_region_error(request, regions, region)


def _by_sigv4a_url(environment: AuthEnvironment, request: Request, query: Mapping[str, str], address: Address) -> Caller:
    from .signatures import sigv4a

    parameters = sigv4a.parse_query(query, environment.clock)
    caller = caller_of_key(environment, request, parameters.access_key, query.get(presigned_url.TOKEN))

    def check(secret: str | None) -> None:
        if secret is not None:
            _check_region_set(environment, request, parameters.region_set, address)
        presigned_url.check_query_signature(request, query, parameters, secret, sigv4a.check_signature)

    verify(request, caller, check)
    return caller


def _by_sigv4_url(environment: AuthEnvironment, request: Request, query: Mapping[str, str], address: Address) -> Caller:
    parameters = presigned_url.parse_query(query, environment.clock)
    if SESSION_PARAMETER in query:
        caller = _caller_of_session(environment, parameters.scope.access_key, query[SESSION_PARAMETER], address)
    else:
        caller = caller_of_key(environment, request, parameters.scope.access_key, query.get(presigned_url.TOKEN))

    def check(secret: str | None) -> None:
        if secret is not None:
            expected = _expected_region(environment, parameters.scope, address)
            if expected is not None:
                raise wrong_region_error(request, parameters.scope.region, expected)
        presigned_url.check_query_signature(request, query, parameters, secret, sigv4.check_signature)

    verify(request, caller, check)
    return caller


def _by_sigv2_header(
    environment: AuthEnvironment, request: Request, query: Mapping[str, str], authorization: str, address: Address
) -> Caller:
    sigv2.check_sigv2_region(_sigv2_region(environment, address))
    headers = request.headers
    parameters = sigv2.parse_header(headers, authorization)
    caller = caller_of_key(environment, request, parameters.access_key, headers.get(_SECURITY_TOKEN))

    def check(secret: str | None) -> None:
        if secret is not None:
            sigv2.check_date(headers, environment.clock)
            sigv2.check_signature(request, query, address.endpoint.bucket, parameters, secret)

    _verify_header(request, caller, check)
    return caller


def _by_sigv2_url(environment: AuthEnvironment, request: Request, query: Mapping[str, str], address: Address) -> Caller:
    sigv2.check_sigv2_region(_sigv2_region(environment, address))
    now = environment.clock.now()
    parameters = sigv2.parse_query(query, now)
    caller = caller_of_key(
        environment, request, parameters.access_key, query.get(_SECURITY_TOKEN) or request.headers.get(_SECURITY_TOKEN), now
    )

    def check(secret: str | None) -> None:
        if secret is not None:
            sigv2.check_signature(request, query, address.endpoint.bucket, parameters, secret)

    verify(request, caller, check)
    return caller


def _sigv2_region(environment: AuthEnvironment, address: Address) -> str:
    """Return the region that decides whether SigV2 is accepted: the host's, or else the bucket's, or else the configured one."""
    if address.endpoint.region is not None:
        return address.endpoint.region
    bucket = environment.store.get(address.bucket) if address.bucket is not None else None
    return region_of(bucket) if bucket is not None else environment.settings.region


def caller_of_key(
    environment: AuthEnvironment, request: LenientRequest, access_key: str, token: str | None, now: datetime | None = None
) -> Caller:
    """Return the caller that an access key belongs to.

    Args:
        token: the session token of the request; None: it has none.
        now: the time of the request; None: the clock is read where it is needed.

    Raises:
        S3Error: InvalidAccessKeyId, and what `check_token` raises. (A key with an unknown secret is accepted with any token, the
            fake's own without one, or with the ``testing`` that suites write.)
    """
    caller = environment.accounts.caller(access_key)
    if caller is None:
        raise _unknown_key(access_key)
    if caller.secret is not None:
        check_token(caller, token, now or environment.clock.now())
    elif token is None:
        if _is_temporary(access_key) and not allow(request, "credentials"):
            raise _unknown_key(access_key)
    elif is_wrong_token(request, access_key, token):
        raise _invalid_token(token)
    return caller


def _is_temporary(access_key: str) -> bool:
    return access_key.startswith("ASIA") and _TEMPORARY_KEY.fullmatch(access_key) is not None


def _unknown_key(access_key: str | None) -> S3Error:
    return S3Error("InvalidAccessKeyId", AWSAccessKeyId=access_key)


def check_token(caller: Caller, token: str | None, now: datetime) -> None:
    """Raise unless the session token fits the key: none for a long-term key, the key's unexpired token for a temporary one.

    Raises:
        S3Error: InvalidAccessKeyId without the token, InvalidToken, ExpiredToken.
    """
    expected = caller.session_token
    if expected is None and token is None:
        return
    if token is None:
        raise _unknown_key(caller.access_key)
    if expected is None or not signatures_equal(expected, token):
        raise _invalid_token(token)
    if caller.expires is not None and now >= caller.expires:
        extras: dict[str, Any] = {"Token-0": token}
        raise S3Error("ExpiredToken", **extras)


def _invalid_token(token: str) -> S3Error:
    extras: dict[str, Any] = {"Token-0": token}
    return S3Error("InvalidToken", **extras)


def _expected_region(environment: AuthEnvironment, scope: Scope, address: Address) -> str | None:
    """Return the region that the request should have been signed for; None if it was.

    The bucket's region is accepted at every endpoint that serves the bucket: DNS resolves names at the global host to it.
    """
    if follows_signature(environment, address.endpoint):
        return None
    expected = address.endpoint.region or environment.settings.region
    if scope.region == expected or environment.settings.strict_regions is False:
        return None
    bucket = environment.store.get(address.bucket) if address.bucket is not None else None
    if bucket is None:
        access_point = find_access_point(environment.store, address)
        return expected if access_point is None or scope.region != access_point.region else None
    bucket_region = region_of(bucket)
    if scope.region == bucket_region:
        return None
    return bucket_region if address.endpoint.is_global and address.endpoint.bucket is not None else expected


def chunk_verifier(request: Request, caller: Caller) -> ChunkSignatureVerifier | None:
    """Return the verifier of the signed chunks of an authenticated request's body.

    Returns:
        None if the chunks are not signed, or the caller's secret is unknown.
    """
    headers = request.headers
    authorization = headers.get("authorization")
    secret = secret_of(caller) if request.is_received else caller.secret
    if secret is None or authorization is None or headers.get(payload_hash.HEADER) not in payload_hash.STREAMING_SIGNED:
        return None
    parameters = sigv4.parse_header(headers, authorization)
    return ChunkSignatureVerifier(parameters.scope, secret, parameters.timestamp, parameters.signature)

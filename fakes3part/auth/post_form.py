"""Authenticates a posted form (POST Object): SigV4 or SigV2 in its fields, over the base64 of the policy.

Source: "Browser-Based Uploads Using POST (AWS Signature Version 4)" in the S3 API reference; the errors for missing fields and a
wrong signature are recorded from AWS, February 2026.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import S3Error, invalid_argument
from ..leniences import LenientRequest
from ..protocol.aws_hosts import Endpoint
from ..protocol.multipart_form import missing_field
from ..rules.regions import region_of
from .authenticate import caller_of_key
from .callers import ANONYMOUS, Caller
from .environment import AuthEnvironment
from .own_credentials import verify
from .signatures import sigv2
from .signatures.crypto import ALGORITHM, Scope, signature, signature_mismatch_error, signatures_equal, signing_key
from .signatures.sigv4 import MalformedCredentialError, parse_credential, parse_timestamp
from .signing_region import checked_region

if TYPE_CHECKING:
    from ..state.bucket import Bucket

Fields = Mapping[str, str]

SIGV4_FIELDS = ("X-Amz-Signature", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date")
SIGV2_FIELDS = ("Signature", "AWSAccessKeyId")
_SECURITY_TOKEN = "x-amz-security-token"


def form_region(fields: Fields) -> str | None:
    """Return the region that a form is signed for; None if it has no SigV4 signature, or the region is malformed."""
    parts = fields.get("x-amz-credential", "").split("/")
    return checked_region(parts[2]) if len(parts) == 5 else None


def authenticate_form(
    environment: AuthEnvironment, request: LenientRequest, fields: Fields, bucket: Bucket, endpoint: Endpoint, region: str
) -> Caller:
    """Return the caller of a form; anonymous if it has no field of a signature.

    The signature is verified if the secret of the access key is known.

    Args:
        endpoint: where it was posted.
        region: of the endpoint; where its host names none, the one in the signature.

    Raises:
        S3Error: InvalidArgument for a field that is missing or malformed, InvalidAccessKeyId, InvalidToken, ExpiredToken,
            SignatureDoesNotMatch.
    """
    if _is_signed(fields, SIGV4_FIELDS):
        return _by_sigv4(environment, request, fields, {region, region_of(bucket)}, region)
    if _is_signed(fields, SIGV2_FIELDS):
        sigv2.check_sigv2_region(endpoint.region or region_of(bucket))
        return _by_sigv2(environment, request, fields)
    return ANONYMOUS


def _is_signed(fields: Fields, scheme: tuple[str, ...]) -> bool:
    """Return whether the form has the scheme's fields. Raise if it has only some of them."""
    if not any(name.lower() in fields for name in scheme):
        return False
    for name in (*scheme, "policy"):
        if name.lower() not in fields:
            raise missing_field(name)
    return True


def _by_sigv4(environment: AuthEnvironment, request: LenientRequest, fields: Fields, regions: set[str], region: str) -> Caller:
    algorithm, date = fields["x-amz-algorithm"], fields["x-amz-date"]
    if algorithm != ALGORITHM:
        raise invalid_argument(f"Only {ALGORITHM} is supported", "X-Amz-Algorithm", algorithm)
    if parse_timestamp(date) is None:
        raise invalid_argument("X-Amz-Date must be formated via ISO8601 Long format", "X-Amz-Date", date)
    scope = _parse_scope(fields["x-amz-credential"], date)
    caller = caller_of_key(environment, request, scope.access_key, fields.get(_SECURITY_TOKEN))

    def check(secret: str | None) -> None:
        if secret is None:
            return
        if scope.region not in regions:
            raise _credential_error(f'the region "{scope.region}" is wrong; expecting "{region}"', fields["x-amz-credential"])
        key = signing_key(secret, scope.date, scope.region, scope.service)
        _check_signature(scope.access_key, fields["policy"], fields["x-amz-signature"], signature(key, fields["policy"]))

    verify(request, caller, check)
    return caller


def _parse_scope(credential: str, date: str) -> Scope:
    try:
        scope = parse_credential(credential)
    except MalformedCredentialError as error:
        raise _credential_error(str(error), credential) from None
    if scope.date != date[:8]:
        text = f'Invalid credential date "{scope.date}". This date is not the same as X-Amz-Date: "{date[:8]}".'
        raise invalid_argument(text, "X-Amz-Credential", credential)
    return scope


def _credential_error(detail: str, credential: str) -> S3Error:
    text = f"Error parsing the X-Amz-Credential parameter; {detail}"
    return invalid_argument(text, "X-Amz-Credential", credential)


def _by_sigv2(environment: AuthEnvironment, request: LenientRequest, fields: Fields) -> Caller:
    access_key = fields["awsaccesskeyid"]
    if not access_key:
        raise S3Error("InvalidAccessKeyId", AWSAccessKeyId=access_key)
    caller = caller_of_key(environment, request, access_key, fields.get(_SECURITY_TOKEN))

    def check(secret: str | None) -> None:
        if secret is not None:
            digest = hmac.digest(secret.encode(), fields["policy"].encode(), "sha1")
            _check_signature(access_key, fields["policy"], fields["signature"], b64encode(digest).decode())

    verify(request, caller, check)
    return caller


def _check_signature(access_key: str, policy: str, provided: str, calculated: str) -> None:
    if not signatures_equal(provided, calculated):
        raise signature_mismatch_error(access_key, policy, provided)

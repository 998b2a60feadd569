"""Parses and verifies AWS Signature Version 4A: signed for a set of regions, with a key pair derived from the secret.

botocore with awscrt uses it for S3 on Outposts and multi-region access points. It differs from SigV4 in the algorithm, in a
credential without a region, and by ``x-amz-region-set``. Signed chunks are not supported.

Sources: the AWS SDKs and Tools reference guide, and awscrt, whose signatures the tests verify.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from hashlib import sha256
from typing import NamedTuple

from ...clock import Clock
from ...message import Request
from . import p256, presigned_url
from .crypto import signature_mismatch_error, wire_bytes
from .sigv4 import SERVICES, SIGV4A_ALGORITHM, canonical_request, malformed_header_error, parse_timestamp, request_timestamp

Verifier = Callable[[bytes, bytes], bool]
"""Returns whether the second argument, a signature in DER, is that of the first, a message."""

REGION_SET = "x-amz-region-set"
_HEADER = re.compile(r"AWS4-ECDSA-P256-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-fA-F]+)")
_EXPECTED_FORM = "<YOUR-AKID>/YYYYMMDD/SERVICE/aws4_request"


class SigV4aParameters(NamedTuple):
    """The signature parameters of a request.

    Attributes:
        scope: ``yyyymmdd/service/aws4_request``.
        region_set: regions separated by commas; they may have wildcards.
    """

    access_key: str
    scope: str
    timestamp: str
    signed_headers: str
    signature: str
    region_set: str


def parse_header(headers: Mapping[str, str], authorization: str) -> SigV4aParameters:
    """Parse ``Authorization: AWS4-ECDSA-P256-SHA256 ...`` and the date of the request.

    Raises:
        S3Error: AccessDenied without a date, AuthorizationHeaderMalformed.
    """
    timestamp = request_timestamp(headers)
    match = _HEADER.fullmatch(authorization)
    if match is None:
        raise malformed_header_error(
            "the authorization header requires three components: Credential, SignedHeaders, and Signature."
        )
    parameters = _parse_credential(match[1], timestamp, match[2], match[3], headers.get(REGION_SET))
    if isinstance(parameters, str):
        raise malformed_header_error(parameters)
    return parameters


def _parse_credential(
    credential: str, timestamp: str, signed: str, signature: str, regions: str | None
) -> SigV4aParameters | str:
    """Return the parameters, or the detail of the error. ``regions`` is the region set; None: it was not sent."""
    parts = credential.split("/")
    if len(parts) != 4 or not parts[0]:
        return f'the Credential is mal-formed; expecting "{_EXPECTED_FORM}".'
    access_key, date, service, terminal = parts
    if service not in SERVICES:
        return f'incorrect service "{service}". This endpoint belongs to "s3".'
    if terminal != "aws4_request":
        return f'incorrect terminal "{terminal}". This endpoint uses "aws4_request".'
    if parse_timestamp(f"{date}T000000Z") is None or not timestamp.startswith(date):
        return "Invalid credential date. Date is not the same as X-Amz-Date."
    if not regions:
        return f"missing {REGION_SET}."
    return SigV4aParameters(access_key, f"{date}/{service}/aws4_request", timestamp, signed, signature, regions)


def parse_query(query: Mapping[str, str], clock: Clock) -> SigV4aParameters:
    """Parse the signature parameters of a presigned URL.

    Raises:
        S3Error: AuthorizationQueryParametersError, or AccessDenied if it is not valid yet or has expired.
    """
    _, credential, provided, timestamp, signed, expires = presigned_url.required_parameters(query)
    parameters = _parse_credential(credential, timestamp, signed, provided, query.get("X-Amz-Region-Set"))
    if isinstance(parameters, str):
        raise presigned_url.credential_error(parameters)
    presigned_url.check_validity(timestamp, parameters.scope[:8], expires, clock)
    return parameters


def region_set_includes(regions: str, region: str) -> bool:
    """Return whether a region set (``*``, ``us-*``, ``us-east-1,eu-west-1``) includes the region."""
    return any(fnmatchcase(region, pattern.strip()) for pattern in regions.split(","))


@lru_cache(maxsize=256)
def public_key_of(access_key: str, secret: str) -> p256.Point:
    """Derive the public key of an access key and its secret."""
    for counter in range(1, 255):
        fixed = (
            b"\x00\x00\x00\x01"
            + SIGV4A_ALGORITHM.encode()
            + b"\x00"
            + access_key.encode()
            + bytes([counter])
            + b"\x00\x00\x01\x00"
        )
        candidate = int.from_bytes(hmac.digest(b"AWS4A" + secret.encode(), fixed, sha256), "big")
        if candidate <= p256.N - 2:
            return p256.public_key(candidate + 1)
    raise AssertionError


@lru_cache(maxsize=256)
def verifier_of(access_key: str, secret: str) -> Verifier:
    """Return the function that verifies signatures of an access key and its secret: awscrt's, or ours where that is missing."""
    key = public_key_of(access_key, secret)
    try:
        from awscrt.crypto import EC
    except ImportError:
        return partial(p256.is_valid, key)
    verify = EC.new_key_from_der_data(p256.encode_public_key(key)).verify
    return lambda message, signature: bool(verify(sha256(message).digest(), signature))


def check_signature(
    request: Request, parameters: SigV4aParameters, secret: str | None, payload_hash: str, excluded: str | None = None
) -> None:
    """Verify the signature; ``excluded`` is the query parameter that holds it, None: it is in a header.

    If ``secret`` is None, no signature is right.

    Raises:
        S3Error: SignatureDoesNotMatch.
    """
    canonical = canonical_request(request, parameters.signed_headers, payload_hash, excluded)
    text = f"{SIGV4A_ALGORITHM}\n{parameters.timestamp}\n{parameters.scope}\n{sha256(wire_bytes(canonical)).hexdigest()}"
    try:
        signature = bytes.fromhex(parameters.signature)
    except ValueError:
        signature = b""
    if secret is None or not verifier_of(parameters.access_key, secret)(text.encode(), signature):
        raise signature_mismatch_error(parameters.access_key, text, parameters.signature, canonical)

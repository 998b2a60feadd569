"""``x-amz-content-sha256``: how the body of a request is hashed, signed and framed.

The errors are those in versitygw's tests; none is recorded from AWS, except XAmzContentSHA256Mismatch (s3cmd's issue 812).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import S3Error, invalid_argument, not_implemented

HEADER = "x-amz-content-sha256"
UNSIGNED = "UNSIGNED-PAYLOAD"
STREAMING_UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
STREAMING_SIGNED = ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
STREAMING_ECDSA = ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER")
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""The SHA-256 of no bytes, in hex."""
STREAMING = (STREAMING_UNSIGNED, *STREAMING_SIGNED, *STREAMING_ECDSA)

KEYWORDS = frozenset({UNSIGNED, EMPTY_SHA256, *STREAMING})
"""Values that are right without a look at their syntax."""

_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


def check_syntax(headers: Mapping[str, str]) -> None:
    """Check the header of a request with SigV4 in the Authorization header: a keyword, or a SHA-256 in hex.

    Raises:
        S3Error: InvalidRequest if the header is missing, InvalidArgument if it is neither.
    """
    value = headers.get(HEADER)
    if value in KEYWORDS:
        return
    if value is None:
        raise S3Error("InvalidRequest", f"Missing required header for this request: {HEADER}")
    if not _SHA256.fullmatch(value):
        allowed = ", ".join((UNSIGNED, *STREAMING))
        raise invalid_argument(f"{HEADER} must be {allowed} or a valid sha256 value.", HEADER, value)


def check_streaming(headers: Mapping[str, str], *, streams: bool, anonymous: bool) -> None:
    """Check a ``STREAMING-`` value: it needs a streaming operation, and a caller who could have signed the chunks.

    With a presigned URL the header only says how the body is framed.

    Args:
        headers: of the request.
        streams: whether the body of the operation is the object's bytes.
        anonymous: whether the request is unsigned.

    Raises:
        S3Error: InvalidRequest; NotImplemented for SigV4A.
    """
    value = headers.get(HEADER)
    if value is None or not value.startswith("STREAMING-"):
        return
    if anonymous and value != STREAMING_UNSIGNED:
        raise S3Error(
            "InvalidRequest",
            f"Anonymous requests don't support this {HEADER} value. Please use {UNSIGNED} or {STREAMING_UNSIGNED}.",
        )
    if not streams and (anonymous or "authorization" in headers):
        raise S3Error("InvalidRequest", f"The value of {HEADER} header is invalid.")
    if value in STREAMING_ECDSA:
        raise not_implemented("SigV4A", value)

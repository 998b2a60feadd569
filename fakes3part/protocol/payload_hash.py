"""``x-amz-content-sha256``: how a request says in which way its body was signed (facts 20.2)."""

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

_WORDS = frozenset({UNSIGNED, EMPTY_SHA256, *STREAMING})
_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


def check_syntax(headers: Mapping[str, str]) -> None:
    """What SigV4 in the Authorization header demands: one of the words, or a SHA-256 in hex.

    Raises:
        S3Error: InvalidRequest when the header is missing, InvalidArgument when it is neither.
    """
    claimed = headers.get(HEADER)
    if claimed in _WORDS:
        return
    if claimed is None:
        raise S3Error("InvalidRequest", f"Missing required header for this request: {HEADER}")
    if not _SHA256.fullmatch(claimed):
        allowed = ", ".join((UNSIGNED, *STREAMING))
        raise invalid_argument(f"{HEADER} must be {allowed} or a valid sha256 value.", HEADER, claimed)


def check_streaming(headers: Mapping[str, str], *, streams: bool, anonymous: bool) -> None:
    """A ``STREAMING-`` value needs an operation that ``streams``, and a caller who could have signed the chunks.

    In the request of a presigned URL the header means nothing, save how the body is framed.

    Raises:
        S3Error: InvalidRequest; NotImplemented for SigV4A.
    """
    claimed = headers.get(HEADER)
    if claimed is None or not claimed.startswith("STREAMING-"):
        return
    if anonymous and claimed != STREAMING_UNSIGNED:
        raise S3Error(
            "InvalidRequest",
            f"Anonymous requests don't support this {HEADER} value. Please use {UNSIGNED} or {STREAMING_UNSIGNED}.",
        )
    if not streams and (anonymous or "authorization" in headers):
        raise S3Error("InvalidRequest", f"The value of {HEADER} header is invalid.")
    if claimed in STREAMING_ECDSA:
        raise not_implemented("SigV4A", claimed)

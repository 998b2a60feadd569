"""Signing keys and signatures of AWS Signature Version 4, chunk signatures, and the error of a wrong signature."""

from __future__ import annotations

import hmac
import re
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from ...errors import S3Error
from ...protocol.payload_hash import EMPTY_SHA256

ALGORITHM = "AWS4-HMAC-SHA256"
_CUSTOMER_KEY = re.compile(r"(server-side-encryption-customer-key[:=])[^\n&]+", re.IGNORECASE)


def wire_bytes(text: str) -> bytes:
    """Return the bytes of header or query text, in which each character is one byte (see `message`).

    Text with other characters did not come over the network; it is encoded as UTF-8.
    """
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), sha256)


@lru_cache(maxsize=256)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """Return the signing key of a date (``yyyymmdd``), region and service."""
    return _hmac(_hmac(_hmac(_hmac(f"AWS4{secret}".encode(), date), region), service), "aws4_request")


def signature(key: bytes, string_to_sign: str) -> str:
    """Return the signature in hex."""
    return _hmac(key, string_to_sign).hex()


def signatures_equal(first: str, second: str) -> bool:
    """Return whether two signatures are equal, in constant time."""
    if first.isascii() and second.isascii():
        return hmac.compare_digest(first, second)
    return hmac.compare_digest(first.encode("utf-8", "surrogatepass"), second.encode("utf-8", "surrogatepass"))


def _hex_bytes(text: str) -> str:
    return wire_bytes(text).hex(" ")


def _redacted(text: str) -> str:
    """Return the text without the SSE-C key, a signed header that must not appear in responses or logs."""
    return _CUSTOMER_KEY.sub(r"\1***", text)


def signature_mismatch_error(access_key: str, string_to_sign: str, provided: str, canonical: str | None = None) -> S3Error:
    """Return SignatureDoesNotMatch with the elements in which S3 shows its own calculation.

    ``canonical`` is the canonical request; None for a scheme without one (SigV2, POST forms, chunks).
    """
    string_to_sign = _redacted(string_to_sign)
    extras: dict[str, Any] = {
        "AWSAccessKeyId": access_key,
        "StringToSign": string_to_sign,
        "SignatureProvided": provided,
        "StringToSignBytes": _hex_bytes(string_to_sign),
    }
    if canonical is not None:
        canonical = _redacted(canonical)
        extras |= {"CanonicalRequest": canonical, "CanonicalRequestBytes": _hex_bytes(canonical)}
    return S3Error("SignatureDoesNotMatch", **extras)


class Scope(NamedTuple):
    """A credential: an access key and its scope."""

    access_key: str
    date: str
    region: str
    service: str

    @property
    def text(self) -> str:
        """The credential scope of the string to sign."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


class ChunkSignatureVerifier:
    """Verifies the chunk signatures of one aws-chunked body.

    Each signature covers the previous one; the first covers the request's own. Source: "Signature calculations for the
    Authorization header: transferring payload in multiple chunks" in the S3 API reference.
    """

    def __init__(self, scope: Scope, secret: str, timestamp: str, seed: str) -> None:
        self._scope = scope
        self._key = signing_key(secret, scope.date, scope.region, scope.service)
        self._timestamp = timestamp
        self._previous = seed

    def check_chunk(self, data: bytes | memoryview, provided: str) -> None:
        """Verify the next chunk. The last chunk has no data.

        Raises:
            S3Error: SignatureDoesNotMatch.
        """
        self._check("PAYLOAD", f"{EMPTY_SHA256}\n{sha256(data).hexdigest()}", provided)

    def check_trailers(self, canonical: bytes, provided: str) -> None:
        """Verify the trailers (``name:value\\n`` each) after the last chunk. Raises as `check_chunk`."""
        self._check("TRAILER", sha256(canonical).hexdigest(), provided)

    def _check(self, kind: str, hashes: str, provided: str) -> None:
        text = f"AWS4-HMAC-SHA256-{kind}\n{self._timestamp}\n{self._scope.text}\n{self._previous}\n{hashes}"
        expected = signature(self._key, text)
        if not signatures_equal(expected, provided):
            raise signature_mismatch_error(self._scope.access_key, text, provided)
        self._previous = expected

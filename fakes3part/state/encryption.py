"""How objects and uploads are encrypted (nothing really is: what counts is what answers say and which key opens it)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

AES256, KMS, DSSE = "AES256", "aws:kms", "aws:kms:dsse"
"""The values of ``x-amz-server-side-encryption`` that a request may carry."""

SSE_C = "SSE-C"
"""The name that ``BlockedEncryptionTypes`` has for the client's own keys."""


@dataclass(frozen=True, slots=True)
class CustomerKey:
    """What is kept of the key of SSE-C: its MD5, which answers show, and a salted digest to know the key again by."""

    md5: str
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, key: bytes, md5: str, salt: bytes) -> CustomerKey:
        return cls(md5, salt, hmac.digest(salt, key, sha256))

    def is_of(self, key: bytes) -> bool:
        return hmac.compare_digest(self.digest, hmac.digest(self.salt, key, sha256))


@dataclass(frozen=True, slots=True)
class Encryption:
    """The encryption of an object or upload.

    ``algorithm`` is None for a customer's key (SSE-C); ``key_arn`` is the KMS key, None for other methods. ``response_members``
    are the members of responses: those of `sse_kms`, `sse_c`, or ``ServerSideEncryption`` alone. They are never changed; they are
    a plain dict because every response unpacks them.
    """

    algorithm: str | None
    response_members: Mapping[str, Any]
    key_arn: str | None = None
    customer: CustomerKey | None = None
    opaque: bool = False
    """ETags are random: in a directory bucket."""

    @property
    def has_md5_etag(self) -> bool:
        """Whether an ETag is the MD5 of the content: only under SSE-S3."""
        return self.algorithm == AES256 and not self.opaque


SSE_S3 = Encryption(AES256, {"ServerSideEncryption": AES256})
"""What S3 does when nobody asks for anything else, since January 2023."""

EXPRESS_SSE_S3 = Encryption(AES256, SSE_S3.response_members, opaque=True)
"""The same in a directory bucket."""


def sse_kms(algorithm: str, key_arn: str, *, bucket_key: bool = False) -> Encryption:
    """SSE-KMS or DSSE-KMS. Answers have ``BucketKeyEnabled`` only where it is on; DSSE-KMS knows no bucket keys."""
    shown: dict[str, Any] = {"ServerSideEncryption": algorithm, "SSEKMSKeyId": key_arn}
    if bucket_key and algorithm == KMS:
        shown["BucketKeyEnabled"] = True
    return Encryption(algorithm, shown, key_arn)


def sse_c(customer: CustomerKey) -> Encryption:
    shown = {"SSECustomerAlgorithm": AES256, "SSECustomerKeyMD5": customer.md5}
    return Encryption(None, shown, customer=customer)


@dataclass(frozen=True, slots=True)
class BucketEncryption:
    """What PutBucketEncryption gave a bucket. ``key_id`` is as given (id, alias or ARN): resolved at each upload.

    ``blocked``: the ``EncryptionType`` list of BlockedEncryptionTypes; None where the element was not there.
    """

    algorithm: str = AES256
    key_id: str | None = None
    bucket_key: bool = False
    blocked: tuple[str, ...] | None = None

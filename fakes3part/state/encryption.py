"""The encryption of objects and uploads. (Nothing is really encrypted: responses say so, and a customer's key is compared.)"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

AES256, KMS, DSSE = "AES256", "aws:kms", "aws:kms:dsse"
"""The values of ``x-amz-server-side-encryption`` that a request may carry."""

SSE_C = "SSE-C"
"""The name of SSE-C in ``BlockedEncryptionTypes``."""


@dataclass(frozen=True, slots=True)
class CustomerKey:
    """A customer's key of SSE-C, as it is stored: its MD5 in base64, which responses carry, and a salted digest to compare."""

    md5: str
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, key: bytes, md5: str, salt: bytes) -> CustomerKey:
        """Return what is stored of a key."""
        return cls(md5, salt, hmac.digest(salt, key, sha256))

    def matches(self, key: bytes) -> bool:
        """Return whether this is the key."""
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
    has_random_etags: bool = False
    """Whether the ETag is random, as in directory buckets."""

    @property
    def has_md5_etag(self) -> bool:
        """Whether the ETag is the MD5 of the content: only with SSE-S3."""
        return self.algorithm == AES256 and not self.has_random_etags


SSE_S3 = Encryption(AES256, {"ServerSideEncryption": AES256})
"""The encryption of objects where neither request nor bucket choose another one, since January 2023."""

EXPRESS_SSE_S3 = Encryption(AES256, SSE_S3.response_members, has_random_etags=True)
"""SSE-S3 in a directory bucket."""


def sse_kms(algorithm: str, key_arn: str, *, bucket_key: bool = False) -> Encryption:
    """Return SSE-KMS or DSSE-KMS. Responses have ``BucketKeyEnabled`` only where it is on; DSSE-KMS has no bucket keys."""
    members: dict[str, Any] = {"ServerSideEncryption": algorithm, "SSEKMSKeyId": key_arn}
    if bucket_key and algorithm == KMS:
        members["BucketKeyEnabled"] = True
    return Encryption(algorithm, members, key_arn)


def sse_c(customer: CustomerKey) -> Encryption:
    """Return SSE-C with a customer's key."""
    members = {"SSECustomerAlgorithm": AES256, "SSECustomerKeyMD5": customer.md5}
    return Encryption(None, members, customer=customer)


@dataclass(frozen=True, slots=True)
class BucketEncryption:
    """The default encryption of a bucket, as PutBucketEncryption set it.

    Attributes:
        key_id: the KMS key as the request named it, by id, alias or ARN, resolved at each upload; None: the AWS managed key.
        blocked: the ``EncryptionType`` list of BlockedEncryptionTypes; None: the document had no such element.
    """

    algorithm: str = AES256
    key_id: str | None = None
    bucket_key: bool = False
    blocked: tuple[str, ...] | None = None

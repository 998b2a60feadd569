"""SSE-C: the three headers with the client's own key, on a request and on the source of a copy.

Every refusal names ``x-amz-server-side-encryption`` as its argument, never the header at fault: recorded so.
The key itself goes no further than `SentKey`, whose repr does not show it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from hashlib import md5
from typing import Any

from ..errors import S3Error
from ..state.encryption import AES256, CustomerKey, Encryption

HEADER = "x-amz-server-side-encryption"
_SENT = {
    prefix: (f"{prefix}SSECustomerAlgorithm", f"{prefix}SSECustomerKey", f"{prefix}SSECustomerKeyMD5")
    for prefix in ("", "CopySource")
}
MEMBERS = frozenset(_SENT[""])
SOURCE_MEMBERS = frozenset(_SENT["CopySource"])

_KEY_BYTES = 32
_OTHER_METHOD = "Server Side Encryption with Customer provided key is incompatible with the encryption method specified"
_NO_ALGORITHM = "must provide a valid encryption algorithm."
_NO_KEY = "must provide an appropriate secret key."
_WRONG_KEY = "must provide the correct secret key."
_BAD_KEY = "The secret key was invalid for the specified algorithm."
_BAD_MD5 = "The calculated MD5 hash of the key did not match the hash that was provided."
_STORED_ENCRYPTED = (
    "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the "
    "object."
)
_NOT_APPLICABLE = "The encryption parameters are not applicable to this object."
_UPLOAD_DIFFERS = (
    "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption "
    "parameters."
)
_UPLOADS_KEY_DIFFERS = "The provided encryption parameters did not match the ones used originally."


class SentKey:
    """The key that a request carries; ``md5`` None: a read without that header."""

    __slots__ = ("_key", "md5")

    def __init__(self, key: bytes, md5: str | None) -> None:
        self._key = key
        self.md5 = md5

    @property
    def has_length(self) -> bool:
        """Whether the key has the length of AES-256. One of a read may have another length, and is wrong."""
        return len(self._key) == _KEY_BYTES

    def to_stored(self, salt: bytes) -> CustomerKey:
        """Return what is stored of the key: a salted HMAC, from which the key cannot be recovered."""
        assert self.md5 is not None
        return CustomerKey.of(self._key, self.md5, salt)

    def matches(self, customer: CustomerKey) -> bool:
        return self.md5 is not None and customer.matches(self._key)


def _customers(what: str) -> str:
    return f"Requests specifying Server Side Encryption with Customer provided keys {what}"


def _refused(message: str, code: str = "InvalidArgument", **value: Any) -> S3Error:
    return S3Error(code, message, ArgumentName=HEADER, **value)


def parse_customer_key(params: Mapping[str, Any], prefix: str = "", *, reads: bool = False) -> SentKey | None:
    """Return the key of a request, its three headers checked; None: the request has none of them.

    ``prefix`` is ``CopySource`` for the source of a copy. A request that ``reads`` may leave out the MD5, and its key may have
    any length: it then has not the right key, which is `check_key`'s error (recorded from AWS, February 2026).

    Raises:
        S3Error: InvalidArgument, or InvalidEncryptionAlgorithmError for another algorithm than AES256.
    """
    algorithm, encoded, told_md5 = map(params.get, _SENT[prefix])
    if algorithm is None and encoded is None and told_md5 is None:
        return None
    method = None if prefix else params.get("ServerSideEncryption")
    if method is not None:
        raise _refused(_OTHER_METHOD, ArgumentValue=method)
    if algorithm is None:
        raise _refused(_customers(_NO_ALGORITHM))
    if algorithm != AES256:
        raise _refused(
            "The Encryption request you specified is not valid. Supported value: AES256.",
            "InvalidEncryptionAlgorithmError",
            ArgumentValue=algorithm,
        )
    if encoded is None:
        raise _refused(_customers(_NO_KEY))
    try:
        key = b64decode(encoded, validate=True)
    except (Base64Error, ValueError):
        raise _refused(_BAD_KEY) from None
    if not reads and (len(key) != _KEY_BYTES or told_md5 is None):
        raise _refused(_BAD_KEY)
    if told_md5 is not None and told_md5 != b64encode(md5(key, usedforsecurity=False).digest()).decode():
        raise _refused(_BAD_MD5)
    return SentKey(key, told_md5)


def check_transport(params: Mapping[str, Any]) -> None:
    """Raise for a request with a customer's key over plain HTTP.

    Source: "Using server-side encryption with customer-provided keys (SSE-C)" in the S3 user guide, which says that S3 rejects
    them. Code and text are those of MinIO and Ceph. Assumed: not recorded from AWS.

    Raises:
        S3Error: InvalidRequest.
    """
    if not (MEMBERS.isdisjoint(params) and SOURCE_MEMBERS.isdisjoint(params)):
        raise S3Error("InvalidRequest", _customers("must be made over a secure connection."))


def check_key(params: Mapping[str, Any], encryption: Encryption, prefix: str = "") -> None:
    """Check that a read has the object's key if the object is encrypted with one, and no key otherwise.

    Raises:
        S3Error: InvalidRequest without the key or for an object that needs none, AccessDenied (403) for another key, and what
            `parse_customer_key` raises.
    """
    customer = encryption.customer
    if customer is None and (SOURCE_MEMBERS if prefix else MEMBERS).isdisjoint(params):
        return
    sent = parse_customer_key(params, prefix, reads=True)
    if customer is None:
        raise S3Error("InvalidRequest", _NOT_APPLICABLE)
    if sent is None:
        raise S3Error("InvalidRequest", _STORED_ENCRYPTED)
    if not sent.matches(customer):
        # For the source of a copy the response does not say what is wrong with it.
        raise S3Error("AccessDenied", None if prefix else _customers(_WRONG_KEY))


def check_part(params: Mapping[str, Any], encryption: Encryption) -> None:
    """Check that a part has the upload's key if the upload has one, and no key otherwise. Both errors have the same text.

    Raises:
        S3Error: InvalidRequest, and what `parse_customer_key` raises.
    """
    customer = encryption.customer
    if (customer is None) is not MEMBERS.isdisjoint(params):
        raise S3Error("InvalidRequest", _UPLOAD_DIFFERS)
    if customer is None:
        return
    sent = parse_customer_key(params)
    if sent is None or not sent.matches(customer):
        raise S3Error("InvalidRequest", _UPLOADS_KEY_DIFFERS)


def check_upload(params: Mapping[str, Any], encryption: Encryption) -> None:
    """Check the key of ListParts and CompleteMultipartUpload: it is optional, but if it is sent it must be the upload's.

    One of another length is ignored, as S3 judges the length of keys on writes only: the AWS CLI encodes the key of
    CompleteMultipartUpload twice. (Assumed: not recorded from AWS.)

    Raises:
        S3Error: InvalidRequest, and what `parse_customer_key` raises.
    """
    sent = parse_customer_key(params, reads=True)
    if sent is None:
        return
    if encryption.customer is None:
        raise S3Error("InvalidRequest", _NOT_APPLICABLE)
    if sent.has_length and not sent.matches(encryption.customer):
        raise S3Error("InvalidRequest", _UPLOADS_KEY_DIFFERS)

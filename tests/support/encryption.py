"""Helpers for the tests of encryption: a client that sends no MD5 of keys, customer keys, and expected members."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import md5
from typing import Any

from tests.support.callers import OWNER

KEY_ID = "134f2428-cec1-4b25-a1ae-9048164dba47"
KEY_ARN = f"arn:aws:kms:us-east-1:{OWNER}:key/{KEY_ID}"

CUSTOMER, OTHER_CUSTOMER = "c" * 32, "d" * 32
SSE = "x-amz-server-side-encryption"
MiB = 1024 * 1024

INCOMPATIBLE = "Server Side Encryption with Customer provided key is incompatible with the encryption method specified"
CUSTOMERS = "Requests specifying Server Side Encryption with Customer provided keys must provide "
NO_ALGORITHM = CUSTOMERS + "a valid encryption algorithm."
NO_KEY = CUSTOMERS + "an appropriate secret key."
WRONG_KEY = CUSTOMERS + "the correct secret key."
BAD_ALGORITHM = "The Encryption request you specified is not valid. Supported value: AES256."
BAD_KEY = "The secret key was invalid for the specified algorithm."
BAD_MD5 = "The calculated MD5 hash of the key did not match the hash that was provided."
_STORED = "The object was stored using a form of Server Side Encryption."
STORED_ENCRYPTED = f"{_STORED} The correct parameters must be provided to retrieve the object."
NOT_APPLICABLE = "The encryption parameters are not applicable to this object."
UPLOAD_DIFFERS = (
    "The multipart upload initiate requested encryption. "
    "Subsequent part requests must include the appropriate encryption parameters."
)
UPLOADS_KEY_DIFFERS = "The provided encryption parameters did not match the ones used originally."


def b64(raw: bytes) -> str:
    return b64encode(raw).decode()


def md5_of_key(key: str) -> str:
    return b64(md5(key.encode()).digest())


def customer(key: str = CUSTOMER, prefix: str = "") -> dict[str, str]:
    """Return the parameters for a customer key; boto3 adds the MD5."""
    return {f"{prefix}SSECustomerAlgorithm": "AES256", f"{prefix}SSECustomerKey": key}


def encoded(key: str = CUSTOMER) -> dict[str, str]:
    """Return them for GetObjectAttributes and ListParts, whose keys boto3 neither encodes nor hashes."""
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b64(key.encode()), "SSECustomerKeyMD5": md5_of_key(key)}


def source(key: str = CUSTOMER) -> dict[str, str]:
    return customer(key, "CopySource")


def headers(algorithm: str | None, key: str | None, digest: str | None, *, copy_source: bool = False) -> dict[str, str]:
    """Return the three headers; None: the header is not sent."""
    prefix = "x-amz-copy-source-server-side-encryption-customer-" if copy_source else f"{SSE}-customer-"
    sent = {"algorithm": algorithm, "key": key, "key-md5": digest}
    return {f"{prefix}{name}": value for name, value in sent.items() if value is not None}


GOOD_KEY, GOOD_MD5 = b64(CUSTOMER.encode()), md5_of_key(CUSTOMER)
SHORT = b"short"

INVALID: dict[str, tuple[dict[str, str], str, str, dict[str, str]]] = {
    "another algorithm": (
        headers("KMS", GOOD_KEY, GOOD_MD5),
        "InvalidEncryptionAlgorithmError",
        BAD_ALGORITHM,
        {"ArgumentName": SSE, "ArgumentValue": "KMS"},
    ),
    "key without algorithm": (headers(None, GOOD_KEY, GOOD_MD5), "InvalidArgument", NO_ALGORITHM, {"ArgumentName": SSE}),
    "algorithm without key": (headers("AES256", None, None), "InvalidArgument", NO_KEY, {"ArgumentName": SSE}),
    "MD5 alone": (headers(None, None, GOOD_MD5), "InvalidArgument", NO_ALGORITHM, {"ArgumentName": SSE}),
    "key that is no base64": (headers("AES256", "k" * 33, GOOD_MD5), "InvalidArgument", BAD_KEY, {"ArgumentName": SSE}),
    "another key's MD5": (
        headers("AES256", GOOD_KEY, md5_of_key(OTHER_CUSTOMER)),
        "InvalidArgument",
        BAD_MD5,
        {"ArgumentName": SSE},
    ),
}
"""Errors of SSE-C headers in every operation: headers, code, message, extras. Source: recorded from AWS, February 2026."""

_BAD_KEYS = {
    "no MD5": headers("AES256", GOOD_KEY, None),
    "short key": headers("AES256", b64(SHORT), b64(md5(SHORT).digest())),
    "empty key": headers("AES256", "", b64(md5(b"").digest())),
    "long key": headers("AES256", b64(33 * b"k"), b64(md5(33 * b"k").digest())),
    "key encoded twice": headers("AES256", b64(GOOD_KEY.encode()), b64(md5(GOOD_KEY.encode()).digest())),
}
INVALID_ON_WRITES = {name: (sent, "InvalidArgument", BAD_KEY, {"ArgumentName": SSE}) for name, sent in _BAD_KEYS.items()}
"""Errors of writes; reads respond as to a wrong key."""


def shown(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the encryption members of a response."""
    return {name: value for name, value in answer.items() if name == "BucketKeyEnabled" or "SSE" in name or "Encryption" in name}


def etag_of(body: bytes) -> str:
    return f'"{md5(body).hexdigest()}"'

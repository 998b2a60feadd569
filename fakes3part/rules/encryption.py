"""Server-side encryption: what a request may ask for, and a bucket's default encryption."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any

from ..errors import S3Error, invalid_argument
from ..state.encryption import AES256, DSSE, KMS, SSE_C, BucketEncryption
from .sse_c import HEADER, MEMBERS

ENCRYPTION_MEMBERS = MEMBERS | {"ServerSideEncryption", "SSEKMSKeyId", "SSEKMSEncryptionContext", "BucketKeyEnabled"}
"""The members with which a request says how its object shall be encrypted."""

METHODS = (AES256, KMS, DSSE)
_KMS_ONLY = ("SSEKMSKeyId", "SSEKMSEncryptionContext")
_CONTEXT = "x-amz-server-side-encryption-context"
_OTHER_THAN_SET = "The encryption settings of the request must match those of the session or the bucket's default encryption."
_KEY_ARN = re.compile(r"arn:aws[-a-z0-9]*:kms:[-a-z0-9]*:[0-9]{12}:key/.+", re.ASCII)


def check_method(params: Mapping[str, Any]) -> None:
    """Check that the requested method exists, and that KMS parameters come with a KMS method.

    Raises:
        S3Error: InvalidArgument. ``null`` is S3's own word for a header that was not sent.
    """
    method = params.get("ServerSideEncryption")
    if method is not None and method not in METHODS:
        raise invalid_argument("The encryption method specified is not supported", HEADER, method)
    if method not in (KMS, DSSE) and any(member in params for member in _KMS_ONLY):
        raise invalid_argument(
            f"Server Side Encryption with AWS KMS managed key requires HTTP header {HEADER} : {KMS}",
            HEADER,
            "null" if method is None else method,
        )
    context = params.get("SSEKMSEncryptionContext")
    if context is not None and not _is_context(context):
        raise invalid_argument(
            f"The header '{_CONTEXT}' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map.",
            _CONTEXT,
            context,
        )


def directory_bucket_method(
    params: Mapping[str, Any], algorithm: str, key_arn: str | None, bucket_arn: str, *, copying: bool
) -> str:
    """Return the method for a new object in a directory bucket: that of its session or bucket, which a request may repeat.

    Args:
        algorithm: that of the session or the bucket.
        key_arn: its KMS key; None: it has none.
        bucket_arn: the encryption context of every object in the bucket.
        copying: whether the request is a copy, which may choose SSE-S3.

    Raises:
        S3Error: InvalidArgument for DSSE-KMS and as `check_method`; InvalidRequest for settings that differ.
    """
    check_method(params)
    method, name = params.get("ServerSideEncryption"), params.get("SSEKMSKeyId")
    if method == DSSE:
        raise invalid_argument("The encryption method specified is not supported", HEADER, method)
    if method is not None and method != algorithm and not (copying and method == AES256):
        raise S3Error("InvalidRequest", _OTHER_THAN_SET)
    if name is not None and key_arn is not None and name not in (key_arn, key_arn.rpartition("/")[2]):
        raise S3Error("InvalidRequest", _OTHER_THAN_SET)
    context = params.get("SSEKMSEncryptionContext")
    if context is not None and json.loads(b64decode(context)) != {"aws:s3:arn": bucket_arn}:
        raise S3Error("InvalidRequest", "The encryption context must be the default one: the ARN of the bucket.")
    return method or algorithm


def _is_context(header: str) -> bool:
    """Return whether this is base64 of a JSON object whose values are strings."""
    try:
        context = json.loads(b64decode(header, validate=True).decode())
    except (Base64Error, ValueError, RecursionError):
        return False
    return isinstance(context, dict) and all(isinstance(value, str) for value in context.values())


def parse_bucket_encryption(configuration: Mapping[str, Any]) -> BucketEncryption:
    """Return the default encryption of a ServerSideEncryptionConfiguration. S3 does not check whether the key exists.

    Raises:
        S3Error: MalformedXML unless there is exactly one complete rule; InvalidArgument for AES256 with a key.
    """
    rules = configuration.get("Rules", [])
    default = rules[0].get("ApplyServerSideEncryptionByDefault") if len(rules) == 1 else None
    if default is None or default.get("SSEAlgorithm") not in METHODS:
        raise S3Error("MalformedXML")
    algorithm, key_id = default["SSEAlgorithm"], default.get("KMSMasterKeyID")
    if algorithm == AES256 and key_id is not None:
        raise S3Error(
            "InvalidArgument",
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
            ArgumentName="ApplyServerSideEncryptionByDefault",
        )
    blocked = rules[0].get("BlockedEncryptionTypes")
    types = None if blocked is None else tuple(blocked.get("EncryptionType", ()))
    if types is not None and not (types == ("NONE",) or set(types) == {SSE_C}):
        raise S3Error("MalformedXML")
    return BucketEncryption(algorithm, key_id, rules[0].get("BucketKeyEnabled", False), types)


def encryption_output(encryption: BucketEncryption) -> dict[str, Any]:
    """Return what GetBucketEncryption returns."""
    default = {"SSEAlgorithm": encryption.algorithm, "KMSMasterKeyID": encryption.key_id}
    rule: dict[str, Any] = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": encryption.bucket_key}
    if encryption.blocked is not None:
        rule["BlockedEncryptionTypes"] = {"EncryptionType": list(encryption.blocked)}
    return {"Rules": [rule]}


def parse_update_target(encryption: Mapping[str, Any] | None) -> tuple[str, bool]:
    """Return the key ARN and the bucket key setting that UpdateObjectEncryption specifies.

    Raises:
        S3Error: InvalidRequest, in the words of botocore's model documentation.
    """
    if encryption is not None and "SSES3" in encryption:
        raise S3Error("InvalidRequest", "Target encryption type 'SSE-S3' is not supported.")
    requested = (encryption or {}).get("SSEKMS")
    if requested is None:
        raise S3Error(
            "InvalidRequest",
            "Requests that modify an object encryption configuration require a valid new encryption type. Valid values are "
            "SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, and then try again.",
        )
    arn = requested.get("KMSKeyArn")
    start = "Requests that modify an object's encryption type to SSE-KMS require"
    if not arn:
        raise S3Error(
            "InvalidRequest",
            f"{start} an AWS KMS key Amazon Resource Name (ARN). Modify the request to specify a KMS key ARN, and then try "
            "again.",
        )
    if not _KEY_ARN.fullmatch(arn):
        raise S3Error(
            "InvalidRequest",
            f"{start} a valid AWS KMS key Amazon Resource Name (ARN). Confirm that you have a correctly formatted KMS key ARN in "
            "your request, and then try again.",
        )
    return arn, requested.get("BucketKeyEnabled", False)

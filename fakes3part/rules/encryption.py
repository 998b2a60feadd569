"""What a request may ask of encryption, and what a bucket's default may be."""

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
    """The method asked for is one of S3's, and what belongs to KMS comes with a method of KMS.

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


def check_directory(params: Mapping[str, Any], algorithm: str, key_arn: str | None, bucket_arn: str, *, copying: bool) -> str:
    """The method for a new object in a directory bucket: the one that its session or bucket has, which a request may repeat.

    Args:
        algorithm: the session's or the bucket's, with ``key_arn``.
        bucket_arn: what the encryption context of everything in the bucket is.
        copying: then SSE-S3 is a choice.

    Raises:
        S3Error: InvalidArgument for DSSE-KMS and as `check_method`; InvalidRequest for anything else than is set.
    """
    check_method(params)
    asked, name = params.get("ServerSideEncryption"), params.get("SSEKMSKeyId")
    if asked == DSSE:
        raise invalid_argument("The encryption method specified is not supported", HEADER, asked)
    if asked is not None and asked != algorithm and not (copying and asked == AES256):
        raise S3Error("InvalidRequest", _OTHER_THAN_SET)
    if name is not None and key_arn is not None and name not in (key_arn, key_arn.rpartition("/")[2]):
        raise S3Error("InvalidRequest", _OTHER_THAN_SET)
    context = params.get("SSEKMSEncryptionContext")
    if context is not None and json.loads(b64decode(context)) != {"aws:s3:arn": bucket_arn}:
        raise S3Error("InvalidRequest", "The encryption context must be the default one: the ARN of the bucket.")
    return asked or algorithm


def _is_context(header: str) -> bool:
    """Whether this is base64 of a JSON map of strings."""
    try:
        context = json.loads(b64decode(header, validate=True).decode())
    except (Base64Error, ValueError, RecursionError):
        return False
    return isinstance(context, dict) and all(isinstance(value, str) for value in context.values())


def check_not_sent(headers: Mapping[str, str]) -> None:
    """How an object is encrypted is not said when it is read, nor with each part.

    Raises:
        S3Error: InvalidArgument.
    """
    method = headers.get(HEADER)
    if method is not None:
        raise invalid_argument(f"{HEADER} header is not supported for this operation.", HEADER, method)


def bucket_encryption(configuration: Mapping[str, Any]) -> BucketEncryption:
    """The default that a ServerSideEncryptionConfiguration describes. Whether its key is there, S3 does not look.

    Raises:
        S3Error: MalformedXML unless there is just one whole rule; InvalidArgument for AES256 with a key.
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


def as_configuration(encryption: BucketEncryption | None) -> dict[str, Any]:
    """What GetBucketEncryption shows: the rule as it was given, or the default that every bucket has."""
    encryption = encryption or BucketEncryption()
    default = {"SSEAlgorithm": encryption.algorithm, "KMSMasterKeyID": encryption.key_id}
    rule: dict[str, Any] = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": encryption.bucket_key}
    if encryption.blocked is not None:
        rule["BlockedEncryptionTypes"] = {"EncryptionType": list(encryption.blocked)}
    return {"Rules": [rule]}


def update_target(encryption: Mapping[str, Any] | None) -> tuple[str, bool]:
    """The key ARN and the bucket key setting that UpdateObjectEncryption asks for.

    Raises:
        S3Error: InvalidRequest, in the words of botocore's model documentation.
    """
    wanted = (encryption or {}).get("SSEKMS")
    if wanted is None:
        raise S3Error(
            "InvalidRequest",
            "Requests that modify an object encryption configuration require a valid new encryption type. Valid values are "
            "SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, and then try again.",
        )
    arn = wanted.get("KMSKeyArn")
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
    return arn, wanted.get("BucketKeyEnabled", False)

"""KMS operations with keys: data keys, Encrypt, Decrypt, ReEncrypt, GenerateRandom."""

from __future__ import annotations

from collections.abc import Mapping

from ..state.kms import Key, KmsError
from . import kms_ciphertexts
from .context import ServiceContext
from .errors import ServiceError, not_implemented
from .kms_keys import authorized_key, find_key
from .registry import Output, Params, kms_operation

ALGORITHM = "SYMMETRIC_DEFAULT"
_SIZES = {"AES_256": 32, "AES_128": 16}
_UNSUPPORTED_MEMBERS = ("Recipient", "DryRunModifiers")


def _check_options(operation: str, params: Params) -> None:
    for name in _UNSUPPORTED_MEMBERS:
        if name in params:
            raise not_implemented(operation, name)
    for name in ("EncryptionAlgorithm", "SourceEncryptionAlgorithm", "DestinationEncryptionAlgorithm"):
        if params.get(name, ALGORITHM) != ALGORITHM:
            text = f"The key usage or specification does not support the algorithm {params[name]}."
            raise ServiceError("InvalidKeyUsageException", text)


def _check_dry_run(params: Params) -> None:
    if params.get("DryRun"):
        text = "The request would have succeeded, but the DryRun option is set."
        raise ServiceError("DryRunOperationException", text)


def _usable_key(context: ServiceContext, name: str, action: str) -> Key:
    key = find_key(context, name, action)
    key.check_state()
    return key


def _encrypt(context: ServiceContext, key: Key, plaintext: bytes, encryption_context: Mapping[str, str]) -> bytes:
    return kms_ciphertexts.seal(key.arn, plaintext, encryption_context, context.backend.ids.salt())


def _decrypt(context: ServiceContext, params: Params, action: str, prefix: str = "") -> tuple[Key, bytes]:
    """Return the key and the plaintext of a request's ciphertext.

    ``prefix`` is ``Source`` for ReEncrypt.

    Raises:
        ServiceError: InvalidCiphertextException for one that was changed or made with another context, IncorrectKeyException.
    """
    blob = params.get("CiphertextBlob", b"")
    arn = kms_ciphertexts.key_arn_of(blob)
    if arn is None:
        raise ServiceError("InvalidCiphertextException")
    key_id = params.get(f"{prefix}KeyId")
    key = _key_of_ciphertext(context, arn, action) if key_id is None else find_key(context, key_id, action)
    if key.arn != arn:
        text = "The key ID in the request does not identify a CMK that can perform this operation."
        raise ServiceError("IncorrectKeyException", text)
    key.check_state()
    plaintext = kms_ciphertexts.unseal(arn, blob, params.get(f"{prefix}EncryptionContext", {}))
    if plaintext is None:
        raise ServiceError("InvalidCiphertextException")
    return key, plaintext


def _key_of_ciphertext(context: ServiceContext, arn: str, action: str) -> Key:
    try:
        key = context.backend.kms.find(arn, context.account.id, context.region, strict=True)
    except KmsError:
        key = None
    if key is None:
        text = (
            "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not "
            "allowed to access."
        )
        raise ServiceError("AccessDeniedException", context.record_denial(action, arn, "there is no such key here", text))
    return authorized_key(context, key, action)


@kms_operation("Encrypt")
def encrypt(context: ServiceContext, params: Params) -> Output:
    """Encrypt up to 4,096 bytes."""
    _check_options("Encrypt", params)
    key = _usable_key(context, params["KeyId"], "kms:Encrypt")
    _check_dry_run(params)
    blob = _encrypt(context, key, params["Plaintext"], params.get("EncryptionContext", {}))
    return {"CiphertextBlob": blob, "KeyId": key.arn, "EncryptionAlgorithm": ALGORITHM}


@kms_operation("Decrypt")
def decrypt(context: ServiceContext, params: Params) -> Output:
    """Decrypt a ciphertext. ``KeyId`` is optional, since the ciphertext names its key; if it is given it must be that key."""
    _check_options("Decrypt", params)
    key, plaintext = _decrypt(context, params, "kms:Decrypt")
    _check_dry_run(params)
    return {
        "Plaintext": plaintext,
        "KeyId": key.arn,
        "EncryptionAlgorithm": ALGORITHM,
        "KeyMaterialId": key.material_id,
    }


@kms_operation("ReEncrypt")
def re_encrypt(context: ServiceContext, params: Params) -> Output:
    """Decrypt a ciphertext and encrypt its plaintext with another key and context."""
    _check_options("ReEncrypt", params)
    source, plaintext = _decrypt(context, params, "kms:ReEncryptFrom", "Source")
    key = _usable_key(context, params["DestinationKeyId"], "kms:ReEncryptTo")
    _check_dry_run(params)
    return {
        "CiphertextBlob": _encrypt(context, key, plaintext, params.get("DestinationEncryptionContext", {})),
        "SourceKeyId": source.arn,
        "KeyId": key.arn,
        "SourceEncryptionAlgorithm": ALGORITHM,
        "DestinationEncryptionAlgorithm": ALGORITHM,
        "SourceKeyMaterialId": source.material_id,
        "DestinationKeyMaterialId": key.material_id,
    }


def _data_key(context: ServiceContext, operation: str, params: Params) -> tuple[Key, bytes, bytes]:
    """Return a key, a new data key, and the data key encrypted with it."""
    _check_options(operation, params)
    if ("KeySpec" in params) == ("NumberOfBytes" in params):
        raise ServiceError("ValidationException", "Please specify either number of bytes or key spec.")
    size = params["NumberOfBytes"] if "NumberOfBytes" in params else _SIZES[params["KeySpec"]]
    key = _usable_key(context, params["KeyId"], f"kms:{operation}")
    _check_dry_run(params)
    plaintext = context.backend.ids.random(size)
    return key, plaintext, _encrypt(context, key, plaintext, params.get("EncryptionContext", {}))


@kms_operation("GenerateDataKey")
def generate_data_key(context: ServiceContext, params: Params) -> Output:
    """Return a data key in plaintext and encrypted."""
    key, plaintext, blob = _data_key(context, "GenerateDataKey", params)
    return {"CiphertextBlob": blob, "Plaintext": plaintext, "KeyId": key.arn, "KeyMaterialId": key.material_id}


@kms_operation("GenerateDataKeyWithoutPlaintext")
def generate_data_key_without_plaintext(context: ServiceContext, params: Params) -> Output:
    """Return an encrypted data key."""
    key, _, blob = _data_key(context, "GenerateDataKeyWithoutPlaintext", params)
    return {"CiphertextBlob": blob, "KeyId": key.arn, "KeyMaterialId": key.material_id}


@kms_operation("GenerateRandom")
def generate_random(context: ServiceContext, params: Params) -> Output:
    """Return bytes of the fake's own generator, which are the same in every run if the fake has a seed."""
    _check_options("GenerateRandom", params)
    if "CustomKeyStoreId" in params:
        raise not_implemented("GenerateRandom", "CustomKeyStoreId")
    if "NumberOfBytes" not in params:
        raise ServiceError("ValidationException", "NumberOfBytes is required.")
    return {"Plaintext": context.backend.ids.random(params["NumberOfBytes"])}

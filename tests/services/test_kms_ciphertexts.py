"""Data keys, Encrypt, Decrypt, ReEncrypt: a ciphertext needs its key and encryption context."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes3part.api.fakes3 import FakeS3
from fakes3part.services import kms_ciphertexts
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import refused
from tests.support.services import Door, allow, policy

ARN = f"arn:aws:kms:us-east-1:{OWNER}:key/01234567-89ab-cdef-0123-456789abcdef"
NONCE = bytes(16)
TEXTS = st.text(max_size=8)
CONTEXTS = st.dictionaries(TEXTS, TEXTS, max_size=3)
FAR = (
    "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed "
    "to access."
)


@pytest.fixture
def key(kms: Any) -> str:
    """The ARN of a new key."""
    arn: str = kms.create_key()["KeyMetadata"]["Arn"]
    return arn


def test_encrypt_and_decrypt(kms: Any, key: str) -> None:
    context = {"bucket": "b", "key": "ü"}
    sealed = kms.encrypt(KeyId=key, Plaintext=b"hello", EncryptionContext=context)
    assert (sealed["KeyId"], sealed["EncryptionAlgorithm"]) == (key, "SYMMETRIC_DEFAULT")
    assert b"hello" not in sealed["CiphertextBlob"]
    for named in ({}, {"KeyId": key}, {"KeyId": key.rpartition("/")[2]}):
        opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context, **named)
        assert (opened["Plaintext"], opened["KeyId"], opened["EncryptionAlgorithm"]) == (b"hello", key, "SYMMETRIC_DEFAULT")
    again = kms.encrypt(KeyId=key, Plaintext=b"hello", EncryptionContext=context)
    assert again["CiphertextBlob"] != sealed["CiphertextBlob"]


def test_ciphertexts_that_cannot_be_decrypted(door: Door, kms: Any, key: str) -> None:
    blob = kms.encrypt(KeyId=key, Plaintext=b"hello", EncryptionContext={"a": "b"})["CiphertextBlob"]
    other = kms.create_key()["KeyMetadata"]["Arn"]
    wrong = "The key ID in the request does not identify a CMK that can perform this operation."
    context = {"EncryptionContext": {"a": "b"}}
    refused(lambda: kms.decrypt(CiphertextBlob=blob, KeyId=other, **context), 400, "IncorrectKeyException", wrong)
    for spoiled, named in (
        (blob, {}),
        (blob, {"EncryptionContext": {"a": "c"}}),
        (blob, {"EncryptionContext": {"a": "b", "c": "d"}}),
        (blob[:-1] + bytes([blob[-1] ^ 1]), context),
        (blob[:-1], context),
        (b"nonsense", context),
        (blob[:5], context),
    ):
        call = lambda spoiled=spoiled, named=named: kms.decrypt(CiphertextBlob=spoiled, **named)  # noqa: E731
        refused(call, 400, "InvalidCiphertextException", "")
    for client in (door.client("kms", region_name="eu-west-1"), door.client("kms", aws_access_key_id=STRANGER)):
        with pytest.raises(client.exceptions.ClientError, match="AccessDeniedException"):
            client.decrypt(CiphertextBlob=blob, **context)
    refused(
        lambda: door.client("kms", region_name="eu-west-1").decrypt(CiphertextBlob=blob, **context),
        400,
        "AccessDeniedException",
        FAR,
    )


def test_a_disabled_key_cannot_decrypt(kms: Any, key: str) -> None:
    blob = kms.encrypt(KeyId=key, Plaintext=b"hello")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    refused(lambda: kms.decrypt(CiphertextBlob=blob), 400, "DisabledException", f"{key} is disabled.")
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"hello"
    kms.schedule_key_deletion(KeyId=key)
    refused(lambda: kms.decrypt(CiphertextBlob=blob), 400, "KMSInvalidStateException", f"{key} is pending deletion.")


def test_from_key_to_key(kms: Any, key: str) -> None:
    other = kms.create_key()["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"hello", EncryptionContext={"a": "b"})["CiphertextBlob"]
    moved = kms.re_encrypt(
        CiphertextBlob=blob,
        SourceEncryptionContext={"a": "b"},
        DestinationKeyId=other,
        DestinationEncryptionContext={"c": "d"},
    )
    assert (moved["SourceKeyId"], moved["KeyId"]) == (key, other)
    opened = kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"c": "d"})
    assert (opened["Plaintext"], opened["KeyId"]) == (b"hello", other)
    refused(lambda: kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other), 400, "InvalidCiphertextException", "")


def test_re_encrypt_needs_both_permissions(door: Door, kms: Any, key: str) -> None:
    other = kms.create_key()["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"hello")["CiphertextBlob"]
    half = door.fake.add_user(None, "half", policy(allow("kms:ReEncryptFrom")))
    message = (
        f"User: {half.arn} is not authorized to perform: kms:ReEncryptTo on resource: {other} because no identity-based policy "
        "allows the kms:ReEncryptTo action"
    )
    client = door.client_of(half, "kms")
    refused(lambda: client.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other), 400, "AccessDeniedException", message)


@pytest.mark.parametrize(
    ("requested", "size"), [({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 64}, 64)]
)
def test_data_keys(kms: Any, key: str, requested: dict[str, Any], size: int) -> None:
    made = kms.generate_data_key(KeyId=key, EncryptionContext={"a": "b"}, **requested)
    assert (len(made["Plaintext"]), made["KeyId"]) == (size, key)
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"a": "b"})
    assert opened["Plaintext"] == made["Plaintext"]
    assert kms.generate_data_key(KeyId=key, **requested)["Plaintext"] != made["Plaintext"]
    hidden = kms.generate_data_key_without_plaintext(KeyId=key, **requested)
    assert "Plaintext" not in hidden
    assert len(kms.decrypt(CiphertextBlob=hidden["CiphertextBlob"])["Plaintext"]) == size


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("generate_data_key", {}, "ValidationException", "Please specify either number of bytes or key spec."),
    (
        "generate_data_key",
        {"KeySpec": "AES_256", "NumberOfBytes": 32},
        "ValidationException",
        "Please specify either number of bytes or key spec.",
    ),
    (
        "generate_data_key",
        {"KeySpec": "AES_512"},
        "ValidationException",
        "1 validation error detected: Value 'AES_512' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value "
        "set: [AES_256, AES_128]",
    ),
    (
        "generate_data_key",
        {"NumberOfBytes": 1025},
        "ValidationException",
        "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less "
        "than or equal to 1024",
    ),
    (
        "encrypt",
        {"Plaintext": bytes(4097)},
        "ValidationException",
        "1 validation error detected: Value 'java.nio.HeapByteBuffer' at 'plaintext' failed to satisfy constraint: Member must "
        "have length less than or equal to 4096",
    ),
    (
        "encrypt",
        {"Plaintext": b"x", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"},
        "InvalidKeyUsageException",
        "The key usage or specification does not support the algorithm RSAES_OAEP_SHA_1.",
    ),
    (
        "encrypt",
        {"Plaintext": b"x", "DryRun": True},
        "DryRunOperationException",
        "The request would have succeeded, but the DryRun option is set.",
    ),
]


@pytest.mark.parametrize(("call", "params", "code", "message"), WRONG)
def test_invalid_parameters(kms: Any, key: str, call: str, params: dict[str, Any], code: str, message: str) -> None:
    refused(lambda: getattr(kms, call)(KeyId=key, **params), 400, code, message)


def test_random_bytes(kms: Any) -> None:
    assert len(kms.generate_random(NumberOfBytes=32)["Plaintext"]) == 32
    assert kms.generate_random(NumberOfBytes=32)["Plaintext"] != kms.generate_random(NumberOfBytes=32)["Plaintext"]
    refused(kms.generate_random, 400, "ValidationException", "NumberOfBytes is required.")


def test_they_are_the_same_from_run_to_run_of_a_seed() -> None:
    assert FakeS3(seed=1).ids.random(32) == FakeS3(seed=1).ids.random(32) != FakeS3(seed=2).ids.random(32)


@given(st.binary(max_size=300), CONTEXTS)
def test_property_a_sealed_text_can_be_unsealed(plaintext: bytes, context: dict[str, str]) -> None:
    blob = kms_ciphertexts.seal(ARN, plaintext, context, NONCE)
    assert kms_ciphertexts.key_arn_of(blob) == ARN
    assert kms_ciphertexts.unseal(ARN, blob, context) == plaintext


@given(st.binary(max_size=50), CONTEXTS, CONTEXTS)
def test_law_only_the_same_context_opens(plaintext: bytes, context: dict[str, str], other: dict[str, str]) -> None:
    opened = kms_ciphertexts.unseal(ARN, kms_ciphertexts.seal(ARN, plaintext, context, NONCE), other)
    assert opened == (plaintext if context == other else None)


@given(st.binary(max_size=50), st.data())
def test_law_no_changed_bit_opens(plaintext: bytes, data: st.DataObject) -> None:
    blob = bytearray(kms_ciphertexts.seal(ARN, plaintext, {}, NONCE))
    bit = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[bit // 8] ^= 1 << bit % 8
    found = kms_ciphertexts.key_arn_of(bytes(blob))
    assert found is None or kms_ciphertexts.unseal(found, bytes(blob), {}) is None


@given(st.binary(max_size=200))
def test_property_other_bytes_are_no_ciphertexts(blob: bytes) -> None:
    assert kms_ciphertexts.key_arn_of(blob) is None

"""Ciphertexts of the fake KMS, in a format of its own. They can be decrypted with their key and encryption context only.

A key's secret is derived from its ARN, so that a ciphertext from one process (a recorded fixture) can be decrypted in another.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256, shake_256

_MAGIC = b"FS3K\x01"
_NONCE = 16
_TAG = 32


def seal(arn: str, plaintext: bytes, encryption_context: Mapping[str, str], nonce: bytes) -> bytes:
    """Return a ciphertext: magic, the key ARN with its length, the nonce (16 bytes, never reused), encrypted bytes, tag."""
    name = arn.encode()
    head = _MAGIC + bytes([len(name)]) + name + nonce
    encrypted = _xor_with_keystream(arn, nonce, plaintext)
    return head + encrypted + _tag(arn, head + encrypted, encryption_context)


def key_arn_of(blob: bytes) -> str | None:
    """Return the ARN of the key that made a ciphertext; None: it is not a ciphertext of this module."""
    size = blob[len(_MAGIC)] if len(blob) > len(_MAGIC) and blob.startswith(_MAGIC) else 0
    start = len(_MAGIC) + 1
    if not size or len(blob) < start + size + _NONCE + _TAG:
        return None
    try:
        return blob[start : start + size].decode()
    except UnicodeDecodeError:
        return None


def unseal(arn: str, blob: bytes, encryption_context: Mapping[str, str]) -> bytes | None:
    """Return the plaintext of a ciphertext; None: it was changed, or made with another encryption context."""
    start = len(_MAGIC) + 1 + len(arn.encode())
    nonce, encrypted, tag = blob[start : start + _NONCE], blob[start + _NONCE : -_TAG], blob[-_TAG:]
    if not hmac.compare_digest(tag, _tag(arn, blob[:-_TAG], encryption_context)):
        return None
    return _xor_with_keystream(arn, nonce, encrypted)


def _secret(arn: str) -> bytes:
    return sha256(f"fakes3part kms {arn}".encode()).digest()


def _xor_with_keystream(arn: str, nonce: bytes, text: bytes) -> bytes:
    stream = shake_256(_secret(arn) + nonce).digest(len(text))
    return (int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(text), "big")


def _tag(arn: str, message: bytes, encryption_context: Mapping[str, str]) -> bytes:
    parts = [message, *(part.encode() for pair in sorted(encryption_context.items()) for part in pair)]
    return hmac.digest(_secret(arn), b"".join(len(part).to_bytes(8, "big") + part for part in parts), "sha256")

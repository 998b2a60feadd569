"""Opaque identifiers: request, upload and version ids, from one private random generator each."""

from __future__ import annotations

import random
from base64 import b64encode

_TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"


def _spell(number: int, alphabet: str, length: int) -> str:
    base = len(alphabet)
    letters = []
    for _ in range(length):
        number, digit = divmod(number, base)
        letters.append(alphabet[digit])
    return "".join(letters)


class Ids:
    """Ids that nobody may parse, in the shapes that S3's have.

    ``seed`` makes them the same from run to run; each kind draws from its own generator, so that one more request does not
    change the next upload id.
    """

    def __init__(self, seed: int | None = None) -> None:
        self.seed = random.SystemRandom().getrandbits(32) if seed is None else seed
        self._generators: dict[str, random.Random] = {}
        self._host = b64encode(self._of("request").randbytes(45)).decode()

    def _of(self, kind: str) -> random.Random:
        generator = self._generators.get(kind)
        if generator is None:
            generator = self._generators.setdefault(kind, random.Random(f"{kind} {self.seed}"))
        return generator

    def request_ids(self) -> tuple[str, str]:
        """``x-amz-request-id`` (16 characters) and ``x-amz-id-2`` (76, base64)."""
        request_id = f"{self._of('request').getrandbits(64):016X}"
        return request_id, self._host + request_id

    def upload_id(self) -> str:
        """128 URL-safe characters."""
        return _spell(self._of("upload").getrandbits(768), _TOKEN, 128)

    def version_id(self) -> str:
        """32 URL-safe characters."""
        return _spell(self._of("version").getrandbits(192), _TOKEN, 32)

    def etag(self) -> str:
        """32 hex digits: the ETag of what is encrypted with a key of KMS or of the client, and so not the content's MD5."""
        return f"{self._of('etag').getrandbits(128):032x}"

    def salt(self) -> bytes:
        """16 bytes, to keep a digest of a secret with."""
        return self._of("salt").getrandbits(128).to_bytes(16, "big")

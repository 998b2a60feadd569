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
        self._requests = random.Random(f"request {self.seed}")
        self._uploads = random.Random(f"upload {self.seed}")
        self._versions = random.Random(f"version {self.seed}")

    def request_ids(self) -> tuple[str, str]:
        """``x-amz-request-id`` (16 characters) and ``x-amz-id-2`` (76, base64)."""
        bits = self._requests.getrandbits(64 + 456)
        return f"{bits & 0xFFFFFFFFFFFFFFFF:016X}", b64encode((bits >> 64).to_bytes(57, "little")).decode()

    def upload_id(self) -> str:
        """128 URL-safe characters."""
        return _spell(self._uploads.getrandbits(768), _TOKEN, 128)

    def version_id(self) -> str:
        """32 URL-safe characters."""
        return _spell(self._versions.getrandbits(192), _TOKEN, 32)

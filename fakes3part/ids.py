"""Opaque identifiers: request, upload and version ids, from one private random generator each."""

from __future__ import annotations

import random
from base64 import b32encode, b64encode
from collections.abc import Mapping
from uuid import UUID

IdsState = tuple[int, str, Mapping[str, object]]
"""Of all generators: the seed, the branch (`Ids.branch`), and Python's state of each."""

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
        self._branch = ""
        self._generators: dict[str, random.Random] = {}
        self._host = b64encode(self._of("request").randbytes(45)).decode()

    def _of(self, kind: str) -> random.Random:
        generator = self._generators.get(kind)
        if generator is None:
            generator = self._generators.setdefault(kind, random.Random(f"{kind} {self.seed}{self._branch}"))
        return generator

    def state(self) -> IdsState:
        """For `put_back`: what is drawn from now on is drawn again after it."""
        return self.seed, self._branch, {kind: generator.getstate() for kind, generator in list(self._generators.items())}

    def restore(self, state: IdsState) -> None:
        self.seed, self._branch, states = state
        generators = {}
        for kind, of_kind in states.items():
            generators[kind] = random.Random()
            generators[kind].setstate(of_kind)  # type: ignore[arg-type]  # typeshed: the tuple that getstate gave
        self._generators = generators

    def branch(self, name: str) -> None:
        """Draw other ids from now on, the same for the same name: those from here on are given to others already."""
        self._branch += f" {name}"
        self._generators = {}

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

    def rule_id(self) -> str:
        """48 characters, of a lifecycle rule that was given none: a UUID's text in base64."""
        digits = f"{self._of('rule').getrandbits(128):032x}"
        uuid = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
        return b64encode(uuid.encode()).decode()

    def token(self) -> str:
        """64 URL-safe characters: by which the function of an Object Lambda access point says what it answers."""
        return _spell(self._of("token").getrandbits(384), _TOKEN, 64)

    def etag(self) -> str:
        """32 hex digits: the ETag of what is encrypted with a key of KMS or of the client, and so not the content's MD5."""
        return f"{self._of('etag').getrandbits(128):032x}"

    def session_keys(self) -> tuple[str, str, str]:
        """Access key id (``ASIA`` and 16 more), secret (40) and session token of temporary credentials."""
        generator = self._of("session")
        access_key = "ASIA" + b32encode(generator.randbytes(10)).decode()
        token = "FwoGZXIvYXdz" + b64encode(generator.randbytes(168)).decode()
        return access_key, b64encode(generator.randbytes(30)).decode(), token

    def uuid(self, kind: str) -> str:
        """A random UUID: the id of a KMS key, a request id of STS and KMS."""
        return str(UUID(bytes=self._of(kind).randbytes(16), version=4))

    def random(self, size: int) -> bytes:
        """So many bytes: KMS's data keys."""
        return self._of("data key").randbytes(size)

    def salt(self) -> bytes:
        """16 bytes, to keep a digest of a secret with."""
        return self._of("salt").getrandbits(128).to_bytes(16, "big")

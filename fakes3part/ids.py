"""Generates opaque identifiers: request, upload and version ids and others, each kind from its own random generator."""

from __future__ import annotations

import random
from base64 import b32encode, b64encode
from collections.abc import Mapping
from zlib import crc32

from .locks import Lazy

_system = random.SystemRandom()

IdsState = tuple[int, str, Mapping[str, object]]
"""The state of all generators: the seed, the branch (`Ids.branch`), and Python's state of each generator."""

_URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"


def _encode(number: int, alphabet: str, length: int) -> str:
    base = len(alphabet)
    letters = []
    for _ in range(length):
        number, digit = divmod(number, base)
        letters.append(alphabet[digit])
    return "".join(letters)


def _version_check(random_part: str) -> str:
    return _encode(crc32(random_part.encode()), _URL_SAFE, 6)


def is_version_id(text: str) -> bool:
    """Return whether a fake (this one, or another) has given this version id. ``null`` is none of them.

    S3 can tell too, so an id checks itself: it ends in a checksum of its beginning.
    """
    return len(text) == 32 and text.isascii() and _version_check(text[:26]) == text[26:]


class Ids:
    """The generators of a fake. Ids have the shapes of S3's, and no meaning.

    Each kind has its own generator, so that one more request does not change the next upload id.

    Args:
        seed: makes the ids the same in every run; None: a random seed.
    """

    _random_seed = Lazy(lambda: _system.getrandbits(32))

    def __init__(self, seed: int | None = None) -> None:
        self._fixed_seed = seed
        self._later_seed: int | None = None
        self._branch = ""
        self._generators: dict[str, random.Random] = {}
        self._host = ""

    @property
    def first_seed(self) -> int:
        """The seed with which the generators were made."""
        return self._random_seed if self._fixed_seed is None else self._fixed_seed

    @property
    def seed(self) -> int:
        """The seed of what is generated now: `first_seed`, until `reseed` or `restore` sets another one."""
        return self.first_seed if self._later_seed is None else self._later_seed

    def reseed(self, seed: int) -> None:
        """Generate from now on what generators with this seed generate."""
        self._later_seed = seed
        self._branch = ""
        self._generators = {}
        self._host = ""

    def _of(self, kind: str) -> random.Random:
        generator = self._generators.get(kind)
        if generator is None:
            generator = self._generators.setdefault(kind, random.Random(f"{kind} {self.seed}{self._branch}"))
        return generator

    def state(self) -> IdsState:
        """Return the state for `restore`, after which the same ids are generated again."""
        self._host_id()
        return self.seed, self._branch, {kind: generator.getstate() for kind, generator in list(self._generators.items())}

    def restore(self, state: IdsState) -> None:
        """Return to a state of `state`."""
        self._host_id()
        self._later_seed, self._branch, states = state
        generators = {}
        for kind, generator_state in states.items():
            generators[kind] = random.Random()
            generators[kind].setstate(generator_state)  # type: ignore[arg-type]  # typeshed: the tuple that getstate gave
        self._generators = generators

    def branch(self, name: str) -> None:
        """Generate other ids from now on, the same ones for the same name, because the next ones may be in use elsewhere."""
        self._host_id()
        self._branch += f" {name}"
        self._generators = {}

    def request_ids(self) -> tuple[str, str]:
        """Return ``x-amz-request-id`` (16 characters) and ``x-amz-id-2`` (76, base64), which does not contain the first."""
        host = self._host or self._host_id()
        generator = self._generators.get("request") or self._of("request")
        digits = "%032X" % generator.getrandbits(128)  # noqa: UP031  # an f-string takes twice as long
        return digits[:16], host + digits[16:]

    def _host_id(self) -> str:
        """Return the part of ``x-amz-id-2`` that is the same in all responses. It is made when it is needed first."""
        if not self._host:
            self._host = b64encode(self._of("request").randbytes(45)).decode()
        return self._host

    def upload_id(self) -> str:
        """Return the id of a multipart upload: 128 URL-safe characters."""
        return _encode(self._of("upload").getrandbits(768), _URL_SAFE, 128)

    def version_id(self) -> str:
        """Return the id of a version: 32 URL-safe characters, of which the last 6 are a checksum of the others."""
        random_part = _encode(self._of("version").getrandbits(156), _URL_SAFE, 26)
        return random_part + _version_check(random_part)

    def rule_id(self) -> str:
        """Return the id of a lifecycle rule that was put without one: a UUID's text in base64, 48 characters."""
        digits = f"{self._of('rule').getrandbits(128):032x}"
        uuid = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
        return b64encode(uuid.encode()).decode()

    def log_id(self) -> str:
        """Return the unique part of the name of an access log object: 16 hexadecimal digits in capitals."""
        return f"{self._of('log').getrandbits(64):016X}"

    def token(self) -> str:
        """Return the ``RequestToken`` of an Object Lambda call: 64 URL-safe characters."""
        return _encode(self._of("token").getrandbits(384), _URL_SAFE, 64)

    def nonce(self, size: int) -> bytes:
        """Return bytes that make a continuation token differ from all others."""
        return self._of("continuation").randbytes(size)

    def etag(self) -> str:
        """Return an ETag that is not an MD5, for objects encrypted with a key of KMS or of the client: 32 hex digits."""
        return f"{self._of('etag').getrandbits(128):032x}"

    def session_keys(self) -> tuple[str, str, str]:
        """Return access key id (``ASIA`` and 16 more characters), secret key (40) and session token of temporary credentials."""
        generator = self._of("session")
        access_key = "ASIA" + b32encode(generator.randbytes(10)).decode()
        token = "FwoGZXIvYXdz" + b64encode(generator.randbytes(168)).decode()
        return access_key, b64encode(generator.randbytes(30)).decode(), token

    def uuid(self, kind: str) -> str:
        """Return a random UUID: the id of a KMS key, a request id of STS and KMS."""
        from uuid import UUID

        return str(UUID(bytes=self._of(kind).randbytes(16), version=4))

    def random(self, size: int) -> bytes:
        """Return random bytes, for KMS's data keys."""
        return self._of("data key").randbytes(size)

    def salt(self) -> bytes:
        """Return 16 bytes, to store a digest of a secret with."""
        return self._of("salt").getrandbits(128).to_bytes(16, "big")

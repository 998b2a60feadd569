"""CRCs and XXHASHes: computed by the first of several libraries that is installed, imported at first use.

anycrc and xxhash are small, and dependencies of fakes3part. awscrt, which botocore uses if it is there, has all of them. If none
can be imported, as in a zipapp on another platform than that of its making, CRCs are computed in Python, and XXHASHes are not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, TypeVar

from ..errors import S3Error
from ..message import Buffer, Segments

T = TypeVar("T")


class Crc(NamedTuple):
    """A CRC: ``update(segment, value so far)``, and ``combine(first, second, length of the second)``."""

    update: Callable[[Buffer, int], int]
    combine: Callable[[int, int, int], int]


_ANYCRC = {"CRC32": "CRC32-ISO-HDLC", "CRC32C": "CRC32-ISCSI", "CRC64NVME": "CRC64-NVME"}
_XXHASH = {"XXHASH64": "xxh64", "XXHASH3": "xxh3_64", "XXHASH128": "xxh3_128"}
_AWSCRT_XXHASH = {"XXHASH64": "new_xxhash64", "XXHASH3": "new_xxhash3_64", "XXHASH128": "new_xxhash3_128"}


def _anycrc(name: str) -> Crc:
    from anycrc import Model

    model = Model(_ANYCRC[name])
    return Crc(model.calc, model.combine)


def _awscrt(name: str) -> Crc:
    from awscrt import checksums

    update, combine = getattr(checksums, name.lower()), getattr(checksums, f"combine_{name.lower()}")
    return Crc(lambda segment, value: update(bytes(segment), value), combine)


def _python(name: str) -> Crc:
    from .python_crc import python_crc

    return Crc(*python_crc(name))


@cache
def crc(name: str) -> Crc:
    """Return the functions of a CRC: ``CRC32``, ``CRC32C`` or ``CRC64NVME``."""
    return _first_installed(name, {"anycrc": _anycrc, "awscrt": _awscrt, "Python": _python})


def _xxhash(name: str) -> Callable[[], Any]:
    import xxhash

    constructor: Callable[[], Any] = getattr(xxhash, _XXHASH[name])
    return constructor


def _awscrt_xxhash(name: str) -> Callable[[], Any]:
    from awscrt.checksums import XXHash  # from 0.31.2 on

    constructor = getattr(XXHash, _AWSCRT_XXHASH[name])
    return lambda: _AwscrtHash(constructor())


class _AwscrtHash:
    """An XXHash of awscrt with the methods of those in hashlib and xxhash."""

    def __init__(self, state: Any) -> None:
        self._state = state

    def update(self, segment: Buffer) -> None:
        self._state.update(bytes(segment))

    def digest(self) -> bytes:
        value: bytes = self._state.finalize()
        return value


@cache
def xxhash_constructor(name: str) -> Callable[[], Any]:
    """Return what makes a hash with ``update`` and ``digest``: of ``XXHASH64``, ``XXHASH3`` or ``XXHASH128``.

    Raises:
        S3Error: NotImplemented, if no library for it is installed.
    """
    return _first_installed(name, {"xxhash": _xxhash, "awscrt": _awscrt_xxhash})


def xxhash_digest(name: str, segments: Segments) -> bytes:
    """Return the digest of segments; the errors are those of `xxhash_constructor`."""
    state = xxhash_constructor(name)()
    for segment in segments:
        state.update(segment)
    digest: bytes = state.digest()
    return digest


def _first_installed(name: str, libraries: dict[str, Callable[[str], T]]) -> T:
    for load in libraries.values():
        try:
            return load(name)
        except ImportError:
            continue
    packages = " or ".join(libraries)
    raise S3Error("NotImplemented", f"fakes3part computes {name} checksums by the package {packages}, and neither is installed")

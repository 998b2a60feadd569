"""The additional checksums of S3: ``x-amz-checksum-*``, COMPOSITE and FULL_OBJECT.

A table of algorithms; the digests themselves come from zlib, hashlib and `checksum_libraries`. Values are base64 of the
big-endian digest, as on the wire. Sources: botocore's model (the ten algorithms), recorded from AWS which types go together.
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from ..errors import S3Error
from ..message import Buffer, Segments
from ..state.objects import Checksum, Data
from .checksum_libraries import crc, xxhash_digest

COMPOSITE = "COMPOSITE"
FULL_OBJECT = "FULL_OBJECT"
DEFAULT = "CRC64NVME"
"""What S3 computes for an object whose client sent no checksum."""


_LARGE, _PIECE = 64 * 1024, 16 * 1024 * 1024


class Algorithm(NamedTuple):
    """``digest`` hashes segments; ``combine(first, second, length_of_second)`` joins two CRCs without their bytes."""

    name: str
    length: int
    digest: Callable[[Segments], bytes]
    combine: Callable[[int, int, int], int] | None = None
    composite: bool = True
    default_type: str = COMPOSITE

    @property
    def header(self) -> str:
        return f"x-amz-checksum-{self.name.lower()}"

    @property
    def member(self) -> str:
        return f"Checksum{self.name}"


def _update(name: str, segment: Buffer, value: int) -> int:
    """Return a CRC with a segment added, a piece at a time: the libraries of CRCs do not release the GIL meanwhile."""
    update = crc(name).update
    if len(segment) <= _PIECE:
        return update(segment, value)
    view = memoryview(segment)
    for start in range(0, len(view), _PIECE):
        value = update(view[start : start + _PIECE], value)
    return value


def _crc32(segments: Segments) -> bytes:
    value = 0
    for segment in segments:
        # zlib's starts sooner, and the library's is three times as fast.
        value = zlib.crc32(segment, value) if len(segment) < _LARGE else _update("CRC32", segment, value)
    return value.to_bytes(4, "big")


def _crc(name: str, length: int) -> Callable[[Segments], bytes]:
    """Return the digest function of a CRC of `checksum_libraries`."""

    def digest(segments: Segments) -> bytes:
        value = 0
        for segment in segments:
            value = _update(name, segment, value)
        return value.to_bytes(length, "big")

    return digest


def _combine(name: str) -> Callable[[int, int, int], int]:
    return lambda first, second, length: crc(name).combine(first, second, length)


def _hashlib(name: str) -> Callable[[Segments], bytes]:
    def digest(segments: Segments) -> bytes:
        state = hashlib.new(name, usedforsecurity=False)
        for segment in segments:
            state.update(segment)
        return state.digest()

    return digest


ALGORITHMS: dict[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        Algorithm("CRC32", 4, _crc32, _combine("CRC32")),
        Algorithm("CRC32C", 4, _crc("CRC32C", 4), _combine("CRC32C")),
        Algorithm("CRC64NVME", 8, _crc("CRC64NVME", 8), _combine("CRC64NVME"), False, default_type=FULL_OBJECT),
        Algorithm("SHA1", 20, _hashlib("sha1")),
        Algorithm("SHA256", 32, _hashlib("sha256")),
        Algorithm("SHA512", 64, _hashlib("sha512")),
        Algorithm("MD5", 16, _hashlib("md5")),
        Algorithm("XXHASH64", 8, partial(xxhash_digest, "XXHASH64")),
        Algorithm("XXHASH3", 8, partial(xxhash_digest, "XXHASH3")),
        Algorithm("XXHASH128", 16, partial(xxhash_digest, "XXHASH128")),
    )
}
BY_MEMBER = {algorithm.member: algorithm for algorithm in ALGORITHMS.values()}
BY_HEADER = {algorithm.header: algorithm for algorithm in ALGORITHMS.values()}
_NOT_VALUES = {"x-amz-checksum-algorithm", "x-amz-checksum-type", "x-amz-checksum-mode"}
_SUPPORTED = ", ".join(sorted(ALGORITHMS))


def decode(text: str, length: int) -> bytes | None:
    """Decode a digest in base64; None: it is not base64 of ``length`` bytes."""
    try:
        raw = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return None
    return raw if len(raw) == length else None


def digest(data: Data, name: str) -> str:
    """Return the data's digest in base64. It is computed once and stored with the data."""
    value = data.digests.get(name)
    if value is None:
        value = data.digests[name] = b64encode(ALGORITHMS[name].digest(data.segments)).decode()
    return value


def only_one() -> S3Error:
    return S3Error("InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")


class SentChecksum(NamedTuple):
    """A checksum that a client sent for a body: base64 of as many bytes as the algorithm's digests have."""

    algorithm: Algorithm
    value: str


def sent_checksum(source: Mapping[str, str], location: str = "header", names: Iterable[str] | None = None) -> SentChecksum | None:
    """Return the one ``x-amz-checksum-*`` of the headers or trailers; None: there is none.

    Args:
        source: values by lower-case name.
        names: those that begin with ``x-amz-checksum-``; None: they are searched.
        location: what error texts call it.

    Raises:
        S3Error: InvalidRequest for two checksums, an unknown algorithm, or a value that cannot be one.
    """
    sent: SentChecksum | None = None
    for name in [name for name in source if name.startswith("x-amz-checksum-")] if names is None else names:
        if name in _NOT_VALUES:
            continue
        algorithm = BY_HEADER.get(name)
        if algorithm is None:
            raise S3Error("InvalidRequest", "The algorithm type you specified in x-amz-checksum- header is invalid.")
        if sent is not None:
            raise only_one()
        sent = SentChecksum(algorithm, source[name])
    if sent is not None and decode(sent.value, sent.algorithm.length) is None:
        raise S3Error("InvalidRequest", f"Value for {sent.algorithm.header} {location} is invalid.")
    return sent


def checksum_or_trailer(sent: SentChecksum | None, trailers: Mapping[str, str] | None) -> SentChecksum | None:
    """Return the checksum of the headers (None: they have none), or else that of the trailers (None: there are none).

    None: neither has one.

    Raises:
        S3Error: InvalidRequest, as of `sent_checksum`, and if both have one.
    """
    if not trailers:
        return sent
    trailing = sent_checksum(trailers, "trailing header")
    if sent is not None and trailing is not None:
        raise only_one()
    return sent or trailing


def verify_checksum(data: Data, sent: SentChecksum | None) -> Checksum | None:
    """Return the checksum that the client sent with this body, verified; None: it sent none.

    Raises:
        S3Error: BadDigest if it is not the body's.
    """
    if sent is None:
        return None
    algorithm, value = sent
    if digest(data, algorithm.name) != value:
        raise S3Error("BadDigest", f"The {algorithm.name} you specified did not match the calculated checksum.")
    return Checksum(algorithm.name, value)


def computed(data: Data, name: str) -> Checksum:
    return Checksum(name, digest(data, name))


def known_algorithm(name: str) -> Algorithm:
    """Return the algorithm of an ``x-amz-checksum-algorithm`` header, which may be in upper or lower case."""
    algorithm = ALGORITHMS.get(name.upper())
    if algorithm is None:
        raise S3Error(
            "InvalidRequest",
            f"Checksum algorithm provided is unsupported. Please try again with any of the valid types: [{_SUPPORTED}]",
        )
    return algorithm


def upload_type(algorithm_name: str | None, type_name: str | None) -> tuple[str | None, str | None]:
    """Return the algorithm and checksum type of a new upload, from the two headers of CreateMultipartUpload.

    Raises:
        S3Error: InvalidRequest for an unknown algorithm or type, or a pair that S3 does not compute.
    """
    if type_name is not None and type_name.upper() not in (COMPOSITE, FULL_OBJECT):
        raise S3Error("InvalidRequest", "Value for x-amz-checksum-type header is invalid.")
    if algorithm_name is None:
        if type_name is not None:
            raise S3Error(
                "InvalidRequest",
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
            )
        return None, None
    algorithm = known_algorithm(algorithm_name)
    kind = type_name.upper() if type_name else algorithm.default_type
    if (kind == COMPOSITE and not algorithm.composite) or (kind == FULL_OBJECT and algorithm.combine is None):
        raise S3Error(
            "InvalidRequest",
            f"The {kind} checksum type cannot be used with the {algorithm.name.lower()} checksum algorithm.",
        )
    return algorithm.name, kind


def composite_checksum(name: str, values: Iterable[str]) -> Checksum:
    """Return the checksum of the parts' checksums, with ``-N``."""
    raw = [b64decode(value) for value in values]
    value = b64encode(ALGORITHMS[name].digest((b"".join(raw),))).decode()
    return Checksum(name, f"{value}-{len(raw)}", COMPOSITE)


def combine_crcs(name: str, parts: Iterable[tuple[str, int]]) -> Checksum:
    """Return the CRC of the whole object, combined from (value, size) of the parts without reading their bytes."""
    algorithm = ALGORITHMS[name]
    assert algorithm.combine is not None
    total = 0
    for value, size in parts:
        total = algorithm.combine(total, int.from_bytes(b64decode(value), "big"), size)
    return Checksum(name, b64encode(total.to_bytes(algorithm.length, "big")).decode())


def checksum_output(checksum: Checksum | None, *, with_type: bool = True) -> dict[str, Any]:
    """Return the output members for a checksum: ``ChecksumCRC32`` ... and ``ChecksumType``."""
    if checksum is None:
        return {}
    output = {f"Checksum{checksum.algorithm}": checksum.value}
    if with_type:
        output["ChecksumType"] = checksum.type
    return output

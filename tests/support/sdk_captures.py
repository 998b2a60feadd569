"""Requests with one body as SDKs in other languages send them, written by hand: framing, trailers, signature extensions.

The signatures are made up: those of unknown access keys are not verified.

Sources: the requests of real clients, observed in November 2026; the Amazon S3 API reference, "Signature calculations with
trailing headers".
"""

from __future__ import annotations

import gzip
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha1, sha256
from typing import NamedTuple

import awscrt.checksums

from tests.support.errors import INCOMPLETE_BODY, MANY_CHECKSUMS, MISSING_CONTENT_LENGTH, WRONG_CRC32

DATA = b"".join(b"%07d\n" % number for number in range(25_000))  # 200,000 bytes: several chunks of any SDK
GZIP = gzip.compress(DATA)  # about 50 KB; its content does not matter
SIGNATURE = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def _crc(value: int, size: int) -> str:
    return b64encode(value.to_bytes(size, "big")).decode()


class Checksum(NamedTuple):
    """Return a checksum by its name in headers and trailers."""

    name: str
    of: Callable[[bytes], str]


CRC32 = Checksum("x-amz-checksum-crc32", lambda data: _crc(zlib.crc32(data), 4))
CRC32C = Checksum("x-amz-checksum-crc32c", lambda data: _crc(awscrt.checksums.crc32c(data), 4))
CRC64NVME = Checksum("x-amz-checksum-crc64nvme", lambda data: _crc(awscrt.checksums.crc64nvme(data), 8))
SHA1 = Checksum("x-amz-checksum-sha1", lambda data: b64encode(sha1(data, usedforsecurity=False).digest()).decode())
SHA256 = Checksum("x-amz-checksum-sha256", lambda data: b64encode(sha256(data).digest()).decode())


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def framed(data: bytes, size: int, *trailers: str, signed: bool = False, hexadecimal: str = "{:x}", end: str = "\r\n") -> bytes:
    """Return an aws-chunked body in chunks of ``size``; ``end`` terminates each trailer."""
    extension = f";chunk-signature={SIGNATURE}" if signed else ""
    parts = [f"{hexadecimal.format(len(p))}{extension}\r\n".encode() + p + b"\r\n" for p in pieces(data, size)]
    parts.append(f"{hexadecimal.format(0)}{extension}\r\n".encode())
    parts += [f"{trailer}{end}".encode() for trailer in trailers]
    return b"".join([*parts, b"\r\n"])


def transferred(body: bytes, size: int) -> bytes:
    """Return the body in HTTP's own framing, ``Transfer-Encoding: chunked``."""
    chunks = [b"%X\r\n%s\r\n" % (len(piece), piece) for piece in pieces(body, size)]
    return b"".join([*chunks, b"0\r\n\r\n"])


@dataclass(frozen=True)
class Capture:
    """One SDK's way to send a body. ``headers`` are those that matter; ``body`` is what follows the empty line.

    ``checksum`` is what S3 verifies and echoes (None: the SDK sends none), ``encoding`` the Content-Encoding that stays.
    """

    client: str
    headers: tuple[str, ...]
    body: bytes
    data: bytes = DATA
    checksum: Checksum | None = None
    encoding: str | None = None
    expects: bool = False


def _length(body: bytes) -> str:
    return f"Content-Length: {len(body)}"


def _trailer(checksum: Checksum, data: bytes = DATA) -> str:
    return f"{checksum.name}:{checksum.of(data)}"


def _plain(client: str, checksum: Checksum, *headers: str) -> Capture:
    """A request with the checksum in a header and the body as it is."""
    named = checksum.name.rpartition("-")[2].upper()
    sent = (f"{checksum.name}: {checksum.of(DATA)}", f"x-amz-sdk-checksum-algorithm: {named}", _length(DATA), *headers)
    return Capture(client, (f"x-amz-content-sha256: {sha256(DATA).hexdigest()}", *sent), DATA, checksum=checksum)


def _unsigned(client: str, checksum: Checksum, size: int, *, transfer: int = 0, data: bytes = DATA, end: str = "\r\n") -> Capture:
    """A request with unsigned payload and trailing checksum; ``transfer``: in HTTP chunks of that size (0: Content-Length)."""
    body = framed(data, size, _trailer(checksum, data), end=end)
    headers = (
        f"x-amz-content-sha256: {UNSIGNED_TRAILER}",
        "Content-Encoding: aws-chunked",
        f"x-amz-decoded-content-length: {len(data)}",
        f"x-amz-trailer: {checksum.name}",
        "Transfer-Encoding: chunked" if transfer else _length(body),
    )
    return Capture(client, headers, transferred(body, transfer) if transfer else body, data, checksum)


def _signed(client: str, size: int, *headers: str, data: bytes = DATA) -> Capture:
    """A request whose chunks are signed, without trailer and checksum."""
    body = framed(data, size, signed=True)
    sent = (f"x-amz-content-sha256: {SIGNED}", f"x-amz-decoded-content-length: {len(data)}", _length(body), *headers)
    return Capture(client, sent, body, data)


def _signed_trailer(client: str, checksum: Checksum, size: int, end: str) -> Capture:
    """A request whose chunks and trailer are signed. ``end``: SDKs and AWS's documentation terminate a trailer differently."""
    body = framed(DATA, size, _trailer(checksum), f"x-amz-trailer-signature:{SIGNATURE}", signed=True, end=end)
    headers = (
        f"x-amz-content-sha256: {SIGNED}-TRAILER",
        f"x-amz-decoded-content-length: {len(DATA)}",
        f"x-amz-trailer: {checksum.name}",
        _length(body),
    )
    return Capture(client, headers, body, checksum=checksum)


def _encoded(client: str, encoding: str) -> Capture:
    """A body that was compressed before it was framed: only aws-chunked is removed."""
    capture = _unsigned(client, CRC32, 65_536, data=GZIP)
    headers = tuple(f"Content-Encoding: {encoding}" if line.startswith("Content-E") else line for line in capture.headers)
    return Capture(client, headers, capture.body, GZIP, CRC32, "gzip")


def _spelled(client: str, hexadecimal: str) -> Capture:
    body = framed(DATA, 65_536, signed=True, hexadecimal=hexadecimal)
    capture = _signed(client, 65_536)
    return Capture(client, (*capture.headers[:2], _length(body)), body)


CAPTURES: tuple[Capture, ...] = (
    _plain("boto3, AWS CLI v1, JavaScript v3 with a buffer, over http", CRC32),
    _plain("Ruby: asks before it sends", CRC32, "Expect: 100-continue"),
    _plain("any SDK asked for SHA-256", SHA256),
    _plain("urllib, Net::HTTP: a form that is none", CRC32, "Content-Type: application/x-www-form-urlencoded"),
    _unsigned("boto3, AWS CLI v1 over https", CRC32, 1_048_576, transfer=1_048_576),
    _unsigned("JavaScript v3 with a stream", CRC32, 65_536, transfer=65_600),
    _unsigned("CRT: one chunk, its length known", CRC64NVME, len(DATA)),
    _unsigned("Go v2 over https", CRC32, len(DATA)),
    _unsigned("Go v2 with a reader of unknown length", CRC32, 32_768, transfer=4_096),
    _unsigned("Rust: SHA-1 asked for", SHA1, 65_536, transfer=16_384),
    _unsigned("a trailer that LF ends", CRC32, 65_536, end="\n"),
    _signed("minio-go, restic over http", 65_536),
    _signed("Java v2: 128 KiB", 131_072, "Content-Encoding: aws-chunked", "Expect: 100-continue"),
    _signed("minio-go with nothing to send", 65_536, data=b""),
    _signed("one chunk that is small", 65_536, data=b"small"),
    _signed_trailer("minio-go with a trailer", CRC32C, 65_536, "\r\n"),
    _signed_trailer("a signed trailer that LF ends", CRC64NVME, 65_536, "\n"),
    _signed_trailer("a signed trailer as AWS documents it", CRC32C, 65_536, "\n\r\n"),
    _encoded("gzip before the framing is named", "gzip,aws-chunked"),
    _encoded("gzip after it, as AWS documents it", "aws-chunked,gzip"),
    _encoded("with a space", "aws-chunked, gzip"),
    _spelled("sizes in upper case", "{:X}"),
    _spelled("sizes with zeros before them", "{:08x}"),
)


@dataclass(frozen=True)
class DamagedRequest:
    """An invalid request: the JavaScript SDK's capture with ``headers`` replaced and another body."""

    name: str
    status: int
    code: str
    message: str
    headers: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    body: bytes = b""
    extras: tuple[tuple[str, str], ...] = ()


_RIGHT = _trailer(CRC32)
_FRAMED = framed(DATA, 65_536, _RIGHT)
_LENGTH = "You did not provide the number of bytes specified by the Content-Length HTTP header"
_TRAILER = "The request contained trailing data that was not well-formed or did not conform to our published schema."

DAMAGED_REQUESTS: tuple[DamagedRequest, ...] = (
    DamagedRequest(
        "no decoded length",
        411,
        "MissingContentLength",
        MISSING_CONTENT_LENGTH,
        without=("x-amz-decoded-content-length",),
        body=_FRAMED,
    ),
    DamagedRequest(
        "another decoded length", 400, "IncompleteBody", _LENGTH, ("x-amz-decoded-content-length: 199999",), body=_FRAMED
    ),
    DamagedRequest(
        "ends before the last chunk", 400, "IncompleteBody", INCOMPLETE_BODY, body=_FRAMED[: _FRAMED.rindex(b"0\r\nx-amz")]
    ),
    DamagedRequest("a size that is none", 400, "IncompleteBody", INCOMPLETE_BODY, body=b"size\r\n" + _FRAMED),
    DamagedRequest("no framing at all", 400, "IncompleteBody", INCOMPLETE_BODY, body=DATA),
    DamagedRequest(
        "small chunks",
        400,
        "InvalidChunkSizeError",
        "Only the last chunk is allowed to have a size less than 8192 bytes",
        body=framed(DATA, 4096, _RIGHT),
        extras=(("Chunk", "1"), ("BadChunkSize", "4096")),
    ),
    DamagedRequest(
        "a trailer that is no checksum",
        400,
        "InvalidRequest",
        "The value specified in the x-amz-trailer header is not supported",
        ("x-amz-trailer: x-amz-meta-late",),
        body=framed(DATA, 65_536, "x-amz-meta-late:yes"),
    ),
    DamagedRequest("the trailer is missing", 400, "MalformedTrailerError", _TRAILER, body=framed(DATA, 65_536)),
    DamagedRequest("another trailer", 400, "MalformedTrailerError", _TRAILER, body=framed(DATA, 65_536, _trailer(CRC32C))),
    DamagedRequest("a trailer without a colon", 400, "MalformedTrailerError", _TRAILER, body=framed(DATA, 65_536, "crc32")),
    DamagedRequest(
        "a trailer that is no digest",
        400,
        "InvalidRequest",
        "Value for x-amz-checksum-crc32 trailing header is invalid.",
        body=framed(DATA, 65_536, f"{CRC32.name}:crc"),
    ),
    DamagedRequest(
        "a trailer of other data",
        400,
        "BadDigest",
        WRONG_CRC32,
        body=framed(DATA, 65_536, _trailer(CRC32, b"other")),
    ),
    DamagedRequest(
        "a header beside the trailer",
        400,
        "InvalidRequest",
        MANY_CHECKSUMS,
        (f"x-amz-checksum-crc32: {CRC32.of(DATA)}",),
        body=_FRAMED,
    ),
)


def damaged_headers(damaged: DamagedRequest) -> list[str]:
    """Return the header lines of an invalid request: those of a valid one, some replaced or removed."""
    right = _unsigned("", CRC32, 65_536).headers
    replaced = {line.partition(":")[0].lower() for line in damaged.headers} | set(damaged.without) | {"content-length"}
    kept = [line for line in right if line.partition(":")[0].lower() not in replaced]
    return [*kept, *damaged.headers, _length(damaged.body)]

"""The aws-chunked framing of SDKs: ``hexsize[;chunk-signature=...] CRLF data CRLF ... 0 CRLF trailers CRLF``.

It is a Content-Encoding, not a Transfer-Encoding, and must never be stored. If ``x-amz-content-sha256`` says that the chunks are
signed, each must have a signature, which a `ChunkVerifier` checks if the caller's secret key is known. (Amazon S3 API Reference,
"Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks".)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

from ..errors import S3Error
from ..message import Payload
from ..rules.checksums import BY_HEADER, SentChecksum
from ..text import whole_number
from .payload_hash import HEADER, STREAMING, STREAMING_SIGNED

MIN_CHUNK = 8192
_SIZE_LINE = 256
_HEX = re.compile(rb"[0-9a-fA-F]{1,16}")
_CHUNK_SIGNATURE = re.compile(rb"\s*chunk-signature=([0-9a-f]{64})\s*")
_SIGNATURE = "x-amz-trailer-signature"


class ChunkVerifier(Protocol):
    """Verifies the signatures of a body's chunks, in their order. Both methods raise SignatureDoesNotMatch."""

    def check_chunk(self, data: bytes | memoryview, provided: str) -> None:
        """Verify the signature of the next chunk; the last chunk has no data."""

    def check_trailers(self, canonical: bytes, provided: str) -> None:
        """Verify the signature of the trailers, ``name:value\\n`` each, after the last chunk."""


class Framing(NamedTuple):
    """What the headers declare about a framed body.

    Attributes:
        trailers: the names of its trailers.
        size: the bytes of its payload.
    """

    trailers: list[str]
    size: int


class DeclaredBody(NamedTuple):
    """What the headers declare about a body that is an object's bytes.

    Attributes:
        checksum: the ``x-amz-checksum-*`` header; None: there is none.
        framing: None: the body is not framed.
    """

    checksum: SentChecksum | None = None
    framing: Framing | None = None


def is_chunked(headers: Mapping[str, str]) -> bool:
    """Return whether the body is framed: ``x-amz-content-sha256`` alone tells (Ceph's compatibility checks).

    Without that header, which botocore leaves out of unsigned requests, Content-Encoding and the decoded length tell (assumed:
    not recorded from AWS).
    """
    content_hash = headers.get(HEADER)
    if content_hash is None:
        return "aws-chunked" in headers.get("content-encoding", "") and "x-amz-decoded-content-length" in headers
    return content_hash in STREAMING


def decoded_length(headers: Mapping[str, str]) -> int:
    """Return the size of the payload without framing, as the client declared it.

    Raises:
        S3Error: MissingContentLength.
    """
    declared = whole_number(headers.get("x-amz-decoded-content-length"))
    if declared is None:
        raise S3Error("MissingContentLength")
    return declared


def declared_trailers(headers: Mapping[str, str]) -> list[str]:
    """Return the names in ``x-amz-trailer``.

    Raises:
        S3Error: InvalidRequest if one is not a checksum header.
    """
    sent = headers.get("x-amz-trailer", "")
    if sent in BY_HEADER:
        return [sent]
    names = [name.strip().lower() for name in sent.split(",") if name.strip()]
    if any(name not in BY_HEADER for name in names):
        raise S3Error("InvalidRequest", "The value specified in the x-amz-trailer header is not supported")
    return names


@lru_cache(maxsize=256)
def usual_framing(trailer: str | None, length: str | None) -> DeclaredBody | None:
    """Return what SDKs declare: one trailer, a checksum, and a length; None: it is something else, or wrong.

    Args:
        trailer: the header ``x-amz-trailer``; None: it was not sent.
        length: the header ``x-amz-decoded-content-length``; None: it was not sent.
    """
    size = whole_number(length)
    return DeclaredBody(None, Framing([trailer], size)) if trailer in BY_HEADER and size is not None else None


def check_payload(payload: Payload, framing: Framing) -> Payload:
    """Check size and trailers of a payload without framing, and return it.

    Raises:
        S3Error: IncompleteBody or MalformedTrailerError.
    """
    if len(payload.data) != framing.size:
        raise S3Error("IncompleteBody")
    sent = list(payload.trailers or ())
    if sent != framing.trailers and sorted(sent) != sorted(framing.trailers):
        raise S3Error("MalformedTrailerError")
    return payload


def remove_framing(payload: Payload, headers: Mapping[str, str], verifier: ChunkVerifier | None = None) -> Payload:
    """Return a payload without its framing, whether or not a door removed that already. Raises as `decode` does."""
    if payload.trailers is None:
        return decode(payload.data, headers, verifier)
    return check_payload(payload, Framing(declared_trailers(headers), decoded_length(headers)))


def add_framing(payload: Payload) -> bytes:
    """Return a body as it is sent: with its aws-chunked framing, if the interception has removed that."""
    data, trailers = payload
    if trailers is None:
        return data
    chunk = b"%x\r\n%b\r\n" % (len(data), data) if data else b""
    lines = "".join(f"{name}:{value}\r\n" for name, value in trailers.items()).encode("latin-1")
    return b"%b0\r\n%b\r\n" % (chunk, lines)


def decode(
    body: bytes, headers: Mapping[str, str], verifier: ChunkVerifier | None = None, framing: Framing | None = None
) -> Payload:
    """Remove the framing.

    Args:
        verifier: checks the chunks' signatures; None: they are not verified.
        framing: what the headers declare; None: it is not known yet.

    Raises:
        S3Error: IncompleteBody for broken framing, InvalidChunkSizeError, SignatureDoesNotMatch, and what `check_payload`,
            `declared_trailers` and `decoded_length` raise.
    """
    content_hash = headers.get(HEADER)
    signed = content_hash in STREAMING_SIGNED
    chunks: list[memoryview] = []
    view = memoryview(body)
    position, small = 0, None
    while True:
        size, signature, position = _chunk_head(body, position, signed)
        if size == 0:
            if verifier is not None:
                verifier.check_chunk(b"", signature)
            break
        if small is not None:
            raise S3Error("InvalidChunkSizeError", Chunk=len(chunks), BadChunkSize=small)
        if size < MIN_CHUNK:
            small = size
        end = position + size
        if body[end : end + 2] != b"\r\n":
            raise _broken()
        chunks.append(view[position:end])
        if verifier is not None:
            verifier.check_chunk(chunks[-1], signature)
        position = end + 2
    trailers = _trailers(body[position:])
    if content_hash == STREAMING_SIGNED[1]:
        _check_signed_trailers(trailers, verifier)
    trailers.pop(_SIGNATURE, None)
    framing = framing or Framing(declared_trailers(headers), decoded_length(headers))
    return check_payload(Payload(b"".join(chunks), trailers), framing)


def _check_signed_trailers(trailers: Mapping[str, str], verifier: ChunkVerifier | None) -> None:
    provided = trailers.get(_SIGNATURE, "")
    if verifier is not None:
        lines = (f"{name}:{value}\n" for name, value in trailers.items() if name != _SIGNATURE)
        verifier.check_trailers("".join(lines).encode("latin-1"), provided)
    elif not provided:
        raise S3Error("SignatureDoesNotMatch")


def _broken() -> S3Error:
    return S3Error("IncompleteBody", "The request body terminated unexpectedly")


def _chunk_head(body: bytes, position: int, signed: bool) -> tuple[int, str, int]:
    """Parse the line before a chunk. Return size, signature ('' if chunks are not signed), and position of the data."""
    end = body.find(b"\r\n", position, position + _SIZE_LINE)
    size, _, extension = body[position:end].partition(b";") if end >= 0 else (b"", b"", b"")
    signature = _CHUNK_SIGNATURE.fullmatch(extension) if signed else None
    if not _HEX.fullmatch(size) or (signed and signature is None):
        raise _broken()
    return int(size, 16), signature[1].decode() if signature else "", end + 2


def _trailers(tail: bytes) -> dict[str, str]:
    """Parse ``name:value`` lines up to an empty one. SDKs end them with CRLF, some with LF."""
    trailers: dict[str, str] = {}
    for line in tail.replace(b"\r\n", b"\n").split(b"\n"):
        if not line:
            continue
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise S3Error("MalformedTrailerError")
        trailers[name.strip().lower()] = value.strip()
    return trailers

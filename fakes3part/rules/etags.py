"""Entity tags and Content-MD5: MD5 in hex, in base64, and of many parts."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import md5
from importlib import import_module
from typing import Any

from ..errors import S3Error
from ..state.objects import Data, Part
from .checksums import decode

_SMALL = 4096
"""Bytes up to which Python's own MD5 is faster than OpenSSL's, which has more to do before the first byte."""

small_md5: Callable[..., Any] = md5
with suppress(ImportError):  # some builds of Python have only OpenSSL's
    small_md5 = import_module("_md5").md5


def md5_of(data: Data) -> bytes:
    """Return the MD5 of the data. Every upload needs it; it is the largest part of an upload's cost."""
    segments = data.segments
    if len(segments) == 1:
        make = small_md5 if data.size <= _SMALL else md5
        digest: bytes = make(segments[0], usedforsecurity=False).digest()
        return digest
    state = md5(usedforsecurity=False)
    for segment in segments:
        state.update(segment)
    return state.digest()


def composite_etag(parts: Sequence[Part]) -> str:
    """Return the ETag of a multipart object: MD5 of the parts' MD5s, dash, number of parts."""
    joined = b"".join(bytes.fromhex(part.etag) for part in parts)
    return f"{md5(joined, usedforsecurity=False).hexdigest()}-{len(parts)}"


def parse_content_md5(sent: str) -> bytes:
    """Return the digest of a Content-MD5 header.

    Raises:
        S3Error: InvalidDigest when it is not base64 of 16 bytes.
    """
    digest = decode(sent, 16)
    if digest is None:
        extras: dict[str, Any] = {"Content-MD5": sent}
        raise S3Error("InvalidDigest", **extras)
    return digest


def check_content_md5(sent: str | None, calculated: bytes, *, expected_in_hex: bool = False) -> None:
    """Compare a Content-MD5 header with the body's digest.

    ``ExpectedDigest`` of the error is hex for PutObject and base64 for UploadPart, as recorded from AWS.

    Raises:
        S3Error: InvalidDigest when it is not base64 of 16 bytes, BadDigest when it is another body's.
    """
    if sent is None:
        return
    expected = parse_content_md5(sent)
    if expected != calculated:
        raise S3Error(
            "BadDigest",
            CalculatedDigest=b64encode(calculated).decode(),
            ExpectedDigest=expected.hex() if expected_in_hex else sent,
        )


def quote_etag(etag: str) -> str:
    return f'"{etag}"'


def unquote_etag(etag: str) -> str:
    """Return an ETag without its quotes and without a weak prefix, as S3 compares it."""
    return etag.strip().removeprefix("W/").strip('"')

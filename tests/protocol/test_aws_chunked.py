"""The aws-chunked framing and its trailers: as SDKs send them, and invalid ones. The errors are those of versitygw's tests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.doors import Door, RawResponse
from tests.support.errors import INCOMPLETE_BODY, MISSING_CONTENT_LENGTH
from tests.support.state import UNSIGNED_TRAILER, Headers, framed, streaming, unchanged

CRC32 = "x-amz-checksum-crc32"
BIG = bytes(range(256)) * 32
"""8,192 bytes, the smallest size of a chunk before the last."""

SIGNATURE = ";chunk-signature=" + "0" * 64
ACCEPTED = {
    "one chunk": ([b"test"], None, "", UNSIGNED_TRAILER),
    "nothing": ([], None, "", UNSIGNED_TRAILER),
    "two chunks": ([BIG, b"x"], None, "", UNSIGNED_TRAILER),
    "many chunks": ([BIG] * 5 + [b"x" * 9000], None, "", UNSIGNED_TRAILER),
    "trailer": ([b"test"], {CRC32: "2H9+DA=="}, "", UNSIGNED_TRAILER),
    "signed chunks": ([BIG, b"test"], None, SIGNATURE, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
    "signed trailer": (
        [b"test"],
        {CRC32: "2H9+DA==", "x-amz-trailer-signature": "0" * 64},
        SIGNATURE,
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    ),
}


@pytest.mark.parametrize(("chunks", "trailers", "extension", "sha256"), ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(
    door: Door, bucket: str, chunks: list[bytes], trailers: dict[str, str] | None, extension: str, sha256: str
) -> None:
    body = b"".join(chunks)
    headers = streaming(len(body), CRC32 if trailers else None, sha256)
    response = door.raw("PUT", "/bucket/k", headers, framed(chunks, trailers, extension), sign=False)
    assert response.status == 200
    got = door.raw("GET", "/bucket/k")
    assert (got.body == body, got.headers["content-length"]) == (True, str(len(body)))
    assert "content-encoding" not in got.headers


@pytest.mark.parametrize(
    "tail",
    [
        b"0\r\n" + CRC32.encode() + b":2H9+DA==\r\n\r\n",
        b"0\r\n" + CRC32.encode() + b":2H9+DA==\n\r\n\r\n",
        b"0\r\n" + CRC32.encode() + b": 2H9+DA==\n\r\n",
        b"0\r\nX-Amz-Checksum-CRC32:2H9+DA==\r\n\r\n",
    ],
    ids=["CRLF", "LF and CRLF", "LF", "upper case"],
)
def test_spellings_of_trailers(door: Door, bucket: str, tail: bytes) -> None:
    response = door.raw("PUT", "/bucket/k", streaming(4, CRC32), b"4\r\ntest\r\n" + tail, sign=False)
    assert (response.status, response.headers[CRC32]) == (200, "2H9+DA==")


def test_hex_digits_in_any_case(door: Door, bucket: str) -> None:
    body = b"A\r\n0123456789\r\n0\r\n\r\n"
    assert door.raw("PUT", "/bucket/k", streaming(10), body, sign=False).status == 200
    assert door.raw("GET", "/bucket/k").body == b"0123456789"


TEST = framed([b"test"])
LENGTH = ("MissingContentLength", MISSING_CONTENT_LENGTH, {})
NUMBER = ("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header", {})
CUT_OFF = ("IncompleteBody", INCOMPLETE_BODY, {})
SMALL = "Only the last chunk is allowed to have a size less than 8192 bytes"
TRAILER = (
    "MalformedTrailerError",
    "The request contained trailing data that was not well-formed or did not conform to our published schema.",
    {},
)
UNSUPPORTED = ("InvalidRequest", "The value specified in the x-amz-trailer header is not supported", {})
REFUSED: dict[str, tuple[Headers, bytes, int, tuple[str, str, dict[str, str]]]] = {
    "no length": (streaming(None), TEST, 411, LENGTH),
    "length in words": (streaming("four"), TEST, 411, LENGTH),
    "negative length": (streaming("-4"), TEST, 411, LENGTH),
    "empty length": (streaming(""), TEST, 411, LENGTH),
    "length too small": (streaming(3), TEST, 400, NUMBER),
    "length too large": (streaming(5), TEST, 400, NUMBER),
    "no framing": (streaming(4), b"test", 400, CUT_OFF),
    "nothing at all": (streaming(4), b"", 400, CUT_OFF),
    "no last chunk": (streaming(4), b"4\r\ntest\r\n", 400, CUT_OFF),
    "chunk cut off": (streaming(4), b"4\r\nte", 400, CUT_OFF),
    "chunk longer than declared": (streaming(5), b"4\r\ntest!\r\n0\r\n\r\n", 400, CUT_OFF),
    "no hex": (streaming(4), b"four\r\ntest\r\n0\r\n\r\n", 400, CUT_OFF),
    "signed hex": (streaming(4), b"+4\r\ntest\r\n0\r\n\r\n", 400, CUT_OFF),
    "no line": (streaming(4), b"4" * 300 + b"\r\ntest\r\n0\r\n\r\n", 400, CUT_OFF),
    "small chunk": (
        streaming(8),
        framed([b"test", b"test"]),
        400,
        ("InvalidChunkSizeError", SMALL, {"Chunk": "1", "BadChunkSize": "4"}),
    ),
    "small second chunk": (
        streaming(8192 + 8191 + 1),
        framed([BIG, BIG[1:], b"x"]),
        400,
        ("InvalidChunkSizeError", SMALL, {"Chunk": "2", "BadChunkSize": "8191"}),
    ),
    "trailer that is no checksum": (
        streaming(4, "x-amz-meta-a"),
        framed([b"test"], {"x-amz-meta-a": "b"}),
        400,
        UNSUPPORTED,
    ),
    "one trailer too many announced": (
        streaming(4, f"{CRC32},x-foo"),
        framed([b"test"], {CRC32: "2H9+DA=="}),
        400,
        UNSUPPORTED,
    ),
    "trailer missing": (streaming(4, CRC32), TEST, 400, TRAILER),
    "another trailer": (streaming(4, CRC32), framed([b"test"], {"x-amz-checksum-crc32c": "AAAAAA=="}), 400, TRAILER),
    "a trailer more": (
        streaming(4, CRC32),
        framed([b"test"], {CRC32: "2H9+DA==", "x-amz-checksum-sha1": "qUqP5cyxm6YcTAhz05Hph5gvu9M="}),
        400,
        TRAILER,
    ),
    "trailer not announced": (streaming(4), framed([b"test"], {CRC32: "2H9+DA=="}), 400, TRAILER),
    "trailer without colon": (streaming(4, CRC32), b"4\r\ntest\r\n0\r\nx-amz-checksum-crc32\r\n\r\n", 400, TRAILER),
}


@pytest.mark.parametrize(("headers", "body", "status", "error"), REFUSED.values(), ids=REFUSED)
def test_refused(door: Door, bucket: str, headers: Headers, body: bytes, status: int, error: tuple[Any, ...]) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"old")
    code, message, extras = error
    with unchanged(door.fake):
        response: RawResponse = door.raw("PUT", "/bucket/k", headers, body, sign=False)
    assert (response.status, response.error) == (status, {"Code": code, "Message": message, **extras})
    assert door.raw("GET", "/bucket/k").body == b"old"


def test_the_content_hash_alone_shows_the_framing(door: Door, bucket: str) -> None:
    headers = streaming(4)
    del headers["Content-Encoding"]
    assert door.raw("PUT", "/bucket/k", headers, TEST, sign=False).status == 200
    assert door.raw("GET", "/bucket/k").body == b"test"

"""Parts with aws-chunked bodies and trailers, as SDKs send them over TLS."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.doors import Door, assert_error
from tests.support.errors import ENTITY_TOO_LARGE, INCOMPLETE_BODY, MANY_CHECKSUMS, MISSING_CONTENT_LENGTH, WRONG_CRC32
from tests.support.multipart import Upload, content, frames, md5, streamed, visibly_unchanged
from tests.support.vectors import CHECKSUM_MEMBERS, DUMMY_CHECKSUMS

BODY = b"dummy data"
CRC32 = f"x-amz-checksum-crc32:{DUMMY_CHECKSUMS['CRC32']}"
BIG = bytes(range(256)) * 256


@pytest.fixture
def upload(s3: Any, bucket: str) -> Upload:
    return Upload(s3, bucket)


@pytest.mark.parametrize("algorithm", CHECKSUM_MEMBERS)
def test_trailer(door: Door, s3: Any, upload: Upload, algorithm: str) -> None:
    """Checked like a header, echoed like one."""
    header = f"x-amz-checksum-{algorithm.lower()}"
    body = frames(BODY, trailers=[f"{header}:{DUMMY_CHECKSUMS[algorithm]}"])
    response = streamed(door, f"{upload.target}&partNumber=1", body, 10, header)
    assert (response.status, response.body) == (200, b"")
    assert response.headers["etag"] == f'"{md5(BODY)}"'
    assert {name: value for name, value in response.headers.items() if "checksum" in name} == {header: DUMMY_CHECKSUMS[algorithm]}
    upload.complete({"PartNumber": 1, "ETag": response.headers["etag"]})
    assert content(s3, upload.bucket) == BODY


@pytest.mark.parametrize(
    "body",
    [
        frames(BIG[:8192], BIG[8192:20000], BIG[20000:]),
        frames(BIG[:60000], BIG[60000:]),
        frames(BIG),
        b"10000;chunk-signature=" + b"a" * 64 + b"\r\n" + BIG + b"\r\n0;chunk-signature=" + b"b" * 64 + b"\r\n\r\n",
        b"010000\r\n" + BIG + b"\r\n0\r\n\r\n",
    ],
    ids=["three chunks", "a small last one", "one chunk", "signed", "a leading zero"],
)
def test_framing(door: Door, s3: Any, upload: Upload, body: bytes) -> None:
    response = streamed(door, f"{upload.target}&partNumber=1", body, len(BIG))
    assert (response.status, response.headers["etag"]) == (200, f'"{md5(BIG)}"')
    upload.complete({"PartNumber": 1, "ETag": response.headers["etag"]})
    assert content(s3, upload.bucket) == BIG
    assert "ContentEncoding" not in s3.head_object(Bucket=upload.bucket, Key="key")


def test_trailer_lines_may_end_with_lf(door: Door, upload: Upload) -> None:
    body = b"a\r\n" + BODY + b"\r\n0\r\n" + CRC32.encode() + b"\n\r\n"
    response = streamed(door, f"{upload.target}&partNumber=1", body, 10, "x-amz-checksum-crc32")
    assert response.status == 200


def test_empty_part(door: Door, upload: Upload) -> None:
    body = frames(trailers=["x-amz-checksum-crc32:AAAAAA=="])
    response = streamed(door, f"{upload.target}&partNumber=1", body, 0, "x-amz-checksum-crc32")
    assert (response.status, response.headers["etag"]) == (200, f'"{md5(b"")}"')


SHORT = "You did not provide the number of bytes specified by the Content-Length HTTP header"
TRAILER = "The request contained trailing data that was not well-formed or did not conform to our published schema."
SMALL = "Only the last chunk is allowed to have a size less than 8192 bytes"
Case = tuple[bytes, "int | None", str, dict[str, str], int, str, str, dict[str, str]]

REFUSED: dict[str, Case] = {
    "no decoded length": (frames(BODY), None, "", {}, 411, "MissingContentLength", MISSING_CONTENT_LENGTH, {}),
    "decoded length no number": (
        frames(BODY),
        None,
        "",
        {"X-Amz-Decoded-Content-Length": "ten"},
        411,
        "MissingContentLength",
        MISSING_CONTENT_LENGTH,
        {},
    ),
    "decoded length too large": (frames(BODY), 11, "", {}, 400, "IncompleteBody", SHORT, {}),
    "decoded length too small": (frames(BODY), 9, "", {}, 400, "IncompleteBody", SHORT, {}),
    "no framing": (BODY, 10, "", {}, 400, "IncompleteBody", INCOMPLETE_BODY, {}),
    "nothing": (b"", 10, "", {}, 400, "IncompleteBody", INCOMPLETE_BODY, {}),
    "ends within a chunk": (b"a\r\ndummy", 10, "", {}, 400, "IncompleteBody", INCOMPLETE_BODY, {}),
    "ends before the last chunk": (b"a\r\n" + BODY + b"\r\n", 10, "", {}, 400, "IncompleteBody", INCOMPLETE_BODY, {}),
    "chunk longer than it says": (b"9\r\n" + BODY + b"\r\n0\r\n\r\n", 10, "", {}, 400, "IncompleteBody", INCOMPLETE_BODY, {}),
    "size is no hexadecimal": (b"ten\r\n" + BODY + b"\r\n0\r\n\r\n", 10, "", {}, 400, "IncompleteBody", INCOMPLETE_BODY, {}),
    "negative size": (b"-a\r\n" + BODY + b"\r\n0\r\n\r\n", 10, "", {}, 400, "IncompleteBody", INCOMPLETE_BODY, {}),
    "small first chunk": (
        frames(b"dummy", b" data"),
        10,
        "",
        {},
        400,
        "InvalidChunkSizeError",
        SMALL,
        {"Chunk": "1", "BadChunkSize": "5"},
    ),
    "small second chunk": (
        frames(BIG[:8192], BIG[:8191], b"end"),
        16386,
        "",
        {},
        400,
        "InvalidChunkSizeError",
        SMALL,
        {"Chunk": "2", "BadChunkSize": "8191"},
    ),
    "trailer of another kind": (
        frames(BODY, trailers=["x-amz-meta-a:b"]),
        10,
        "x-amz-meta-a",
        {},
        400,
        "InvalidRequest",
        "The value specified in the x-amz-trailer header is not supported",
        {},
    ),
    "announced trailer missing": (frames(BODY), 10, "x-amz-checksum-crc32", {}, 400, "MalformedTrailerError", TRAILER, {}),
    "another trailer": (
        frames(BODY, trailers=[CRC32]),
        10,
        "x-amz-checksum-crc32c",
        {},
        400,
        "MalformedTrailerError",
        TRAILER,
        {},
    ),
    "trailer not announced": (frames(BODY, trailers=[CRC32]), 10, "", {}, 400, "MalformedTrailerError", TRAILER, {}),
    "trailer without colon": (
        frames(BODY, trailers=["x-amz-checksum-crc32"]),
        10,
        "x-amz-checksum-crc32",
        {},
        400,
        "MalformedTrailerError",
        TRAILER,
        {},
    ),
    "trailer wrong": (
        frames(b"other data", trailers=[CRC32]),
        10,
        "x-amz-checksum-crc32",
        {},
        400,
        "BadDigest",
        WRONG_CRC32,
        {},
    ),
    "trailer malformed": (
        frames(BODY, trailers=["x-amz-checksum-crc64nvme:QWaN2w=="]),
        10,
        "x-amz-checksum-crc64nvme",
        {},
        400,
        "InvalidRequest",
        "Value for x-amz-checksum-crc64nvme trailing header is invalid.",
        {},
    ),
    "header and trailer": (
        frames(BODY, trailers=[CRC32]),
        10,
        "x-amz-checksum-crc32",
        {"x-amz-checksum-sha1": DUMMY_CHECKSUMS["SHA1"]},
        400,
        "InvalidRequest",
        MANY_CHECKSUMS,
        {},
    ),
    "header and trailer of one algorithm": (
        frames(BODY, trailers=[CRC32]),
        10,
        "x-amz-checksum-crc32",
        {"x-amz-checksum-crc32": DUMMY_CHECKSUMS["CRC32"]},
        400,
        "InvalidRequest",
        MANY_CHECKSUMS,
        {},
    ),
    "more than 5 GiB": (
        frames(BODY),
        5368709121,
        "",
        {},
        400,
        "EntityTooLarge",
        ENTITY_TOO_LARGE,
        {"ProposedSize": "5368709121", "MaxSizeAllowed": "5368709120"},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(door: Door, s3: Any, upload: Upload, name: str) -> None:
    """Nothing is stored, and the upload can be completed with the part that it had."""
    part = upload.put(1, b"first")
    body, size, trailer, more, status, code, message, extras = REFUSED[name]
    with visibly_unchanged(s3, upload.bucket):
        assert_error(streamed(door, f"{upload.target}&partNumber=1", body, size, trailer, **more), status, code, message, extras)
    upload.complete(part)
    assert content(s3, upload.bucket) == b"first"


@pytest.mark.parametrize("options", [{}, {"ChecksumAlgorithm": "SHA256"}, {"ChecksumAlgorithm": "CRC64NVME"}])
def test_boto3_default_framing(s3: Any, upload: Upload, options: dict[str, str]) -> None:
    """A part with boto3's own framing and trailer; the default checksum is CRC32."""
    response = upload.send(1, BODY, **options)
    algorithm = options.get("ChecksumAlgorithm", "CRC32")
    assert response[CHECKSUM_MEMBERS[algorithm]] == DUMMY_CHECKSUMS[algorithm]
    upload.complete({"PartNumber": 1, "ETag": response["ETag"]})
    assert content(s3, upload.bucket) == BODY


def test_checksum_of_the_upload_by_trailer(door: Door, s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket, ChecksumAlgorithm="CRC32")
    body = frames(BODY, trailers=[CRC32])
    assert streamed(door, f"{upload.target}&partNumber=1", body, 10, "x-amz-checksum-crc32").status == 200
    assert upload.parts()[0]["ChecksumCRC32"] == DUMMY_CHECKSUMS["CRC32"]

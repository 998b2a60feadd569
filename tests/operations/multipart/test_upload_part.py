"""UploadPart: numbers, overwriting, digests, sizes. After a rejected part the upload can still be completed."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from fakes3part.api.server import Server
from tests.support.doors import Door, assert_error, refused
from tests.support.errors import (
    ENTITY_TOO_LARGE,
    INVALID_CONTENT_MD5,
    INVALID_PART_NUMBER,
    MANY_CHECKSUMS,
    MISSING_CONTENT_LENGTH,
    NO_SUCH_UPLOAD,
    WRONG_CONTENT_MD5,
    WRONG_CONTENT_SHA256,
)
from tests.support.multipart import Upload, content, etag_of, md5, visibly_unchanged, without_length
from tests.support.vectors import CHECKSUM_MEMBERS, DUMMY_CHECKSUMS

BODY = b"dummy data"
"""Whose checksums are recorded."""


@contextlib.contextmanager
def stays_usable(upload: Upload) -> Iterator[None]:
    """Check that a part refused in the block changes nothing, and that the upload can be completed with the part it has."""
    first = upload.put(1, b"first", **_checksum(upload, b"first"))
    with visibly_unchanged(upload.s3, upload.bucket):
        yield
    upload.complete(first)
    assert content(upload.s3, upload.bucket, upload.key) == b"first"


def _checksum(upload: Upload, body: bytes) -> dict[str, str]:
    return {"ChecksumAlgorithm": upload.algorithm} if upload.algorithm else {}


def test_answer(door: Door, s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket)
    response = door.raw("PUT", f"{upload.target}&partNumber=1", body=BODY)
    assert (response.status, response.body) == (200, b"")
    assert response.headers["etag"] == '"31bfb9730ae51af73953ba720c8660d7"'
    assert response.headers["content-length"] == "0"
    assert response.headers["x-amz-server-side-encryption"] == "AES256"
    assert not [name for name in response.headers if "checksum" in name or name in ("content-type", "x-amz-version-id")]


@pytest.mark.parametrize("number", ["-1", "0", "10001", "2147483648", "99999999999999999999", "", "one", "1.0", "0x1"])
def test_part_number_refused(door: Door, s3: Any, bucket: str, number: str) -> None:
    upload = Upload(s3, bucket)
    with stays_usable(upload):
        assert_error(
            door.raw("PUT", f"{upload.target}&partNumber={number}", body=BODY),
            400,
            "InvalidArgument",
            INVALID_PART_NUMBER,
            {"ArgumentName": "partNumber", "ArgumentValue": number or None},
        )


@pytest.mark.parametrize("number", [1, 2, 9999, 10000])
def test_part_number(s3: Any, bucket: str, number: int) -> None:
    upload = Upload(s3, bucket)
    part = upload.put(number, BODY)
    assert upload.parts() == [{"PartNumber": number, "ETag": f'"{md5(BODY)}"', "Size": 10}]
    upload.complete(part)
    assert content(s3, bucket) == BODY


def test_number_is_judged_before_the_upload(s3: Any, bucket: str) -> None:
    """Sources disagree on what comes first when both are wrong; this is our choice."""
    upload = Upload(s3, bucket)
    upload.where["UploadId"] = "fakeid"
    extras = {"ArgumentName": "partNumber", "ArgumentValue": "10001"}
    refused(lambda: upload.put(10001), 400, "InvalidArgument", INVALID_PART_NUMBER, extras)


def test_overwriting_a_part_replaces_all_of_it(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket, ChecksumAlgorithm="CRC32")
    upload.put(1, b"the first and longer one")
    upload.put(2, b"two")
    old = upload.put(1, b"again")
    new = upload.put(1, BODY)
    assert upload.parts()[0] == {"PartNumber": 1, "ETag": f'"{md5(BODY)}"', "Size": 10, "ChecksumCRC32": "QWaN2w=="}
    assert [part["PartNumber"] for part in upload.parts()] == [1, 2]
    assert old["ETag"] != new["ETag"]
    with visibly_unchanged(s3, bucket), pytest.raises(s3.exceptions.ClientError, match="InvalidPart"):
        upload.complete(old)
    upload.complete(new)
    assert content(s3, bucket) == BODY


def test_parts_in_any_order(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket)
    for number in (7, 3, 10000, 1):
        upload.put(number, b"%d" % number)
    assert [part["PartNumber"] for part in upload.parts()] == [1, 3, 7, 10000]


def test_empty_part(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket)
    part = upload.put(1, b"")
    assert upload.parts() == [{"PartNumber": 1, "ETag": f'"{md5(b"")}"', "Size": 0}]
    completed = upload.complete(part)
    assert completed["ETag"] == etag_of(b"")
    assert content(s3, bucket) == b""
    assert s3.head_object(Bucket=bucket, Key="key")["ContentLength"] == 0


def test_a_failed_part_does_not_replace_the_stored_part(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket)
    part = upload.put(1, BODY)
    with visibly_unchanged(s3, bucket), pytest.raises(s3.exceptions.ClientError, match="BadDigest"):
        upload.put(1, b"something", ContentMD5="CYketZBSTjX8czcs3cXVlg==")
    upload.complete(part)
    assert content(s3, bucket) == BODY


# --- Content-MD5 ---


@pytest.mark.parametrize("sent", ["__invalid__", "000", "MTIz", "dGVzdC1zdHJpbmc=", "not base64 at all!"])
def test_content_md5_malformed(s3: Any, bucket: str, sent: str) -> None:
    upload = Upload(s3, bucket)
    with stays_usable(upload):
        refused(
            lambda: upload.put(1, b"something", ContentMD5=sent),
            400,
            "InvalidDigest",
            INVALID_CONTENT_MD5,
            {"Content-MD5": sent},
        )


def test_content_md5_wrong(s3: Any, bucket: str) -> None:
    """Both digests are base64 here; PutObject spells the expected one in hex."""
    upload = Upload(s3, bucket)
    with stays_usable(upload):
        refused(
            lambda: upload.put(1, b"something", ContentMD5="CYketZBSTjX8czcs3cXVlg=="),
            400,
            "BadDigest",
            WRONG_CONTENT_MD5,
            {"ExpectedDigest": "CYketZBSTjX8czcs3cXVlg==", "CalculatedDigest": "Q3uTDbhLgHnC3YBKcZNrXw=="},
        )


def test_content_md5_right(s3: Any, bucket: str) -> None:
    """Also of a body that travels aws-chunked (boto3's default over TLS): it is the payload's digest."""
    upload = Upload(s3, bucket)
    assert upload.put(1, b"something", ContentMD5="Q3uTDbhLgHnC3YBKcZNrXw==")["ETag"] == f'"{md5(b"something")}"'


def test_content_sha256_wrong(door: Door, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = Upload(s3, bucket)
    claimed = "0" * 64
    monkeypatch.setattr("botocore.auth.SigV4Auth.payload", lambda self, request: claimed)
    with stays_usable(upload):
        assert_error(
            door.raw("PUT", f"{upload.target}&partNumber=1", {"x-amz-content-sha256": claimed}, BODY),
            400,
            "XAmzContentSHA256Mismatch",
            WRONG_CONTENT_SHA256,
            {
                "ClientComputedContentSHA256": claimed,
                "S3ComputedContentSHA256": "797bb0abff798d7200af7685dca7901edffc52bf26500d5bd97282658ee24152",
            },
        )


# --- x-amz-checksum-* ---


@pytest.mark.parametrize("algorithm", CHECKSUM_MEMBERS)
def test_checksum_of_an_upload_without_algorithm(quiet: Any, bucket: str, algorithm: str) -> None:
    """It is checked and echoed, but not listed."""
    upload = Upload(quiet, bucket)
    member = CHECKSUM_MEMBERS[algorithm]
    response = upload.send(1, BODY, **{member: DUMMY_CHECKSUMS[algorithm]})
    assert response[member] == DUMMY_CHECKSUMS[algorithm]
    headers = [name for name in response["ResponseMetadata"]["HTTPHeaders"] if "checksum" in name]
    assert headers == [f"x-amz-checksum-{algorithm.lower()}"]
    assert upload.parts() == [{"PartNumber": 1, "ETag": f'"{md5(BODY)}"', "Size": 10}]


@pytest.mark.parametrize("algorithm", CHECKSUM_MEMBERS)
def test_checksum_of_an_upload_with_that_algorithm(quiet: Any, bucket: str, algorithm: str) -> None:
    upload = Upload(quiet, bucket, ChecksumAlgorithm=algorithm)
    member = CHECKSUM_MEMBERS[algorithm]
    response = upload.send(1, BODY, **{member: DUMMY_CHECKSUMS[algorithm]})
    headers = [name for name in response["ResponseMetadata"]["HTTPHeaders"] if "checksum" in name]
    assert (response[member], headers) == (DUMMY_CHECKSUMS[algorithm], [f"x-amz-checksum-{algorithm.lower()}"])
    assert upload.parts() == [{"PartNumber": 1, "ETag": f'"{md5(BODY)}"', "Size": 10, member: DUMMY_CHECKSUMS[algorithm]}]


@pytest.mark.parametrize("algorithm", CHECKSUM_MEMBERS)
def test_checksum_wrong(quiet: Any, bucket: str, algorithm: str) -> None:
    upload = Upload(quiet, bucket)
    with stays_usable(upload):
        refused(
            lambda: upload.put(1, b"other data", **{CHECKSUM_MEMBERS[algorithm]: DUMMY_CHECKSUMS[algorithm]}),
            400,
            "BadDigest",
            f"The {algorithm} you specified did not match the calculated checksum.",
        )


# "AAAA" is base64 of three bytes: no algorithm's digest.
MALFORMED = [
    *(("CRC32", value) for value in ("AAAA", "not base64", "", "QWaN2w", "QWaN2w==QWaN2w==", "QWaN2w==-1")),
    *((algorithm, "AAAA") for algorithm in CHECKSUM_MEMBERS if algorithm != "CRC32"),
    *((algorithm, f"{DUMMY_CHECKSUMS[algorithm]}-1") for algorithm in CHECKSUM_MEMBERS if algorithm != "CRC32"),
]


@pytest.mark.parametrize(("algorithm", "value"), MALFORMED)
def test_checksum_malformed(door: Door, quiet: Any, bucket: str, algorithm: str, value: str) -> None:
    upload = Upload(quiet, bucket)
    header = f"x-amz-checksum-{algorithm.lower()}"
    with visibly_unchanged(quiet, bucket):
        assert_error(
            door.raw("PUT", f"{upload.target}&partNumber=1", {header: value}, BODY),
            400,
            "InvalidRequest",
            f"Value for {header} header is invalid.",
        )


@pytest.mark.parametrize(
    ("created", "sent", "message"),
    [
        (
            {"ChecksumAlgorithm": "SHA256"},
            {"ChecksumCRC32": DUMMY_CHECKSUMS["CRC32"]},
            "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32",
        ),
        (
            {"ChecksumAlgorithm": "SHA256"},
            {},
            "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: null",
        ),
        (
            {"ChecksumAlgorithm": "CRC32", "ChecksumType": "COMPOSITE"},
            {},
            "Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: null",
        ),
        (
            {"ChecksumAlgorithm": "CRC64NVME"},
            {"ChecksumCRC32C": DUMMY_CHECKSUMS["CRC32C"]},
            "Checksum Type mismatch occurred, expected checksum Type: crc64nvme, actual checksum Type: crc32c",
        ),
        (
            {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"},
            {"ChecksumSHA1": DUMMY_CHECKSUMS["SHA1"]},
            "Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: sha1",
        ),
    ],
)
def test_checksum_of_another_algorithm(
    quiet: Any, bucket: str, created: dict[str, str], sent: dict[str, str], message: str
) -> None:
    upload = Upload(quiet, bucket, **created)
    with stays_usable(upload):
        refused(lambda: upload.send(1, BODY, **sent), 400, "InvalidRequest", message)


def test_boto3_default_checksum_has_another_algorithm(s3: Any, bucket: str) -> None:
    """boto3's default: CRC32 with every part."""
    upload = Upload(s3, bucket, ChecksumAlgorithm="SHA1")
    with stays_usable(upload):
        message = "Checksum Type mismatch occurred, expected checksum Type: sha1, actual checksum Type: crc32"
        refused(lambda: upload.send(1, BODY), 400, "InvalidRequest", message)


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
def test_full_object_upload_computes_missing_checksums(quiet: Any, bucket: str, algorithm: str) -> None:
    upload = Upload(quiet, bucket, ChecksumAlgorithm=algorithm, ChecksumType="FULL_OBJECT")
    response = upload.send(1, BODY)
    headers = [name for name in response["ResponseMetadata"]["HTTPHeaders"] if "checksum" in name]
    assert (response[CHECKSUM_MEMBERS[algorithm]], headers) == (
        DUMMY_CHECKSUMS[algorithm],
        [f"x-amz-checksum-{algorithm.lower()}"],
    )
    assert upload.parts()[0][CHECKSUM_MEMBERS[algorithm]] == DUMMY_CHECKSUMS[algorithm]
    completed = upload.complete({"PartNumber": 1, "ETag": response["ETag"]})
    assert (completed[CHECKSUM_MEMBERS[algorithm]], completed["ChecksumType"]) == (DUMMY_CHECKSUMS[algorithm], "FULL_OBJECT")


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (
            {"x-amz-checksum-crc32": DUMMY_CHECKSUMS["CRC32"], "x-amz-checksum-sha1": DUMMY_CHECKSUMS["SHA1"]},
            MANY_CHECKSUMS,
        ),
        (
            {"x-amz-checksum-foo": DUMMY_CHECKSUMS["CRC32"]},
            "The algorithm type you specified in x-amz-checksum- header is invalid.",
        ),
    ],
)
def test_checksum_headers_refused(door: Door, s3: Any, bucket: str, headers: dict[str, str], message: str) -> None:
    upload = Upload(s3, bucket)
    with stays_usable(upload):
        assert_error(door.raw("PUT", f"{upload.target}&partNumber=1", headers, BODY), 400, "InvalidRequest", message)


@pytest.mark.parametrize(
    ("headers", "echoed"),
    [
        ({"x-amz-sdk-checksum-algorithm": "SHA256"}, {}),
        (
            {"x-amz-sdk-checksum-algorithm": "CRC32", "x-amz-checksum-sha256": DUMMY_CHECKSUMS["SHA256"]},
            {"x-amz-checksum-sha256": DUMMY_CHECKSUMS["SHA256"]},
        ),
    ],
)
def test_a_named_algorithm_without_a_checksum_is_ignored(
    door: Door, s3: Any, bucket: str, headers: dict[str, str], echoed: dict[str, str]
) -> None:
    """``x-amz-sdk-checksum-algorithm`` alone, or of another algorithm than the value sent: accepted (LocalStack's recordings)."""
    upload = Upload(s3, bucket)
    response = door.raw("PUT", f"{upload.target}&partNumber=1", headers, BODY)
    assert response.status == 200
    assert {name: value for name, value in response.headers.items() if "checksum" in name} == echoed
    upload.complete({"PartNumber": 1, "ETag": response.headers["etag"]})
    assert content(s3, bucket) == BODY


# --- sizes ---


def test_no_length(door: Door, s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket)
    with stays_usable(upload):
        assert_error(
            without_length(door, f"{upload.target}&partNumber=1"),
            411,
            "MissingContentLength",
            MISSING_CONTENT_LENGTH,
        )


def test_more_than_5_gib(door: Door, s3: Any, bucket: str) -> None:
    """Refused by what is declared, before a byte of it is read."""
    upload = Upload(s3, bucket)
    with stays_usable(upload):
        assert_error(
            door.raw("PUT", f"{upload.target}&partNumber=1", {"Content-Length": "5368709121"}),
            400,
            "EntityTooLarge",
            ENTITY_TOO_LARGE,
            {"ProposedSize": "5368709121", "MaxSizeAllowed": "5368709120"},
        )


def test_body_shorter_than_declared(_server: Server, _clients: dict[str, Any]) -> None:  # noqa: PT019 (they are no values)
    """The client promises ten bytes, sends four and closes: nothing is stored. (boto3 in-process cannot do this.)"""
    _server.fake.reset()
    s3 = _clients["server"]
    s3.create_bucket(Bucket="bucket")
    upload = Upload(s3, "bucket")
    url = urlsplit(s3.generate_presigned_url("upload_part", {**upload.where, "PartNumber": 1}))
    with stays_usable(upload), socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: 10\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode() + b"four")
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as reader:
            response = reader.read()
        status, _, rest = response.partition(b"\r\n")
        assert status == b"HTTP/1.1 400 Bad Request"
        assert b"<Code>IncompleteBody</Code>" in rest
        assert b"<Message>You did not provide the number of bytes specified by the Content-Length HTTP header</Message>" in rest


def test_no_parts_after_complete(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket)
    upload.complete(upload.put(1))
    with visibly_unchanged(s3, bucket):
        refused(lambda: upload.put(2), 404, "NoSuchUpload", NO_SUCH_UPLOAD, {"UploadId": upload.id})
        refused(upload.parts, 404, "NoSuchUpload", NO_SUCH_UPLOAD, {"UploadId": upload.id})

"""Digests of bodies: Content-MD5, x-amz-content-sha256, x-amz-checksum-* in headers and trailers.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); versitygw's integration tests, August 2026;
botocore's model documentation.
"""

from __future__ import annotations

import io
from base64 import b64encode
from functools import partial
from hashlib import md5, sha256
from typing import Any
from zlib import crc32

import pytest

from tests.support.doors import Door, RawResponse, refused
from tests.support.errors import INVALID_CONTENT_MD5, MANY_CHECKSUMS, WRONG_CONTENT_MD5, WRONG_CONTENT_SHA256, WRONG_CRC32
from tests.support.state import SIGNED, UNSIGNED_TRAILER, framed, streaming, unchanged
from tests.support.vectors import DUMMY_CHECKSUMS

EMPTY = {"CRC32": "AAAAAA==", "CRC32C": "AAAAAA==", "CRC64NVME": "AAAAAAAAAAA="}
TEST_DATA = {
    "CRC32": "cZWHwQ==",
    "CRC32C": "Pf4upw==",
    "CRC64NVME": "qUVrWYOrIAM=",
    "SHA1": "B++3uSfJMSHWToQMQ1g6lIJY5Eo=",
    "SHA256": "2l26x0trnT0r2AvakoFk2MB7eKVKzYESLMxSAKAzoik=",
}
TEST_CHECKSUM = {"CRC32C": "Fz3epA==", "CRC64NVME": "1f2xscCCZCU=", "SHA1": "jbXkHAsXUrubtL3dqDQ4w+7WXc0="}
ABCDEFG = {
    "CRC32": "MSpqpg==",
    "CRC32C": "5if0QQ==",
    "CRC64NVME": "SmzZ/LTp1CA=",
    "XXHASH64": "GGCUDikCgi0=",
    "XXHASH3": "WkDcP9RMBS8=",
    "XXHASH128": "Kq/YOGmlnDE/55jA7aptxg==",
}
VECTORS = [
    pytest.param(body, name, value, id=f"{body.decode()} {name}")
    for body, values in (
        (b"", EMPTY),
        (b"test data..", TEST_DATA),
        (b"test-checksum", TEST_CHECKSUM),
        (b"something", {"CRC32": "Cdox+w=="}),
        (b"test", {"CRC32": "2H9+DA=="}),
        (b"hello world", {"CRC64NVME": "jSnVw/bqjr4="}),
        (b"dummy data", DUMMY_CHECKSUMS),
        (b"abcdefg", ABCDEFG),
    )
    for name, value in values.items()
]


def _shown(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith("x-amz-checksum-")}


def _refusal(response: RawResponse) -> tuple[int, dict[str, str | None]]:
    return response.status, response.error


@pytest.mark.parametrize("place", ["header", "trailer"])
@pytest.mark.parametrize(("body", "name", "value"), VECTORS)
def test_vectors(door: Door, bucket: str, place: str, body: bytes, name: str, value: str) -> None:
    header = f"x-amz-checksum-{name.lower()}"
    if place == "header":
        response = door.raw("PUT", "/bucket/k", {header: value}, body)
    else:
        sent = framed([body] if body else [], {header: value})
        response = door.raw("PUT", "/bucket/k", streaming(len(body), header), sent, sign=False)
    shown = {header: value, "x-amz-checksum-type": "FULL_OBJECT"}
    assert (response.status, _shown(response.headers)) == (200, shown)
    assert response.headers["etag"] == f'"{md5(body).hexdigest()}"'
    got = door.raw("GET", "/bucket/k", {"x-amz-checksum-mode": "ENABLED"})
    assert (got.body, _shown(got.headers)) == (body, shown)
    assert _shown(door.raw("HEAD", "/bucket/k", {"x-amz-checksum-mode": "enabled"}).headers) == shown
    [entry] = door.client.list_objects_v2(Bucket=bucket)["Contents"]
    assert (entry["ChecksumAlgorithm"], entry["ChecksumType"]) == ([name], "FULL_OBJECT")


@pytest.mark.parametrize("place", ["header", "trailer"])
@pytest.mark.parametrize("name", DUMMY_CHECKSUMS)
def test_wrong_values(door: Door, bucket: str, place: str, name: str) -> None:
    """Another body's checksum, and what can be no checksum: refused, and the old object stays."""
    header = f"x-amz-checksum-{name.lower()}"
    door.client.put_object(Bucket=bucket, Key="k", Body=b"old")

    def put(value: str) -> RawResponse:
        if place == "header":
            return door.raw("PUT", "/bucket/k", {header: value}, b"another")
        return door.raw("PUT", "/bucket/k", streaming(7, header), framed([b"another"], {header: value}), sign=False)

    word = {"header": "header", "trailer": "trailing header"}[place]
    invalid = {"Code": "InvalidRequest", "Message": f"Value for {header} {word} is invalid."}
    wrong = {"Code": "BadDigest", "Message": f"The {name} you specified did not match the calculated checksum."}
    with unchanged(door.fake):
        assert _refusal(put(DUMMY_CHECKSUMS[name])) == (400, wrong)
        for value in (
            "not base64",
            DUMMY_CHECKSUMS[name][4:],
            DUMMY_CHECKSUMS[name][:-1] + "*",
            "AAAA" + DUMMY_CHECKSUMS[name],
            "",
        ):
            assert _refusal(put(value)) == (400, invalid)


UNKNOWN = "The algorithm type you specified in x-amz-checksum- header is invalid."


def test_two_checksums(door: Door, bucket: str) -> None:
    crc32, sha1 = {"x-amz-checksum-crc32": TEST_DATA["CRC32"]}, {"x-amz-checksum-sha1": TEST_DATA["SHA1"]}
    refusal = (400, {"Code": "InvalidRequest", "Message": MANY_CHECKSUMS})
    with unchanged(door.fake):
        assert _refusal(door.raw("PUT", "/bucket/k", crc32 | sha1, b"test data..")) == refusal
        trailer = streaming(11, "x-amz-checksum-crc32")
        for header in (crc32, sha1):
            response = door.raw("PUT", "/bucket/k", trailer | header, framed([b"test data.."], crc32), sign=False)
            assert _refusal(response) == refusal


def test_unknown_algorithm(door: Door, bucket: str) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket/k", {"x-amz-checksum-foo": "AAAA"}, b"test")
    assert _refusal(response) == (400, {"Code": "InvalidRequest", "Message": UNKNOWN})


NOTHING_SENT = {
    "nothing": {},
    "algorithm only": {"x-amz-sdk-checksum-algorithm": "SHA256"},
}


@pytest.mark.parametrize("headers", NOTHING_SENT.values(), ids=NOTHING_SENT)
def test_default_is_crc64nvme(door: Door, bucket: str, headers: dict[str, str]) -> None:
    response = door.raw("PUT", "/bucket/k", headers, b"test data..")
    shown = {"x-amz-checksum-crc64nvme": TEST_DATA["CRC64NVME"], "x-amz-checksum-type": "FULL_OBJECT"}
    assert (response.status, _shown(response.headers)) == (200, shown)
    assert _shown(door.raw("GET", "/bucket/k", {"x-amz-checksum-mode": "ENABLED"}).headers) == shown


def test_the_header_goes_before_the_named_algorithm(door: Door, bucket: str) -> None:
    headers = {"x-amz-sdk-checksum-algorithm": "CRC32", "x-amz-checksum-sha256": TEST_DATA["SHA256"]}
    response = door.raw("PUT", "/bucket/k", headers, b"test data..")
    assert (response.status, response.headers["x-amz-checksum-sha256"]) == (200, TEST_DATA["SHA256"])


def test_boto3_defaults(s3: Any, bucket: str) -> None:
    """In-process as an aws-chunked trailer (https), over http as a header: the same responses."""
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"test data..")
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == b"test data.."  # and botocore has checked it
    for response in (put, got):
        assert (response["ChecksumCRC32"], response["ChecksumType"]) == (TEST_DATA["CRC32"], "FULL_OBJECT")
    head = s3.head_object(Bucket=bucket, Key="k")
    assert _shown(head["ResponseMetadata"]["HTTPHeaders"]) == {}
    assert s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")["ChecksumCRC32"] == TEST_DATA["CRC32"]


@pytest.mark.parametrize("name", [name for name in DUMMY_CHECKSUMS if name != "MD5" and "XX" not in name])
def test_boto3_algorithms(s3: Any, bucket: str, name: str) -> None:
    response = s3.put_object(Bucket=bucket, Key="k", Body=b"dummy data", ChecksumAlgorithm=name)
    assert response[f"Checksum{name}"] == DUMMY_CHECKSUMS[name]
    assert s3.get_object(Bucket=bucket, Key="k")[f"Checksum{name}"] == DUMMY_CHECKSUMS[name]


@pytest.mark.parametrize("size", [0, 1, 8191, 8192, 65536, 3 * 1024 * 1024 + 1])
def test_boto3_bodies_of_all_sizes(s3: Any, bucket: str, size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    for given in (body[:size], io.BytesIO(body[:size])):
        s3.put_object(Bucket=bucket, Key="k", Body=given)
        response = s3.get_object(Bucket=bucket, Key="k")
        assert (response["ContentLength"], response["Body"].read() == body[:size]) == (size, True)


def test_bad_mode(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    response = door.raw("GET", "/bucket/k", {"x-amz-checksum-mode": "DISABLED"})
    assert _refusal(response) == (
        400,
        {"Code": "InvalidRequest", "Message": "Value for x-amz-checksum-mode header is invalid."},
    )


@pytest.mark.parametrize(("header", "is_shown"), [("bytes=0-9", False), ("bytes=0-10", True), ("bytes=0-", True), ("junk", True)])
def test_ranges_have_no_checksum(s3: Any, bucket: str, header: str, is_shown: bool) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"test data..")
    response = s3.get_object(Bucket=bucket, Key="k", Range=header, ChecksumMode="ENABLED")
    assert ("ChecksumCRC32" in response, "ChecksumType" in response) == (is_shown, is_shown)


# Content-MD5

OTHER_MD5 = "CYketZBSTjX8czcs3cXVlg=="


@pytest.mark.parametrize("value", ["__invalid__", "000", "MTIz", "dGVzdC1zdHJpbmc=", "Q3uTDbhLgHnC3YBKcZNrXw=", ""])
def test_invalid_md5(door: Door, bucket: str, value: str) -> None:
    error = {"Code": "InvalidDigest", "Message": INVALID_CONTENT_MD5, "Content-MD5": value or None}
    with unchanged(door.fake):
        assert _refusal(door.raw("PUT", "/bucket/k", {"Content-MD5": value}, b"something")) == (400, error)


def test_wrong_md5(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"old")
    extras = {"ExpectedDigest": "09891eb590524e35fc73372cddc5d596", "CalculatedDigest": "Q3uTDbhLgHnC3YBKcZNrXw=="}
    with unchanged(door.fake):
        call = partial(door.client.put_object, Bucket=bucket, Key="k", Body=b"something", ContentMD5=OTHER_MD5)
        refused(call, 400, "BadDigest", WRONG_CONTENT_MD5, extras)


def test_right_md5(s3: Any, bucket: str) -> None:
    response = s3.put_object(Bucket=bucket, Key="k", Body=b"something", ContentMD5="Q3uTDbhLgHnC3YBKcZNrXw==")
    assert response["ETag"] == '"437b930db84b8079c2dd804a71936b5f"'


def test_md5_of_an_aws_chunked_body_is_that_of_the_payload(door: Door, bucket: str) -> None:
    headers = streaming(9) | {"Content-MD5": "Q3uTDbhLgHnC3YBKcZNrXw=="}
    assert door.raw("PUT", "/bucket/k", headers, framed([b"something"]), sign=False).status == 200
    with unchanged(door.fake):
        headers["Content-MD5"] = OTHER_MD5
        response = door.raw("PUT", "/bucket/k", headers, framed([b"something"]), sign=False)
    assert (response.status, response.error["Code"]) == (400, "BadDigest")


DELETE = b"<Delete><Object><Key>k</Key></Object></Delete>"
VERSIONING = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
DOCUMENTS = {"DeleteObjects": ("POST", "/bucket?delete", DELETE), "versioning": ("PUT", "/bucket?versioning", VERSIONING)}


@pytest.mark.parametrize(("method", "target", "document"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents_are_checked_too(door: Door, bucket: str, method: str, target: str, document: bytes) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    right = b64encode(md5(document).digest()).decode()
    crc32 = {"CRC32": "x-amz-checksum-crc32"}
    with unchanged(door.fake):
        response = door.raw(method, target, {"Content-MD5": "MTIz"}, document)
        assert _refusal(response) == (400, {"Code": "InvalidDigest", "Message": INVALID_CONTENT_MD5, "Content-MD5": "MTIz"})
        response = door.raw(method, target, {"Content-MD5": OTHER_MD5}, document)
        assert (response.status, response.error["Code"], response.error["Message"]) == (400, "BadDigest", WRONG_CONTENT_MD5)
        assert response.error["CalculatedDigest"] == right
        response = door.raw(method, target, {crc32["CRC32"]: "AAAAAA=="}, document)
        message = WRONG_CRC32
        assert _refusal(response) == (400, {"Code": "BadDigest", "Message": message})
        response = door.raw(method, target, {crc32["CRC32"]: "AAAA"}, document)
        message = "Value for x-amz-checksum-crc32 header is invalid."
        assert _refusal(response) == (400, {"Code": "InvalidRequest", "Message": message})
    assert door.raw(method, target, {"Content-MD5": right}, document).status == 200


# x-amz-content-sha256

SHA_VALUES = (
    "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, "
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value."
)


@pytest.mark.parametrize("value", [sha256(b"abc").hexdigest(), "UNSIGNED-PAYLOAD"], ids=["right", "unsigned"])
def test_sha256_accepted(door: Door, bucket: str, value: str) -> None:
    response = door.raw("PUT", "/bucket/k", {**SIGNED, "x-amz-content-sha256": value}, b"abc", sign=False)
    assert response.status == 200
    assert door.raw("GET", "/bucket/k").body == b"abc"


def test_sha256_mismatch(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"old")
    claimed = sha256(b"other").hexdigest()
    for method, target, document in (("PUT", "/bucket/k", b"abc"), *DOCUMENTS.values()):
        headers = {**SIGNED, "x-amz-content-sha256": claimed, "Content-MD5": b64encode(md5(document).digest()).decode()}
        with unchanged(door.fake):
            response = door.raw(method, target, headers, document, sign=False)
        assert _refusal(response) == (
            400,
            {
                "Code": "XAmzContentSHA256Mismatch",
                "Message": WRONG_CONTENT_SHA256,
                "ClientComputedContentSHA256": claimed,
                "S3ComputedContentSHA256": sha256(document).hexdigest(),
            },
        )


@pytest.mark.parametrize("value", ["", "abc", "z" * 64, "UNSIGNED", "STREAMING-ANYTHING", "unsigned-payload"])
def test_invalid_sha256(door: Door, bucket: str, value: str) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket/k", {**SIGNED, "x-amz-content-sha256": value}, b"abc", sign=False)
    assert _refusal(response) == (
        400,
        {
            "Code": "InvalidArgument",
            "Message": SHA_VALUES,
            "ArgumentName": "x-amz-content-sha256",
            "ArgumentValue": value or None,
        },
    )


@pytest.mark.parametrize(("method", "target", "document"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents_do_not_stream(door: Door, bucket: str, method: str, target: str, document: bytes) -> None:
    headers = streaming(len(document)) | {"Content-MD5": b64encode(md5(document).digest()).decode()}
    with unchanged(door.fake):
        response = door.raw(method, target, headers, framed([document]), sign=False)
    message = "The value of x-amz-content-sha256 header is invalid."
    assert _refusal(response) == (400, {"Code": "InvalidRequest", "Message": message})


@pytest.mark.parametrize("value", [UNSIGNED_TRAILER, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"])
@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("HEAD", 200), ("DELETE", 204)])
def test_streaming_without_a_body(door: Door, bucket: str, method: str, status: int, value: str) -> None:
    """The value is not read (recorded from AWS, September 2026)."""
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    response = door.raw(method, "/bucket/k", {**SIGNED, "x-amz-content-sha256": value}, sign=False)
    assert (response.status, response.body) == (status, b"abc" if method == "GET" else b"")


@pytest.mark.parametrize("size", [0, 1, 64, 4095, 4096, 4097, 65_536, 65_537, 100_000])
def test_digests_do_not_depend_on_the_library_that_is_fastest_for_a_size(s3: Any, bucket: str, size: int) -> None:
    body = bytes(number % 251 for number in range(size))
    response = s3.put_object(Bucket=bucket, Key="k", Body=body)
    assert response["ETag"] == f'"{md5(body).hexdigest()}"'
    assert response["ChecksumCRC32"] == b64encode(crc32(body).to_bytes(4, "big")).decode()

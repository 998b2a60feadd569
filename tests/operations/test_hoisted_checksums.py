"""Presigned URLs with a checksum in their query, which S3 ignores: JavaScript's presigner puts that of an empty body there.

Sources: issues localstack 12169, ministack 1695, aws-sdk-go-v2 2610 and aws/aws-sdk 480, all against AWS.
"""

from __future__ import annotations

from functools import partial

import pytest

from tests.support.doors import Door
from tests.support.errors import NO_DIGEST, WRONG_CRC32
from tests.support.signing import UNKNOWN_KEY
from tests.support.signing import by_url as signed_url
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")
by_url = partial(signed_url, credentials=UNKNOWN_KEY)

HOISTED = {
    "JavaScript's": "x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32",
    "in capitals": "X-Amz-Checksum-Crc32=AAAAAA%3D%3D",
    "two": "x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-checksum-sha1=AAAA",
    "no base64": "x-amz-checksum-sha256=!",
    "unknown algorithms": "x-amz-checksum-foo=AAAA&x-amz-sdk-checksum-algorithm=FOO",
    "algorithm alone": "x-amz-sdk-checksum-algorithm=SHA256",
}


def _checksums(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith("x-amz-checksum-")}


@pytest.mark.parametrize("query", HOISTED.values(), ids=HOISTED)
def test_ignored_by_put_object(door: Door, query: str) -> None:
    response = by_url(door, "PUT", f"/bucket/k?{query}", body=b"hello world").send()
    stored = {"x-amz-checksum-crc64nvme": "jSnVw/bqjr4=", "x-amz-checksum-type": "FULL_OBJECT"}
    assert (response.status, _checksums(response.headers)) == (200, stored)
    got = door.raw("GET", "/bucket/k", {"x-amz-checksum-mode": "ENABLED"})
    assert (got.body, _checksums(got.headers)) == (b"hello world", stored)


@pytest.mark.parametrize("query", HOISTED.values(), ids=HOISTED)
def test_ignored_by_upload_part_and_complete(door: Door, query: str) -> None:
    upload = door.client.create_multipart_upload(Bucket="bucket", Key="k")["UploadId"]
    part = by_url(door, "PUT", f"/bucket/k?partNumber=1&uploadId={upload}&{query}", body=b"hello world").send()
    assert (part.status, _checksums(part.headers)) == (200, {})
    document = f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part.headers['etag']}</ETag></Part>"
    body = f"{document}</CompleteMultipartUpload>".encode()
    assert by_url(door, "POST", f"/bucket/k?uploadId={upload}&{query}", body=body).send().status == 200
    assert door.client.get_object(Bucket="bucket", Key="k")["Body"].read() == b"hello world"


def test_no_digest_of_a_document(door: Door) -> None:
    document = b"<Tagging><TagSet/></Tagging>"
    with unchanged(door.fake):
        response = by_url(door, "PUT", f"/bucket?tagging&{HOISTED['two']}", body=document).send()
    assert (response.status, response.error) == (400, {"Code": "InvalidRequest", "Message": NO_DIGEST})


def test_the_header_counts_beside_it(door: Door) -> None:
    url = f"/bucket/k?{HOISTED['two']}"
    wrong = {"x-amz-checksum-crc32": "AAAAAA=="}
    with unchanged(door.fake):
        response = by_url(door, "PUT", url, wrong, b"hello world").send()
    assert (response.status, response.error) == (400, {"Code": "BadDigest", "Message": WRONG_CRC32})


def test_other_headers_in_the_query_count(door: Door) -> None:
    query = "x-amz-meta-a=b&x-amz-storage-class=STANDARD_IA&x-amz-tagging=c%3Dd&x-amz-server-side-encryption=aws%3Akms"
    assert by_url(door, "PUT", f"/bucket/k?{query}&{HOISTED['two']}", body=b"abc").send().status == 200
    head = door.client.head_object(Bucket="bucket", Key="k")
    assert (head["Metadata"], head["StorageClass"], head["ServerSideEncryption"]) == ({"a": "b"}, "STANDARD_IA", "aws:kms")
    assert door.client.get_object_tagging(Bucket="bucket", Key="k")["TagSet"] == [{"Key": "c", "Value": "d"}]


def test_the_algorithm_of_an_upload_counts(door: Door) -> None:
    response = by_url(door, "POST", "/bucket/k?uploads&x-amz-checksum-algorithm=SHA256&x-amz-checksum-type=COMPOSITE").send()
    assert (response.status, _checksums(response.headers)) == (
        200,
        {"x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-type": "COMPOSITE"},
    )

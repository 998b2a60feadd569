"""Anonymous callers and callers of other accounts: every operation returns 403 and changes nothing.

The plain ``Access Denied`` is recorded from AWS, February 2026; the other texts are versitygw's, assumed: not recorded from AWS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.callers import STRANGER
from tests.support.doors import Door
from tests.support.errors import ACCESS_DENIED
from tests.support.state import state, unchanged

Call = tuple[str, str, dict[str, str], bytes]
COPY = {"x-amz-copy-source": "bucket/k"}
CALLS: dict[str, Call] = {
    "GetBucketLocation": ("GET", "/bucket?location", {}, b""),
    "GetBucketVersioning": ("GET", "/bucket?versioning", {}, b""),
    "PutBucketVersioning": (
        "PUT",
        "/bucket?versioning",
        {},
        b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    ),
    "ListObjects": ("GET", "/bucket", {}, b""),
    "ListObjectsV2": ("GET", "/bucket?list-type=2", {}, b""),
    "ListMultipartUploads": ("GET", "/bucket?uploads", {}, b""),
    "DeleteBucket": ("DELETE", "/bucket", {}, b""),
    "PutObject": ("PUT", "/bucket/k", {}, b"new"),
    "GetObject": ("GET", "/bucket/k", {}, b""),
    "GetObject missing": ("GET", "/bucket/missing", {}, b""),
    "DeleteObject": ("DELETE", "/bucket/k", {}, b""),
    "CopyObject": ("PUT", "/bucket/copy", COPY, b""),
    "CreateMultipartUpload": ("POST", "/bucket/k?uploads", {}, b""),
    "UploadPart": ("PUT", "/bucket/k?partNumber=1&uploadId=x", {}, b"part"),
    "UploadPartCopy": ("PUT", "/bucket/k?partNumber=1&uploadId=x", COPY, b""),
    "ListParts": ("GET", "/bucket/k?uploadId=x", {}, b""),
    "AbortMultipartUpload": ("DELETE", "/bucket/k?uploadId=x", {}, b""),
    "CompleteMultipartUpload": ("POST", "/bucket/k?uploadId=x", {}, b"<CompleteMultipartUpload/>"),
}
ANONYMOUS_TEXTS = {
    "CreateMultipartUpload": "Anonymous users cannot initiate multipart uploads. Please authenticate.",
    "CopyObject": "Anonymous users cannot copy objects. Please authenticate.",
}


@pytest.fixture
def full(door: Door, bucket: str) -> Door:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    return door


def _denied(message: str = ACCESS_DENIED) -> tuple[int, dict[str, str]]:
    return 403, {"Code": "AccessDenied", "Message": message}


@pytest.mark.parametrize("name", CALLS)
def test_anonymous(full: Door, name: str) -> None:
    with unchanged(full.fake):
        response = full.raw(*CALLS[name], sign=False)
    assert (response.status, response.error) == _denied(ANONYMOUS_TEXTS.get(name, ACCESS_DENIED))


@pytest.mark.parametrize("target", ["/bucket", "/bucket/k", "/bucket/missing"])
def test_errors_of_head_have_no_body(full: Door, target: str) -> None:
    for response in (full.raw("HEAD", target, sign=False), full.raw("HEAD", target, access_key=STRANGER)):
        assert (response.status, response.body) == (403, b"")


def test_anonymous_on_the_service(door: Door) -> None:
    no_api = "Anonymous users cannot invoke this API. Please authenticate."  # recorded from AWS, September 2026
    for method, target, message in (("GET", "/", ACCESS_DENIED), ("PUT", "/new-bucket", no_api)):
        with unchanged(door.fake):
            response = door.raw(method, target, {"User-Agent": "Boto3/1.44.5"}, sign=False)
        assert (response.status, response.error) == _denied(message)


def test_anonymous_overrides_of_headers(full: Door) -> None:
    response = full.raw("GET", "/bucket/k?response-content-type=text/html", sign=False)
    message = "Request specific response headers cannot be used for anonymous GET requests."
    assert (response.status, response.error) == (400, {"Code": "InvalidRequest", "Message": message})


@pytest.mark.parametrize("name", CALLS)
def test_another_account(full: Door, name: str) -> None:
    with unchanged(full.fake):
        response = full.raw(*CALLS[name], access_key=STRANGER)
    assert (response.status, response.error) == _denied()


SOURCES: dict[str, Callable[[str], Call]] = {
    "CopyObject": lambda upload: ("PUT", "/theirs/copy", COPY, b""),
    "UploadPartCopy": lambda upload: ("PUT", f"/theirs/copy?partNumber=1&uploadId={upload}", COPY, b""),
}


@pytest.mark.parametrize("call", SOURCES.values(), ids=SOURCES)
def test_copying_from_another_accounts_bucket(full: Door, call: Callable[[str], Call]) -> None:
    assert full.raw("PUT", "/theirs", access_key=STRANGER).status == 200
    assert full.raw("POST", "/theirs/copy?uploads", access_key=STRANGER).status == 200
    [upload] = full.fake.store.buckets["theirs"].uploads
    with unchanged(full.fake):
        response = full.raw(*call(upload), access_key=STRANGER)
    assert (response.status, response.error) == _denied()


def test_a_12_digit_access_key_is_its_account(door: Door) -> None:
    with door.client_with(aws_access_key_id=STRANGER) as stranger:
        stranger.create_bucket(Bucket="theirs")
        stranger.put_object(Bucket="theirs", Key="k", Body=b"abc")
        assert stranger.get_object(Bucket="theirs", Key="k", ExpectedBucketOwner=STRANGER)["Body"].read() == b"abc"
    assert state(door.fake)["theirs"]["account"] == STRANGER


@pytest.mark.parametrize("access_key", ["testing", "AKIAIOSFODNN7EXAMPLE", "12345678901", "1234567890123"])
def test_any_other_access_key_is_the_fakes_account(full: Door, access_key: str) -> None:
    assert full.raw("GET", "/bucket/k", access_key=access_key).body == b"abc"


def _presigned(s3: Any) -> str:
    return str(s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"}))


def test_presigned_urls_are_not_anonymous(full: Door) -> None:
    url = urlsplit(_presigned(full.client))
    target = url.path if url.path.startswith("/bucket/") else f"/bucket{url.path}"
    assert full.raw("GET", f"{target}?{url.query}", sign=False).body == b"abc"

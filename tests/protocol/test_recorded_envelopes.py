"""Content-Type, XML declaration and order of elements, where S3's responses are not alike. Recorded from AWS, September 2026."""

from __future__ import annotations

from base64 import b64encode
from hashlib import md5

import pytest

from tests.support.doors import Door, assert_error
from tests.support.errors import NO_SUCH_BUCKET, NO_SUCH_KEY, WRONG_CONTENT_MD5
from tests.support.multipart import Upload

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'

WITHOUT = (
    "/bucket?accelerate",
    "/bucket?encryption",
    "/bucket?lifecycle",
    "/bucket?ownershipControls",
    "/bucket?policyStatus",
    "/bucket?publicAccessBlock",
    "/bucket?requestPayment",
    "/bucket?tagging",
    "/bucket?versioning",
    "/bucket?website",
    "/bucket/k?tagging",
    "/bucket/k?attributes",
    "/bucket/k?annotation",
)
WITH = {
    "/bucket?acl": "application/xml",
    "/bucket?location": "application/xml",
    "/bucket?policy": "application/json",
    "/bucket?uploads": "application/xml",
    "/bucket?versions": "application/xml",
    "/bucket": "application/xml",
    "/": "application/xml",
    "/bucket/k?acl": "application/xml",
}
POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject",'
    '"Resource":"arn:aws:s3:::bucket/x"}]}'
)


@pytest.fixture
def configured(door: Door, bucket: str) -> Door:
    """A bucket with configurations, and an object with an annotation."""
    s3 = door.client
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "x"}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    s3.put_bucket_policy(Bucket=bucket, Policy=POLICY)
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    s3.put_object_annotation(Bucket=bucket, Key="k", AnnotationName="note", AnnotationPayload=b"text")
    return door


def _attributes(target: str) -> dict[str, str]:
    return {"x-amz-object-attributes": "ETag"} if target.endswith("?attributes") else {}


@pytest.mark.parametrize("target", WITHOUT)
def test_without_content_type(configured: Door, target: str) -> None:
    response = configured.raw("GET", target, _attributes(target))
    assert (response.status, response.headers.get("content-type")) == (200, None)
    assert response.body


@pytest.mark.parametrize(("target", "content_type"), WITH.items(), ids=WITH)
def test_with_content_type(configured: Door, target: str, content_type: str) -> None:
    response = configured.raw("GET", target)
    assert (response.status, response.headers.get("content-type")) == (200, content_type)


@pytest.mark.parametrize(
    ("method", "target", "code", "declared"),
    [
        ("GET", "/bucket?lifecycle", "NoSuchLifecycleConfiguration", False),
        ("PUT", "/bucket?lifecycle", "InvalidRequest", False),
        ("DELETE", "/missing?lifecycle", "NoSuchBucket", False),
        ("GET", "/bucket/missing?attributes", "NoSuchKey", False),
        ("GET", "/bucket?tagging", "NoSuchTagSet", True),
        ("GET", "/bucket?website", "NoSuchWebsiteConfiguration", True),
        ("GET", "/bucket/missing", "NoSuchKey", True),
    ],
)
def test_declarations_of_errors(door: Door, bucket: str, method: str, target: str, code: str, declared: bool) -> None:
    response = door.raw(method, target, _attributes(target))
    assert (response.error["Code"], response.headers["content-type"]) == (code, "application/xml")
    assert response.body.startswith(DECLARATION) == declared
    assert response.body.removeprefix(DECLARATION).lstrip(b"\n").startswith(b"<Error>")


def test_errors_without_declaration_have_the_same_elements(door: Door, bucket: str) -> None:
    assert_error(door.raw("GET", "/missing?lifecycle"), 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})
    response = door.raw("GET", "/bucket/missing?attributes", {"x-amz-object-attributes": "ETag"})
    assert_error(response, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "missing"})


OTHER = md5(b"other").digest()


@pytest.mark.parametrize(
    ("target", "expected"),
    [("/bucket/k", OTHER.hex()), ("/bucket/key?partNumber=1&uploadId={}", b64encode(OTHER).decode())],
    ids=["PutObject", "UploadPart"],
)
def test_the_order_of_bad_digest(door: Door, bucket: str, target: str, expected: str) -> None:
    target = target.format(Upload(door.client, bucket).id)
    calculated = b64encode(md5(b"abc").digest()).decode()
    response = door.raw("PUT", target, {"Content-MD5": b64encode(OTHER).decode()}, b"abc")
    assert_error(response, 400, "BadDigest", WRONG_CONTENT_MD5, {"CalculatedDigest": calculated, "ExpectedDigest": expected})


def test_the_order_of_invalid_part_number(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    text = "The requested partnumber is not satisfiable"
    extras = {"PartNumberRequested": "2", "ActualPartCount": "1"}
    assert_error(door.raw("GET", "/bucket/k?partNumber=2"), 416, "InvalidPartNumber", text, extras)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_empty_part(door: Door, bucket: str, method: str) -> None:
    upload = Upload(door.client, bucket)
    upload.complete(upload.put(1, b""))
    response = door.raw(method, "/bucket/key?partNumber=1")
    shown = [response.headers.get(name) for name in ("content-length", "x-amz-mp-parts-count", "content-range")]
    assert (response.status, response.body, shown) == (206, b"", ["0", "1", None])

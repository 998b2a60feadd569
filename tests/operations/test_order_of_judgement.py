"""What S3 judges first: the head of a request, then its caller, its bucket, the payload hash, the digests, the state.

Recorded from AWS, September 2026 (byte for byte); the neighbours of the recorded cases are assumed.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import md5
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from botocore.credentials import Credentials

from fakes3part import FakeS3, Server
from fakes3part.protocol.model import s3_model
from tests.support.doors import Door, assert_error
from tests.support.errors import (
    HEADER_NOT_IMPLEMENTED,
    INVALID_CONTENT_MD5,
    INVALID_CONTINUATION_TOKEN,
    INVALID_ENCODING_TYPE,
    INVALID_PART_NUMBER,
    MALFORMED_XML,
    MANY_CHECKSUMS,
    MISSING_CONTENT_LENGTH,
    NO_SUCH_BUCKET,
    NO_SUCH_KEY,
    NO_SUCH_UPLOAD,
    SIGNATURE_DOES_NOT_MATCH,
    WRONG_CONTENT_MD5,
    WRONG_CONTENT_SHA256,
    WRONG_CRC32,
)
from tests.support.signing import CREDENTIALS, KEY, SECRET, UNKNOWN_KEY, WRONG_SECRET, by_header
from tests.support.state import unchanged


class Refused(NamedTuple):
    """A request that its head refuses; ``{b}`` stands for the bucket."""

    method: str
    target: str
    code: str
    message: str
    extras: Mapping[str, str | None]
    headers: Mapping[str, str] = MappingProxyType({})
    status: int = 400


def _argument(name: str, value: str) -> dict[str, str | None]:
    return {"ArgumentName": name, "ArgumentValue": value}


def _no_integer(name: str, value: str) -> tuple[str, str, dict[str, str | None]]:
    text = f"Provided {name} not an integer or within integer range"
    return "InvalidArgument", text, _argument(name, value)


PAYER = "Invalid value for the x-amz-request-payer header."
NOT_ACCEPTED = "We don't accept the provided value of If-None-Match header for this API"
LOCK_PAIR = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
OWNER = "The value of the expected bucket owner parameter must be an AWS Account ID... [12]"

FRAMED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

HEADS = {
    "max-keys": Refused("GET", "/{b}?max-keys=x", *_no_integer("max-keys", "x")),
    "max-uploads": Refused("GET", "/{b}?uploads&max-uploads=x", *_no_integer("max-uploads", "x")),
    "max-parts": Refused("GET", "/{b}/k?uploadId=u&max-parts=x", *_no_integer("max-parts", "x")),
    "part-number-marker": Refused("GET", "/{b}/k?uploadId=u&part-number-marker=x", *_no_integer("part-number-marker", "x")),
    "partNumber of a part": Refused(
        "PUT", "/{b}/k?uploadId=u&partNumber=0", "InvalidArgument", INVALID_PART_NUMBER, _argument("partNumber", "0")
    ),
    "partNumber of a copied part": Refused(
        "PUT",
        "/{b}/k?uploadId=u&partNumber=10001",
        "InvalidArgument",
        INVALID_PART_NUMBER,
        _argument("partNumber", "10001"),
        {"x-amz-copy-source": "b/k"},
    ),
    "partNumber of a read": Refused(
        "GET", "/{b}/k?partNumber=0", "InvalidArgument", INVALID_PART_NUMBER, _argument("partNumber", "0")
    ),
    "expected owner": Refused(
        "GET", "/{b}?acl", "InvalidBucketOwnerAWSAccountID", OWNER, {}, {"x-amz-expected-bucket-owner": "12"}
    ),
    "request payer": Refused(
        "GET", "/{b}/k", "InvalidArgument", PAYER, _argument("x-amz-request-payer", "me"), {"x-amz-request-payer": "me"}
    ),
    "a long key": Refused(
        "GET", "/{b}/" + 1025 * "k", "KeyTooLongError", "Your key is too long", {"Size": "1025", "MaxSizeAllowed": "1024"}
    ),
    "Content-MD5": Refused(
        "PUT", "/{b}/k", "InvalidDigest", INVALID_CONTENT_MD5, {"Content-MD5": "no digest"}, {"Content-MD5": "no digest"}
    ),
    "Content-MD5 of a part": Refused(
        "PUT",
        "/{b}/k?uploadId=u&partNumber=1",
        "InvalidDigest",
        INVALID_CONTENT_MD5,
        {"Content-MD5": "MTIz"},
        {"Content-MD5": "MTIz"},
    ),
    "two checksums": Refused(
        "PUT",
        "/{b}/k",
        "InvalidRequest",
        MANY_CHECKSUMS,
        {},
        {"x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-crc32c": "AAAAAA=="},
    ),
    "an unknown checksum": Refused(
        "PUT",
        "/{b}/k",
        "InvalidRequest",
        "The algorithm type you specified in x-amz-checksum- header is invalid.",
        {},
        {"x-amz-checksum-crc99": "AAAAAA=="},
    ),
    "an unreadable checksum": Refused(
        "PUT",
        "/{b}/k",
        "InvalidRequest",
        "Value for x-amz-checksum-crc32 header is invalid.",
        {},
        {"x-amz-checksum-crc32": "AAAA"},
    ),
    "encoding-type": Refused(
        "GET", "/{b}?encoding-type=x", "InvalidArgument", INVALID_ENCODING_TYPE, _argument("encoding-type", "x")
    ),
    "encoding-type of versions": Refused(
        "GET", "/{b}?versions&encoding-type=x", "InvalidArgument", INVALID_ENCODING_TYPE, _argument("encoding-type", "x")
    ),
    "encoding-type of uploads": Refused(
        "GET", "/{b}?uploads&encoding-type=x", "InvalidArgument", INVALID_ENCODING_TYPE, _argument("encoding-type", "x")
    ),
    "a continuation token": Refused(
        "GET",
        "/{b}?list-type=2&continuation-token=x",
        "InvalidArgument",
        INVALID_CONTINUATION_TOKEN,
        {"ArgumentName": "continuation-token"},
    ),
    "version-id-marker": Refused(
        "GET",
        "/{b}?versions&version-id-marker=null",
        "InvalidArgument",
        "A version-id marker cannot be specified without a key marker.",
        _argument("version-id-marker", "null"),
    ),
    **{
        f"an empty versionId of {method} {query}": Refused(
            method,
            f"/{{b}}/k?{query}versionId=",
            "InvalidArgument",
            "Version id cannot be the empty string",
            {"ArgumentName": "versionId", "ArgumentValue": None},
        )
        for method, query in [("GET", ""), ("DELETE", ""), ("GET", "acl&"), ("GET", "tagging&"), ("DELETE", "tagging&")]
    },
    "attribute names": Refused(
        "GET",
        "/{b}/k?attributes",
        "InvalidArgument",
        "Invalid attribute name specified.",
        _argument("x-amz-object-attributes", "Colour"),
        {"x-amz-object-attributes": "ETag,Colour"},
    ),
    "optional attributes": Refused(
        "GET",
        "/{b}?list-type=2",
        "InvalidArgument",
        "Invalid attribute name specified.",
        _argument("x-amz-optional-object-attributes", "Colour"),
        {"x-amz-optional-object-attributes": "Colour"},
    ),
    "two selectors": Refused(
        "GET",
        "/{b}?versioning&acl",
        "InvalidArgument",
        "Conflicting query string parameters: acl, versioning",
        _argument("ResourceType", "acl"),
    ),
    **{
        f"versionId of a bucket: {method} {query}": Refused(
            method,
            f"/{{b}}?{query}versionId=null",
            "InvalidArgument",
            "This operation does not accept a version-id.",
            _argument("versionId", "null"),
        )
        for method, query in [
            ("GET", ""),
            ("GET", "acl&"),
            ("GET", "versions&"),
            ("DELETE", ""),
            ("POST", "delete&"),
            ("PUT", "acl&"),
        ]
    },
    "a form that is none": Refused(
        "POST",
        "/{b}",
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        {"Condition": "Bucket POST must be of the enclosure-type multipart/form-data"},
        {},
        412,
    ),
    "conditions of a write": Refused(
        "PUT",
        "/{b}/k",
        "NotImplemented",
        HEADER_NOT_IMPLEMENTED,
        {"Header": "If-None-Match", "additionalMessage": NOT_ACCEPTED},
        {"If-None-Match": '"x"'},
        501,
    ),
    "a lock's mode without a date": Refused(
        "PUT",
        "/{b}/k",
        "InvalidArgument",
        LOCK_PAIR,
        {"ArgumentName": "x-amz-object-lock-retain-until-date"},
        {"x-amz-object-lock-mode": "NO MODE"},
    ),
    "a lock's mode of a new upload": Refused(
        "POST",
        "/{b}/k?uploads",
        "InvalidArgument",
        "Unknown wormMode directive.",
        _argument("x-amz-object-lock-mode", "x"),
        {"x-amz-object-lock-mode": "x", "x-amz-object-lock-retain-until-date": "2999-01-01T00:00:00Z"},
    ),
    "a copy source": Refused(
        "PUT",
        "/{b}/k",
        "InvalidArgument",
        "Invalid copy source object key",
        _argument("x-amz-copy-source", "x-amz-copy-source"),
        {"x-amz-copy-source": "no-slash"},
    ),
    "an unknown method": Refused("FOO", "/{b}/k", "BadRequest", "An error occurred when parsing the HTTP request.", {}),
    "an unknown method at a sub-resource": Refused(
        "FOO", "/{b}?acl", "BadRequest", "An error occurred when parsing the HTTP request.", {}
    ),
    "no decoded length": Refused(
        "PUT", "/{b}/k", "MissingContentLength", MISSING_CONTENT_LENGTH, {}, {"X-Amz-Content-SHA256": FRAMED}, 411
    ),
}


def _check(door: Door, case: Refused, bucket: str, credentials: Credentials | None) -> None:
    target = case.target.replace("{b}", bucket)
    with unchanged(door.fake):
        if credentials is None:
            response = door.raw(case.method, target, dict(case.headers), sign=False)
        else:
            request = by_header(door, case.method, target, case.headers, credentials=credentials)
            request.headers.update(case.headers)
            response = request.send()
    assert_error(response, case.status, case.code, case.message, case.extras)


@pytest.mark.parametrize("case", HEADS.values(), ids=HEADS)
def test_the_head_is_judged_before_the_bucket(door: Door, case: Refused) -> None:
    _check(door, case, "missing", UNKNOWN_KEY)


@pytest.fixture(scope="module", params=["in-process", "server"])
def strict(request: pytest.FixtureRequest) -> Iterator[Door]:
    """A door to a fake that knows the secret of `KEY`, and so verifies signatures, with a bucket of that account."""
    none: Any = None
    with FakeS3() as fake, Server(fake) as server:
        fake.add_account("111111111111", access_key=KEY, secret_key=SECRET)
        door = Door(request.param, fake, none, server.url if request.param == "server" else "https://s3.amazonaws.com", none)
        assert by_header(door, "PUT", "/bucket", credentials=CREDENTIALS).send().status == 200
        yield door


@pytest.mark.parametrize("case", HEADS.values(), ids=HEADS)
def test_the_head_is_judged_before_the_caller(strict: Door, case: Refused) -> None:
    for bucket in ("bucket", "missing"):
        _check(strict, case, bucket, WRONG_SECRET)
        _check(strict, case, bucket, None)


def test_the_caller_is_judged_before_the_bucket(strict: Door) -> None:
    error = by_header(strict, "GET", "/missing", credentials=WRONG_SECRET).send().error
    assert (error["Code"], error["Message"]) == ("SignatureDoesNotMatch", SIGNATURE_DOES_NOT_MATCH)
    assert_error(strict.raw("GET", "/missing", sign=False), 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})


# --- the body of PutObject -------------------------------------------------------------------------------------------

OTHER_SHA256 = "0" * 64
OTHER_MD5 = b64encode(md5(b"other").digest()).decode()


def _put(door: Door, target: str, headers: dict[str, str], sha256: str | None = None) -> dict[str, str | None]:
    request = by_header(door, "PUT", target, headers, b"body", credentials=UNKNOWN_KEY)
    if sha256 is not None:
        request.headers["X-Amz-Content-SHA256"] = sha256
    with unchanged(door.fake):
        response = request.send()
    return {"Status": str(response.status), **response.error}


def test_the_bucket_is_judged_before_the_payload_hash(door: Door) -> None:
    error = _put(door, "/missing/k", {"Content-MD5": OTHER_MD5}, OTHER_SHA256)
    assert error == {"Status": "404", "Code": "NoSuchBucket", "Message": NO_SUCH_BUCKET, "BucketName": "missing"}


def test_the_steps_of_a_body_in_their_order(door: Door, bucket: str) -> None:
    """Each error hides those that follow it."""
    wrong = {"Content-MD5": OTHER_MD5, "x-amz-checksum-crc32": "AAAAAA=="}
    unreadable = _put(door, f"/{bucket}/k", {"Content-MD5": "x", "x-amz-checksum-crc32": "x"}, OTHER_SHA256)
    assert unreadable["Message"] == INVALID_CONTENT_MD5
    checksum = _put(door, f"/{bucket}/k", {"x-amz-checksum-crc32": "x"}, FRAMED)
    assert checksum["Message"] == "Value for x-amz-checksum-crc32 header is invalid."
    assert _put(door, f"/{bucket}/k", {}, FRAMED)["Message"] == MISSING_CONTENT_LENGTH
    assert _put(door, f"/{bucket}/k", wrong, OTHER_SHA256)["Message"] == WRONG_CONTENT_SHA256
    assert _put(door, f"/{bucket}/k", wrong)["Message"] == WRONG_CONTENT_MD5
    assert _put(door, f"/{bucket}/k", {"x-amz-checksum-crc32": "AAAAAA=="})["Message"] == WRONG_CRC32


# --- DeleteObjects ---------------------------------------------------------------------------------------------------

VALID = b"<Delete><Object><Key>k</Key></Object></Delete>"


@pytest.mark.parametrize(
    ("document", "headers", "message"),
    [
        (b"<Delete><Object><Key></Key></Object></Delete>", {"x-amz-checksum-crc32": "x"}, MALFORMED_XML),
        (b"<Delete><Object><Key>k</Key><Colour/></Object></Delete>", {}, MALFORMED_XML),
        (VALID, {"x-amz-checksum-crc32": "AAAAAA==", "Content-MD5": OTHER_MD5}, WRONG_CRC32),
        (VALID, {"Content-MD5": OTHER_MD5}, WRONG_CONTENT_MD5),
        (VALID, {"Content-MD5": b64encode(md5(VALID).digest()).decode()}, WRONG_CONTENT_SHA256),
    ],
    ids=["an empty key", "an unknown element", "checksum", "Content-MD5", "payload hash"],
)
def test_delete_objects_judges_the_document_first(
    door: Door, bucket: str, document: bytes, headers: dict[str, str], message: str
) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"k")
    request = by_header(door, "POST", f"/{bucket}?delete", headers, document, credentials=UNKNOWN_KEY)
    request.headers["X-Amz-Content-SHA256"] = OTHER_SHA256
    with unchanged(door.fake):
        response = request.send()
    assert (response.status, response.error["Message"]) == (400, message)
    request.target = "/missing?delete"
    assert_error(request.send(), 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})


# --- a hash that nothing reads ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    ],
)
def test_the_payload_hash_of_a_request_without_a_body_is_not_read(door: Door, bucket: str, value: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"k")
    requests = [("GET", "/", 200), ("GET", "/bucket", 200), ("HEAD", "/bucket/k", 200), ("DELETE", "/bucket/k", 204)]
    for method, target, status in requests:
        request = by_header(door, method, target, credentials=UNKNOWN_KEY)
        request.headers["X-Amz-Content-SHA256"] = value
        assert (method, request.send().status) == (method, status)


# --- a bucket that is missing ----------------------------------------------------------------------------------------

SUBRESOURCES = sorted(
    (operation.method, subresource)
    for operation in s3_model().operations.values()
    if operation.level == "bucket" and not operation.name.startswith("CreateSession")
    for subresource in operation.literals
    if subresource != "list-type"
)


@pytest.mark.parametrize(("method", "subresource"), sorted(set(SUBRESOURCES)))
def test_a_missing_bucket_comes_before_all_that_is_special(door: Door, method: str, subresource: str) -> None:
    """Also before a 501 of this fake: recorded from AWS, February 2026, for lifecycle, replication and notification."""
    response = door.raw(method, f"/missing?{subresource}&id=x", body=b"<no document" if method in ("PUT", "POST") else b"")
    assert_error(response, 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})


def test_a_missing_bucket_of_an_unknown_sub_resource(door: Door) -> None:
    response = door.raw("DELETE", "/missing?frobnicate")
    assert_error(response, 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})


# --- state before the body -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", [b"", b"<CompleteMultipartUpload/>", b"no document"])
def test_complete_looks_for_the_upload_first(door: Door, bucket: str, document: bytes) -> None:
    """Recorded from AWS, February 2026."""
    response = door.raw("POST", f"/{bucket}/k?uploadId=unknown", body=document)
    assert_error(response, 404, "NoSuchUpload", NO_SUCH_UPLOAD, {"UploadId": "unknown"})


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>",
        b"<AccelerateConfiguration><Status>x</Status></AccelerateConfiguration>",
    ],
)
def test_acceleration_looks_at_the_bucket_name_first(door: Door, document: bytes) -> None:
    """Recorded from AWS, February 2026."""
    door.client.create_bucket(Bucket="with.dots")
    with unchanged(door.fake):
        response = door.raw("PUT", "/with.dots?accelerate", body=document)
    text = "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"
    assert_error(response, 400, "InvalidRequest", text)


def _update(type_of_encryption: str) -> bytes:
    return f"<ObjectEncryption>{type_of_encryption}</ObjectEncryption>".encode()


@pytest.mark.parametrize(
    ("key", "document", "headers", "expected"),
    [
        ("none", b"<ObjectEncryption><Colour/></ObjectEncryption>", {"Content-MD5": OTHER_MD5}, (400, MALFORMED_XML)),
        ("none", _update("<SSE-S3/>"), {"Content-MD5": OTHER_MD5}, (400, WRONG_CONTENT_MD5)),
        ("none", _update("<SSE-S3/>"), {}, (404, NO_SUCH_KEY)),
        ("k", _update("<SSE-S3/>"), {}, (400, "Target encryption type 'SSE-S3' is not supported.")),
    ],
    ids=["schema", "digest", "key", "type"],
)
def test_update_object_encryption(
    door: Door, bucket: str, key: str, document: bytes, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"k")
    with unchanged(door.fake):
        response = door.raw("PUT", f"/{bucket}/{key}?encryption", headers, document)
    assert (response.status, response.error["Message"]) == expected


# --- no credential ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("query", "headers"), [("?X-Amz-Signature=x", {}), ("", {"Authorization": ""})])
def test_what_is_no_credential(door: Door, bucket: str, query: str, headers: dict[str, str]) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"k")
    assert_error(door.raw("GET", f"/{bucket}/k{query}", headers, sign=False), 403, "AccessDenied", "Access Denied")
    assert door.fake.calls[-1].access_key is None


def test_an_unsigned_create_bucket(door: Door) -> None:
    with unchanged(door.fake):
        response = door.raw("PUT", "/new", sign=False)
    assert_error(response, 403, "AccessDenied", "Anonymous users cannot invoke this API. Please authenticate.")


# --- selectors -------------------------------------------------------------------------------------------------------


def test_a_selector_counts_with_a_value_too(door: Door, bucket: str) -> None:
    error = door.raw("GET", f"/{bucket}?website=v").error
    assert error["Code"] == "NoSuchWebsiteConfiguration"


def test_an_annotation_name_alone_is_a_selector(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"k")
    with unchanged(door.fake):
        assert door.raw("GET", f"/{bucket}/k?annotationName=v").error["Code"] == "NoSuchAnnotation"
        assert door.raw("DELETE", f"/{bucket}/k?annotationName=v").status == 204

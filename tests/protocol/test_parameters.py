"""Numbers, dates and lists in headers and queries: their values, and the errors for invalid ones."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from fakes3part.errors import S3Error
from fakes3part.protocol.model import s3_model
from tests.support.errors import INVALID_PART_NUMBER


def parse(operation: str, query: dict[str, str], headers: dict[str, str], body: bytes = b"") -> dict[str, Any]:
    return s3_model().operations[operation].parse("b", "k", query, headers, lambda: body)


PART = {"uploadId": "U"}
RETAIN = "The retain until date must be provided in ISO 8601 format"
LATIN = "Header value cannot be represented using ISO-8859-1."


def no_number(name: str) -> str:
    return f"Provided {name} not an integer or within integer range"


def from_zero(name: str) -> str:
    return f"Argument {name} must be an integer between 0 and 2147483647"


BAD_QUERY = [
    *[("UploadPart", "partNumber", text, INVALID_PART_NUMBER, "partNumber") for text in ("", "x", "1.0", "1_0", "٣", "9" * 30)],
    ("UploadPartCopy", "partNumber", "x", INVALID_PART_NUMBER, "partNumber"),
    ("ListParts", "max-parts", "x", no_number("max-parts"), "max-parts"),
    ("ListParts", "max-parts", "2147483648", no_number("max-parts"), "max-parts"),
    ("ListParts", "max-parts", "-1", from_zero("max-parts"), "max-parts"),
    ("ListParts", "part-number-marker", "x", no_number("part-number-marker"), "part-number-marker"),
    ("ListMultipartUploads", "max-uploads", "x", no_number("max-uploads"), "max-uploads"),
    ("ListMultipartUploads", "max-uploads", "-1", from_zero("max-uploads"), "max-uploads"),
    ("ListObjects", "max-keys", "x", no_number("max-keys"), "max-keys"),
    ("ListObjectsV2", "max-keys", "-1", from_zero("maxKeys"), "maxKeys"),
    ("ListObjects", "max-keys", " 5", no_number("max-keys"), "max-keys"),
    ("ListParts", "max-parts", "5 ", no_number("max-parts"), "max-parts"),
    ("ListBuckets", "max-buckets", "0", "Argument max-buckets must be an integer between 1 and 10000.", "max-buckets"),
    ("ListObjectsV2", "fetch-owner", "maybe", "Provided fetch-owner not a boolean", "fetch-owner"),
    ("GetObject", "response-cache-control", "日本", LATIN, "response-cache-control"),
    ("GetObject", "response-content-type", "text/html\r\nX: y", LATIN, "response-content-type"),
    ("GetObject", "response-expires", "x\ny", LATIN, "response-expires"),
]


@pytest.mark.parametrize(("operation", "name", "text", "message", "argument"), BAD_QUERY)
def test_bad_query(operation: str, name: str, text: str, message: str, argument: str) -> None:
    with pytest.raises(S3Error) as caught:
        parse(operation, {"uploadId": "U", "partNumber": "1", name: text}, {"x-amz-copy-source": "/b/k"})
    error = caught.value
    assert (error.code, error.message) == ("InvalidArgument", message)
    assert error.extras == {"ArgumentName": argument, "ArgumentValue": text}


BAD_HEADERS = [
    (
        "PutObject",
        {"x-amz-object-lock-retain-until-date": "tomorrow"},
        ("InvalidArgument", RETAIN, "x-amz-object-lock-retain-until-date"),
    ),
    (
        "AbortMultipartUpload",
        {"x-amz-if-match-initiated-time": "x"},
        ("InvalidArgument", "Provided x-amz-if-match-initiated-time not a valid date", "x-amz-if-match-initiated-time"),
    ),
    (
        "GetObjectAttributes",
        {"x-amz-object-attributes": "ETag", "x-amz-max-parts": "x"},
        ("InvalidArgument", no_number("x-amz-max-parts"), "x-amz-max-parts"),
    ),
    (
        "GetObjectAttributes",
        {"x-amz-object-attributes": ""},
        (
            "InvalidRequest",
            "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
            None,
        ),
    ),
    ("CopyObject", {}, ("InvalidRequest", "Missing required header for this request: x-amz-copy-source", None)),
    (
        "CompleteMultipartUpload",
        {"x-amz-mp-object-size": "x"},
        ("InvalidRequest", "Value for x-amz-mp-object-size header is invalid: 'x'", None),
    ),
    (
        "CompleteMultipartUpload",
        {"x-amz-mp-object-size": "-1"},
        ("InvalidRequest", "Value for x-amz-mp-object-size header is less than zero: '-1'", None),
    ),
]


@pytest.mark.parametrize(("operation", "headers", "expected"), BAD_HEADERS)
def test_bad_headers(operation: str, headers: dict[str, str], expected: tuple[str, str, str | None]) -> None:
    with pytest.raises(S3Error) as caught:
        parse(operation, {"uploadId": "U"}, headers)
    error = caught.value
    assert (error.code, error.message, error.extras.get("ArgumentName")) == expected


GOOD = [
    ("ListParts", {**PART, "max-parts": "", "part-number-marker": ""}, {}, {"UploadId": "U"}),
    ("ListParts", {**PART, "max-parts": "0"}, {}, {"UploadId": "U", "MaxParts": 0}),
    ("ListObjectsV2", {"prefix": "", "fetch-owner": "TRUE"}, {}, {"Prefix": "", "FetchOwner": True}),
    ("ListObjectsV2", {"fetch-owner": "", "max-keys": ""}, {}, {}),
    # Conditions with invalid dates are ignored.
    ("GetObject", {}, {"if-modified-since": "yesterday", "if-match": '"x"'}, {"IfMatch": '"x"'}),
    (
        "GetObject",
        {},
        {"if-unmodified-since": "Saturday, 21-Feb-26 00:17:01 GMT"},
        {"IfUnmodifiedSince": datetime(2026, 2, 21, 0, 17, 1, tzinfo=timezone.utc)},
    ),
    # Expires is returned as it was sent.
    (
        "CreateMultipartUpload",
        {},
        {"expires": "Sat, 21 Feb 2026 00:17:01 GMT"},
        {"Expires": datetime(2026, 2, 21, 0, 17, 1, tzinfo=timezone.utc)},
    ),
    ("CreateMultipartUpload", {}, {"expires": "-1"}, {"Expires": "-1"}),
    (
        "CreateMultipartUpload",
        {},
        {"expires": "Sat, 21 Feb 2026 01:17:01 +0100"},
        {"Expires": "Sat, 21 Feb 2026 01:17:01 +0100"},
    ),
    (
        "CreateMultipartUpload",
        {},
        {"x-amz-object-lock-retain-until-date": "2030-01-01T01:00:00.000+01:00"},
        {"ObjectLockRetainUntilDate": datetime(2030, 1, 1, tzinfo=timezone.utc)},
    ),
    (
        "GetObjectAttributes",
        {},
        {"x-amz-object-attributes": 'ETag, Checksum,,"Object\\"Parts" '},
        {"ObjectAttributes": ["ETag", "Checksum", 'Object"Parts']},
    ),
    # Presigners move headers into the query, in any case; a real header takes precedence.
    (
        "CreateMultipartUpload",
        {"X-Amz-Acl": "private", "x-amz-meta-Colour": "red", "X-Amz-Date": "now", "x-amz-tagging": "a=b"},
        {"x-amz-tagging": "c=d", "x-amz-meta-size": "XL"},
        {"ACL": "private", "Metadata": {"colour": "red", "size": "XL"}, "Tagging": "c=d"},
    ),
]


@pytest.mark.parametrize(("operation", "query", "headers", "expected"), GOOD)
def test_good(operation: str, query: dict[str, str], headers: dict[str, str], expected: dict[str, Any]) -> None:
    params = parse(operation, query, headers)
    assert params.pop("Bucket") == "b"
    assert params.pop("Key", "k") == "k"
    assert params == expected


def test_a_body_is_read_last_and_only_when_the_operation_takes_one() -> None:
    def unread() -> bytes:
        raise AssertionError("the body was read")

    operations = s3_model().operations
    assert operations["UploadPartCopy"].parse(
        "b", "k", {"uploadId": "U", "partNumber": "1"}, {"x-amz-copy-source": "/b/k"}, unread
    )
    with pytest.raises(S3Error, match=INVALID_PART_NUMBER):
        operations["UploadPart"].parse("b", "k", {"uploadId": "U", "partNumber": "x"}, {}, unread)
    assert parse("UploadPart", {"uploadId": "U", "partNumber": "1"}, {}, b"\xff\0")["Body"] == b"\xff\0"

"""What every response has: headers, the form of documents, ids ("Common Response Headers", Amazon S3 API Reference)."""

from __future__ import annotations

import re
import zlib
from base64 import b64encode
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

import pytest

from tests.support.doors import Door

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
Row = tuple[str, str, dict[str, str], bytes, int]
COPY = {"x-amz-copy-source": "bucket/k"}
DELETE = b"<Delete><Object><Key>none</Key></Object></Delete>"
EMPTY: dict[str, Row] = {
    "CreateBucket": ("PUT", "/new", {}, b"", 200),
    "HeadBucket": ("HEAD", "/bucket", {}, b"", 200),
    "PutObject": ("PUT", "/bucket/new", {}, b"abc", 200),
    "PutBucketVersioning": (
        "PUT",
        "/bucket?versioning",
        {},
        b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
        200,
    ),
    "DeleteObject": ("DELETE", "/bucket/k", {}, b"", 204),
    "DeleteBucket": ("DELETE", "/empty", {}, b"", 204),
    "not modified": ("GET", "/bucket/k", {"If-None-Match": "*"}, b"", 304),
    "HEAD not modified": ("HEAD", "/bucket/k", {"If-None-Match": "*"}, b"", 304),
    "HEAD missing": ("HEAD", "/bucket/none", {}, b"", 404),
    "HEAD missing bucket": ("HEAD", "/none", {}, b"", 404),
    "HEAD failed": ("HEAD", "/bucket/k", {"If-Match": "x"}, b"", 412),
    "HEAD beyond": ("HEAD", "/bucket/k", {"Range": "bytes=9-"}, b"", 416),
}
OBJECTS: dict[str, Row] = {
    "GetObject": ("GET", "/bucket/k", {}, b"", 200),
    "HeadObject": ("HEAD", "/bucket/k", {}, b"", 200),
    "range": ("GET", "/bucket/k", {"Range": "bytes=0-0"}, b"", 206),
}
DOCUMENTS: dict[str, tuple[Row, str]] = {
    "ListBuckets": (("GET", "/", {}, b"", 200), "ListAllMyBucketsResult"),
    "GetBucketLocation": (("GET", "/bucket?location", {}, b"", 200), "LocationConstraint"),
    "GetBucketVersioning": (("GET", "/bucket?versioning", {}, b"", 200), "VersioningConfiguration"),
    "ListObjects": (("GET", "/bucket", {}, b"", 200), "ListBucketResult"),
    "ListObjectsV2": (("GET", "/bucket?list-type=2", {}, b"", 200), "ListBucketResult"),
    "ListMultipartUploads": (("GET", "/bucket?uploads", {}, b"", 200), "ListMultipartUploadsResult"),
    "CreateMultipartUpload": (("POST", "/bucket/k?uploads", {}, b"", 200), "InitiateMultipartUploadResult"),
    "CopyObject": (("PUT", "/bucket/copy", COPY, b"", 200), "CopyObjectResult"),
    "DeleteObjects": (("POST", "/bucket?delete", {"x-amz-checksum-crc32": "?"}, DELETE, 200), "DeleteResult"),
}
ERRORS: dict[str, tuple[Row, list[str]]] = {
    "NoSuchBucket": (("GET", "/none", {}, b"", 404), ["BucketName"]),
    "NoSuchKey": (("GET", "/bucket/none", {}, b"", 404), ["Key"]),
    "BucketNotEmpty": (("DELETE", "/bucket", {}, b"", 409), ["BucketName"]),
    "PreconditionFailed": (("GET", "/bucket/k", {"If-Match": "x"}, b"", 412), ["Condition"]),
    "InvalidRange": (("GET", "/bucket/k", {"Range": "bytes=9-"}, b"", 416), ["RangeRequested", "ActualObjectSize"]),
    "InvalidArgument": (("GET", "/bucket?max-keys=-1", {}, b"", 400), ["ArgumentName", "ArgumentValue"]),
    "InvalidBucketName": (("PUT", "/Bad", {}, b"", 400), ["BucketName"]),
    "NotImplemented": (("GET", "/bucket?torrent", {}, b"", 501), ["Operation"]),
    "MethodNotAllowed": (("POST", "/bucket/k", {}, b"", 405), ["Method", "ResourceType"]),
    "MalformedXML": (("PUT", "/bucket?versioning", {}, b"<", 400), []),
}


@pytest.fixture
def full(door: Door, bucket: str) -> Door:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    door.client.create_bucket(Bucket="empty")
    return door


def _ask(door: Door, row: Row) -> tuple[dict[str, str], bytes]:
    """Check the common headers of a response; return its other headers and its body."""
    method, target, headers, body, status = row
    if body.startswith(b"<"):
        headers = {"x-amz-checksum-crc32": b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()}
    response = door.raw(method, target, headers, body)
    assert response.status == status
    assert re.fullmatch(r"[0-9A-Z]{16}", response.headers["x-amz-request-id"])
    assert re.fullmatch(r"[0-9A-Za-z+/=]{76}", response.headers["x-amz-id-2"])
    assert response.headers["x-amz-request-id"] not in response.headers["x-amz-id-2"]
    assert response.headers["server"] == "AmazonS3"
    date = response.headers["date"]
    assert date.endswith(" GMT")
    assert abs((parsedate_to_datetime(date) - datetime.now(timezone.utc)).total_seconds()) < 60
    return response.headers, response.body


@pytest.mark.parametrize("row", EMPTY.values(), ids=EMPTY)
def test_empty_responses(full: Door, row: Row) -> None:
    headers, body = _ask(full, row)
    method, status = row[0], row[4]
    assert body == b""
    if status in (204, 304):
        assert {"content-length", "content-type", "transfer-encoding"}.isdisjoint(headers)
    elif method == "PUT":
        assert headers["content-length"] == "0"
        assert {"content-type", "transfer-encoding"}.isdisjoint(headers)
    else:
        assert headers["content-type"] == "application/xml"


@pytest.mark.parametrize("row", OBJECTS.values(), ids=OBJECTS)
def test_objects(full: Door, row: Row) -> None:
    headers, body = _ask(full, row)
    size = {200: 3, 206: 1}[row[4]]
    assert headers["content-length"] == str(size)
    assert "transfer-encoding" not in headers
    assert len(body) == (0 if row[0] == "HEAD" else size)
    assert headers["content-type"] == "binary/octet-stream"


def _is_chunked(door: Door, headers: dict[str, str]) -> bool:
    """Return whether a document was sent without a length: chunked by the server, and without framing in-process."""
    return "content-length" not in headers and headers.get("transfer-encoding") == ("chunked" if door.name == "server" else None)


@pytest.mark.parametrize(("row", "root"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents(full: Door, row: Row, root: str) -> None:
    headers, body = _ask(full, row)
    assert body.startswith(DECLARATION + f'<{root} xmlns="{XMLNS}"'.encode())
    assert ElementTree.fromstring(body).tag == f"{{{XMLNS}}}{root}"
    assert headers.get("content-type") == (None if root == "VersioningConfiguration" else "application/xml")
    assert _is_chunked(full, headers)
    assert b"\n" not in body[len(DECLARATION) :]


@pytest.mark.parametrize("code", ERRORS)
def test_errors(full: Door, code: str) -> None:
    row, extras = ERRORS[code]
    headers, body = _ask(full, row)
    assert body.startswith(DECLARATION + f"<Error><Code>{code}</Code><Message>".encode())
    root = ElementTree.fromstring(body)
    assert [child.tag for child in root] == ["Code", "Message", *extras, "RequestId", "HostId"]
    assert root.findtext("RequestId") == headers["x-amz-request-id"]
    assert root.findtext("HostId") == headers["x-amz-id-2"]
    assert headers["content-type"] == "application/xml"
    assert _is_chunked(full, headers)


def test_missing_values_are_empty_elements(full: Door) -> None:
    body = full.raw("GET", "/bucket?encoding-type=").body
    assert b"<ArgumentName>encoding-type</ArgumentName><ArgumentValue/>" in body
    body = full.raw("PUT", "/bucket/k", {"x-amz-acl": "fake"}).body
    assert b"<Code>InvalidArgument</Code><Message/>" in body


def test_etags_are_quoted_in_headers_and_documents(full: Door) -> None:
    etag = "900150983cd24fb0d6963f7d28e17f72"
    assert full.raw("GET", "/bucket/k").headers["etag"] == f'"{etag}"'
    assert f"<ETag>&quot;{etag}&quot;</ETag>".encode() in full.raw("GET", "/bucket").body


def test_times(full: Door) -> None:
    body = full.raw("GET", "/bucket").body
    assert re.search(rb"<LastModified>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z</LastModified>", body)


def test_ids_differ(full: Door) -> None:
    responses = [full.raw("GET", "/bucket/k").headers for _ in range(20)]
    assert len({headers["x-amz-request-id"] for headers in responses}) == 20
    assert len({headers["x-amz-id-2"] for headers in responses}) == 20


@pytest.mark.parametrize(
    ("method", "target", "allow"),
    [
        ("POST", "/bucket/k", "HEAD, DELETE, GET, PUT"),
        ("PUT", "/", "GET"),
        ("PATCH", "/bucket", "HEAD, DELETE, POST, GET, PUT"),
    ],
)
def test_methods_that_are_not_allowed(full: Door, method: str, target: str, allow: str) -> None:
    response = full.raw(method, target)
    assert (response.status, response.error["Code"], response.error["Method"]) == (405, "MethodNotAllowed", method)
    assert sorted(response.headers["allow"].split(", ")) == sorted(allow.split(", "))


def test_headers_of_8_kib(full: Door) -> None:
    headers = {f"x-amz-meta-{number}": "v" * 100 for number in range(19)} | {"x-filler": "f" * 8000}
    response = full.raw("PUT", "/bucket/k", headers, b"abc")
    assert (response.status, response.error) == (
        400,
        {
            "Code": "RequestHeaderSectionTooLarge",
            "Message": "Your request header section exceeds the maximum allowed size.",
            "MaxSizeAllowed": "8192",
        },
    )

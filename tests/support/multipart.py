"""Helpers for the tests of multipart operations: an upload, and the state of a bucket as a client sees it."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from fakes3part.message import Request
from tests.support.doors import Door, RawResponse
from tests.support.vectors import CHECKSUM_MEMBERS

XMLNS = "{http://s3.amazonaws.com/doc/2006-03-01/}"
INVALID_PART = (
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity "
    "tag may not match the part's entity tag."
)


Listed = dict[str, Any]
"""A part as Complete lists it."""


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def etag_of(*parts: bytes) -> str:
    """Return the quoted ETag of an object completed from these parts."""
    digests = b"".join(hashlib.md5(part, usedforsecurity=False).digest() for part in parts)
    return f'"{md5(digests)}-{len(parts)}"'


class Upload:
    """An upload opened through ``s3`` (any client)."""

    def __init__(self, s3: Any, bucket: str, key: str = "key", **options: Any) -> None:
        self.s3 = s3
        self.bucket = bucket
        self.key = key
        self.created = s3.create_multipart_upload(Bucket=bucket, Key=key, **options)
        self.id: str = self.created["UploadId"]
        self.where = {"Bucket": bucket, "Key": key, "UploadId": self.id}
        self.algorithm: str | None = self.created.get("ChecksumAlgorithm")

    @property
    def target(self) -> str:
        """The request target of the upload, path style."""
        return f"/{self.bucket}/{quote(self.key)}?uploadId={self.id}"

    def send(self, number: int, body: Any = b"data", **options: Any) -> Any:
        """Call UploadPart; returns the response."""
        return self.s3.upload_part(**self.where, PartNumber=number, Body=body, **options)

    def put(self, number: int, body: Any = b"data", **options: Any) -> Listed:
        """Call UploadPart; returns the part as CompleteMultipartUpload lists it."""
        return self.listed(number, self.send(number, body, **options))

    def listed(self, number: int, answer: Mapping[str, Any]) -> Listed:
        part = {"PartNumber": number, "ETag": answer["ETag"]}
        if self.algorithm is not None:
            member = CHECKSUM_MEMBERS[self.algorithm]
            part[member] = answer[member]
        return part

    def complete(self, *parts: Listed, **options: Any) -> Any:
        return self.s3.complete_multipart_upload(**self.where, MultipartUpload={"Parts": list(parts)}, **options)

    def parts(self) -> list[Any]:
        """Call ListParts; returns the parts without their times."""
        found = self.s3.list_parts(**self.where).get("Parts", [])
        return [{name: value for name, value in part.items() if name != "LastModified"} for part in found]


def document(*parts: Listed) -> bytes:
    """Return the body of a raw CompleteMultipartUpload."""
    inside = "".join(
        "<Part>" + "".join(f"<{name}>{value}</{name}>" for name, value in part.items()) + "</Part>" for part in parts
    )
    return f'<CompleteMultipartUpload xmlns="{XMLNS[1:-1]}">{inside}</CompleteMultipartUpload>'.encode()


def visible_state(s3: Any, bucket: str) -> dict[str, Any]:
    """Return what a client sees of a bucket: its uploads with their parts, its objects with their bytes."""
    uploads = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    objects = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {
        "uploads": [
            (
                one["Key"],
                one["UploadId"],
                s3.list_parts(Bucket=bucket, Key=one["Key"], UploadId=one["UploadId"]).get("Parts", []),
            )
            for one in uploads
        ],
        "objects": [
            (one["Key"], one["ETag"], one["LastModified"], s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read())
            for one in objects
        ],
    }


@contextlib.contextmanager
def visibly_unchanged(s3: Any, bucket: str) -> Iterator[None]:
    """Assert that the block changes no upload, part or object, as a client sees them."""
    before = visible_state(s3, bucket)
    yield
    assert visible_state(s3, bucket) == before


def content(s3: Any, bucket: str, key: str = "key", **options: Any) -> bytes:
    body: bytes = s3.get_object(Bucket=bucket, Key=key, **options)["Body"].read()
    return body


def tags(answer: RawResponse) -> list[str]:
    """Return the names of the elements below the root of the document, in order."""
    return [child.tag.removeprefix(XMLNS) for child in ElementTree.fromstring(answer.body)]


def frames(*chunks: bytes, trailers: Sequence[str] = (), last: bytes = b"0\r\n", end: bytes = b"\r\n") -> bytes:
    """Return an aws-chunked body without signatures."""
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return framed + last + b"".join(line.encode() + b"\r\n" for line in trailers) + end


def streamed(door: Door, target: str, body: bytes, size: int | None, trailer: str = "", **more: str) -> RawResponse:
    """Send a PUT as SDKs do over TLS: aws-chunked, unsigned payload, with a trailer. ``size``: the declared payload size."""
    headers = {"Content-Encoding": "aws-chunked", **more}
    if size is not None:
        headers["X-Amz-Decoded-Content-Length"] = str(size)
    if trailer:
        headers["X-Amz-Trailer"] = trailer
    request = AWSRequest("PUT", door.url + target, headers, body)
    request.context["checksum"] = {"request_algorithm": {"in": "trailer"}}
    S3SigV4Auth(Credentials("testing", "testing"), "s3", "us-east-1").add_auth(request)
    signed = dict(request.headers.items())
    assert signed["X-Amz-Content-SHA256"] == "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    return door.raw("PUT", target, signed, body, sign=False)


def without_length(door: Door, target: str) -> RawResponse:
    """Send a signed PUT without Content-Length."""
    request = AWSRequest("PUT", door.url + target, {}, b"")
    S3SigV4Auth(Credentials("testing", "testing"), "s3", "us-east-1").add_auth(request)
    netloc = urlsplit(door.url).netloc
    if door.name == "server":
        with contextlib.closing(http.client.HTTPConnection(netloc, timeout=10)) as connection:
            connection.putrequest("PUT", target, skip_accept_encoding=True)
            for name, value in request.headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            return RawResponse(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    path, _, query = target.partition("?")
    headers = {name.lower(): value for name, value in request.headers.items()}
    answer = door.fake.handle(Request("PUT", netloc, path, query, headers))
    return RawResponse(answer.status, {k.lower(): v for k, v in answer.headers}, b"".join(map(bytes, answer.body)))

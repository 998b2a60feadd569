"""The floor: a ``before-send`` handler that returns an answer made beforehand, the least that any interceptor can cost.

Each answer has the status, the headers and the body of the one that fakes3part gives to the same request (the benchmark
compares the number of headers and the length of the body, and says so when they differ), so that what botocore does with an
answer costs the same in both. Light on purpose: the row of the first put in a fresh process pays for this import.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from botocore.awsrequest import AWSResponse

BUCKET = "bench"
FULL_BUCKET = "bench-full"
KEY = "key"
MISSING = "missing"
BODY = b"x" * 1024

HOST = f"https://{BUCKET}.s3.amazonaws.com"
_FULL_HOST = f"https://{FULL_BUCKET}.s3.amazonaws.com"
_UPLOAD_ID = "JWSluev5qDGsFt9r8ma5H9TcrThHC2Cv" * 4
_REQUEST_ID = "6BE4A22DC0C995ED"
_HOST_ID = "ENmz+UqHIk7sTV3NK+exp2cGI/oICFLHJDnK9uUaaayc5YbtBL+mDjACfeHkRr8HER1HgiOUi2u4"
_ETAG = "7265f4d211b56873a381d321f586e4a9"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

Headers = list[tuple[str, str]]

_ENVELOPE: Headers = [
    ("x-amz-id-2", _HOST_ID),
    ("x-amz-request-id", _REQUEST_ID),
    ("Date", "Mon, 23 Nov 2026 01:20:38 GMT"),
    ("Server", "AmazonS3"),
]
_EMPTY: Headers = [("Content-Length", "0"), *_ENVELOPE]
_DOCUMENT: Headers = [("Content-Type", "application/xml"), *_ENVELOPE, ("Transfer-Encoding", "chunked")]
_ENCRYPTED: Headers = [("x-amz-server-side-encryption", "AES256")]
_STORED: Headers = [("ETag", f'"{_ETAG}"'), *_ENCRYPTED]
_CHECKSUM: Headers = [("x-amz-checksum-crc32", "SNfwYw=="), ("x-amz-checksum-type", "FULL_OBJECT")]
_OBJECT: Headers = [
    *_STORED,
    ("Accept-Ranges", "bytes"),
    ("Last-Modified", "Mon, 23 Nov 2026 01:20:38 GMT"),
    ("Content-Type", "binary/octet-stream"),
    ("Content-Length", str(len(BODY))),
    *_ENVELOPE,
]


class Canned(NamedTuple):
    """One answer, made beforehand."""

    status: int
    headers: Headers
    body: bytes = b""


class _Raw:
    """What botocore needs of a response's raw stream, and nothing else."""

    __slots__ = ("_left",)

    def __init__(self, body: bytes) -> None:
        self._left = body

    def stream(self) -> tuple[bytes]:
        return (self._left,)

    def read(self, amt: int | None = None) -> bytes:
        left, self._left = self._left, b""
        return left


def _page(bucket: str, keys: list[str]) -> Canned:
    contents = "".join(
        f"<Contents><Key>{key}</Key><LastModified>2026-11-23T01:20:38.000Z</LastModified><ETag>&quot;{_ETAG}&quot;</ETag>"
        "<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>1024</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
        for key in keys
    )
    document = (
        f"{_XML}<ListBucketResult {_NAMESPACE}><Name>{bucket}</Name><Prefix/><KeyCount>{len(keys)}</KeyCount>"
        f"<MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"
    )
    return Canned(200, [("x-amz-bucket-region", "us-east-1"), *_DOCUMENT], document.encode())


def _deleted(keys: list[str]) -> bytes:
    entries = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
    return f"{_XML}<DeleteResult {_NAMESPACE}>{entries}</DeleteResult>".encode()


def _opened() -> bytes:
    return (
        f"{_XML}<InitiateMultipartUploadResult {_NAMESPACE}><Bucket>{BUCKET}</Bucket><Key>{KEY}</Key>"
        f"<UploadId>{_UPLOAD_ID}</UploadId></InitiateMultipartUploadResult>"
    ).encode()


def _no_such_key() -> bytes:
    return (
        f"{_XML}<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>{MISSING}</Key>"
        f"<RequestId>{_REQUEST_ID}</RequestId><HostId>{_HOST_ID}</HostId></Error>"
    ).encode()


def _created(bucket: str) -> Canned:
    return Canned(200, [("Location", f"/{bucket}"), ("x-amz-bucket-arn", f"arn:aws:s3:::{bucket}"), *_EMPTY])


ANSWERS: dict[str, Canned] = {
    f"PUT {HOST}/": _created(BUCKET),
    f"PUT {HOST}/{KEY}": Canned(200, [*_STORED, *_CHECKSUM, *_EMPTY]),
    f"GET {HOST}/{KEY}": Canned(200, [*_OBJECT, *_CHECKSUM], BODY),
    f"HEAD {HOST}/{KEY}": Canned(200, _OBJECT),
    f"GET {HOST}/{MISSING}": Canned(404, _DOCUMENT, _no_such_key()),
    f"GET {HOST}/?list-type=2&encoding-type=url": _page(BUCKET, [KEY]),
    f"POST {HOST}/{KEY}?uploads": Canned(200, [*_ENCRYPTED, *_DOCUMENT], _opened()),
    f"PUT {HOST}/{KEY}?uploadId={_UPLOAD_ID}&partNumber=1": Canned(
        200, [("ETag", '"2058fb53f643fcd58a8d83a05542392b"'), *_ENCRYPTED, ("x-amz-checksum-crc32", "MIHo9w=="), *_EMPTY]
    ),
}


def fill(keys: list[str]) -> None:
    """Know the full bucket too: the puts of its objects, their listing, their deletion."""
    put = ANSWERS[f"PUT {HOST}/{KEY}"]
    ANSWERS.update({f"PUT {_FULL_HOST}/{key}": put for key in keys})
    ANSWERS[f"PUT {_FULL_HOST}/"] = _created(FULL_BUCKET)
    ANSWERS[f"GET {_FULL_HOST}/?list-type=2&encoding-type=url"] = _page(FULL_BUCKET, keys)
    ANSWERS[f"POST {_FULL_HOST}/?delete"] = Canned(200, _DOCUMENT, _deleted(keys))


def answer(request: Any, **event: Any) -> AWSResponse:
    """The floor's handler. A request that it was not made for is a KeyError."""
    canned = ANSWERS[f"{request.method} {request.url}"]
    headers: Any = canned.headers  # (pairs: urllib3's headers are more than botocore asks for)
    return AWSResponse(request.url, canned.status, headers, _Raw(canned.body))


def answer_after_reading(request: Any, **event: Any) -> AWSResponse:
    """The handler of floor-read: reads the body once, as whoever sends it must."""
    if request.body is not None and not isinstance(request.body, bytes):
        request.body.read()
    return answer(request)

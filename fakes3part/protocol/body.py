"""Reading a request's body: what is declared, framed, and checked before any operation sees it."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from ..errors import S3Error
from ..message import Request
from ..rules import checksums
from ..rules.etags import check_content_md5, md5_of
from ..rules.limits import MAX_UPLOAD
from ..state.objects import Data
from . import chunked

MAX_DOCUMENT = 2 * 1024 * 1024
"""Bytes of a request document. CompleteMultipartUpload of 10,000 parts takes about 1.5 MB."""


def check_declared(request: Request) -> None:
    """A streaming body must declare its length, and not more than 5 GiB: judged before it is read.

    Raises:
        S3Error: MissingContentLength or EntityTooLarge.
    """
    headers = request.headers
    framed = chunked.is_chunked(headers)
    size = chunked.decoded_length(headers) if framed else request.content_length
    if size is None and "transfer-encoding" not in headers:
        raise S3Error("MissingContentLength")
    if size is not None and size > MAX_UPLOAD:
        raise S3Error("EntityTooLarge", ProposedSize=size, MaxSizeAllowed=MAX_UPLOAD)


def read_stream(request: Request) -> tuple[bytes, dict[str, str]]:
    """The body of PutObject or UploadPart without its framing, and its trailers.

    Raises:
        S3Error: IncompleteBody, MalformedTrailerError, XAmzContentSHA256Mismatch ...
    """
    check_declared(request)
    payload = request.payload
    if not chunked.is_chunked(request.headers):
        check_sha256(request, payload.data)
        return payload.data, {}
    if payload.trailers is None:
        payload = chunked.decode(payload.data, request.headers)
    else:
        chunked.check(payload, request.headers)
    return payload.data, dict(payload.trailers or {})


def read_document(request: Request, *, required: bool) -> bytes:
    """A request document (XML, a policy), its digests checked; ``required``: there must be one.

    Raises:
        S3Error: InvalidRequest when the digest is missing, BadDigest or InvalidDigest when it is wrong.
    """
    declared = request.content_length
    if declared is not None and declared > MAX_DOCUMENT:
        raise S3Error("MaxMessageLengthExceeded", MaxMessageLengthBytes=MAX_DOCUMENT)
    headers = request.headers
    body = request.payload.data
    trailers: dict[str, str] = {}
    if chunked.is_chunked(headers):
        body, trailers = read_stream(request)
    else:
        check_sha256(request, body)
    data = Data((body,) if body else ())
    md5 = headers.get("content-md5")
    if md5 is not None:
        check_content_md5(md5, md5_of(data))
    checksum = checksums.verified(data, headers, trailers)
    if required and md5 is None and checksum is None:
        raise S3Error("InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
    return body


def check_sha256(request: Request, body: bytes) -> None:
    """The body must be the one whose SHA-256 was signed, where one was.

    Raises:
        S3Error: XAmzContentSHA256Mismatch.
    """
    claimed: Any = request.headers.get("x-amz-content-sha256")
    if claimed is None or len(claimed) != 64 or "authorization" not in request.headers:
        return
    computed = sha256(body, usedforsecurity=False).hexdigest()
    if computed != claimed.lower():
        raise S3Error(
            "XAmzContentSHA256Mismatch", ClientComputedContentSHA256=claimed, S3ComputedContentSHA256=computed
        )

"""Reading a request's body: what is declared, framed, and checked before any operation sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256

from ..errors import S3Error, invalid_argument
from ..message import Request
from ..rules import checksums
from ..rules.etags import check_content_md5, md5_of
from ..rules.limits import MAX_UPLOAD
from ..state.objects import Data
from . import chunked
from .model import Operation

MAX_DOCUMENT = 2 * 1024 * 1024
"""Bytes of a request document. CompleteMultipartUpload of 10,000 parts takes about 1.5 MB."""


_HASH_HEADER = "x-amz-content-sha256"
_UNSIGNED = "UNSIGNED-PAYLOAD"
_STREAMING = (
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII | re.IGNORECASE)


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
    check_hash_header(request.headers, streams=True)
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


def read_document(request: Request, operation: Operation) -> bytes:
    """A request document (XML, a policy), its digests checked.

    Raises:
        S3Error: InvalidRequest when the digest is missing, BadDigest or InvalidDigest when it is wrong.
    """
    declared = request.content_length
    if declared is not None and declared > MAX_DOCUMENT:
        raise S3Error("MaxMessageLengthExceeded", MaxMessageLengthBytes=MAX_DOCUMENT)
    headers = request.headers
    check_hash_header(headers, streams=False)
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
    checksum = checksums.verified(data, headers, trailers) if operation.checksum_of_body else None
    if operation.checksum_required and md5 is None and checksum is None:
        raise S3Error("InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
    return body


def check_hash_header(headers: Mapping[str, str], *, streams: bool) -> None:
    """The header must say how the payload was signed: with its SHA-256, not at all, or in chunks if the operation ``streams``.

    Without an Authorization header (presigned URLs) it means nothing.

    Raises:
        S3Error: InvalidArgument or InvalidRequest.
    """
    claimed = headers.get(_HASH_HEADER)
    if claimed is None or claimed == _UNSIGNED or "authorization" not in headers:
        return
    if claimed in _STREAMING:
        if not streams:
            raise S3Error("InvalidRequest", f"The value of {_HASH_HEADER} header is invalid.")
    elif not _SHA256.fullmatch(claimed):
        allowed = ", ".join((_UNSIGNED, *_STREAMING))
        raise invalid_argument(f"{_HASH_HEADER} must be {allowed} or a valid sha256 value.", _HASH_HEADER, claimed)


def check_sha256(request: Request, body: bytes) -> None:
    """The body must be the one whose SHA-256 was signed, where one was.

    Raises:
        S3Error: XAmzContentSHA256Mismatch.
    """
    claimed = request.headers.get(_HASH_HEADER)
    if claimed is None or claimed == _UNSIGNED or claimed in _STREAMING or "authorization" not in request.headers:
        return
    computed = sha256(body, usedforsecurity=False).hexdigest()
    if computed != claimed.lower():
        raise S3Error("XAmzContentSHA256Mismatch", ClientComputedContentSHA256=claimed, S3ComputedContentSHA256=computed)

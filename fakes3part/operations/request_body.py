"""Reading a request's body: what is declared, framed, and checked before any operation sees it."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from ..errors import S3Error
from ..message import Request
from ..protocol import aws_chunked
from ..protocol.model import Operation
from ..protocol.payload_hash import HEADER, STREAMING, UNSIGNED
from ..rules import checksums
from ..rules.etags import check_content_md5, md5_of
from ..rules.limits import MAX_UPLOAD
from ..state.objects import Data

MAX_DOCUMENT = 2 * 1024 * 1024
"""Bytes of a request document. CompleteMultipartUpload of 10,000 parts takes about 1.5 MB."""


_SMALLER = {"PutBucketWebsite": 128 * 1024}
"""Operations whose documents may hold less."""


class Stream(NamedTuple):
    """A streaming body without its framing. ``digests`` are those (`Data.digests`) that are known to be right already."""

    data: bytes
    trailers: dict[str, str]
    digests: dict[str, str]


def check_declared(request: Request) -> bool:
    """Check, before a streaming body is read, that it declares a length of at most 5 GiB. Return whether it is aws-chunked.

    A body in HTTP's chunks must be aws-chunked, whose headers declare the length (issues aws-sdk-js 1237, aws-sdk-js-v3 3403 and
    irods_resource_plugin_s3 2301). WriteGetObjectResponse is the exception. (Assumed: not recorded from AWS.)

    Raises:
        S3Error: MissingContentLength, EntityTooLarge, or NotImplemented.
    """
    headers = request.headers
    framed = aws_chunked.is_chunked(headers)
    if not framed and "transfer-encoding" in headers and "x-amz-request-route" not in headers:
        raise S3Error("NotImplemented", Header="Transfer-Encoding")
    size = aws_chunked.decoded_length(headers) if framed else request.content_length
    if size is None and "transfer-encoding" not in headers:
        raise S3Error("MissingContentLength")
    if size is not None and size > MAX_UPLOAD:
        raise S3Error("EntityTooLarge", ProposedSize=size, MaxSizeAllowed=MAX_UPLOAD)
    return framed


def read_stream(request: Request, verifier: aws_chunked.ChunkVerifier | None = None) -> Stream:
    """Return the body of PutObject or UploadPart without its framing, and its trailers.

    Args:
        verifier: verifies the signatures of the chunks; None: they are not signed, or the secret key is unknown.

    Raises:
        S3Error: IncompleteBody, MalformedTrailerError, SignatureDoesNotMatch, XAmzContentSHA256Mismatch ...
    """
    framed = check_declared(request)
    payload = request.payload
    headers = request.headers
    if not framed:
        check_sha256(request, payload.data)
        return Stream(payload.data, {}, {})
    if payload.trailers is None:
        payload = aws_chunked.decode(payload.data, headers, verifier)
        return Stream(payload.data, dict(payload.trailers or {}), {})
    aws_chunked.check_payload(payload, headers)
    # The trailers were verified when the framing was removed, so the body need not be hashed again.
    trailers = dict(payload.trailers)
    return Stream(payload.data, trailers, {checksums.BY_HEADER[name].name: value for name, value in trailers.items()})


def read_document(request: Request, operation: Operation) -> bytes:
    """Return a request document (XML, a policy) after checking its digests.

    Raises:
        S3Error: InvalidRequest when the digest is missing, BadDigest or InvalidDigest when it is wrong.
    """
    declared, limit = request.content_length, _SMALLER.get(operation.name, MAX_DOCUMENT)
    if declared is not None and declared > limit:
        raise S3Error("MaxMessageLengthExceeded", MaxMessageLengthBytes=limit)
    headers = request.headers
    body = request.payload.data
    trailers: dict[str, str] = {}
    if aws_chunked.is_chunked(headers):
        body, trailers, _ = read_stream(request)
    else:
        check_sha256(request, body)
    if len(body) > limit:
        raise S3Error("MaxMessageLengthExceeded", MaxMessageLengthBytes=limit)
    data = Data((body,) if body else ())
    md5 = headers.get("content-md5")
    if md5 is not None:
        check_content_md5(md5, md5_of(data))
    checksum = checksums.verify_checksum(data, headers, trailers) if operation.checksum_is_of_body else None
    if operation.digest_required and md5 is None and checksum is None:
        raise S3Error("InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
    return body


def check_sha256(request: Request, body: bytes) -> None:
    """Check that the body has the SHA-256 that was signed, if it was.

    Raises:
        S3Error: XAmzContentSHA256Mismatch.
    """
    claimed = request.headers.get(HEADER)
    if claimed is None or claimed == UNSIGNED or claimed in STREAMING:
        return
    # In the request of a presigned URL the header counts only where the URL names it, and so its signature covers it.
    if "authorization" not in request.headers and HEADER not in request.query:
        return
    computed = sha256(body, usedforsecurity=False).hexdigest()
    if computed != claimed.lower():
        raise S3Error("XAmzContentSHA256Mismatch", ClientComputedContentSHA256=claimed, S3ComputedContentSHA256=computed)

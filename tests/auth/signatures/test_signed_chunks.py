"""Signed aws-chunked bodies: the signatures of chunks and trailers are verified where the secret is known.

Source: "Transferring Payload in Multiple Chunks" in the S3 API reference; the error texts are versitygw's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from fakes3part.auth.signatures.crypto import signature, signing_key
from fakes3part.message import Request
from tests.support.doors import Door, assert_error
from tests.support.errors import INCOMPLETE_BODY
from tests.support.signing import CREDENTIALS, KEY, SECRET, UNKNOWN_KEY, MovingClock, SignedRequest, at, mismatched
from tests.support.state import SIGNED, framed, unchanged

HMAC = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
CRC32C = "x-amz-checksum-crc32c"
TWO = [b"a" * 8192, b"bc"]


class _Streaming(S3SigV4Auth):
    def payload(self, request: AWSRequest) -> str:
        return str(request.headers["x-amz-content-sha256"])

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        claimed = request.headers["x-amz-content-sha256"]
        super()._modify_request_before_signing(request)
        del request.headers["X-Amz-Content-SHA256"]
        request.headers["X-Amz-Content-SHA256"] = claimed


def signed_stream(
    door: Door,
    chunks: list[bytes],
    trailers: dict[str, str] | None = None,
    credentials: Credentials = CREDENTIALS,
    claimed: str | None = None,
) -> SignedRequest:
    """Return a request with signed chunks and trailers, as SDKs send it."""
    headers = {
        "x-amz-content-sha256": claimed or (f"{HMAC}-TRAILER" if trailers else HMAC),
        "x-amz-decoded-content-length": str(sum(map(len, chunks))),
        "Content-Encoding": "aws-chunked",
    }
    if trailers:
        headers["x-amz-trailer"] = ",".join(trailers)
    request = AWSRequest("PUT", f"{door.url}/bucket/k", headers)
    _Streaming(credentials, "s3", "us-east-1").add_auth(request)
    sent = dict(request.headers.items())
    body = signed_chunks(chunks, trailers, sent["X-Amz-Date"], sent["Authorization"][-64:], credentials.secret_key)
    return SignedRequest(door, "PUT", "/bucket/k", sent, body)


def signed_chunks(chunks: list[bytes], trailers: dict[str, str] | None, date: str, previous: str, secret: str) -> bytes:
    """Return the body, made as the S3 API reference describes it."""
    key = signing_key(secret, date[:8], "us-east-1", "s3")
    scope = f"{date[:8]}/us-east-1/s3/aws4_request"
    body = b""
    for chunk in [*chunks, b""]:
        hashes = f"{sha256(b'').hexdigest()}\n{sha256(chunk).hexdigest()}"
        previous = signature(key, f"AWS4-HMAC-SHA256-PAYLOAD\n{date}\n{scope}\n{previous}\n{hashes}")
        body += b"%x;chunk-signature=%s\r\n" % (len(chunk), previous.encode())
        if chunk:
            body += chunk + b"\r\n"
    if trailers:
        lines = "".join(f"{name}:{value}\n" for name, value in trailers.items())
        previous = signature(key, f"AWS4-HMAC-SHA256-TRAILER\n{date}\n{scope}\n{previous}\n{sha256(lines.encode()).hexdigest()}")
        body += lines.replace("\n", "\r\n").encode() + f"x-amz-trailer-signature:{previous}\r\n".encode()
    return body + b"\r\n"


@pytest.mark.parametrize("credentials", [CREDENTIALS, UNKNOWN_KEY], ids=["known", "unknown"])
@pytest.mark.parametrize("chunks", [[], [b"abc"], TWO, [b"a" * 65536, b"b" * 65536, b"c"]], ids=["none", "one", "two", "three"])
def test_right(door: Door, chunks: list[bytes], credentials: Credentials) -> None:
    sent = signed_stream(door, chunks, credentials=credentials)
    if credentials is UNKNOWN_KEY:
        assert door.raw("PUT", "/own").status == 200
        sent.target = "/own/k"
    assert sent.send().status == 200
    version = door.fake.store.buckets[sent.target[1:-2]].objects["k"]
    assert version.data is not None
    assert b"".join(version.data.segments) == b"".join(chunks)


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\n\r\n"], ids=["CRLF", "LF", "both"])
def test_right_trailers(door: Door, end: bytes) -> None:
    sent = signed_stream(door, TWO, {CRC32C: _crc32c(b"".join(TWO))})
    body, mark, trailer = sent.body.partition(CRC32C.encode())
    value, _, rest = trailer.partition(b"\r\n")
    sent.body = body + mark + value + end + rest
    response = sent.send()
    assert (response.status, response.headers[CRC32C]) == (200, _crc32c(b"".join(TWO)))


def _crc32c(data: bytes) -> str:
    from base64 import b64encode

    from awscrt.checksums import crc32c

    return b64encode(crc32c(data).to_bytes(4, "big")).decode()


def _data(sent: SignedRequest) -> None:
    sent.body = sent.body.replace(b"aaaa", b"aaab", 1)


def _last_data(sent: SignedRequest) -> None:
    sent.body = sent.body.replace(b"\r\nbc\r\n", b"\r\nbd\r\n")


def _signature(number: int) -> Callable[[SignedRequest], None]:
    def change(sent: SignedRequest) -> None:
        pieces = sent.body.split(b"chunk-signature=")
        pieces[number] = b"0" * 64 + pieces[number][64:]
        sent.body = b"chunk-signature=".join(pieces)

    return change


def _swap(sent: SignedRequest) -> None:
    pieces = sent.body.split(b"chunk-signature=")
    pieces[1], pieces[2] = pieces[2][:64] + pieces[1][64:], pieces[1][:64] + pieces[2][64:]
    sent.body = b"chunk-signature=".join(pieces)


CHANGES = {
    "data": _data,
    "last data": _last_data,
    "first signature": _signature(1),
    "second": _signature(2),
    "last": _signature(3),
    "swapped": _swap,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_wrong_chunks(door: Door, change: Callable[[SignedRequest], None]) -> None:
    sent = signed_stream(door, TWO)
    change(sent)
    with unchanged(door.fake):
        error = mismatched(sent.send(), canonical=False)
    assert error["StringToSign"].startswith("AWS4-HMAC-SHA256-PAYLOAD\n")


def test_the_requests_own_signature_comes_first(door: Door) -> None:
    sent = signed_stream(door, TWO)
    sent.headers["x-amz-decoded-content-length"] = "9"
    with unchanged(door.fake):
        mismatched(sent.send(), canonical=True)


def test_wrong_trailer_signature(door: Door) -> None:
    crc = _crc32c(b"".join(TWO))
    for old, new in ((b"x-amz-trailer-signature:", b"x-amz-trailer-signature:0"), (crc.encode(), b"AAAAAA==")):
        sent = signed_stream(door, TWO, {CRC32C: crc})
        sent.body = sent.body.replace(old, new)
        with unchanged(door.fake):
            error = mismatched(sent.send(), canonical=False)
        assert error["StringToSign"].startswith("AWS4-HMAC-SHA256-TRAILER\n")
    sent = signed_stream(door, TWO, {CRC32C: crc})
    sent.body = sent.body[: sent.body.index(b"x-amz-trailer-signature")] + b"\r\n"
    with unchanged(door.fake):
        response = sent.send()
    assert (response.status, response.error["Code"], response.error["SignatureProvided"]) == (403, "SignatureDoesNotMatch", None)


def test_a_signed_trailer_with_a_wrong_checksum(door: Door) -> None:
    with unchanged(door.fake):
        response = signed_stream(door, TWO, {CRC32C: "AAAAAA=="}).send()
    assert_error(response, 400, "BadDigest", "The CRC32C you specified did not match the calculated checksum.")


@pytest.mark.parametrize("extension", ["", ";chunk-signature=", ";chunk-signature=abc", ";signature=" + "0" * 64])
def test_signed_chunks_need_a_signature(door: Door, extension: str) -> None:
    """With known and unknown keys."""
    assert door.raw("PUT", "/own").status == 200
    headers = {**SIGNED, "x-amz-content-sha256": HMAC, "x-amz-decoded-content-length": "3"}
    response = door.raw("PUT", "/own/k", headers, framed([b"abc"], extension=extension), sign=False)
    assert_error(response, 400, "IncompleteBody", INCOMPLETE_BODY)
    assert not door.fake.store.buckets["own"].objects


def test_a_signed_trailer_needs_a_signature(door: Door) -> None:
    assert door.raw("PUT", "/own").status == 200
    headers = {**SIGNED, "x-amz-content-sha256": f"{HMAC}-TRAILER", "x-amz-decoded-content-length": "3", "x-amz-trailer": CRC32C}
    body = framed([b"abc"], {CRC32C: _crc32c(b"abc")}, ";chunk-signature=" + "0" * 64)
    response = door.raw("PUT", "/own/k", headers, body, sign=False)
    assert (response.status, response.error["Code"]) == (403, "SignatureDoesNotMatch")
    assert not door.fake.store.buckets["own"].objects


ECDSA = ["STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"]


@pytest.mark.parametrize("claimed", [HMAC, f"{HMAC}-TRAILER", *ECDSA])
def test_anonymous(door: Door, claimed: str) -> None:
    headers = {"x-amz-content-sha256": claimed, "x-amz-decoded-content-length": "3"}
    with unchanged(door.fake):
        response = door.raw("PUT", "/bucket/k", headers, framed([b"abc"]), sign=False)
    message = (
        "Anonymous requests don't support this x-amz-content-sha256 value. Please use UNSIGNED-PAYLOAD or "
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER."
    )
    assert_error(response, 400, "InvalidRequest", message)


@pytest.mark.parametrize("claimed", ECDSA)
def test_sigv4a_is_refused_by_name(door: Door, claimed: str) -> None:
    with unchanged(door.fake):
        response = signed_stream(door, [b"abc"], claimed=claimed).send()
    assert_error(response, 501, "NotImplemented", f"fakes3part does not implement SigV4A ({claimed})", {"Operation": "SigV4A"})


def test_a_part(door: Door) -> None:
    upload = door.client.create_multipart_upload(Bucket="bucket", Key="k")["UploadId"]
    target = f"/bucket/k?partNumber=1&uploadId={upload}"
    headers = {"x-amz-content-sha256": HMAC, "x-amz-decoded-content-length": "3"}
    request = AWSRequest("PUT", door.url + target, headers)
    _Streaming(CREDENTIALS, "s3", "us-east-1").add_auth(request)
    sent = dict(request.headers.items())
    right = signed_chunks([b"abc"], None, sent["X-Amz-Date"], sent["Authorization"][-64:], SECRET)
    with unchanged(door.fake):
        mismatched(door.raw("PUT", target, sent, right.replace(b"abc", b"abd"), sign=False), canonical=False)
    assert door.raw("PUT", target, sent, right, sign=False).status == 200


DOCUMENTED: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "chunks": (
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        {"content-length": "66824"},
        [
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ],
    ),
    "trailer": (
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        {"x-amz-trailer": CRC32C},
        [
            "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
        ],
    ),
}
TRAILER_SIGNATURE = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_examples_of_the_api_reference(door: Door, clock: MovingClock, name: str) -> None:
    """The examples of "Transferring Payload in Multiple Chunks" and "Including Trailing Headers" in the S3 API reference."""
    if door.name == "server":
        pytest.skip("the examples name AWS's host")
    seed, more, signatures = DOCUMENTED[name]
    door.client.create_bucket(Bucket="examplebucket")
    clock.fixed = at("20130524T000000Z") + timedelta(minutes=1)
    headers = {
        "content-encoding": "aws-chunked",
        "host": "s3.amazonaws.com",
        "x-amz-content-sha256": f"{HMAC}-TRAILER" if name == "trailer" else HMAC,
        "x-amz-date": "20130524T000000Z",
        "x-amz-decoded-content-length": "66560",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        **more,
    }
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={KEY}/20130524/us-east-1/s3/aws4_request, SignedHeaders={';'.join(sorted(headers))}, "
        f"Signature={seed}"
    )
    chunks = [b"a" * 65536, b"a" * 1024, b""]
    body = b"".join(
        b"%x;chunk-signature=%b\r\n%b" % (len(chunk), signed.encode(), chunk + b"\r\n" if chunk else b"")
        for chunk, signed in zip(chunks, signatures, strict=True)
    )
    if name == "trailer":
        body += f"{CRC32C}:sOO8/Q==\r\nx-amz-trailer-signature:{TRAILER_SIGNATURE}\r\n".encode()

    def put(body: bytes) -> tuple[int, Any]:
        response = door.fake.handle(
            Request("PUT", "s3.amazonaws.com", "/examplebucket/chunkObject.txt", headers=headers, body=body)
        )
        return response.status, b"".join(map(bytes, response.body))

    assert put(body + b"\r\n") == (200, b"")
    status, document = put(body.replace(signatures[2].encode(), b"0" * 64) + b"\r\n")
    assert (status, signatures[2].encode() in document) == (403, False)

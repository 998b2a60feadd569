"""Requests as SDKs in other languages send them, replayed over a socket: the stored bytes and the responses."""

from __future__ import annotations

import hashlib
import http.client
import socket
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Any
from xml.etree import ElementTree

import pytest

from fakes3part.api.server import Server
from tests.support.errors import WRONG_CONTENT_MD5
from tests.support.raw_client import RawClient, RawResponse, completion, read
from tests.support.sdk_captures import CAPTURES, CRC64NVME, DAMAGED_REQUESTS, SIGNATURE, Capture, DamagedRequest, damaged_headers

PUT, PART = "PutObject", "UploadPart"


class Wire:
    """A connection for raw requests."""

    def __init__(self, server: Server) -> None:
        self._socket = socket.create_connection(server.get_host_and_port(), 10)
        self._host = server.url.removeprefix("http://")

    def close(self) -> None:
        self._socket.close()

    def __call__(self, method: str, target: str, headers: Sequence[str] = (), body: bytes = b"") -> RawResponse:
        now = datetime.now(timezone.utc)
        scope = f"testing/{now:%Y%m%d}/us-east-1/s3/aws4_request"
        if not any(line.lower().startswith("x-amz-content-sha256:") for line in headers):
            headers = [*headers, "x-amz-content-sha256: UNSIGNED-PAYLOAD"]
        names = {line.partition(":")[0].lower() for line in headers if line.lower().startswith("x-amz-")}
        signed = ";".join(sorted({"host", "x-amz-date", *names}))
        lines = [
            f"{method} {target} HTTP/1.1",
            f"Host: {self._host}",
            f"Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={SIGNATURE}",
            f"x-amz-date: {now:%Y%m%dT%H%M%SZ}",
            *headers,
        ]
        head = "\r\n".join([*lines, "", ""]).encode()
        if "Expect: 100-continue" in headers:
            self._socket.sendall(head)
            assert self._socket.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
            self._socket.sendall(body)
        else:
            self._socket.sendall(head + body)
        with http.client.HTTPResponse(self._socket, method=method) as response:
            response.begin()
            return read(response)


@pytest.fixture
def wire(server: Server, over_http: Any) -> Iterator[Wire]:
    over_http.create_bucket(Bucket="bucket")
    wire = Wire(server)
    yield wire
    wire.close()


def uploaded(client: Any) -> str:
    upload: str = client.create_multipart_upload(Bucket="bucket", Key="key")["UploadId"]
    return upload


def complete(server: Server, upload: str, etag: str) -> None:
    with RawClient(server.url) as send:
        assert send("POST", f"/bucket/key?uploadId={upload}", completion([etag])).status == 200


@pytest.mark.parametrize("operation", [PUT, PART])
@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture.client)
def test_capture(wire: Wire, server: Server, over_http: Any, capture: Capture, operation: str) -> None:
    upload = uploaded(over_http) if operation == PART else ""
    target = f"/bucket/key?partNumber=1&uploadId={upload}" if upload else "/bucket/key"
    response = wire("PUT", target, capture.headers, capture.body)
    assert (response.status, response.body) == (200, b"")
    etag = f'"{hashlib.md5(capture.data, usedforsecurity=False).hexdigest()}"'
    assert response.headers["etag"] == etag
    sent = {capture.checksum.name: capture.checksum.of(capture.data)} if capture.checksum else {}
    echoed = {name: value for name, value in response.headers.items() if name.startswith("x-amz-checksum-")}
    kind = echoed.pop("x-amz-checksum-type", None)
    assert kind == (None if operation == PART else "FULL_OBJECT")
    default = {CRC64NVME.name: CRC64NVME.of(capture.data)} if operation == PUT else {}
    assert echoed == (sent or default)
    if upload:
        complete(server, upload, etag)
    check_stored(wire, capture, operation)


def check_stored(wire: Wire, capture: Capture, operation: str) -> None:
    """Check that the next request on the same connection returns the bytes without the framing, and the checksum."""
    got = wire("GET", "/bucket/key", ["x-amz-checksum-mode: ENABLED"])
    assert (got.status, len(got.body)) == (200, len(capture.data))
    assert got.body == capture.data
    if operation == PUT:
        checksum = capture.checksum or CRC64NVME
        assert got.headers[checksum.name] == checksum.of(capture.data)
        assert got.headers.get("content-encoding") == capture.encoding
    else:
        assert "content-encoding" not in got.headers


@pytest.mark.parametrize("operation", [PUT, PART])
@pytest.mark.parametrize("damaged", DAMAGED_REQUESTS, ids=lambda damaged: damaged.name)
def test_damaged_requests(server: Server, over_http: Any, wire: Wire, damaged: DamagedRequest, operation: str) -> None:
    """The error names the problem, and the old object is unchanged."""
    over_http.put_object(Bucket="bucket", Key="key", Body=b"before")
    upload = uploaded(over_http)
    target = f"/bucket/key?partNumber=1&uploadId={upload}" if operation == PART else "/bucket/key"
    response = wire("PUT", target, damaged_headers(damaged), damaged.body)
    assert response.error == (damaged.status, damaged.code, damaged.message)
    root = ElementTree.fromstring(response.body)
    extras = [(child.tag, child.text) for child in root if child.tag not in ("Code", "Message", "RequestId", "HostId")]
    assert extras == list(damaged.extras)
    assert over_http.get_object(Bucket="bucket", Key="key")["Body"].read() == b"before"
    assert "Parts" not in over_http.list_parts(Bucket="bucket", Key="key", UploadId=upload)


@pytest.mark.parametrize("operation", [PUT, PART])
def test_content_md5_is_of_the_payload_without_its_framing(wire: Wire, over_http: Any, operation: str) -> None:
    upload = uploaded(over_http)
    target = f"/bucket/key?partNumber=1&uploadId={upload}" if operation == PART else "/bucket/key"
    capture = next(capture for capture in CAPTURES if capture.client.startswith("minio-go, restic"))
    digest = b64encode(hashlib.md5(capture.data, usedforsecurity=False).digest()).decode()
    framed = b64encode(hashlib.md5(capture.body, usedforsecurity=False).digest()).decode()
    assert wire("PUT", target, [*capture.headers, f"Content-MD5: {digest}"], capture.body).status == 200
    refused = wire("PUT", target, [*capture.headers, f"Content-MD5: {framed}"], capture.body)
    assert refused.error == (400, "BadDigest", WRONG_CONTENT_MD5)


def test_an_absolute_target(wire: Wire) -> None:
    """A request as a client sends it to a proxy."""
    capture = CAPTURES[0]
    target = "http://bucket.s3.amazonaws.com/key"
    assert wire("PUT", target, capture.headers, capture.body).status == 200
    check_stored(wire, capture, PUT)

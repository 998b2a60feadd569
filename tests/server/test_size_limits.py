"""The settings that limit the size of a body, of headers, trailers and forms."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from http.client import HTTPSConnection
from typing import Any

import boto3
import pytest
import requests

from fakes3part import FakeS3, Server
from tests.support.doors import Door, refused
from tests.support.raw_server import RawConnection
from tests.support.state import unchanged

MiB = 1 << 20
TOO_LARGE = "Your proposed upload exceeds the maximum allowed size"


def extras(size: int, limit: int) -> dict[str, str]:
    return {"ProposedSize": str(size), "MaxSizeAllowed": str(limit)}


def test_a_body(door: Door) -> None:
    with door.with_settings(max_body_size=10, min_part_size=1) as client:
        client.create_bucket(Bucket="bucket")
        client.put_object(Bucket="bucket", Key="k", Body=bytes(10))
        refused(
            lambda: client.put_object(Bucket="bucket", Key="k", Body=bytes(11)), 400, "EntityTooLarge", TOO_LARGE, extras(11, 10)
        )
        upload = {
            "Bucket": "bucket",
            "Key": "k",
            "UploadId": client.create_multipart_upload(Bucket="bucket", Key="k")["UploadId"],
        }
        part = client.upload_part(**upload, PartNumber=1, Body=bytes(10))
        too_large = {**upload, "PartNumber": 2, "Body": bytes(11)}
        refused(lambda: client.upload_part(**too_large), 400, "EntityTooLarge", TOO_LARGE, extras(11, 10))
        client.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
        client.put_bucket_cors(  # documents have limits of their own
            Bucket="bucket",
            CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://example.org"]}]},
        )


@pytest.mark.parametrize(("size", "status"), [(90_000, 404), (100_000, 400), (900_000, 413)])
def test_headers_of_other_libraries(size: int, status: int) -> None:
    """Through http.client in this process, whose limit of a head grows too."""
    with FakeS3(max_header_size=100_000), contextlib.closing(HTTPSConnection("s3.amazonaws.com")) as connection:
        connection.request("GET", "/bucket/key", headers={"X-Filler": "x" * size})
        response = connection.getresponse()
        body = response.read()
    assert response.status == status
    assert (b"<MaxSizeAllowed>100000</MaxSizeAllowed>" in body) == (status != 404)


def post(server: Server, size: int, **fields: str) -> requests.Response:
    """Upload a file by a form."""
    client = server.fake.client()
    if not server.fake.buckets:
        client.create_bucket(Bucket="bucket")
    conditions: list[Any] = [["starts-with", f"${name}", ""] for name in fields]
    form = client.generate_presigned_post("bucket", "k", Conditions=conditions)
    data = {**fields, **form["fields"]}
    return requests.post(f"{server.url}/bucket", data=data, files={"file": bytes(size)}, timeout=10)


def test_the_file_of_a_form() -> None:
    with Server(max_body_size=10) as server:
        assert post(server, 10).status_code == 204
        with unchanged(server.fake):
            response = post(server, 11)
        assert response.status_code == 400
        assert f"<Code>EntityTooLarge</Code><Message>{TOO_LARGE}</Message><ProposedSize>11</ProposedSize>" in response.text


def test_the_fields_of_a_form() -> None:
    with Server(max_form_size=2000) as server:
        assert post(server, 1, **{"x-amz-meta-a": "x"}).status_code == 204
        with unchanged(server.fake):
            response = post(server, 1, **{"x-amz-meta-a": "x" * 2000})
        assert response.status_code == 400
        assert "<MaxPostPreDataLengthBytes>2000</MaxPostPreDataLengthBytes>" in response.text


@pytest.mark.parametrize(("limit", "size", "is_accepted"), [(20_000, 15_000, True), (1500, 2000, False), (100_000, 90_000, True)])
def test_headers(door: Door, limit: int, size: int, is_accepted: bool) -> None:
    with door.with_settings(max_header_size=limit) as client:
        client.create_bucket(Bucket="bucket")

        def fill(request: Any, **_: object) -> None:
            request.headers.add_header("X-Filler", "x" * size)

        client.meta.events.register("before-sign.s3", fill)
        try:
            if is_accepted:
                client.put_object(Bucket="bucket", Key="k", Body=b"x")
            else:
                text = "Your request header section exceeds the maximum allowed size."
                refused(client.list_buckets, 400, "RequestHeaderSectionTooLarge", text, {"MaxSizeAllowed": str(limit)})
        finally:
            client.meta.events.unregister("before-sign.s3", fill)


def ask(server: Server, pieces: Iterable[bytes]) -> str:
    """Send a request until the server hangs up, and return the body of its response."""
    with RawConnection(server.get_host_and_port(), timeout=20) as connection:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                connection.send(piece)
        return connection.response()[2].decode()


def put_policy(server: Server, *headers: str) -> bytes:
    """Create a bucket, and return the head of a request that puts a document into it."""
    keys = {"aws_access_key_id": "FOOBARKEY", "aws_secret_access_key": "FOOBARSECRET", "region_name": "us-east-1"}
    with contextlib.closing(boto3.client("s3", endpoint_url=server.url, **keys)) as client:
        client.create_bucket(Bucket="bucket")
        url = client.generate_presigned_url("put_bucket_policy", Params={"Bucket": "bucket", "Policy": "{}"})
    target = url.removeprefix(server.url)
    lines = [f"PUT {target} HTTP/1.1", f"Host: {server.url.removeprefix('http://')}", *headers, "", ""]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize(("count", "code"), [(1, "MalformedPolicy"), (2, "IncompleteBody")])
def test_trailers(count: int, code: str) -> None:
    with Server(max_trailer_size=100) as server:
        head = put_policy(server, "Transfer-Encoding: chunked")
        trailers = (b"x-a: " + b"x" * 60 + b"\r\n") * count
        with unchanged(server.fake):
            assert f"<Code>{code}</Code>" in ask(server, [head, b"4\r\nxxxx\r\n0\r\n" + trailers + b"\r\n"])


@pytest.mark.parametrize("declares", [True, False])
def test_no_server_reads_a_body_without_end(declares: bool) -> None:
    """Not even the body of a document, in chunks whose sum is not declared."""
    with Server(max_body_size=MiB) as server:
        head = put_policy(server, f"Content-Length: {64 * MiB}" if declares else "Transfer-Encoding: chunked")
        piece = bytes(MiB)
        pieces = [piece if declares else b"%x\r\n%b\r\n" % (MiB, piece)] * 64
        with unchanged(server.fake):
            code = "MaxMessageLengthExceeded" if declares else "EntityTooLarge"
            assert f"<Code>{code}</Code>" in ask(server, [head, *pieces])

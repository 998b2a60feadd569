"""boto3 and raw requests against a real FakeS3, behind the HTTP server and as a WSGI application."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError
from werkzeug.test import Client

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from fakes3part.cli.demo import EXAMPLE
from fakes3part.server import connection_threads
from tests.support.doors import warm
from tests.support.raw_server import RawConnection, request

pytest_plugins = ["pytester"]

SIGNED = (
    "Authorization: AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
    "X-Amz-Date: 20260101T000000Z",
    "X-Amz-Content-SHA256: UNSIGNED-PAYLOAD",
)


@pytest.fixture
def s3_server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def s3(s3_server: Server) -> Iterator[Any]:
    client = warm().client(
        "s3",
        endpoint_url=s3_server.url,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}),
    )
    client.create_bucket(Bucket="bucket")
    yield client
    client.close()


@pytest.mark.parametrize("key", ["a//b", "../a/./b", "a%2Fb", "a b+c", "é ☃", "?x=1&y#z", "/", "~*'()!", "_fakes3part/health"])
def test_keys_arrive_as_they_are(s3: Any, key: str) -> None:
    s3.put_object(Bucket="bucket", Key=key, Body=key.encode(), Metadata={"under_score": "1"})
    got = s3.get_object(Bucket="bucket", Key=key)
    assert (got["Body"].read(), got["Metadata"]) == (key.encode(), {"under_score": "1"})
    assert [found["Key"] for found in s3.list_objects_v2(Bucket="bucket")["Contents"]] == [key]


def test_one_connection_carries_errors_with_unread_bodies(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    put = connection_threads.ConnectionThreads.put
    monkeypatch.setattr(connection_threads.ConnectionThreads, "put", lambda self, conn: (opened.append(conn), put(self, conn))[1])
    for _ in range(3):
        with pytest.raises(ClientError, match="NoSuchKey"):
            s3.get_object(Bucket="bucket", Key="absent")
        s3.put_object(Bucket="bucket", Key="k", Body=b"x" * 100_000)
        s3.head_object(Bucket="bucket", Key="k")
        s3.delete_object(Bucket="bucket", Key="k")
    assert opened == []  # the connection of create_bucket
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.put_object(Bucket="absent", Key="k", Body=bytes(8 << 20))
    s3.put_object(Bucket="bucket", Key="k", Body=b"still here")
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"still here"


def test_a_file_by_ten_threads(s3: Any, tmp_path: Path) -> None:
    path = tmp_path / "up"
    path.write_bytes(os.urandom(33 << 20))
    config = TransferConfig(multipart_chunksize=5 << 20, max_concurrency=10)
    s3.upload_file(str(path), "bucket", "file", Config=config)
    assert s3.head_object(Bucket="bucket", Key="file")["ETag"].endswith('-7"')
    s3.download_file("bucket", "file", str(tmp_path / "down"), Config=config)
    digests = [hashlib.sha256((tmp_path / name).read_bytes()).digest() for name in ("up", "down")]
    assert digests[0] == digests[1]


@pytest.mark.parametrize("host", ["bucket.localhost:{port}", "bucket.s3.localhost:{port}", "bucket.localhost"])
def test_virtual_hosts(s3: Any, s3_server: Server, host: str) -> None:
    s3.put_object(Bucket="bucket", Key="a/b", Body=b"hello")
    host = host.format(port=s3_server.port)
    for target in ("/a/b", f"http://{host}/a/b"):
        sent = request("GET", target, *SIGNED).replace(b"Host: localhost", f"Host: {host}".encode())
        with RawConnection(s3_server.get_host_and_port()) as connection:
            status, _, body = connection.send(sent).response()
        assert (status, body) == ("200 OK", b"hello")


def test_reset_and_health_by_http(s3: Any, s3_server: Server) -> None:
    with RawConnection(s3_server.get_host_and_port()) as connection:
        s3.create_bucket(Bucket="moto-api")
        assert connection.send(request("POST", "/moto-api/reset")).response()[0] != "200 OK"
        s3.delete_bucket(Bucket="moto-api")
        assert connection.send(request("POST", "/moto-api/reset")).response()[0] == "200 OK"
        assert s3.list_buckets()["Buckets"] == []
        s3.create_bucket(Bucket="bucket")
        assert connection.send(request("POST", "/_fakes3part/reset")).response()[0] == "200 OK"
        assert s3.list_buckets()["Buckets"] == []


def test_a_truncated_put_stores_nothing(s3: Any, s3_server: Server) -> None:
    with RawConnection(s3_server.get_host_and_port()) as connection:
        connection.send(request("PUT", "/bucket/k", *SIGNED, "Content-Length: 10"), b"12345").socket.shutdown(1)
        status, _, body = connection.response()
    assert status == "400 Bad Request"
    assert b"<Code>IncompleteBody</Code>" in body
    assert s3.list_objects_v2(Bucket="bucket")["KeyCount"] == 0


def test_the_wsgi_app_of_a_fake() -> None:
    client = Client(FakeS3().wsgi_app)
    headers = [tuple(line.split(": ")) for line in SIGNED]
    assert client.put("/bucket", headers=headers).status == "200 OK"
    assert client.put("/bucket/a%2F%2Fb", data=b"x" * 10, headers=headers).status == "200 OK"
    got = client.get("/bucket/a%2F%2Fb", headers=headers)
    assert (got.status, got.data) == ("200 OK", b"x" * 10)
    listed = client.get("/bucket?list-type=2", headers=headers)
    assert b"<Key>a//b</Key>" in listed.data
    refused = client.get("/bucket/a%2F%2Fb")
    assert refused.status == "403 Forbidden"
    assert b"<Code>AccessDenied</Code>" in refused.data


def test_the_example_of_the_demo_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(EXAMPLE)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)

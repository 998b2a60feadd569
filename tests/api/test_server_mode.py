"""moto's ``TEST_SERVER_MODE``: decorated tests run against a running server, unchanged."""

from __future__ import annotations

import os
import socket
import threading
import unittest
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from fakes3part import FakeS3, LenientWarning, Server, ServiceNotFaked, ThreadedMotoServer, mock_aws, mock_s3
from fakes3part.api.remote_fake import RemoteFake
from fakes3part.faults import Reset
from tests.support.doors import refused

CONFIG = Config(retries={"total_max_attempts": 1})
BEFORE = boto3.client("s3", region_name="us-east-1", config=CONFIG, aws_access_key_id="any", aws_secret_access_key="any")
"""A client made before the mock, whose endpoint is AWS."""


def new_client(service: str = "s3", **options: Any) -> Any:
    return boto3.client(service, region_name="us-east-1", **{"config": CONFIG, **options})


CLIENTS = {"made before the mock": lambda: BEFORE, "made inside": new_client}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv("MOTO_CALL_RESET_API", raising=False)
    with Server() as server:
        monkeypatch.setenv("TEST_SERVER_MODE", "true")
        monkeypatch.setenv("TEST_SERVER_MODE_ENDPOINT", server.url)
        yield server


@pytest.mark.parametrize("mock", [mock_aws, mock_s3], ids=["mock_aws", "mock_s3"])
@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_a_decorated_test(server: Server, mock: Any, client: Any) -> None:
    @mock
    def test() -> None:
        s3 = client()
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="a b/\u00e9?&+", Body=b"1", Metadata={"m": "v"}, ContentType="text/x")
        found = s3.get_object(Bucket="bucket", Key="a b/\u00e9?&+")
        assert (found["Body"].read(), found["ContentType"], found["Metadata"]) == (b"1", "text/x", {"m": "v"})
        assert s3.head_object(Bucket="bucket", Key="a b/\u00e9?&+")["ContentLength"] == 1
        assert [item["Key"] for item in s3.list_objects_v2(Bucket="bucket")["Contents"]] == ["a b/\u00e9?&+"]
        refused(
            lambda: s3.get_object(Bucket="bucket", Key="k"), 404, "NoSuchKey", "The specified key does not exist.", {"Key": "k"}
        )
        with pytest.raises(ClientError, match="Not Found"):
            s3.head_object(Bucket="bucket", Key="k")
        s3.delete_object(Bucket="bucket", Key="a b/\u00e9?&+")
        assert list(server.fake.buckets) == ["bucket"]
        assert list(server.fake.buckets["bucket"].objects) == []

    test()
    assert list(server.fake.buckets) == []


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_bodies_of_every_kind(server: Server, client: Any, size: int, tmp_path: Any) -> None:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(size))
    with mock_aws():
        s3 = client()
        s3.create_bucket(Bucket="bucket")
        for algorithm in ("CRC32", "SHA256"):
            with path.open("rb") as body:  # a trailer, if the endpoint is https
                put = s3.put_object(Bucket="bucket", Key="k", Body=body, ChecksumAlgorithm=algorithm)
            assert put[f"Checksum{algorithm}"]
            assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == path.read_bytes()
        s3.upload_file(str(path), "bucket", "file")
        assert server.fake.buckets["bucket"].objects["file"].data == path.read_bytes()
        s3.download_file("bucket", "file", str(tmp_path / "again"))
        assert (tmp_path / "again").read_bytes() == path.read_bytes()
        upload = {"Bucket": "bucket", "Key": "parts"}
        upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
        etag = s3.upload_part(**upload, PartNumber=1, Body=path.read_bytes())["ETag"]
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
        assert s3.get_object(Bucket="bucket", Key="parts", PartNumber=1)["Body"].read() == path.read_bytes()


def test_presigned_urls_and_other_libraries_reach_the_server(server: Server) -> None:
    with mock_aws():
        s3 = new_client()
        s3.create_bucket(Bucket="bucket")
        url = s3.generate_presigned_url("put_object", {"Bucket": "bucket", "Key": "k"})
        assert requests.put(url, b"1", timeout=10).status_code == 200
        assert server.fake.buckets["bucket"].objects["k"].data == b"1"


def test_companion_services_reach_it_and_others_are_refused(server: Server) -> None:
    with mock_aws():
        assert new_client("sts").get_caller_identity()["Account"] == "123456789012"
        with pytest.raises(ServiceNotFaked):
            new_client("sqs").list_queues()
    assert [call.operation for call in server.fake.calls] == []  # the end of the mock has reset the server


def test_the_server_is_reset_at_the_beginning_and_the_end(server: Server) -> None:
    server.fake.seed({"left": {}})
    with mock_aws():
        assert list(server.fake.buckets) == []
        BEFORE.create_bucket(Bucket="bucket")
        with mock_aws():
            BEFORE.head_bucket(Bucket="bucket")
        assert list(server.fake.buckets) == ["bucket"]
    assert list(server.fake.buckets) == []


def test_data_is_kept_on_request(server: Server) -> None:
    mock = mock_aws()
    mock.start()
    BEFORE.create_bucket(Bucket="bucket")
    mock.stop(remove_data=False)
    assert list(server.fake.buckets) == ["bucket"]
    mock.start(reset=False)
    BEFORE.head_bucket(Bucket="bucket")
    mock.reset()
    assert BEFORE.list_buckets()["Buckets"] == []
    mock.stop()


def test_a_variable_of_moto_switches_resets_off(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_CALL_RESET_API", "false")
    server.fake.seed({"left": {}})
    with mock_aws():
        assert [bucket["Name"] for bucket in BEFORE.list_buckets()["Buckets"]] == ["left"]
    assert list(server.fake.buckets) == ["left"]
    monkeypatch.setenv("MOTO_CALL_RESET_API", "true")
    with mock_aws():
        assert list(server.fake.buckets) == []


@pytest.mark.parametrize("own", [None, "http://own.test", "the server's"])
def test_the_environment_is_restored(server: Server, monkeypatch: pytest.MonkeyPatch, own: str | None) -> None:
    if own is not None:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url if own == "the server's" else own)
    before = dict(os.environ)
    with mock_aws():
        with mock_aws():
            assert os.environ["AWS_ENDPOINT_URL_S3"] == server.url
            assert os.environ["AWS_ACCESS_KEY_ID"] == "FOOBARKEY"
        assert os.environ["AWS_ENDPOINT_URL_S3"] == server.url
    assert dict(os.environ) == before


def test_a_decorated_class(server: Server) -> None:
    seen: list[list[str]] = []

    @mock_aws
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            BEFORE.create_bucket(Bucket="class")

        def test_1(self) -> None:
            BEFORE.create_bucket(Bucket="first")
            seen.append(list(server.fake.buckets))

        def test_2(self) -> None:
            BEFORE.create_bucket(Bucket="second")
            seen.append(list(server.fake.buckets))

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    assert (result.testsRun, result.errors, result.failures) == (2, [], [])
    assert seen == [["class", "first"], ["class", "second"]]
    assert list(server.fake.buckets) == []


@pytest.mark.parametrize("name", ["buckets", "calls", "seed", "fail", "events"])
def test_what_is_in_the_server_is_not_shown_as_empty(server: Server, name: str) -> None:
    with mock_aws() as fake:
        assert isinstance(fake, RemoteFake)
        assert repr(fake) == f"<RemoteFake {server.url}>"
        if hasattr(FakeS3(), name):
            with pytest.raises(
                RuntimeError, match=f"so the fake is the server's at {server.url}: it has no '{name}' in this process"
            ):
                getattr(fake, name)
        assert (fake.endpoint_url, fake.environment()["AWS_ENDPOINT_URL_S3"]) == (server.url, server.url)


def test_a_lenience_of_the_server_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SERVER_MODE", "true")
    with ThreadedMotoServer(port=0, verbose=False, lenient=True) as server:
        monkeypatch.setenv("TEST_SERVER_MODE_ENDPOINT", server.url)
        with mock_aws(), pytest.warns(LenientWarning, match="accepted by the lenience 'bucket_names'"):
            BEFORE.create_bucket(Bucket="test_bucket")


def test_a_mock_has_no_settings_of_its_own(server: Server) -> None:
    with pytest.raises(
        RuntimeError, match=f"the server at {server.url} has its own settings: a mock cannot have any \\(min_part_size\\)"
    ):
        mock_aws(min_part_size=1).start()
    assert "AWS_ENDPOINT_URL_S3" not in os.environ


def test_a_fake_of_the_test_stays_its_own(server: Server) -> None:
    with FakeS3() as fake, mock_aws() as joined:
        assert joined is fake
        BEFORE.create_bucket(Bucket="bucket")
        assert list(fake.buckets) == ["bucket"]
    assert server.fake.calls.total == 0


@pytest.mark.parametrize("value", ["false", "0", "", "1"])
def test_other_values_are_no_server_mode(server: Server, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TEST_SERVER_MODE", value)
    with mock_aws() as fake:
        assert not fake.is_remote
        assert fake.buckets is not None


def unused_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@pytest.mark.parametrize("variable", ["TEST_SERVER_MODE_ENDPOINT", "MOTO_PORT"])
def test_without_a_server_the_mock_says_so(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    port = unused_port()
    for name in ("TEST_SERVER_MODE_ENDPOINT", "MOTO_CALL_RESET_API"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEST_SERVER_MODE", "True")
    monkeypatch.setenv(variable, str(port) if variable == "MOTO_PORT" else f"http://localhost:{port}/")
    before = dict(os.environ)
    with pytest.raises(
        RuntimeError, match=f"TEST_SERVER_MODE is set, but the server at http://localhost:{port} cannot be reached"
    ):
        mock_aws().start()
    assert dict(os.environ) == before


def test_a_server_that_goes_away(server: Server) -> None:
    mock = mock_aws()
    mock.start()
    server.stop()
    with pytest.raises(EndpointConnectionError):
        BEFORE.list_buckets()
    with pytest.raises(RuntimeError, match="cannot be reached"):
        mock.stop()
    with pytest.raises(RuntimeError, match=r"Called stop\(\) before start\(\)"):
        mock.stop()
    assert "AWS_ENDPOINT_URL_S3" not in os.environ


def test_a_connection_that_breaks(server: Server) -> None:
    with mock_aws():
        server.fake.fail("ListBuckets", Reset(when="before"))
        with pytest.raises(Exception, match="endpoint URL"):
            BEFORE.list_buckets()


def test_another_server_than_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        monkeypatch.setenv("TEST_SERVER_MODE", "true")
        monkeypatch.setenv("TEST_SERVER_MODE_ENDPOINT", f"http://127.0.0.1:{other.server_port}")
        try:
            with pytest.raises(RuntimeError, match="responds 404 to POST /moto-api/reset"):
                mock_aws().start()
        finally:
            other.shutdown()

"""`ThreadedMotoServer`: moto's class, for suites that come from moto."""

from __future__ import annotations

import contextlib
import errno
import http.client
import inspect
import socket
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config

from fakes3part import Server, SettingError, Settings, ThreadedMotoServer
from tests.support.doors import refused

pytestmark = pytest.mark.filterwarnings("ignore::fakes3part.LenientWarning")

INVALID_NAME = "The specified bucket is not valid."
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}


@contextlib.contextmanager
def _client(url: str) -> Iterator[Any]:
    with contextlib.closing(boto3.client("s3", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}), **KEYS)) as s3:
        yield s3


@pytest.fixture
def server() -> Iterator[ThreadedMotoServer]:
    """As a suite writes it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    yield server
    server.stop()


def test_the_signature_is_motos() -> None:
    parameters = list(inspect.signature(ThreadedMotoServer).parameters.values())
    assert [(one.name, one.default) for one in parameters[:3]] == [("ip_address", "127.0.0.1"), ("port", 5000), ("verbose", True)]
    server = ThreadedMotoServer("127.0.0.1", 0, False)
    assert isinstance(server, Server)


def test_a_suite_of_motos(server: ThreadedMotoServer) -> None:
    host, port = server.get_host_and_port()
    assert (host, port) == ("127.0.0.1", server.port)
    with _client(f"http://{host}:{port}") as s3:
        s3.create_bucket(Bucket="bucket", ACL="public-read")
        s3.put_object(Bucket="bucket", Key="k", Body=b"1", ACL="public-read")
        assert requests.get(f"http://{host}:{port}/bucket/k", timeout=10).content == b"1"
        assert requests.post(f"http://{host}:{port}//moto-api/reset", timeout=10).json() == {"status": "ok"}
        assert s3.list_buckets()["Buckets"] == []


def test_it_is_lenient_unless_settings_say_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAKES3PART_LENIENT", raising=False)
    assert ThreadedMotoServer().fake.settings == Settings(lenient=True)
    assert ThreadedMotoServer(lenient=False).fake.settings == Settings()
    assert ThreadedMotoServer(lenient=["acls"]).fake.settings.leniences == ("acls",)
    assert Server().fake.settings == Settings()
    monkeypatch.setenv("FAKES3PART_LENIENT", "false")
    assert ThreadedMotoServer().fake.settings == Settings()
    assert ThreadedMotoServer(lenient=True).fake.settings == Settings(lenient=True)


@pytest.mark.parametrize("lenient", [True, False])
def test_an_old_bucket_name(lenient: bool) -> None:
    with ThreadedMotoServer(port=0, verbose=False, lenient=lenient) as server, _client(server.url) as s3:
        if lenient:
            created = s3.create_bucket(Bucket="test_bucket")
            assert created["ResponseMetadata"]["HTTPHeaders"]["x-fakes3part-lenient"] == "bucket_names"
        else:
            name = {"BucketName": "test_bucket"}
            refused(lambda: s3.create_bucket(Bucket="test_bucket"), 400, "InvalidBucketName", INVALID_NAME, name)
        assert list(server.fake.buckets) == ["test_bucket"] * lenient


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("MOTO_ACCOUNT_ID", "111122223333", "account", "111122223333"),
        ("S3_UPLOAD_PART_MIN_SIZE", "1", "min_part_size", 1),
        ("MOTO_S3_DEFAULT_MAX_KEYS", "5", "default_max_keys", 5),
        ("MOTO_S3_CUSTOM_ENDPOINTS", "https://a.test,http://b.test:1", "custom_endpoints", ("https://a.test", "http://b.test:1")),
        ("S3_IGNORE_SUBDOMAIN_BUCKETNAME", "true", "path_style_only", True),
    ],
)
def test_motos_variables_count(monkeypatch: pytest.MonkeyPatch, variable: str, text: str, name: str, value: object) -> None:
    monkeypatch.setenv(variable, text)
    assert getattr(ThreadedMotoServer().fake.settings, name) == value
    assert ThreadedMotoServer(region="eu-west-1", account="444455556666").fake.settings.account == "444455556666"


def test_wrong_settings() -> None:
    with pytest.raises(SettingError, match="min_part_size must be a whole number of bytes"):
        ThreadedMotoServer(min_part_size=-1)
    with pytest.raises(TypeError, match="unknown setting 'ip'"):
        ThreadedMotoServer(ip="127.0.0.1")  # type: ignore[call-arg]


def test_verbose_prints_the_url(capsys: pytest.CaptureFixture[str]) -> None:
    with ThreadedMotoServer(port=0) as server:
        server.start()
        assert capsys.readouterr().out == f"fakes3part serves S3 at {server.url}\n"
    with ThreadedMotoServer(port=0, verbose=False):
        assert capsys.readouterr().out == ""


def test_before_the_start_there_is_no_address() -> None:
    server = ThreadedMotoServer(port=0, verbose=False)
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"the server is not running: call start\(\) first"):
            server.get_host_and_port()
        server.stop()
        server.start()
        assert server.get_host_and_port()[1] != 0
        server.stop()


def test_a_port_in_use(server: ThreadedMotoServer) -> None:
    second = ThreadedMotoServer(port=server.port)
    with pytest.raises(OSError, match=f":{server.port}: .*: ThreadedMotoServer\\(port=0\\) takes a free one$") as caught:
        second.start()
    assert caught.value.errno == errno.EADDRINUSE
    second.stop()


def test_each_server_has_its_own_state_which_lasts_until_a_reset(server: ThreadedMotoServer) -> None:
    with _client(server.url) as s3:
        s3.create_bucket(Bucket="bucket")
    with ThreadedMotoServer(port=0, verbose=False) as second:
        assert list(second.fake.buckets) == []
    server.stop()
    with pytest.raises(RuntimeError):
        server.get_host_and_port()
    server.start()
    with _client(server.url) as s3:
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["bucket"]


def test_all_addresses() -> None:
    with ThreadedMotoServer("0.0.0.0", 0, verbose=False) as server:
        host, port = server.get_host_and_port()
        assert host == "0.0.0.0"
        socket.create_connection(("127.0.0.1", port), 5).close()


@pytest.mark.parametrize(("server_class", "connection"), [(ThreadedMotoServer, "close"), (Server, None)])
def test_it_closes_each_connection_as_motos_does(server_class: type[Server], connection: str | None) -> None:
    """A suite may leave clients unclosed: with a connection left open they would be ResourceWarnings, which can be errors."""
    server = server_class(port=0)
    server.start()
    with socket.create_connection((server.host, server.port), timeout=5) as client, client.makefile("rb") as answer:
        client.sendall(b"GET /favicon.ico?lifecycle HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer.readline().startswith(b"HTTP/1.1 404 ")
        headers = http.client.parse_headers(answer)
        assert headers["connection"] == connection
        if connection == "close":
            answer.read()  # until the server closes
            assert client.recv(1) == b""
    server.stop()


def test_the_port_may_be_a_string() -> None:
    """warcio's suite says ``ThreadedMotoServer(port="5555")``."""
    server = ThreadedMotoServer(port="0", verbose=False)
    server.start()
    assert server.port > 0
    server.stop()

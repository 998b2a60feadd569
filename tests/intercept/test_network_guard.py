"""No request reaches the real AWS while a fake is active."""

from __future__ import annotations

import asyncio
import http.client
import pickle
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests
from botocore.utils import IMDSFetcher, InstanceMetadataFetcher

from fakes3part.api.mock import mock_s3
from fakes3part.api.moto_config import read_config
from fakes3part.intercept.activation import intercepted
from fakes3part.intercept.network_guard import ServiceNotFaked
from tests.support.canned_fake import Canned

CALLS: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("sns", "list_topics", {}, "sns.us-east-1.amazonaws.com", "ListTopics"),
    ("dynamodb", "list_tables", {}, "dynamodb.us-east-1.amazonaws.com", "ListTables"),
    ("sqs", "list_queues", {}, "sqs.us-east-1.amazonaws.com", "ListQueues"),
    ("iam", "list_users", {}, "iam.amazonaws.com", "ListUsers"),
    ("lambda", "list_functions", {}, "lambda.us-east-1.amazonaws.com", "ListFunctions"),
    ("s3tables", "list_table_buckets", {}, "s3tables.us-east-1.amazonaws.com", "ListTableBuckets"),
    ("secretsmanager", "list_secrets", {}, "secretsmanager.us-east-1.amazonaws.com", "ListSecrets"),
]


@pytest.mark.parametrize(("service", "call", "arguments", "host", "operation"), CALLS, ids=lambda value: str(value)[:20])
@mock_s3
def test_botocore(late_client: Any, service: str, call: str, arguments: dict[str, Any], host: str, operation: str) -> None:
    with pytest.raises(ServiceNotFaked) as caught:
        getattr(late_client(service), call)(**arguments)
    assert (caught.value.host, caught.value.operation) == (host, operation)
    assert f"{operation} at {host}" in str(caught.value)


def test_it_is_not_retried(late_client: Any) -> None:
    with mock_s3():
        client = late_client("iam")
        attempts: list[str] = []
        client.meta.events.register("before-send.*", lambda request, **_: attempts.append(request.url))
        with pytest.raises(ServiceNotFaked):
            client.list_users()
    assert len(attempts) == 1


def test_the_error_survives_pickling_and_names_what_to_do() -> None:
    error = pickle.loads(pickle.dumps(ServiceNotFaked("sts.amazonaws.com", "sts", "GetCallerIdentity")))
    assert (error.host, error.service, error.operation) == ("sts.amazonaws.com", "sts", "GetCallerIdentity")
    assert str(error).startswith("refused: sts GetCallerIdentity at sts.amazonaws.com.")
    assert '{"passthrough": {"services": ["sts"]}}' in str(error)
    assert "server" in str(ServiceNotFaked("s3.amazonaws.com", "s3", "connection"))


def by_urllib(host: str) -> None:
    urllib.request.urlopen(f"https://{host}/b/k", timeout=1)


def by_requests(host: str) -> None:
    requests.get(f"https://{host}/b/k", timeout=1)


def by_http_client(host: str) -> None:
    http.client.HTTPSConnection(host, timeout=1).request("GET", "/")


def by_socket(host: str) -> None:
    socket.create_connection((host, 443), timeout=1)


def by_name(host: str) -> None:
    socket.getaddrinfo(host.encode(), 443)


def by_asyncio(host: str) -> None:
    asyncio.run(asyncio.open_connection(host, 443))  # type: ignore[arg-type]


FAKED_HOSTS = ["bucket.s3.amazonaws.com", "sts.amazonaws.com"]

HOSTS = [
    "dynamodb.us-east-1.amazonaws.com",
    "dynamodb.cn-north-1.amazonaws.com.cn",
    "169.254.169.254",
    "169.254.170.2",
]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("way", [by_urllib, by_requests, by_http_client, by_socket, by_name, by_asyncio])
def test_everything_else(host: str, way: Callable[[str], None]) -> None:
    with mock_s3(), pytest.raises(ServiceNotFaked) as caught:
        way(host)
    assert caught.value.host == host


@pytest.mark.parametrize("host", FAKED_HOSTS)
@pytest.mark.parametrize("way", [by_socket, by_name, by_asyncio])
def test_hosts_of_a_fake_without_a_door(host: str, way: Callable[[str], None]) -> None:
    with mock_s3(), pytest.raises(ServiceNotFaked, match="fakes3part serves clients built on botocore") as caught:
        way(host)
    assert caught.value.host == host


@pytest.mark.parametrize("way", [by_urllib, by_requests])
def test_requests_through_a_proxy(way: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "localhost")
    monkeypatch.setattr(urllib.request, "_opener", None)  # it caches the proxies, for all later tests
    with mock_s3(), pytest.raises(ServiceNotFaked):
        way("dynamodb.us-east-1.amazonaws.com")


def test_metadata_service_by_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_s3():
        assert (
            InstanceMetadataFetcher(num_attempts=1, env={"AWS_EC2_METADATA_DISABLED": "true"}).retrieve_iam_role_credentials()
            == {}
        )
        with pytest.raises(ServiceNotFaked, match=r"instance metadata PUT /latest/api/token at 169\.254\.169\.254"):
            IMDSFetcher(num_attempts=1, env={})._fetch_metadata_token()


def test_afterwards_everything_is_as_before() -> None:
    before = socket.getaddrinfo, dict(vars(socket.socket))
    with mock_s3():
        assert socket.getaddrinfo is not before[0]
    assert (socket.getaddrinfo, dict(vars(socket.socket))) == before


def test_an_attribute_that_was_set_between_two_mocks_stays_set() -> None:
    """pytest-socket restores ``connect`` so, which the class has inherited before."""
    with mock_s3():
        pass
    inherited = "connect" not in vars(socket.socket)
    socket.socket.connect = socket.socket.connect  # type: ignore[method-assign]
    try:
        with mock_s3():
            pass
        assert "connect" in vars(socket.socket)
    finally:
        if inherited:
            del socket.socket.connect
    before = dict(vars(socket.socket))
    with mock_s3():
        pass
    assert dict(vars(socket.socket)) == before


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The URL of a server that is not AWS's."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"<>" if "list" in self.path else b"{}")

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class TestThrough:
    """Requests that are allowed."""

    def test_hosts_that_are_not_aws(self, elsewhere: str, late_client: Any) -> None:
        with mock_s3():
            assert late_client("dynamodb", endpoint_url=elsewhere).list_tables()["ResponseMetadata"]["HTTPStatusCode"] == 200
            with urllib.request.urlopen(elsewhere) as response:
                assert response.read() == b"{}"

    @pytest.fixture
    def real(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The hosts with which the real ``getaddrinfo`` would have been called."""
        requested: list[str] = []

        def getaddrinfo(host: str, *args: Any, **kwargs: Any) -> Any:
            requested.append(host)
            raise socket.gaierror("no network in tests")

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return requested

    @pytest.mark.parametrize(
        ("passthrough", "service", "call"),
        [
            ({"services": ["sts"]}, "sts", "get_caller_identity"),
            ({"urls": [r"https://sts\."]}, "sts", "get_caller_identity"),
            ({"services": ["s3"]}, "s3", "list_buckets"),
            ({"urls": ["https?://.*s3.*/$"]}, "s3", "list_buckets"),
        ],
    )
    def test_by_setting(
        self, passthrough: dict[str, Any], service: str, call: str, real: list[str], early_client: Any, late_client: Any
    ) -> None:
        from botocore.config import Config
        from botocore.exceptions import EndpointConnectionError

        with mock_s3(config={"core": {"passthrough": passthrough}}):
            client = late_client(service, config=Config(retries={"total_max_attempts": 1}))
            with pytest.raises(EndpointConnectionError):
                getattr(client, call)()
            assert len(real) == 1
            with pytest.raises(ServiceNotFaked):
                late_client("dynamodb").list_tables()
        assert len(real) == 1

    @pytest.mark.parametrize("passthrough", [{"services": ["sts"]}, {"urls": [r"https://sts\."]}])
    def test_by_setting_for_others_than_botocore(self, passthrough: dict[str, Any], real: list[str]) -> None:
        with mock_s3(config={"core": {"passthrough": passthrough}}):
            with pytest.raises(socket.gaierror):
                socket.create_connection(("sts.amazonaws.com", 443))
            with pytest.raises(ServiceNotFaked):
                socket.create_connection(("kms.us-east-1.amazonaws.com", 443))
        assert real == ["sts.amazonaws.com"]

    def test_only_the_urls_that_match(self, early_client: Any) -> None:
        options = read_config({"core": {"passthrough": {"urls": [r"https://real\.s3"]}}})
        with intercepted(Canned(), options) as fake:
            early_client.head_object(Bucket="other", Key="k")
        assert len(fake.requests) == 1


class TestConfig:
    def test_whitelist(self, early_client: Any) -> None:
        with mock_s3(config={"core": {"service_whitelist": ["dynamodb"]}}), pytest.raises(ServiceNotFaked, match="s3"):
            early_client.list_buckets()
        with mock_s3(config={"core": {"service_whitelist": ["s3"], "reset_boto3_session": False}}):
            assert early_client.list_buckets()["Buckets"] == []

    def test_other_services_are_ignored_with_a_warning(self) -> None:
        with pytest.warns(UserWarning, match="ignores the sections of config that are not for S3: batch, lambda") as caught:
            mock_s3(config={"lambda": {"use_docker": False}, "batch": {}, "core": {}})
        assert caught[0].filename == __file__

    @pytest.mark.parametrize(
        "config", [{"core": {"mock_credential": True}}, {"core": {"passthrough": {"service": ["sts"]}}}], ids=str
    )
    def test_a_wrong_key_is_an_error(self, config: dict[str, Any]) -> None:
        with pytest.raises(TypeError, match=r"config: unknown key .*; did you mean "):
            mock_s3(config=config)


class TestSeveral:
    def test_the_current_fake_responds(self, early_client: Any) -> None:
        with intercepted(Canned()) as below:
            with intercepted(Canned()) as above:
                early_client.list_buckets()
            assert (len(below.requests), len(above.requests)) == (0, 1)
            early_client.list_buckets()
        assert (len(below.requests), len(above.requests)) == (1, 1)

    def test_a_custom_endpoint_belongs_to_its_fake(self, early_client: Any, late_client: Any) -> None:
        with intercepted(Canned(custom_endpoints=["https://minio.test"])) as below, intercepted(Canned()) as above:
            late_client(endpoint_url="https://minio.test").list_buckets()
            early_client.list_buckets()
        assert [request.host for request in below.requests] == ["minio.test"]
        assert [request.host for request in above.requests] == ["s3.eu-west-1.amazonaws.com"]

    def test_a_bucket_may_be_a_label_of_it(self, late_client: Any) -> None:
        from botocore.config import Config

        virtual = Config(s3={"addressing_style": "virtual"})
        with intercepted(Canned(custom_endpoints=["minio.test:9000"])) as fake:
            late_client(endpoint_url="http://minio.test:9000", config=virtual).head_bucket(Bucket="bucket")
        assert fake.request.host == "bucket.minio.test:9000"

    def test_many_hosts_are_forgotten_in_time(self, early_client: Any) -> None:
        from fakes3part.intercept import stack

        with intercepted(Canned()) as fake:
            for number in range(1100):
                assert stack.active.fake_for(f"b{number}.s3.amazonaws.com") is fake
            assert len(stack.active.fakes_by_host) <= 512

"""``GET /`` of a server: a page for browsers and readiness probes, S3's responses for S3's clients."""

from __future__ import annotations

import contextlib
import http.client
import re
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config
from werkzeug.test import Client

from fakes3part import FakeS3, Server
from fakes3part.message import Request
from tests.support.doors import refused
from tests.support.state import SIGNED

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
BROWSER = {"User-Agent": CHROME, "Accept": HTML}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(custom_endpoints=["s3.local.test"]) as server:
        server.fake.seed({"bucket": {}, "domain.example.test": {}})
        yield server


def ask(server: Server, method: str, target: str = "/", **headers: str) -> tuple[int, str, bytes]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request(method, target, headers=headers)
        response = connection.getresponse()
        return response.status, response.getheader("Content-Type", ""), response.read()


@pytest.mark.parametrize("target", ["/", "/?", "http://localhost/"])
@pytest.mark.parametrize(
    "headers", [{}, {"User-Agent": "curl/8.5.0", "Accept": "*/*"}, BROWSER, {"User-Agent": "kube-probe/1.29"}]
)
def test_a_visitor_gets_the_page(server: Server, target: str, headers: dict[str, str]) -> None:
    calls = len(server.fake.calls)
    status, kind, body = ask(server, "GET", target, **headers)
    assert (status, kind) == (200, "text/html; charset=utf-8")
    assert body.startswith(b"<!DOCTYPE html>\n")
    assert b"fakes3part" in body
    assert ask(server, "HEAD", target, **headers) == (200, "text/html; charset=utf-8", b"")
    assert len(server.fake.calls) == calls


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:4580", "s3.localhost", "s3.local.test", "minio", "[::1]:1", "x.test"])
def test_hosts_of_the_server_itself(server: Server, host: str) -> None:
    assert ask(server, "GET", Host=host)[0] == 200


def test_python_clients_that_wait_for_a_server(server: Server) -> None:
    assert requests.get(server.url, timeout=10).ok
    assert requests.head(server.url, timeout=10).ok
    with urllib.request.urlopen(server.url, timeout=10) as response:
        assert response.status == 200
    assert Client(server.fake.wsgi_app).get("/").status_code == 200


def test_the_links_of_the_page_work(server: Server) -> None:
    page = ask(server, "GET")[2].decode()
    links = [part.partition('"')[0] for part in re.split('href="|src="', page)[1:]]
    paths = [urljoin("/", link) for link in links if not link.startswith(("#", "data:"))]
    assert {"/_fakes3part/inspector/inspector.css", "/_fakes3part/inspector/main.js"} <= set(paths)
    assert [ask(server, "GET", path)[0] for path in paths] == [200] * len(paths)


def test_a_browsers_own_query_is_ignored(server: Server) -> None:
    assert ask(server, "GET", "/?refresh=1", **BROWSER)[0] == 200
    assert ask(server, "GET", "/?refresh=1")[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux"},
        {"User-Agent": "aiobotocore/2.13.1 md/Botocore#1.34.131"},
        {"User-Agent": "aws-cli/2.15.0 Python/3.11.6 Linux/6.1 exe/x86_64"},
        {"User-Agent": "aws-sdk-js/3.500.0 ua/2.0 os/linux lang/js md/nodejs#20.10.0 api/s3#3.500.0"},
        {"User-Agent": "aws-sdk-go-v2/1.24.0 os/linux lang/go#1.21"},
        {"User-Agent": "aws-sdk-java/2.21.0 Linux/6.1"},
        {"User-Agent": "APN/1.0 Example/1.0"},
        {"User-Agent": "MinIO (Linux; x86_64) minio-py/7.2.0"},
        {"User-Agent": "rclone/v1.65.0"},
        {"User-Agent": "s3fs-fuse/1.93"},
        {"amz-sdk-invocation-id": "6a3d0f70-2a9e-4b0c-9e6b-6a3d0f70aaaa"},
        {"x-amz-date": "20260101T000000Z"},
    ],
)
@pytest.mark.parametrize("accept", [{}, {"Accept": HTML}])
def test_an_anonymous_s3_client_gets_s3s_response(server: Server, headers: dict[str, str], accept: dict[str, str]) -> None:
    status, kind, body = ask(server, "GET", **headers, **accept)
    assert (status, kind) == (403, "application/xml")
    assert b"<Code>AccessDenied</Code><Message>Access Denied</Message>" in body


@pytest.mark.parametrize("query", ["x-id=ListBuckets", "max-buckets=1", "prefix=a", "X-Amz-Algorithm=x", "uploads"])
def test_a_query_of_s3_is_s3s(server: Server, query: str) -> None:
    status, kind, _ = ask(server, "GET", f"/?{query}")
    assert status >= 400
    assert kind == "application/xml"


def test_signed_requests(server: Server) -> None:
    status, kind, body = ask(server, "GET", **BROWSER, **SIGNED)
    assert (status, kind) == (200, "application/xml")
    assert b"<ListAllMyBucketsResult" in body
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
    with contextlib.closing(boto3.client("s3", endpoint_url=server.url, **keys)) as s3:
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["bucket", "domain.example.test"]
        presigned = s3.generate_presigned_url("list_buckets")
    assert requests.get(presigned, headers=BROWSER, timeout=10).content.startswith(b"<?xml")


def test_an_unsigned_list_buckets(server: Server) -> None:
    config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    with contextlib.closing(boto3.client("s3", endpoint_url=server.url, region_name="us-east-1", config=config)) as s3:
        refused(s3.list_buckets, 403, "AccessDenied", "Access Denied")


def test_other_authorization_is_refused_as_by_s3(server: Server) -> None:
    status, kind, _ = ask(server, "GET", Authorization="Bearer x")
    assert (status, kind) == (400, "application/xml")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_s3s(server: Server, method: str) -> None:
    assert ask(server, method, **BROWSER)[0] >= 400


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("bucket.localhost", 403),
        ("absent.localhost", 404),
        ("bucket.s3.local.test", 403),
        ("domain.example.test", 403),
        ("s3.amazonaws.com", 403),
        ("s3.eu-west-1.amazonaws.com", 403),
        ("bucket.s3-website.localhost", 404),
    ],
)
def test_hosts_of_buckets_and_of_aws_are_s3s(server: Server, host: str, status: int) -> None:
    assert ask(server, "GET", Host=host, **BROWSER)[0] == status


def test_in_process_there_is_no_page() -> None:
    response: Any = FakeS3().handle(Request("GET", "localhost", "/", headers={"accept": HTML}))
    assert (response.status, response.operation) == (403, "ListBuckets")

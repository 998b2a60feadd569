"""Custom endpoints of a server, and hosts that are the name of a bucket (CNAMEs)."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from tests.support.hosts import add_bucket, ask

DOMAIN = "www.example.org"


def _get(url: str, host: str, target: str) -> tuple[int, bytes]:
    with contextlib.closing(HTTPConnection(urlsplit(url).netloc, timeout=10)) as connection:
        connection.request("GET", target, headers={"Host": host})
        response = connection.getresponse()
        return response.status, response.read()


@pytest.mark.parametrize("host", ["bucket.s3.example.test", "bucket.s3.example.test:9000", "BUCKET.s3.Example.test"])
def test_base_domains(host: str) -> None:
    fake = FakeS3(custom_endpoints=["http://s3.example.test:9000", "example.test"])
    add_bucket(fake, "us-east-1")
    assert ask(fake, "PUT", host, "/k", b"abc", region="us-east-1").status == 200
    assert ask(fake, "GET", "s3.example.test", "/bucket/k", region="us-east-1").body == b"abc"
    assert ask(fake, "GET", "bucket.example.test", "/k", region="us-east-1").body == b"abc"
    unknown = ask(fake, "GET", "bucket.other.test", "/k", region="us-east-1")
    assert (unknown.status, unknown.error["BucketName"]) == (404, "k")


def test_the_option_of_the_server(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    command = [sys.executable, "-W", "error", "-m", "fakes3part", "serve", "--port", "0", "--ready-file", str(ready)]
    options = ["--custom-endpoints", "s3.example.test", "--custom-endpoints", "other.test", "--strict-regions"]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
        for host in ("bucket.s3.example.test", "bucket.other.test:80", "bucket.localhost"):
            status, body = _get(url, host, "/k")
            assert (status, b"<BucketName>bucket</BucketName>" in body) == (404, True)
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.communicate()
    assert process.returncode == 0


# A bucket named as the Host


def test_a_host_that_is_a_buckets_name() -> None:
    fake = FakeS3()
    assert ask(fake, "GET", DOMAIN, "/folder/k", region="us-east-1").error["BucketName"] == "folder"
    add_bucket(fake, "eu-west-1", DOMAIN)
    for host in (DOMAIN, f"{DOMAIN}:8080", DOMAIN.upper()):
        assert ask(fake, "PUT", host, "/folder/k", b"abc", region="us-east-1").status == 200
    assert list(fake.store.buckets[DOMAIN].objects) == ["folder/k"]
    assert ask(fake, "GET", "localhost", f"/{DOMAIN}/folder/k", region="us-east-1").body == b"abc"
    assert ask(fake, "GET", DOMAIN, "/%ff", region="us-east-1").error["Code"] == "InvalidURI"


def test_a_name_without_a_dot_is_a_machine() -> None:
    fake = FakeS3()
    add_bucket(fake, "us-east-1", "storage")
    assert ask(fake, "PUT", "storage", "/storage/k", b"abc", region="us-east-1").status == 200
    assert list(fake.store.buckets["storage"].objects) == ["k"]


def test_a_custom_endpoint_is_not_a_bucket_name() -> None:
    fake = FakeS3(custom_endpoints=[DOMAIN])
    add_bucket(fake, "us-east-1", DOMAIN)
    assert ask(fake, "PUT", DOMAIN, f"/{DOMAIN}/k", b"abc", region="us-east-1").status == 200
    assert list(fake.store.buckets[DOMAIN].objects) == ["k"]


def test_an_ip_address_is_not_a_bucket_name() -> None:
    fake = FakeS3()
    assert ask(fake, "GET", "10.1.2.3", "/bucket", region="us-east-1").error["BucketName"] == "bucket"


def test_over_http() -> None:
    with Server() as server:
        add_bucket(server.fake, "us-east-1", DOMAIN)
        ask(server.fake, "PUT", DOMAIN, "/k", b"abc", region="us-east-1")
        status, body = _get(server.url, DOMAIN, "/k")
    assert (status, b"AccessDenied" in body) == (403, True)


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("minio.test", "minio.test"),
        ("MinIO.test:9000", "minio.test"),
        ("https://user@minio.test/path", "minio.test"),
        ("http://[::1]:9000", "::1"),
    ],
)
def test_the_host_of_a_custom_endpoint(endpoint: str, host: str) -> None:
    assert FakeS3(custom_endpoints=[endpoint]).custom_hosts == (host,)

"""moto's paths on a server: what suites call works, and nothing pretends to."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
import requests

from fakes3part import Server
from fakes3part.message import Request
from fakes3part.server.responses import respond
from tests.support.raw_server import StubBackend

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}


def ask(backend: StubBackend, method: str, path: str, query: str = "") -> tuple[int, Any]:
    response = respond(backend, Request(method, "localhost", path, query))  # type: ignore[arg-type]
    return response.status, json.loads(b"".join(response.body))


@pytest.mark.parametrize("slashes", ["", "/", "//"])
def test_a_suite_resets_between_tests(slashes: str) -> None:
    with Server() as server:
        s3 = boto3.client("s3", endpoint_url=server.url, **KEYS)
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="k")
        response = requests.post(f"{server.url}{slashes}/moto-api/reset", timeout=10)
        assert (response.status_code, response.json()) == (200, {"status": "ok"})
        assert s3.list_buckets()["Buckets"] == []
        s3.close()


@pytest.mark.parametrize("sent", [{"data": "x"}, {"json": []}, {"params": {"a": "1"}}])
def test_a_reset_ignores_what_is_sent_with_it(sent: dict[str, Any]) -> None:
    with Server() as server:
        server.fake.seed({"bucket": {}})
        assert requests.post(f"{server.url}/moto-api/reset", timeout=10, **sent).status_code == 200
        assert list(server.fake.buckets) == []


def test_a_reset_is_posted(backend: StubBackend) -> None:
    assert ask(backend, "GET", "//moto-api/reset") == (405, {"error": "use POST //moto-api/reset"})
    assert (backend.resets, backend.seen) == (0, [])


def test_a_bucket_of_the_name_keeps_its_objects() -> None:
    with Server() as server:
        s3 = boto3.client("s3", endpoint_url=server.url, **KEYS)
        s3.create_bucket(Bucket="moto-api")
        s3.put_object(Bucket="moto-api", Key="reset", Body=b"kept")
        for slashes in ("", "/"):
            assert requests.post(f"{server.url}{slashes}/moto-api/reset", timeout=10).status_code in (403, 405)
        assert s3.get_object(Bucket="moto-api", Key="reset")["Body"].read() == b"kept"
        s3.close()


def test_a_seed_repeats_ids() -> None:
    with Server() as server:
        s3 = boto3.client("s3", endpoint_url=server.url, **KEYS)
        s3.create_bucket(Bucket="bucket")

        def upload_id() -> str:
            response = requests.post(f"{server.url}/moto-api/seed?a=42", timeout=10)
            assert (response.status_code, response.json()) == (200, {"status": "ok", "seed": 42})
            return str(s3.create_multipart_upload(Bucket="bucket", Key="k")["UploadId"])

        first = upload_id()
        other = s3.create_multipart_upload(Bucket="bucket", Key="k")["UploadId"]
        assert upload_id() == first != other
        s3.close()


@pytest.mark.parametrize("query", ["", "a=", "a=x", "a=1&a=2", "b=1"])
def test_a_wrong_seed(backend: StubBackend, query: str) -> None:
    before = backend.ids.seed
    assert ask(backend, "POST", "/moto-api/seed", query) == (400, {"error": "moto-api/seed needs one whole number: ?a=42"})
    assert backend.ids.seed == before


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("data.json", "/_fakes3part/buckets"),
        ("config", "/_fakes3part/config"),
        ("reset-auth", "accounts and policies"),
        ("proxy/passthrough", "endpoint URL"),
        ("static/athena/query-results", "other services than S3"),
        ("state-manager/set-transition", "/_fakes3part/clock/advance"),
        ("recorder/start-recording", "/_fakes3part/snapshot"),
    ],
)
def test_what_there_is_not_is_a_501(backend: StubBackend, method: str, name: str, instead: str) -> None:
    status, document = ask(backend, method, f"//moto-api/{name}")
    assert status == 501
    assert document["error"].startswith(f"fakes3part has no moto-api/{name} (")
    assert instead in document["error"]
    assert (backend.resets, backend.seen) == (0, [])


@pytest.mark.parametrize("path", ["/moto-api/resets", "/moto-api/reset/", "//moto-api/x", "/moto-api//reset"])
def test_other_paths_do_not_exist(backend: StubBackend, path: str) -> None:
    error = f"no such path: {path}; fakes3part has moto-api/reset and moto-api/seed"
    assert ask(backend, "POST", path) == (404, {"error": error})
    assert backend.resets == 0


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/moto-api"), ("PUT", "/moto-api/"), ("PUT", "/moto-api/k"), ("POST", "/moto-api/")]
)
def test_requests_for_a_bucket_that_may_come_are_s3s(backend: StubBackend, method: str, path: str) -> None:
    respond(backend, Request(method, "localhost", path))  # type: ignore[arg-type]
    assert [request.path for request in backend.seen] == [path]


def test_the_dashboards_path_shows_the_start_page() -> None:
    with Server() as server:
        response = requests.get(f"{server.url}/moto-api/", timeout=10)
        assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert b'src="../_fakes3part/inspector/main.js"' in response.content
        assert response.content.replace(b"../_fakes3part/", b"_fakes3part/") == requests.get(server.url, timeout=10).content

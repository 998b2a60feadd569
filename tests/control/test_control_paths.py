"""The control paths and their aliases never take a request that is for S3."""

from __future__ import annotations

import json

import pytest

from fakes3part.control.endpoints import ALIASES, ENDPOINTS
from fakes3part.control.router import OPENAPI, version
from fakes3part.message import Request
from fakes3part.server.responses import respond
from tests.support.raw_server import StubBackend

PATHS = sorted({endpoint.path for endpoint in ENDPOINTS} | {OPENAPI})
EVERY = [
    *((endpoint.method, endpoint.path) for endpoint in ENDPOINTS),
    *((endpoint.method, path) for path, endpoint in ALIASES.items()),
    ("POST", "/moto-api/reset"),
    ("POST", "//moto-api/reset"),
    ("GET", "/moto-api/"),
    ("GET", "/"),
]
HEALTH_CHECKS = (
    *("/health", "/_health", "/healthz", "/livez", "/readyz", "/_localstack/health"),
    *("/minio/health/live", "/minio/health/ready", "/minio/health/cluster"),
)
PATHS_OF_OTHERS = [*(path for path in ALIASES if "_" not in path), "/moto-api/reset", "//moto-api/reset", "/moto-api/nothing"]


def ask(fake: StubBackend, method: str, path: str, query: str = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
    response = respond(fake, Request(method, "localhost", path, query, dict(headers)))  # type: ignore[arg-type]
    return response.status, dict(response.headers), b"".join(response.body)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_fakes3part/health"),
        ("HEAD", "/_fakes3part/health"),
        *[(method, path) for path in HEALTH_CHECKS for method in ("GET", "HEAD")],
    ],
)
def test_health(backend: StubBackend, method: str, path: str) -> None:
    status, headers, body = ask(backend, method, path)
    assert (status, headers["Content-Type"], headers["Content-Length"]) == (200, "application/json", str(len(body)))
    assert json.loads(body) == {"status": "running", "version": version(), "services": {"s3": "running"}}
    assert (backend.seen, backend.resets) == ([], 0)


@pytest.mark.parametrize("path", ["/_fakes3part/reset", "/moto-api/reset", "//moto-api/reset", "////moto-api/reset"])
def test_reset(backend: StubBackend, path: str) -> None:
    backend.stored["/b/k"] = b"x"
    status, _, body = ask(backend, "POST", path)
    assert (status, json.loads(body)) == (200, {"status": "ok"})
    assert (backend.stored, backend.resets) == ({}, 1)


@pytest.mark.parametrize("path", ["/_fakes3part/nothing", "/_fakes3part/health/"])
def test_unknown_paths_of_the_namespace(backend: StubBackend, path: str) -> None:
    status, headers, body = ask(backend, "GET", path)
    assert (status, headers["Content-Type"]) == (404, "application/json")
    assert json.loads(body) == {"error": f"no such control path: {path}", "paths": PATHS}


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [("POST", "/_fakes3part/health", "GET, HEAD"), ("GET", "/_fakes3part/reset", "POST")],
)
def test_wrong_methods(backend: StubBackend, method: str, path: str, allow: str) -> None:
    status, headers, body = ask(backend, method, path)
    assert (status, headers["Allow"], json.loads(body)) == (405, allow, {"error": f"use {allow}"})
    assert backend.resets == 0


def method_of(path: str) -> str:
    return ALIASES[path].method if path in ALIASES else "POST"


@pytest.mark.parametrize("path", PATHS_OF_OTHERS)
def test_an_alias_gives_way_to_a_bucket_of_its_name(backend: StubBackend, path: str) -> None:
    backend.buckets[path.strip("/").split("/")[0]] = object()
    assert ask(backend, method_of(path), path)[0] == 404
    assert [request.path for request in backend.seen] == [path]
    assert backend.resets == 0


@pytest.mark.parametrize("path", ["/_fakes3part/reset", *PATHS_OF_OTHERS])
def test_at_the_host_of_a_bucket_every_path_is_a_key(backend: StubBackend, path: str) -> None:
    backend.buckets["bucket"] = backend.buckets["bucket.example.test"] = object()
    backend.custom_hosts = ("s3.test",)
    hosts = ["bucket.localhost:4580", "bucket.s3.localhost", "bucket.s3.test", "bucket.example.test", "bucket.s3.amazonaws.com"]
    for host in hosts:
        respond(backend, Request(method_of(path), host, path))  # type: ignore[arg-type]
    assert [request.host for request in backend.seen] == hosts
    assert backend.resets == 0


@pytest.mark.parametrize("path", ["/health", *PATHS_OF_OTHERS])
@pytest.mark.parametrize(
    "headers",
    [{"user-agent": "Boto3/1.44.5 md/Botocore#1.44.5"}, {"amz-sdk-invocation-id": "x"}, {"x-amz-content-sha256": "x"}],
)
def test_an_anonymous_request_of_an_sdk_is_s3s(backend: StubBackend, path: str, headers: dict[str, str]) -> None:
    ask(backend, method_of(path), path, **headers)
    assert [request.path for request in backend.seen] == [path]
    assert backend.resets == 0


@pytest.mark.parametrize(("method", "path"), EVERY)
@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {"authorization": "AWS4-HMAC-SHA256 Credential=..."}),
        ("", {"authorization": "AWS testing:..."}),
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00", {}),
        ("AWSAccessKeyId=testing&Signature=00&Expires=1", {}),
    ],
)
def test_requests_signed_for_s3_are_s3s(
    backend: StubBackend, method: str, path: str, query: str, headers: dict[str, str]
) -> None:
    ask(backend, method, path, query, **headers)
    assert [request.path for request in backend.seen] == [path]
    assert backend.resets == 0


@pytest.mark.parametrize("query", ["list-type=2", "prefix=", "uploads", "x"])
@pytest.mark.parametrize("path", ALIASES)
def test_an_alias_with_a_query_is_s3s(backend: StubBackend, path: str, query: str) -> None:
    ask(backend, method_of(path), path, query)
    assert [(request.path, request.query) for request in backend.seen] == [(path, query)]


@pytest.mark.parametrize("path", ALIASES)
def test_an_alias_with_another_method_is_s3s(backend: StubBackend, path: str) -> None:
    for method in ("DELETE", "PUT", "POST" if method_of(path) == "GET" else "GET", "OPTIONS"):
        ask(backend, method, path)
        assert [request.path for request in backend.seen] == [path]
        backend.seen.clear()

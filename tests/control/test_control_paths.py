"""The control paths and their aliases, and that they never take what is S3's."""

from __future__ import annotations

import json

import pytest

from fakes3part.control.endpoints import ENDPOINTS, ALIASES
from fakes3part.control.router import OPENAPI, version
from fakes3part.message import Request
from fakes3part.server.responses import respond
from tests.support.raw_server import StandIn

PATHS = sorted({endpoint.path for endpoint in ENDPOINTS} | {OPENAPI})
EVERY = [*((endpoint.method, endpoint.path) for endpoint in ENDPOINTS), *((endpoint.method, path) for path, endpoint in ALIASES.items())]


def ask(fake: StandIn, method: str, path: str, query: str = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
    response = respond(fake, Request(method, "localhost", path, query, dict(headers)))  # type: ignore[arg-type]
    return response.status, dict(response.headers), b"".join(response.body)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_fakes3part/health"),
        ("HEAD", "/_fakes3part/health"),
        ("GET", "/health"),
        ("GET", "/_localstack/health"),
        ("GET", "/minio/health/live"),
    ],
)
def test_health(standin: StandIn, method: str, path: str) -> None:
    status, headers, body = ask(standin, method, path)
    assert (status, headers["Content-Type"], headers["Content-Length"]) == (200, "application/json", str(len(body)))
    assert json.loads(body) == {"status": "running", "version": version(), "services": {"s3": "running"}}
    assert (standin.seen, standin.resets) == ([], 0)


@pytest.mark.parametrize("path", ["/_fakes3part/reset", "/moto-api/reset"])
def test_reset(standin: StandIn, path: str) -> None:
    standin.stored["/b/k"] = b"x"
    status, _, body = ask(standin, "POST", path)
    assert (status, json.loads(body)) == (200, {"status": "ok"})
    assert (standin.stored, standin.resets) == ({}, 1)


@pytest.mark.parametrize("path", ["/_fakes3part/", "/_fakes3part/nothing", "/_fakes3part/health/"])
def test_unknown_paths_of_the_namespace(standin: StandIn, path: str) -> None:
    status, headers, body = ask(standin, "GET", path)
    assert (status, headers["Content-Type"]) == (404, "application/json")
    assert json.loads(body) == {"error": f"no such control path: {path}", "paths": PATHS}


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [("POST", "/_fakes3part/health", "GET, HEAD"), ("GET", "/_fakes3part/reset", "POST")],
)
def test_wrong_methods(standin: StandIn, method: str, path: str, allow: str) -> None:
    status, headers, body = ask(standin, method, path)
    assert (status, headers["Allow"], json.loads(body)) == (405, allow, {"error": f"use {allow}"})
    assert standin.resets == 0


@pytest.mark.parametrize("path", [path for path in ALIASES if "_" not in path])
def test_an_alias_gives_way_to_a_bucket_of_its_name(standin: StandIn, path: str) -> None:
    standin.buckets[path.split("/")[1]] = object()
    assert ask(standin, ALIASES[path].method, path)[0] == 404
    assert [request.path for request in standin.seen] == [path]


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
def test_what_is_signed_for_s3_is_s3s(standin: StandIn, method: str, path: str, query: str, headers: dict[str, str]) -> None:
    ask(standin, method, path, query, **headers)
    assert [request.path for request in standin.seen] == [path]
    assert standin.resets == 0


@pytest.mark.parametrize("path", ALIASES)
def test_an_alias_with_another_method_is_s3s(standin: StandIn, path: str) -> None:
    ask(standin, "DELETE", path)
    assert [request.path for request in standin.seen] == [path]

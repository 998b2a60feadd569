"""Requests to buckets without a CORS configuration: preflights are refused, each with its own error; no response has headers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.doors import Door, RawResponse
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

ORIGIN = {"Origin": "https://site.test"}
METHODS = ["GET", "PUT", "POST", "DELETE", "HEAD"]
LEGAL = [*METHODS, "PATCH", "OPTIONS"]
TARGETS = [
    "/bucket",
    "/bucket/",
    "/bucket/k",
    "/bucket/k?uploads",
    "/bucket?acl",
    "/bucket/k?X-Amz-Signature=expired&X-Amz-Date=x",
]


def ask(door: Door, target: str, headers: dict[str, str]) -> RawResponse:
    with unchanged(door.fake):
        return door.raw("OPTIONS", target, headers, sign=False)


def asking(method: str) -> dict[str, str]:
    return {**ORIGIN, "Access-Control-Request-Method": method}


@pytest.mark.parametrize("headers", [{}, {"Access-Control-Request-Method": "GET"}, {"Origin": ""}], ids=str)
@pytest.mark.parametrize("target", TARGETS)
def test_no_origin(door: Door, target: str, headers: dict[str, str]) -> None:
    response = ask(door, target, headers)
    message = "Insufficient information. Origin request header needed."
    assert (response.status, response.error) == (400, {"Code": "BadRequest", "Message": message})


@pytest.mark.parametrize("headers", [{}, {"Access-Control-Request-Method": ""}], ids=str)
def test_no_method(door: Door, headers: dict[str, str]) -> None:
    """Recorded from AWS, September 2026, as the methods that are legal."""
    response = ask(door, "/bucket/k", {**ORIGIN, **headers})
    assert (response.status, response.error) == (403, forbidden("CORS is not enabled for this bucket.", "OPTIONS"))


@pytest.mark.parametrize("method", ["get", "TRACE", "CONNECT", "FOO"])
def test_illegal_methods(door: Door, method: str) -> None:
    response = ask(door, "/bucket/k", asking(method))
    message = f"Invalid Access-Control-Request-Method: {method}"
    assert (response.status, response.error) == (400, {"Code": "BadRequest", "Message": message})


def forbidden(message: str, method: str) -> dict[str, Any]:
    return {"Code": "AccessForbidden", "Message": f"CORSResponse: {message}", "Method": method, "ResourceType": "BUCKET"}


@pytest.mark.parametrize("method", LEGAL)
@pytest.mark.parametrize("target", TARGETS)
def test_no_configuration(door: Door, target: str, method: str) -> None:
    response = ask(door, target, asking(method))
    assert (response.status, response.error) == (403, forbidden("CORS is not enabled for this bucket.", method))
    assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize("target", ["/missing", "/missing/k", "/"])
def test_no_bucket(door: Door, target: str) -> None:
    response = ask(door, target, asking("PUT"))
    assert (response.status, response.error) == (403, forbidden("Bucket not found", "PUT"))


@pytest.mark.parametrize("method", METHODS)
def test_a_plain_request_gets_no_cors_headers(door: Door, method: str) -> None:
    target = "/bucket" if method == "POST" else "/bucket/k"
    response = door.raw(method, target, ORIGIN)
    assert not [name for name in response.headers if name.startswith("access-control") or name == "vary"]

"""CORS at website endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.doors import Door, RawResponse
from tests.support.website import WITH_ERROR, look, open_to_all

SITE = "https://site.test"
RULE = {"AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": [SITE], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60}
ALLOWED = {
    "access-control-allow-origin": SITE,
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "GET, HEAD",
    "access-control-expose-headers": "ETag",
    "access-control-max-age": "60",
    "vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
}


def cors(response: RawResponse) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control-") or name == "vary"}


@pytest.fixture
def site(door: Door, bucket: str) -> Door:
    """A website with an index and an error document, and a CORS rule."""
    s3: Any = door.client
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=WITH_ERROR)
    for key in ("index.html", "error.html"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    open_to_all(s3)
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [RULE]})
    return door


def test_preflights(site: Door) -> None:
    headers = {"Origin": SITE, "Access-Control-Request-Method": "GET"}
    response = look(site, "/index.html", "OPTIONS", headers)
    assert (response.status, response.body, cors(response)) == (200, b"", ALLOWED)
    refused = look(site, "/index.html", "OPTIONS", {**headers, "Access-Control-Request-Method": "PUT"})
    assert (refused.status, refused.headers["x-amz-error-code"], cors(refused)) == (403, "AccessForbidden", {})


@pytest.mark.parametrize(
    ("method", "target", "status"), [("GET", "/", 200), ("HEAD", "/", 200), ("GET", "/missing", 404), ("GET", "/index.html", 200)]
)
def test_responses(site: Door, method: str, target: str, status: int) -> None:
    response = look(site, target, method, {"Origin": SITE})
    assert (response.status, cors(response)) == (status, ALLOWED)
    assert cors(look(site, target, method)) == {}
    assert cors(look(site, target, method, {"Origin": "https://other.test"})) == {}


def test_redirects(site: Door) -> None:
    site.client.put_object(Bucket="bucket", Key="old", WebsiteRedirectLocation="/index.html")
    response = look(site, "/old", headers={"Origin": SITE})
    assert (response.status, response.headers["location"], cors(response)) == (301, "/index.html", ALLOWED)

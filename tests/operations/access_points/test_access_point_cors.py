"""CORS through access points: the configuration of their bucket applies to their requests."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from fakes3part.message import Request
from fakes3part.state.access_points import AccessPoint
from tests.support.callers import OWNER
from tests.support.doors import Door, RawResponse, by_name

SITE = "https://site.test"
VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
ALLOWED = {
    "access-control-allow-origin": SITE,
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "GET, PUT",
    "vary": VARY,
}
RULES: Any = {"CORSRules": [{"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": [SITE]}]}


def send(door: Door, method: str, host: str | None, target: str, **headers: str) -> RawResponse:
    """Send an unsigned request with an Origin; ``host`` None: that of the door."""
    sent = {"Origin": SITE, **headers}
    if host is None:
        return door.raw(method, target, sent, sign=False)
    if door.name == "server":
        return door.raw(method, target, {"Host": host, **sent}, sign=False)
    lowered = {name.lower(): value for name, value in sent.items()}
    made = door.fake.handle(Request(method, host, target, headers=lowered))
    return RawResponse(made.status, by_name(made.headers), b"".join(map(bytes, made.body)))


def cors(response: RawResponse) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control-") or name == "vary"}


@pytest.fixture(params=["alias in the path", "alias in the host", "name in the host"])
def address(request: pytest.FixtureRequest, door: Door, point: AccessPoint) -> tuple[str | None, str]:
    """The host (None: the door's) and the target of the object ``k``."""
    port = urlsplit(door.url).port
    aws = {"alias": f"{point.alias}.s3.amazonaws.com", "name": f"point-{OWNER}.s3-accesspoint.us-east-1.amazonaws.com"}
    local = {"alias": f"{point.alias}.localhost:{port}", "name": f"point-{OWNER}.localhost:{port}"}
    hosts = local if door.name == "server" else aws
    if request.param == "alias in the path":
        return None, f"/{point.alias}/k"
    return hosts[request.param.split()[0]], "/k"


def test_preflights(door: Door, address: tuple[str | None, str]) -> None:
    host, target = address
    refused = send(door, "OPTIONS", host, target, **{"Access-Control-Request-Method": "GET"})
    assert (refused.status, refused.error["Message"]) == (403, "CORSResponse: CORS is not enabled for this bucket.")
    door.client.put_bucket_cors(Bucket="bucket", CORSConfiguration=RULES)
    allowed = send(door, "OPTIONS", host, target, **{"Access-Control-Request-Method": "GET"})
    assert (allowed.status, cors(allowed)) == (200, ALLOWED)
    other = send(door, "OPTIONS", host, target, **{"Access-Control-Request-Method": "DELETE"})
    assert (other.status, other.error["Code"], cors(other)) == (403, "AccessForbidden", {})


def test_plain_requests(door: Door, address: tuple[str | None, str]) -> None:
    host, target = address
    door.client.put_bucket_cors(Bucket="bucket", CORSConfiguration=RULES)
    response = send(door, "GET", host, target)
    assert (response.status, response.error["Code"], cors(response)) == (403, "AccessDenied", ALLOWED)
    assert cors(send(door, "GET", host, target, Origin="https://other.test")) == {}


def test_the_configuration_is_read_through_them(client: Any, door: Door, point: AccessPoint) -> None:
    door.client.put_bucket_cors(Bucket="bucket", CORSConfiguration=RULES)
    assert client.get_bucket_cors(Bucket=point.alias)["CORSRules"] == RULES["CORSRules"]

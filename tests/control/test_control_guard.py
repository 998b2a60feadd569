"""Hostile neighbours: web pages, domains that lead to this machine, and clients without the token that a setting demands."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from http.client import HTTPConnection
from socket import gethostname
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request as UrlRequest
from urllib.request import urlopen

import boto3
import pytest
import requests
from werkzeug.test import Client

from fakes3part import FakeS3, Server, mock_s3
from fakes3part.control.endpoints import ALIASES, ENDPOINTS
from fakes3part.control.own_hosts import is_foreign_host
from fakes3part.control.router import OPENAPI
from tests.support.state import unchanged

TOKEN = "a-token"
EVIL = "evil.example"
CONTROL = [
    *((endpoint.method, endpoint.path) for endpoint in ENDPOINTS),
    ("GET", OPENAPI),
    ("POST", "/moto-api/reset"),
    ("POST", "//moto-api/seed?a=1"),
]
HEALTH = ["/_fakes3part/health", *ALIASES]
PAGE = "control requests are refused if a web page of another origin makes them (Origin, Sec-Fetch-Site)"
NEEDS_TOKEN = "the setting control_token is set: send its value in the header X-Fakes3part-Token"


def not_ours(host: str) -> str:
    return (
        f"This server does not answer to the host {host}, which may be the name of any web site. If it is this server, name it "
        "in the setting custom_endpoints: serve --custom-endpoints HOST, or FAKES3PART_CUSTOM_ENDPOINTS=HOST"
    )


class Site:
    """A fake with a bucket and a snapshot, and its server, or its WSGI application."""

    def __init__(self, kind: str, **settings: Any) -> None:
        self.fake = FakeS3(**settings)
        self.fake.seed({"bucket": {"key": "text"}})
        self.fake.snapshot("default")
        self._wsgi = Client(self.fake.wsgi_app) if kind == "wsgi" else None
        self.server = Server(self.fake)

    def ask(self, method: str, target: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Send a request. ``_`` in names of headers is ``-``."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self._wsgi is not None:
            sent.setdefault("Host", "localhost")
            answered = self._wsgi.open(target, method=method, data=body, headers=sent)
            return answered.status_code, {name.lower(): value for name, value in answered.headers}, answered.data
        with contextlib.closing(HTTPConnection(urlsplit(self.server.url).netloc, timeout=10)) as connection:
            connection.request(method, target, body, sent)
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()


@contextlib.contextmanager
def opened(kind: str, **settings: Any) -> Iterator[Site]:
    site = Site(kind, **settings)
    with site.server:
        yield site


@pytest.fixture(params=["server", "wsgi"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with opened(request.param) as site:
        yield site


def error_of(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, str]:
    status, headers, body = answer
    assert headers["content-type"] == "application/json"
    return status, json.loads(body)["error"]


# --- web pages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "http://["},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
    ids=lambda headers: "-".join(next(iter(headers.items()))),
)
def test_no_control_request_of_a_page_is_served(site: Site, headers: dict[str, str]) -> None:
    with unchanged(site.fake):
        for method, target in CONTROL:
            assert error_of(site.ask(method, target, b"{}", Content_Type="application/json", **headers)) == (403, PAGE), target


@pytest.mark.parametrize("content_type", ["text/plain", "text/plain;charset=UTF-8", "multipart/form-data; boundary=x", "x"])
def test_a_body_that_needs_no_preflight_is_refused(site: Site, content_type: str) -> None:
    with unchanged(site.fake):
        for method, target in CONTROL:
            if method == "POST":
                answer = site.ask(method, target, b"{}", Content_Type=content_type)
                assert error_of(answer) == (415, f"the Content-Type must be application/json, not {content_type}"), target


def test_a_form_of_an_old_browser_is_refused(site: Site) -> None:
    form = "application/x-www-form-urlencoded"
    answer = site.ask("POST", "/_fakes3part/reset", b"", Content_Type=form, User_Agent="Mozilla/5.0 (X11) Gecko/20100101")
    assert error_of(answer) == (415, f"the Content-Type must be application/json, not {form}")


def test_programs_go_on_working(site: Site) -> None:
    """What curl, urllib, requests, and a page of the server itself send."""
    origin = "http://localhost" if site.ask("GET", "/")[0] and site._wsgi else site.server.url
    for headers in (
        {},
        {"Content-Type": "application/json"},
        {"Content-Type": "application/json; charset=utf-8"},
        {"Content-Type": "application/vnd.api+json"},
        {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "curl/8.5.0"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": origin},
    ):
        sent = {name.replace("-", "_"): value for name, value in headers.items()}
        assert site.ask("POST", "/_fakes3part/snapshot", b'{"name": "x"}', **sent)[::2] == (200, b'{"name": "x"}\n'), headers


def test_python_clients_go_on_working() -> None:
    with Server() as server:
        assert json.loads(urlopen(UrlRequest(f"{server.url}/_fakes3part/snapshot", b'{"name": "x"}')).read()) == {"name": "x"}
        assert requests.post(f"{server.url}/_fakes3part/restore", json={"name": "x"}, timeout=10).json() == {"name": "x"}
        for data in (None, {}, b""):
            assert requests.post(f"{server.url}/moto-api/reset", data=data, timeout=10).json() == {"status": "ok"}


def test_a_preflight_allows_nothing(site: Site) -> None:
    headers = {"Origin": "http://evil.example", "Access_Control_Request_Method": "DELETE"}
    status, received, _ = site.ask("OPTIONS", "/_fakes3part/calls", **headers)
    assert status == 403
    assert not [name for name in received if name.startswith("access-control")]


def test_a_form_of_a_page_still_uploads_to_s3(site: Site) -> None:
    """Browser uploads and CORS are S3's: only control requests are refused to pages."""
    status, _, body = site.ask("POST", "/bucket", b"", Origin="http://evil.example", Sec_Fetch_Site="cross-site")
    assert (status, b"<Code>PreconditionFailed</Code>" in body) == (412, True)


# --- hosts ------------------------------------------------------------------------------------------------------------

S3 = [("GET", "/bucket/key"), ("PUT", "/bucket/new"), ("DELETE", "/bucket"), ("PUT", "/new"), ("POST", "/")]
FOREIGN = [EVIL, "evil.example:4580", "EVIL.example.", "a--b--x-s3.evil.example", "localhost.evil.example", "a.b-127.com"]
FOREIGN += ["x.127.0.0.1.evil.example", "amazonaws.com.evil.example", "bucket.evil.example", "xn--e1awd7f.com"]
OWN = ["localhost", "LOCALHOST:1", "bucket.localhost", "bucket.s3.localhost:4580", "127.0.0.1", "192.168.1.5:80", "[::1]:4580"]
OWN += ["fakes3", "fakes3:5000", "minio:9000", "host.docker.internal:4580", "fakes3.default.svc.cluster.local", "fakes3.ns.svc"]
OWN += ["s3.amazonaws.com", "bucket.s3.eu-west-1.amazonaws.com", "123456789012.localhost", "bucket.127.0.0.1", "box.local"]
OWN += ["bucket.s3.localhost.localstack.cloud:4566", "a--use1-az1--x-s3.localhost:1", "a--use1-az1--x-s3.fakes3", gethostname()]


@pytest.mark.parametrize("host", FOREIGN)
def test_a_foreign_host_is_refused(site: Site, host: str) -> None:
    with unchanged(site.fake):
        for method, target in CONTROL:
            assert error_of(site.ask(method, target, Host=host)) == (403, not_ours(host)), target
        for method, target in S3:
            status, headers, body = site.ask(method, target, Host=host)
            assert (status, headers["content-type"]) == (403, "application/xml")
            assert f"<Code>AccessDenied</Code><Message>{not_ours(host)}</Message>".encode() in body
        assert site.ask("HEAD", "/bucket/key", Host=host)[::2] == (403, b"")


@pytest.mark.parametrize("host", OWN)
def test_names_of_this_machine_and_its_network_are_served(site: Site, host: str) -> None:
    _, headers, body = site.ask("GET", "/bucket/key", Host=host)
    assert headers["server"] == "AmazonS3"
    assert b"does not answer to the host" not in body
    if not host.startswith("bucket."):
        assert site.ask("GET", "/_fakes3part/clock", Host=host)[0] == 200


@pytest.mark.parametrize("kind", ["server", "wsgi"])
@pytest.mark.parametrize("endpoint", [EVIL, f"http://{EVIL}:9000/", "EVIL.EXAMPLE"])
@pytest.mark.parametrize("path_style_only", [False, True])
def test_custom_endpoints_are_served(kind: str, endpoint: str, path_style_only: bool) -> None:
    with opened(kind, custom_endpoints=[endpoint], path_style_only=path_style_only) as site:
        for host in (EVIL, f"{EVIL}:80", f"x.{EVIL}"):
            assert site.ask("GET", "/_fakes3part/clock", Host=host)[0] == 200
            assert b"<Message>Access Denied</Message>" in site.ask("GET", "/bucket/key", Host=EVIL)[2]
        assert site.ask("GET", "/_fakes3part/clock", Host=f"x{EVIL}")[0] == 403


@pytest.mark.parametrize("host", ["evil.com:80:80", "evil:80:80", "[evil.com]", "localhost.evil.com", "127.1"])
def test_hosts_that_only_look_local(host: str) -> None:
    assert is_foreign_host(FakeS3(), host)


@pytest.mark.parametrize("host", ["", "::1", "[::1]:5", "[fe80::1%25eth0]:80", "[::ffff:127.0.0.1]", "2130706433", "localhost."])
def test_hosts_that_are_local(host: str) -> None:
    assert not is_foreign_host(FakeS3(), host)


def test_a_bucket_of_the_hosts_name_is_served(site: Site) -> None:
    site.fake.seed({"www.example.org": {"key": "text"}})
    assert b"<Message>Access Denied</Message>" in site.ask("GET", "/key", Host="www.example.org")[2]
    site.fake.client().delete_object(Bucket="www.example.org", Key="key")
    site.fake.client().delete_bucket(Bucket="www.example.org")
    assert not_ours("www.example.org").encode() in site.ask("GET", "/key", Host="www.example.org")[2]


def test_the_host_that_a_server_listens_on_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site("server")
    site.server.host = "127.0.0.1"
    with site.server:
        assert site.fake.server_hosts == {"127.0.0.1"}
        site.fake.server_hosts.add("build-7.example.org")
        assert site.ask("GET", "/_fakes3part/clock", Host="build-7.example.org:4580")[0] == 200


def test_a_fake_in_this_process_has_no_foreign_hosts() -> None:
    with FakeS3(custom_endpoints=["minio.test"]) as fake:
        client = boto3.client("s3", endpoint_url="http://minio.test", region_name="us-east-1")
        client.create_bucket(Bucket="bucket")
        assert list(fake.buckets) == ["bucket"]


# --- the token --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["server", "wsgi"])
@pytest.mark.parametrize(
    "headers", [{}, {"X_Fakes3part_Token": "wrong"}, {"X_Fakes3part_Token": "ä"}, {"Authorization": "Bearer wrong"}], ids=str
)
def test_without_its_token_nothing_is_done(kind: str, headers: dict[str, str]) -> None:
    with opened(kind, control_token=TOKEN) as site, unchanged(site.fake):
        for method, target in CONTROL:
            if target in HEALTH:
                continue
            answer = site.ask(method, target, **headers)
            assert (error_of(answer), answer[1]["www-authenticate"]) == ((401, NEEDS_TOKEN), "Bearer"), target
        for target in HEALTH:
            assert site.ask("GET", target, **headers)[0] == 200


@pytest.mark.parametrize("kind", ["server", "wsgi"])
@pytest.mark.parametrize("headers", [{"X_Fakes3part_Token": TOKEN}, {"Authorization": f"Bearer {TOKEN}"}], ids=str)
def test_with_its_token_all_is_done(kind: str, headers: dict[str, str]) -> None:
    with opened(kind, control_token=TOKEN) as site:
        assert site.ask("POST", "/_fakes3part/reset", **headers)[0] == 200
        assert site.ask("POST", "/moto-api/reset", **headers)[0] == 200
        status, _, body = site.ask("GET", "/_fakes3part/config", **headers)
        assert (status, TOKEN.encode() in body, "control_token" in json.loads(body)) == (200, False, False)


def test_the_token_is_not_shown() -> None:
    fake = FakeS3(control_token=TOKEN)
    assert TOKEN not in repr(fake.settings)
    refused = "control_token must be a text of visible ASCII characters, or None, not the one that was passed"
    with pytest.raises(ValueError, match=refused) as caught:
        FakeS3(control_token="a token")
    assert "a token" not in str(caught.value)


def test_server_mode_sends_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(control_token=TOKEN) as server:
        monkeypatch.setenv("TEST_SERVER_MODE", "true")
        monkeypatch.setenv("TEST_SERVER_MODE_ENDPOINT", server.url)
        with pytest.raises(RuntimeError, match=rf"responds 401 to POST /moto-api/reset \({NEEDS_TOKEN}\)$"), mock_s3():
            pass
        monkeypatch.setenv("FAKES3PART_CONTROL_TOKEN", TOKEN)
        with mock_s3() as fake:
            boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="bucket")
            assert list(server.fake.buckets) == ["bucket"]
            fake.snapshot("x")
            fake.restore("x")

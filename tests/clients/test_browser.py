"""CORS as a browser enforces it: ``fetch`` in a headless Chromium. Without one (Debian's package chromium) it is skipped.

One page, whose origin is not the fake's, fetches everything; a test looks at each outcome. A refused one is a TypeError, of
which a script learns nothing more.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config

from fakes3part.api.server import Server
from fakes3part.state.access_control import PublicAccessBlock
from tests.support.callers import OWNER
from tests.support.website import INDEX, open_to_all

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
TIMEOUT = 60
"""Seconds."""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine (Debian's package chromium)")

REFUSED = {"error": "TypeError"}

POINT_POLICY = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:us-east-1:{OWNER}:accesspoint/point/object/*",
        }
    ]
}

PAGE = """<!doctype html><title>CORS</title><script type="module">
const requests = await (await fetch("/requests")).json();
const outcomes = {};
for (const [name, [url, options]] of Object.entries(requests)) {
  try {
    const response = await fetch(url, {cache: "no-store", ...options});
    const headers = Object.fromEntries(response.headers.entries());
    outcomes[name] = {status: response.status, headers, body: await response.text()};
  } catch (error) {
    outcomes[name] = {error: error.name};
  }
}
await fetch("/outcomes", {method: "POST", body: JSON.stringify(outcomes)});
</script>"""


class Site(ThreadingHTTPServer):
    """The server of the page: it has the page, what to fetch, and takes the outcomes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: dict[str, Any] = {}
        self.outcomes: Queue[dict[str, Any]] = Queue()

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        content = PAGE if self.path == "/" else json.dumps(self.server.requests)
        self._respond(content.encode(), "text/html" if self.path == "/" else "application/json")

    def do_POST(self) -> None:
        self.server.outcomes.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._respond(b"", "text/plain")

    def _respond(self, body: bytes, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
        """Log nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _rule(*methods: str, origin: str, **more: Any) -> dict[str, Any]:
    return {"AllowedMethods": list(methods), "AllowedOrigins": [origin], **more}


def _fill(server: Server, origin: str) -> dict[str, Any]:
    """Make the buckets, and return what the page is to fetch."""
    s3 = server.fake.client()
    rules: dict[str, list[dict[str, Any]]] = {
        "open": [
            _rule("GET", "PUT", "HEAD", origin=origin, AllowedHeaders=["content-type", "x-amz-*"], ExposeHeaders=["ETag"]),
        ],
        "everybody": [_rule("GET", origin="*")],
        "others": [_rule("GET", "PUT", origin="https://other.test")],
        "without": [],
    }
    for name, entries in rules.items():
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="k", Body=b"text", Metadata={"m": "1"}, ContentType="text/plain")
        open_to_all(s3, name, "s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject")
        if entries:
            s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": entries})
    s3.put_bucket_website(Bucket="open", WebsiteConfiguration=INDEX)
    s3.put_object(Bucket="open", Key="index.html", Body=b"hello", ContentType="text/html")
    point = server.fake.add_access_point(
        "point", "open", policy=POINT_POLICY, block=PublicAccessBlock(False, False, False, False)
    )
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
    signer = server.fake.client(endpoint_url=server.url, config=config)
    presigned = signer.generate_presigned_url("put_object", Params={"Bucket": "open", "Key": "signed"})
    url, port = server.url, urlsplit(server.url).port
    put = {"method": "PUT", "body": "new"}
    return {
        "plain": [f"{url}/open/k", {}],
        "missing": [f"{url}/open/missing", {}],
        "refused by S3": [f"{url}/open?policy", {}],
        "put": [f"{url}/open/put", {**put, "headers": {"Content-Type": "text/css", "x-amz-meta-a": "b"}}],
        "presigned put": [presigned, put],
        "header that no rule allows": [f"{url}/open/header", {**put, "headers": {"x-other": "a"}}],
        "method that no rule allows": [f"{url}/open/k", {"method": "DELETE"}],
        "credentials": [f"{url}/open/k", {"credentials": "include"}],
        "everybody": [f"{url}/everybody/k", {}],
        "everybody with credentials": [f"{url}/everybody/k", {"credentials": "include"}],
        "other origin": [f"{url}/others/k", {}],
        "put of another origin": [f"{url}/others/put", put],
        "without CORS": [f"{url}/without/k", {}],
        "put without CORS": [f"{url}/without/put", put],
        "no-cors": [f"{url}/without/k", {"mode": "no-cors"}],
        "access point": [f"{url}/{point.alias}/k", {}],
        "website": [f"http://open.s3-website.localhost:{port}/", {}],
        "missing page": [f"http://open.s3-website.localhost:{port}/missing", {}],
    }


@pytest.fixture(scope="module")
def browsed(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, Any]]]:
    """The server, and what the page got."""
    with Server() as server:
        site.requests = _fill(server, site.origin)
        yield server, _browse(site, tmp_path_factory.mktemp("browser"))


def _browse(site: Site, profile: Path) -> dict[str, Any]:
    """Open the page in a browser of its own, and return the outcomes."""
    assert BROWSER is not None
    options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-extensions",
        "--disable-sync",
        "--no-first-run",
        "--no-proxy-server",
        "--remote-debugging-port=0",  # or a headless browser would end when it has loaded the page
        f"--user-data-dir={profile}",
        "--host-resolver-rules=MAP *.localhost 127.0.0.1",
    ]
    log = profile / "log"
    with log.open("wb") as output:
        environment = {**os.environ, "HOME": str(profile)}
        browser = subprocess.Popen([BROWSER, *options, f"{site.origin}/"], stdout=output, stderr=output, env=environment)
        try:
            return site.outcomes.get(timeout=TIMEOUT)
        except Exception as error:
            raise AssertionError(f"the browser sent nothing: {log.read_text('utf-8', 'replace')[-2000:]}") from error
        finally:
            browser.terminate()
            browser.wait(timeout=30)


@pytest.fixture
def outcomes(browsed: tuple[Server, dict[str, Any]]) -> dict[str, Any]:
    return browsed[1]


READ = {
    "plain": (200, "text"),
    "credentials": (200, "text"),
    "everybody": (200, "text"),
    "access point": (200, "text"),
    "website": (200, "hello"),
    "put": (200, ""),
    "presigned put": (200, ""),
}


@pytest.mark.parametrize("name", READ)
def test_allowed(outcomes: dict[str, Any], name: str) -> None:
    assert (outcomes[name]["status"], outcomes[name]["body"]) == READ[name]


@pytest.mark.parametrize(("name", "status"), [("missing", 404), ("refused by S3", 403), ("missing page", 404)])
def test_errors_can_be_read(outcomes: dict[str, Any], name: str, status: int) -> None:
    assert outcomes[name]["status"] == status
    assert "NoSuchKey" in outcomes[name]["body"] or "AccessDenied" in outcomes[name]["body"]


@pytest.mark.parametrize(
    "name",
    [
        "header that no rule allows",
        "method that no rule allows",
        "everybody with credentials",
        "other origin",
        "put of another origin",
        "without CORS",
        "put without CORS",
    ],
)
def test_refused(outcomes: dict[str, Any], name: str) -> None:
    assert outcomes[name] == REFUSED


def test_a_script_sees_the_exposed_headers_only(outcomes: dict[str, Any]) -> None:
    exposed = {"etag", "content-length", "content-type", "last-modified"}  # the last three are always visible
    assert set(outcomes["plain"]["headers"]) == exposed
    assert outcomes["plain"]["headers"]["etag"] == '"1cb251ec0d568de6a929b520c4aed8d1"'
    assert set(outcomes["everybody"]["headers"]) == exposed - {"etag"}


def test_a_request_without_cors_is_sent_and_is_opaque(outcomes: dict[str, Any]) -> None:
    assert outcomes["no-cors"] == {"status": 0, "headers": {}, "body": ""}


def test_what_was_stored(browsed: tuple[Server, dict[str, Any]]) -> None:
    buckets = browsed[0].fake.buckets
    assert set(buckets["open"].objects) == {"index.html", "k", "put", "signed"}
    assert set(buckets["others"].objects) == set(buckets["without"].objects) == {"k"}
    stored = buckets["open"].objects["put"]
    assert (stored.text, stored.content_type, dict(stored.metadata)) == ("new", "text/css", {"a": "b"})


def test_preflights_that_the_browser_sent(browsed: tuple[Server, dict[str, Any]]) -> None:
    sent = [
        (
            call.path,
            call.headers["access-control-request-method"],
            call.headers.get("access-control-request-headers"),
            call.status,
        )
        for call in browsed[0].fake.calls
        if call.method == "OPTIONS"
    ]
    assert sent == [
        ("/open/put", "PUT", "content-type,x-amz-meta-a", 200),
        ("/open/signed", "PUT", None, 200),
        ("/open/header", "PUT", "x-other", 403),
        ("/open/k", "DELETE", None, 403),
        ("/others/put", "PUT", None, 403),
        ("/without/put", "PUT", None, 403),
    ]

"""The files of the inspector: who gets them, and which headers protect them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests
from werkzeug.test import Client

from fakes3part import FakeS3, Server
from fakes3part.control import pages

FOLDER = Path(pages.__file__).parent / "inspector"
TYPES = {
    "": "text/html",
    "inspector/inspector.css": "text/css",
    "inspector/main.js": "text/javascript",
    "inspector/views/calls.js": "text/javascript",
}


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("token", [None, "secret"])
def test_the_files(name: str, token: str | None) -> None:
    with Server(control_token=token) as server:
        response = requests.get(f"{server.url}/_fakes3part/{name}", timeout=10)
        assert (response.status_code, response.headers["Content-Type"]) == (200, f"{TYPES[name]}; charset=utf-8")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        policy = dict(part.split(" ", 1) for part in response.headers["Content-Security-Policy"].split("; "))
        assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
        assert (policy["frame-ancestors"], policy["require-trusted-types-for"]) == ("'none'", "'script'")
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        head = requests.head(f"{server.url}/_fakes3part/{name}", timeout=10)
        assert (head.status_code, head.headers["Content-Length"], head.content) == (200, str(len(response.content)), b"")
        assert requests.post(f"{server.url}/_fakes3part/{name}", timeout=10).status_code == (404 if token is None else 401)
        assert not server.fake.calls


def test_a_browser_gets_the_page_at_the_root() -> None:
    with Server() as server:
        root = requests.get(f"{server.url}/", headers={"Accept": "text/html"}, timeout=10)
        page = requests.get(f"{server.url}/_fakes3part/", timeout=10)
        assert root.headers["Content-Security-Policy"] == page.headers["Content-Security-Policy"]
        for name in ("inspector/main.js", "inspector/inspector.css"):
            assert f'"_fakes3part/{name}"' in root.text
            assert f'"{name}"' in page.text
        assert "{base}" not in root.text + page.text


def test_the_page_in_a_wsgi_application() -> None:
    response = Client(FakeS3().wsgi_app).get("/_fakes3part/inspector/main.js")
    assert (response.status_code, response.data) == (200, (FOLDER / "main.js").read_bytes())


def test_every_file_can_be_had() -> None:
    names = {file.relative_to(FOLDER).as_posix() for file in FOLDER.rglob("*.*")}
    assert names == set(pages.PAGE_PATHS.values())
    imported = {
        (file.parent / name).resolve().relative_to(FOLDER.resolve()).as_posix()
        for file in FOLDER.rglob("*.js")
        for name in re.findall(r'from "(.+?)"', file.read_text())
    }
    assert imported | {"index.html", "inspector.css", "main.js"} == names


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Host": "evil.example"}, 403), ({"Origin": "http://evil.example"}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403)],
)
def test_pages_of_other_origins_get_nothing(headers: dict[str, str], status: int) -> None:
    with Server() as server:
        for name in TYPES:
            assert requests.get(f"{server.url}/_fakes3part/{name}", headers=headers, timeout=10).status_code == status


def test_signed_requests_are_s3s() -> None:
    with Server() as server:
        response = requests.get(f"{server.url}/_fakes3part/", headers={"Authorization": "AWS4-HMAC-SHA256 ..."}, timeout=10)
        assert response.headers["Content-Type"] == "application/xml"


def test_nothing_comes_from_the_network_and_nothing_is_inline() -> None:
    page, style = ((FOLDER / name).read_text() for name in ("index.html", "inspector.css"))
    script = "".join(file.read_text() for file in FOLDER.rglob("*.js"))
    assert not re.findall(r"https?://|@import|url\(", page + style + script)
    assert not re.findall(r"<style|<script(?! type=\"module\" src=)|\sstyle=|\son\w+=", page)
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|DOMParser", script)

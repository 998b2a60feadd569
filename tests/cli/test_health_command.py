"""The command ``health``: whether a server is there."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from pytest_httpserver import HTTPServer

from fakes3part import Server
from fakes3part.cli.main import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("MOTO_PORT", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["health", *arguments])
        return (code, *capsys.readouterr())

    return run


def test_a_server_that_is_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with Server(control_token="secret") as server:
        assert run(server.url) == (0, f"{server.url}: running\n", "")
        assert run(f"{server.url}/") == (0, f"{server.url}: running\n", "")
        monkeypatch.setenv("MOTO_PORT", str(server.port))
        assert run() == (0, f"http://127.0.0.1:{server.port}: running\n", "")
        server.fake.seed({"health": {}})
        assert run()[0] == 0


def test_a_server_with_tls(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(tls=True) as server:
        monkeypatch.setenv("MOTO_PORT", str(server.port))
        assert run() == (0, f"https://127.0.0.1:{server.port}: running\n", "")
        assert run(server.url)[0] == 0
        assert run(server.url.replace("https", "http"))[0] == 1


def test_no_server(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("MOTO_PORT", str(port))
    code, out, err = run()
    assert (code, out) == (1, "")
    assert err == f"fakes3part health: error: http://127.0.0.1:{port}: [Errno 111] Connection refused\n"


@pytest.mark.parametrize("url", ["nonsense", "http://", "http://127.0.0.1:99999", "ftp://127.0.0.1/"])
def test_a_url_that_is_none(run: Run, url: str) -> None:
    code, out, err = run(url)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"fakes3part health: error: {url.rstrip('/')}: ")


@pytest.mark.parametrize(("status", "body"), [(200, "hello"), (200, "[]"), (200, "{}"), (500, '{"status": "x"}'), (404, "")])
def test_another_program(run: Run, httpserver: HTTPServer, status: int, body: str) -> None:
    httpserver.expect_request("/_fakes3part/health").respond_with_data(body, status)
    code, out, err = run(httpserver.url_for(""))
    assert (code, out, err.count("\n")) == (1, "", 1)

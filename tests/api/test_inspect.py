"""``fakes3.inspect()``: the page of a fake in this process."""

from __future__ import annotations

import webbrowser
from queue import Queue

import pytest
import requests

from fakes3part import FakeS3, mock_s3


class Browser(webbrowser.BaseBrowser):
    """A browser that remembers what it opens; ``problem`` is raised instead."""

    def __init__(self, name: str = "", problem: Exception | None = None) -> None:
        super().__init__(name)
        self.opened: Queue[str] = Queue()
        self.problem = problem

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self.opened.put(url)
        if self.problem is not None:
            raise self.problem
        return True


def use(monkeypatch: pytest.MonkeyPatch, browser: Browser) -> Browser:
    monkeypatch.setattr(webbrowser, "get", lambda: browser)
    return browser


def test_it_prints_the_url_and_opens_a_browser(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    browser = use(monkeypatch, Browser())
    with FakeS3() as fakes3:
        fakes3.seed({"bucket": {"key": b"1"}})
        url = fakes3.inspect()
        assert url == f"{fakes3.endpoint_url}/_fakes3part/"
        assert browser.opened.get(timeout=10) == url
        assert capsys.readouterr().out == f"fakes3part: this fake is shown at {url}\n"
        assert "<title>fakes3part</title>" in requests.get(url, timeout=10).text
        assert requests.get(f"{url}buckets", timeout=10).json()["buckets"][0]["name"] == "bucket"
        assert fakes3.inspect(open_browser=False) == url
        assert browser.opened.empty()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)


@pytest.mark.parametrize("name", ["lynx", "/usr/bin/w3m"])
def test_a_browser_in_the_terminal_is_not_opened(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    browser = use(monkeypatch, Browser(name))
    fakes3 = FakeS3()
    fakes3.inspect()
    fakes3.close()
    assert browser.opened.empty()


def test_a_machine_without_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    def get() -> Browser:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", get)
    with FakeS3() as fakes3:
        assert requests.get(fakes3.inspect(), timeout=10).status_code == 200


def test_a_browser_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = use(monkeypatch, Browser(problem=OSError("broken")))
    with FakeS3() as fakes3:
        url = fakes3.inspect()
        assert browser.opened.get(timeout=10) == url
        assert requests.get(url, timeout=10).status_code == 200


@mock_s3
def test_in_a_mock() -> None:
    with FakeS3() as fakes3:
        assert requests.get(fakes3.inspect(open_browser=False), timeout=10).status_code == 200

"""``--fakes3-inspect``: a failing test waits, and its fake is shown in a browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
import requests

pty = pytest.importorskip("pty", reason="no terminals of this kind on this system", exc_type=ImportError)

TESTS = """
from fakes3part import mock_s3
import boto3

def test_passes(fakes3_client, fakes3_bucket):
    fakes3_bucket.put_object(Key="passes")

def test_fails(fakes3_client, fakes3_bucket):
    fakes3_bucket.put_object(Key="fails")
    assert "first" == "reason"

@mock_s3
def test_fails_in_a_mock():
    client = boto3.client("s3", "us-east-1")
    client.create_bucket(Bucket="mocked")
    client.close()
    raise ValueError("second reason")

def test_fails_without_a_fake():
    assert 0
"""

PYTEST = """
import signal, sys
import pytest
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells ignore it in what they run in the background
sys.exit(pytest.main(sys.argv[1:]))
"""


class Run:
    """pytest with a terminal as its standard input, of whose output lines are read one by one."""

    def __init__(self, folder: Path, *arguments: str, terminal: bool = True) -> None:
        (folder / "test_it.py").write_text(TESTS)
        (folder / "browser").write_text(f'#!/bin/sh\necho "$1" >> {folder}/opened\n')
        (folder / "browser").chmod(0o755)
        self.folder = folder
        self.terminal, line = pty.openpty()
        environment = {**os.environ, "BROWSER": f"{folder}/browser", "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-c", PYTEST, "-p", "no:randomly", "-p", "no:cacheprovider", "--fakes3-inspect", *arguments]
        self.process = subprocess.Popen(
            [*command, "test_it.py"],
            cwd=folder,
            env=environment,
            stdin=line if terminal else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        os.close(line)
        assert self.process.stdout is not None
        self.output: IO[str] = self.process.stdout

    def wait_for_url(self) -> str:
        """Read until a URL is printed, and return it."""
        seen = ""
        for line in self.output:
            seen += line
            found = re.search(r"is shown at (http://\S+)", line)
            if found:
                self.seen = seen
                return found[1]
        raise AssertionError(seen)

    def press_enter(self) -> None:
        os.write(self.terminal, b"\n")


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Any]:
    started: list[Run] = []

    def run(*arguments: str, **options: bool) -> Run:
        started.append(Run(tmp_path, *arguments, **options))
        return started[-1]

    yield run
    for each in started:
        each.process.kill()
        each.process.wait()
        each.output.close()
        os.close(each.terminal)


def test_each_failing_test_waits_for_enter(runs: Any) -> None:
    run = runs()
    url = run.wait_for_url()
    assert "--fakes3-inspect waits at each failing test" in run.seen
    assert "test_it.py::test_fails failed: AssertionError: assert 'first' == 'reason'" in run.seen
    (bucket,) = requests.get(f"{url}buckets", timeout=10).json()["buckets"]
    assert (bucket["name"], bucket["objects"]) == ("fakes3-bucket", 1)
    assert [call["key"] for call in requests.get(f"{url}calls?operation=PutObject", timeout=10).json()["calls"]] == ["fails"]
    run.press_enter()
    mocked = run.wait_for_url()
    assert "test_fails_in_a_mock failed: ValueError: second reason" in run.seen
    assert [bucket["name"] for bucket in requests.get(f"{mocked}buckets", timeout=10).json()["buckets"]] == ["mocked"]
    run.press_enter()
    rest = run.output.read()
    assert "3 failed, 1 passed" in rest
    assert run.process.wait(30) == 1
    assert (run.folder / "opened").read_text().split() == [url, mocked]
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)


def test_an_interrupt_ends_the_run(runs: Any) -> None:
    run = runs()
    run.wait_for_url()
    run.process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in run.output.read()
    assert run.process.wait(30) == 2


def test_without_a_terminal_it_is_ignored(runs: Any) -> None:
    run = runs(terminal=False)
    output = run.output.read()
    assert "--fakes3-inspect is ignored: the standard input is no terminal" in output
    assert "3 failed, 1 passed" in output
    assert "is shown at" not in output


def test_with_xdist_it_is_ignored(runs: Any) -> None:
    run = runs("-n", "1")
    output = run.output.read()
    assert "--fakes3-inspect is ignored: tests run in processes of pytest-xdist, which have no terminal; use -n 0" in output
    assert "3 failed, 1 passed" in output
    assert "is shown at" not in output

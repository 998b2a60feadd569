"""Importing opens no connection and starts no process or thread, and imports no extra."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

WATCHED = """
import sys, threading
FORBIDDEN = "socket.connect", "socket.getaddrinfo", "socket.gethostby", "socket.sendto", "subprocess.Popen", "urllib."
def watch(event, arguments):
    if event.startswith(FORBIDDEN):
        raise RuntimeError(f"{event} {arguments}")
sys.addaudithook(watch)
"""

EVERYTHING = """
import importlib, pkgutil
import fakes3part, conftest_plugin
for package in (fakes3part, conftest_plugin):
    for module in pkgutil.walk_packages(getattr(package, "__path__", []), package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
"""

BASE = """
class Extras:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("awscrt", "libcst", "moto", "pyarrow", "sqlglot", "trustme"):
            raise ImportError(f"an extra: {name}")
sys.meta_path.insert(0, Extras())
import fakes3part, fakes3part.api.server, fakes3part.cli.main, conftest_plugin
fakes3part.FakeS3()
"""

END = """
assert threading.active_count() == 1, threading.enumerate()
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("program", [EVERYTHING, BASE], ids=["every module", "without extras"])
def test_nothing_happens(program: str) -> None:
    done = run(WATCHED + program + END)
    assert (done.returncode, done.stderr) == (0, "")


def test_that_a_connection_is_noticed() -> None:
    done = run(WATCHED + "import socket\nsocket.create_connection(('127.0.0.1', 9))")
    assert "RuntimeError: socket.getaddrinfo" in done.stderr

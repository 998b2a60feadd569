"""A library that is imported while a fake is active is patched at once."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

from fakes3part import mock_s3
from fakes3part.intercept.doors import DOORS

PROGRAM = """
import sys
from importlib import import_module
from fakes3part import mock_s3

def watchers():
    return [finder for finder in sys.meta_path if type(finder).__name__ == "ImportWatcher"]

with mock_s3():
    from fakes3part.intercept import doors
    assert len(watchers()) == 1
    with mock_s3():
        assert len(watchers()) == 1
    assert "{name}" not in doors._installed, "imported already"
    module = import_module("{name}")
    assert doors._installed["{name}"], "not patched"
    loader = module.__spec__.loader
    assert type(loader).__module__ != "fakes3part.intercept.import_watcher"
    assert module.__loader__ is loader
assert watchers() == []
"""

ALREADY = {"botocore", "http.client", "urllib3", "socket", "_awscrt"}
"""Imported when an interception starts."""


@pytest.mark.parametrize("name", [name for name in DOORS if name not in ALREADY])
def test_it(name: str) -> None:
    if find_spec(name.partition(".")[0]) is None:
        pytest.skip(f"{name} is not installed")
    run = subprocess.run([sys.executable, "-c", PROGRAM.format(name=name)], capture_output=True, text=True, timeout=120)
    assert (run.returncode, run.stderr) == (0, "")


def test_other_imports_fail_as_always() -> None:
    with mock_s3(), pytest.raises(ModuleNotFoundError, match="No module named 'no_such_module'"):
        __import__("no_such_module")


def test_a_watched_library_that_is_not_installed() -> None:
    program = """
import sys
sys.modules.pop("uvloop", None)
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name == "uvloop":
            raise ModuleNotFoundError("No module named 'uvloop'", name=name)
sys.meta_path.insert(0, Hide())
from fakes3part import mock_s3
with mock_s3():
    try:
        import uvloop
    except ModuleNotFoundError as error:
        print(error)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (run.stdout, run.stderr) == ("No module named 'uvloop'\n", "")

"""A library that is imported while a fake is active is patched at once."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

from fakes3part.intercept.doors import DOORS

PROGRAM = """
import sys
from importlib import import_module
from fakes3part import mock_s3

def watchers():
    return [finder for finder in sys.meta_path if type(finder).__name__ == "LateImports" and "{name}" in finder._names]

with mock_s3():
    from fakes3part.intercept import doors
    assert len(watchers()) == 1
    with mock_s3():
        assert len(watchers()) == 1
    assert "{name}" not in doors._installed, "imported already"
    module = import_module("{name}")
    assert doors._installed["{name}"], "not patched"
    loader = module.__spec__.loader
    assert type(loader).__module__ != "fakes3part.intercept.late_imports"
    assert module.__loader__ is loader
assert watchers() == []
"""

ALREADY = {"botocore", "botocore.session", "http.client", "urllib3", "socket", "subprocess", "_awscrt"}
"""Imported when an interception starts."""


@pytest.mark.parametrize("name", [name for name in DOORS if name not in ALREADY])
def test_it(name: str) -> None:
    if find_spec(name.partition(".")[0]) is None:
        pytest.skip(f"{name} is not installed")
    run = subprocess.run([sys.executable, "-c", PROGRAM.format(name=name)], capture_output=True, text=True, timeout=120)
    assert (run.returncode, run.stderr) == (0, "")

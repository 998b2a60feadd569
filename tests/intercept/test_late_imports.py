"""Libraries that are imported while a fake is active."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fakes3part.api.mock import mock_s3
from fakes3part.intercept.late_imports import LateImports
from tests.support.programs import Programs

PROGRAM = """
import sys, warnings
{before}
from fakes3part import mock_s3
assert "httpcore" not in sys.modules and "aiohttp" not in sys.modules
URL = "https://bucket.s3.amazonaws.com/k"
with mock_s3() as fake:
    import importlib.util
    spec = importlib.util.find_spec("aiohttp")
    assert spec.loader.get_filename("aiohttp").endswith("__init__.py")
    {imports}
    {get}
    assert len(fake.calls) == 1, len(fake.calls)
    for name in ("aiohttp", "httpcore"):
        if name in sys.modules:
            module = sys.modules[name]
            assert type(module.__loader__).__name__ == type(module.__spec__.loader).__name__ == "SourceFileLoader"
assert not any(type(finder).__name__ == "LateImports" for finder in sys.meta_path)
print("fine")
"""

AIOHTTP = """
    import asyncio
    async def get():
        async with aiohttp.ClientSession() as session, session.get(URL) as response:
            return response.status
    assert asyncio.run(get()) == 404
"""


@pytest.mark.parametrize(
    ("before", "imports", "get"),
    [
        ("import httpx", "pass", "assert httpx.get(URL).status_code == 404"),
        ("", "import httpx", "assert httpx.get(URL).status_code == 404"),
        ("", "import aiohttp", AIOHTTP),
        ("", "from aiohttp import connector; import aiohttp", AIOHTTP),
    ],
    ids=["httpx imports httpcore", "httpx", "aiohttp", "a module of aiohttp first"],
)
def test_a_library_is_patched_at_once(programs: Programs, tmp_path: Path, before: str, imports: str, get: str) -> None:
    done = programs.code(PROGRAM.format(before=before, imports=imports, get=get), tmp_path)
    assert (done.out.strip(), done.err) == ("fine", "")


def test_an_import_that_fails() -> None:
    with mock_s3():
        finders = [finder for finder in sys.meta_path if isinstance(finder, LateImports)]
        assert finders  # one for the doors, one for native libraries
        assert [finder.find_spec("httpcore2.none", None) for finder in finders] == [None] * len(finders)
    assert not any(isinstance(finder, LateImports) for finder in sys.meta_path)


def test_other_imports_are_left_alone() -> None:
    noticed: list[int] = []
    finder = LateImports(["this.module.does.not.exist"], lambda: noticed.append(1))
    finder.install()
    finder.install()
    try:
        assert sys.meta_path.count(finder) == 1
        assert finder.find_spec("json", None) is None
        assert finder.find_spec("this.module.does.not.exist", []) is None
    finally:
        finder.remove()
        finder.remove()
    assert noticed == []

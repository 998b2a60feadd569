"""Runs Python programs and pytest in forks of a process that has imported boto3 and pytest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import pytest

_FORKER = Path(__file__).with_name("workers") / "forker.py"


class Finished(NamedTuple):
    """The result of a program: exit status and both streams."""

    status: int
    out: str
    err: str


class Programs:
    """Runs programs one after the other; the process that forks is started with the first."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._forkers: dict[bool, subprocess.Popen[str]] = {}

    def code(self, code: str, directory: Path, warnings: str | None = None) -> Finished:
        """Run ``python -c CODE`` in a directory; ``warnings`` (None: Python's default) is the action for all warnings."""
        return self._run(directory, {"code": code, "warnings": warnings})

    def pytest(self, pytester: pytest.Pytester, *arguments: str, imported: bool = False) -> pytest.RunResult:
        """Run pytest in the directory of ``pytester``, as its ``runpytest_subprocess`` does.

        ``imported``: fakes3part (but not its plugin) is imported already, which is half of the rest. Not for tests that look at
        imports, nor with pytest's plugins found by themselves: pytest wants to import their packages itself.
        """
        begun = time.perf_counter()
        base = f"--basetemp={pytester.mkdir(f'runpytest-{time.monotonic_ns()}')}"
        done = self._run(pytester.path, {"pytest": [base, *arguments], "warnings": None}, imported=imported)
        return pytest.RunResult(done.status, done.out.splitlines(), done.err.splitlines(), time.perf_counter() - begun)

    def fork_for(self, pytester: pytest.Pytester) -> pytest.Pytester:
        """Let ``pytester.runpytest_subprocess`` run forks; returns ``pytester``."""
        pytester.runpytest_subprocess = partial(self.pytest, pytester, imported=True)  # type: ignore[method-assign]
        return pytester

    def _run(self, directory: Path, program: dict[str, Any], *, imported: bool = False) -> Finished:
        out, err = self._scratch / "out", self._scratch / "err"
        out.write_text("")
        err.write_text("")
        path = os.pathsep.join(filter(None, (str(directory), os.environ.get("PYTHONPATH"))))
        place = {"directory": str(directory), "environment": {**os.environ, "PYTHONPATH": path}, "out": str(out), "err": str(err)}
        forker = self._forkers.get(imported) or self._start(imported)
        assert forker.stdin is not None
        assert forker.stdout is not None
        forker.stdin.write(json.dumps({**program, **place}) + "\n")
        forker.stdin.flush()
        return Finished(json.loads(forker.stdout.readline()), out.read_text(), err.read_text())

    def _start(self, imported: bool) -> subprocess.Popen[str]:
        command = [sys.executable, str(_FORKER), *(["fakes3part"] if imported else [])]
        self._forkers[imported] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self._forkers[imported]

    def __enter__(self) -> Programs:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for forker in self._forkers.values():
            forker.communicate(timeout=60)

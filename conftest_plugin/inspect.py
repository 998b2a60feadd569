"""``--fakes3-inspect``: shows the fakes of a failing test in a browser, and waits."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from .report import CALLS_OF_TEST, CallsOfTest

OPTION = "--fakes3-inspect"
_TERMINAL = "a terminal"


def add_inspect_option(parser: pytest.Parser) -> None:
    """Add ``--fakes3-inspect``."""
    parser.getgroup("fakes3part").addoption(
        OPTION,
        action="store_const",
        const=_standard_input(),
        help="show the S3 state of a failing test in a browser until Enter is pressed (needs a terminal, without xdist)",
    )


def inspect_header(config: pytest.Config) -> str:
    """Return what the header line says about the option; empty: nothing."""
    if not config.getoption(OPTION):
        return ""
    problem = _problem(config)
    return f"; {OPTION} waits at each failing test" if problem is None else f"; {OPTION} is ignored: {problem}"


def _problem(config: pytest.Config) -> str | None:
    """Return why the option cannot be used; None: it can."""
    if hasattr(config, "workerinput") or config.getoption("dist", "no") != "no":
        return "tests run in processes of pytest-xdist, which have no terminal; use -n 0"
    return None if config.getoption(OPTION) == _TERMINAL else "the standard input is no terminal"


def _standard_input() -> str:
    """Return what the standard input is. Asked when the option is declared: later pytest replaces it to capture it."""
    try:
        return _TERMINAL if os.isatty(0) else "no terminal"
    except OSError:
        return "closed"


def pytest_exception_interact(node: pytest.Item | pytest.Collector, report: pytest.TestReport | pytest.CollectReport) -> None:
    """Show the fakes of a failing test, whose fixtures are still alive."""
    config = node.config
    if not isinstance(node, pytest.Item) or not config.getoption(OPTION) or _problem(config) is not None:
        return
    fakes = [watched.fake for watched in node.stash.get(CALLS_OF_TEST, CallsOfTest()).fakes]
    if not fakes:
        return
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.suspend_global_capture(in_=True)  # until the next test, as pytest does it for --pdb
    print(f"\n{node.nodeid} failed: {_reason(report)}")
    started = [fake for fake in fakes if not fake.is_serving]
    try:
        for fake in fakes:
            fake.inspect()
        print("Enter goes on, Ctrl-C ends the run. ", end="", flush=True)
        sys.stdin.readline()
    finally:
        for fake in started:
            fake.close()


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return the first line of the exception."""
    crash = getattr(report.longrepr, "reprcrash", None)
    lines = str(crash.message if crash is not None else report.longreprtext).strip().splitlines()
    return lines[0] if lines else "?"

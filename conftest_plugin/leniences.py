"""Leniences in a pytest run: ``--fakes3-strict``, warnings of tests over HTTP, and the summary at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from .settings import set_variable

if TYPE_CHECKING:
    from fakes3part.settings import SettingsKwargs

_USED = pytest.StashKey[set[str]]()
_ATTRIBUTE = "fakes3_leniences"
"""The attribute of a test's last report that has the names of the leniences it used. xdist's workers send it along."""

_VARIABLE = "FAKES3PART_LENIENT"


def add_strict_option(parser: pytest.Parser) -> None:
    """Add ``--fakes3-strict``."""
    parser.getgroup("fakes3part").addoption(
        "--fakes3-strict",
        action="store_true",
        help="no fake is lenient in this run, whatever its settings say: tests that rely on leniences fail as with S3",
    )


def set_leniency(config: pytest.Config, settings: SettingsKwargs) -> None:
    """Apply ``--fakes3-strict`` and the ini option ``fakes3_lenient`` until the run ends.

    They count for `mock_s3` and `mock_aws` too, and for the processes that tests start, by the environment variable.
    """
    from fakes3part import leniences

    if config.getoption("fakes3_strict"):
        set_variable(config, _VARIABLE, "false")
        leniences.strict_run = True
        config.add_cleanup(_end_strict_run)
    elif "lenient" in settings:
        from fakes3part.settings import Settings

        set_variable(config, _VARIABLE, ",".join(Settings(lenient=settings["lenient"]).leniences) or "false")


def _end_strict_run() -> None:
    from fakes3part import leniences

    leniences.strict_run = False


@contextmanager
def watch_leniences(item: pytest.Item) -> Iterator[None]:
    """Record the leniences that any fake of this process uses until the test's end."""
    from fakes3part import leniences

    used = item.stash[_USED] = set()
    leniences.begin_test()
    leniences.listeners.append(used.add)
    try:
        yield
    finally:
        leniences.listeners.remove(used.add)


def add_leniences(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add the names of the leniences that a test used to its last report."""
    used = item.stash.get(_USED, None)
    if used and report.when == "teardown":
        setattr(report, _ATTRIBUTE, sorted(used))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Warn of the leniences that requests over HTTP used: a server's thread cannot warn at the line of the test."""
    from fakes3part import leniences

    yield
    path, line, _ = item.location
    for name in sorted(item.stash.get(_USED, set()) - leniences.warned_names()):
        leniences.warn(name, "request over HTTP", path, (line or 0) + 1, None)


def write_leniences(terminalreporter: pytest.TerminalReporter) -> None:
    """Write how many tests of the run rely on which leniences; nothing if there are none."""
    used = {
        report.nodeid: getattr(report, _ATTRIBUTE)
        for reports in terminalreporter.stats.values()
        for report in reports
        if hasattr(report, _ATTRIBUTE)
    }
    if not used:
        return
    counts = Counter(name for names in used.values() for name in names)
    terminalreporter.section("fakes3part")
    terminalreporter.write_line(_summary(len(used), counts))


def _summary(tests: int, counts: Counter[str]) -> str:
    from fakes3part import leniences

    parts = [
        f"{lenience.title} ({counts[name]}: {lenience.rule})" for name, lenience in leniences.LENIENCES.items() if counts[name]
    ]
    subject = "1 test relies" if tests == 1 else f"{tests} tests rely"
    return f"{subject} on leniences: {', '.join(parts)}. --fakes3-strict shows them as S3 would."

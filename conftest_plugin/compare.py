"""``--fakes3-compare``: each call to a fake goes to the endpoint of ``--fakes3-target`` too, and what differs is reported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .target import COMPARE, OPTION, STRICT, compares

if TYPE_CHECKING:
    from argparse import Namespace

    from fakes3part.compare.comparison import Comparison
    from fakes3part.message import Request, Response

REPORT = "--fakes3-compare-report"
_COMPARISON: pytest.StashKey[Comparison] = pytest.StashKey()
_LEFT = pytest.StashKey[list[str]]()
_CHECKED = pytest.StashKey[int]()
"""How many calls of a test its reports have had already."""

_ATTRIBUTE = "fakes3_compared"
"""The attribute of a test's last report that has its calls, and what could not be deleted. xdist's workers send it along."""

_WORKER_OUTPUT = "fakes3_left"
_SHOWN = 10
"""How many calls the message of a failed test shows."""


def add_compare_options(parser: pytest.Parser) -> None:
    """Add ``--fakes3-compare``, ``--fakes3-compare-strict`` and ``--fakes3-compare-report``."""
    group = parser.getgroup("fakes3part")
    text = f"run against fakes, send each call to the endpoint of {OPTION} too, and report what differs"
    group.addoption(COMPARE, action="store_true", default=False, help=text)
    group.addoption(
        STRICT,
        f"{COMPARE}=strict",  # an option of its own: one with an optional value would take the path that follows
        action="store_true",
        dest="fakes3_compare_strict",
        default=False,
        help=f"as {COMPARE}, and tests whose calls differ fail",
    )
    group.addoption(REPORT, metavar="FILE", default=None, help=f"write all calls that {COMPARE} has compared, as JSON")


def begin_comparison(config: pytest.Config, options: Namespace) -> None:
    """Let every `FakeS3` of this process be compared until the run ends, if the options say so.

    The credentials are read here, before a fake or the guard hides them.

    Raises:
        pytest.UsageError: there is no target, or it cannot be used.
    """
    if _COMPARISON in config.stash or getattr(options, "help", False):
        return
    url = options.fakes3_target
    if not compares(options):
        if options.fakes3_compare_report is not None:
            raise pytest.UsageError(f"{REPORT} needs {COMPARE}")
        return
    if url is None:
        raise pytest.UsageError(f"{COMPARE} needs {OPTION}=URL or {OPTION}=aws: the S3 to compare with")
    from fakes3part.api.fakes3 import FakeS3
    from fakes3part.compare.bucket_names import new_token
    from fakes3part.compare.comparison import Comparison
    from fakes3part.compare.target import TargetError, target_from_environment

    try:
        comparison = Comparison(target_from_environment(url, new_token()))
    except TargetError as error:
        raise pytest.UsageError(f"{OPTION}: {error}") from None
    config.stash[_COMPARISON] = comparison
    config.stash[_LEFT] = []
    original_handle, original_close = FakeS3.handle, FakeS3.close

    def handle(self: FakeS3, request: Request) -> Response:
        return comparison.handle(original_handle, self, request)  # type: ignore[arg-type]  # (FakeS3 is a Backend)

    def close(self: FakeS3) -> None:
        original_close(self)
        comparison.end(self)

    patch = pytest.MonkeyPatch()
    patch.setattr(FakeS3, "handle", handle)
    patch.setattr(FakeS3, "close", close)
    config.add_cleanup(patch.undo)


def compare_header(config: pytest.Config) -> str:
    """Return what the header line says about the comparison; empty: nothing."""
    comparison = config.stash.get(_COMPARISON, None)
    return "" if comparison is None else f"; compared with {comparison.target.name}"


def begin_test(item: pytest.Item) -> None:
    """Attribute the calls from now on to a test."""
    comparison = item.config.stash.get(_COMPARISON, None)
    if comparison is not None:
        comparison.test = item.nodeid
        item.stash[_CHECKED] = len(comparison.calls)


def add_comparison(item: pytest.Item, report: pytest.TestReport) -> None:
    """Fail a test whose calls differ, if they must not. Add its calls to its last report, and delete its buckets."""
    comparison = item.config.stash.get(_COMPARISON, None)
    if comparison is None:
        return
    if item.config.getoption(STRICT) and report.when != "setup" and report.passed:
        new = comparison.calls[item.stash.get(_CHECKED, 0) :]
        item.stash[_CHECKED] = len(comparison.calls)
        _fail_for_differences(report, [call.to_json() for call in new], comparison.target.name)
    if report.when == "teardown":
        calls = [call.to_json() for call in comparison.calls]
        setattr(report, _ATTRIBUTE, {"calls": calls, "left": comparison.clean_up()})
        comparison.calls.clear()
        comparison.test = ""


def _fail_for_differences(report: pytest.TestReport, calls: list[dict[str, Any]], target: str) -> None:
    from fakes3part.compare.report import call_lines, differing

    found = differing(calls)
    if not found:
        return
    lines = [line for call in found[:_SHOWN] for line in call_lines(call)]
    if len(found) > _SHOWN:
        lines.append(f"... and {len(found) - _SHOWN} more calls")
    report.outcome = "failed"
    report.longrepr = "\n".join([f"the fake and {target} differ:", *lines])


def end_comparison(config: pytest.Config) -> None:
    """Delete what is left at the target at the end of the run."""
    comparison = config.stash.get(_COMPARISON, None)
    if comparison is None:
        return
    left = comparison.clean_up(everything=True)
    comparison.target.close()
    output = getattr(config, "workeroutput", None)
    if output is None:
        config.stash[_LEFT] += left
    else:
        output[_WORKER_OUTPUT] = left


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of xdist could not delete."""
    left = getattr(node, "workeroutput", {}).get(_WORKER_OUTPUT, [])
    if left:
        node.config.stash[_LEFT] += left


def write_comparison(terminalreporter: pytest.TerminalReporter) -> None:
    """Write what differs, and the JSON file; nothing if nothing was compared."""
    config = terminalreporter.config
    comparison = config.stash.get(_COMPARISON, None)
    if comparison is None:
        return
    from fakes3part.compare import report

    results = [
        getattr(test_report, _ATTRIBUTE)
        for reports in terminalreporter.stats.values()
        for test_report in reports
        if hasattr(test_report, _ATTRIBUTE)
    ]
    calls = [call for result in results for call in result["calls"]]
    left = [*(problem for result in results for problem in result["left"]), *config.stash[_LEFT]]
    name = comparison.target.name
    terminalreporter.section(f"fakes3part: compared with {name}")
    for line in report.lines(calls):
        terminalreporter.write_line(line, bold=not line.startswith(" "))
    terminalreporter.write_line(report.summary(calls, name), **{"green" if report.is_equal(calls) else "yellow": True})
    for problem in left:
        terminalreporter.write_line(problem, red=True)
    file = config.getoption(REPORT)
    if file is not None:
        _write(terminalreporter, Path(config.invocation_params.dir, file), calls, name, left)


def _write(reporter: pytest.TerminalReporter, path: Path, calls: list[dict[str, Any]], target: str, left: list[str]) -> None:
    from fakes3part.compare import report

    try:
        report.write(path, calls, target, left)
    except OSError as error:
        reporter.write_line(f"{REPORT}: {path}: {error.strerror}", red=True)
    else:
        reporter.write_line(f"All calls: {path}")

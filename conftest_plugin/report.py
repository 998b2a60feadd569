"""Reports about a test: its S3 calls when it fails, its leftovers, and callbacks of events that failed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from .compare import add_comparison, begin_test
from .frames import hide_library_frames, hides_frames, related, response_header
from .leniences import add_leniences, watch_leniences
from .marker import LEFTOVERS, MODES, marker_keywords
from .record import begin_recorded_test

if TYPE_CHECKING:
    from fakes3part.api.fakes3 import FakeS3
    from fakes3part.journal.calls import Calls
    from fakes3part.journal.leftovers import Leftovers

NEXT = "fakes3.inspect() or --fakes3-inspect: the state in a browser"
NEXT_HIDDEN = "--full-trace: hidden frames; fakes3.inspect() or --fakes3-inspect: the state"
SECTION = "S3 calls"
TRACE = "S3 trace"

DEFAULTS = {"leftovers": "warn", "leftover_bodies": "ignore"}


class WatchedFake:
    """A fake during one test.

    Attributes:
        since: the number of calls before the test.
        uploads: the ids of the uploads that were open before the test.
        shown_count: the number of calls up to which the report has shown them.
    """

    def __init__(self, fake: FakeS3, since: int, uploads: frozenset[str]) -> None:
        self.fake = fake
        self.since = since
        self.uploads = uploads
        self.shown_count = 0

    @property
    def calls(self) -> Calls:
        """Return the calls of this test."""
        journal = self.fake.calls
        return journal.filter(since=self.since if self.since <= journal.total else 0)


class CallsOfTest:
    """The fakes that a test uses, and whether it has failed."""

    def __init__(self) -> None:
        self.fakes: list[WatchedFake] = []
        self.failed = False


CALLS_OF_TEST = pytest.StashKey[CallsOfTest]()


def add_options(parser: pytest.Parser) -> None:
    """Add ``--fakes3-trace``, and an option and an ini option for each kind of leftovers."""
    group = parser.getgroup("fakes3part")
    group.addoption(
        "--fakes3-trace",
        action="store_true",
        help="add to every test's report what was sent to S3 and what came back, with headers (-rA shows passing tests' too)",
    )
    for name, description in LEFTOVERS.items():
        flag = f"--fakes3-{name.replace('_', '-')}"
        group.addoption(flag, choices=MODES, default=None, help=f"at a test's end, {description}: {', '.join(MODES)}")
        parser.addini(
            f"fakes3_{name}", f"at a test's end, {description}: {', '.join(MODES)} (default: {DEFAULTS[name]})", default=""
        )


def check_ini(config: pytest.Config) -> None:
    """Check the ini options.

    Raises:
        pytest.UsageError: a value is not allowed.
    """
    for name in LEFTOVERS:
        value = config.getini(f"fakes3_{name}")
        if value and value not in MODES:
            raise pytest.UsageError(f"ini option fakes3_{name} must be one of {', '.join(MODES)}, not {value!r}")


def mode(item: pytest.Item, name: str) -> str:
    """Return the mode of a kind of leftovers: the closest marker's, else the command line's, else the ini file's."""
    config = item.config
    modes = (marker_keywords(item).get(name), config.getoption(f"fakes3_{name}"), config.getini(f"fakes3_{name}"))
    return next((str(value) for value in modes if value), DEFAULTS[name])


def watch(item: pytest.Item, fake: FakeS3) -> WatchedFake:
    """Record that the test uses this fake from now on."""
    calls_of_test = item.stash.setdefault(CALLS_OF_TEST, CallsOfTest())
    for watched in calls_of_test.fakes:
        if watched.fake is fake:
            return watched
    from fakes3part.journal.leftovers import upload_ids

    watched = WatchedFake(fake, fake.calls.total, upload_ids(fake.store))
    calls_of_test.fakes.append(watched)
    return watched


@contextmanager
def watching(item: pytest.Item) -> Iterator[Callable[[FakeS3], FakeS3]]:
    """Yield a function that a fixture calls with each fake it makes; at the end, report the leftovers in these fakes."""
    fakes: list[WatchedFake] = []

    def watch_fake(fake: FakeS3) -> FakeS3:
        fakes.append(watch(item, fake))
        return fake

    yield watch_fake
    if not item.stash.setdefault(CALLS_OF_TEST, CallsOfTest()).failed:  # a failed test has a more important message
        _report_leftovers(item, fakes)


def _report_leftovers(item: pytest.Item, watched: list[WatchedFake]) -> None:
    """Warn of leftovers, or fail for them and for callbacks that raised."""
    problems: dict[str, list[str]] = {each_mode: [] for each_mode in MODES}
    for watched_fake in watched:
        fake = watched_fake.fake
        problems["fail"] += [f"a callback of fakes3.on failed: {failure}" for failure in fake.events.errors]
        problems["fail"] += [f"a function of fakes3.deliver_to failed: {failure}" for failure in fake.notifications.errors]
        remaining = _leftovers(watched_fake)
        if remaining:
            for name in LEFTOVERS:
                problems[mode(item, name)] += remaining.lines(uploads=name == "leftovers", bodies=name == "leftover_bodies")
    if problems["fail"]:
        pytest.fail("\n".join(problems["fail"] + problems["warn"]), pytrace=False)
    if problems["warn"]:
        from fakes3part.journal.leftovers import LeftoverWarning

        item.warn(LeftoverWarning("left over: " + "\n".join(problems["warn"])))


def _leftovers(watched: WatchedFake) -> Leftovers:
    from fakes3part.journal.leftovers import leftovers

    fake = watched.fake
    since = watched.since if watched.since <= fake.calls.total else 0
    return leftovers(fake.store, fake.calls, watched.uploads, since)


# Hooks


def _watch_local(item: pytest.Item, fake: FakeS3) -> None:
    """Watch a fake, unless its calls are in another process (moto's ``TEST_SERVER_MODE``)."""
    if fake.has_state:
        watch(item, fake)


@contextmanager
def watch_active_fakes(item: pytest.Item) -> Iterator[None]:
    """Watch every fake that is active at the test's start or becomes active until its end."""
    item.stash[CALLS_OF_TEST] = calls_of_test = CallsOfTest()
    active: Any = sys.modules.get("fakes3part.intercept.activation")
    with ExitStack() as steps:
        steps.callback(calls_of_test.fakes.clear)
        if active is not None:  # else no test has imported it: nothing is active; the fixtures report their fakes themselves
            for fake in active.active_backends():
                _watch_local(item, fake)
            listener = partial(_watch_local, item)
            active.on_enter.append(listener)
            steps.callback(active.on_enter.remove, listener)
        yield


def add_sections(item: pytest.Item, report: pytest.TestReport, error: BaseException | None, *, hides: bool) -> None:
    """Add the test's calls to its report, if it has failed or ``--fakes3-trace`` is set.

    Args:
        error: what was raised; None: nothing.
        hides: whether frames of libraries are hidden in the report.
    """
    calls_of_test = item.stash.setdefault(CALLS_OF_TEST, CallsOfTest())
    calls_of_test.failed |= report.failed
    traces = item.config.getoption("fakes3_trace") and report.when == "call"
    if not report.failed and not traces:
        return
    new = [watched for watched in calls_of_test.fakes if watched.fake.calls.total > watched.shown_count and watched.calls]
    if report.failed:
        add_failure(report, new, error, hides=hides)
    if item.config.getoption("fakes3_trace"):
        from fakes3part.journal.calls import transcript

        _add(report, TRACE, new, transcript)
    for watched in new:
        watched.shown_count = watched.fake.calls.total


def add_failure(report: pytest.TestReport, watched: list[WatchedFake], error: BaseException | None, *, hides: bool) -> None:
    """Add the section of a failed test: its calls, what its error does not say about them, and what to do next."""
    from fakes3part.journal.failure_table import failure_table

    shown = "" if error is None else "\n".join(map(_text, related(error)))
    ids = {response_header(each, "x-amz-request-id") for each in related(error)} if error is not None else set()
    if _add(report, SECTION, watched, lambda calls: failure_table(calls, ids, shown)):
        title, text = report.sections[-1]
        report.sections[-1] = (title, f"{text}\n{NEXT_HIDDEN if hides else NEXT}")


def _text(error: BaseException) -> str:
    """Return what pytest shows of an error besides its traceback."""
    return "\n".join([str(error), *getattr(error, "__notes__", ())])


def _add(report: pytest.TestReport, title: str, watched: list[WatchedFake], render: Callable[[Any], str]) -> bool:
    """Add a section with the calls of each fake; return whether there is anything to add."""
    texts = {id(watched_fake): render(watched_fake.calls) for watched_fake in watched}
    if len(watched) > 1:
        texts = {
            id(watched_fake): f"{watched_fake.fake!r}\n{texts[id(watched_fake)]}"
            for watched_fake in watched
            if texts[id(watched_fake)]
        }
    text = "\n\n".join(filter(None, texts.values()))
    if text:
        report.sections.append((title, text))
    return bool(text)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, None, None]:
    begin_test(item)
    begin_recorded_test(item)
    with watch_active_fakes(item), watch_leniences(item):
        yield


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, None]:
    error = _error(item, call)
    hides = error is not None and hides_frames(item.config) and hide_library_frames(error, _has_fake(item))
    outcome = yield
    report = outcome.get_result()
    add_sections(item, report, error, hides=hides)
    add_leniences(item, report)
    add_comparison(item, report)


def _error(item: pytest.Item, call: pytest.CallInfo[Any]) -> BaseException | None:
    """Return what a phase of a test has raised; None: nothing. A ``unittest.TestCase`` catches it; pytest keeps it aside."""
    if call.excinfo is not None:
        return call.excinfo.value
    caught = getattr(item, "_excinfo", None)
    return caught[0].value if caught else None


def _has_fake(item: pytest.Item) -> bool:
    return bool(item.stash.setdefault(CALLS_OF_TEST, CallsOfTest()).fakes)

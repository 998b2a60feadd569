"""``--fakes3-record``: the fixtures' calls to the endpoint of ``--fakes3-target`` are kept in a file, with its responses."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .target import OPTION, compares

if TYPE_CHECKING:
    from argparse import Namespace

    from fakes3part.compare.recorder import RecordingFake

RECORD = "--fakes3-record"
_RECORDER: pytest.StashKey[RecordingFake] = pytest.StashKey()
_STEPS = pytest.StashKey[ExitStack]()


def add_record_option(parser: pytest.Parser) -> None:
    """Add ``--fakes3-record``."""
    text = f"keep what the endpoint of {OPTION} responds to the fixtures' calls, for: fakes3part replay FILE"
    parser.getgroup("fakes3part").addoption(RECORD, metavar="FILE", default=None, help=text)


def begin_recording(config: pytest.Config, options: Namespace) -> None:
    """Open the file, if the option is used.

    Raises:
        pytest.UsageError: the options do not go together, or the target or the file cannot be used.
    """
    file = options.fakes3_record
    if file is None or getattr(options, "help", False):
        return
    if options.fakes3_target is None:
        raise pytest.UsageError(f"{RECORD} needs {OPTION}=URL or {OPTION}=aws: the S3 to record")
    if compares(options):
        raise pytest.UsageError(f"{RECORD} does not go with --fakes3-compare: one run records, another compares")
    if getattr(options, "dist", "no") != "no" or hasattr(config, "workerinput"):
        raise pytest.UsageError(f"{RECORD} writes one file, so it needs one process: -n 0")
    from fakes3part.compare.recorder import recording
    from fakes3part.compare.target import TargetError

    steps = ExitStack()
    try:
        recorder = steps.enter_context(recording(options.fakes3_target, Path(config.invocation_params.dir, file)))
    except TargetError as error:
        raise pytest.UsageError(f"{OPTION}: {error}") from None
    except OSError as error:
        raise pytest.UsageError(f"{RECORD}: {file}: {error.strerror}") from None
    config.stash[_RECORDER], config.stash[_STEPS] = recorder, steps
    config.add_cleanup(steps.close)


def recorder(config: pytest.Config) -> RecordingFake | None:
    """Return what records the calls of this run; None: they are not recorded."""
    return config.stash.get(_RECORDER, None)


def begin_recorded_test(item: pytest.Item) -> None:
    """Attribute the calls from now on to a test, which begins without buckets."""
    recording_fake = recorder(item.config)
    if recording_fake is not None:
        recording_fake.begin_group(item.nodeid)


def end_recording(config: pytest.Config) -> None:
    """Delete the last test's buckets."""
    recording_fake = recorder(config)
    if recording_fake is not None:
        recording_fake.end_group()


def write_recording(terminalreporter: pytest.TerminalReporter) -> None:
    """Write how much was recorded, and what is left at the target."""
    config = terminalreporter.config
    recording_fake = recorder(config)
    if recording_fake is None:
        return
    terminalreporter.section("fakes3part")
    terminalreporter.write_line(f"{recording_fake.recorded} calls recorded in {config.getoption(RECORD)}")
    for problem in recording_fake.left:
        terminalreporter.write_line(problem, red=True)

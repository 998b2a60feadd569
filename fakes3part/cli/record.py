"""The command ``fakes3part record``: keeps the responses of a real S3 in a file."""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..text import count, shorten, suggestion_or_all
from .exit_codes import USAGE_ERROR

if TYPE_CHECKING:
    from ..api.fakes3 import FakeS3
    from ..compare.recorder import RecordingFake
    from ..compare.steps import Scenario

DESCRIPTION = """\
Send requests to a real S3 and keep its responses in a file, which
`fakes3part replay` checks against the fake without a network.

Without a command, scenarios of fakes3part's own run: about 500 small requests,
which cost less than a cent at AWS. They use buckets with a random prefix,
which are deleted afterwards. Credentials and region are those of boto3.

The file contains no keys, account numbers or names of owners and users; look
at it before you give it away."""

EXAMPLES = (
    ("record --target aws -o truth.jsonl", "the scenarios, at AWS with your credentials"),
    ("record --dry-run", "show the requests that would be sent"),
    ("record --target http://127.0.0.1:9000 -o f --scenario multipart", "one scenario, at another S3"),
    ("record --target aws -o mine.jsonl -- tests/test_s3.py", "your own tests, by pytest"),
    ("record --target aws -o mine.jsonl -- script.py", "your own script, whose boto3 is intercepted"),
)

LEFT_BEHIND = 1
"""The exit code if something could not be deleted at the target."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add = parser.add_argument
    add("--target", metavar="URL", help="the S3 to record: its URL, or aws")
    add("-o", "--output", type=Path, metavar="FILE", help="the file to write, which must not exist (JSON lines)")
    add("--scenario", action="append", metavar="NAME", help="run this scenario only; may be repeated")
    add("--dry-run", action="store_true", help="show the requests of the scenarios; nothing is sent")
    add("command", nargs="*", metavar="-- ARGUMENT", help="a script and its arguments, or pytest's arguments")


def run(options: argparse.Namespace) -> int:
    """Record, and return the exit code: 1 if something is left at the target, pytest's if it ran."""
    from ..compare.target import TargetError

    try:
        return _dry_run(options.scenario) if options.dry_run else _record(options)
    except (TargetError, UsageError) as error:
        print(f"fakes3part record: error: {error}", file=sys.stderr)
    except OSError as error:
        print(f"fakes3part record: error: {error.filename}: {error.strerror}", file=sys.stderr)
    return USAGE_ERROR


class UsageError(Exception):
    """Arguments that do not go together. The text says why."""


def _scenarios(names: Sequence[str] | None) -> list[Scenario]:
    """Return the scenarios of these names; None: all of them."""
    from ..compare.scenarios import SCENARIOS

    known = {scenario.name: scenario for scenario in SCENARIOS}
    for name in names or ():
        if name not in known:
            raise UsageError(f"there is no scenario {name!r}{suggestion_or_all(name, list(known))}")
    return [scenario for scenario in SCENARIOS if names is None or scenario.name in names]


def _dry_run(names: Sequence[str] | None) -> int:
    """Show the requests of the scenarios, as a fake receives them."""
    from ..api.fakes3 import FakeS3

    total, fake = 0, FakeS3()
    scenarios = _scenarios(names)
    with _steps(fake) as run_scenario:
        for scenario in scenarios:
            fake.reset()
            run_scenario(scenario)
            print(scenario.name)
            for call in fake.calls:
                target = "/".join(part for part in (call.bucket, call.key) if part is not None)
                print(f"  {call.operation or call.method:<40} {shorten(target, 60)}")
            total += len(fake.calls)
    print(f"{total} requests. Nothing was sent.")
    return 0


def _record(options: argparse.Namespace) -> int:
    """Record the scenarios or a command."""
    if options.target is None:
        raise UsageError("--target is missing: a URL, or aws (or --dry-run, which sends nothing)")
    if options.output is None:
        raise UsageError("-o FILE is missing: where to write the recording")
    command: list[str] = options.command
    if command and options.scenario:
        raise UsageError("--scenario names scenarios of fakes3part; it does not go with a command")
    if command and not _is_script(command[0]):
        try:
            import pytest
        except ModuleNotFoundError:
            raise UsageError(f"{command[0]} is no script (FILE.py), and pytest is not installed") from None

        recording_options = [f"--fakes3-target={options.target}", f"--fakes3-record={options.output}"]
        return int(pytest.main([*command, *recording_options]))
    scenarios = [] if command else _scenarios(options.scenario)
    from ..compare.recorder import recording

    with recording(options.target, options.output) as fake:
        if command:
            _run_script(fake, command)
        else:
            _run_scenarios(fake, scenarios)
    print(f"{count(fake.recorded, 'call')} of {options.target} recorded in {options.output}")
    for problem in fake.left:
        print(problem, file=sys.stderr)
    return LEFT_BEHIND if fake.left else 0


def _run_scenarios(fake: RecordingFake, scenarios: Sequence[Scenario]) -> None:
    """Run scenarios, and say how many calls each one made."""
    with _steps(fake) as run_scenario:
        for scenario in scenarios:
            before = fake.recorded
            fake.begin_group(scenario.name)
            run_scenario(scenario)
            print(f"{scenario.name}: {count(fake.recorded - before, 'call')}", file=sys.stderr)


@contextmanager
def _steps(fake: FakeS3) -> Iterator[Callable[[Scenario], None]]:
    """Yield a function that runs a scenario with a fake."""
    from ..compare import steps
    from ..intercept.activation import intercepted

    region = fake.settings.region
    with intercepted(fake), steps.clients(region) as clients:
        yield partial(steps.run, steps=steps.Steps(clients, region))


def _is_script(word: str) -> bool:
    """Return whether a command is a Python script. Files of tests, by pytest's patterns, are not."""
    name = Path(word).name
    return name.endswith(".py") and not name.startswith("test_") and not name.endswith("_test.py")


def _run_script(fake: RecordingFake, command: Sequence[str]) -> None:
    """Run a script as ``python FILE ARGUMENTS`` does, with its requests to S3 intercepted. Its errors are raised."""
    from ..intercept.activation import intercepted

    arguments, sys.argv = sys.argv, [*command]
    path, sys.path = sys.path, [str(Path(command[0]).resolve().parent), *sys.path]
    fake.begin_group(Path(command[0]).name)
    try:
        with intercepted(fake):
            runpy.run_path(command[0], run_name="__main__")
    finally:
        sys.argv, sys.path = arguments, path

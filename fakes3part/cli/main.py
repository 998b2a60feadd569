"""The command line: ``fakes3part COMMAND``, also as ``python -m fakes3part COMMAND``. `COMMANDS` is the list of commands."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from ..text import suggestion
from ..version import __version__
from . import completion, demo, health, operations, record, replay, serve
from .command import Command, HelpFormatter, examples_text
from .exit_codes import INTERRUPTED, USAGE_ERROR
from .migrate import command as migrate

COMMANDS = (
    Command(
        "serve",
        "serve S3 over HTTP until Ctrl+C or SIGTERM",
        serve.run,
        serve.EXAMPLES,
        serve.add_arguments,
    ),
    Command(
        "demo",
        "upload a file by parts, and see S3's own errors",
        demo.run,
        [("demo", "start a server, use it by boto3, and stop it"), ("demo | cat", "the same, without colours")],
    ),
    Command(
        "migrate",
        "rewrite test files from moto to fakes3part",
        migrate.run,
        migrate.EXAMPLES,
        migrate.add_arguments,
        migrate.DESCRIPTION,
        migrate.NOTES,
    ),
    Command(
        "record",
        "keep the responses of a real S3 in a file",
        record.run,
        record.EXAMPLES,
        record.add_arguments,
        record.DESCRIPTION,
    ),
    Command(
        "replay",
        "check a recording against the fake, without a network",
        replay.run,
        replay.EXAMPLES,
        replay.add_arguments,
        replay.DESCRIPTION,
    ),
    Command(
        "operations",
        "print which operations work, as a Markdown table",
        operations.run,
        [("operations", "print the table"), ("operations | grep -i tagging", "look for some operations")],
    ),
    Command(
        "health",
        "ask whether a server is there, for health checks",
        health.run,
        health.EXAMPLES,
        health.add_arguments,
    ),
    Command(
        "completion",
        "print a script by which a shell completes commands and options",
        completion.run,
        completion.EXAMPLES,
        completion.add_arguments,
    ),
)
"""Every command, in the order of the help. A new one is a row here."""

_FIRST_STEPS = [
    ("demo", "see it work: an upload in parts, S3's errors"),
    ("serve", "start a server; it prints the variables to set"),
    ("serve --help", "all of its options"),
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: without the program's name; None: those of the process, which ends afterwards.

    Raises:
        SystemExit: after ``--help`` and ``--version``, and for wrong arguments.
    """
    _open_missing_streams()
    parser = _parser()
    completion.complete(parser)
    options, unknown = parser.parse_known_args(arguments)
    if not hasattr(options, "run"):
        parser.print_help(sys.stderr)
        print(f"\n{parser.prog}: error: name a command, such as: fakes3part demo", file=sys.stderr)
        return USAGE_ERROR
    if unknown:
        _refuse(unknown, options.parser)
    options.ends_process = arguments is None
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # "fakes3part operations | head": the reader has closed the pipe. What is still buffered must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _open_missing_streams() -> None:
    """Give a process that was started without stdout or stderr (``>&-``) one that goes nowhere.

    A file or a connection would else have their descriptors.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # os.fdopen: it stays open to the end, as those of Python do.
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8", closefd=False))


def _refuse(unknown: Sequence[str], parser: argparse.ArgumentParser) -> NoReturn:
    """End the process because of arguments that a command does not have."""
    flag = next((word.partition("=")[0] for word in unknown if word.startswith("--")), None)
    existing = [name for action in parser._actions for name in action.option_strings if name.startswith("--")]
    parser.error(f"unrecognized arguments: {' '.join(unknown)}{'' if flag is None else suggestion(flag, existing)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "fakes3part",
        description="An in-memory Amazon S3 for test suites.",
        epilog=examples_text(_FIRST_STEPS),
        formatter_class=HelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"fakes3part {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    return parser

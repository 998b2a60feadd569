"""The command ``fakes3part replay``: checks a recording against the fake."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .exit_codes import USAGE_ERROR

DESCRIPTION = """\
Send the requests of a recording to fakes, without a network, and show where
their responses differ from the recorded ones."""

EXAMPLES = (
    ("replay truth.jsonl", "show what differs; the exit code is 1 if anything does"),
    ("replay truth.jsonl --json", "all calls as JSON"),
)

DIFFERENT = 1
"""The exit code if a response differs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording, as fakes3part record writes it")
    parser.add_argument("--json", action="store_true", help="print all calls as JSON, with both responses where they differ")


def run(options: argparse.Namespace) -> int:
    """Replay, print what differs, and return the exit code."""
    from ..compare import report
    from ..compare.recording import RecordingError, read
    from ..compare.replay import replay

    try:
        recording = read(options.file)
    except (RecordingError, OSError) as error:
        reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
        print(f"fakes3part replay: error: {reason}", file=sys.stderr)
        return USAGE_ERROR
    calls = [call.to_json() for call in replay(recording)]
    name = f"the recording of {recording.target}"
    if options.json:
        print(json.dumps(report.document(calls, name), indent=1))
    else:
        print("\n".join([*report.lines(calls), report.summary(calls, name)]))
    return DIFFERENT if report.differing(calls) else 0

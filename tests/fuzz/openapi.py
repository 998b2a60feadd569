"""Runs schemathesis over the control API's OpenAPI description: ``python -m tests.fuzz.openapi [EXAMPLES] [SEED]``.

The command ``schemathesis`` must be installed (``nox -s openapi`` installs it). The server runs in this process; moving its clock
does not wait for the next second, as it does otherwise.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

from fakes3part.api.server import Server
from fakes3part.control.router import OPENAPI

CONFIGURATION = """\
[[operations]]
include-path-regex = "/next$"
parameters = { timeout = 0 }

[[operations]]
include-path-regex = "/stream$"
enabled = false
"""
"""Do not wait for notifications, nor read streams that have no end."""


def run(examples: int, seed: int, command: str) -> int:
    """Run schemathesis, and return its exit code."""
    with (
        tempfile.TemporaryDirectory() as directory,
        patch("fakes3part.control.clock_endpoints._wait_for_next_second", lambda: None),
        Server() as server,
    ):
        configuration = Path(directory) / "schemathesis.toml"
        configuration.write_text(CONFIGURATION)
        arguments = ["--max-examples", str(examples), "--seed", str(seed), "--suppress-health-check", "all", "--no-color"]
        program = [command, "--config-file", str(configuration), "run", f"{server.url}{OPENAPI}", *arguments]
        return subprocess.run(program, cwd=directory, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.openapi", description=__doc__)
    parser.add_argument("examples", nargs="?", type=int, default=100, help="how many for each operation (default: 100)")
    parser.add_argument("seed", nargs="?", type=int, default=0, help="equal seeds make equal requests")
    parser.add_argument("--command", default=shutil.which("schemathesis"), help="the program schemathesis")
    options = parser.parse_args()
    if options.command is None:
        sys.exit("schemathesis is not installed: pip install schemathesis, or run nox -s openapi")
    return run(options.examples, options.seed, options.command)


if __name__ == "__main__":
    raise SystemExit(main())

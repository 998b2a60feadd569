"""Processes for the measured systems, all started alike, in an environment without the user's AWS configuration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any


def environment() -> dict[str, str]:
    """Of every measured process: no AWS configuration, one order of hashes, modules compiled once and not at each start."""
    left_out = ("AWS_", "MOTO_", "S3_", "PYTHONDONTWRITEBYTECODE", "PYTHONSAFEPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {
        **kept,
        "PYTHONHASHSEED": "0",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of this package in a new interpreter."""
    return [sys.executable, "-m", f"benchmarks.{module}", *arguments]


class WorkerProcess:
    """A process that reads requests as lines of JSON, and writes a response line for each.

    ``directory`` has the packages that it imports (None: the current directory).
    """

    def __init__(self, module: str, *arguments: str, directory: Path | None = None) -> None:
        self.process = subprocess.Popen(
            python(module, *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
            cwd=directory,
        )

    def request(self, do: str, **details: Any) -> Any:
        """Send a request and return the response. Raises RuntimeError if the process ended (its reason is on stderr)."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **details}) + "\n")
        self.process.stdin.flush()
        return self.read_response()

    def read_response(self) -> Any:
        """Return the next response."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args!r} ended with {self.process.wait()}")
        return json.loads(line)

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.communicate()  # closes its stdin, which ends it

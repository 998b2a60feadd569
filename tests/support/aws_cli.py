"""Runs the real AWS CLI: most commands in one long-lived process, a few in new processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

_WORKER = Path(__file__).with_name("workers") / "aws_cli_worker.py"
OTHER_ACCOUNT = "210987654321"
TIMEOUT = 60


class Ran(NamedTuple):
    """The result of a command: exit status and both streams."""

    status: int
    out: str
    err: str

    @property
    def output(self) -> dict[str, Any]:
        """The JSON document on standard output, ``{}`` if there is none; asserts that the command succeeded."""
        assert self.status == 0, self
        document: dict[str, Any] = json.loads(self.out or "{}")
        return document


def environment(home: Path, endpoint: str) -> dict[str, str]:
    """Return an environment without the user's configuration, credentials, proxies and metadata service."""
    credentials = home / "credentials"
    credentials.write_text(f"[other]\naws_access_key_id = {OTHER_ACCOUNT}\naws_secret_access_key = testing\n")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "NO_PROXY": "*",
        "AWS_CONFIG_FILE": str(home / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


class Aws:
    """The ``aws`` command. Calling it runs a command in the long-lived process; `process` starts a new one."""

    def __init__(self, home: Path, endpoint: str) -> None:
        self.environment = environment(home, endpoint)
        self._home = home
        self._worker: subprocess.Popen[str] | None = None

    def __call__(self, *arguments: str) -> Ran:
        worker = self._worker = self._worker or self._start()
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(json.dumps(arguments) + "\n")
        worker.stdin.flush()
        return Ran(**json.loads(worker.stdout.readline()))

    def process(self, *arguments: str) -> Ran:
        """Run ``aws ARGUMENTS`` in a new process, as users do."""
        command = [sys.executable, "-m", "awscli", *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=self._home, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(_WORKER)],
            env=self.environment,
            cwd=self._home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Aws:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._worker is not None:
            self._worker.communicate(timeout=TIMEOUT)
            assert self._worker.returncode == 0

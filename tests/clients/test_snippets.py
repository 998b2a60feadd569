"""The examples of docs/guides/server.md in other languages than Python, for those whose SDK is on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from fakes3part.api.server import Server
from tests.test_readme import PAGES, blocks

NODE = Path(__file__).parent / "node"
TIMEOUT = 60
"""Seconds."""


class Runner(NamedTuple):
    """How programs of one language are run: they are on standard input.

    Attributes:
        command: the interpreter.
        check: arguments that succeed if the SDK is there.
        missing: what to install if not.
    """

    command: tuple[str, ...]
    check: tuple[str, ...]
    missing: str


RUNNERS: Mapping[str, Runner] = {
    "bash": Runner(("bash", "-e"), ("-c", "aws --version"), "the AWS CLI"),
    "js": Runner(
        ("node", "--input-type=module"), ("-e", "await import('@aws-sdk/client-s3')"), "npm install in tests/clients/node"
    ),
    "ruby": Runner(("ruby",), ("-e", "require 'aws-sdk-s3'"), "Debian's packages ruby-aws-sdk-s3 and ruby-rexml"),
}


def _run(arguments: tuple[str, ...], program: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, input=program, cwd=NODE, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )


@cache
def _is_there(language: str) -> bool:
    command, check, _ = RUNNERS[language]
    return shutil.which(command[0]) is not None and _run((*command, *check), "", _path()).returncode == 0


def _path() -> dict[str, str]:
    """Return the variables of this process that find programs; the AWS CLI is beside Python."""
    return {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]), "HOME": os.environ.get("HOME", "/")}


@pytest.mark.parametrize("language", RUNNERS)
def test_an_example_in_another_language(server: Server, language: str, tmp_path: Path) -> None:
    if not _is_there(language):
        pytest.skip(f"the SDK is not on this machine: {RUNNERS[language].missing}")
    (program,) = [code for name, code in blocks(PAGES["docs/guides/server.md"]) if name == language]
    environment = {**_path(), "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", **server.environment()}
    done = _run(RUNNERS[language].command, program, environment)
    assert (done.returncode, done.stdout) == (0, "hello\n"), done.stderr
    assert server.fake.buckets["reports"].objects["hello.txt"].data == b"hello\n"

"""A process that has imported what programs with boto3 and pytest need, and forks for each program that it is to run.

Such a fork takes a third of the CPU time of a new process. Pytest's plugins are not imported here, nor our own package unless the
argument ``fakes3part`` asks for it: each fork imports them, as a new process does. One JSON line in (a program, as
tests/support/programs.py describes it), one JSON line out (its exit status).
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import json
import os
import sys
import time
import traceback
import unittest.mock
import warnings
from typing import Any

import _pytest.pytester
import boto3
import botocore.httpsession
import botocore_data  # (beside this file)
import pytest
import s3transfer.manager

USED = (asyncio, _pytest.pytester, botocore.httpsession, s3transfer.manager, unittest.mock)
"""Modules that are imported for the programs."""


def warm() -> None:
    """Load the models that every client needs, and keep them."""
    botocore_data.keep()
    session = boto3.session.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1")
    session.client("s3").close()
    session.resource("s3").meta.client.close()
    if sys.argv[1:] == ["fakes3part"]:
        warm_fakes3part()
    gc.collect()
    gc.freeze()  # what is imported here is no garbage in any fork


def warm_fakes3part() -> None:
    from fakes3part import FakeS3, mock_s3

    with mock_s3():
        pass
    client = FakeS3().client()
    client.create_bucket(Bucket="bucket")
    client.close()


def become(program: dict[str, Any]) -> None:
    """Set directory, environment, streams and warnings as a new process would have them."""
    os.chdir(program["directory"])
    os.environ.clear()
    os.environ.update(program["environment"])
    time.tzset()
    sys.path[0] = program["directory"]
    for number, path in enumerate((os.devnull, program["out"], program["err"])):
        opened = os.open(path, os.O_WRONLY if number else os.O_RDONLY)
        os.dup2(opened, number)
        os.close(opened)
    if program["warnings"]:
        warnings.simplefilter(program["warnings"])


def run(program: dict[str, Any]) -> int:
    """Run a program; returns its exit status."""
    become(program)
    status: Any = 0
    try:
        if "code" in program:
            sys.argv = ["-c"]
            exec(compile(program["code"], "<string>", "exec"), {"__name__": "__main__"})
        else:
            sys.argv = ["pytest", *program["pytest"]]
            status = pytest.main(program["pytest"])
    except SystemExit as ended:
        status = ended.code or 0
        if isinstance(status, str):
            print(status, file=sys.stderr)
            status = 1
    except BaseException:
        traceback.print_exc()
        status = 1
    atexit._run_exitfuncs()
    gc.collect()  # what warns when it is forgotten shall do so
    sys.stdout.flush()
    sys.stderr.flush()
    return int(status)


def main() -> None:
    warm()
    for line in sys.stdin:
        program = json.loads(line)
        child = os.fork()
        if not child:
            os._exit(run(program))  # the memory of the imported modules is not freed one by one
        _, status = os.waitpid(child, 0)
        print(json.dumps(os.waitstatus_to_exitcode(status)), flush=True)


if __name__ == "__main__":
    main()

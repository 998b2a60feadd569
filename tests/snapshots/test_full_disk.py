"""A disk that is full while the state or objects are written. (A limit on the size of files fails in the same way.)"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fakes3part import FakeS3
from tests.support.programs import Programs

resource = pytest.importorskip("resource")

LIMITED = f"""
import os, resource, signal
from fakes3part import FakeS3
from fakes3part.cli.main import main

fake = FakeS3()
fake.seed({{"bucket": {{"small": b"x", "large": os.urandom(200_000)}}}})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (BOUND, resource.RLIM_INFINITY))
try:
    CALL
except OSError as error:
    assert error.errno == {errno.EFBIG}, error
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(error)
assert fake.client().get_object(Bucket="bucket", Key="small")["Body"].read() == b"x"
"""


def run(programs: Programs, directory: Path, call: str, limit: int = 100_000) -> str:
    done = programs.code(LIMITED.replace("CALL", call).replace("BOUND", str(limit)), directory, "error")
    assert (done.status, done.err) == (0, "")
    return done.out


@pytest.mark.parametrize("limit", [0, 100, 100_000])
def test_save_leaves_the_old_file(programs: Programs, tmp_path: Path, limit: int) -> None:
    old = tmp_path / "state.zip"
    with FakeS3() as fake:
        fake.seed({"bucket": {"old": b"old"}})
        fake.save(old)
    before = old.read_bytes()
    assert run(programs, tmp_path, "fake.save('state.zip')", limit) == "[Errno 27] File too large: 'state.zip'\n"
    assert old.read_bytes() == before
    assert os.listdir(tmp_path) == ["state.zip"]


def test_dump_names_the_file(programs: Programs, tmp_path: Path) -> None:
    assert run(programs, tmp_path, "fake.dump('files')") == "[Errno 27] File too large: 'files/bucket/large'\n"


def test_a_ready_file_that_cannot_be_written(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    serve = [sys.executable, "-m", "fakes3part", "serve", "--port", "0", "--ready-file", str(ready)]
    done = subprocess.run(["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *serve], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"fakes3part serve: error: {ready}: File too large\n")
    assert os.listdir(tmp_path) == []

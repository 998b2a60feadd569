"""The pytest plugin: ``python -m benchmarks.plugin MODE`` runs pytest on a file of tests, and prints CPU seconds in a line.

``without`` and ``unused``: a run of pytest as a whole, with its header. pytest looks for the plugins that are installed, as it
does for every user; it loads none of them, or fakes3part's alone. The other modes print the time from the end of one test to the
end of the next. ``pytest``: of tests that do nothing. ``fixture``: of tests that make two calls with ``fakes3_client``.
``calls``: of the two calls alone.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

WARM = 20
TESTS = 200

_EMPTY = """
def test():
    pass
"""

_TESTS = f"""
import time
import pytest

started = 0.0


def mark(number):
    global started
    if number == {WARM}:
        started = time.process_time()
    if number == {WARM + TESTS}:
        print("\\nCPU", (time.process_time() - started) / {TESTS}, flush=True)


def call(client, bucket):
    client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=bucket, Key="key", Body=b"x" * 1024)
"""

_PYTEST = f"""{_TESTS}

@pytest.mark.parametrize("number", range({WARM + TESTS + 1}))
def test(number, request):
    mark(number)
"""

_FIXTURE = f"""{_TESTS}

@pytest.mark.parametrize("number", range({WARM + TESTS + 1}))
def test(number, fakes3_client):
    call(fakes3_client, "bench")
    mark(number)
"""

_CALLS = f"""{_TESTS}

def test(fakes3_client):
    for number in range({WARM + TESTS + 1}):
        call(fakes3_client, f"bench-{{number}}")
        mark(number)
"""

_FILES = {"without": _EMPTY, "unused": _EMPTY, "pytest": _PYTEST, "fixture": _FIXTURE, "calls": _CALLS}


def main(mode: str) -> None:
    """Run pytest in this process."""
    installed = {entry_point.name for entry_point in metadata.entry_points(group="pytest11")}
    assert "fakes3part" in installed, "install fakes3part: pytest does not find its plugin"
    blocked = installed if mode == "without" else installed - {"fakes3part"}
    import pytest

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test_bench.py"
        path.write_text(_FILES[mode])
        without = [f"-pno:{name}" for name in ("cacheprovider", *sorted(blocked))]
        code = pytest.main(["-s", f"--rootdir={folder}", "-c", os.devnull, *without, str(path)])
        assert code == 0
    if _FILES[mode] is _EMPTY:
        print("CPU", time.process_time())


if __name__ == "__main__":
    main(sys.argv[1])

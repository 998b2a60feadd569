"""The pytest plugin: ``python -m benchmarks.plugin MODE`` runs pytest on a file of tests, and prints CPU seconds in a line.

``without`` and ``unused``: a run of pytest as a whole, without the plugin and with it. The other modes print the time from the
end of one test to the end of the next. ``pytest``: of tests that do nothing. ``fixture``: of tests that make two calls with
``fakes3_client``. ``calls``: of the two calls alone.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
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
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    import pytest

    plugin = [] if mode == "without" else ["-p", "conftest_plugin"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test_bench.py"
        path.write_text(_FILES[mode])
        code = pytest.main(["-q", "-s", "-p", "no:cacheprovider", f"--rootdir={folder}", "-c", "/dev/null", *plugin, str(path)])
        assert code == 0
    if _FILES[mode] is _EMPTY:
        print("CPU", time.process_time())


if __name__ == "__main__":
    main(sys.argv[1])

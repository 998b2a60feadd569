"""Builds the wheel twice, from two copies of the files at two times, and compares: ``python -m tests.packaging.wheels FOLDER``.

Needs the package ``hatchling``. The wheel stays in the folder. Equal bytes need ``SOURCE_DATE_EPOCH``; without it, hatchling
takes a fixed date.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
EPOCH = "1767225600"
FILES = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "fakes3part", "conftest_plugin")


def build(folder: Path, *, age: int) -> Path:
    """Build a wheel of a copy of the files, that are so many seconds old."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory)
        for name in FILES:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, copy / name)
        changed = time.time() - age
        for path in copy.rglob("*"):
            os.utime(path, (changed, changed))
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder.resolve())]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "PYTHONHASHSEED": str(age)}
        subprocess.run(command, cwd=copy, check=True, env=environment, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    return wheel


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.packaging.wheels", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the wheel is written")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as other:
        wheels = [build(options.folder, age=0), build(Path(other), age=100_000)]
        digests = [hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in wheels]
        size = wheels[0].stat().st_size
        missing = {"fakes3part/py.typed", "conftest_plugin/py.typed"} - set(zipfile.ZipFile(wheels[0]).namelist())
    if missing:
        print(f"{wheels[0].name} has no {', '.join(sorted(missing))}: type checkers would ignore its types")
        return 1
    if digests[0] != digests[1]:
        print(f"the wheels differ: {digests[0]} {digests[1]}")
        return 1
    print(f"{wheels[0].name}: {size:,} bytes, twice the same: sha256 {digests[0]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

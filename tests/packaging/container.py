"""Runs the steps of the Dockerfile without Docker: ``python -m tests.packaging.container FOLDER``.

What RUN says is run in the folder, in a copy of the build's context, with a new virtual environment at the place of the image's.
Then ENTRYPOINT is started (as the user of USER, if this process is root), asked by HEALTHCHECK, used, and stopped by SIGTERM. The
size is that of the environment and of the base image, which is known, and not measured.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from .dockerfile import ROOT, Instruction, context, healthcheck, stages

BASES = {"python:3.13-alpine": 48}
"""Base image -> its size in MB, uncompressed, for linux/amd64, rounded up: as `docker images` shows it, and not measured here."""

LIMIT = 120
"""MB."""

STOP_LIMIT = 2
PLACE = "/opt/fakes3part"
"""The environment in the image."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.packaging.container", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the environment is made; it must not exist")
    folder = parser.parse_args().folder.resolve()
    folder.mkdir(mode=0o755)
    build, final = stages((ROOT / "Dockerfile").read_text("utf-8"))
    source, environment = folder / "src", folder / "environment"
    source.mkdir()
    kept = context((ROOT / ".dockerignore").read_text("utf-8"))
    for instruction in build.all("COPY"):
        _copy(instruction, source, kept)
    for instruction in build.all("RUN"):
        _run(instruction, source, environment)
    megabytes = sum(path.lstat().st_size for path in environment.rglob("*")) / 1e6
    base = BASES[final.base]
    size = base + megabytes
    print(f"+ the environment has {megabytes:.1f} MB (measured), the image about {size:.0f} MB with the base's {base} MB (known)")
    shutil.rmtree(source)  # it must not be needed
    _use(
        final.one("ENTRYPOINT").words,
        healthcheck(final.one("HEALTHCHECK"))[1],
        int(final.one("USER").value.partition(":")[0]),
        environment,
    )
    return 1 if size > LIMIT else 0


def _copy(instruction: Instruction, source: Path, kept: set[str]) -> None:
    *names, target = instruction.value.split()
    for name in names:
        if name not in kept:
            raise SystemExit(f".dockerignore leaves {name} out, which COPY needs")
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / target)


def _run(instruction: Instruction, source: Path, environment: Path) -> None:
    command = instruction.value.replace(PLACE, str(environment))
    print(f"+ {command}", flush=True)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(["sh", "-ec", command], cwd=source, check=True, env={**os.environ, "PATH": path, "EXTRAS": ""})


def _use(entrypoint: list[str], check: list[str], user: int, environment: Path) -> None:
    """Start, check, use and stop the server.

    Raises:
        AssertionError: something does not work.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "AWS_", "FAKES3PART_"))}
    variables = {**clean, "PATH": f"{environment / 'bin'}{os.pathsep}{clean['PATH']}", "MOTO_PORT": str(port)}
    options: dict[str, Any] = {"env": variables, "cwd": "/", **_as_user(user, environment)}
    program = str(environment / "bin" / entrypoint[0])
    began = time.monotonic()
    server = subprocess.Popen([program, *entrypoint[1:]], **options)
    try:
        check = [str(environment / "bin" / check[0]), *check[1:]]
        while subprocess.run(check, **options, capture_output=True).returncode != 0:
            assert server.poll() is None, "the server has ended"
            assert time.monotonic() - began < 30, "the health check fails"
            time.sleep(0.2)
        print(f"+ healthy after {time.monotonic() - began:.1f} s: {' '.join(check)}", flush=True)
        with urlopen(f"http://127.0.0.1:{port}/health") as response:
            assert response.status == 200
        began = time.monotonic()
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0
        assert time.monotonic() - began < STOP_LIMIT
        print(f"+ stopped after {time.monotonic() - began:.1f} s", flush=True)
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def _as_user(user: int, environment: Path) -> dict[str, Any]:
    """Return the arguments of Popen for another user; none, if this process may not, or the user cannot read the interpreter."""
    interpreter = (environment / "bin/python").resolve()
    if os.getuid() == 0 and all(path.stat().st_mode & 0o005 == 0o005 for path in (*interpreter.parents, *environment.parents)):
        return {"user": user, "group": user, "extra_groups": []}
    print(f"+ not run as the user {user}", flush=True)
    return {}


if __name__ == "__main__":
    sys.exit(main())

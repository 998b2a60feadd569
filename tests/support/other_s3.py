"""Other S3s to compare a fake with: a second fake behind a `Transport`, a server of ours or moto's in another process."""

from __future__ import annotations

import contextlib
import importlib.util
import math
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fakes3part.api.fakes3 import FakeS3
from fakes3part.compare.answers import Answer, answer_of
from fakes3part.compare.bucket_names import new_token
from fakes3part.compare.comparison import Comparison
from fakes3part.compare.signing import Credentials
from fakes3part.compare.target import Target
from fakes3part.message import ReceivedRequest
from fakes3part.pipeline import handle

ACCOUNT = "210987654321"
"""The user's account at the target, which is not the fake's."""

KEYS = Credentials("AKIDOFTHEUSER", "secret of the user", account=ACCOUNT)

BESIDE = Path(__file__).parents[2] / ".venv" / "beside" / "compare"
"""Where ``.ci/run`` installs what moto's server needs besides moto."""


class FakeTransport:
    """A transport to a second fake, which verifies the signatures.

    Attributes:
        sent: method, base URL and target of each request.
    """

    def __init__(self, **settings: Any) -> None:
        self.fake = FakeS3(**{"strict_credentials": True, **settings})
        self.fake.add_account(ACCOUNT, access_key=KEYS.access_key, secret_key=KEYS.secret)
        self.sent: list[tuple[str, str, str]] = []

    def __call__(self, method: str, base: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.sent.append((method, base, target))
        scheme, _, host = base.partition("://")
        path, _, query = target.partition("?")
        received = {**headers, "host": host, "content-length": str(len(body))}
        request = ReceivedRequest(method, host, path, query, received, body, scheme=scheme)
        return answer_of(handle(self.fake, request), method, math.inf)  # not FakeS3.handle, which may be compared


def comparison_with(transport: Any, url: str = "http://127.0.0.1:9", **options: Any) -> Comparison:
    """Return a comparison whose target is behind a transport."""
    return Comparison(Target(url, KEYS, new_token(), transport=transport, **options))


@contextlib.contextmanager
def compared(comparison: Comparison) -> Iterator[None]:
    """Compare every fake of this process meanwhile."""
    original = FakeS3.handle
    FakeS3.handle = lambda self, request: comparison.handle(original, self, request)  # type: ignore[method-assign,arg-type]
    try:
        yield
    finally:
        FakeS3.handle = original  # type: ignore[method-assign]


@contextlib.contextmanager
def own_server(directory: Path) -> Iterator[str]:
    """Run a server of ours in another process; yields its URL."""
    ready = directory / "ready"
    with _process([sys.executable, "-m", "fakes3part", "serve", "--port", "0", "--ready-file", str(ready)]) as server:
        while not ready.exists():
            assert server.poll() is None
            time.sleep(0.02)
        yield ready.read_text().strip()


def missing_for_moto() -> str | None:
    """Return why moto's server cannot run here; None: it can."""
    names = [name for name in ("moto", "flask", "flask_cors") if importlib.util.find_spec(name) is None and not _is_beside(name)]
    return f"moto's server needs {', '.join(names)}: pip install -e .[test-compare]" if names else None


def _is_beside(name: str) -> bool:
    return (BESIDE / name).exists()


@contextlib.contextmanager
def moto_server() -> Iterator[str]:
    """Run moto's server in another process; yields its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = os.pathsep.join(filter(None, (str(BESIDE), os.environ.get("PYTHONPATH"))))
    with _process(
        [sys.executable, "-W", "ignore", "-m", "moto.server", "-p", str(port)], {**os.environ, "PYTHONPATH": path}
    ) as server:
        for _ in range(1000):
            assert server.poll() is None
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _process(command: list[str], environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()

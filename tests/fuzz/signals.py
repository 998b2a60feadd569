"""Stop servers by signals under load: ``python -m tests.fuzz.signals [TRIES]``.

Each try starts ``fakes3part serve``, opens connections and uploads, and sends signals at once.
"""

from __future__ import annotations

import argparse
import itertools
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import NamedTuple

import boto3

CONNECTIONS = 50
UPLOADS = 3
UPLOAD = 1024**3
LIMIT = 2.0
"""Seconds in which a server must have stopped."""

KINDS: tuple[tuple[signal.Signals, ...], ...] = (
    (signal.SIGTERM,),
    (signal.SIGINT,),
    (signal.SIGHUP,),
    (signal.SIGTERM, signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTERM),
)
"""The signals of one try, sent one after the other."""


class Outcome(NamedTuple):
    """What became of a server.

    Attributes:
        status: its exit code; None: it did not stop in time, and was killed.
        seconds: from the first signal to its end.
        err: what it wrote to stderr.
        is_ready: whether its ready file was still there.
    """

    status: int | None
    seconds: float
    err: str
    is_ready: bool

    @property
    def is_good(self) -> bool:
        return self.status == 0 and self.seconds < LIMIT and not self.err and not self.is_ready


def attempt(numbers: tuple[signal.Signals, ...], *, connections: int = CONNECTIONS, uploads: int = UPLOADS) -> Outcome:
    """Start a server, open connections and uploads, send it signals, and return what became of it."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as open_sockets:
        ready = Path(directory) / "ready"
        command = [sys.executable, "-W", "error", "-m", "fakes3part", "serve", "--port", "0", "--ready-file", str(ready)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            address = _address(process.stdout.readline())
            url = presigned_url(address)
            threads = [threading.Thread(target=_upload, args=(address, url), daemon=True) for _ in range(uploads)]
            for thread in threads:
                thread.start()
            for _ in range(connections):
                open_sockets.enter_context(socket.create_connection(address, 10))
            started = time.monotonic()
            for number in numbers:
                process.send_signal(number)
            try:
                process.wait(2 * LIMIT)
            except subprocess.TimeoutExpired:
                return Outcome(None, time.monotonic() - started, "", ready.exists())
            seconds, is_ready = time.monotonic() - started, ready.exists()
            return Outcome(process.returncode, seconds, process.communicate()[1], is_ready)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def _address(line: str) -> tuple[str, int]:
    url = next(word for word in line.split() if word.startswith("http://"))
    host, _, port = url.removeprefix("http://").rpartition(":")
    return host, int(port)


def presigned_url(address: tuple[str, int]) -> str:
    """Create a bucket, and return the URL that puts an object into it, without its host."""
    endpoint = "http://{}:{}".format(*address)
    keys = {"aws_access_key_id": "FOOBARKEY", "aws_secret_access_key": "FOOBARSECRET", "region_name": "us-east-1"}
    with closing(boto3.session.Session().client("s3", endpoint_url=endpoint, **keys)) as client:
        client.create_bucket(Bucket="bucket")
        url: str = client.generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "key"})
        return url.removeprefix(endpoint)


def _upload(address: tuple[str, int], url: str) -> None:
    """Send a large body until the server is gone."""
    with suppress(OSError), socket.create_connection(address, 10) as sock:
        host = "{}:{}".format(*address)
        sock.sendall(f"PUT {url} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {UPLOAD}\r\n\r\n".encode())
        piece = bytes(1 << 20)
        for _ in range(UPLOAD >> 20):
            sock.sendall(piece)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.signals", description=__doc__)
    parser.add_argument("tries", nargs="?", type=int, default=100, help="how many servers are started (default: 100)")
    options = parser.parse_args()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup the servers would inherit that it is ignored, and go on
    good, slowest = 0, 0.0
    for number, numbers in zip(range(options.tries), itertools.cycle(KINDS), strict=False):
        outcome = attempt(numbers)
        good += outcome.is_good
        slowest = max(slowest, outcome.seconds)
        if not outcome.is_good:
            print(f"{number}: {'+'.join(each.name for each in numbers)}: {outcome}", flush=True)
    print(f"{good} of {options.tries} stopped as they must; the slowest took {slowest:.2f} s")
    return 0 if good == options.tries else 1


if __name__ == "__main__":
    raise SystemExit(main())

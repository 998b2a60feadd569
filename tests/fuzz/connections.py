"""Malformed, half and slow requests to a real server: ``python -m tests.fuzz.connections [COUNT] [SEED]``.

Each connection sends changed requests, in pieces, some of them never to the end. The server must neither hang nor answer with
anything but HTTP/1.1 responses; it must answer an ordinary request after each batch, free its threads and descriptors in the end,
stop in order, and write no traceback. It runs in a process of its own, with ``-W error -X dev``.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from fakes3part.message import Request
from tests.fuzz import grammar
from tests.fuzz.mutation import browser_form, mutated
from tests.fuzz.texts import Dice
from tests.fuzz.wire import encoded, spoiled
from tests.fuzz.world import new_world

WORKERS = 8
BATCH = 200
"""Connections between two probes."""

LIMIT = 30.0
"""Seconds that a connection may take."""

HEAD = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) [^\r\n]*\r\n")

DENIAL = re.compile(r"[-\d]+ [:,\d]+ denied: ")


class WireError(AssertionError):
    """The server did what it must not."""


class ServerProcess:
    """A server in a process of its own.

    Attributes:
        address: its host and port.
    """

    def __init__(self) -> None:
        command = [sys.executable, "-W", "error", "-X", "dev", "-m", "fakes3part", "serve", "--port", "0"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found = re.search(r"http://([\d.]+):(\d+)", line)
        assert found is not None, line
        self.address = found[1], int(found[2])

    @property
    def url(self) -> str:
        return "http://{}:{}".format(*self.address)

    @property
    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self._process.pid}/task"))

    @property
    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self._process.pid}/fd"))

    @property
    def memory(self) -> int:
        """Resident bytes."""
        return int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def probe(self) -> None:
        """Raise unless the server answers an ordinary request within the limit."""
        connection = http.client.HTTPConnection(*self.address, timeout=LIMIT)
        with contextlib.closing(connection):
            connection.request("GET", "/_fakes3part/health")
            if connection.getresponse().status != 200:
                raise WireError("the probe was not answered")

    def stop(self) -> str:
        """Stop it by a signal, and return what it wrote to stderr."""
        self._process.send_signal(signal.SIGTERM)
        try:
            err = self._process.communicate(timeout=LIMIT)[1]
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise WireError("SIGTERM did not stop the server") from None
        if self._process.returncode:
            raise WireError(f"exit status {self._process.returncode}: {err}")
        return err


def requests(seed: int) -> Iterator[tuple[Dice, Request]]:
    """Yield random requests by the grammar, changed valid ones, and forms."""
    random = Dice(seed)
    fake, recorded = new_world(seed)
    date = fake.clock.now().strftime("%Y%m%dT%H%M%SZ")
    fake.close()
    while True:
        chance = random.random()
        if chance < 0.4:
            yield random, grammar.request(random, date)
        else:
            yield random, mutated(random, random.choice(recorded)) if chance < 0.95 else browser_form(random)


def connections(seed: int) -> Iterator[tuple[list[bytes], str]]:
    """Yield what each connection sends, in pieces, and how it ends: ``read``, ``half`` (never sent to the end) or ``reset``."""
    for random, request in requests(seed):
        sent = b"".join(spoiled(random, encoded(random, request)) for _ in range(random.choice((1, 1, 1, 2, 4))))
        ending = random.choice(("read",) * 8 + ("half", "reset"))
        if ending != "read":
            sent = sent[: random.randrange(len(sent) + 1)]
        size = random.choice((10, 200, 100_000, 100_000, 100_000))
        yield [sent[start : start + size] for start in range(0, min(len(sent), 40 * size), size)], ending


def send(address: tuple[str, int], pieces: list[bytes], ending: str) -> list[int]:
    """Send the pieces, and return the statuses of the responses.

    Raises:
        WireError: the server hangs, or what it sends is no response.
    """
    try:
        with socket.create_connection(address, LIMIT) as connection:
            with contextlib.suppress(ConnectionError):
                for piece in pieces:
                    connection.sendall(piece)
                    if len(pieces) > 1:
                        time.sleep(0.0005)
                if ending == "reset":
                    return []
                with contextlib.suppress(OSError):  # the server has closed it
                    connection.shutdown(socket.SHUT_WR)
            return statuses(_read(connection))
    except TimeoutError:
        raise WireError(f"no end of the response within {LIMIT} s to {b''.join(pieces)[:500]!r}") from None


def _read(connection: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(1 << 16):
            received += piece
    return received


def statuses(received: bytes) -> list[int]:
    """Return the statuses of the responses that a connection has received; 500 is a failure of the server.

    Raises:
        WireError: it is not a sequence of responses; the last may be cut off.
    """
    found = []
    if received and not HEAD.match(received):
        raise WireError(f"no response: {received[:300]!r}")
    for match in HEAD.finditer(received):
        found.append(int(match[1]))
        if match[1] == b"500":
            raise WireError(f"an internal error: {received[match.start() :][:600]!r}")
    return found


def run(server: ServerProcess, count: int, seed: int) -> Counter[int]:
    """Make connections, with a probe after each batch, and return how often each status came."""
    counts = Counter[int]()
    planned = islice(connections(seed), count)
    with ThreadPoolExecutor(WORKERS) as pool:
        while batch := list(islice(planned, BATCH)):
            for found in pool.map(lambda planned: send(server.address, *planned), batch):
                counts.update(found)
            server.probe()
    return counts


def settled(server: ServerProcess, threads: int, descriptors: int) -> None:
    """Wait until the server has no more threads and descriptors than before.

    Raises:
        WireError: it still has more after the limit.
    """
    end = time.monotonic() + LIMIT
    while server.threads > threads or server.descriptors > descriptors:
        if time.monotonic() > end:
            raise WireError(f"threads {threads} -> {server.threads}, descriptors {descriptors} -> {server.descriptors}")
        time.sleep(0.1)


def check_log(err: str) -> None:
    """Raise `WireError` for anything on stderr but the reasons of denials."""
    unexpected = [line for line in err.splitlines() if not DENIAL.match(line)]
    if unexpected:
        raise WireError("stderr:\n" + "\n".join(unexpected))


def check(count: int, seed: int) -> str:
    """Make connections to a new server, and return figures.

    Raises:
        WireError: the server did what it must not.
    """
    server = ServerProcess()
    try:
        server.probe()
        time.sleep(0.5)
        threads, descriptors = server.threads, server.descriptors
        started = time.monotonic()
        counts = run(server, count, seed)
        seconds = time.monotonic() - started
        settled(server, threads, descriptors)
    except BaseException:
        with contextlib.suppress(WireError):
            print(server.stop(), file=sys.stderr)
        raise
    check_log(server.stop())
    return f"{count:,} connections in {seconds:.0f} s, {counts.total():,} responses: {dict(sorted(counts.items()))}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.connections", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=10_000, help="how many connections (default: 10,000)")
    parser.add_argument("seed", nargs="?", type=int, default=0, help="equal seeds make equal connections")
    options = parser.parse_args()
    print(check(options.count, options.seed))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""``serve`` in another process: signals under load, and what happens when descriptors run out or nobody reads stderr."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from fakes3part.cli import stderr_log
from tests.fuzz.signals import KINDS, LIMIT, attempt, presigned_url
from tests.support.raw_server import RawConnection, request

GET = request("GET", "/bucket/key")
SERVE = [sys.executable, "-W", "error", "-m", "fakes3part", "serve", "--port", "0"]


class Serving(NamedTuple):
    """A running ``serve``, whose stderr is read only when a test does it."""

    process: subprocess.Popen[str]
    address: tuple[str, int]

    def stop(self) -> str:
        """Send SIGTERM and return what was written to stderr."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(5) == 0
        assert self.process.stderr is not None
        return self.process.stderr.read()


@contextlib.contextmanager
def serving(*command: str) -> Iterator[Serving]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
        host, _, port = url.removeprefix("http://").rpartition(":")
        yield Serving(process, (host, int(port)))
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def cpu_seconds(process: subprocess.Popen[str]) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("numbers", [*KINDS, KINDS[-1][::-1]], ids=lambda numbers: "-".join(number.name for number in numbers))
def test_the_first_signal_stops_it_under_load(numbers: tuple[signal.Signals, ...]) -> None:
    outcome = attempt(numbers)
    assert outcome.is_good, outcome


def test_a_signal_does_not_wait_for_a_request_that_is_held() -> None:
    with serving(*SERVE) as served, RawConnection(served.address) as control, RawConnection(served.address) as held:
        body = b'{"operation": "GetObject"}'
        paused = control.send(request("POST", "/_fakes3part/pauses", "Content-Type: application/json", body=body)).response()
        assert paused[0] == "200 OK"
        held.send(GET)
        while b'"waiting": []' in control.send(request("GET", "/_fakes3part/pauses")).response()[2]:
            pass
        began = time.monotonic()
        assert served.stop() == ""
        assert time.monotonic() - began < LIMIT


def test_sighup_is_ignored_under_nohup() -> None:
    with serving("nohup", *SERVE) as served, RawConnection(served.address) as connection:
        served.process.send_signal(signal.SIGHUP)
        for _ in range(3):
            assert connection.send(GET).response()[0] == "404 Not Found"
        served.stop()


def test_ctrl_c_ends_other_commands_quietly() -> None:
    program = ["import fakes3part.cli.main as m", "def stop(): raise KeyboardInterrupt", "m.operations.operations_table = stop"]
    code = "\n".join([*program, "exit(m.main())"])
    done = subprocess.run([sys.executable, "-c", code, "operations"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


FEW = ("sh", "-c", 'ulimit -n 40; exec "$@"', "sh", *SERVE)
"""A server that has no descriptors for 40 connections."""

ABSENT = request("GET", "/absent/key")
CANNOT_ACCEPT = " fakes3part cannot accept connections for now: Too many open files"


class Uploads:
    """Uploads that are half sent, as many as there are descriptors for or more."""

    def __init__(self, served: Serving, count: int) -> None:
        url, host = presigned_url(served.address), "{}:{}".format(*served.address)
        head = f"PUT {url} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 8\r\n\r\n".encode()
        self.connections = [RawConnection(served.address).send(head, b"1234") for _ in range(count)]

    def finish(self) -> None:
        """Send the rest, and check that each is stored."""
        for connection in self.connections:
            connection.send(b"5678")
        for connection in self.connections:
            assert connection.response()[0] == "200 OK"
            connection.close()


def test_without_descriptors_it_waits_for_some() -> None:
    """Uploads hold all descriptors: one line in the log, no spinning, none is cut, and others get their turn when they end."""
    with serving(*FEW) as served:
        uploads = Uploads(served, 60)
        before = cpu_seconds(served.process)
        began = time.monotonic()
        with RawConnection(served.address, timeout=1.5) as connection, pytest.raises(TimeoutError):
            connection.send(ABSENT).response()
        assert cpu_seconds(served.process) - before < (time.monotonic() - began) / 2
        uploads.finish()
        with RawConnection(served.address) as connection:
            assert connection.send(ABSENT).response()[0] == "404 Not Found"
        (line,) = served.stop().splitlines()
        assert line.endswith(CANNOT_ACCEPT)


@pytest.mark.parametrize("sent", [ABSENT, b"", ABSENT[:5]], ids=["keep-alive", "silent", "half a line"])
def test_idle_connections_make_room(sent: bytes) -> None:
    """The longest idle ones are closed for new clients; uploads are not cut, however long they take."""
    with serving(*FEW) as served, contextlib.ExitStack() as stack:
        uploads = Uploads(served, 10)
        idle = [stack.enter_context(RawConnection(served.address)).send(sent) for _ in range(50)]
        if sent == ABSENT:
            for connection in idle:
                assert connection.response()[0] == "404 Not Found"
        else:  # those that have been accepted first are closed for the last
            assert idle[0].stream.read(1) == b""
        began = time.monotonic()
        for _ in range(5):
            newest = stack.enter_context(RawConnection(served.address))
            assert newest.send(ABSENT).response()[0] == "404 Not Found"
        assert time.monotonic() - began < 2
        for connection in idle[:20]:
            assert connection.stream.read(1) == b""
        if sent == ABSENT:
            assert idle[-1].send(ABSENT).response()[0] == "404 Not Found"
            assert newest.send(ABSENT).response()[0] == "404 Not Found"
        uploads.finish()
        (line,) = served.stop().splitlines()
        assert line.endswith(CANNOT_ACCEPT)


@pytest.mark.parametrize("sent", [ABSENT, ABSENT[:5]])
def test_a_signal_stops_it_without_descriptors(sent: bytes) -> None:
    with serving(*FEW) as served, contextlib.ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(RawConnection(served.address)).send(sent)
        assert served.process.stderr is not None
        line = served.process.stderr.readline().rstrip()
        assert line.endswith(CANNOT_ACCEPT)
        began = time.monotonic()
        assert served.stop() == ""
        assert time.monotonic() - began < LIMIT


def test_a_busy_connection_is_not_closed() -> None:
    """A client that sends one request after the other keeps its connection, while new ones come and go."""
    with serving(*FEW) as served, RawConnection(served.address) as busy, contextlib.ExitStack() as stack:
        end = time.monotonic() + 2
        for _ in range(60):
            stack.enter_context(RawConnection(served.address)).send(ABSENT)
        while time.monotonic() < end:
            assert busy.send(ABSENT).response()[0] == "404 Not Found"
            time.sleep(0.02)
        served.stop()


def test_a_connection_gets_its_turn_when_another_closes() -> None:
    with serving("sh", "-c", 'ulimit -n 40; exec "$@"', "sh", *SERVE) as served:
        connections = [RawConnection(served.address) for _ in range(40)]
        for connection in connections:
            assert connection.send(GET).response()[0] == "404 Not Found"
            connection.close()
        served.stop()


@pytest.mark.parametrize("flags", [[], ["--verbose"]])
def test_stderr_that_nobody_reads_blocks_nothing(flags: list[str]) -> None:
    """More is logged than a pipe holds: each denial is a line of 1 KB, each request another of 4 KB with --verbose."""
    with serving(*SERVE, *flags) as served, RawConnection(served.address) as connection:
        seed = request("POST", "/_fakes3part/seed", "Content-Type: application/json", body=b'{"bucket": {}}')
        assert connection.send(seed).response()[0] == "200 OK"
        get = request("GET", f"/bucket/{'k' * 1000}?{'x' * 3000}")
        for _ in range(150):
            assert connection.send(get).response()[0] == "403 Forbidden"
        began = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(5) == 0
        assert time.monotonic() - began < LIMIT
        assert served.process.stderr is not None
        assert 30_000 < len(served.process.stderr.read()) < 100_000  # it was full: 150 lines have more


def test_what_does_not_fit_is_counted(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The log keeps what the reader of stderr is too slow for, and says how much of it was lost."""
    monkeypatch.setattr(stderr_log, "MOST_LINES", 3)
    written = threading.Event()
    write = os.write

    def wait_and_write(descriptor: int, data: bytes) -> int:
        written.wait(10)
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", wait_and_write)
    handler = stderr_log.WriterHandler(stderr_log.DescriptorWriter(2))
    records = [logging.makeLogRecord({"msg": f"line {number}"}) for number in range(20)]
    for record in records:
        handler.handle(record)
    written.set()
    handler.flush()
    handler.handle(records[-1])
    handler.flush()
    lines = capfd.readouterr().err.splitlines()
    kept = len(lines) - 2
    assert lines == [
        *(f"line {number}" for number in range(kept)),
        f"({20 - kept} lines were dropped, as stderr is not read)",
        "line 19",
    ]
    assert kept in (3, 4)


def test_closed_stderr_and_stdout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = f"exec {' '.join(SERVE[:-1])} {port} --verbose 2>&- >/dev/null"
    process = subprocess.Popen(["sh", "-c", command])
    try:
        for _ in range(200):
            with contextlib.suppress(ConnectionRefusedError), RawConnection(("127.0.0.1", port)) as connection:
                assert connection.send(GET).response()[0] == "404 Not Found"
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()

"""A request for which there is no memory: an error of S3, one line in the log, and the server goes on."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from fakes3part.faults import Effect
from tests.fuzz.signals import presigned_url
from tests.support.doors import Door, refused
from tests.support.raw_server import RawConnection, request
from tests.support.state import unchanged

MESSAGE = "fakes3part has no memory left for this request. Nothing was stored."


@dataclass(frozen=True)
class NoMemory(Effect):
    """There is no memory for an operation."""

    def before(self, operation: Any) -> bool:
        raise MemoryError


def test_no_memory_for_an_operation(door: Door, bucket: str, caplog: pytest.LogCaptureFixture) -> None:
    """In this process it is the caller's own memory: he gets Python's exception."""
    door.fake.fail("PutObject", NoMemory(), times=1)
    put = {"Bucket": bucket, "Key": "k", "Body": b"x"}
    with unchanged(door.fake), door.client_with(config=_once()) as client:
        if door.name == "server":
            refused(lambda: client.put_object(**put), 503, "ServiceUnavailable", MESSAGE)
            records = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
            assert records == [f"fakes3part has no memory for <Request PUT {door.url}/bucket/k>"]
        else:
            with pytest.raises(MemoryError):
                client.put_object(**put)
    door.client.put_object(**put)


def _once() -> Any:
    from botocore.config import Config

    return Config(retries={"total_max_attempts": 1})


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit the address space")
def test_no_memory_for_a_body() -> None:
    """The server may use 700 MB, and is sent 2 GB: it refuses them, and everything else goes on."""
    serve = [sys.executable, "-W", "error", "-m", "fakes3part", "serve", "--port", "0"]
    process = subprocess.Popen(
        ["sh", "-c", 'ulimit -v 700000; exec "$@"', "sh", *serve], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        url = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
        host, _, port = url.removeprefix("http://").rpartition(":")
        address = host, int(port)
        target = presigned_url(address)
        with RawConnection(address, timeout=20) as connection:
            head = f"PUT {target} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {2 << 30}\r\n\r\n"
            connection.send(head.encode())
            with contextlib.suppress(ConnectionError):
                for _ in range(2 << 10):
                    connection.send(bytes(1 << 20))
            status, _, body = connection.response()
        assert status == "503 Service Unavailable"
        assert f"<Code>ServiceUnavailable</Code><Message>{MESSAGE}</Message>".encode() in body
        with RawConnection(address) as connection:
            assert connection.send(request("GET", "/bucket/key")).response()[0] == "403 Forbidden"
            small = f"PUT {target} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 1\r\n\r\nx"
            assert connection.send(small.encode()).response()[0] == "200 OK"
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        lines = [line for line in process.stderr.read().splitlines() if "has no memory" in line]
        assert len(lines) == 1
        assert "Signature=***" in lines[0] or "X-Amz-Signature" not in lines[0]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_too_many_threads(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A connection for which no thread can be started is closed; the next one is served."""
    import threading

    from fakes3part import Server

    with Server() as server:
        start = threading.Thread.start
        failures = [1]

        def fail_once(thread: threading.Thread) -> None:
            if thread.name == "fakes3part connection" and failures:
                failures.pop()
                raise RuntimeError("can't start new thread")
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", fail_once)
        with RawConnection(server.get_host_and_port()) as connection, contextlib.suppress(ConnectionError):
            assert connection.ended()
        with RawConnection(server.get_host_and_port()) as connection:
            assert connection.send(request("GET", "/_fakes3part/health")).response()[0] == "200 OK"
        messages = [record.getMessage() for record in caplog.records]
        assert messages == ["fakes3part cannot accept connections for now: can't start new thread"]
        assert socket.create_connection(server.get_host_and_port()).close() is None

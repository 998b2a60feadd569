"""A few hundred malformed connections to a real server, and that its faults are found. More: ``nox -s connections``."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from tests.fuzz import connections
from tests.fuzz.connections import WireError, check, check_log, send, statuses

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts threads and descriptors in /proc")
def test_malformed_connections() -> None:
    assert re.match(r"300 connections in \d+ s, \d+ responses: \{.*200: ", check(300, seed=2026))


def test_equal_seeds_make_equal_connections() -> None:
    """Only dates and signatures differ."""
    first, second = ([(len(b"".join(sent)), ending) for sent, ending in islice(connections.connections(5), 50)] for _ in range(2))
    assert first == second
    assert {ending for _, ending in first} == {"read", "half", "reset"}


@pytest.mark.parametrize(
    ("received", "found"),
    [(b"", []), (OK, [200]), (OK + OK.replace(b"200 OK", b"404 Not Found"), [200, 404]), (OK[:30], [200])],
)
def test_statuses(received: bytes, found: list[int]) -> None:
    assert statuses(received) == found


@pytest.mark.parametrize("received", [b"ok", b"<html>", b"HTTP/1.1 OK\r\n", OK + b"HTTP/1.1 500 Internal Server Error\r\n\r\n"])
def test_what_must_never_be(received: bytes) -> None:
    with pytest.raises(WireError):
        statuses(received)


def test_what_is_on_stderr() -> None:
    check_log("2026-11-30 18:58:06,801 denied: s3:GetObject on x by *: no bucket policy\n")
    with pytest.raises(WireError, match="Traceback"):
        check_log("2026-11-30 18:58:06,801 denied: x\nTraceback (most recent call last):\n")


def test_a_server_that_hangs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LIMIT", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        accepted = list[socket.socket]()
        thread = threading.Thread(target=lambda: accepted.append(listener.accept()[0]))
        thread.start()
        with pytest.raises(WireError, match=r"no end of the response within 0\.2 s to b'GET'"):
            send(listener.getsockname(), [b"GET"], "read")
        thread.join()
        accepted[0].close()

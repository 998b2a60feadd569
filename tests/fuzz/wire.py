"""Requests as bytes, rarely changed, in pieces of any size, to the connection on which in-process doors are built."""

from __future__ import annotations

from contextlib import suppress

from fakes3part.intercept.connection import Connection, Download, End, Pause
from fakes3part.intercept.network_guard import ServiceNotFaked
from fakes3part.message import Request
from tests.fuzz.texts import Dice

HOST = "s3.amazonaws.com"
_PIECES = (b"\r\n", b"\n", b"\r", b"\x00", b" ", b"\t", b":", b",", b"\xff", b"0", b"9" * 30, b"[", b"Host: a\r\n", b"\r\n\r\n")
_LINES = (
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding:",
    b"Transfer-Encoding: gzip",
    b"Content-Length: 5",
    b"Content-Length: 99999999999999999999",
    b"Expect: 100-continue",
    b"Connection: close",
    b"Host: other",
    b"X",
    b": x",
)


class WireFault(Exception):
    """What a connection has sent is no response of HTTP/1.1, or a failure of ours."""


def send(random: Dice, request: Request) -> None:
    """Send a request, and raise `WireFault` unless what comes back is one response after the other."""
    sent = spoiled(random, encoded(random, request))
    connection = Connection(HOST, secure=False)
    with suppress(ServiceNotFaked):  # a changed target may name another service of AWS
        while sent:
            size = random.choice((1, 10, 100, 100_000, 100_000))
            connection.receive(sent[:size])
            sent = sent[size:]
        connection.receive_end()
    received = b"".join(bytes(event) for event in connection.events if not isinstance(event, (Download, End, Pause)))
    if (received and not received.startswith(b"HTTP/1.1 ")) or b"HTTP/1.1 500 " in received:
        raise WireFault(received[:300])


def encoded(random: Dice, request: Request) -> bytes:
    body = request.payload.data
    headers = {**request.headers, "host": request.host, "content-length": str(len(body))}
    if random.random() < 0.2:
        del headers["content-length"]
        headers["transfer-encoding"] = "chunked"
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    lines = [f"{request.method} {request.path}{'?' if request.query else ''}{request.query} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body


def spoiled(random: Dice, sent: bytes) -> bytes:
    for _ in range(random.choice((0, 1, 1, 2, 4))):
        if random.random() < 0.3:
            lines = sent.split(b"\r\n")
            lines.insert(random.randrange(1, len(lines) + 1), random.choice(_LINES))
            sent = b"\r\n".join(lines)
        else:
            place = random.randrange(len(sent) + 1)
            sent = sent[:place] + random.choice(_PIECES) + sent[place + random.choice((0, 0, 1, 5)) :]
    return sent

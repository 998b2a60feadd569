"""An answer on the wire that a fault befell: too slow, in part, or not at all."""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from select import select

from ..message import Buffer, Delivery, Response, Segments

_STEP = 0.05
"""Seconds: how often a slow body sends something, and a stalled one looks whether the client is still there."""

_IGNORED = 64 * 1024
_NO_LINGER = struct.pack("ii", 1, 0)


def send_badly(sock: socket.socket, delivery: Delivery, head: bytes, body: Segments, *, chunked: bool) -> bool:
    """Send what the wire lets through, and bring its end about.

    Returns:
        whether the socket, when it is closed, will be reset.
    """
    if delivery.head:
        sock.sendall(head)
        for piece in slowly(portion(body, delivery.body), delivery):
            sock.sendall(b"".join((b"%x\r\n" % len(piece), piece, b"\r\n")) if chunked else piece)
        if chunked and not delivery.end:
            sock.sendall(b"0\r\n\r\n")
    if delivery.end == "stall":
        _stall(sock, delivery)
    if delivery.end in ("reset", "refuse"):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        return True
    with suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
    return False


def broken_off(response: Response, delivery: Delivery, sock: socket.socket | None, *, sends: bool) -> Iterator[bytes]:
    """The same for a WSGI server: the body as far as it comes, then an error that makes the server drop the connection.

    WSGI knows no sockets. Where the server lends its own (werkzeug's and gunicorn's do) it is shut down, elsewhere the error is
    all that can be done: servers take it for a client that has gone, or answer 500 when nothing was sent before. So nothing is
    ever reset, only closed; and what stalls does so until its rule is removed, whether the client is still there or not.

    Raises:
        ConnectionResetError: at once when nothing at all is sent.
    """
    if not delivery.head:
        raise _dropped(delivery, sock)
    return _broken_off(response, delivery, sock) if sends else iter(())


def _broken_off(response: Response, delivery: Delivery, sock: socket.socket | None) -> Iterator[bytes]:
    for piece in slowly(portion(response.body, delivery.body), delivery):
        yield bytes(piece)
    if delivery.end:
        raise _dropped(delivery, sock)


def _dropped(delivery: Delivery, sock: socket.socket | None) -> ConnectionResetError:
    if delivery.end == "stall":
        delivery.removed.wait()
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
    return ConnectionResetError(errno.ECONNRESET, "a fault of fakes3part cuts the connection")


def portion(body: Segments, size: int | None) -> Iterator[Buffer]:
    """The first ``size`` bytes of a body; None: all."""
    left = sum(map(len, body)) if size is None else size
    for segment in body:
        if left <= 0:
            return
        yield segment if len(segment) <= left else memoryview(segment)[:left]
        left -= len(segment)


def slowly(pieces: Iterator[Buffer], delivery: Delivery) -> Iterator[Buffer]:
    """The same bytes, at the wire's rate: each piece is what comes in one step, and takes its time before it comes."""
    rate = delivery.rate
    if rate is None:
        yield from pieces
        return
    size = max(1, int(rate * _STEP))
    for piece in pieces:
        view = memoryview(piece)
        for at in range(0, len(view), size):
            step = view[at : at + size]
            delivery.sleep(len(step) / rate)
            yield step


def _stall(sock: socket.socket, delivery: Delivery) -> None:
    while not delivery.removed.wait(_STEP):
        if select([sock], [], [], 0)[0]:
            try:
                gone = not sock.recv(_IGNORED)  # what it still says stands before its end
            except OSError:
                gone = True
            if gone:
                return

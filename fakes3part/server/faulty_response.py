"""Sends a response with an injected fault: too slowly, in part, or not at all."""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from select import select

from ..message import Buffer, Delivery, Response, Segments

_STEP = 0.05
"""Seconds between two sends of a throttled body, and between two checks whether the client of a stalled response has gone."""

_IGNORED = 64 * 1024
_NO_LINGER = struct.pack("ii", 1, 0)


def send_faulty(sock: socket.socket, delivery: Delivery, head: bytes, body: Segments, *, chunked: bool) -> bool:
    """Send as much of a response as ``delivery`` lets through, and end the connection as it says.

    Returns:
        whether closing the socket will reset the connection.
    """
    if delivery.head:
        sock.sendall(head)
        for piece in throttled(first_bytes(body, delivery.body), delivery):
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


def interrupted_body(response: Response, delivery: Delivery, sock: socket.socket | None, *, sends: bool) -> Iterator[bytes]:
    """Return the body for a WSGI server: as much as is delivered, then an error that makes the server drop the connection.

    WSGI has no access to the socket. Where the server provides its own (werkzeug and gunicorn do) it is shut down; elsewhere the
    error is all that is possible: servers treat it as a client that has gone, or respond 500 if nothing was sent before. So the
    connection is never reset, only closed, and a stalled response stalls until its rule is removed, even if the client has gone.

    Args:
        sock: the server's socket; None: it provides none.
        sends: whether HTTP allows the response to have a body.

    Raises:
        ConnectionResetError: at once, if nothing at all is sent.
    """
    if not delivery.head:
        raise _connection_error(delivery, sock)
    return _interrupted_body(response, delivery, sock) if sends else iter(())


def _interrupted_body(response: Response, delivery: Delivery, sock: socket.socket | None) -> Iterator[bytes]:
    for piece in throttled(first_bytes(response.body, delivery.body), delivery):
        yield bytes(piece)
    if delivery.end:
        raise _connection_error(delivery, sock)


def _connection_error(delivery: Delivery, sock: socket.socket | None) -> ConnectionResetError:
    if delivery.end == "stall":
        delivery.removed.wait()
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
    return ConnectionResetError(errno.ECONNRESET, "a fault of fakes3part cuts the connection")


def first_bytes(body: Segments, size: int | None) -> Iterator[Buffer]:
    """Yield the first ``size`` bytes of a body; None: all."""
    left = sum(map(len, body)) if size is None else size
    for segment in body:
        if left <= 0:
            return
        yield segment if len(segment) <= left else memoryview(segment)[:left]
        left -= len(segment)


def throttled(pieces: Iterator[Buffer], delivery: Delivery) -> Iterator[Buffer]:
    """Yield the same bytes at the delivery's rate: in pieces of one step each, which sleep before they are yielded."""
    rate = delivery.rate
    if rate is None:
        yield from pieces
        return
    size = max(1, int(rate * _STEP))
    for piece in pieces:
        view = memoryview(piece)
        for start in range(0, len(view), size):
            step = view[start : start + size]
            delivery.sleep(len(step) / rate)
            yield step


def _stall(sock: socket.socket, delivery: Delivery) -> None:
    while not delivery.removed.wait(_STEP):
        if select([sock], [], [], 0)[0]:
            try:
                gone = not sock.recv(_IGNORED)  # bytes that the client still sends come before its end of file
            except OSError:
                gone = True
            if gone:
                return

"""Sends a response with an injected fault: too slowly, in part, or not at all."""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from select import select

from ..faults.delivery import delivered
from ..message import Delivery, Response, Segments
from ..protocol.http1 import LAST_CHUNK, chunk

_CHECK = 0.05
"""Seconds between two checks whether the client of a stalled response has gone."""

_IGNORED = 64 * 1024
_NO_LINGER = struct.pack("ii", 1, 0)


def send_faulty(sock: socket.socket, delivery: Delivery, head: bytes, body: Segments, *, chunked: bool) -> bool:
    """Send as much of a response as ``delivery`` lets through, and end the connection as it says.

    Returns:
        whether closing the socket will reset the connection.
    """
    if delivery.head:
        sock.sendall(head)
        for buffer in delivered(body, delivery):
            sock.sendall(b"".join(chunk(buffer)) if chunked else buffer)
        if chunked and not delivery.end:
            sock.sendall(LAST_CHUNK)
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
    for buffer in delivered(response.body, delivery):
        yield bytes(buffer)
    if delivery.end:
        raise _connection_error(delivery, sock)


def _connection_error(delivery: Delivery, sock: socket.socket | None) -> ConnectionResetError:
    if delivery.end == "stall":
        delivery.removed.wait()
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
    return ConnectionResetError(errno.ECONNRESET, "a fault of fakes3part cuts the connection")


def _stall(sock: socket.socket, delivery: Delivery) -> None:
    while not delivery.removed.wait(_CHECK):
        if select([sock], [], [], 0)[0]:
            try:
                is_closed = not sock.recv(_IGNORED)  # bytes that the client still sends come before its end of file
            except OSError:
                is_closed = True
            if is_closed:
                return

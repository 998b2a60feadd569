"""Checks the port that a server is to listen on, and explains why it cannot."""

from __future__ import annotations

import errno
import socket

_PRIVILEGED = 1024
"""Ports below this one are for root on most systems."""

_ADDRESSES = "The host must be a name or an address of this machine: 127.0.0.1, or 0.0.0.0 for all of its addresses"


def check_port(port: object) -> int:
    """Return a port.

    Raises:
        ValueError: it is not a whole number, 0 to 65535.
    """
    if not isinstance(port, int) or isinstance(port, bool) or not 0 <= port <= 65535:
        raise ValueError(f"port must be a whole number, 0 to 65535, not {port!r}")
    return port


def listen_error(error: OSError, host: str, port: int, free_port: str) -> OSError:
    """Return an error of the same kind that names the address, and what to do.

    Args:
        error: what binding the socket raised.
        free_port: what the user writes for a free port, such as ``--port 0``.
    """
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    text = f"cannot listen on {address}: {error.strerror or error}"
    if isinstance(error, socket.gaierror):
        return socket.gaierror(error.errno, f"{text}. {_ADDRESSES}")
    if error.errno == errno.EADDRNOTAVAIL:
        text = f"{text}. {_ADDRESSES}"
    elif error.errno == errno.EADDRINUSE:
        text = f"{text}. Stop the program that listens there, or choose another port: {free_port} takes a free one"
    elif error.errno == errno.EACCES and port < _PRIVILEGED:
        text = f"{text}. Ports below {_PRIVILEGED} need privileges; choose a higher one: {free_port} takes a free one"
    return OSError(error.errno, text)

"""The connection of a forked child to the process that owns its fakes.

A pair of sockets is made before each fork. Over the child's end, each of its threads (and of its own forked children) asks for
a connection of its own, by passing the other end of a new pair: a call that a test pauses must not stop the others. On a
connection, messages are pickled objects with their length; only processes that were forked from each other can have one.
"""

from __future__ import annotations

import _socket
import os
import pickle
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_LENGTH = struct.Struct("!Q")
_PIECE = 1 << 20

Answer = Callable[[Any], Any]
"""Returns the result of a message of the child, in the parent."""


class Connection:
    """One end of a connection. It is closed when it is dropped."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def send(self, message: Any) -> None:
        """Send a message. Raises OSError if the other end is closed."""
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        view = memoryview(_LENGTH.pack(len(data)) + data)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def receive(self) -> Any:
        """Return the next message. Raises EOFError if the other end is closed."""
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size))
        return pickle.loads(self._read(length))

    def _read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            piece = os.read(self._descriptor, min(size - len(data), _PIECE))
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)

    def __del__(self) -> None:
        with suppress(OSError):
            os.close(self._descriptor)


def pair() -> tuple[int, int]:
    """Return the descriptors of two connected sockets, which no program that is executed inherits."""
    # Not `socket.socketpair`, whose class pytest-socket replaces.
    first, second = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM)
    return first.detach(), second.detach()


class Parent:
    """The way from a forked child to its parent.

    Args:
        control: the child's end of the pair.
    """

    def __init__(self, control: int) -> None:
        self.process = os.getppid()
        self._control = control
        self._thread = threading.local()

    def call(self, message: Any) -> Any:
        """Send a message to the parent and return the result.

        Raises:
            OSError: the parent has ended.
            EOFError: likewise.
        """
        connection: Connection | None = getattr(self._thread, "connection", None)
        if connection is None:
            connection = self._thread.connection = self._connect()
        connection.send(message)
        return connection.receive()

    def _connect(self) -> Connection:
        own_end, parents_end = pair()
        connection = Connection(own_end)
        control = _socket.socket(fileno=self._control)
        try:
            control.sendmsg([b"+"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", parents_end))])
        finally:
            control.detach()
            os.close(parents_end)
        return connection

    def forget_connections(self) -> None:
        """Connect anew, in a child that was forked from this process: two processes must not share a connection."""
        self._thread = threading.local()


def serve(control: int, answer: Answer, ended: Callable[[], object]) -> None:
    """Answer a child, in the parent, in a thread that ends with the child (and with those that were forked from it).

    Args:
        control: the parent's end of the pair.
        answer: called with each message.
        ended: called when the thread ends.
    """
    arguments = (control, answer, ended)
    threading.Thread(target=_accept, args=arguments, name="fakes3part fork", daemon=True).start()


def _accept(control: int, answer: Answer, ended: Callable[[], object]) -> None:
    accepting = _socket.socket(fileno=control)
    try:
        while True:
            data, ancillary, _, _ = accepting.recvmsg(1, _socket.CMSG_SPACE(4))
            if not data:
                return
            for _, _, passed in ancillary:
                (descriptor,) = struct.unpack("i", passed[:4])
                os.set_inheritable(descriptor, False)
                thread = threading.Thread(target=_answer, args=(descriptor, answer), name="fakes3part fork", daemon=True)
                thread.start()
    finally:
        ended()
        accepting.close()


def _answer(descriptor: int, answer: Answer) -> None:
    connection = Connection(descriptor)
    with suppress(OSError, EOFError):
        while True:
            connection.send(answer(connection.receive()))

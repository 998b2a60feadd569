"""Many connections to a server at once, from one selector loop: threads of a Python client would wait for each other."""

from __future__ import annotations

import selectors
import socket
import time
from urllib.parse import urlsplit

_WARM = 5
"""Requests of each connection that are not measured."""


def waits_of_many(url: str, request: bytes, connections: int, requests: int) -> list[float]:
    """Send a request over each connection again and again, and return the seconds that each response took.

    Raises:
        RuntimeError: a response is not a 200 with a Content-Length, or the server closes a connection.
    """
    parts = urlsplit(url)
    selector = selectors.DefaultSelector()
    clients = [_Client(socket.create_connection((parts.hostname, parts.port)), request) for _ in range(connections)]
    for client in clients:
        selector.register(client.socket, selectors.EVENT_READ, client)
        client.send()
    open_clients = len(clients)
    while open_clients:
        for key, _ in selector.select():
            client = key.data
            if not client.receive():
                continue
            if len(client.waits) < requests:
                client.send()
            else:
                selector.unregister(client.socket)
                client.socket.close()
                open_clients -= 1
    return [wait for client in clients for wait in client.waits[_WARM:]]


class _Client:
    """One connection, which waits for one response at a time."""

    def __init__(self, connection: socket.socket, request: bytes) -> None:
        self.socket, self._request = connection, request
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._started = 0.0
        self.waits: list[float] = []

    def send(self) -> None:
        self._received, self._started = b"", time.perf_counter()
        self.socket.sendall(self._request)

    def receive(self) -> bool:
        """Read what there is, and return whether the response is complete."""
        data = self.socket.recv(65536)
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not data or (end and not head.startswith(b"HTTP/1.1 200 ")):
            raise RuntimeError(f"the server sent {self._received[:200]!r}")
        if not end or len(body) < int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]):
            return False
        self.waits.append(time.perf_counter() - self._started)
        return True

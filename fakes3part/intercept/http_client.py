"""Intercepts http.client, and with it what is built on it: ``urllib.request``, urllib3, requests, minio-py ...

Every request begins with ``HTTPConnection.putrequest``. There a connection whose request a fake handles gets a socket in memory,
whatever it had before: nothing, or a connection to the real host that was opened before the mock. So the fake is found for each
request; and a socket in memory that no fake serves any more is dropped.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection
from typing import Any
from weakref import WeakSet, ref

from . import network_guard, stack
from .connection import Connection, authority
from .memory_socket import MemorySocket
from .patch import Function, Patch

refusals: dict[type[HTTPConnection], Callable[[HTTPConnection, OSError], Exception]] = {}
"""Class of connections of a library -> what its connections raise if the connection is refused. Else the OSError is raised."""

_in_memory: WeakSet[HTTPConnection] = WeakSet()
"""The connections that have a socket in memory, or had one."""


_thread = threading.local()


def last_host() -> str:
    """Return the host to which this thread has connected or sent last, by http.client; empty: to none yet."""
    host: str = getattr(_thread, "host", "")
    return host


def patches() -> list[Patch]:
    """Return the patches of the methods by which connections begin, and requests."""
    connections: list[type[HTTPConnection]] = [HTTPConnection]
    if hasattr(http.client, "HTTPSConnection"):  # Python may have been built without ssl
        connections.append(http.client.HTTPSConnection)
    return [Patch(HTTPConnection, "putrequest", _putrequest), *(Patch(kind, "connect", _connect) for kind in connections)]


def _putrequest(original: Function) -> Function:
    def putrequest(self: HTTPConnection, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        if not network_guard.is_bypassed():
            _choose_socket(self, method, url)
        original(self, method, url, *args, **kwargs)

    return putrequest


def _connect(original: Function) -> Function:
    def connect(self: HTTPConnection) -> None:
        if network_guard.is_bypassed() or not connect_in_memory(self):
            original(self)

    return connect


def connect_in_memory(connection: HTTPConnection) -> bool:
    """Connect to the fake that serves the connection's host; return False if none does, and the host is none of AWS's.

    Raises:
        ServiceNotFaked: none does, and the host is AWS's.
    """
    active = stack.active
    peer = _thread.host = _peer(connection)
    if active.fake_for(peer) is not None:
        _open(connection, peer, secure=_is_secure(connection))
        return True
    if active.urls and active.refused_endpoint(peer) is not None:
        return True  # the path decides, which `putrequest` knows: it connects, or refuses the request
    network_guard.refuse(peer)
    return False


def _choose_socket(connection: HTTPConnection, method: str, url: str) -> None:
    """Give a connection the socket for its next request, or none, so that it connects for real."""
    active = stack.active
    secure = _is_secure(connection)
    if url.startswith(("http://", "https://")):  # to a proxy
        scheme, _, rest = url.partition("://")
        host, _, path = rest.partition("/")
        path = f"/{path}"
        peer = authority(host, secure=scheme == "https")
    else:
        peer, path = _peer(connection), url
        scheme = "https" if secure else "http"
    _thread.host = peer
    sock: Any = connection.sock
    if active.urls and active.lets_through_url(f"{scheme}://{peer}{path}".partition("?")[0]):
        _reconnect(connection)
        return
    if active.fake_for(peer) is None:
        network_guard.refuse(peer, f"{method} {path.partition('?')[0]}")
        if type(sock) is MemorySocket:
            connection.sock = None
    elif type(sock) is not MemorySocket or sock.connection.is_closed:
        _open(connection, peer, secure=secure)
        if sock is not None:
            sock.close()


def _reconnect(connection: HTTPConnection) -> None:
    """Connect to the real host, unless the connection is. (Without the path of the request, `connect` has chosen the fake.)"""
    if type(connection.sock) is MemorySocket or connection.sock is None:
        connection.sock = None
        with network_guard.bypass():
            connection.connect()


def _open(connection: HTTPConnection, peer: str, *, secure: bool) -> None:
    reference = ref(connection)  # else the connection would be garbage in a circle, with a body that it may hold

    def refusal(error: OSError) -> Exception:
        refused = reference()
        kinds = [] if refused is None else [kind for kind in type(refused).__mro__ if kind in refusals]
        return refusals[kinds[0]](refused, error) if refused is not None and kinds else error

    sock: Any = MemorySocket(Connection(peer, secure=secure), refusal)
    timeout: Any = connection.timeout
    sock.settimeout(timeout if timeout is None or isinstance(timeout, (int, float)) else socket.getdefaulttimeout())
    connection.sock = sock
    _in_memory.add(connection)


def _is_secure(connection: HTTPConnection) -> bool:
    return connection.default_port == http.client.HTTPS_PORT


def _peer(connection: HTTPConnection) -> str:
    """Return the host that a connection leads to, through a tunnel if there is one."""
    state: Any = connection
    host, port = (state._tunnel_host, state._tunnel_port) if state._tunnel_host else (state.host, state.port)
    if ":" in host:
        host = f"[{host}]"
    return host if port is None or port == connection.default_port else f"{host}:{port}"


def drop_idle() -> None:
    """Let go of every socket in memory over which no request is on its way: no fake is active any more."""
    if not _in_memory:  # as after most mocks
        return
    with suppress(KeyError):  # there are none left
        while True:
            connection: Any = _in_memory.pop()
            if type(connection.sock) is MemorySocket and connection._HTTPConnection__state == "Idle":
                connection.sock = None


stack.after_last.append(drop_idle)

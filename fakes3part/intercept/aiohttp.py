"""Intercepts aiohttp's client, and with it aiobotocore and s3fs.

Its connectors keep connections to a host, directly or through a proxy. While a fake serves the host of a request, the connector
makes a connection in memory instead, and those that lead to the wrong side, to the real host or to a fake that has ended, are
closed before they are used again. Protocol, parsing, timeouts and exceptions are aiohttp's. Connectors for Unix sockets and
pipes are left alone.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from functools import partial
from typing import Any, NamedTuple

from . import network_guard, stack
from .connection import Connection, authority
from .memory_transport import MemoryTransport
from .patch import Function, Patch


class _Route(NamedTuple):
    """Where a request goes: its host, whether to a fake, and whether to AWS because the user lets its URL through."""

    peer: str
    is_served: bool
    is_let_through: bool


def patches() -> list[Patch]:
    """Return the patches of the methods by which a connector takes a connection, and makes one; none if it is not imported."""
    connector: Any = getattr(sys.modules.get("aiohttp.connector"), "TCPConnector", None)
    if not hasattr(connector, "_create_connection"):
        return []
    return [Patch(connector, "connect", _connect), Patch(connector, "_create_connection", _create_connection)]


def _connect(original: Function) -> Function:
    async def connect(self: Any, req: Any, *args: Any, **kwargs: Any) -> Any:
        if network_guard.is_bypassed():
            return await original(self, req, *args, **kwargs)
        route = _route(req)
        _close_others(self, req.connection_key, in_memory=route.is_served)
        with network_guard.let_through(route.peer) if route.is_let_through else nullcontext():
            return await original(self, req, *args, **kwargs)

    return connect


def _create_connection(original: Function) -> Function:
    async def _create_connection(self: Any, req: Any, *args: Any, **kwargs: Any) -> Any:
        if network_guard.is_bypassed() or not (route := _route(req)).is_served:
            return await original(self, req, *args, **kwargs)
        protocol = self._factory()
        connection = Connection(route.peer, secure=req.is_ssl())
        fail = partial(_fail, protocol, req.connection_key)
        transport = MemoryTransport(self._loop, protocol, connection, fail, partial(_has_unread, protocol))
        protocol.connection_made(transport)
        return protocol

    return _create_connection


def _route(req: Any) -> _Route:
    """Return where a request goes.

    Raises:
        ServiceNotFaked: to AWS.
    """
    url = req.url
    host: str = url.raw_host
    peer = authority(f"[{host}]:{url.port}" if ":" in host else f"{host}:{url.port}", secure=req.is_ssl())
    active = stack.active
    is_let_through = bool(active.urls) and active.lets_through_url(f"{url.scheme}://{peer}{url.raw_path}")
    is_served = not is_let_through and active.fake_for(peer) is not None
    if not is_served and not is_let_through:
        network_guard.refuse(peer, f"{req.method} {url.raw_path}")
    return _Route(peer, is_served, is_let_through)


def _close_others(connector: Any, key: Any, *, in_memory: bool) -> None:
    """Close the idle connections that are not in memory, or those that are."""
    idle = connector._conns.get(key)
    for item in list(idle or ()):
        protocol = item[0]
        if isinstance(protocol.transport, MemoryTransport) is not in_memory:
            idle.remove(item)
            protocol.close()


def _has_unread(protocol: Any) -> bool:
    payload = protocol._payload
    return payload is not None and bool(getattr(payload, "_buffer", None))


def _fail(protocol: Any, key: Any, error: BaseException) -> None:
    """Let aiohttp's protocol raise its own error for this one."""
    exceptions = sys.modules["aiohttp.client_exceptions"]
    if isinstance(error, TimeoutError):
        timeout = getattr(exceptions, "SocketTimeoutError", exceptions.ServerTimeoutError)  # the former since 3.10
        error = timeout("Timeout on reading data from socket")
        if protocol._payload is not None:
            protocol._payload.set_exception(error)
    elif isinstance(error, ConnectionRefusedError):
        error = exceptions.ClientConnectorError(key, error)
    protocol.set_exception(error)

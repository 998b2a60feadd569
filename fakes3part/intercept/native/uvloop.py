"""Refuses hosts of AWS to uvloop's event loop, which looks them up and connects in C."""

from __future__ import annotations

import sys
from typing import Any

from ..network_guard import refuse
from ..patch import Function, Patch
from ..socket_guard import refuse_address


def patches() -> list[Patch]:
    """Return the patches of the loop's methods that take a host; none while uvloop is still being imported."""
    loop = getattr(sys.modules.get("uvloop"), "Loop", None)
    if loop is None:
        return []
    return [
        Patch(loop, "getaddrinfo", _resolving),
        Patch(loop, "create_connection", _connecting),
        Patch(loop, "create_datagram_endpoint", _sending),
        Patch(loop, "sock_connect", _connecting_socket),
    ]


def _resolving(original: Function) -> Function:
    async def getaddrinfo(self: Any, host: Any, *args: Any, **kwargs: Any) -> Any:
        if host:
            refuse(host)
        return await original(self, host, *args, **kwargs)

    return getaddrinfo


def _connecting(original: Function) -> Function:
    async def create_connection(self: Any, protocol_factory: Any, host: Any = None, *args: Any, **kwargs: Any) -> Any:
        if host:
            refuse(host)
        return await original(self, protocol_factory, host, *args, **kwargs)

    return create_connection


def _sending(original: Function) -> Function:
    async def create_datagram_endpoint(
        self: Any, protocol_factory: Any, local_addr: Any = None, remote_addr: Any = None, **kwargs: Any
    ) -> Any:
        refuse_address(remote_addr)
        return await original(self, protocol_factory, local_addr, remote_addr, **kwargs)

    return create_datagram_endpoint


def _connecting_socket(original: Function) -> Function:
    async def sock_connect(self: Any, sock: Any, address: Any) -> Any:
        refuse_address(address)
        return await original(self, sock, address)

    return sock_connect

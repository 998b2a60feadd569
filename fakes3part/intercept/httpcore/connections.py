"""Gives httpcore's connections, for each request, the stream that it needs: in memory, or to the real host."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import network_guard, stack
from ..connection import Connection, authority
from ..patch import Function, Patch
from ..retry_pauses import controlled_clock
from .streams import AsyncStream, SyncStream

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

_DEFAULT_BACKENDS = frozenset({"SyncBackend", "AutoBackend", "AnyIOBackend", "TrioBackend", "NoneType"})
_RETRY_FACTOR = 0.5
"""Seconds; httpcore waits 0, then these, then twice as long each time before it connects once more (``retries=``)."""


class _Kind(NamedTuple):
    """The classes of a library that go together: the sync ones, or the async ones.

    Attributes:
        library: the module.
        http: connects to a host or a proxy, and has the class of HTTP/1.1 connections over a stream as ``_connection``.
        http11: that class.
        tunnel: connects to a host through a proxy.
        stream: our class of streams.
    """

    library: Any
    http: Any
    http11: Any
    tunnel: Any
    stream: type[SyncStream | AsyncStream]


class _Route(NamedTuple):
    """Where a request goes.

    Attributes:
        peer: the host.
        secure: whether to https.
        is_served: whether to a fake.
        is_let_through: whether to AWS, because the user lets its URL through.
    """

    peer: str
    secure: bool
    is_served: bool
    is_let_through: bool


def connection_patches(name: str) -> list[Patch]:
    """Return the patches of the methods that handle a request over one connection."""
    library: Any = sys.modules[name]
    patches = []
    for package, prefix, stream, method, wrap in (
        ("_sync", "", SyncStream, "handle_request", _handle_request),
        ("_async", "Async", AsyncStream, "handle_async_request", _handle_async_request),
    ):
        proxies: Any = sys.modules[f"{name}.{package}.http_proxy"]
        socks: Any = sys.modules.get(f"{name}.{package}.socks_proxy")  # None: the package socksio is not installed
        http, http11 = getattr(library, f"{prefix}HTTPConnection"), getattr(library, f"{prefix}HTTP11Connection")
        tunnel = getattr(proxies, f"{prefix}TunnelHTTPConnection")
        kind = _Kind(library, http, http11, tunnel, stream)
        owners = (http, tunnel, getattr(socks, f"{prefix}Socks5Connection", None))
        patches += [Patch(owner, method, partial(wrap, kind)) for owner in owners if owner is not None]
    return patches


def _handle_request(kind: _Kind, original: Function) -> Function:
    def handle_request(self: Any, request: Any) -> Any:
        if (route := _route(self, request)) is None:
            return original(self, request)
        replaced = _replace(kind, self, route)
        if replaced is not None and replaced.is_idle():
            replaced.close()
        for delay in _delays(self, route):
            try:
                return original(self, request)
            except kind.library.ConnectError:
                clock = controlled_clock(route.peer)
                (self._network_backend if clock is None else clock).sleep(delay)
                _replace(kind, self, route)
        with _let_through(route):
            return original(self, request)

    return handle_request


def _handle_async_request(kind: _Kind, original: Function) -> Function:
    async def handle_async_request(self: Any, request: Any) -> Any:
        if (route := _route(self, request)) is None:
            return await original(self, request)
        replaced = _replace(kind, self, route)
        if replaced is not None and replaced.is_idle():
            await replaced.aclose()
        for delay in _delays(self, route):
            try:
                return await original(self, request)
            except kind.library.ConnectError:
                clock = controlled_clock(route.peer)
                if clock is None:
                    await self._network_backend.sleep(delay)
                else:
                    clock.sleep(delay)
                _replace(kind, self, route)
        with _let_through(route):
            return await original(self, request)

    return handle_async_request


def _route(connection: Any, request: Any) -> _Route | None:
    """Return where a request goes; None: it is left alone, as are tunnels to a host that no fake serves.

    Raises:
        ServiceNotFaked: it would go to AWS.
    """
    if (
        request.method == b"CONNECT"
        or network_guard.is_bypassed()
        or getattr(connection, "_uds", None) is not None
        or type(getattr(connection, "_network_backend", None)).__name__ not in _DEFAULT_BACKENDS
    ):
        return None
    active = stack.active
    scheme, host, path = _target(_origin(connection), request)
    secure = scheme in ("https", "wss")
    peer = authority(host, secure=secure)
    is_let_through = bool(active.urls) and active.lets_through_url(f"{scheme}://{peer}{path}".partition("?")[0])
    is_served = not is_let_through and active.fake_for(peer) is not None
    if not is_served and not is_let_through:
        network_guard.refuse(peer, f"{request.method.decode('latin-1')} {path.partition('?')[0]}")
    return _Route(peer, secure, is_served, is_let_through)


def _origin(connection: Any) -> Any:
    """Return the origin that a connection leads to, through a proxy or not."""
    return connection._origin if hasattr(connection, "_origin") else connection._remote_origin


def _target(origin: Any, request: Any) -> tuple[str, str, str]:
    """Return scheme, host with port, and path with query of a request: a proxy's has all of them in its target."""
    target: str = request.url.target.decode("latin-1")
    if target.startswith(("http://", "https://")):
        scheme, _, rest = target.partition("://")
        host, _, path = rest.partition("/")
        return scheme, host, f"/{path}"
    return *_scheme_and_host(origin.scheme, origin.host, origin.port), target


@lru_cache(maxsize=256)
def _scheme_and_host(scheme: bytes, host_name: bytes, port: int) -> tuple[str, str]:
    host = host_name.decode("latin-1")
    return scheme.decode("latin-1"), f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _replace(kind: _Kind, connection: Any, route: _Route) -> Any:
    """Give a connection a stream in memory, or take it away; return what it had before, None: nothing that must be closed."""
    current = connection._connection
    stream = getattr(current, "_network_stream", None)
    if not route.is_served:
        if isinstance(stream, kind.stream):
            _set(kind, connection, None)
        return None
    if isinstance(stream, kind.stream) and stream.is_open:
        return None
    memory = kind.stream(Connection(route.peer, secure=route.secure), kind.library)
    inner = kind.http11(_origin(connection), memory, connection._keepalive_expiry)
    inner._state = type(inner._state).IDLE  # httpcore before 1.0.3 takes a new connection that it finds for one in use
    _set(kind, connection, inner)
    return current


def _set(kind: _Kind, connection: Any, inner: Any) -> None:
    """Let a connection use an HTTP/1.1 connection; None: let it connect anew."""
    if isinstance(connection, kind.tunnel):
        connection._connected = inner is not None
        if inner is None:  # it begins with a connection to the proxy
            expiry, context = connection._keepalive_expiry, connection._proxy_ssl_context
            inner = kind.http(connection._proxy_origin, keepalive_expiry=expiry, ssl_context=context)
    connection._connection = inner


def _delays(connection: Any, route: _Route) -> list[float]:
    """Return the seconds to wait before each further attempt to connect, if a fault refuses the connection."""
    retries: int = getattr(connection, "_retries", 0) if route.is_served else 0
    return [_RETRY_FACTOR * 2 ** (number - 1) if number else 0.0 for number in range(retries)]


def _let_through(route: _Route) -> AbstractContextManager[None]:
    return network_guard.let_through(route.peer) if route.is_let_through else nullcontext()

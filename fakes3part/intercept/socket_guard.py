"""Refuses Python's own sockets: looking up a host of AWS, and connecting or sending to one, while a fake is active.

The functions of ``socket`` and ``_socket`` are patched, and the methods of ``socket.socket``, which resolve names in C. Code that
has imported one of C's functions by its name (``from socket import gethostbyname``) holds the function itself, which no patch
reaches. If there is such code, an audit hook is added (`sys.addaudithook`), which sees every call. It cannot be removed, and each
audited event of the process takes 0.15 us longer then. (``id`` is one: ``copy.deepcopy`` takes twice as long.)
"""

from __future__ import annotations

import _socket
import socket
import sys
from types import BuiltinFunctionType
from typing import Any

from . import stack
from .network_guard import refuse
from .patch import Function, Patch

_RESOLVERS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr")
_ADDRESS_EVENTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_HOST_EVENTS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_EVENTS = _ADDRESS_EVENTS | _HOST_EVENTS

_HOLDERS = {"_socket": "", "socket": "", "pytest_socket": "_true_"}
"""The modules that are known to hold such functions, and do not call them for others -> what their names have in front."""

_COPIES = int(sys.version_info < (3, 12))
"""The copies that the interpreter keeps of the dictionary of ``_socket``."""

_probe = object()
"""An object with one reference, to compare counts of references with."""

_functions = vars(_socket)
_counts: list[int] = []
"""The counts of references when they were last looked into."""
_is_hooked = False


def patches() -> list[Patch]:
    """Return the patches of looking up hosts, and of connecting and sending to them without that."""
    return [
        *_resolver_patches,
        *(Patch(socket.socket, name, _connecting) for name in ("connect", "connect_ex")),
        Patch(socket.socket, "sendto", _sending),
        Patch(socket.socket, "sendmsg", _sending_message),
    ]


def _resolving(original: Function) -> Function:
    def resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_host(host)
        return original(host, *args, **kwargs)

    return resolve


def _connecting(original: Function) -> Function:
    def connect(self: socket.socket, address: Any) -> Any:
        refuse_address(address)
        return original(self, address)

    return connect


def _sending(original: Function) -> Function:
    def sendto(self: socket.socket, data: Any, *flags_and_address: Any) -> Any:
        if flags_and_address:
            refuse_address(flags_and_address[-1])
        return original(self, data, *flags_and_address)

    return sendto


def _sending_message(original: Function) -> Function:
    def sendmsg(self: socket.socket, buffers: Any, *args: Any) -> Any:
        if len(args) > 2:
            refuse_address(args[2])
        return original(self, buffers, *args)

    return sendmsg


def refuse_address(address: Any) -> None:
    """Raise ServiceNotFaked for a socket's address if it is a host of AWS; None, and other kinds of addresses, are allowed."""
    if type(address) is tuple and address:
        _refuse_host(address[0])


def _refuse_host(host: Any) -> None:
    if host and isinstance(host, (str, bytes, bytearray)):
        refuse(host)


_resolver_patches = [Patch(module, name, _resolving) for module in (socket, _socket) for name in _RESOLVERS]


def watch_functions_held_elsewhere() -> None:
    """Add the audit hook if other code holds a function that looks up hosts. To be called while the patches are not installed."""
    global _is_hooked, _counts
    if _is_hooked:
        return
    counts = [sys.getrefcount(_functions[name]) for name in _RESOLVERS]
    if counts == _counts:
        return
    _counts = counts
    if any(map(_is_held_elsewhere, _RESOLVERS)):
        _is_hooked = True
        sys.addaudithook(_audit)


def _is_held_elsewhere(name: str) -> bool:
    function: Any = _functions[name]
    if type(function) is not BuiltinFunctionType:
        return True
    probe: Any = _probe  # so that both have one reference of this function
    references = 1 + sys.getrefcount(function) - sys.getrefcount(probe)
    modules = sum(getattr(sys.modules.get(module), prefix + name, None) is function for module, prefix in _HOLDERS.items())
    patches = sum(patch.references_to(function) for patch in _resolver_patches)
    return references > modules + patches + _COPIES


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if event in _EVENTS and stack.active.is_guarding:
        if event in _HOST_EVENTS:
            _refuse_host(args[0])
        else:
            refuse_address(args[1])

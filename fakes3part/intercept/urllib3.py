"""Intercepts urllib3, 1.26 and 2, and with it requests and minio-py.

Its connections are those of http.client, whose ``putrequest`` is patched; here is what urllib3 does besides: it connects before
the request (https, proxies), asks whether a pooled connection is still there, and has exceptions of its own. botocore, which is
built on urllib3 too, does not come here: its requests are handled before.
"""

from __future__ import annotations

import ssl
from http.client import HTTPConnection
from typing import Any, cast

import urllib3.connection
import urllib3.util.connection
import urllib3.util.retry
from urllib3.exceptions import NewConnectionError
from urllib3.util.ssl_ import resolve_cert_reqs

from . import network_guard
from .http_client import connect_in_memory, last_host, refusals
from .memory_socket import MemorySocket
from .patch import Function, Patch
from .retry_pauses import TimeModule, controlled_clock


def patches() -> list[Patch]:
    """Return the patches of the methods that connect, of how a socket is asked for bytes, and of the pauses before retries."""
    module: Any = urllib3.connection
    waiting: Any = module if hasattr(module, "wait_for_read") else urllib3.util.connection  # the latter in 1.26
    return [
        Patch(module.HTTPConnection, "connect", _connect),
        Patch(module.HTTPSConnection, "connect", _connect),
        Patch(waiting, "wait_for_read", _wait_for_read),
        Patch(urllib3.util.retry, "time", _time_of_retries),
    ]


def _connect(original: Function) -> Function:
    def connect(self: Any) -> None:
        if network_guard.is_bypassed() or not connect_in_memory(self):
            original(self)
            return
        self._has_connected_to_proxy = bool(getattr(self, "proxy", None))
        self.is_verified = _would_verify(self)

    return connect


def _would_verify(connection: Any) -> bool:
    """Return whether the certificate of the real host would be verified. If not, urllib3 warns of each request."""
    context = getattr(connection, "ssl_context", None)
    mode = resolve_cert_reqs(getattr(connection, "cert_reqs", None)) if context is None else context.verify_mode
    return mode == ssl.CERT_REQUIRED or bool(getattr(connection, "assert_fingerprint", None))


def _wait_for_read(original: Function) -> Function:
    def wait_for_read(sock: Any, timeout: float | None = None) -> bool:
        if type(sock) is MemorySocket:
            return sock.is_readable
        return bool(original(sock, timeout))

    return wait_for_read


def _time_of_retries(module: Any) -> Function:
    # `Retry` does not know the host. It is the one that the thread has sent to just before.
    return cast(Function, TimeModule(module, lambda: controlled_clock(last_host())))


def _refusal(connection: HTTPConnection, error: OSError) -> Exception:
    made: Any = connection
    return NewConnectionError(made, f"Failed to establish a new connection: {error}")


refusals[urllib3.connection.HTTPConnection] = _refusal

"""Intercepts httpcore, and with it httpx, sync and async. `intercept.httpcore2` does the same for the fork under httpx2.

Its pools keep connections to an origin, directly or through a proxy, and each opens a stream when its first request comes. There
a connection whose request a fake handles gets an HTTP/1.1 connection over a stream in memory, whatever it had before: nothing, or
a stream to the real host that was opened before the mock. Pools, parsing, timeouts and exceptions are httpcore's. Transports and
network backends of the user's own are left alone.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..patch import Patch


def patches() -> list[Patch]:
    """Return the patches of the connections of httpcore; none while it is still being imported."""
    return library_patches("httpcore")


def library_patches(name: str) -> list[Patch]:
    """Return the patches of the connections of httpcore, or of a fork of it called ``name``."""
    library = sys.modules.get(name)
    if not all(hasattr(library, used) for used in ("HTTPConnection", "AsyncHTTPConnection", "ConnectError")):
        return []
    from .connections import connection_patches

    return connection_patches(name)

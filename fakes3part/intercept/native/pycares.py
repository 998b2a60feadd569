"""Refuses to look up hosts of AWS by c-ares: pycares, aiodns, and aiohttp's ``AsyncResolver``, its default if aiodns is there."""

from __future__ import annotations

import sys
from typing import Any

from ..network_guard import refuse
from ..patch import Function, Patch

_METHODS = ("getaddrinfo", "gethostbyname", "query", "search")


def patches() -> list[Patch]:
    """Return the patches of a channel's methods that take a name; none while pycares is still being imported."""
    channel = getattr(sys.modules.get("pycares"), "Channel", None)
    return [Patch(channel, name, _resolving) for name in _METHODS if hasattr(channel, name)]


def _resolving(original: Function) -> Function:
    def resolve(self: Any, name: Any, *args: Any, **kwargs: Any) -> Any:
        if name:
            refuse(name)
        return original(self, name, *args, **kwargs)

    return resolve

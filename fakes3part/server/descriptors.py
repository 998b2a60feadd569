"""How many file descriptors are left. Requests need some too: modules are imported when they are first used, for example."""

from __future__ import annotations

import sys
from math import inf

_RESERVE = 16
"""Descriptors that are not used for connections, but not more than a quarter of all."""

if sys.platform == "win32":

    def _limit() -> float:
        return inf

else:
    import resource

    def _limit() -> float:
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return inf if soft == resource.RLIM_INFINITY else soft


def is_scarce(descriptor: int) -> bool:
    """Return whether a new descriptor is one of the last: the system gives the lowest number that is free."""
    limit = _limit()
    return descriptor >= limit - min(_RESERVE, limit // 4)

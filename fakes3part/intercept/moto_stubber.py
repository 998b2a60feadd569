"""Lets moto mock other services while a fake serves S3.

moto responds from a ``before-send`` handler, which botocore calls before its HTTP session. With moto active for DynamoDB it would
take S3's requests too, whichever of the two was started first. So its handler skips the hosts that a fake serves. All others are
moto's, and need no guard; STS and KMS too, which a fake serves only if no other mock does.
"""

from __future__ import annotations

import sys
from typing import Any

from . import stack
from .patch import Function, Patch


def patches() -> list[Patch]:
    """Return the patch of moto's handler; none while moto's module is still being imported."""
    stubber = getattr(sys.modules.get("moto.core.botocore_stubber"), "BotocoreStubber", None)
    return [] if stubber is None else [Patch(stubber, "__call__", _skip_served_hosts)]


def _skip_served_hosts(original: Function) -> Function:
    def __call__(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:  # noqa: N807
        host = request.url.partition("://")[2].partition("/")[0]
        if not stack.active.yields_to_other_mocks(host):
            return None
        return original(self, event_name, request, **kwargs)

    return __call__

"""Intercepts what aiobotocore has of its own, besides botocore's code: credentials, retry pauses, the signing of forms.

Its requests leave through aiohttp or httpx, which are intercepted themselves.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..patch import Patch


def patches() -> list[Patch]:
    """Return the patches of every module here; none while aiobotocore's session is still being imported."""
    if not hasattr(sys.modules.get("aiobotocore.session"), "AioSession"):
        return []
    from . import client, session

    return [*session.patches(), *client.patches()]

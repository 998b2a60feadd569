"""Intercept botocore: its HTTP session, credentials, profiles, retry pauses, redirect cache, and error messages.

What its clients share is a door of its own, `shared`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..patch import Patch


def patches() -> list[Patch]:
    """Return the patches of every module here; botocore is imported by this call, not by ``import fakes3part``."""
    from . import (
        credentials,
        error_notes,
        headers,
        profiles,
        region_redirects,
        retry_sleep,
        send,
    )

    modules = (
        send,
        headers,
        retry_sleep,
        credentials,
        profiles,
        region_redirects,
        error_notes,
    )
    return [patch for module in modules for patch in module.patches()]

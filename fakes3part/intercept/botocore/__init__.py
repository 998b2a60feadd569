"""Intercept botocore: its HTTP session, credentials, profiles, retry pauses, redirect cache and error messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..patch import Patch


def patches() -> list[Patch]:
    """Return the patches of every module here; botocore is imported by this call, not by ``import fakes3part``."""
    from . import credentials, error_notes, profiles, region_redirects, retry_sleep, send

    return [
        patch
        for module in (send, retry_sleep, credentials, profiles, region_redirects, error_notes)
        for patch in module.patches()
    ]

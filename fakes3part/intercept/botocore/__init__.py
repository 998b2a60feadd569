"""Intercept botocore: its HTTP session, credentials, profiles, retry pauses, redirect cache, error messages, and set-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..patch import Patch


def patches() -> list[Patch]:
    """Return the patches of every module here; botocore is imported by this call, not by ``import fakes3part``."""
    from . import (
        calls,
        credentials,
        error_notes,
        headers,
        profiles,
        region_redirects,
        retry_sleep,
        send,
        shared_models,
        shared_setup,
    )

    modules = (
        send,
        headers,
        retry_sleep,
        credentials,
        profiles,
        region_redirects,
        error_notes,
        shared_models,
        shared_setup,
        calls,
    )
    return [patch for module in modules for patch in module.patches()]

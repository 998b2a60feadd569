"""Intercepts httpcore2, a fork of httpcore, and with it httpx2; see `intercept.httpcore`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .httpcore import library_patches

if TYPE_CHECKING:
    from .patch import Patch


def patches() -> list[Patch]:
    """Return the patches of the connections of httpcore2; none while it is still being imported."""
    return library_patches("httpcore2")

"""What botocore's clients share: read once, computed once, or computed faster, with the same result (``share_models``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..patch import Patch


def patches() -> list[Patch]:
    """Return the patches of models, of the set-up of clients, and of what is computed for each call."""
    from . import calls, shared_models, shared_setup

    return [patch for module in (shared_models, shared_setup, calls) for patch in module.patches()]

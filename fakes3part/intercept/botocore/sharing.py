"""Whether clients share what botocore would make anew for each session or client: the setting ``share_models``."""

from __future__ import annotations

from .. import stack


def is_sharing() -> bool:
    """Return whether a fake is active, and each that is has ``share_models`` on."""
    interceptions = stack.active.interceptions
    for interception in interceptions:
        if not interception.fake.settings.share_models:
            return False
    return bool(interceptions)

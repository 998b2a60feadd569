"""Whether clients share what botocore would make anew for each session or client: the setting ``share_models``."""

from __future__ import annotations

from typing import TypeVar

from .. import stack

K = TypeVar("K")
V = TypeVar("V")


def is_sharing() -> bool:
    """Return whether a fake is active or behind a server of this process, and each of these has ``share_models`` on."""
    interceptions = stack.active.interceptions
    served = stack.served
    for interception in interceptions:
        if not interception.fake.settings.share_models:
            return False
    for _, fake in served:
        if not fake.settings.share_models:
            return False
    return bool(interceptions or served)


def remember(memo: dict[K, V], most: int, key: K, value: V) -> None:
    """Store a value in a memo, which is emptied before it has more than ``most`` values."""
    if len(memo) >= most:
        memo.clear()
    memo[key] = value

"""The fakes of this process, which forked children share: `forked_fake`, which the first fork imports, says how."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING
from weakref import ref

if TYPE_CHECKING:
    from types import ModuleType

    from ..backend import Backend

_live: set[ref[Backend]] = set()
"""Every fake of this process. (No WeakSet: other threads may make fakes while it is read.)"""


def share_with_children(fake: Backend) -> None:
    """Let forked children reach a fake of this process, as long as it exists."""
    _live.add(ref(fake, _live.discard))


def _fakes() -> list[Backend]:
    return [fake for reference in tuple(_live) if (fake := reference()) is not None]


def _before_fork() -> None:
    fakes = _fakes()
    if fakes:
        from .forked_fake import before_fork

        before_fork(fakes)


def _forked_fake() -> ModuleType | None:
    """Return the module; None: no fork had a fake to share so far, which imports it: a child that is just forked must not."""
    return sys.modules.get("fakes3part.api.forked_fake")


def _after_fork_in_parent() -> None:
    if module := _forked_fake():
        module.after_fork_in_parent()


def _after_fork_in_child() -> None:
    if module := _forked_fake():
        module.after_fork_in_child(_fakes())


if hasattr(os, "register_at_fork"):  # (Windows has no fork)
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)

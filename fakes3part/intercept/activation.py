"""Entering and leaving: the first interception patches the waists, the last puts everything back."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from . import deferred_patches, environment, stack
from .stack import DEFAULT, Entry, Options, Table

if TYPE_CHECKING:
    from ..backend import Backend
    from .patch import Patch

lock = threading.RLock()
B = TypeVar("B", bound="Backend")

_patches: list[Patch] = []
_saved: tuple[bool, environment.Saved] | None = None

entered: list[Callable[[Backend], object]] = []
"""Told of each fake that becomes active: pytest's plugin listens here while a test runs, to show its calls if it fails."""


def enter(backend: B, options: Options = DEFAULT) -> Entry[B]:
    """Let ``fake`` answer S3's requests, above those that are active already. `leave` ends it."""
    entry = Entry(backend, options)
    for tell in tuple(entered):
        tell(backend)
    with lock:
        if not stack.table.entries:
            for patch in _all_patches():
                patch.install()
        _become(Table((*stack.table.entries, entry)))
        deferred_patches.install()
    return entry


def leave(entry: Entry[Backend]) -> None:
    """End one interception; they may end in any order. Ending one twice does nothing."""
    with lock:
        left = tuple(one for one in stack.table.entries if one is not entry)
        if len(left) == len(stack.table.entries):
            return
        _become(Table(left))
        entry.fake.forget_redirects()
        if not left:
            deferred_patches.remove()
            for patch in reversed(_patches):
                patch.remove()


def _become(table: Table) -> None:
    global _saved
    stack.table = table
    wanted = table.mock_credentials if table.entries else None
    if _saved is not None and _saved[0] is not wanted:
        environment.restore(_saved[1])
        _saved = None
    if _saved is None and wanted is not None:
        region = table.entries[0].fake.settings.region
        _saved = wanted, environment.disguise(region, credentials=wanted)


def _all_patches() -> list[Patch]:
    if not _patches:
        from . import botocore, network_guard

        for door in (botocore, network_guard):
            _patches.extend(door.patches())
    if "boto3" in sys.modules:
        import boto3.s3.transfer  # noqa: F401  (the first S3 client would import it; deferred_patches.install() wants it now)
    return _patches


def topmost() -> Backend | None:
    """The fake that was entered last; None when none is active."""
    entries = stack.table.entries
    return entries[-1].fake if entries else None


def all_active() -> list[Backend]:
    """Every fake that is active, the topmost last."""
    return [entry.fake for entry in stack.table.entries]


def enter_fake(backend: Backend) -> None:
    """`enter` for ``FakeS3.__enter__``, which has no place to keep an entry."""
    enter(backend, _BY_ITSELF)


def leave_fake(backend: Backend) -> None:
    """End the latest interception that `enter_fake` began for this fake."""
    for entry in reversed(stack.table.entries):
        if entry.fake is backend and entry.options is _BY_ITSELF:
            return leave(entry)
    raise RuntimeError("this FakeS3 was not entered")


_BY_ITSELF = Options()


@contextmanager
def intercepted(backend: B, options: Options = DEFAULT) -> Iterator[B]:
    """``with intercepted(fake):`` S3's requests are answered by ``fake``."""
    entry = enter(backend, options)
    try:
        yield backend
    finally:
        leave(entry)


def enter_chosen(choose: Callable[[Backend | None], B], options: Options) -> Entry[B]:
    """`enter` with a fake that is chosen in view of the topmost one, with no other thread leaving in between."""
    with lock:
        return enter(choose(topmost()), options)

"""Interceptions begin and end here: the first one installs the patches and the fake environment, the last one removes them.

Beginning is all or nothing; ending does all of its steps even if one fails.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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
"""What the environment is now (with fake credentials or without), and the variables before; None: it is the user's own."""

on_enter: list[Callable[[Backend], object]] = []
"""Called with each fake before it becomes active. The pytest plugin shows the calls of these fakes when a test fails."""


def enter(backend: B, options: Options = DEFAULT) -> Entry[B]:
    """Begin an interception: ``backend`` handles S3's requests, before those that are active already. `leave` ends it.

    When a step fails, the steps before it are undone.
    """
    entry = Entry(backend, options)
    for listener in tuple(on_enter):
        listener(backend)
    with lock, ExitStack() as undo:
        if not stack.table.entries:
            for patch in _all_patches():
                undo.callback(patch.remove)
                patch.install()
        undo.callback(setattr, stack, "table", stack.table)
        stack.table = table = Table((*stack.table.entries, entry))
        if _changes_environment(table):
            undo.callback(_restore_environment, _saved, environment.current())
            _change_environment(table)
        deferred_patches.install()
        undo.pop_all()
    return entry


def leave(entry: Entry[Backend]) -> None:
    """End an interception. They may end in any order; ending one twice does nothing.

    When a step fails, the others are done all the same; then its error is raised.
    """
    with lock, ExitStack() as steps:
        left = tuple(one for one in stack.table.entries if one is not entry)
        if len(left) == len(stack.table.entries):
            return
        stack.table = table = Table(left)
        if not left:  # an ExitStack takes its steps from the last to the first
            for patch in _patches:
                steps.callback(patch.remove)
            steps.callback(deferred_patches.remove)
        steps.callback(entry.fake.forget_redirects)
        if _changes_environment(table):
            steps.callback(_change_environment, table)


def _wanted_environment(table: Table) -> bool | None:
    """Return whether the environment shall have fake credentials; None: it shall be the user's own."""
    return table.mock_credentials if table.entries else None


def _changes_environment(table: Table) -> bool:
    return _wanted_environment(table) is not (None if _saved is None else _saved[0])


def _change_environment(table: Table) -> None:
    global _saved
    saved, _saved = _saved, None
    try:
        if saved is not None:
            environment.restore(saved[1])
    finally:
        wanted = _wanted_environment(table)
        if wanted is not None:
            variables: environment.Saved = {}
            _saved = wanted, variables
            environment.set_fake_environment(table.entries[0].fake.settings.region, variables, credentials=wanted)


def _restore_environment(saved: tuple[bool, environment.Saved] | None, variables: environment.Saved) -> None:
    global _saved
    _saved = saved
    environment.restore(variables)


def _all_patches() -> list[Patch]:
    if not _patches:
        from . import botocore, network_guard

        _patches.extend([patch for door in (botocore, network_guard) for patch in door.patches()])
    if "boto3" in sys.modules:
        import boto3.s3.transfer  # noqa: F401  (else the first S3 client imports it, unpatched)
    return _patches


def current_backend() -> Backend | None:
    """Return the fake that was entered last; None: no interception is active."""
    entries = stack.table.entries
    return entries[-1].fake if entries else None


def active_backends() -> list[Backend]:
    """Return every fake that is active, the one that was entered last at the end."""
    return [entry.fake for entry in stack.table.entries]


def enter_fake(backend: B) -> Entry[B]:
    """Begin an interception for ``FakeS3.__enter__``; its ``__exit__`` finds it again by `entered_fake`."""
    return enter(backend, _AS_CONTEXT_MANAGER)


def entered_fake(backend: Backend) -> Entry[Backend] | None:
    """Return the latest interception that `enter_fake` began for this fake; None: there is none."""
    for entry in reversed(stack.table.entries):
        if entry.fake is backend and entry.options is _AS_CONTEXT_MANAGER:
            return entry
    return None


_AS_CONTEXT_MANAGER = Options()


@contextmanager
def intercepted(backend: B, options: Options = DEFAULT) -> Iterator[B]:
    """Intercept as long as the block runs: ``with intercepted(fake): ...``."""
    entry = enter(backend, options)
    try:
        yield backend
    finally:
        leave(entry)


def enter_selected(choose: Callable[[Backend | None], B], options: Options) -> Entry[B]:
    """Begin an interception with the fake that ``choose`` returns for the current one (None: there is none).

    No other thread can begin or end an interception in between.
    """
    with lock:
        return enter(choose(current_backend()), options)

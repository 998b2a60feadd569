"""Entering and leaving: the first interception patches the waists, the last puts everything back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

from . import doors, environment, stack
from .stack import DEFAULT, Entry, Options, Table

if TYPE_CHECKING:
    from ..backend import Backend

lock = threading.RLock()
B = TypeVar("B", bound="Backend")

_saved: tuple[bool, environment.Saved] | None = None

entered: list[Callable[[Backend], object]] = []
"""Told of each fake that becomes active: pytest's plugin listens here while a test runs, to show its calls if it fails."""


def enter(backend: B, options: Options = DEFAULT) -> Entry[B]:
    """Let ``backend`` answer S3's requests, above those that are active already. `leave` ends it.

    When a step fails, those before it are undone.
    """
    entry = Entry(backend, options)
    for listener in tuple(entered):
        listener(backend)
    with lock, ExitStack() as undo:
        if not stack.table.entries:
            undo.callback(doors.remove)
            doors.install()
        undo.callback(setattr, stack, "table", stack.table)
        stack.table = table = Table((*stack.table.entries, entry))
        if _changes_environment(table):
            undo.callback(_restore_environment, _saved, environment.current())
            _change_environment(table)
        doors.install_late()
        undo.pop_all()
    return entry


def leave(entry: Entry[Backend]) -> None:
    """End one interception; they may end in any order. Ending one twice does nothing.

    When a step fails, the others are done all the same, and then its error is raised.
    """
    with lock, ExitStack() as steps:
        left = tuple(one for one in stack.table.entries if one is not entry)
        if len(left) == len(stack.table.entries):
            return
        stack.table = table = Table(left)
        if not left:  # an ExitStack takes its steps from the last to the first
            steps.callback(doors.remove)
        steps.callback(entry.fake.forget_redirects)
        if _changes_environment(table):
            steps.callback(_change_environment, table)


def _wanted_environment(table: Table) -> bool | None:
    """Whether the environment shall have fake credentials; None: nothing of it shall be changed."""
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
            _saved = wanted, environment.disguise(table.entries[0].fake.settings.region, credentials=wanted)


def _restore_environment(saved: tuple[bool, environment.Saved] | None, variables: environment.Saved) -> None:
    global _saved
    _saved = saved
    environment.restore(variables)


def topmost() -> Backend | None:
    """The fake that was entered last; None when none is active."""
    entries = stack.table.entries
    return entries[-1].fake if entries else None


def all_active() -> list[Backend]:
    """Every fake that is active, the topmost last."""
    return [entry.fake for entry in stack.table.entries]


def enter_fake(backend: B) -> Entry[B]:
    """`enter` for ``FakeS3.__enter__``, whose ``__exit__`` finds the entry again by `entered_fake`."""
    return enter(backend, _BY_ITSELF)


def entered_fake(backend: Backend) -> Entry[Backend] | None:
    """Return the latest interception that `enter_fake` began for this fake; None: there is none."""
    for entry in reversed(stack.table.entries):
        if entry.fake is backend and entry.options is _BY_ITSELF:
            return entry
    return None


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

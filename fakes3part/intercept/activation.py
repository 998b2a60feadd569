"""Entering and leaving: the first interception patches the waists, the last puts everything back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

from . import doors, environment, stack
from .stack import DEFAULT, ActiveInterceptions, Interception, Options

if TYPE_CHECKING:
    from ..backend import Backend

lock = threading.RLock()
B = TypeVar("B", bound="Backend")

_saved: tuple[bool, environment.Saved] | None = None

entered: list[Callable[[Backend], object]] = []
"""Told of each fake that becomes active: pytest's plugin listens here while a test runs, to show its calls if it fails."""


def enter(backend: B, options: Options = DEFAULT) -> Interception[B]:
    """Let ``backend`` answer S3's requests, above those that are active already. `leave` ends it.

    When a step fails, those before it are undone.
    """
    interception = Interception(backend, options)
    for listener in tuple(entered):
        listener(backend)
    with lock, ExitStack() as undo:
        if not stack.active.interceptions:
            undo.callback(doors.remove)
            doors.install()
        undo.callback(setattr, stack, "active", stack.active)
        stack.active = active = ActiveInterceptions((*stack.active.interceptions, interception))
        if _changes_environment(active):
            undo.callback(_restore_environment, _saved, environment.current())
            _change_environment(active)
        doors.install_late()
        undo.pop_all()
    return interception


def leave(interception: Interception[Backend]) -> None:
    """End one interception; they may end in any order. Ending one twice does nothing.

    When a step fails, the others are done all the same, and then its error is raised.
    """
    with lock, ExitStack() as steps:
        left = tuple(one for one in stack.active.interceptions if one is not interception)
        if len(left) == len(stack.active.interceptions):
            return
        stack.active = active = ActiveInterceptions(left)
        if not left:  # an ExitStack takes its steps from the last to the first
            steps.callback(doors.remove)
        steps.callback(interception.fake.forget_redirects)
        if _changes_environment(active):
            steps.callback(_change_environment, active)


def _wanted_environment(active: ActiveInterceptions) -> bool | None:
    """Whether the environment shall have fake credentials; None: nothing of it shall be changed."""
    return active.mock_credentials if active.interceptions else None


def _changes_environment(active: ActiveInterceptions) -> bool:
    return _wanted_environment(active) is not (None if _saved is None else _saved[0])


def _change_environment(active: ActiveInterceptions) -> None:
    global _saved
    saved, _saved = _saved, None
    try:
        if saved is not None:
            environment.restore(saved[1])
    finally:
        wanted = _wanted_environment(active)
        if wanted is not None:
            variables: environment.Saved = {}
            _saved = wanted, variables
            environment.set_fake_environment(active.interceptions[0].fake.settings.region, variables, credentials=wanted)


def _restore_environment(saved: tuple[bool, environment.Saved] | None, variables: environment.Saved) -> None:
    global _saved
    _saved = saved
    environment.restore(variables)


def current_backend() -> Backend | None:
    """The fake that was entered last; None when none is active."""
    interceptions = stack.active.interceptions
    return interceptions[-1].fake if interceptions else None


def active_backends() -> list[Backend]:
    """Every fake that is active, the current one last."""
    return [interception.fake for interception in stack.active.interceptions]


def enter_fake(backend: B) -> Interception[B]:
    """`enter` for ``FakeS3.__enter__``, whose ``__exit__`` finds the interception again by `entered_fake`."""
    return enter(backend, _BY_ITSELF)


def entered_fake(backend: Backend) -> Interception[Backend] | None:
    """Return the latest interception that `enter_fake` began for this fake; None: there is none."""
    for interception in reversed(stack.active.interceptions):
        if interception.fake is backend and interception.options is _BY_ITSELF:
            return interception
    return None


_BY_ITSELF = Options()


@contextmanager
def intercepted(backend: B, options: Options = DEFAULT) -> Iterator[B]:
    """``with intercepted(fake):`` S3's requests are answered by ``fake``."""
    interception = enter(backend, options)
    try:
        yield backend
    finally:
        leave(interception)


def enter_selected(choose: Callable[[Backend | None], B], options: Options) -> Interception[B]:
    """`enter` with a fake that is chosen in view of the current one, with no other thread leaving in between."""
    with lock:
        return enter(choose(current_backend()), options)

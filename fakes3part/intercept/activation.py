"""Interceptions begin and end here: the first one installs the doors and the fake environment, the last one removes them.

Beginning is all or nothing; ending does all of its steps even if one fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from ..locks import new_rlock
from . import children, doors, environment, others, stack
from .stack import DEFAULT, ActiveInterceptions, Interception, Options

if TYPE_CHECKING:
    from ..backend import Backend

lock = new_rlock()
B = TypeVar("B", bound="Backend")

_saved: tuple[bool, environment.Saved] | None = None
"""What the environment is now (with fake credentials or without), and the variables before; None: it is the user's own."""

on_enter: list[Callable[[Backend], object]] = []
"""Called with each fake before it becomes active. The pytest plugin shows the calls of these fakes when a test fails."""


def enter(backend: B, options: Options = DEFAULT, *, reset: bool = True) -> Interception[B]:
    """Begin an interception: ``backend`` handles S3's requests, before those that are active already. `leave` ends it.

    When a step fails, the steps before it are undone.

    Args:
        backend: the fake.
        options: what is special about this interception.
        reset: whether moto starts with an empty state, if this interception enters it.

    Raises:
        ModuleNotFoundError: the options want moto, which is not installed.
    """
    interception = Interception(backend, options)
    if options.others == "moto":
        others.import_moto()  # before the doors look for it
    for listener in tuple(on_enter):
        listener(backend)
    with lock:
        active_before, saved_before = stack.active, _saved
        active = ActiveInterceptions((*active_before.interceptions, interception))
        variables = None if _saved is None else environment.current()
        try:
            if not active_before.interceptions:
                doors.install()
            stack.active = active
            _lead(active)
            doors.install_late()
            if options.others == "moto":
                others.enter(interception, reset=reset)
        except BaseException:
            stack.active = active_before
            try:
                _restore_environment(saved_before, variables)
            finally:
                try:
                    children.update(active_before, _users_own())
                finally:
                    if not active_before.interceptions:
                        doors.remove()
            raise
    return interception


def leave(interception: Interception[Backend], *, remove_data: bool = True) -> None:
    """End an interception. They may end in any order; ending one twice does nothing.

    When a step fails, the others are done all the same; then its error is raised.

    Args:
        interception: the one to end.
        remove_data: whether moto forgets its state, if this is the last interception that has entered it.
    """
    with lock:
        remaining = tuple(other for other in stack.active.interceptions if other is not interception)
        if len(remaining) == len(stack.active.interceptions):
            return
        active = ActiveInterceptions(remaining)
        try:
            if interception.options.others == "moto":  # before S3 is moto's again
                others.leave(interception, is_last=not active.uses_moto, remove_data=remove_data)
        finally:
            stack.active = active
            try:
                _lead(active)
            finally:
                try:
                    interception.fake.forget_redirects()
                finally:
                    if not remaining:
                        _remove_doors()


def _remove_doors() -> None:
    try:
        doors.remove()
    finally:
        for listener in stack.after_last:
            listener()


def _wanted_environment(active: ActiveInterceptions) -> bool | None:
    """Return whether the environment must have fake credentials; None: it must be the user's own."""
    return active.mock_credentials if active.interceptions else None


def _changes_environment(active: ActiveInterceptions) -> bool:
    return _wanted_environment(active) is not (None if _saved is None else _saved[0])


def _change_environment(active: ActiveInterceptions) -> None:
    global _saved
    if not _changes_environment(active):
        return
    saved, _saved = _saved, None
    try:
        if saved is not None:
            environment.restore(saved[1])
    finally:
        credentials = _wanted_environment(active)
        if credentials is not None:
            variables: environment.Saved = {}
            _saved = credentials, variables
            environment.set_fake_environment(active.interceptions[0].fake.settings.region, variables, credentials=credentials)


def _lead(active: ActiveInterceptions) -> None:
    """Change the environment of this process, and that of children, for a new state of the stack."""
    try:
        _change_environment(active)
    finally:
        children.update(active, _users_own())


def _users_own() -> environment.Saved:
    """Return the user's values of the variables that are changed now."""
    return {} if _saved is None else _saved[1]


def _restore_environment(saved: tuple[bool, environment.Saved] | None, variables: environment.Saved | None) -> None:
    """Undo what `_change_environment` did.

    Args:
        saved: the value of `_saved` before.
        variables: the variables before; None: the environment was the user's own, to which `_saved` leads back.
    """
    global _saved
    changed, _saved = _saved, saved
    if variables is not None:
        environment.restore(variables)
    elif changed is not None:
        environment.restore(changed[1])


def current_backend() -> Backend | None:
    """Return the fake that was entered last; None: no interception is active."""
    interceptions = stack.active.interceptions
    return interceptions[-1].fake if interceptions else None


def active_backends() -> list[Backend]:
    """Return every fake that is active, the one that was entered last at the end."""
    return [interception.fake for interception in stack.active.interceptions]


def enter_fake(backend: B) -> Interception[B]:
    """Begin an interception for ``FakeS3.__enter__``; its ``__exit__`` finds it again by `entered_fake`."""
    return enter(backend, _AS_CONTEXT_MANAGER)


def entered_fake(backend: Backend) -> Interception[Backend] | None:
    """Return the latest interception that `enter_fake` began for this fake; None: there is none."""
    for interception in reversed(stack.active.interceptions):
        if interception.fake is backend and interception.options is _AS_CONTEXT_MANAGER:
            return interception
    return None


_AS_CONTEXT_MANAGER = Options()


@contextmanager
def intercepted(backend: B, options: Options = DEFAULT) -> Iterator[B]:
    """Intercept as long as the block runs: ``with intercepted(fake): ...``."""
    interception = enter(backend, options)
    try:
        yield backend
    finally:
        leave(interception)


def enter_selected(choose: Callable[[Backend | None], B], options: Options, *, reset: bool = True) -> Interception[B]:
    """Begin an interception with the fake that ``choose`` returns for the current one (None: there is none); see `enter`.

    No other thread can begin or end an interception in between.
    """
    with lock:
        return enter(choose(current_backend()), options, reset=reset)


def reset_others() -> None:
    """Remove the state of moto's services, if an interception has entered moto."""
    with lock:
        others.reset()


def restart_others(interception: Interception[Backend]) -> None:
    """Let moto begin anew between two tests, if this interception has entered it."""
    if interception.options.others == "moto":
        with lock:
            others.restart(interception)

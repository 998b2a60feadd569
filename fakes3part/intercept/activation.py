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

_State = tuple[bool, bool]
"""Whether the environment has fake credentials, and whether it is that of a fake (or of the guard alone)."""

_saved: tuple[_State, environment.Saved] | None = None
"""What the environment is now, and the variables before; None: it is the user's own."""

_REGION_OF_GUARD = "us-east-1"
"""The default region while no fake is active, if the user has set none."""

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
        active = ActiveInterceptions((*active_before.interceptions, interception), active_before.guard)
        variables = None if _saved is None else environment.current()
        try:
            _activate(active, active_before)
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
                    if not active_before.is_guarding:
                        doors.remove()
            raise
    return interception


def _activate(active: ActiveInterceptions, active_before: ActiveInterceptions) -> None:
    if not active_before.is_guarding:
        doors.install()
    stack.active = active
    _lead(active)
    doors.install_late()


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
        active = ActiveInterceptions(remaining, stack.active.guard)
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
                        _end_last(active)


def _end_last(active: ActiveInterceptions) -> None:
    try:
        if not active.is_guarding:
            doors.remove()
    finally:
        _forget()


def _forget() -> None:
    for listener in stack.after_last:
        listener()


def begin_serving(server: object, fake: Backend) -> None:
    """Let botocore's clients share their set-up while a server of this process runs, until `end_serving`.

    Args:
        server: whose running it is. Beginning twice does nothing.
        fake: the fake behind it, whose setting ``share_models`` counts.
    """
    with lock:
        before = stack.served
        if any(other is server for other, _ in before):
            return
        stack.served = (*before, (server, fake))
        try:
            doors.share()
        except BaseException:
            stack.served = before
            raise


def end_serving(server: object) -> None:
    """End what `begin_serving` has begun. Ending it twice does nothing."""
    with lock:
        remaining = tuple(row for row in stack.served if row[0] is not server)
        if len(remaining) == len(stack.served):
            return
        stack.served = remaining
        if remaining:
            return
        try:
            doors.share_no_more()
        finally:
            if not stack.active.interceptions:
                _forget()


def begin_guard(options: Options) -> bool:
    """Refuse AWS from now on, also while no fake is active; `end_guard` ends it.

    Args:
        options: their ``mock_credentials`` and ``services`` (which are let through) count.

    Returns:
        False if there is a guard already, which stays as it is.
    """
    with lock:
        before = stack.active
        if before.guard is not None:
            return False
        active = ActiveInterceptions(before.interceptions, options)
        saved_before = _saved
        variables = None if _saved is None else environment.current()
        try:
            _activate(active, before)
        except BaseException:
            stack.active = before
            try:
                _restore_environment(saved_before, variables)
            finally:
                try:
                    children.update(before, _users_own())
                finally:
                    if not before.is_guarding:
                        doors.remove()
            raise
        return True


def end_guard() -> None:
    """End the guard that `begin_guard` has begun. Interceptions go on."""
    with lock:
        if stack.active.guard is None:
            return
        active = stack.active = ActiveInterceptions(stack.active.interceptions)
        try:
            _lead(active)
        finally:
            if not active.is_guarding:
                doors.remove()


def _wanted_environment(active: ActiveInterceptions) -> _State | None:
    """Return whether the environment must have fake credentials, and whether a fake's region; None: it must be the user's own."""
    return (active.mock_credentials, bool(active.interceptions)) if active.is_guarding else None


def _changes_environment(active: ActiveInterceptions) -> bool:
    return _wanted_environment(active) != (None if _saved is None else _saved[0])


def _change_environment(active: ActiveInterceptions) -> None:
    global _saved
    if not _changes_environment(active):
        return
    saved, _saved = _saved, None
    try:
        if saved is not None:
            environment.restore(saved[1])
    finally:
        state = _wanted_environment(active)
        if state is not None:
            variables: environment.Saved = {}
            _saved = state, variables
            has_fake = bool(active.interceptions)
            region = active.interceptions[0].fake.settings.region if has_fake else _REGION_OF_GUARD
            environment.set_fake_environment(region, variables, credentials=state[0], endpoints=not has_fake)


def _lead(active: ActiveInterceptions) -> None:
    """Change the environment of this process, and that of children, for a new state of the stack."""
    try:
        _change_environment(active)
    finally:
        children.update(active, _users_own())


def _users_own() -> environment.Saved:
    """Return the user's values of the variables that are changed now."""
    return {} if _saved is None else _saved[1]


def _restore_environment(saved: tuple[_State, environment.Saved] | None, variables: environment.Saved | None) -> None:
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

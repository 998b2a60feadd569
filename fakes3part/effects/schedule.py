"""Runs the background processes that are active in a store, in the order of time, and passes on to them what happens.

A clock that is moved by a month leaves the same state as one that is moved by thirty days, one after the other: the process that
is due first runs first, up to the moment at which the next one is due. What is due at the end of the calendar never comes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from typing import cast

from ..clock import LAST
from ..operations.context import Context, OperationEnvironment
from ..state.bucket import Bucket
from ..state.objects import Version
from ..state.store import Store
from .process import HandledCall, ObjectChange, Process, ProcessEnvironment, Report

MAX_STEPS = timedelta(days=3660)
"""If the clock is moved by more than ten years, processes take turns in the last ten only: all turns would take minutes."""


@cache
def process_of(name: str) -> Process:
    """Return a process by its name: the ``PROCESS`` of the module of this name. It is loaded when it is first active."""
    return cast(Process, import_module(f"{__package__}.{name}").PROCESS)


def active_processes(store: Store) -> list[Process]:
    """Return the processes that are active in a store, in the order of their names."""
    return [process_of(name) for name in sorted(store.processes_ran_at)]


def run_due(environment: ProcessEnvironment, store: Store, now: datetime) -> None:
    """Run the processes that are due, and then report what they did. One thread runs, others wait.

    If the clock was moved back, nothing is undone, and what is due again is done again.
    """
    if not is_due(store, now):
        return
    reports: list[Report] = []
    with store.process_lock:
        for name, ran_at in store.processes_ran_at.copy().items():
            store.set_ran_at(name, min(ran_at, now))
        while (turn := _next_turn(store, now)) is not None:
            process, until = turn
            try:
                reports += process.run(environment, store, until)
            finally:  # also after an exception: the process would fail at every request
                store.set_ran_at(process.name, until)
    for report in reports:
        report()


def is_due(store: Store, now: datetime) -> bool:
    """Return whether a process is due, or ran at a later time than now: a test can move the clock back."""
    for name, ran_at in store.processes_ran_at.copy().items():
        if ran_at > now or _is_past(process_of(name).next_due(store), now):
            return True
    return False


def _is_past(due: datetime | None, now: datetime) -> bool:
    """Return whether a due time has come; None: nothing is due."""
    return due is not None and due <= now and due < LAST


def _next_turn(store: Store, now: datetime) -> tuple[Process, datetime] | None:
    """Return the process that is due first, and the moment up to which it may run; None: nothing is due until now."""
    due = [
        (at, process.name, process)
        for process in active_processes(store)
        if (at := process.next_due(store)) is not None and _is_past(at, now)
    ]
    if not due:
        return None
    due.sort(key=lambda entry: entry[:2])
    at, _, process = due[0]
    if not due[1:]:
        return process, now
    far = now - MAX_STEPS if now - at > MAX_STEPS else at
    return process, max(at, far, store.processes_ran_at[process.name])


def object_changed(
    environment: OperationEnvironment,
    store: Store,
    name: str,
    bucket: Bucket,
    key: str,
    version: Version | None,
    context: Context | None,
    at: datetime | None = None,
) -> None:
    """Tell the active processes of a change. The bucket's lock is held.

    Args:
        name: an event type without ``s3:``.
        version: the version that was created, changed or removed; None: a key without versions that was removed.
        context: of the request that made it; None: S3 itself did.
        at: when; None: now.
    """
    change = ObjectChange(name, bucket, key, version, environment.clock.now() if at is None else at, context)
    for process in active_processes(store):
        process.object_changed(environment, store, change)


def call_handled(environment: ProcessEnvironment, store: Store, call: HandledCall) -> None:
    """Tell the active processes of a request whose response is made, and run those that are due now."""
    for process in active_processes(store):
        process.call_handled(environment, store, call)
    run_due(environment, store, environment.clock.now())

"""Take and restore snapshots of a fake.

A snapshot holds what S3 shows and what that depends on: buckets with their content, KMS keys, Object Lambda access points, and
the state of the clock (without it, lifecycle rules would at once do again what the test had just undone). Accounts, users and
access keys are not in it: clients that use them live longer than a snapshot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..state.snapshot import Snapshot

if TYPE_CHECKING:
    from ..backend import Backend


def take(backend: Backend, name: str | None = None) -> Snapshot:
    """Take a snapshot of the state of this moment.

    Args:
        name: to keep it by in ``backend.snapshots``, in place of an earlier one of this name; None: it is not kept there.
    """
    snapshot = _take(backend, name)
    if name is not None:
        backend.snapshots[name] = snapshot
    return snapshot


def restore(backend: Backend, snapshot: Snapshot) -> None:
    """Go back to a snapshot. Requests that are running finish on the state in which they began."""
    with backend.snapshot_lock:
        _restore(backend, snapshot)


def _take(backend: Backend, name: str | None) -> Snapshot:
    seeded = backend.settings.seed is not None
    return Snapshot(
        name,
        backend.store.copy(),
        backend.clock.state,
        backend.kms.save(),
        backend.lambdas.points,
        backend.ids.state() if seeded else None,
    )


def _restore(backend: Backend, snapshot: Snapshot) -> None:
    # The clock goes back before the state does, and forward after it: at no moment is it too late for the objects that are
    # there, or lifecycle rules would expire them.
    store = snapshot.store.copy()
    store.count_bytes(backend.new_usage())
    if backend.clock.state == snapshot.clock:
        backend.store = store
    elif snapshot.clock.now <= backend.clock.now():
        backend.clock.restore(snapshot.clock)
        backend.store = store
    else:
        backend.store = store
        backend.clock.restore(snapshot.clock)
    backend.forget_redirects()
    backend.kms.restore(snapshot.kms)
    backend.lambdas.points = dict(snapshot.lambdas)
    if snapshot.ids is not None and backend.settings.seed is not None:
        backend.ids.restore(snapshot.ids)

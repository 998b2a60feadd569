"""Snapshots: the state of a fake at one moment.

Part of it is what S3 shows, and what that depends on: buckets with all they hold, KMS keys, Object Lambda access points, and how
the clock is held. (Were the clock not, lifecycle rules would do to the restored state at once what the test had just undone.)
Accounts, users and access keys are not: they are who asks, and clients that have them live longer than a snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..clock import Hold
from ..ids import State
from ..state.kms import Kept
from ..state.object_lambda import ObjectLambda
from ..state.store import Store
from ..text import count

if TYPE_CHECKING:
    from ..backend import Backend


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What `FakeS3.snapshot` returns and `FakeS3.restore` takes, as often as it is given, also of another fake.

    It shares all that it can with the fake: it costs metadata, and only once that is changed.
    """

    name: str | None
    store: Store = field(repr=False)
    clock: Hold
    kms: Kept = field(repr=False)
    lambdas: Mapping[str, ObjectLambda] = field(repr=False)
    ids: State | None = field(repr=False)
    """Where the generators of a fake with a seed stood: what is done again gets the same ids again."""

    def __repr__(self) -> str:
        objects = sum(len(bucket.live) for bucket in self.store.buckets.values())
        name = "" if self.name is None else f" {self.name!r}"
        return f"<Snapshot{name} of {count(len(self.store.buckets), 'bucket')}, {count(objects, 'object')}>"


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
        backend.clock.hold,
        backend.kms.kept(),
        backend.lambdas.points,
        backend.ids.state() if seeded else None,
    )


def _restore(backend: Backend, snapshot: Snapshot) -> None:
    # The clock goes back before the state does, and forward after it: at no moment is it too late for the objects that are
    # there, or lifecycle rules would expire them.
    store = snapshot.store.copy()
    if backend.clock.hold == snapshot.clock:
        backend.store = store
    elif snapshot.clock.now <= backend.clock.now():
        backend.clock.put_back(snapshot.clock)
        backend.store = store
    else:
        backend.store = store
        backend.clock.put_back(snapshot.clock)
    backend.forget_redirects()
    backend.kms.put_back(snapshot.kms)
    backend.lambdas.points = dict(snapshot.lambdas)
    if snapshot.ids is not None and backend.settings.seed is not None:
        backend.ids.put_back(snapshot.ids)

"""Snapshots: the state of a fake at one moment.

Part of it is what S3 shows, and what that depends on: buckets with all they hold, KMS keys, Object Lambda access points, and how
the clock is held. (Were the clock not, lifecycle rules would do to the restored state at once what the test had just undone.)
Accounts, users and access keys are not: they are who asks, and clients that have them live longer than a snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..clock import ClockState
from ..ids import State
from ..state.kms import KmsState
from ..state.object_lambda import ObjectLambda
from ..state.store import Store
from ..text import count

if TYPE_CHECKING:
    from ..api.fakes3 import FakeS3


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What `FakeS3.snapshot` returns and `FakeS3.restore` takes, as often as it is given, also of another fake.

    It shares all that it can with the fake: it costs metadata, and only once that is changed.
    """

    name: str | None
    store: Store = field(repr=False)
    clock: ClockState
    kms: KmsState = field(repr=False)
    lambdas: Mapping[str, ObjectLambda] = field(repr=False)
    ids: State | None = field(repr=False)
    """Where the generators of a fake with a seed stood: what is done again gets the same ids again."""

    def __repr__(self) -> str:
        objects = sum(len(bucket.live) for bucket in self.store.buckets.values())
        name = "" if self.name is None else f" {self.name!r}"
        return f"<Snapshot{name} of {count(len(self.store.buckets), 'bucket')}, {count(objects, 'object')}>"


def take(fake: FakeS3, name: str | None) -> Snapshot:
    seeded = fake.settings.seed is not None
    return Snapshot(
        name,
        fake.store.copy(),
        fake.clock.hold,
        fake.kms.save(),
        fake.lambdas.points,
        fake.ids.state() if seeded else None,
    )


def put_back(fake: FakeS3, snapshot: Snapshot) -> None:
    """Go back to a snapshot. Requests that are running finish on the state in which they began.

    The clock is set back before the state is, and forward after it: in no moment is it too late for what is there, or lifecycle
    rules would be at work.
    """
    store = snapshot.store.copy()
    if fake.clock.hold == snapshot.clock:
        fake.store = store
    elif snapshot.clock.now <= fake.clock.now():
        fake.clock.put_back(snapshot.clock)
        fake.store = store
    else:
        fake.store = store
        fake.clock.put_back(snapshot.clock)
    fake.forget_redirects()
    fake.kms.restore(snapshot.kms)
    fake.lambdas.points = dict(snapshot.lambdas)
    if snapshot.ids is not None and fake.settings.seed is not None:
        fake.ids.put_back(snapshot.ids)

"""The schedule of background processes at the end of the calendar."""

from __future__ import annotations

from fakes3part import FakeS3
from fakes3part.clock import LAST
from fakes3part.effects.schedule import is_due
from fakes3part.state.replication import PendingReplication


def test_what_is_due_at_the_end_of_the_calendar_never_comes() -> None:
    fake = FakeS3()
    fake.clock.freeze(LAST)
    store = fake.store
    store.activate("replication", LAST)
    store.pending_replications.append(
        PendingReplication("ObjectCreated:Put", "source", "key", "null", "destination", "rule", LAST, LAST)
    )
    assert not is_due(store, LAST)
    fake.run_scheduled_work()  # ends
    assert len(store.pending_replications) == 1

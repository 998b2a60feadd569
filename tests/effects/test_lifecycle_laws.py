"""Properties of lifecycle with random versions and rules: long and short moves of the clock, expiry dates, locks, threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from itertools import accumulate
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fakes3part import FakeS3
from fakes3part.effects.lifecycle_action import DELETED, LifecycleAction
from fakes3part.effects.schedule import is_due, run_due
from fakes3part.ids import Ids
from fakes3part.rules.lifecycle import WATERFALL
from fakes3part.rules.lifecycle_schedule import DAY, abort_date, expiration_date, start_of_day
from fakes3part.rules.object_lock import is_protected
from fakes3part.state.bucket import Bucket
from fakes3part.state.lifecycle import (
    MINIMUMS,
    Expiration,
    Filter,
    Lifecycle,
    NoncurrentExpiration,
    NoncurrentTransition,
    Rule,
    Transition,
)
from fakes3part.state.objects import Data, Lock, ObjectProperties, Version
from fakes3part.state.store import Store
from fakes3part.state.uploads import Upload

START = datetime(2026, 2, 20, tzinfo=timezone.utc)
PAST = 12
"""The age in days of the oldest versions when the rules are put."""

BODIES = [Data(()), Data((b"1" * 100,)), Data((b"1" * 131072,))]
DAYS = st.integers(1, 6)
HOURS = st.integers(0, 24 * PAST)

FILTERS = st.builds(
    Filter,
    prefix=st.sampled_from([None, "", "a", "b"]),
    tags=st.sampled_from([(), (("t", "1"),)]),
    larger_than=st.sampled_from([None, None, 50]),
    smaller_than=st.sampled_from([None, None, 200]),
)
DATES = st.integers(-5, 9).map(lambda days: START + days * DAY)
CLASSES = st.sampled_from(WATERFALL)
KEEP = st.sampled_from([None, None, 1, 2])
RULES = st.builds(
    Rule,
    id=st.just("rule"),
    is_enabled=st.sampled_from([True, True, True, False]),
    filter=FILTERS,
    expiration=st.one_of(
        st.none(),
        st.builds(Expiration, days=DAYS),
        st.builds(Expiration, date=DATES),
        st.builds(Expiration, markers=st.booleans()),
    ),
    transitions=st.lists(
        st.one_of(
            st.builds(Transition, CLASSES, days=st.integers(0, 6)),
            st.builds(Transition, CLASSES, date=DATES),
        ),
        max_size=3,
    ).map(tuple),
    noncurrent_expiration=st.one_of(st.none(), st.builds(NoncurrentExpiration, DAYS, KEEP)),
    noncurrent_transitions=st.lists(st.builds(NoncurrentTransition, CLASSES, st.integers(0, 6), KEEP), max_size=2).map(tuple),
    abort_days=st.one_of(st.none(), DAYS),
)
LIFECYCLES = st.builds(Lifecycle, st.lists(RULES, min_size=1, max_size=4).map(tuple), st.sampled_from(MINIMUMS))
LOCKS = st.one_of(
    st.none(),
    st.none(),
    st.builds(Lock, st.just("COMPLIANCE"), st.integers(0, 200).map(lambda hours: START + timedelta(hours=hours))),
    st.just(Lock(legal_hold="ON")),
    st.just(Lock(legal_hold="OFF")),
)
CARRIED = st.builds(
    ObjectProperties,
    tags=st.sampled_from([{}, {"t": "1"}, {"t": "2"}]),
    storage_class=st.sampled_from(["STANDARD", "STANDARD", *WATERFALL]),
)
HISTORIES = st.lists(
    st.tuples(HOURS, st.sampled_from(["a", "ab", "b"]), st.sampled_from([None, *BODIES]), CARRIED, LOCKS), max_size=10
)
UPLOADS = st.lists(st.tuples(HOURS, st.sampled_from(["a", "b"])), max_size=3)
VERSIONINGS = st.sampled_from([None, "Enabled", "Enabled", "Suspended"])


def ago(hours: int) -> datetime:
    return START - timedelta(hours=hours)


def store_of(lifecycle: Lifecycle, versioning: str | None, history: Any, uploads: Any = ()) -> Store:
    """Return a store with a bucket whose versions are up to `PAST` days old; its rules are put at START."""
    store, ids = Store(), Ids(1)
    bucket = store.add(Bucket("bucket", "123456789012", "us-east-1", ago(24 * PAST), versioning=versioning))
    for hours, key, data, properties, lock in sorted(history, key=lambda one: -one[0]):
        if data is None and versioning is None:
            bucket.remove(key, "null")
            continue
        version_id = ids.version_id() if versioning == "Enabled" else "null"
        marker = data is None
        lock = lock if versioning == "Enabled" and not marker else None
        bucket.store(
            Version(
                key,
                version_id,
                ago(hours),
                "owner",
                data=data,
                properties=ObjectProperties() if marker else properties,
                lock=lock,
            )
        )
    for hours, key in uploads:
        bucket.open_upload(Upload(ids.upload_id(), key, bucket.next_sequence(), ago(hours), "owner", "owner", ObjectProperties()))
    bucket.lifecycle = lifecycle
    store.activate("lifecycle", START)
    return store


def run_lifecycle(store: Store, now: datetime, ids: Ids) -> list[LifecycleAction]:
    """Run what is due, and return the actions that were reported, in order."""
    fake, actions = FakeS3(), list[LifecycleAction]()
    fake.ids = ids
    fake.on_lifecycle = [actions.append]
    run_due(fake, store, now)
    return actions


def comparable(actions: list[LifecycleAction]) -> list[tuple[Any, ...]]:
    return [(action.kind, action.key, action.time, action.version, action.upload and action.upload.id) for action in actions]


def content(store: Store) -> Any:
    bucket = store.buckets["bucket"]
    return (
        {key: list(bucket.versions(key).values()) for key in bucket.walk("")},
        sorted(bucket.objects),
        sorted(bucket.uploads),
    )


@given(LIFECYCLES, VERSIONINGS, HISTORIES, UPLOADS, st.lists(st.integers(0, 24 * 7), min_size=1, max_size=12), st.integers(0, 20))
def test_a_leap_is_as_good_as_its_steps(
    lifecycle: Lifecycle, versioning: str | None, history: Any, uploads: Any, steps: list[int], late: int
) -> None:
    """Versions, ids and actions are the same, in the same order, for one long move of the clock and many short ones."""
    begin = START + timedelta(hours=late)
    moments = [begin + timedelta(hours=hours) for hours in accumulate(steps)]
    stepwise, leaping, daily = (store_of(lifecycle, versioning, history, uploads) for _ in range(3))
    ids, actions = Ids(7), []
    for moment in moments:
        actions += run_lifecycle(stepwise, moment, ids)
    leapt = run_lifecycle(leaping, moments[-1], Ids(7))
    ids, by_day = Ids(7), []
    for day in range((start_of_day(moments[-1]) - START).days + 1):
        by_day += run_lifecycle(daily, START + day * DAY, ids)
    assert comparable(actions) == comparable(leapt) == comparable(by_day)
    assert content(stepwise) == content(leaping) == content(daily)


@given(LIFECYCLES, VERSIONINGS, HISTORIES, st.integers(1, 30))
def test_effects_come_at_midnights_in_order_and_locks_hold(
    lifecycle: Lifecycle, versioning: str | None, history: Any, days: int
) -> None:
    store = store_of(lifecycle, versioning, history)
    actions = run_lifecycle(store, START + days * DAY, Ids(7))
    dates = [action.time for action in actions]
    assert dates == sorted(dates)
    for action in actions:
        assert START < action.time <= START + days * DAY
        assert start_of_day(action.time) == action.time
        assert action.version is not None
        if action.kind == DELETED:
            assert not is_protected(action.version, action.time)
    if versioning is None:
        assert len({action.key for action in actions if action.kind == DELETED}) == sum(
            action.kind == DELETED for action in actions
        )


@given(LIFECYCLES, HISTORIES, UPLOADS)
def test_promises_are_kept(lifecycle: Lifecycle, history: Any, uploads: Any) -> None:
    """Versions and uploads end at the midnight of ``x-amz-expiration`` and ``x-amz-abort-date``, or at the next run after it."""
    store = store_of(lifecycle, None, history, uploads)
    bucket = store.buckets["bucket"]
    tomorrow = START + DAY
    wanted = {("key", key): expiration_date(lifecycle, version) for key, version in bucket.objects.values.items()}
    wanted |= {("upload", upload.id): abort_date(lifecycle, upload) for upload in bucket.uploads.values()}
    ends = {
        ("upload", action.upload.id) if action.upload is not None else ("key", action.key): action.time
        for action in run_lifecycle(store, START + 30 * DAY, Ids(7))
        if action.upload is not None or action.kind == DELETED
    }
    assert ends == {name: max(expiry_date.at, tomorrow) for name, expiry_date in wanted.items() if expiry_date is not None}


@given(LIFECYCLES, VERSIONINGS, HISTORIES, st.integers(1, 400))
def test_back_in_time_nothing_happens(lifecycle: Lifecycle, versioning: str | None, history: Any, hours: int) -> None:
    store = store_of(lifecycle, versioning, history)
    run_lifecycle(store, START + 5 * DAY, Ids(7))
    before = content(store)
    earlier = START + 5 * DAY - timedelta(hours=hours)
    assert is_due(store, earlier)
    assert run_lifecycle(store, earlier, Ids(7)) == []
    assert content(store) == before
    assert not is_due(store, earlier)


def test_threads_do_it_once() -> None:
    history = [(1, f"k{number}", BODIES[1], ObjectProperties(), None) for number in range(500)]
    rule = Rule("rule", True, Filter(), expiration=Expiration(days=1))
    store, ids, barrier = store_of(Lifecycle((rule,)), "Enabled", history), Ids(7), threading.Barrier(8)

    def run(_: int) -> list[LifecycleAction]:
        barrier.wait()
        return run_lifecycle(store, START + 3 * DAY, ids)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(run, range(8)))
    assert sorted(map(len, found)) == [0] * 7 + [500]
    assert not store.buckets["bucket"].objects
    assert all(len(store.buckets["bucket"].versions(f"k{number}")) == 2 for number in range(500))


def test_thousands_of_versions_of_one_key_go_in_no_time() -> None:
    """Each action finds its version at once: a scan of all versions for each would take minutes."""
    history = [(1, "k", BODIES[1], ObjectProperties(), None)] * 3000
    rule = Rule("rule", True, Filter(), noncurrent_expiration=NoncurrentExpiration(1))
    store = store_of(Lifecycle((rule,)), "Enabled", history)
    actions = run_lifecycle(store, START + 3 * DAY, Ids(7))
    assert len(actions) == 2999
    assert len(store.buckets["bucket"].versions("k")) == 1

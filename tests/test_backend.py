"""The parts of a fake are made when they are used first. What a fake is was decided when it was made, all the same."""

from __future__ import annotations

import copy
import gc
import os
import threading
import warnings
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any
from weakref import ref

import pytest
from freezegun import freeze_time

from fakes3part import FakeS3, mock_s3
from fakes3part.backend import Backend
from fakes3part.intercept import activation

PARTS = ["accounts", "calls", "events", "faults", "ids", "kms", "lambdas", "notifications", "on_lifecycle", "store"]
THREADS = 8


def test_a_fake_that_handles_no_request_makes_no_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activation, "on_enter", [])  # the pytest plugin, which looks at uploads and calls
    fake = FakeS3()
    with fake, mock_s3():
        pass
    assert not vars(fake).keys() & set(PARTS)
    assert all(name in dir(fake) for name in PARTS)
    assert {name for name, value in vars(Backend).items() if type(value) is type(vars(Backend)["store"])} >= set(PARTS)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_made_once(name: str) -> None:
    fake, other = FakeS3(), FakeS3()
    assert getattr(fake, name) is getattr(fake, name) is vars(fake)[name]
    assert getattr(fake, name) is not getattr(other, name)


def test_a_part_that_was_set_is_not_made() -> None:
    fake = FakeS3()
    store: Any = object()
    fake.store = store
    assert fake.store is store


def test_first_requests_at_the_same_time_find_one_state() -> None:
    for _ in range(10):
        fake = FakeS3()
        clients = [fake.client() for _ in range(THREADS)]
        at_once = threading.Barrier(THREADS)

        def first(number: int, clients: list[Any] = clients, at_once: threading.Barrier = at_once) -> None:
            at_once.wait(timeout=30)
            clients[number].create_bucket(Bucket=f"bucket-{number}")

        threads = [threading.Thread(target=first, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert {*fake.buckets} == {f"bucket-{number}" for number in range(THREADS)}
        assert len(fake.calls) == fake.calls.total == THREADS
        assert len(fake.events) == 0


def test_events_reach_destinations_whichever_is_used_first() -> None:
    for first in ("events", "notifications"):
        fake = FakeS3()
        getattr(fake, first)
        arn = "arn:aws:sqs:us-east-1:123456789012:queue"
        received: list[object] = []
        fake.deliver_to(arn, received.append)
        client = fake.client()
        client.create_bucket(Bucket="bucket")
        configuration: Any = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
        client.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=configuration)
        client.put_object(Bucket="bucket", Key="key", Body=b"body")
        assert len(fake.events) == 1
        assert len(received) == 2  # and the test event


def test_lifecycle_events_are_published_although_events_were_not_used_before() -> None:
    fake = FakeS3(seed=1)
    client = fake.client()
    client.create_bucket(Bucket="bucket")
    rule: Any = {"ID": "r", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}
    client.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration={"Rules": [rule]})
    client.put_object(Bucket="bucket", Key="key", Body=b"body")
    actions: list[object] = []
    fake.on_lifecycle.append(actions.append)
    fake.clock.advance(days=3)
    assert [event["eventName"] for event in fake.events][-1:] == ["LifecycleExpiration:Delete"]
    assert len(actions) == 1


CREATED: list[tuple[str, str, Callable[[FakeS3], object], object]] = [
    ("FAKES3PART_ACCOUNT", "111122223333", lambda fake: fake.accounts.account("111122223333").id, "111122223333"),
    ("FAKES3PART_SEED", "7", lambda fake: fake.ids.seed, 7),
    ("FAKES3PART_STRICT_KMS", "true", lambda fake: fake.settings.strict_kms, True),
    ("FAKES3PART_JOURNAL_SIZE", "1", lambda fake: [fake.client().list_buckets() for _ in range(3)] and len(fake.calls), 1),
]


@pytest.mark.parametrize(("variable", "text", "look", "expected"), CREATED, ids=[row[0] for row in CREATED])
def test_settings_are_those_of_the_environment_when_it_was_made(
    variable: str, text: str, look: Callable[[FakeS3], object], expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, text)
    fake = FakeS3()
    monkeypatch.delenv(variable)
    assert look(fake) == expected


def test_time_is_the_systems_whenever_the_parts_are_made() -> None:
    with freeze_time("2030-01-01"):
        fake = FakeS3()
    with freeze_time("2031-05-01 12:00:00"):
        client = fake.client()
        client.create_bucket(Bucket="bucket")
        assert fake.clock.now() == datetime(2031, 5, 1, 12, tzinfo=timezone.utc)
        assert client.list_buckets()["Buckets"][0]["CreationDate"] == fake.clock.now()
    with freeze_time("2032-05-01"):
        client.put_object(Bucket="bucket", Key="key", Body=b"")
        [listed] = client.list_objects_v2(Bucket="bucket")["Contents"]
        assert listed["LastModified"].year == 2032
    assert type(listed["LastModified"]).__name__ == "FakeDatetime"


def test_a_fake_is_freed_with_its_last_reference() -> None:
    fake = FakeS3()
    for name in PARTS:
        getattr(fake, name)
    freed = ref(fake)
    gc.disable()
    try:
        del fake
        assert freed() is None
    finally:
        gc.enable()


def test_reset_snapshot_and_fork_of_a_fake_that_was_not_used() -> None:
    fake = FakeS3(region="eu-west-1", seed=3)
    fake.reset()
    snapshot = fake.snapshot("empty")
    twin = fake.fork()
    fake.client().create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    fake.restore(snapshot)
    assert not fake.buckets
    assert not twin.buckets
    assert twin.settings == fake.settings
    assert repr(FakeS3(seed=3)) == "<FakeS3 of 0 buckets, region='us-east-1', seed=3>"


def test_a_copy_is_a_fork_whether_the_fake_was_used_or_not() -> None:
    unused, used = FakeS3(region="eu-west-1"), FakeS3(region="eu-west-1")
    used.seed({"bucket": {"key": b"body"}})
    for fake in (unused, used):
        before = list(fake.buckets)
        twin = copy.copy(fake)
        assert (type(twin), twin.settings, list(twin.buckets)) == (FakeS3, fake.settings, before)
        twin.seed({"other": {"key": b"body"}})
        assert list(fake.buckets) == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12 on: fork with threads
def test_a_child_forked_before_the_first_request_shares_the_state() -> None:
    with mock_s3() as fake:
        import boto3

        client = boto3.client("s3", region_name="us-east-1")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            child = os.fork()
        if child == 0:
            status = 1
            try:
                client.create_bucket(Bucket="from-the-child")
                status = 0
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert list(fake.buckets) == ["from-the-child"]

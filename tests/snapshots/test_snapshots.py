"""snapshot, restore, fork: what they contain, and that they are atomic."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from tests.support.doors import Door
from tests.support.snapshots import KEY, ask, encoded_state, fill_with_everything, text


def keys(fake: FakeS3, bucket: str = "bkt") -> list[str]:
    return list(fake.store.buckets[bucket].objects)


def test_everything_comes_back(door: Door) -> None:
    fake = door.fake
    fill_with_everything(fake)
    before, snapshot = encoded_state(fake), fake.snapshot()
    for bucket in list(fake.store.buckets.values()):
        for key in list(bucket.walk("")):
            for version in list(bucket.versions(key).values()):
                bucket.remove(key, version.id)
        for upload in list(bucket.uploads.values()):
            bucket.close_upload(upload)
    door.client.delete_bucket(Bucket="plain")
    assert list(fake.buckets) == ["locked"]
    for _ in range(2):
        fake.restore(snapshot)
        assert encoded_state(fake) == before
        body = door.client.get_object(Bucket="plain", Key="mine", SSECustomerKey=KEY, SSECustomerAlgorithm="AES256")["Body"]
        assert body.read() == b"sse-c"
        door.client.put_object(Bucket="plain", Key="new", Body=b"")
    assert repr(snapshot) == "<Snapshot of 2 buckets, 7 objects>"


def test_names() -> None:
    fake = FakeS3()
    fake.seed({"bkt": {"a": b""}})
    kept = fake.snapshot("seeded")
    assert repr(kept) == "<Snapshot 'seeded' of 1 bucket, 1 object>"
    fake.reset()
    assert not fake.buckets
    fake.restore("seeded")
    assert keys(fake) == ["a"]
    fake.seed({"bkt": {"b": b""}})
    fake.snapshot("seeded")
    fake.restore(kept)
    fake.restore("seeded")
    assert keys(fake) == ["a", "b"]
    assert list(fake.fork().snapshots) == ["seeded"]
    with pytest.raises(KeyError) as caught:
        fake.restore("sedeed")
    assert str(caught.value) == "there is no snapshot 'sedeed'; did you mean 'seeded'?"
    assert keys(fake) == ["a", "b"]


def test_what_belongs_to_it() -> None:
    fake = FakeS3()
    fake.clock.freeze("2030-05-05")
    arn = fake.kms.add_key(alias="mine")
    fake.add_object_lambda("first-point", "bkt", print)
    snapshot = fake.snapshot()
    fake.kms.set_state(arn, "Disabled")
    other = fake.kms.add_key(alias="mine")
    fake.add_object_lambda("second-point", "bkt", print)
    fake.clock.reset()
    user = fake.add_account()
    fake.restore(snapshot)
    assert fake.clock.now() == datetime(2030, 5, 5, tzinfo=timezone.utc)
    found = fake.kms.find("alias/mine", fake.settings.account, "us-east-1")
    assert found is not None
    assert (found.arn, found.state) == (arn, "Enabled")
    assert fake.kms.by_arn(other).state == "Enabled"
    assert {point.name for point in fake.lambdas.points.values()} == {"first-point"}
    assert user.access_key in {principal.access_key for principal in fake.accounts.principals}


def test_a_fork_has_all_and_shares_nothing() -> None:
    fake = FakeS3(region="eu-west-1", seed=4, min_part_size=1)
    full_names = fake.add_account(display_name="friend")
    role = fake.add_role(None, "auditor", max_session_duration=7200)
    fake.clock.advance(days=3)
    fake.seed({"bkt": {"a": b"1"}})
    twin = fake.fork()
    assert (twin.settings, twin.clock.now()) == (fake.settings, fake.clock.now())
    assert twin.accounts.caller(full_names.access_key) == fake.accounts.caller(full_names.access_key)
    assert twin.accounts.role(role.account, "auditor") == role
    assert twin.store.buckets["bkt"].objects["a"].data is fake.store.buckets["bkt"].objects["a"].data
    assert twin.ids.upload_id() == fake.ids.upload_id()
    twin.clock.advance(days=1)
    twin.add_account(display_name="mine")
    twin.add_role(None, "editor")
    twin.kms.add_key()
    twin.seed({"bkt": {"b": b""}})
    fake.seed({"bkt": {"c": b""}})
    assert (keys(fake), keys(twin)) == (["a", "c"], ["a", "b"])
    assert (len(fake.accounts.principals), len(twin.accounts.principals)) == (1, 2)
    assert fake.accounts.role(role.account, "editor") is None
    assert (fake.clock.now().day, twin.clock.now().day) == (4, 5)
    assert "0 added" in repr(fake.kms)


def test_a_snapshot_of_another_fake() -> None:
    first, second = FakeS3(seed=2), FakeS3(seed=2)
    first.seed({"bkt": {"a": b"1"}})
    ask(first, "PUT", "/bkt?versioning", b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
    first.seed({"bkt": {"a": b"2"}})
    second.restore(first.snapshot())
    second.seed({"bkt": {"a": b"3"}})
    assert len(second.store.buckets["bkt"].versions("a")) == 3  # its id is none of those that the first fake gave
    assert len(first.store.buckets["bkt"].versions("a")) == 2


def test_a_copy_shares_until_somebody_writes() -> None:
    fake = FakeS3()
    fake.seed({"bkt": {f"k{number}": b"x" for number in range(100)}})
    live = fake.store.buckets["bkt"].objects
    snapshot = fake.snapshot()
    kept = snapshot.store.buckets["bkt"].objects
    assert kept.values is live.values
    fake.restore(snapshot)
    again = fake.store.buckets["bkt"].objects
    assert again.values is live.values
    fake.seed({"bkt": {"new": b""}})
    assert again.values is not kept.values
    assert (len(again), len(kept)) == (101, 100)
    assert again.values["k1"] is kept.values["k1"]


def test_a_page_is_followed_by_the_next_over_a_snapshot() -> None:
    """Delete page by page, as ``bucket.object_versions.delete()`` does, with a snapshot in between."""
    fake = FakeS3()
    fake.seed({"bkt": {}})
    ask(fake, "PUT", "/bkt?versioning", b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
    for number in range(5):
        fake.seed({"bkt": {"k": str(number)}})
    page = text(ask(fake, "GET", "/bkt?versions&max-keys=2"))
    first = re.findall("<VersionId>(.*?)</VersionId>", page)
    fake.snapshot()
    assert ask(fake, "DELETE", f"/bkt/k?versionId={first[-1]}").status == 204
    rest = text(ask(fake, "GET", f"/bkt?versions&key-marker=k&version-id-marker={first[-1]}"))
    assert len(re.findall("<VersionId>", rest)) == 3


def test_a_request_that_outlives_a_restore_does_no_harm() -> None:
    fake = FakeS3()
    fake.seed({"bkt": {}})
    snapshot = fake.snapshot()
    store = fake.store
    bucket = store.buckets["bkt"]
    fake.restore(snapshot)
    fake.store.remove(bucket)  # as DeleteBucket would that found it before
    assert list(fake.buckets) == ["bkt"]
    assert not fake.store.buckets["bkt"].deleted


def test_time_goes_back_and_forth_without_lifecycle_at_work() -> None:
    fake = FakeS3(seed=1)
    fake.seed({"bkt": {"k": b""}})
    rule = b"<Rule><ID>r</ID><Status>Enabled</Status><Filter/><Expiration><Days>3</Days></Expiration></Rule>"
    assert ask(fake, "PUT", "/bkt?lifecycle", b"<LifecycleConfiguration>%b</LifecycleConfiguration>" % rule).status == 200
    done: list[Any] = []
    fake.on_lifecycle.append(done.append)
    early = fake.snapshot()
    fake.clock.advance(days=2)
    fake.seed({"bkt": {"late": b""}})
    late = fake.snapshot()
    for snapshot, expected in [(early, ["k"]), (late, ["k", "late"]), (early, ["k"]), (late, ["k", "late"])]:
        fake.restore(snapshot)
        assert ask(fake, "GET", "/bkt").status == 200
        assert keys(fake) == expected
    assert done == []
    fake.clock.advance(days=2)
    assert (keys(fake), len(done)) == (["late"], 1)


def _together(work: list[Callable[[], None]], until: Callable[[], None]) -> list[BaseException]:
    """Run functions in threads, repeatedly, while ``until`` runs; return what they raised."""
    errors: list[BaseException] = []
    over = threading.Event()

    def repeat(one: Callable[[], None]) -> None:
        try:
            while not over.is_set():
                one()
        except BaseException as error:  # noqa: BLE001, RUF100 -- the test reports it
            errors.append(error)

    threads = [threading.Thread(target=repeat, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    try:
        until()
    finally:
        over.set()
        for thread in threads:
            thread.join()
    return errors


def test_no_reader_ever_sees_a_half_restored_state() -> None:
    """One request deletes ten objects, and restoring brings them back: listings always have ten or none."""
    fake = FakeS3()
    fake.seed({"bkt": {f"k{number}": b"x" for number in range(10)}})
    snapshot = fake.snapshot()
    objects = "".join(f"<Object><Key>k{number}</Key></Object>" for number in range(10))

    def delete() -> None:
        assert ask(fake, "POST", "/bkt?delete", f"<Delete>{objects}</Delete>".encode()).status == 200

    def read() -> None:
        response = ask(fake, "GET", "/bkt")
        assert response.status == 200
        assert text(response).count("<Key>") in (0, 10)

    def bucket() -> None:
        assert ask(fake, "PUT", "/another").status == 200
        assert ask(fake, "DELETE", "/another").status in (204, 404)

    def restore() -> None:
        for _ in range(150):
            fake.restore(snapshot)

    assert _together([delete, read, read, bucket], restore) == []
    fake.restore(snapshot)
    assert len(keys(fake)) == 10


def test_a_snapshot_is_of_one_moment() -> None:
    """A thread writes each number to one bucket, then to another: no snapshot has the second without the first."""
    fake = FakeS3()
    fake.seed({"one": {}, "two": {}})
    numbers = iter(range(1_000_000))

    def write() -> None:
        number = next(numbers)
        for bucket in ("two", "one"):
            assert ask(fake, "PUT", f"/{bucket}/k{number:07}").status == 200

    seen = []

    def look() -> None:
        for _ in range(150):
            buckets = fake.snapshot().store.buckets
            seen.append((len(buckets["two"].objects), len(buckets["one"].objects)))

    assert _together([write], look) == []
    assert all(second <= first <= second + 1 for first, second in seen)


def test_snapshots_while_buckets_come_and_go() -> None:
    fake = FakeS3()
    fake.seed({"stays": {"k": b""}})

    def churn(name: str) -> Callable[[], None]:
        def once() -> None:
            assert ask(fake, "PUT", f"/{name}").status == 200
            assert ask(fake, "DELETE", f"/{name}").status == 204

        return once

    def look() -> None:
        for _ in range(100):
            names = list(fake.snapshot().store.buckets)
            assert "stays" in names

    assert _together([churn("aaa"), churn("zzz")], look) == []


def test_forks_are_written_to_at_once() -> None:
    """Snapshots and forks share containers, and have different locks."""
    fake = FakeS3()
    fake.seed({"bkt": {f"k{number:03}": b"x" for number in range(300)}})
    twins = [fake, *(fake.fork() for _ in range(3))]

    def writer(twin: FakeS3, name: str) -> Callable[[], None]:
        numbers = iter(range(1_000_000))

        def once() -> None:
            assert ask(twin, "PUT", f"/bkt/{name}-{next(numbers):06}").status == 200
            found = re.findall("<Key>(.*?)</Key>", text(ask(twin, "GET", "/bkt?max-keys=2&prefix=k")))
            assert found == ["k000", "k001"]

        return once

    def snapshots() -> None:
        for _ in range(60):
            for twin in twins:
                twin.snapshot()

    assert _together([writer(twin, f"w{number}") for number, twin in enumerate(twins)], snapshots) == []
    for number, twin in enumerate(twins):
        added = [key for key in keys(twin) if not key.startswith("k")]
        assert added
        assert all(key.startswith(f"w{number}-") for key in added)
        assert len(keys(twin)) == 300 + len(added)

"""Laws of replication: two buckets that replicate each other end up with the same versions, whenever each of them arrives."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes3part import FakeS3
from tests.support.replication import configure, create, rule, to

BUCKETS = ("source", "replicas")
MARKERS: Any = {"DeleteMarkerReplication": {"Status": "Enabled"}}

steps = st.lists(
    st.tuples(
        st.sampled_from(["put", "delete", "tag"]), st.sampled_from(BUCKETS), st.sampled_from(["a", "b"]), st.integers(1, 400)
    ),
    max_size=12,
)


def perform(fake: FakeS3, s3: Any, taken: list[tuple[str, str, str, int]]) -> None:
    """Perform steps, each some seconds after the one before, and let all replications end."""
    for number, (step, bucket, key, seconds) in enumerate(taken):
        if step == "put":
            s3.put_object(Bucket=bucket, Key=key, Body=str(number).encode())
        elif step == "delete":
            s3.delete_object(Bucket=bucket, Key=key)
        elif key in fake.buckets[bucket].objects:
            s3.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": [{"Key": "n", "Value": str(number)}]})
        fake.clock.advance(seconds=seconds)
    fake.clock.advance(days=1)


def contents(fake: FakeS3, bucket: str) -> dict[str, list[Any]]:
    """Return key -> id, time and bytes of its versions, newest first."""
    return {
        key: [(version.version_id, version.last_modified, version.delete_marker, version.data) for version in versions]
        for key in ("a", "b")
        if (versions := fake.buckets[bucket].versions.get(key))
    }


@settings(max_examples=60)
@given(steps, st.sampled_from([0, 60, 300, 1000]))
def test_two_directions_converge(taken: list[tuple[str, str, str, int]], delay: int) -> None:
    fake = FakeS3(seed=1, replication_delay=delay)
    with closing(fake.client()) as s3:
        create(s3, *BUCKETS)
        configure(s3, rule(**MARKERS))
        configure(s3, rule(**MARKERS, **to("source")), bucket="replicas")
        perform(fake, s3, taken)
        assert contents(fake, "source") == contents(fake, "replicas")
        for bucket in BUCKETS:
            for key in contents(fake, bucket):
                shown = {version.replication_status for version in fake.buckets[bucket].versions[key]}
                assert shown <= {"COMPLETED", "REPLICA"}


@settings(max_examples=60)
@given(steps, st.sampled_from([0, 60, 1000]))
def test_one_direction_copies_everything_and_nothing_else(taken: list[tuple[str, str, str, int]], delay: int) -> None:
    fake = FakeS3(seed=1, replication_delay=delay)
    with closing(fake.client()) as s3:
        create(s3, *BUCKETS)
        configure(s3, rule(Filter={"Prefix": "a"}, **MARKERS))
        perform(fake, s3, [(step, "source", key, seconds) for step, _, key, seconds in taken])
        source, replicas = contents(fake, "source"), contents(fake, "replicas")
        assert replicas == {key: versions for key, versions in source.items() if key == "a"}
        for version in fake.buckets["source"].versions.get("a", ()):
            (replica,) = (other for other in fake.buckets["replicas"].versions["a"] if other.version_id == version.version_id)
            assert replica.tags == version.tags

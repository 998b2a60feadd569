"""A law of metadata tables: who replays the journal of a bucket has its inventory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from fakes3part import FakeS3

KEYS = st.sampled_from(["a", "b", "b/c"])
TAGS = st.dictionaries(st.sampled_from("xy"), st.sampled_from("12"), max_size=2)
ACTIONS = st.one_of(
    st.tuples(st.just("put"), KEYS, TAGS),
    st.tuples(st.just("copy"), KEYS, KEYS),
    st.tuples(st.just("tag"), KEYS, TAGS),
    st.tuples(st.just("untag"), KEYS, st.none()),
    st.tuples(st.just("delete"), KEYS, st.none()),
    st.tuples(st.just("delete several"), st.lists(KEYS, min_size=1, unique=True), st.none()),
    st.tuples(st.just("delete a version"), st.integers(0, 20), st.none()),
    st.tuples(st.just("versioning"), st.sampled_from(["Enabled", "Suspended"]), st.none()),
    st.tuples(st.just("days"), st.sampled_from([2, 15, 40]), st.none()),
)
OF_RECORDS = ("record_type", "record_timestamp", "requester", "source_ip_address", "request_id")


@pytest.fixture(scope="module")
def fake() -> Iterator[tuple[FakeS3, Any]]:
    fake = FakeS3()
    with contextlib.closing(fake.client()) as s3:
        yield fake, s3


def perform(fake: FakeS3, s3: Any, action: str, argument: Any, more: Any) -> None:
    """Perform one action. What the state does not allow is refused, and leaves no record."""
    of_key: dict[str, Any] = {"Bucket": "bucket", "Key": argument}
    tags = [{"Key": key, "Value": value} for key, value in (more or {}).items()] if isinstance(more, dict) else []
    with contextlib.suppress(s3.exceptions.ClientError):
        if action == "put":
            s3.put_object(**of_key, Body=argument.encode(), Tagging="&".join(f"{key}={value}" for key, value in more.items()))
        elif action == "copy":
            s3.copy_object(**of_key, CopySource=f"bucket/{more}", StorageClass="STANDARD_IA")
        elif action == "tag":
            s3.put_object_tagging(**of_key, Tagging={"TagSet": tags})
        elif action == "untag":
            s3.delete_object_tagging(**of_key)
        elif action == "delete":
            s3.delete_object(**of_key)
        elif action == "delete several":
            s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": key} for key in argument]})
        elif action == "delete a version":
            versions = [version for key in fake.buckets["bucket"].versions for version in fake.buckets["bucket"].versions[key]]
            if versions:
                version = versions[argument % len(versions)]
                s3.delete_object(Bucket="bucket", Key=version.key, VersionId=version.version_id)
        elif action == "versioning":
            s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": argument})
        else:
            fake.clock.advance(days=argument)


def replayed(journal: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the inventory that follows from a journal."""
    state: dict[tuple[str, str | None], dict[str, Any]] = {}
    for record in journal:
        place = record["key"], record["version_id"]
        if record["record_type"] == "DELETE" and not record["is_delete_marker"]:
            del state[place]
        else:
            state[place] = {name: value for name, value in record.items() if name not in OF_RECORDS}
    return list(state.values())


def by_place(rows: list[dict[str, Any]]) -> dict[tuple[str, str | None], dict[str, Any]]:
    assert len({(row["key"], row["version_id"]) for row in rows}) == len(rows)
    return {(row["key"], row["version_id"]): row for row in rows}


RULES: Any = [
    {
        "ID": "a",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"Days": 20},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 10},
        "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}],
    }
]


@given(st.lists(ACTIONS, max_size=25))
@settings(max_examples=150)
def test_the_journal_gives_the_inventory(fake: tuple[FakeS3, Any], actions: list[tuple[str, Any, Any]]) -> None:
    one, s3 = fake
    one.reset()
    one.clock.freeze(datetime(2026, 10, 1, 12, tzinfo=timezone.utc))
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_lifecycle_configuration(
        Bucket="bucket",
        LifecycleConfiguration={"Rules": RULES},
        TransitionDefaultMinimumObjectSize="varies_by_storage_class",
    )
    configuration: Any = {
        "JournalTableConfiguration": {"RecordExpiration": {"Expiration": "DISABLED"}},
        "InventoryTableConfiguration": {"ConfigurationState": "ENABLED"},
    }
    s3.create_bucket_metadata_configuration(Bucket="bucket", MetadataConfiguration=configuration)
    for action in actions:
        perform(one, s3, *action)
    one.clock.advance(minutes=15)
    journal, inventory = one.metadata_table("bucket", "journal"), one.metadata_table("bucket", "inventory")
    numbers = [record["sequence_number"] for record in journal]
    assert numbers == sorted(set(numbers))
    replay = by_place(replayed(journal))
    shown = by_place(inventory)
    assert replay.keys() == shown.keys()
    for place, row in shown.items():
        expected = replay[place] if not row["is_delete_marker"] else {**replay[place], "is_delete_marker": True}
        assert row == expected

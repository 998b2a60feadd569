"""Storage class analysis: the report that S3 exports every day.

Source: "Amazon S3 analytics - Storage Class Analysis" in the S3 user guide. The key of a report, and how groups of ages and
numbers are written, is assumed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from fakes3part import FakeS3
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door
from tests.support.families import ANALYTICS
from tests.support.state import unchanged

START = "2026-03-01T10:00:00Z"
KIB = 1024
COLUMNS = [
    "Date", "ConfigId", "Filter", "StorageClass", "ObjectAge", "ObjectCount", "DataUploaded_MB", "Storage_MB", "DataRetrieved_MB",
    "GetRequestCount", "CumulativeAccessRatio", "ObjectAgeForSIATransition", "RecommendedObjectAgeForSIATransition",
]  # fmt: skip
GROUPS = [
    "000-014", "015-029", "030-044", "045-059", "060-074", "075-089", "090-119", "120-149", "150-179", "180-364", "365-729",
    "730+", "ALL",
]  # fmt: skip


def allow(door: Door, destination: str = "reports", **conditions: Any) -> None:
    """Set the policy that the user guide gives for the destination of reports."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{destination}/*",
        "Condition": {
            "ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"},
            "StringEquals": {"aws:SourceAccount": OWNER, "s3:x-amz-acl": "bucket-owner-full-control", **conditions},
        },
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    door.client.put_bucket_policy(Bucket=destination, Policy=policy)


@pytest.fixture(autouse=True)
def _buckets(door: Door, bucket: str) -> Iterator[None]:
    door.client.create_bucket(Bucket="reports")
    allow(door)
    door.fake.clock.freeze(START)
    yield
    door.fake.reset()


def configure(door: Door, name: str = "a", destination: str = "reports", prefix: str | None = None, **changes: Any) -> None:
    target = {"Format": "CSV", "Bucket": f"arn:aws:s3:::{destination}", **({"Prefix": prefix} if prefix else {})}
    account = changes.pop("account", None)
    if account is not None:
        target["BucketAccountId"] = account
    export = {"OutputSchemaVersion": "V_1", "Destination": {"S3BucketDestination": target}}
    ANALYTICS.put(door.client, name, StorageClassAnalysis={"DataExport": export}, **changes)


def keys(door: Door, bucket: str = "reports") -> list[str]:
    return list(door.fake.buckets[bucket].objects)


def rows(fake: FakeS3, key: str, bucket: str = "reports") -> dict[tuple[str, str], dict[str, str]]:
    """Return the rows of a report by storage class and group of ages."""
    reader = csv.DictReader(StringIO(fake.buckets[bucket].objects[key].text))
    return {(row["StorageClass"], row["ObjectAge"]): row for row in reader}


def put(door: Door, key: str, size: int = 128 * KIB, days_ago: int = 0, **members: Any) -> None:
    """Put an object as if it had been put before."""
    fake = door.fake
    now = fake.clock.now()
    fake.clock.freeze(now - timedelta(days=days_ago))
    fake.seed({"bucket": {key: {"Body": b"x" * size, **members}}})
    fake.clock.freeze(now)


# --- when and where --------------------------------------------------------------------------------------------------


def test_a_report_is_exported_every_24_hours(door: Door) -> None:
    configure(door)
    door.fake.clock.advance(hours=23, minutes=59)
    assert keys(door) == []
    door.fake.clock.advance(minutes=1)
    assert keys(door) == ["bucket/a/2026-03-02.csv"]
    door.fake.clock.advance(days=3)
    assert keys(door) == [f"bucket/a/2026-03-0{day}.csv" for day in (2, 3, 4, 5)]
    report = door.fake.buckets["reports"].objects["bucket/a/2026-03-04.csv"]
    assert report.last_modified.isoformat() == "2026-03-04T10:00:00+00:00"
    assert (report.content_type, report.owner) == ("text/csv", OWNER)


def test_the_report_can_be_read_as_any_object(door: Door) -> None:
    configure(door)
    events: list[str] = []
    door.fake.on("s3:ObjectCreated:*", lambda record: events.append(record["s3"]["object"]["key"]), bucket="reports")
    door.fake.clock.advance(days=1)
    text = door.client.get_object(Bucket="reports", Key="bucket/a/2026-03-02.csv")["Body"].read().decode()
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert len(text.splitlines()) == 1 + len(GROUPS)
    assert events == ["bucket/a/2026-03-02.csv"]


@pytest.mark.parametrize("prefix", ["out", "out/"])
def test_a_prefix(door: Door, prefix: str) -> None:
    configure(door, prefix=prefix)
    door.fake.clock.advance(days=1)
    assert keys(door) == ["out/bucket/a/2026-03-02.csv"]


def test_each_configuration_has_its_own_time(door: Door) -> None:
    configure(door, "a")
    door.fake.clock.advance(hours=6)
    configure(door, "b")
    door.fake.clock.advance(hours=18)
    assert keys(door) == ["bucket/a/2026-03-02.csv"]
    door.fake.clock.advance(hours=6)
    assert keys(door) == ["bucket/a/2026-03-02.csv", "bucket/b/2026-03-02.csv"]


def test_a_replaced_configuration_stays_due(door: Door) -> None:
    configure(door)
    door.fake.clock.advance(hours=12)
    configure(door, prefix="new")
    door.fake.clock.advance(hours=12)
    assert keys(door) == ["new/bucket/a/2026-03-02.csv"]


def test_nothing_is_exported(door: Door) -> None:
    """Without an export, and after the configuration or the bucket was deleted."""
    ANALYTICS.put(door.client, "silent")
    configure(door, "deleted")
    ANALYTICS.call(door.client, "Delete", Id="deleted")
    door.client.create_bucket(Bucket="other")
    door.client.delete_bucket(Bucket="other")
    with unchanged(door.fake):
        door.fake.clock.advance(days=10)


NO_REPORT: dict[str, dict[str, Any]] = {
    "policy": {"account": None},
    "missing": {"destination": "missing"},
    "account": {"account": STRANGER},
    "region": {"destination": "elsewhere"},
    "key": {},
}
REASONS = {
    "policy": "s3.amazonaws.com may not write 'bucket/a/2026-03-02.csv' to bucket 'reports': ",
    "missing": "there is no bucket 'missing'",
    "account": f"bucket 'reports' belongs to account {OWNER}, not to {STRANGER}",
    "region": "bucket 'elsewhere' is in eu-west-1, not in us-east-1",
    "key": "bucket 'reports' was deleted, or the KMS key of its encryption cannot be used",
}


@pytest.mark.parametrize("case", NO_REPORT)
def test_destinations_that_cannot_be_written_to(door: Door, case: str, caplog: pytest.LogCaptureFixture) -> None:
    s3 = door.client
    if case == "policy":
        s3.delete_bucket_policy(Bucket="reports")
    if case == "region":
        with door.client_with(region_name="eu-west-1") as there:
            location: Any = {"LocationConstraint": "eu-west-1"}
            there.create_bucket(Bucket="elsewhere", CreateBucketConfiguration=location)
        allow(door, "elsewhere")
    if case == "key":
        key = door.fake.kms.add_key(state="Disabled")
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
        s3.put_bucket_encryption(Bucket="reports", ServerSideEncryptionConfiguration={"Rules": [rule]})
    configure(door, **NO_REPORT[case])
    door.fake.clock.advance(days=1)
    assert keys(door) == []
    [warning] = [record.getMessage() for record in caplog.records if record.name == "fakes3part.analytics"]
    assert warning.startswith(f"the analysis 'a' of bucket 'bucket' cannot be exported: {REASONS[case]}")
    if case == "region":
        assert keys(door, "elsewhere") == []


@pytest.mark.parametrize(
    "conditions",
    [{"aws:SourceAccount": STRANGER}, {"s3:x-amz-acl": "public-read"}],
    ids=["account", "acl"],
)
def test_conditions_of_the_policy(door: Door, conditions: dict[str, str]) -> None:
    allow(door, **conditions)
    configure(door)
    door.fake.clock.advance(days=1)
    assert keys(door) == []
    allow(door)  # the next report finds a policy that allows it
    door.fake.clock.advance(days=1)
    assert keys(door) == ["bucket/a/2026-03-03.csv"]


def test_its_own_bucket_as_destination(door: Door) -> None:
    put(door, "k")
    allow(door, "bucket")
    configure(door, destination="bucket", account=OWNER)
    door.fake.clock.advance(days=3)
    counts = [rows(door.fake, f"bucket/a/2026-03-0{day}.csv", "bucket")["STANDARD", "ALL"]["ObjectCount"] for day in (2, 3, 4)]
    assert counts == ["1", "2", "3"]


def test_default_encryption_and_versioning_of_the_destination(door: Door) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    door.client.put_bucket_encryption(Bucket="reports", ServerSideEncryptionConfiguration={"Rules": [rule]})
    door.client.put_bucket_versioning(Bucket="reports", VersioningConfiguration={"Status": "Enabled"})
    configure(door)
    door.fake.clock.advance(days=1)
    head = door.client.head_object(Bucket="reports", Key="bucket/a/2026-03-02.csv")
    assert head["ServerSideEncryption"] == "aws:kms"
    assert head["VersionId"] != "null"


# --- rows ------------------------------------------------------------------------------------------------------------


def test_rows(door: Door) -> None:
    configure(door, Filter={"Prefix": "logs/"})
    door.fake.clock.advance(days=1)
    table = rows(door.fake, "bucket/a/2026-03-02.csv")
    assert list(table) == [("STANDARD", group) for group in GROUPS]
    empty = dict.fromkeys(COLUMNS[5:11], "0") | dict.fromkeys(COLUMNS[11:], "")
    common = {"Date": "03-02-2026", "ConfigId": "a", "Filter": "prefix=logs/", "StorageClass": "STANDARD"}
    assert [list(row.items()) for row in table.values()] == [
        list({**common, "ObjectAge": group, **empty}.items()) for group in GROUPS
    ]


AGES = [
    (0, "000-014"), (13, "000-014"), (14, "015-029"), (28, "015-029"), (29, "030-044"), (44, "045-059"), (59, "060-074"),
    (74, "075-089"), (89, "090-119"), (119, "120-149"), (149, "150-179"), (179, "180-364"), (363, "180-364"), (364, "365-729"),
    (728, "365-729"), (729, "730+"), (5000, "730+"),
]  # fmt: skip


@pytest.mark.parametrize(("days_ago", "group"), AGES)
def test_groups_of_ages(door: Door, days_ago: int, group: str) -> None:
    """The age is that at the time of the report, a day after the configuration was put."""
    put(door, "k", days_ago=days_ago)
    configure(door)
    door.fake.clock.advance(days=1)
    table = rows(door.fake, "bucket/a/2026-03-02.csv")
    found = {name: (row["ObjectCount"], row["Storage_MB"]) for (_, name), row in table.items() if row["ObjectCount"] != "0"}
    assert found == {group: ("1", "0.125"), "ALL": ("1", "0.125")}


def test_an_object_grows_old(door: Door) -> None:
    put(door, "k")
    configure(door)
    door.fake.clock.advance(days=31)
    groups = []
    for day in (14, 15, 16, 29, 30, 31):
        table = rows(door.fake, f"bucket/a/2026-03-{day}.csv")
        groups += [name for (_, name), row in table.items() if row["ObjectCount"] == "1" and name != "ALL"]
    assert groups == ["000-014", "000-014", "015-029", "015-029", "015-029", "030-044"]


def test_small_objects_are_in_all_only(door: Door) -> None:
    put(door, "small", 128 * KIB - 1)
    put(door, "large", 1024 * KIB)
    configure(door)
    door.fake.clock.advance(days=1)
    table = rows(door.fake, "bucket/a/2026-03-02.csv")
    assert table["STANDARD", "ALL"]["ObjectCount"] == "2"
    assert table["STANDARD", "000-014"]["ObjectCount"] == "1"
    assert (table["STANDARD", "ALL"]["Storage_MB"], table["STANDARD", "000-014"]["Storage_MB"]) == ("1.124999", "1")


def test_storage_classes(door: Door) -> None:
    put(door, "a")
    put(door, "b", StorageClass="STANDARD_IA")
    put(door, "c", StorageClass="GLACIER")
    configure(door)
    door.fake.clock.advance(days=1)
    table = rows(door.fake, "bucket/a/2026-03-02.csv")
    assert list(dict.fromkeys(name for name, _ in table)) == ["STANDARD", "GLACIER", "STANDARD_IA"]
    assert {name: table[name, "ALL"]["ObjectCount"] for name, _ in table} == dict.fromkeys(
        ("STANDARD", "GLACIER", "STANDARD_IA"), "1"
    )


def test_filters(door: Door) -> None:
    put(door, "logs/a", Tagging="colour=red&x=1")
    put(door, "logs/b", Tagging="colour=blue")
    put(door, "other", Tagging="colour=red")
    red = {"Key": "colour", "Value": "red"}
    filters: dict[str, tuple[Any, str, str]] = {
        "all": (None, "", "3"),
        "prefix": ({"Prefix": "logs/"}, "prefix=logs/", "2"),
        "tag": ({"Tag": red}, "tag:colour=red", "2"),
        "and": ({"And": {"Prefix": "logs/", "Tags": [red]}}, "prefix=logs/&tag:colour=red", "1"),
        "never": ({"And": {"Tags": [red, {**red, "Value": "blue"}]}}, "tag:colour=red&tag:colour=blue", "0"),
    }
    for name, (object_filter, _, _) in filters.items():
        configure(door, name, **({} if object_filter is None else {"Filter": object_filter}))
    door.fake.clock.advance(days=1)
    for name, (_, text, count) in filters.items():
        row = rows(door.fake, f"bucket/{name}/2026-03-02.csv")["STANDARD", "ALL"]
        assert (row["ConfigId"], row["Filter"], row["ObjectCount"]) == (name, text, count)


def test_only_current_versions(door: Door) -> None:
    door.client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    for key in ("a", "a", "b"):
        put(door, key)
    door.client.delete_object(Bucket="bucket", Key="b")
    configure(door)
    door.fake.clock.advance(days=1)
    assert rows(door.fake, "bucket/a/2026-03-02.csv")["STANDARD", "ALL"]["ObjectCount"] == "1"


# --- accesses --------------------------------------------------------------------------------------------------------


def test_uploads_and_downloads_of_the_day(door: Door) -> None:
    s3 = door.client
    put(door, "old", 256 * KIB, days_ago=50)
    configure(door)
    s3.put_object(Bucket="bucket", Key="new", Body=b"x" * 128 * KIB)
    s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/new")
    for key, part in (("old", None), ("old", "bytes=0-131071"), ("new", None)):
        s3.get_object(Bucket="bucket", Key=key, **({"Range": part} if part else {}))["Body"].read()
    s3.head_object(Bucket="bucket", Key="old")
    s3.list_objects_v2(Bucket="bucket")
    door.fake.clock.advance(days=1)
    table = rows(door.fake, "bucket/a/2026-03-02.csv")

    def shown(group: str) -> list[str]:
        return [table["STANDARD", group][name] for name in COLUMNS[5:11]]

    assert shown("000-014") == ["2", "0.25", "0.25", "0.125", "1", "1"]
    assert shown("045-059") == ["1", "0", "0.25", "0.375", "2", "1.5"]
    assert shown("ALL") == ["3", "0.25", "0.5", "0.5", "3", "1"]
    door.fake.clock.advance(days=1)
    table = rows(door.fake, "bucket/a/2026-03-03.csv")
    assert shown("ALL") == ["3", "0", "0.5", "0", "0", "0"]


def test_refused_and_other_requests_are_no_accesses(door: Door) -> None:
    s3 = door.client
    put(door, "k")
    configure(door, Filter={"Prefix": "x"})
    configure(door, "b")
    s3.get_object(Bucket="bucket", Key="k")["Body"].read()
    with pytest.raises(s3.exceptions.ClientError):
        s3.get_object(Bucket="bucket", Key="k", IfMatch='"none"')
    door.fake.clock.advance(days=1)
    assert rows(door.fake, "bucket/a/2026-03-02.csv")["STANDARD", "ALL"]["GetRequestCount"] == "0"
    assert rows(door.fake, "bucket/b/2026-03-02.csv")["STANDARD", "ALL"]["GetRequestCount"] == "1"


def test_the_age_for_transition(door: Door) -> None:
    """The first age of the groups from which on nothing is read; recommended after 30 days of observation."""
    for age in (1, 40, 70, 200):
        put(door, f"age{age}", days_ago=age)
    configure(door)
    door.client.get_object(Bucket="bucket", Key="age40")["Body"].read()
    door.fake.clock.advance(days=30)
    first, second, last = (rows(door.fake, f"bucket/a/2026-03-{day}.csv")["STANDARD", "ALL"] for day in ("02", "03", "31"))
    names = COLUMNS[11:]
    assert [first[name] for name in names] == ["45", ""]
    assert [second[name] for name in names] == ["30", ""]
    assert [last[name] for name in names] == ["30", "30"]


# --- state -----------------------------------------------------------------------------------------------------------


def test_what_was_observed_is_state(door: Door, tmp_path: Path) -> None:
    fake = door.fake
    put(door, "k")
    configure(door)
    door.client.get_object(Bucket="bucket", Key="k")["Body"].read()
    fake.clock.advance(hours=20)
    snapshot, forked = fake.snapshot(), fake.fork()
    fake.save(tmp_path / "archive")
    fake.clock.advance(hours=4)
    fake.restore(snapshot)
    assert keys(door) == []
    loaded = FakeS3.load(tmp_path / "archive")
    for other in (fake, forked, loaded):
        other.clock.freeze("2026-03-02T09:59:59Z")
        assert list(other.buckets["reports"].objects) == []
        other.clock.advance(seconds=1)
        assert rows(other, "bucket/a/2026-03-02.csv")["STANDARD", "ALL"]["GetRequestCount"] == "1"


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside lifecycle rules"])
def test_a_clock_that_is_moved_far(door: Door, beside: bool) -> None:
    """The reports of the last ten years are made, not all of them."""
    configure(door)
    if beside:
        rule: Any = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}}
        door.client.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration={"Rules": [rule]})
    door.fake.clock.move_to("9999-12-31T23:59:59Z")
    names = keys(door)
    assert (len(names), names[0], names[-1]) == (3660, "bucket/a/9989-12-24.csv", "bucket/a/9999-12-31.csv")


def test_one_long_way_is_as_many_short_ones(door: Door) -> None:
    for age in (1, 40, 70, 200):
        put(door, f"age{age}", days_ago=age)
    configure(door)
    configure(door, "b", Filter={"Prefix": "age7"})
    forked = door.fake.fork()
    forked.clock.freeze(START)
    forked.clock.advance(days=40)
    for _ in range(80):
        door.fake.clock.advance(hours=12)
    expected, found = ({key: view.text for key, view in fake.buckets["reports"].objects.items()} for fake in (door.fake, forked))
    assert len(found) == 80
    assert found == expected

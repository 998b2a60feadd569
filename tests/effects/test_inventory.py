"""Inventory reports: when they are made, what they list, their files, and what keeps them from being delivered.

Sources: "Amazon S3 Inventory list", "Locating your inventory list" and "Creating a destination bucket policy" (S3 user guide).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.effects.inventory import InventoryError
from tests.support.doors import Door
from tests.support.inventory import ALL_FIELDS, POLICY, START, allow, configure, put_policy, read, reports, rows_of
from tests.support.state import unchanged

# --- when ---


def test_daily_reports_come_at_midnight(listed: Door) -> None:
    configure(listed.client)
    listed.fake.clock.move_to("2026-02-19T23:59:59Z")
    assert reports(listed.fake) == []
    listed.fake.clock.move_to("2026-02-20T00:00:00Z")
    assert reports(listed.fake) == ["bucket/daily/2026-02-20T00-00Z/manifest.json"]
    listed.fake.clock.move_to("2026-02-22T12:00:00Z")
    assert reports(listed.fake) == [
        "bucket/daily/2026-02-20T00-00Z/manifest.json",
        "bucket/daily/2026-02-21T00-00Z/manifest.json",
        "bucket/daily/2026-02-22T00-00Z/manifest.json",
    ]
    written = listed.client.head_object(Bucket="reports", Key="bucket/daily/2026-02-21T00-00Z/manifest.json")
    assert written["LastModified"] == datetime(2026, 2, 21, tzinfo=timezone.utc)


def test_weekly_reports_come_on_sundays(listed: Door) -> None:
    configure(listed.client, name="weekly", frequency="Weekly")
    listed.fake.clock.move_to("2026-03-05T00:00:00Z")
    assert reports(listed.fake) == [
        "bucket/weekly/2026-02-22T00-00Z/manifest.json",
        "bucket/weekly/2026-03-01T00-00Z/manifest.json",
    ]


def test_a_far_move_of_the_clock(listed: Door) -> None:
    """Only the reports of the last 400 days are made."""
    configure(listed.client, frequency="Weekly")
    listed.fake.clock.move_to("9999-12-31T23:59:59Z")
    made = reports(listed.fake)
    assert (len(made), made[0], made[-1]) == (
        57,
        "bucket/daily/9998-11-29T00-00Z/manifest.json",
        "bucket/daily/9999-12-26T00-00Z/manifest.json",
    )


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z"])
@pytest.mark.parametrize("file_format", ["CSV", "ORC", "Parquet"])
def test_the_begin_of_the_calendar(listed: Door, file_format: str, moment: str) -> None:
    listed.client.put_object(Bucket="bucket", Key="k", Body=b"x")
    configure(listed.client, *ALL_FIELDS, frequency="Weekly", Format=file_format)
    listed.fake.clock.move_to(moment)
    assert listed.fake.deliver_inventory("bucket", "daily").startswith("bucket/daily/")


def test_a_configuration_that_is_disabled(listed: Door) -> None:
    configure(listed.client, enabled=False)
    listed.fake.clock.advance(days=10)
    assert reports(listed.fake) == []
    with pytest.raises(InventoryError, match=r"^the inventory configuration 'daily' of bucket 'bucket' is disabled$"):
        listed.fake.deliver_inventory("bucket", "daily")
    configure(listed.client)
    listed.fake.clock.advance(days=1)
    assert reports(listed.fake) == ["bucket/daily/2026-03-02T00-00Z/manifest.json"]


def test_a_configuration_that_is_deleted(listed: Door) -> None:
    configure(listed.client)
    listed.client.delete_bucket_inventory_configuration(Bucket="bucket", Id="daily")
    listed.fake.clock.advance(days=10)
    assert reports(listed.fake) == []


def test_several_configurations(listed: Door) -> None:
    configure(listed.client, name="b", Prefix="x")
    configure(listed.client, name="a")
    listed.fake.clock.advance(days=1)
    assert reports(listed.fake) == [
        "bucket/a/2026-02-20T00-00Z/manifest.json",
        "x/bucket/b/2026-02-20T00-00Z/manifest.json",
    ]


def test_at_once(listed: Door) -> None:
    configure(listed.client)
    assert listed.fake.deliver_inventory("bucket", "daily") == "bucket/daily/2026-02-19T10-30Z/manifest.json"
    assert reports(listed.fake) == ["bucket/daily/2026-02-19T10-30Z/manifest.json"]


# --- the files ---


def test_the_files_of_a_report(listed: Door) -> None:
    listed.client.put_object(Bucket="bucket", Key="k", Body=b"abc")
    configure(listed.client, "Size", Prefix="inventories")
    key = listed.fake.deliver_inventory("bucket", "daily")
    data = next(key for key in listed.fake.buckets["reports"].objects if "/data/" in key)
    assert list(listed.fake.buckets["reports"].objects) == [
        "inventories/bucket/daily/2026-02-19T10-30Z/manifest.checksum",
        "inventories/bucket/daily/2026-02-19T10-30Z/manifest.json",
        data,
        "inventories/bucket/daily/hive/dt=2026-02-19-10-30/symlink.txt",
    ]
    assert data.startswith("inventories/bucket/daily/data/")
    assert data.endswith(".csv.gz")
    content = read(listed.fake, data)
    assert gzip.decompress(content) == b'"bucket","k","3"\n'
    assert content[4:8] == int(START.timestamp()).to_bytes(4, "little")  # gzip's time is the fake's
    manifest = read(listed.fake, key)
    assert json.loads(manifest) == {
        "sourceBucket": "bucket",
        "destinationBucket": "arn:aws:s3:::reports",
        "version": "2016-11-30",
        "creationTimestamp": "1771497000000",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size",
        "files": [{"key": data, "size": len(content), "MD5checksum": hashlib.md5(content).hexdigest()}],
    }
    assert read(listed.fake, key.replace(".json", ".checksum")) == hashlib.md5(manifest).hexdigest().encode()
    symlink = read(listed.fake, "inventories/bucket/daily/hive/dt=2026-02-19-10-30/symlink.txt")
    assert symlink == f"s3://reports/{data}\n".encode()
    created = [event["s3"]["object"]["key"] for event in listed.fake.events.filter("s3:ObjectCreated:Put", bucket="reports")]
    assert len(created) == 4
    assert created[-1].endswith("manifest.checksum")
    assert listed.fake.events[-1]["userIdentity"] == {"principalId": "s3.amazonaws.com"}


def test_a_report_of_an_empty_bucket(listed: Door) -> None:
    configure(listed.client)
    assert rows_of(listed.fake, listed.fake.deliver_inventory("bucket", "daily")) == []


def test_keys_are_url_encoded(listed: Door) -> None:
    for key in ("a b/ü+c", 'quote",x', "line\nbreak"):
        listed.client.put_object(Bucket="bucket", Key=key)
    configure(listed.client)
    rows = rows_of(listed.fake, listed.fake.deliver_inventory("bucket", "daily"))
    assert [row[1] for row in rows] == ["a%20b/%C3%BC%2Bc", "line%0Abreak", "quote%22%2Cx"]


def test_a_seed_gives_the_same_report() -> None:
    made = []
    for _ in range(2):
        with FakeS3(seed=7) as fake:
            s3 = fake.client()
            for name in ("bucket", "reports"):
                s3.create_bucket(Bucket=name)
            put_policy(s3, allow())
            s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
            for file_format in ("CSV", "ORC", "Parquet"):
                configure(s3, *ALL_FIELDS, Format=file_format, name=file_format)
            fake.clock.advance(days=1)
            made.append({key: view.data for key, view in fake.buckets["reports"].objects.items()})
    assert len(made[0]) == 12
    assert made[0] == made[1]


@pytest.mark.parametrize("versioned", [False, True])
def test_a_destination_of_its_own_lists_itself(door: Door, bucket: str, versioned: bool) -> None:
    door.fake.clock.freeze(START)
    if versioned:
        door.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put_policy(door.client, {**allow(), "Resource": "arn:aws:s3:::bucket/*"}, "bucket")
    configure(door.client, Bucket="arn:aws:s3:::bucket")
    door.fake.clock.advance(days=2)
    manifests = [key for key in door.fake.buckets["bucket"].objects if key.endswith("manifest.json")]
    (file,) = json.loads(door.fake.buckets["bucket"].objects[manifests[1]].data)["files"]
    content = gzip.decompress(door.fake.buckets["bucket"].objects[file["key"]].data)
    assert content.count(b"\n") == 4


# --- without pyarrow ---


@pytest.mark.parametrize("file_format", ["ORC", "Parquet"])
def test_without_pyarrow(
    listed: Door, file_format: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The configuration is stored all the same; the report is not made, and the log says which extra it needs."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    configure(listed.client, Format=file_format)
    message = (
        f"the inventory 'daily' of bucket 'bucket' cannot be delivered: {file_format} needs pyarrow, which is an extra: "
        'pip install "fakes3part[inventory]"'
    )
    with caplog.at_level(logging.WARNING, "fakes3part.inventory"):
        listed.fake.clock.advance(days=1)
    assert [record.getMessage() for record in caplog.records] == [message]
    with pytest.raises(InventoryError) as caught:
        listed.fake.deliver_inventory("bucket", "daily")
    assert str(caught.value) == message
    assert reports(listed.fake) == []
    configure(listed.client)
    assert listed.fake.deliver_inventory("bucket", "daily")


# --- the destination ---


DENYING: dict[str, dict[str, Any] | None] = {
    "no policy": None,
    "another bucket": allow(ArnLike={"aws:SourceArn": "arn:aws:s3:::other"}),
    "another account": allow(StringEquals={"aws:SourceAccount": "210987654321"}),
    "another ACL": allow(StringEquals={"s3:x-amz-acl": "private"}),
    "another service": {**allow(), "Principal": {"Service": "logging.s3.amazonaws.com"}},
    "another action": {**allow(), "Action": "s3:GetObject"},
    "another prefix": allow(prefix="elsewhere/"),
    "the data only": allow(prefix="bucket/daily/data/"),
    "a denial": {**allow(), "Effect": "Deny"},
}


@pytest.mark.parametrize("statement", DENYING.values(), ids=DENYING)
def test_policies_that_do_not_allow_it(listed: Door, statement: dict[str, Any] | None, caplog: pytest.LogCaptureFixture) -> None:
    listed.client.delete_bucket_policy(Bucket="reports")
    if statement is not None:
        put_policy(listed.client, statement)
    configure(listed.client)
    with unchanged(listed.fake):
        with caplog.at_level(logging.WARNING, "fakes3part.inventory"):
            listed.fake.clock.advance(days=1)
        (record,) = (record for record in caplog.records if record.name == "fakes3part.inventory")
        assert "s3.amazonaws.com may not write 'bucket/daily/" in record.getMessage()
        with pytest.raises(InventoryError, match="may not write"):
            listed.fake.deliver_inventory("bucket", "daily")


ALLOWING = {
    "AWS's example": POLICY,
    "everything": allow(),
    "the prefix": allow(prefix="bucket/daily/"),
    "wildcards": allow(ArnLike={"aws:SourceArn": "arn:aws:s3:::buck*"}),
}


@pytest.mark.parametrize("statement", ALLOWING.values(), ids=ALLOWING)
def test_policies_that_allow_it(listed: Door, statement: dict[str, Any]) -> None:
    put_policy(listed.client, statement)
    configure(listed.client)
    listed.fake.clock.advance(days=1)
    assert len(reports(listed.fake)) == 1


def test_policies_that_demand_tls_and_encryption(listed: Door) -> None:
    """S3 writes over TLS, and sends the encryption that the configuration chooses."""
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::reports/*"}
    statements = [
        POLICY,
        {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {**deny, "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    key = listed.fake.kms.add_key()
    configure(listed.client, Encryption={"SSEKMS": {"KeyId": key}})
    configure(listed.client, name="plain")
    listed.client.put_bucket_policy(Bucket="reports", Policy=document)
    assert listed.fake.deliver_inventory("bucket", "daily")
    with pytest.raises(InventoryError, match="may not write"):
        listed.fake.deliver_inventory("bucket", "plain")


def test_destinations_that_are_wrong(listed: Door) -> None:
    listed.client.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    start = "the inventory 'daily' of bucket 'bucket' cannot be delivered: "
    for destination, problem in (
        ({"Bucket": "arn:aws:s3:::none"}, "there is no bucket 'none'"),
        ({"Bucket": "arn:aws:s3:::far"}, "bucket 'far' is in eu-west-1, not in us-east-1"),
        ({"AccountId": "210987654321"}, "bucket 'reports' belongs to account 123456789012, not to 210987654321"),
    ):
        configure(listed.client, **destination)
        with pytest.raises(InventoryError) as caught:
            listed.fake.deliver_inventory("bucket", "daily")
        assert str(caught.value) == start + problem
    configure(listed.client, AccountId="123456789012")
    assert listed.fake.deliver_inventory("bucket", "daily")


def test_a_destination_of_another_account(listed: Door) -> None:
    with listed.client_with(aws_access_key_id="210987654321") as other:
        other.create_bucket(Bucket="theirs")
        put_policy(other, {**POLICY, "Resource": "arn:aws:s3:::theirs/*"}, "theirs")
        configure(listed.client, Bucket="arn:aws:s3:::theirs", AccountId="210987654321")
        key = listed.fake.deliver_inventory("bucket", "daily")
        assert other.get_object(Bucket="theirs", Key=key)["ContentLength"] > 0
    assert listed.fake.buckets["theirs"].objects[key].owner == "210987654321"


def test_no_such_configuration(listed: Door) -> None:
    with pytest.raises(KeyError, match=r"no bucket 'buckets'; did you mean 'bucket'\?"):
        listed.fake.deliver_inventory("buckets", "daily")
    with pytest.raises(KeyError, match="no inventory configuration 'daily' of 'bucket'; there are none"):
        listed.fake.deliver_inventory("bucket", "daily")


# --- encryption of the report ---


def _encryptions(fake: FakeS3) -> set[tuple[str | None, str | None]]:
    views = fake.buckets["reports"].objects.values()
    return {(view.encryption.algorithm, view.encryption.key_arn) for view in views}


def test_encryption(listed: Door) -> None:
    key = listed.fake.kms.add_key(alias="reports")
    default = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms:dsse", "KMSMasterKeyID": key}}]}
    listed.client.put_bucket_encryption(Bucket="reports", ServerSideEncryptionConfiguration=default)
    alias = "arn:aws:kms:us-east-1:123456789012:alias/reports"
    for encryption, expected in (
        ({}, ("aws:kms:dsse", key)),
        ({"SSES3": {}}, ("AES256", None)),
        ({"SSEKMS": {"KeyId": key}}, ("aws:kms", key)),
        ({"SSEKMS": {"KeyId": alias}}, ("aws:kms", key)),
    ):
        configure(listed.client, **({"Encryption": encryption} if encryption else {}))
        listed.fake.deliver_inventory("bucket", "daily")
        assert _encryptions(listed.fake) == {expected}
        for name in list(listed.fake.buckets["reports"].objects):
            listed.client.delete_object(Bucket="reports", Key=name)


def _key_policy(effect: str, service: str) -> dict[str, Any]:
    statement = {
        "Effect": effect,
        "Principal": {"Service": service},
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "123456789012"},
            "ArnLike": {"aws:SourceARN": "arn:aws:s3:::bucket"},
        },
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_the_policy_of_the_key(listed: Door) -> None:
    for policy, allowed in (
        (_key_policy("Allow", "s3.amazonaws.com"), True),
        (_key_policy("Allow", "logging.s3.amazonaws.com"), False),
        (_key_policy("Deny", "s3.amazonaws.com"), False),
    ):
        key = listed.fake.kms.add_key(policy=policy)
        configure(listed.client, Encryption={"SSEKMS": {"KeyId": key}})
        if allowed:
            assert listed.fake.deliver_inventory("bucket", "daily")
        else:
            with pytest.raises(InventoryError, match=r"the KMS key .* cannot be used: .*not authorized to perform"):
                listed.fake.deliver_inventory("bucket", "daily")


def test_keys_that_cannot_be_used(listed: Door) -> None:
    disabled = listed.fake.kms.add_key(state="Disabled")
    managed = "arn:aws:kms:us-east-1:123456789012:alias/aws/s3"
    for key, problem in ((disabled, "is disabled"), (managed, "is the AWS managed key, a customer managed one is needed")):
        configure(listed.client, Encryption={"SSEKMS": {"KeyId": key}})
        with unchanged(listed.fake), pytest.raises(InventoryError, match=problem):
            listed.fake.deliver_inventory("bucket", "daily")


# --- snapshots, forks, archives ---


def test_snapshots_and_archives_hold_the_schedule(listed: Door, tmp_path: Path) -> None:
    configure(listed.client)
    before = listed.fake.snapshot()
    listed.fake.save(tmp_path / "state.zip")
    fork = listed.fake.fork()
    listed.fake.clock.advance(days=1)
    assert len(reports(listed.fake)) == 1
    listed.fake.restore(before)
    assert reports(listed.fake) == []
    listed.fake.clock.advance(days=2)
    assert len(reports(listed.fake)) == 2
    for fake in (fork, FakeS3.load(tmp_path / "state.zip")):
        fake.clock.advance(days=3)
        assert len(reports(fake)) == 3
    listed.fake.reset()
    assert listed.fake.store.processes_ran_at == {}

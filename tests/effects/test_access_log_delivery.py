"""The delivery of access logs: when, under which keys, to which targets, and what the log objects are like."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes3part import FakeS3
from fakes3part.auth.callers import canonical_id
from fakes3part.effects.access_log import deliver
from fakes3part.state import pending_logs
from tests.support.access_logs import allow_delivery, bodies, delivered, log_to, parse, reason
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door
from tests.support.policies import client_of

pytestmark = pytest.mark.usefixtures("logged")

ME, THEM = canonical_id(OWNER), canonical_id(STRANGER)
UNIQUE = re.compile(r"[0-9A-F]{16}")
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"


def operations(text: str) -> list[str]:
    return [parse(line)["operation"].removeprefix("REST.") for line in text.splitlines()]


def names(door: Door, bucket: str = "logs") -> list[str]:
    """Return the keys of the log objects, with their unique parts replaced."""
    assert all(UNIQUE.search(key) for key in bodies(door.fake, bucket))
    return [UNIQUE.sub("U", key) for key in bodies(door.fake, bucket)]


# --- when ------------------------------------------------------------------------------------------------------------


def test_delivery_when_the_hour_has_passed(door: Door) -> None:
    s3, clock = door.client, door.fake.clock
    s3.put_object(Bucket="bucket", Key="a")
    clock.move_to("2026-09-20T19:59:59Z")
    s3.put_object(Bucket="bucket", Key="b")
    assert names(door) == []
    clock.advance(seconds=1)
    assert names(door) == ["2026-09-20-20-00-00-U"]
    [text] = bodies(door.fake).values()
    assert operations(text) == ["PUT.LOGGING_STATUS", "PUT.OBJECT", "PUT.OBJECT"]
    s3.head_object(Bucket="bucket", Key="a")
    clock.move_to("2026-09-20T22:30:00Z")
    assert names(door) == ["2026-09-20-20-00-00-U", "2026-09-20-21-00-00-U"]
    assert clock.advance(days=30)
    assert len(names(door)) == 2


def test_a_clock_that_jumps_leaves_what_small_steps_leave(door: Door) -> None:
    s3, clock = door.client, door.fake.clock
    s3.put_object(Bucket="bucket", Key="a")
    clock.move_to("2026-10-20T00:30:00Z")
    [log] = door.fake.buckets["logs"].objects.values()
    assert UNIQUE.sub("U", log.key) == "2026-09-20-20-00-00-U"
    assert log.last_modified.isoformat() == "2026-09-20T20:00:00+00:00"


def test_the_next_request_delivers_too(door: Door) -> None:
    """freezegun and time-machine move the clock without a call."""
    clock = door.fake.clock
    clock._frozen = clock.now().replace(hour=23)
    door.client.head_bucket(Bucket="logs")
    assert len(names(door)) == 1


def test_deliver_logs(door: Door) -> None:
    fake, s3 = door.fake, door.client
    assert [log.bucket for log in fake.deliver_logs()] == ["logs"]
    assert fake.deliver_logs() == []
    s3.put_object(Bucket="bucket", Key="a")
    [log] = fake.deliver_logs()
    assert operations(bodies(fake)[log.key]) == ["PUT.OBJECT"]
    stored = s3.head_object(Bucket="logs", Key=log.key)
    assert stored["LastModified"] == fake.clock.now()


def test_switched_off(door: Door) -> None:
    s3 = door.client
    s3.put_object(Bucket="bucket", Key="a")
    s3.put_bucket_logging(Bucket="bucket", BucketLoggingStatus={})
    s3.put_object(Bucket="bucket", Key="b")
    assert [line["key"] for line in delivered(door)] == ["a"]


def test_each_record_goes_where_logging_was_set_then(door: Door) -> None:
    s3 = door.client
    s3.create_bucket(Bucket="others")
    allow_delivery(s3, "others")
    s3.put_object(Bucket="bucket", Key="a")
    log_to(s3, "others", "x/")
    s3.put_object(Bucket="bucket", Key="b")
    assert {log.bucket for log in door.fake.deliver_logs()} == {"logs", "others"}
    assert [operations(text) for text in bodies(door.fake).values()] == [["PUT.LOGGING_STATUS", "PUT.OBJECT"]]
    assert [operations(text) for text in bodies(door.fake, "others").values()] == [["PUT.LOGGING_STATUS", "PUT.OBJECT"]]
    assert names(door, "others") == ["x/2026-09-20-19-29-41-U"]


def test_a_busy_bucket_is_delivered_before_the_hour_has_passed(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_logs, "MAX_RECORDS", 5)
    for _ in range(10):
        door.client.head_bucket(Bucket="bucket")
    assert sorted(len(text.splitlines()) for text in bodies(door.fake).values()) == [5, 5]
    assert [len(log.records) for log in door.fake.store.access_logs.logs()] == [1]


# --- keys ------------------------------------------------------------------------------------------------------------

PARTITION = f"{OWNER}/us-east-1/bucket/2026/09/"
KEYS: dict[str, tuple[Any, list[str]]] = {
    "simple": ({"SimplePrefix": {}}, ["p/2026-09-21-01-00-00-U"]),
    "partitioned": ({"PartitionedPrefix": {}}, [f"p/{PARTITION}21/2026-09-21-01-00-00-U"]),
    "delivery time": (
        {"PartitionedPrefix": {"PartitionDateSource": "DeliveryTime"}},
        [f"p/{PARTITION}21/2026-09-21-01-00-00-U"],
    ),
    "event time": (
        {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
        [f"p/{PARTITION}20/2026-09-20-00-00-00-U", f"p/{PARTITION}21/2026-09-21-00-00-00-U"],
    ),
}


@pytest.mark.parametrize("case", KEYS)
def test_keys(door: Door, case: str) -> None:
    """Of records of two days that are delivered together, EventTime makes an object for each day."""
    key_format, expected = KEYS[case]
    s3, clock = door.client, door.fake.clock
    door.fake.deliver_logs()
    for key in bodies(door.fake):
        s3.delete_object(Bucket="logs", Key=key)
    clock.move_to("2026-09-20T23:59:00Z")
    log_to(s3, prefix="p/", TargetObjectKeyFormat=key_format)
    door.fake.store.access_logs.due = None  # S3 is late: nothing is delivered at midnight
    clock._frozen = clock.now().replace(day=21, hour=0, minute=30)
    s3.head_bucket(Bucket="bucket")
    clock._frozen = clock.now().replace(hour=1, minute=0)
    logs = deliver(door.fake, door.fake.store, clock.now())
    assert [UNIQUE.sub("U", log.key) for log in logs] == expected


def test_region_in_partitioned_keys(door: Door) -> None:
    with door.client_with(region_name="eu-west-1") as s3:
        for name in ("source-eu", "target-eu"):
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        allow_delivery(s3, "target-eu")
        log_to(s3, "target-eu", "", "source-eu", TargetObjectKeyFormat={"PartitionedPrefix": {}})
    door.fake.deliver_logs()
    assert names(door, "target-eu") == [f"{OWNER}/eu-west-1/source-eu/2026/09/20/2026-09-20-19-29-41-U"]


# --- targets ---------------------------------------------------------------------------------------------------------


def _no_policy(s3: Any) -> None:
    s3.delete_bucket_policy(Bucket="logs")


def _put_policy(s3: Any, **changes: Any) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::logs/*",
        **changes,
    }
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def _deny(s3: Any) -> None:
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::logs/*",
    }
    deny = {**allow, "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject"}
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]}))


def _acl(s3: Any, *permissions: str, ownership: str = "ObjectWriter") -> None:
    s3.delete_bucket_policy(Bucket="logs")
    s3.put_bucket_ownership_controls(Bucket="logs", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    grants = [{"Grantee": {"Type": "Group", "URI": LOG_DELIVERY}, "Permission": permission} for permission in permissions]
    s3.put_bucket_acl(Bucket="logs", AccessControlPolicy={"Owner": {"ID": ME}, "Grants": grants})
    s3.put_bucket_ownership_controls(Bucket="logs", OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]})


def _canned_acl(s3: Any) -> None:
    _acl(s3)
    s3.put_bucket_acl(Bucket="logs", ACL="log-delivery-write")


def _encrypt(algorithm: str) -> Callable[[Any], None]:
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
    configuration: Any = {"Rules": [default]}
    return lambda s3: s3.put_bucket_encryption(Bucket="logs", ServerSideEncryptionConfiguration=configuration)


def _lock(s3: Any, retention: bool) -> None:
    s3.put_bucket_versioning(Bucket="logs", VersioningConfiguration={"Status": "Enabled"})
    rule: Any = {"Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}} if retention else {}
    s3.put_object_lock_configuration(Bucket="logs", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", **rule})


def _requester_pays(s3: Any) -> None:
    s3.put_bucket_request_payment(Bucket="logs", RequestPaymentConfiguration={"Payer": "Requester"})


def _only(account: str = OWNER, arn: str = "arn:aws:s3:::bucket") -> Callable[[Any], None]:
    conditions = {"ArnLike": {"aws:SourceArn": arn}, "StringEquals": {"aws:SourceAccount": account}}
    return lambda s3: _put_policy(s3, Condition=conditions)


TARGETS: dict[str, tuple[Callable[[Any], object], bool]] = {
    "a policy": (lambda s3: None, True),
    "no policy": (_no_policy, False),
    "AWS's example": (lambda s3: allow_delivery(s3, **reason()), True),
    "the bucket and account": (_only(), True),
    "another bucket": (_only(arn="arn:aws:s3:::other"), False),
    "another account": (_only(account=STRANGER), False),
    "another prefix": (lambda s3: _put_policy(s3, Resource="arn:aws:s3:::logs/other/*"), False),
    "another service": (lambda s3: _put_policy(s3, Principal={"Service": "cloudtrail.amazonaws.com"}), False),
    "another action": (lambda s3: _put_policy(s3, Action="s3:GetObject"), False),
    "denied": (_deny, False),
    "ACL": (lambda s3: _acl(s3, "WRITE", "READ_ACP"), True),
    "canned ACL": (_canned_acl, True),
    "ACL without READ_ACP": (lambda s3: _acl(s3, "WRITE"), False),
    "ACL without WRITE": (lambda s3: _acl(s3, "READ_ACP"), False),
    "requester pays": (_requester_pays, False),
    "SSE-S3": (_encrypt("AES256"), True),
    "SSE-KMS": (_encrypt("aws:kms"), False),
    "DSSE-KMS": (_encrypt("aws:kms:dsse"), False),
    "Object Lock": (lambda s3: _lock(s3, retention=False), True),
    "default retention": (lambda s3: _lock(s3, retention=True), False),
    "gone": (lambda s3: s3.delete_bucket(Bucket="logs"), False),
}


@pytest.mark.parametrize("case", TARGETS)
def test_targets(door: Door, case: str, caplog: pytest.LogCaptureFixture) -> None:
    change, allowed = TARGETS[case]
    change(door.client)
    door.client.head_bucket(Bucket="bucket")
    with caplog.at_level(logging.WARNING, "fakes3part.access_log"):
        logs = door.fake.deliver_logs()
    assert len(logs) == allowed
    warnings = [record.getMessage() for record in caplog.records if record.name == "fakes3part.access_log"]
    assert len(warnings) == (not allowed)
    assert all(text.startswith("2 records of the access log of bucket were not delivered to logs: ") for text in warnings)
    assert door.fake.deliver_logs() == []  # what was refused is lost


def test_an_acl_does_not_count_where_acls_are_disabled(door: Door) -> None:
    s3 = door.client
    _acl(s3, "WRITE", "READ_ACP")
    assert len(door.fake.deliver_logs()) == 1
    s3.put_bucket_acl(Bucket="logs", ACL="private")
    s3.head_bucket(Bucket="bucket")
    assert door.fake.deliver_logs() == []


def test_a_target_that_belongs_to_another_account_now(door: Door) -> None:
    door.client.delete_bucket(Bucket="logs")
    with client_of(door, STRANGER) as theirs:
        theirs.create_bucket(Bucket="logs")
        allow_delivery(theirs)
    assert door.fake.deliver_logs() == []


# --- log objects -----------------------------------------------------------------------------------------------------


def test_a_log_object_is_an_object_like_any(door: Door) -> None:
    fake, s3 = door.fake, door.client
    s3.put_bucket_versioning(Bucket="logs", VersioningConfiguration={"Status": "Enabled"})
    events: list[dict[str, Any]] = []
    with fake.on("s3:ObjectCreated:*", events.append, bucket="logs"):
        [log] = fake.deliver_logs()
    got = s3.get_object(Bucket="logs", Key=log.key, ChecksumMode="ENABLED")
    body = got["Body"].read()
    assert body.decode() == bodies(fake)[log.key]
    assert (got["ContentType"], got["ServerSideEncryption"]) == ("text/plain", "AES256")
    assert got["ETag"] == f'"{_md5(body)}"'
    assert got["VersionId"] != "null"
    assert "ChecksumCRC64NVME" in got
    assert s3.get_object_acl(Bucket="logs", Key=log.key)["Owner"]["ID"] == ME
    [event] = events
    assert (event["eventName"], event["s3"]["object"]["size"]) == ("ObjectCreated:Put", len(body))


def _md5(data: bytes) -> str:
    from hashlib import md5

    return md5(data, usedforsecurity=False).hexdigest()


def test_target_grants(door: Door) -> None:
    fake, s3 = door.fake, door.client
    s3.put_bucket_ownership_controls(Bucket="logs", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    grant = {"Grantee": {"Type": "CanonicalUser", "ID": THEM}, "Permission": "READ"}
    log_to(s3, TargetGrants=[grant])
    [key] = [log.key for log in fake.deliver_logs()][1:]
    acl = s3.get_object_acl(Bucket="logs", Key=key)
    mine = {"Grantee": {"Type": "CanonicalUser", "ID": ME}, "Permission": "FULL_CONTROL"}
    assert (acl["Owner"]["ID"], acl["Grants"]) == (ME, [mine, grant])
    with client_of(door, STRANGER) as theirs:
        assert theirs.get_object(Bucket="logs", Key=key)["Body"].read().decode() == bodies(fake)[key]


def test_a_bucket_that_logs_into_itself(door: Door) -> None:
    """A delivery is a request to the bucket, and so in its next log. (On S3 this never ends, as AWS's user guide warns.)"""
    fake, s3 = door.fake, door.client
    fake.deliver_logs()
    allow_delivery(s3, "bucket")
    log_to(s3, "bucket", "log/")
    s3.put_object(Bucket="bucket", Key="k")
    fake.clock.move_to("2026-09-20T22:10:00Z")
    texts = {UNIQUE.sub("U", key): text for key, text in bodies(fake, "bucket").items() if key != "k"}
    assert {key: operations(text)[-1:] for key, text in texts.items()} == {
        "log/2026-09-20-20-00-00-U": ["PUT.OBJECT"],
        "log/2026-09-20-21-00-00-U": ["PUT.OBJECT"],
    }
    fake.clock.move_to("9999-12-31T23:59:59Z")
    assert len(bodies(fake, "bucket")) == 3
    s3.head_object(Bucket="bucket", Key="k")
    assert len(bodies(fake, "bucket")) == 3  # the last hour of the calendar does not pass
    assert len(fake.deliver_logs()) == 1
    line = parse(texts["log/2026-09-20-21-00-00-U"].strip())
    assert UNIQUE.sub("U", line["key"]) == "log/2026-09-20-20-00-00-U"
    assert (line["requester"], line["status"]) == ("svc:logging.s3.amazonaws.com", "200")
    assert line["size"] == str(len(texts["log/2026-09-20-20-00-00-U"]))


# --- state -----------------------------------------------------------------------------------------------------------


def test_pending_records_are_state(door: Door, tmp_path: Path) -> None:
    fake, s3 = door.fake, door.client
    fake.deliver_logs()
    s3.put_object(Bucket="bucket", Key="a")
    snapshot, forked = fake.snapshot(), fake.fork()
    fake.save(tmp_path / "archive")
    s3.put_object(Bucket="bucket", Key="b")
    loaded = FakeS3()
    loaded.load(tmp_path / "archive")
    for other in (forked, loaded):
        [log] = other.deliver_logs()
        assert [parse(line)["key"] for line in bodies(other)[log.key].splitlines()] == ["a"]
    fake.restore(snapshot)
    [log] = fake.deliver_logs()
    assert [parse(line)["key"] for line in bodies(fake)[log.key].splitlines()] == ["a"]
    fake.restore(snapshot)
    fake.clock.advance(hours=1)
    assert len(bodies(fake)) == 2
    s3.put_object(Bucket="bucket", Key="c")
    fake.reset()
    assert fake.store.access_logs.logs() == []
    assert fake.deliver_logs() == []

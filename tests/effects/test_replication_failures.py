"""Replications that wait or fail: statuses, reasons, events, the role's permissions, and pending work as state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fakes3part import FakeS3
from fakes3part.effects import replication
from fakes3part.effects.schedule import is_due
from tests.support.doors import Door
from tests.support.replication import METRICS, ROLE, TIMED, configure, create, door_with, keys, rule, status, to

TAGS = {"TagSet": [{"Key": "a", "Value": "b"}]}
KMS_KEY = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012"
MARKERS: Any = {"DeleteMarkerReplication": {"Status": "Enabled"}}


@pytest.fixture
def slow(door: Door) -> Iterator[Door]:
    """A fake that replicates after 15 minutes; it has ``source`` and ``replicas``, and its clock stands."""
    with door_with(door, replication_delay=900) as slow:
        slow.fake.clock.freeze("2026-03-01T12:00:00Z")
        create(slow.client, "source", "replicas")
        yield slow


@pytest.fixture
def s3(door: Door) -> Any:
    create(door.client, "source", "replicas")
    return door.client


def put(s3: Any, key: str = "key", **options: Any) -> str:
    version_id: str = s3.put_object(Bucket="source", Key=key, Body=b"content", **options)["VersionId"]
    return version_id


def events(door: Door) -> list[tuple[str, dict[str, str]]]:
    """Return name (without ``Replication:``) and data of the events about replications."""
    return [
        (event["eventName"].partition(":")[2], event["replicationEventData"])
        for event in door.fake.events.filter("s3:Replication:*")
    ]


def reasons(door: Door) -> list[str]:
    return [data["failureReason"] for name, data in events(door) if name == "OperationFailedReplication"]


# --- waiting ---------------------------------------------------------------------------------------------------------


def test_pending_until_the_clock_says_so(slow: Door) -> None:
    s3, clock = slow.client, slow.fake.clock
    configure(s3, rule(**MARKERS))
    put(s3)
    marker = s3.delete_object(Bucket="source", Key="gone")["VersionId"]
    clock.advance(minutes=14, seconds=59)
    assert (status(s3, "source"), keys(s3, "replicas")) == ("PENDING", [])
    clock.advance(seconds=1)
    assert (status(s3, "source"), status(s3, "replicas")) == ("COMPLETED", "REPLICA")
    assert [item["VersionId"] for item in s3.list_object_versions(Bucket="replicas")["DeleteMarkers"]] == [marker]


def test_a_change_waits_too(slow: Door) -> None:
    s3, clock = slow.client, slow.fake.clock
    configure(s3, rule())
    put(s3)
    s3.put_object_tagging(Bucket="source", Key="key", Tagging=TAGS)  # goes with the object
    clock.advance(minutes=15)
    assert s3.get_object_tagging(Bucket="replicas", Key="key")["TagSet"] == TAGS["TagSet"]
    s3.delete_object_tagging(Bucket="source", Key="key")
    assert (status(s3, "source"), status(s3, "replicas")) == ("PENDING", "REPLICA")
    clock.advance(minutes=5)
    s3.put_object_annotation(Bucket="source", Key="key", AnnotationName="n", AnnotationPayload=b"x")
    clock.advance(minutes=10)
    assert s3.get_object_tagging(Bucket="replicas", Key="key")["TagSet"] == []
    assert status(s3, "source") == "PENDING"
    clock.advance(minutes=5)
    assert status(s3, "source") == "COMPLETED"


def test_a_replica_shows_its_modification(slow: Door) -> None:
    s3, clock = slow.client, slow.fake.clock
    configure(s3, rule())
    back: Any = {"SourceSelectionCriteria": {"ReplicaModifications": {"Status": "Enabled"}}, **to("source")}
    configure(s3, rule(**back), bucket="replicas")
    put(s3)
    clock.advance(minutes=15)
    s3.put_object_tagging(Bucket="replicas", Key="key", Tagging=TAGS)
    assert (status(s3, "source"), status(s3, "replicas")) == ("COMPLETED", "PENDING")
    clock.advance(minutes=15)
    assert (status(s3, "source"), status(s3, "replicas")) == ("COMPLETED", "REPLICA")
    assert s3.get_object_tagging(Bucket="source", Key="key")["TagSet"] == TAGS["TagSet"]


def test_several_destinations(door: Door, s3: Any) -> None:
    create(s3, "others")
    configure(s3, rule(), rule(Priority=2, **to("others")))
    put(s3)
    assert (status(s3, "source"), keys(s3, "others")) == ("COMPLETED", ["key"])
    s3.put_bucket_versioning(Bucket="others", VersioningConfiguration={"Status": "Suspended"})
    put(s3, "second")
    failures = door.fake.buckets["source"].objects["second"].replication_failures
    assert failures == {"others": "DstBucketUnversioned"}
    assert door.fake.buckets["source"].objects["key"].replication_failures == {}
    assert (status(s3, "source", "second"), keys(s3, "replicas"), keys(s3, "others")) == ("FAILED", ["key", "second"], ["key"])


def test_lifecycle_waits(slow: Door) -> None:
    s3, clock = slow.client, slow.fake.clock
    configure(s3, rule())
    expire: Any = {"Rules": [{"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}]}
    s3.put_bucket_lifecycle_configuration(Bucket="source", LifecycleConfiguration=expire)
    clock.move_to("2026-03-02T23:50:00Z")
    put(s3, "late")
    clock.move_to("2026-03-03T23:50:00Z")
    s3.put_object_tagging(Bucket="source", Key="late", Tagging=TAGS)
    clock.move_to("2026-03-04T00:04:00Z")
    assert status(s3, "source", "late") == "PENDING"  # and not expired at midnight
    clock.move_to("2026-03-04T00:05:00Z")
    assert status(s3, "source", "late") == "COMPLETED"
    clock.move_to("2026-03-05T00:00:00Z")
    assert keys(s3, "source") == []


def test_what_is_being_replicated_is_still_due(door: Door, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread waits for another one that is replicating its change, and does not respond before the replica is there."""
    original, seen = replication.replicate, []

    def replicate(environment: Any, store: Any, pending: Any, at: Any) -> Any:
        seen.append(is_due(store, at))
        return original(environment, store, pending, at)

    monkeypatch.setattr(replication, "replicate", replicate)
    configure(s3, rule())
    put(s3)
    assert (seen, is_due(door.fake.store, door.fake.clock.now())) == ([True], False)


# --- pending work is state -------------------------------------------------------------------------------------------


def test_pending_work_is_saved_forked_and_restored(slow: Door, tmp_path: Path) -> None:
    fake, s3 = slow.fake, slow.client
    configure(s3, rule(**to("replicas", **TIMED)))
    version_id = put(s3)
    fake.save(tmp_path / "archive")
    snapshot, forked = fake.snapshot(), fake.fork()
    loaded = FakeS3(replication_delay=900)
    loaded.load(tmp_path / "archive")
    fake.clock.advance(minutes=15)
    assert status(s3, "source") == "COMPLETED"
    fake.restore(snapshot)
    for other in (fake, forked, loaded):
        client = other.client()
        assert (status(client, "source"), keys(client, "replicas")) == ("PENDING", [])
        other.clock.advance(minutes=15)
        assert status(client, "source") == "COMPLETED"
        assert [item["VersionId"] for item in client.list_object_versions(Bucket="replicas")["Versions"]] == [version_id]


def test_statuses_are_saved(door: Door, s3: Any, tmp_path: Path) -> None:
    configure(s3, rule())
    put(s3)
    door.client.put_bucket_versioning(Bucket="replicas", VersioningConfiguration={"Status": "Suspended"})
    put(s3, "failed")
    door.fake.save(tmp_path / "archive")
    loaded = FakeS3()
    loaded.load(tmp_path / "archive")
    for fake in (loaded, door.fake.fork()):
        objects = fake.buckets["source"].objects
        assert {key: objects[key].replication_status for key in objects} == {"key": "COMPLETED", "failed": "FAILED"}
        assert objects["failed"].replication_failures == {"replicas": "DstBucketUnversioned"}
        assert fake.buckets["replicas"].objects["key"].replication_status == "REPLICA"
        client = fake.client()
        client.put_object_tagging(Bucket="source", Key="key", Tagging=TAGS)
        assert objects["key"].replication_failures == {"replicas": "DstBucketUnversioned"}


def test_reset_forgets_pending_work(slow: Door) -> None:
    fake, s3 = slow.fake, slow.client
    configure(s3, rule())
    put(s3)
    fake.reset()
    create(s3, "source", "replicas")
    fake.clock.advance(hours=1)
    assert keys(s3, "replicas") == []


# --- failures --------------------------------------------------------------------------------------------------------


def _delete_destination(door: Door) -> None:
    door.client.delete_bucket(Bucket="replicas")


def _suspend_destination(door: Door) -> None:
    door.client.put_bucket_versioning(Bucket="replicas", VersioningConfiguration={"Status": "Suspended"})


def _delete_configuration(door: Door) -> None:
    door.client.delete_bucket_replication(Bucket="source")


def _disable_rule(door: Door) -> None:
    configure(door.client, rule(Status="Disabled", **to("replicas", **METRICS)))


def _other_destination(door: Door) -> None:
    create(door.client, "others")
    configure(door.client, rule(**to("others", **METRICS)))


def _delete_version(door: Door) -> None:
    (listed,) = door.client.list_object_versions(Bucket="source")["Versions"]
    door.client.delete_object(Bucket="source", Key="key", VersionId=listed["VersionId"])


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        (_delete_destination, "DstBucketNotFound"),
        (_suspend_destination, "DstBucketUnversioned"),
        (_delete_configuration, "SrcBucketReplicationConfigMissing"),
        (_disable_rule, "SrcObjectNotEligible"),
        (_other_destination, "SrcObjectNotEligible"),
        (_delete_version, "SrcVersionNotFound"),
    ],
)
def test_what_changed_meanwhile(slow: Door, meanwhile: Callable[[Door], None], reason: str) -> None:
    s3 = slow.client
    configure(s3, rule(ID="rule", **to("replicas", **METRICS)))
    put(s3)
    meanwhile(slow)
    slow.fake.clock.advance(minutes=15)
    data = {
        "replicationRuleId": "rule",
        "destinationBucket": "arn:aws:s3:::replicas",
        "s3Operation": "OBJECT_PUT",
        "requestTime": "2026-03-01T12:00:00.000Z",
        "failureReason": reason,
    }
    assert events(slow) == [("OperationFailedReplication", data)]
    if reason != "SrcVersionNotFound":
        assert status(s3, "source") == "FAILED"
    slow.fake.clock.advance(days=1)
    assert len(events(slow)) == 1  # nothing is tried again


def test_the_record_of_an_event(slow: Door) -> None:
    s3 = slow.client
    configure(s3, rule(**to("replicas", **METRICS)))
    version_id = put(s3, "a b")
    s3.delete_bucket(Bucket="replicas")
    slow.fake.clock.advance(minutes=20)
    (event,) = slow.fake.events.filter("s3:Replication:OperationFailedReplication")
    assert event["eventVersion"] == "2.2"
    assert event["eventTime"] == "2026-03-01T12:15:00.000Z"
    assert event["userIdentity"] == {"principalId": "s3.amazonaws.com"}
    assert event["requestParameters"] == {"sourceIPAddress": "s3.amazonaws.com"}
    assert event["s3"]["bucket"] == {
        "name": "source",
        "ownerIdentity": {"principalId": "123456789012"},
        "arn": "arn:aws:s3:::source",
    }
    shown = {name: value for name, value in event["s3"]["object"].items() if name != "sequencer"}
    assert shown == {"key": "a+b", "size": 7, "eTag": "9a0364b9e99bb480dd25e1f0284c8555", "versionId": version_id}
    assert len(event["s3"]["object"]["sequencer"]) == 18


def test_hints_say_why_a_replica_is_missing(slow: Door) -> None:
    s3, clock = slow.client, slow.fake.clock
    put(s3, "old")
    configure(s3, rule())
    put(s3)

    def hint(key: str) -> str | None:
        with pytest.raises(ClientError):
            s3.get_object(Bucket="replicas", Key=key)
        return slow.fake.calls[-1].hint

    expected = "'key' of bucket 'source' is still to be replicated (PENDING): move the clock on by replication_delay"
    assert hint("key") == expected
    assert hint("old") == "'old' of bucket 'source' was not replicated: no rule selected it when it was written"
    assert hint("other") == "bucket 'replicas' is empty"
    s3.put_bucket_versioning(Bucket="replicas", VersioningConfiguration={"Status": "Suspended"})
    clock.advance(minutes=15)
    assert hint("key") == "the replication of 'key' of bucket 'source' has failed: DstBucketUnversioned"


def test_a_failure_is_logged_with_its_reason(own: Door, caplog: pytest.LogCaptureFixture) -> None:
    s3 = configured(own, "s3:ReplicateObject")
    put(s3)
    (record,) = [record for record in caplog.records if record.name == "fakes3part.replication"]
    assert record.getMessage() == (
        "OBJECT_PUT of source/key failed to replicate to replicas: DstPutObjectNotPermitted (denied: s3:ReplicateObject on "
        "arn:aws:s3:::replicas/key by arn:aws:sts::123456789012:assumed-role/replication/s3-replication: neither the identity "
        "policy nor the bucket policy allows it)"
    )


def test_without_metrics_there_are_no_events(door: Door, s3: Any) -> None:
    configure(s3, rule(**to("replicas", Metrics={"Status": "Disabled"})))
    put(s3)
    _suspend_destination(door)
    put(s3)
    assert (status(s3, "source"), events(door)) == ("FAILED", [])


def test_the_replica_of_a_change_is_gone(door: Door, s3: Any) -> None:
    configure(s3, rule(**to("replicas", **METRICS)))
    version_id = put(s3)
    s3.delete_object(Bucket="replicas", Key="key", VersionId=version_id)
    s3.put_object_tagging(Bucket="source", Key="key", Tagging=TAGS)
    assert (status(s3, "source"), reasons(door)) == ("FAILED", ["DstVersionNotFound"])


def test_a_lock_needs_object_lock_at_the_destination(door: Door) -> None:
    s3 = door.client
    s3.create_bucket(Bucket="source", ObjectLockEnabledForBucket=True)
    create(s3, "replicas")
    configure(s3, rule(**to("replicas", **METRICS)))
    put(s3)
    put(s3, "held", ObjectLockLegalHoldStatus="ON")
    assert (status(s3, "source"), status(s3, "source", "held")) == ("COMPLETED", "FAILED")
    s3.put_object_legal_hold(Bucket="source", Key="key", LegalHold={"Status": "ON"})
    assert status(s3, "source") == "FAILED"
    assert reasons(door) == ["DstBucketObjectLockConfigMissing"] * 2
    assert keys(s3, "replicas") == ["key"]


# --- S3 Replication Time Control -------------------------------------------------------------------------------------


def timed_names(door: Door) -> list[tuple[str, str]]:
    return [
        (event["eventName"].partition(":")[2], event["eventTime"][11:19]) for event in door.fake.events.filter("s3:Replication:*")
    ]


@pytest.mark.parametrize(
    ("delay", "expected"),
    [
        (0, []),
        (900, []),
        (901, [("OperationMissedThreshold", "12:15:00"), ("OperationReplicatedAfterThreshold", "12:15:01")]),
        (3600, [("OperationMissedThreshold", "12:15:00"), ("OperationReplicatedAfterThreshold", "13:00:00")]),
    ],
)
def test_thresholds(door: Door, delay: int, expected: list[tuple[str, str]]) -> None:
    with door_with(door, replication_delay=delay) as timed:
        s3, clock = timed.client, timed.fake.clock
        clock.freeze("2026-03-01T12:00:00Z")
        create(s3, "source", "replicas", "others")
        configure(s3, rule(**MARKERS, **to("replicas", **TIMED)), rule(Priority=2, **to("others", **METRICS)))
        put(s3)
        s3.delete_object(Bucket="source", Key="gone")
        clock.advance(hours=2)
        assert timed_names(timed) == expected
        assert {data["destinationBucket"] for _, data in events(timed)} <= {"arn:aws:s3:::replicas"}
        assert (keys(s3, "replicas"), keys(s3, "others")) == (["key"], ["key"])


def test_what_is_no_longer_tracked(slow: Door) -> None:
    s3 = slow.client
    configure(s3, rule(**to("replicas", **METRICS)))
    put(s3)
    configure(s3, rule())
    slow.fake.clock.advance(minutes=15)
    assert [name for name, _ in events(slow)] == ["OperationNotTracked"]
    assert status(s3, "source") == "COMPLETED"


# --- the events of replicas ------------------------------------------------------------------------------------------


def test_replicas_raise_events(door: Door, s3: Any) -> None:
    configure(s3, rule(**MARKERS))
    version_id = put(s3)
    s3.put_object_tagging(Bucket="source", Key="key", Tagging=TAGS)
    s3.delete_object_tagging(Bucket="source", Key="key")
    s3.delete_object(Bucket="source", Key="key")
    shown = [(event["eventName"], event["userIdentity"]["principalId"]) for event in door.fake.events.filter(bucket="replicas")]
    assert shown == [
        (name, "s3.amazonaws.com")
        for name in ("ObjectCreated:Put", "ObjectTagging:Put", "ObjectTagging:Delete", "ObjectRemoved:DeleteMarkerCreated")
    ]
    assert door.fake.events.filter(bucket="replicas")[0]["s3"]["object"]["versionId"] == version_id


# --- the role --------------------------------------------------------------------------------------------------------

ALLOWED = (
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:GetObjectVersionForReplication",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionTagging",
    "s3:GetObjectRetention",
    "s3:GetObjectLegalHold",
    "s3:ReplicateObject",
    "s3:ReplicateDelete",
    "s3:ReplicateTags",
    "kms:Decrypt",
    "kms:Encrypt",
)
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def allow(*actions: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}


@pytest.fixture
def own(door: Door) -> Iterator[Door]:
    """A fake of its own, to which roles can be added."""
    with door_with(door) as own:
        create(own.client, "source", "replicas")
        yield own


def configured(door: Door, *denied: str, trust: Any = TRUST, **members: Any) -> Any:
    """Configure replication by a role that may not do some of the actions, and return the client."""
    door.fake.add_role(None, "replication", allow(*(action for action in ALLOWED if action not in denied)), trust)
    configure(door.client, rule(**{**MARKERS, **to("replicas", **METRICS), **members}))
    return door.client


def test_a_role_with_all_permissions(own: Door) -> None:
    s3 = configured(own)
    put(s3, Tagging="a=b")
    s3.put_object_tagging(Bucket="source", Key="key", Tagging={"TagSet": []})
    s3.delete_object(Bucket="source", Key="gone")
    assert status(s3, "source") == "COMPLETED"
    assert s3.get_object_tagging(Bucket="replicas", Key="key")["TagSet"] == []
    assert len(s3.list_object_versions(Bucket="replicas")["DeleteMarkers"]) == 1
    assert events(own) == []


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("s3:GetReplicationConfiguration", "SrcHeadObjectNotPermitted"),
        ("s3:ListBucket", "SrcHeadObjectNotPermitted"),
        ("s3:GetObjectVersionForReplication", "SrcGetObjectNotPermitted"),
        ("s3:GetObjectVersionAcl", "SrcGetAclNotPermitted"),
        ("s3:ReplicateObject", "DstPutObjectNotPermitted"),
    ],
)
def test_missing_permissions_on_objects(own: Door, action: str, reason: str) -> None:
    s3 = configured(own, action)
    put(s3)
    assert (status(s3, "source"), reasons(own), keys(s3, "replicas")) == ("FAILED", [reason], [])


@pytest.mark.parametrize("action", ["s3:GetObjectVersionTagging", "s3:ReplicateTags"])
def test_missing_permissions_on_tags(own: Door, action: str) -> None:
    """An object is replicated without its tags then; a change of tags fails."""
    s3 = configured(own, action)
    put(s3, Tagging="a=b")
    assert (status(s3, "source"), s3.get_object_tagging(Bucket="replicas", Key="key")["TagSet"]) == ("COMPLETED", [])
    s3.put_object_tagging(Bucket="source", Key="key", Tagging=TAGS)
    reason = "SrcGetTaggingNotPermitted" if action.startswith("s3:Get") else "DstPutTaggingNotPermitted"
    assert (status(s3, "source"), reasons(own)) == ("FAILED", [reason])


def test_missing_permission_on_delete_markers(own: Door) -> None:
    s3 = configured(own, "s3:ReplicateDelete")
    s3.delete_object(Bucket="source", Key="key")
    assert (reasons(own), "DeleteMarkers" in s3.list_object_versions(Bucket="replicas")) == (["DstDelObjNotPermitted"], False)
    assert events(own)[0][1]["s3Operation"] == "OBJECT_DELETE"


@pytest.mark.parametrize(
    ("action", "options", "reason"),
    [
        ("s3:GetObjectRetention", {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": "2040-01-01"}, "Retention"),
        ("s3:GetObjectLegalHold", {"ObjectLockLegalHoldStatus": "ON"}, "LegalHold"),
    ],
)
def test_missing_permissions_on_locks(own: Door, action: str, options: dict[str, Any], reason: str) -> None:
    s3 = own.client
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    s3.create_bucket(Bucket="locked-replicas", ObjectLockEnabledForBucket=True)
    own.fake.add_role(None, "replication", allow(*(other for other in ALLOWED if other != action)), TRUST)
    configure(s3, rule(**to("locked-replicas", **METRICS)), bucket="locked")
    s3.put_object(Bucket="locked", Key="key", Body=b"x")
    s3.put_object(Bucket="locked", Key="held", Body=b"x", **options)
    assert (status(s3, "locked"), status(s3, "locked", "held")) == ("COMPLETED", "FAILED")
    assert reasons(own) == [f"SrcGet{reason}NotPermitted"]


KMS_OBJECTS: Any = {
    "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
    **to("replicas", EncryptionConfiguration={"ReplicaKmsKeyID": KMS_KEY}, **METRICS),
}


@pytest.mark.parametrize(
    ("action", "reason"), [("kms:Decrypt", "SrcGetObjectNotPermitted"), ("kms:Encrypt", "DstPutObjectNotPermitted")]
)
def test_missing_permissions_on_keys(own: Door, action: str, reason: str) -> None:
    s3 = configured(own, action, **KMS_OBJECTS)
    key = own.fake.kms.add_key()
    put(s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    assert (status(s3, "source"), reasons(own)) == ("FAILED", [reason])


@pytest.mark.parametrize(
    ("source_state", "replica_state", "reason"),
    [
        ("Enabled", "Enabled", None),
        ("Disabled", "Enabled", "SrcKmsKeyInvalidState"),
        ("Enabled", "Disabled", "DstKmsKeyInvalidState"),
        ("Enabled", "PendingDeletion", "DstKmsKeyInvalidState"),
        ("Enabled", None, "DstKmsKeyNotFound"),
    ],
)
def test_states_of_keys(door: Door, source_state: str, replica_state: str | None, reason: str | None) -> None:
    with door_with(door, strict_kms=True, replication_delay=60) as own:
        s3, kms = own.client, own.fake.kms
        create(s3, "source", "replicas")
        source_id = "00000000-1111-2222-3333-444444444444"
        kms.add_key(id=source_id)
        configure(s3, rule(**KMS_OBJECTS))
        put(s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=source_id)
        kms.add_key(id=source_id, state=source_state)
        if replica_state is not None:
            kms.add_key(id=KMS_KEY.rpartition("/")[2], state=replica_state)
        own.fake.clock.advance(minutes=1)
        assert reasons(own) == ([] if reason is None else [reason])
        assert status(s3, "source") == ("COMPLETED" if reason is None else "FAILED")


def test_a_key_of_another_region(own: Door) -> None:
    key = KMS_KEY.replace("us-east-1", "eu-west-1")
    encryption = {"EncryptionConfiguration": {"ReplicaKmsKeyID": key}}
    s3 = configured(own, **{**KMS_OBJECTS, **to("replicas", **encryption, **METRICS)})
    put(s3, ServerSideEncryption="aws:kms")
    assert reasons(own) == ["DstKmsKeyNotFound"]


def trusting(principal: dict[str, str], **condition: Any) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [{**statement, **condition}]}


@pytest.mark.parametrize(
    ("trust", "is_assumed"),
    [
        (TRUST, True),
        (None, True),
        (trusting({"Service": "lambda.amazonaws.com"}), False),
        (trusting({"AWS": "arn:aws:iam::123456789012:root"}), False),
        (trusting({"Service": "s3.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}}), True),
        (trusting({"Service": "s3.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}}), False),
        (trusting({"Service": "s3.amazonaws.com"}, Condition={"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::source"}}), True),
    ],
)
def test_s3_must_be_trusted(own: Door, trust: Any, is_assumed: bool) -> None:
    s3 = configured(own, trust=trust)
    put(s3)
    assert reasons(own) == ([] if is_assumed else ["AssumeRoleNotPermitted"])
    assert status(s3, "source") == ("COMPLETED" if is_assumed else "FAILED")


def test_an_unknown_role_may_do_everything_unless_a_policy_denies_it(s3: Any) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:ReplicateObject",
        "Resource": "arn:aws:s3:::replicas/secret/*",
    }
    s3.put_bucket_policy(Bucket="replicas", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    configure(s3, rule())
    for key in ("key", "secret/key"):
        put(s3, key)
    assert (keys(s3, "replicas"), status(s3, "source", "secret/key")) == (["key"], "FAILED")


def test_an_unknown_role_with_strict_credentials(door: Door) -> None:
    with door_with(door, strict_credentials=True) as strict:
        owner = strict.fake.add_user(None, "owner", allow("s3:*", "iam:PassRole"))
        with strict.client_with(aws_access_key_id=owner.access_key, aws_secret_access_key=owner.secret_key) as s3:
            create(s3, "source", "replicas")
            configure(s3, rule(**to("replicas", **METRICS)))
            put(s3)
            assert (status(s3, "source"), reasons(strict)) == ("FAILED", ["AssumeRoleNotPermitted"])
            strict.fake.add_role(None, "replication", allow(*ALLOWED), TRUST)
            put(s3)
            assert status(s3, "source") == "COMPLETED"


def test_a_role_with_a_path(own: Door) -> None:
    own.fake.add_role(None, "replication", allow(*ALLOWED), TRUST, path="/team/")
    configure(own.client, rule(), role="arn:aws:iam::123456789012:role/team/replication")
    put(own.client)
    assert status(own.client, "source") == "COMPLETED"
    configure(own.client, rule(), role=ROLE)
    put(own.client)
    assert status(own.client, "source") == "FAILED"

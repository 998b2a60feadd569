"""What is replicated, and what a replica has."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.session import get_session

from fakes3part import leniences
from tests.support.doors import Door, MiB
from tests.support.multipart import Upload
from tests.support.post_forms import by, known, post, signed
from tests.support.replication import configure, create, door_with, keys, old_rule, rule, status, to

OTHER = "111122223333"
TAGS = {"TagSet": [{"Key": "a", "Value": "b"}]}
KMS_KEY = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012"
KMS_OBJECTS: Any = {
    "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
    **to("replicas", EncryptionConfiguration={"ReplicaKmsKeyID": KMS_KEY}),
}
MARKERS: Any = {"DeleteMarkerReplication": {"Status": "Enabled"}}
HAS_NOT_FILTER = "Not" in get_session().get_service_model("s3").shape_for("ReplicationRuleFilter").members


@pytest.fixture
def s3(door: Door) -> Any:
    """A client of the door; there are ``source`` and ``replicas``, with versioning."""
    create(door.client, "source", "replicas")
    return door.client


def put(s3: Any, key: str = "key", **options: Any) -> str:
    version_id: str = s3.put_object(Bucket="source", Key=key, Body=b"content", **options)["VersionId"]
    return version_id


def head(s3: Any, bucket: str, key: str = "key", **options: Any) -> Any:
    return {
        name: value
        for name, value in s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED", **options).items()
        if name not in ("ResponseMetadata", "ReplicationStatus")
    }


# --- every way to write ----------------------------------------------------------------------------------------------


def by_put(door: Door) -> None:
    put(door.client, Metadata={"m": "n"}, ContentType="text/plain", Tagging="a=b", CacheControl="no-store")


def by_copy(door: Door) -> None:
    door.client.put_object(Bucket="elsewhere", Key="k", Body=b"content", Metadata={"m": "n"}, ChecksumAlgorithm="SHA256")
    door.client.copy_object(Bucket="source", Key="key", CopySource="elsewhere/k")


def by_upload(door: Door) -> None:
    upload = Upload(door.client, "source", "key", ChecksumAlgorithm="CRC32C", Metadata={"m": "n"}, StorageClass="STANDARD_IA")
    parts = [upload.put(1, b"a" * 5 * MiB, ChecksumAlgorithm="CRC32C"), upload.put(2, b"b", ChecksumAlgorithm="CRC32C")]
    upload.complete(*parts)


WRITERS: list[Callable[[Door], None]] = [by_put, by_copy, by_upload]


@pytest.mark.parametrize("write", WRITERS)
def test_every_writer(door: Door, s3: Any, write: Callable[[Door], None]) -> None:
    create(s3, "elsewhere")
    configure(s3, rule())
    write(door)
    assert (status(s3, "source"), status(s3, "replicas")) == ("COMPLETED", "REPLICA")
    assert head(s3, "replicas") == head(s3, "source")
    source, replica = (s3.get_object(Bucket=name, Key="key")["Body"].read() for name in ("source", "replicas"))
    assert source == replica
    listed = [s3.list_object_versions(Bucket=name)["Versions"] for name in ("source", "replicas")]
    assert listed[0] == listed[1]
    assert s3.head_object(Bucket="replicas", Key="key", PartNumber=1) != {}


def test_post_forms(door: Door) -> None:
    s3 = door.client
    create(s3, "bucket", "replicas")
    configure(s3, rule(), bucket="bucket")
    assert post(door, signed({"key": "key"}, **by(known(door.fake)))).status == 204
    assert (status(s3, "bucket"), status(s3, "replicas")) == ("COMPLETED", "REPLICA")


def test_parts_of_a_replica(door: Door, s3: Any) -> None:
    configure(s3, rule())
    by_upload(door)
    for number in (1, 2):
        source, replica = (s3.head_object(Bucket=name, Key="key", PartNumber=number) for name in ("source", "replicas"))
        assert (replica["PartsCount"], replica["ContentLength"]) == (2, source["ContentLength"])


def test_the_time_is_that_of_the_source(door: Door) -> None:
    with door_with(door, replication_delay=3600) as slow:
        s3 = slow.client
        create(s3, "source", "replicas")
        configure(s3, rule())
        slow.fake.clock.freeze("2026-03-01T12:00:00Z")
        put(s3)
        slow.fake.clock.advance(hours=5)
        expected = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
        assert s3.head_object(Bucket="replicas", Key="key")["LastModified"] == expected


def test_the_header_is_on_get_and_head_only(door: Door, s3: Any) -> None:
    configure(s3, rule())
    put(s3)
    for target, expected in {
        "/source/key": "COMPLETED",
        "/replicas/key": "REPLICA",
    }.items():
        for method in ("GET", "HEAD"):
            assert door.raw(method, target).headers["x-amz-replication-status"] == expected
            assert door.raw(method, target, {"Range": "bytes=0-1"}).headers["x-amz-replication-status"] == expected
        for query in ("?tagging", "?acl", "?attributes"):
            response = door.raw("GET", target + query, {"x-amz-object-attributes": "ETag"})
            assert (response.status, "x-amz-replication-status" in response.headers) == (200, False)
    assert "x-amz-replication-status" not in door.raw("PUT", "/source/other", body=b"x").headers
    assert door.fake.buckets["source"].objects["key"].replication_status == "COMPLETED"
    assert door.fake.buckets["replicas"].objects["key"].replication_status == "REPLICA"
    copied = s3.copy_object(Bucket="replicas", Key="copy", CopySource="replicas/key")
    assert "ReplicationStatus" not in s3.head_object(Bucket="replicas", Key="copy", VersionId=copied["VersionId"])


# --- which objects ---------------------------------------------------------------------------------------------------

TAG = {"Key": "a", "Value": "b"}
TAG2 = {"Key": "c", "Value": "d"}
BOTH = {"Filter": {"And": {"Prefix": "k", "Tags": [TAG, TAG2]}}}

SELECTED: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "everything": (rule(), {}, True),
    "disabled": (rule(Status="Disabled"), {}, False),
    "prefix": (rule(Filter={"Prefix": "ke"}), {}, True),
    "other prefix": (rule(Filter={"Prefix": "kex"}), {}, False),
    "old prefix": (old_rule(Prefix="k"), {}, True),
    "other old prefix": (old_rule(Prefix="x"), {}, False),
    "tag": (rule(Filter={"Tag": TAG}), {"Tagging": "a=b&x=y"}, True),
    "other value": (rule(Filter={"Tag": TAG}), {"Tagging": "a=B"}, False),
    "no tag": (rule(Filter={"Tag": TAG}), {}, False),
    "and": (rule(**BOTH), {"Tagging": "c=d&a=b"}, True),
    "one of two": (rule(**BOTH), {"Tagging": "a=b"}, False),
    "KMS": (rule(), {"ServerSideEncryption": "aws:kms"}, False),
    "DSSE": (rule(), {"ServerSideEncryption": "aws:kms:dsse"}, False),
    "KMS selected": (rule(**KMS_OBJECTS), {"ServerSideEncryption": "aws:kms"}, True),
    "others beside KMS": (rule(**KMS_OBJECTS), {}, True),
    "archive": (rule(), {"StorageClass": "GLACIER"}, False),
    "deep archive": (rule(), {"StorageClass": "DEEP_ARCHIVE"}, False),
    "instant retrieval": (rule(), {"StorageClass": "GLACIER_IR"}, True),
}


@pytest.mark.parametrize("case", SELECTED)
def test_which_objects(s3: Any, case: str) -> None:
    document, options, is_replicated = SELECTED[case]
    configure(s3, document)
    put(s3, **options)
    assert keys(s3, "replicas") == (["key"] if is_replicated else [])
    assert status(s3, "source") == ("COMPLETED" if is_replicated else None)


@pytest.mark.skipif(not HAS_NOT_FILTER, reason="this botocore does not know Not")
@pytest.mark.parametrize(
    ("rule_filter", "options", "is_replicated"),
    [
        ({"Not": {"Prefix": "k"}}, {}, False),
        ({"Not": {"Prefix": "x"}}, {}, True),
        ({"Not": {"Tag": TAG}}, {"Tagging": "a=b"}, False),
        ({"Not": {"Tag": TAG}}, {"Tagging": "a=c"}, True),
        ({"Not": {"Or": {"Prefixes": ["x", "key"]}}}, {}, False),
        ({"Not": {"Or": {"Prefixes": ["x"], "Tags": [TAG]}}}, {"Tagging": "a=b"}, False),
        ({"Not": {"Or": {"Prefixes": ["x"], "Tags": [TAG]}}}, {}, True),
        ({"And": {"Prefix": "k", "Not": {"Prefix": "ke"}}}, {}, False),
        ({"And": {"Prefix": "k", "Not": {"Prefix": "ko"}}}, {}, True),
    ],
)
def test_not(s3: Any, rule_filter: dict[str, Any], options: dict[str, Any], is_replicated: bool) -> None:
    configure(s3, rule(Filter=rule_filter))
    put(s3, **options)
    assert keys(s3, "replicas") == (["key"] if is_replicated else [])


def test_existing_objects_are_not_replicated(s3: Any) -> None:
    put(s3)
    configure(s3, rule())
    s3.put_object_tagging(Bucket="source", Key="key", Tagging=TAGS)
    assert (status(s3, "source"), keys(s3, "replicas")) == (None, [])
    put(s3)
    assert (status(s3, "source"), keys(s3, "replicas")) == ("COMPLETED", ["key"])
    s3.delete_bucket_replication(Bucket="source")
    put(s3, "later")
    assert keys(s3, "replicas") == ["key"]
    assert status(s3, "source") == "COMPLETED"


def test_the_highest_priority_of_a_destination_decides(s3: Any) -> None:
    create(s3, "others")
    configure(
        s3,
        rule(Priority=1, **to("replicas", StorageClass="STANDARD_IA")),
        rule(Priority=5, Filter={"Prefix": "k"}, **to("replicas", StorageClass="ONEZONE_IA")),
        rule(Priority=3, **to("others", StorageClass="GLACIER_IR")),
        rule(Priority=9, Filter={"Prefix": "x"}, **to("others")),
        rule(Priority=10, Status="Disabled"),
    )
    for key in ("key", "x"):
        put(s3, key)
    classes = {
        (bucket, key): s3.head_object(Bucket=bucket, Key=key).get("StorageClass")
        for bucket in ("replicas", "others")
        for key in ("key", "x")
    }
    assert classes == {
        ("replicas", "key"): "ONEZONE_IA",
        ("replicas", "x"): "STANDARD_IA",
        ("others", "key"): "GLACIER_IR",
        ("others", "x"): None,
    }


def test_a_rule_that_decides_may_refuse(s3: Any) -> None:
    configure(s3, rule(Priority=2), rule(Priority=1, **KMS_OBJECTS))
    put(s3, ServerSideEncryption="aws:kms")
    assert keys(s3, "replicas") == []


def test_replicas_are_not_replicated_again(s3: Any) -> None:
    create(s3, "third")
    configure(s3, rule())
    configure(s3, rule(**to("third")), rule(Priority=2, **to("source")), bucket="replicas")
    version_id = put(s3)
    s3.put_object(Bucket="replicas", Key="other", Body=b"x")
    assert (keys(s3, "third"), keys(s3, "source")) == (["other"], ["key", "other"])
    assert [item["VersionId"] for item in s3.list_object_versions(Bucket="source", Prefix="key")["Versions"]] == [version_id]


def test_in_both_directions_the_latest_write_is_current_everywhere(door: Door) -> None:
    with door_with(door, replication_delay=60) as slow:
        s3, clock = slow.client, slow.fake.clock
        create(s3, "source", "replicas")
        configure(s3, rule())
        configure(s3, rule(**to("source")), bucket="replicas")
        first = put(s3)
        clock.advance(seconds=10)
        second = s3.put_object(Bucket="replicas", Key="key", Body=b"second")["VersionId"]
        clock.advance(seconds=10)
        s3.put_object(Bucket="replicas", Key="other", Body=b"second")
        forked = slow.fake.fork()
        clock.advance(minutes=5)
        for bucket, only in (("source", first), ("replicas", second)):
            assert [version.version_id for version in forked.buckets[bucket].versions["key"]] == [only]
            listed = [item["VersionId"] for item in s3.list_object_versions(Bucket=bucket, Prefix="key")["Versions"]]
            assert listed == [second, first]
            assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"second"


# --- deletions -------------------------------------------------------------------------------------------------------


def markers(s3: Any, bucket: str) -> list[tuple[str, bool]]:
    return [(item["VersionId"], item["IsLatest"]) for item in s3.list_object_versions(Bucket=bucket).get("DeleteMarkers", [])]


@pytest.mark.parametrize(
    ("document", "is_replicated"),
    [
        (rule(**MARKERS), True),
        (rule(), False),
        (rule(Filter={"Prefix": "x"}, **MARKERS), False),
        (rule(Filter={"Tag": TAG}), False),
        (old_rule(), True),
        (old_rule(Prefix="x"), False),
        (rule(Status="Disabled", **MARKERS), False),
    ],
)
@pytest.mark.parametrize("batch", [False, True])
def test_delete_markers(s3: Any, document: dict[str, Any], is_replicated: bool, batch: bool) -> None:
    s3.put_object(Bucket="replicas", Key="key", Body=b"own")
    configure(s3, document)
    put(s3)
    if batch:
        s3.delete_objects(Bucket="source", Delete={"Objects": [{"Key": "key"}, {"Key": "k"}]})
        expected = sorted(markers(s3, "source"))
    else:
        expected = [(s3.delete_object(Bucket="source", Key="key")["VersionId"], True)]
    assert sorted(markers(s3, "replicas")) == (expected if is_replicated else [])


def test_deleted_versions_stay_in_the_destination(s3: Any) -> None:
    configure(s3, rule(**MARKERS))
    version_id = put(s3)
    marker = s3.delete_object(Bucket="source", Key="key")["VersionId"]
    s3.delete_object(Bucket="source", Key="key", VersionId=marker)
    s3.delete_object(Bucket="source", Key="key", VersionId=version_id)
    assert "Versions" not in s3.list_object_versions(Bucket="source")
    assert markers(s3, "replicas") == [(marker, True)]
    assert [item["VersionId"] for item in s3.list_object_versions(Bucket="replicas")["Versions"]] == [version_id]


def test_replicated_markers_are_not_replicated_again(s3: Any) -> None:
    create(s3, "third")
    configure(s3, rule(**MARKERS))
    configure(s3, old_rule(**to("third")), bucket="replicas")
    s3.delete_object(Bucket="source", Key="key")
    assert (len(markers(s3, "replicas")), markers(s3, "third")) == (1, [])


def test_lifecycle_actions_are_not_replicated(door: Door, s3: Any) -> None:
    configure(s3, old_rule())
    put(s3)
    expire: Any = {"Rules": [{"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}]}
    s3.put_bucket_lifecycle_configuration(Bucket="source", LifecycleConfiguration=expire)
    try:
        door.fake.clock.advance(days=3)
        assert (len(markers(s3, "source")), markers(s3, "replicas")) == (1, [])
        assert keys(s3, "replicas") == ["key"]
    finally:
        door.fake.clock.reset()


# --- later changes ---------------------------------------------------------------------------------------------------


def test_tags_follow(s3: Any) -> None:
    configure(s3, rule())
    version_id = put(s3, Tagging="x=y")
    assert s3.get_object_tagging(Bucket="replicas", Key="key")["TagSet"] == [{"Key": "x", "Value": "y"}]
    put(s3)
    s3.put_object_tagging(Bucket="source", Key="key", VersionId=version_id, Tagging=TAGS)
    assert s3.get_object_tagging(Bucket="replicas", Key="key", VersionId=version_id)["TagSet"] == TAGS["TagSet"]
    assert s3.get_object_tagging(Bucket="replicas", Key="key")["TagSet"] == []
    s3.delete_object_tagging(Bucket="source", Key="key", VersionId=version_id)
    assert s3.get_object_tagging(Bucket="replicas", Key="key", VersionId=version_id)["TagSet"] == []
    assert status(s3, "source", VersionId=version_id) == "COMPLETED"


def test_only_what_changed_follows(s3: Any) -> None:
    """A replica's own tags stay when something else changes at the source."""
    configure(s3, rule())
    put(s3)
    s3.put_object_tagging(Bucket="replicas", Key="key", Tagging=TAGS)
    s3.put_object_annotation(Bucket="source", Key="key", AnnotationName="n", AnnotationPayload=b"payload")
    assert s3.get_object_tagging(Bucket="replicas", Key="key")["TagSet"] == TAGS["TagSet"]
    payload = s3.get_object_annotation(Bucket="replicas", Key="key", AnnotationName="n")["AnnotationPayload"]
    assert payload.read() == b"payload"
    s3.delete_object_annotation(Bucket="source", Key="key", AnnotationName="n")
    assert s3.list_object_annotations(Bucket="replicas", Key="key").get("Annotations", []) == []


def test_annotations_are_replicated_with_a_copy(s3: Any) -> None:
    put(s3)
    s3.put_object_annotation(Bucket="source", Key="key", AnnotationName="n", AnnotationPayload=b"payload")
    configure(s3, rule())
    s3.copy_object(Bucket="source", Key="copy", CopySource="source/key")
    listed = [s3.list_object_annotations(Bucket=name, Key="copy")["Annotations"] for name in ("source", "replicas")]
    assert listed[0] == listed[1]


def grant_to_other(door: Door) -> str:
    return f'id="{door.fake.accounts.account(OTHER).canonical_id}"'


def test_acls(door: Door) -> None:
    s3 = door.client
    create(s3, "source", "replicas", ObjectOwnership="ObjectWriter")
    configure(s3, rule())
    put(s3, GrantRead=grant_to_other(door))
    grants = [s3.get_object_acl(Bucket=name, Key="key")["Grants"] for name in ("source", "replicas")]
    assert grants[0] == grants[1]
    assert [grant["Permission"] for grant in grants[1]] == ["READ"]
    s3.put_object_acl(Bucket="source", Key="key", ACL="private")
    assert len(s3.get_object_acl(Bucket="replicas", Key="key")["Grants"]) == 1


def test_acls_do_not_follow_where_the_bucket_owner_is_enforced(door: Door) -> None:
    s3 = door.client
    create(s3, "source", ObjectOwnership="ObjectWriter")
    create(s3, "replicas")
    configure(s3, rule())
    put(s3, GrantRead=grant_to_other(door))
    s3.put_object_acl(Bucket="source", Key="key", GrantReadACP=grant_to_other(door))
    assert len(s3.get_object_acl(Bucket="replicas", Key="key")["Grants"]) == 1
    assert status(s3, "source") == "COMPLETED"


def test_object_lock(door: Door) -> None:
    s3 = door.client
    for name in ("source", "replicas"):
        s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    configure(s3, rule())
    until = datetime(2030, 1, 1, tzinfo=timezone.utc)
    put(s3, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until, ObjectLockLegalHoldStatus="ON")
    found = s3.head_object(Bucket="replicas", Key="key")
    assert (found["ObjectLockMode"], found["ObjectLockRetainUntilDate"]) == ("GOVERNANCE", until)
    assert found["ObjectLockLegalHoldStatus"] == "ON"
    s3.put_object_legal_hold(Bucket="source", Key="key", LegalHold={"Status": "OFF"})
    assert s3.head_object(Bucket="replicas", Key="key")["ObjectLockLegalHoldStatus"] == "OFF"
    retention = {"Mode": "GOVERNANCE", "RetainUntilDate": until + timedelta(days=1)}
    s3.put_object_retention(Bucket="source", Key="key", Retention=retention)
    assert s3.get_object_retention(Bucket="replicas", Key="key")["Retention"] == retention
    (event,) = door.fake.events.filter("s3:ObjectRetention:Put", bucket="replicas")
    assert event["objectRetentionEventData"] == {"mode": "GOVERNANCE", "retainUntilDate": "2030-01-02T00:00:00.000Z"}


def test_the_default_retention_of_the_destination(door: Door) -> None:
    s3 = door.client
    create(s3, "source")
    s3.create_bucket(Bucket="replicas", ObjectLockEnabledForBucket=True)
    retention: Any = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 10}}}
    s3.put_object_lock_configuration(Bucket="replicas", ObjectLockConfiguration=retention)
    configure(s3, rule())
    put(s3)
    found = s3.head_object(Bucket="replicas", Key="key")
    assert (found["ObjectLockMode"], found["ObjectLockRetainUntilDate"]) == (
        "COMPLIANCE",
        found["LastModified"] + timedelta(days=10),
    )
    assert "ObjectLockMode" not in s3.head_object(Bucket="source", Key="key")


@pytest.mark.parametrize("modifications", [None, "Disabled", "Enabled"])
def test_changes_of_a_replica(s3: Any, modifications: str | None) -> None:
    configure(s3, rule())
    criteria: Any = (
        {} if modifications is None else {"SourceSelectionCriteria": {"ReplicaModifications": {"Status": modifications}}}
    )
    configure(s3, rule(**to("source"), **criteria), bucket="replicas")
    put(s3)
    s3.put_object_tagging(Bucket="replicas", Key="key", Tagging=TAGS)
    expected = TAGS["TagSet"] if modifications == "Enabled" else []
    assert s3.get_object_tagging(Bucket="source", Key="key")["TagSet"] == expected
    assert (status(s3, "source"), status(s3, "replicas")) == ("COMPLETED", "REPLICA")
    s3.delete_object_tagging(Bucket="source", Key="key")
    assert s3.get_object_tagging(Bucket="replicas", Key="key")["TagSet"] == []


# --- encryption ------------------------------------------------------------------------------------------------------

DEFAULT_KMS: Any = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]}


def test_sse_s3_stays_although_the_destination_has_another_default(s3: Any) -> None:
    s3.put_bucket_encryption(Bucket="replicas", ServerSideEncryptionConfiguration=DEFAULT_KMS)
    configure(s3, rule())
    put(s3)
    assert head(s3, "replicas") == head(s3, "source")
    assert s3.head_object(Bucket="replicas", Key="key")["ServerSideEncryption"] == "AES256"


def test_sse_c(s3: Any) -> None:
    configure(s3, rule())
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    put(s3, **key)
    source, replica = (s3.get_object(Bucket=name, Key="key", **key) for name in ("source", "replicas"))
    assert (replica["ReplicationStatus"], replica["Body"].read()) == ("REPLICA", b"content")
    for name in ("ETag", "VersionId", "SSECustomerKeyMD5", "LastModified"):
        assert replica[name] == source[name]


def test_sse_c_that_the_destination_blocks(s3: Any) -> None:
    configure(s3, rule())
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    earlier = put(s3, **key)
    block: Any = {
        "Rules": [
            {
                "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
            }
        ]
    }
    s3.put_bucket_encryption(Bucket="replicas", ServerSideEncryptionConfiguration=block)
    put(s3, **key)
    assert status(s3, "source", **key) == "FAILED"
    assert [item["VersionId"] for item in s3.list_object_versions(Bucket="replicas")["Versions"]] == [earlier]
    s3.put_object_tagging(Bucket="source", Key="key", VersionId=earlier, Tagging=TAGS)
    assert s3.get_object_tagging(Bucket="replicas", Key="key", VersionId=earlier)["TagSet"] == TAGS["TagSet"]


@pytest.mark.parametrize("method", ["aws:kms", "aws:kms:dsse"])
def test_kms(s3: Any, method: str) -> None:
    configure(s3, rule(**KMS_OBJECTS))
    version_id = put(s3, ServerSideEncryption=method)
    source, replica = (s3.get_object(Bucket=name, Key="key") for name in ("source", "replicas"))
    assert (replica["ServerSideEncryption"], replica["SSEKMSKeyId"], replica["VersionId"]) == (method, KMS_KEY, version_id)
    assert source["SSEKMSKeyId"] != KMS_KEY
    assert replica["ETag"] != source["ETag"]
    assert replica["Body"].read() == b"content"


# --- accounts and regions --------------------------------------------------------------------------------------------


@pytest.fixture
def abroad(door: Door) -> Any:
    """A client of another account, which owns ``replicas`` in another region."""
    create(door.client, "source", ObjectOwnership="ObjectWriter")
    with door.client_with(aws_access_key_id=OTHER, region_name="eu-west-1") as other:
        create(other, "replicas", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}, ObjectOwnership="ObjectWriter")
        yield other


def let_in(other: Any, *actions: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:role/replication"},
        "Action": list(actions),
        "Resource": ["arn:aws:s3:::replicas", "arn:aws:s3:::replicas/*"],
    }
    other.put_bucket_policy(Bucket="replicas", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def test_another_account_must_let_the_role_in(door: Door, abroad: Any) -> None:
    configure(door.client, rule())
    put(door.client)
    assert status(door.client, "source") == "FAILED"
    let_in(abroad, "s3:ReplicateObject", "s3:ReplicateTags")
    assert status(door.client, "source") == "FAILED"
    put(door.client, Tagging="a=b")
    assert status(door.client, "source") == "COMPLETED"
    (listed,) = abroad.list_object_versions(Bucket="replicas")["Versions"]
    owner = door.client.list_object_versions(Bucket="source")["Versions"][0]["Owner"]
    assert listed["Owner"] == owner
    door.client.put_object_tagging(Bucket="source", Key="key", Tagging={"TagSet": []})
    assert status(door.client, "source") == "COMPLETED"
    abroad.delete_bucket_policy(Bucket="replicas")
    put(door.client)
    assert status(door.client, "source") == "FAILED"  # although the source's owner owns the replica that is there


def test_objects_of_other_accounts_must_be_readable(door: Door) -> None:
    s3 = door.client
    create(s3, "source", "replicas", ObjectOwnership="ObjectWriter")
    statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "s3:*", "Resource": "arn:aws:s3:::source/*"}
    s3.put_bucket_policy(Bucket="source", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    configure(s3, rule())
    with door.client_with(aws_access_key_id=OTHER) as other:
        other.put_object(Bucket="source", Key="hidden", Body=b"x")
        other.put_object(Bucket="source", Key="key", Body=b"x", ACL="bucket-owner-full-control")
        assert (status(other, "source", "hidden"), status(other, "source")) == ("FAILED", "COMPLETED")
    assert keys(s3, "replicas") == ["key"]
    assert len(s3.get_object_acl(Bucket="replicas", Key="key")["Grants"]) == 2


@pytest.mark.filterwarnings("ignore::fakes3part.LenientWarning")
@pytest.mark.parametrize("lenient", [False, True])
def test_a_lenient_fake_lets_other_accounts_in(door: Door, lenient: bool) -> None:
    used: list[str] = []
    with door_with(door, lenient=["other_accounts"] if lenient else False) as own:
        create(own.client, "source")
        with own.client_with(aws_access_key_id=OTHER) as other:
            create(other, "replicas")
        configure(own.client, rule())
        leniences.listeners.append(used.append)
        try:
            put(own.client)
        finally:
            leniences.listeners.remove(used.append)
        assert status(own.client, "source") == ("COMPLETED" if lenient else "FAILED")
        assert used == (["other_accounts"] if lenient else [])


def test_the_owner_of_the_destination(door: Door, abroad: Any) -> None:
    let_in(abroad, "s3:ReplicateObject", "s3:ReplicateTags")
    override = rule(**to("replicas", Account=OTHER, AccessControlTranslation={"Owner": "Destination"}))
    configure(door.client, override)
    put(door.client, GrantRead=grant_to_other(door))
    assert status(door.client, "source") == "FAILED"
    let_in(abroad, "s3:ReplicateObject", "s3:ObjectOwnerOverrideToBucketOwner")
    put(door.client, GrantRead=grant_to_other(door), Tagging="a=b")
    assert status(door.client, "source") == "COMPLETED"
    acl = abroad.get_object_acl(Bucket="replicas", Key="key")
    bucket_owner = abroad.get_bucket_acl(Bucket="replicas")["Owner"]
    assert acl["Owner"] == bucket_owner
    assert [grant["Grantee"]["ID"] for grant in acl["Grants"]] == [bucket_owner["ID"]]
    assert abroad.get_object(Bucket="replicas", Key="key")["Body"].read() == b"content"
    assert abroad.get_object_tagging(Bucket="replicas", Key="key")["TagSet"] == []  # s3:ReplicateTags is missing

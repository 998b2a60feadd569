"""What INTELLIGENT_TIERING does: access tiers by the clock, archived objects, their restore, events.

Sources: "How S3 Intelligent-Tiering works" (S3 user guide); botocore's model of InvalidObjectState, HeadObject and RestoreObject.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fakes3part.api.fakes3 import FakeS3
from tests.support.doors import Door, refused
from tests.support.errors import MALFORMED_XML
from tests.support.state import unchanged

START = datetime(2026, 2, 21, 10, 30, 0, tzinfo=timezone.utc)
SIZE = 128 * 1024
COLD_TIER = "The operation is not valid for the object's access tier"
NOT_ALLOWED = "Restore is not allowed for the object's current storage class"
IN_PROGRESS = "Object restore is already in progress"
ARCHIVE = {"AccessTier": "ARCHIVE_ACCESS", "Days": 90}
DEEP = {"AccessTier": "DEEP_ARCHIVE_ACCESS", "Days": 180}


def _configure(s3: Any, *tierings: dict[str, Any], name: str = "cold", status: str = "Enabled", **filters: Any) -> None:
    configuration = {"Id": name, "Status": status, "Tierings": list(tierings), **filters}
    s3.put_bucket_intelligent_tiering_configuration(Bucket="bucket", Id=name, IntelligentTieringConfiguration=configuration)


def _put(s3: Any, key: str = "k", size: int = SIZE, **more: Any) -> Any:
    return s3.put_object(Bucket="bucket", Key=key, Body=b"x" * size, StorageClass="INTELLIGENT_TIERING", **more)


def _tier(door: Door, key: str = "k") -> str | None:
    return door.fake.buckets["bucket"].objects[key].access_tier


def _status(s3: Any, key: str = "k", **more: Any) -> tuple[str | None, str | None]:
    """Return what HEAD says of the archive tier and of the restore."""
    head = s3.head_object(Bucket="bucket", Key=key, **more)
    assert head["StorageClass"] == "INTELLIGENT_TIERING"
    return head.get("ArchiveStatus"), head.get("Restore")


def _restore(s3: Any, key: str = "k", **request: Any) -> int:
    response = s3.restore_object(Bucket="bucket", Key=key, RestoreRequest=request)
    return int(response["ResponseMetadata"]["HTTPStatusCode"])


def _by(tier: str) -> dict[str, Any]:
    return {"GlacierJobParameters": {"Tier": tier}}


def _is_cold(s3: Any, tier: str, key: str = "k") -> None:
    extras = {"StorageClass": "INTELLIGENT_TIERING", "AccessTier": tier}
    refused(partial(s3.get_object, Bucket="bucket", Key=key), 403, "InvalidObjectState", COLD_TIER, extras)


@pytest.fixture
def tiered(door: Door, bucket: str) -> Door:
    """A door to a bucket with both archive tiers and the object ``k``; the clock stands at ``START``."""
    door.fake.clock.freeze(START)
    _configure(door.client, ARCHIVE, DEEP)
    _put(door.client)
    return door


@pytest.fixture
def archived(tiered: Door) -> Door:
    """The same after 90 days: ``k`` is in ARCHIVE_ACCESS."""
    tiered.fake.clock.advance(days=90)
    return tiered


# --- tiers by the clock ---


TIERS = {
    timedelta(0): "FREQUENT",
    timedelta(days=30, seconds=-1): "FREQUENT",
    timedelta(days=30): "INFREQUENT",
    timedelta(days=90, seconds=-1): "INFREQUENT",
    timedelta(days=90): "ARCHIVE_INSTANT_ACCESS",
    timedelta(days=5000): "ARCHIVE_INSTANT_ACCESS",
}


@pytest.mark.parametrize(("idle", "tier"), TIERS.items(), ids=str)
def test_tiers_that_need_no_configuration(door: Door, bucket: str, idle: timedelta, tier: str) -> None:
    """They can be read at once, and have no event."""
    s3 = door.client
    door.fake.clock.freeze(START)
    _put(s3)
    door.fake.clock.advance(idle)
    assert _tier(door) == tier
    assert _status(s3) == (None, None)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x" * SIZE
    assert _tier(door) == "FREQUENT"
    assert [event["eventName"] for event in door.fake.events] == ["ObjectCreated:Put"]


ARCHIVE_TIERS = {
    timedelta(days=90, seconds=-1): ("INFREQUENT", None),
    timedelta(days=90): ("ARCHIVE", "ARCHIVE_ACCESS"),
    timedelta(days=180, seconds=-1): ("ARCHIVE", "ARCHIVE_ACCESS"),
    timedelta(days=180): ("DEEP_ARCHIVE", "DEEP_ARCHIVE_ACCESS"),
    timedelta(days=5000): ("DEEP_ARCHIVE", "DEEP_ARCHIVE_ACCESS"),
}


@pytest.mark.parametrize(("idle", "tiers"), ARCHIVE_TIERS.items(), ids=str)
@pytest.mark.parametrize("in_days", [False, True], ids=["at once", "day by day"])
def test_archive_tiers(tiered: Door, idle: timedelta, tiers: tuple[str, str | None], in_days: bool) -> None:
    clock, end = tiered.fake.clock, START + idle
    while in_days and idle < timedelta(days=200) and end - clock.now() > timedelta(days=1):
        clock.advance(days=1)
    clock.move_to(end)
    assert (_tier(tiered), _status(tiered.client)[0]) == tiers
    if tiers[1] is not None:
        with unchanged(tiered.fake):
            _is_cold(tiered.client, tiers[1])


def test_a_configuration_with_the_deep_archive_only(door: Door, bucket: str) -> None:
    door.fake.clock.freeze(START)
    _configure(door.client, DEEP)
    _put(door.client)
    door.fake.clock.advance(days=179)
    assert _tier(door) == "ARCHIVE_INSTANT_ACCESS"
    door.fake.clock.advance(days=1)
    assert _tier(door) == "DEEP_ARCHIVE"


def test_several_configurations(door: Door, bucket: str) -> None:
    """The fewest days of those that match."""
    door.fake.clock.freeze(START)
    _configure(door.client, {**ARCHIVE, "Days": 200}, name="late")
    _configure(door.client, {**ARCHIVE, "Days": 120}, name="early")
    _configure(door.client, {**ARCHIVE, "Days": 90}, name="off", status="Disabled")
    _put(door.client)
    door.fake.clock.advance(days=119)
    assert _status(door.client) == (None, None)
    door.fake.clock.advance(days=1)
    assert _status(door.client) == ("ARCHIVE_ACCESS", None)


AND = {"And": {"Prefix": "a/", "Tags": [{"Key": "x", "Value": "1"}, {"Key": "y", "Value": "2"}]}}
FILTERS = {
    "all": ({}, {"a/1", "a/2", "b/1", "b/2"}),
    "prefix": ({"Prefix": "a/"}, {"a/1", "a/2"}),
    "tag": ({"Tag": {"Key": "x", "Value": "1"}}, {"a/1", "a/2", "b/1"}),
    "and": (AND, {"a/1"}),
    "nothing": ({"Prefix": "c"}, set()),
}


@pytest.mark.parametrize(("filters", "keys"), FILTERS.values(), ids=FILTERS)
def test_filters(door: Door, bucket: str, filters: dict[str, Any], keys: set[str]) -> None:
    door.fake.clock.freeze(START)
    for key, tags in {"a/1": "x=1&y=2", "a/2": "x=1&y=3", "b/1": "x=1", "b/2": ""}.items():
        _put(door.client, key, Tagging=tags)
    _configure(door.client, ARCHIVE, **({"Filter": filters} if filters else {}))
    door.fake.clock.advance(days=90)
    assert {key for key in ("a/1", "a/2", "b/1", "b/2") if _tier(door, key) == "ARCHIVE"} == keys


def test_tags_that_are_set_later(tiered: Door) -> None:
    s3 = tiered.client
    _configure(s3, ARCHIVE, Filter={"Tag": {"Key": "x", "Value": "1"}})
    tiered.fake.clock.advance(days=100)
    assert _tier(tiered) == "ARCHIVE_INSTANT_ACCESS"
    s3.put_object_tagging(Bucket="bucket", Key="k", Tagging={"TagSet": [{"Key": "x", "Value": "1"}]})
    assert _status(s3) == ("ARCHIVE_ACCESS", None)


NEVER_TIERED = {
    "small": {"Body": b"x" * (SIZE - 1), "StorageClass": "INTELLIGENT_TIERING"},
    "STANDARD": {"Body": b"x" * SIZE},
    "GLACIER_IR": {"Body": b"x" * SIZE, "StorageClass": "GLACIER_IR"},
}


@pytest.mark.parametrize("members", NEVER_TIERED.values(), ids=NEVER_TIERED)
def test_objects_that_are_never_moved(tiered: Door, members: dict[str, Any]) -> None:
    s3 = tiered.client
    s3.put_object(Bucket="bucket", Key="k", **members)
    tiered.fake.clock.advance(days=400)
    head = s3.head_object(Bucket="bucket", Key="k")
    assert "ArchiveStatus" not in head
    assert _tier(tiered) == ("FREQUENT" if head.get("StorageClass") == "INTELLIGENT_TIERING" else None)
    with unchanged(tiered.fake):
        assert len(s3.get_object(Bucket="bucket", Key="k")["Body"].read()) == head["ContentLength"]


def test_a_bucket_without_configuration_beside_one_that_has_one(tiered: Door) -> None:
    s3 = tiered.client
    s3.create_bucket(Bucket="other")
    s3.put_object(Bucket="other", Key="k", Body=b"x" * SIZE, StorageClass="INTELLIGENT_TIERING")
    tiered.fake.clock.advance(days=400)
    assert tiered.fake.buckets["other"].objects["k"].access_tier == "ARCHIVE_INSTANT_ACCESS"
    assert _tier(tiered) == "DEEP_ARCHIVE"


def test_a_configuration_applies_to_what_is_there(door: Door, bucket: str) -> None:
    """Idle days before it count."""
    door.fake.clock.freeze(START)
    _put(door.client)
    door.fake.clock.advance(days=100)
    _configure(door.client, ARCHIVE, DEEP)
    assert _status(door.client) == ("ARCHIVE_ACCESS", None)


@pytest.mark.parametrize("ends_by", ["deleting", "disabling"])
def test_what_is_archived_stays_so_without_the_configuration(archived: Door, ends_by: str) -> None:
    s3 = archived.client
    if ends_by == "deleting":
        s3.delete_bucket_intelligent_tiering_configuration(Bucket="bucket", Id="cold")
    else:
        _configure(s3, ARCHIVE, DEEP, status="Disabled")
    archived.fake.clock.advance(days=400)
    assert _status(s3) == ("ARCHIVE_ACCESS", None)
    assert _restore(s3) == 202
    archived.fake.clock.advance(hours=5)
    assert _tier(archived) == "FREQUENT"
    archived.fake.clock.advance(days=400)
    assert _tier(archived) == "ARCHIVE_INSTANT_ACCESS"


def test_versions_are_moved_one_by_one(tiered: Door) -> None:
    s3, clock = tiered.client, tiered.fake.clock
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    clock.advance(days=60)
    new = _put(s3)["VersionId"]
    clock.advance(days=30)
    assert _status(s3, VersionId="null") == ("ARCHIVE_ACCESS", None)
    assert _status(s3, VersionId=new) == (None, None)
    s3.delete_object(Bucket="bucket", Key="k")
    clock.advance(days=60)
    assert [view.access_tier for view in tiered.fake.buckets["bucket"].versions["k"]] == [None, "ARCHIVE", "ARCHIVE"]


def test_a_clock_that_goes_back_undoes_nothing(archived: Door) -> None:
    archived.fake.clock.move_to(START)
    assert _status(archived.client) == ("ARCHIVE_ACCESS", None)


# --- what counts as access ---


def _upload_part_copy(s3: Any) -> None:
    where = {"Bucket": "bucket", "Key": "parts"}
    upload = s3.create_multipart_upload(**where)["UploadId"]
    s3.upload_part_copy(**where, UploadId=upload, PartNumber=1, CopySource="bucket/k")


def _select(s3: Any) -> None:
    s3.select_object_content(
        Bucket="bucket",
        Key="k",
        Expression="SELECT * FROM s3object",
        ExpressionType="SQL",
        InputSerialization={"CSV": {}},
        OutputSerialization={"CSV": {}},
    )


def _fails(call: Callable[..., object], **members: str) -> None:
    with pytest.raises(ClientError):
        call(**members)


ACCESSES: dict[str, Callable[[Any], object]] = {
    "GET": lambda s3: s3.get_object(Bucket="bucket", Key="k")["Body"].read(),
    "GET of a range": lambda s3: s3.get_object(Bucket="bucket", Key="k", Range="bytes=0-0")["Body"].read(),
    "CopyObject from it": lambda s3: s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/k"),
    "UploadPartCopy from it": _upload_part_copy,
    "SelectObjectContent": _select,
}
NO_ACCESSES: dict[str, Callable[[Any], object]] = {
    "HEAD": lambda s3: s3.head_object(Bucket="bucket", Key="k"),
    "lists": lambda s3: (s3.list_objects_v2(Bucket="bucket"), s3.list_object_versions(Bucket="bucket")),
    "attributes": lambda s3: s3.get_object_attributes(Bucket="bucket", Key="k", ObjectAttributes=["ETag"]),
    "reading tags": lambda s3: s3.get_object_tagging(Bucket="bucket", Key="k"),
    "writing tags": lambda s3: s3.put_object_tagging(Bucket="bucket", Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}),
    "the ACL": lambda s3: s3.get_object_acl(Bucket="bucket", Key="k"),
    "a GET that fails": lambda s3: _fails(s3.get_object, Bucket="bucket", Key="k", IfMatch="x"),
    "a copy that fails": lambda s3: _fails(s3.copy_object, Bucket="bucket", Key="k", CopySource="bucket/k"),
}


@pytest.mark.parametrize("access", ACCESSES.values(), ids=ACCESSES)
def test_access_keeps_an_object_in_the_first_tier(tiered: Door, access: Callable[[Any], object]) -> None:
    before = tiered.client.head_object(Bucket="bucket", Key="k")
    tiered.fake.clock.advance(days=80)
    assert _tier(tiered) == "INFREQUENT"
    access(tiered.client)
    assert _tier(tiered) == "FREQUENT"
    tiered.fake.clock.advance(days=89)
    assert _tier(tiered) == "INFREQUENT"
    after = tiered.client.head_object(Bucket="bucket", Key="k")
    assert (after["LastModified"], after["ETag"]) == (before["LastModified"], before["ETag"])
    tiered.fake.clock.advance(days=1)
    assert _status(tiered.client) == ("ARCHIVE_ACCESS", None)


@pytest.mark.parametrize("request_", NO_ACCESSES.values(), ids=NO_ACCESSES)
def test_no_access(tiered: Door, request_: Callable[[Any], object]) -> None:
    tiered.fake.clock.advance(days=80)
    request_(tiered.client)
    assert _tier(tiered) == "INFREQUENT"
    tiered.fake.clock.advance(days=10)
    assert _status(tiered.client) == ("ARCHIVE_ACCESS", None)


def test_overwriting_begins_anew(archived: Door) -> None:
    _put(archived.client)
    assert (_tier(archived), _status(archived.client)) == ("FREQUENT", (None, None))
    archived.fake.clock.advance(days=90)
    assert _tier(archived) == "ARCHIVE"


# --- lifecycle rules ---


def test_days_count_from_the_transition(door: Door, bucket: str) -> None:
    door.fake.clock.freeze("2026-02-21T00:00:00Z")
    transition = {"Days": 10, "StorageClass": "INTELLIGENT_TIERING"}
    rule = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Transitions": [transition]}
    door.client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    _configure(door.client, ARCHIVE)
    door.client.put_object(Bucket=bucket, Key="k", Body=b"x" * SIZE)
    door.fake.clock.advance(days=99)
    assert _tier(door) == "INFREQUENT"
    door.fake.clock.advance(days=1)
    assert _tier(door) == "ARCHIVE"
    events = [(event["eventName"], event["eventTime"]) for event in door.fake.events][1:]
    assert events == [
        ("LifecycleTransition", "2026-03-03T00:00:00.000Z"),
        ("IntelligentTiering", "2026-06-01T00:00:00.000Z"),
    ]


def test_lifecycle_moves_what_is_archived_on(archived: Door) -> None:
    rule = {
        "ID": "a",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Transitions": [{"Days": 100, "StorageClass": "DEEP_ARCHIVE"}],
    }
    s3 = archived.client
    s3.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration={"Rules": [rule]})
    archived.fake.clock.advance(days=20)
    head = s3.head_object(Bucket="bucket", Key="k")
    assert (head["StorageClass"], "ArchiveStatus" in head, _tier(archived)) == ("DEEP_ARCHIVE", False, None)


# --- archived objects ---


def test_the_header(archived: Door) -> None:
    response = archived.raw("HEAD", "/bucket/k")
    assert response.headers["x-amz-archive-status"] == "ARCHIVE_ACCESS"
    assert "x-amz-restore" not in response.headers


COPIES: dict[str, dict[str, Any]] = {
    "to another key": {"Key": "copy"},
    "onto itself": {"Key": "k", "StorageClass": "STANDARD"},
    "with metadata": {"Key": "copy", "MetadataDirective": "REPLACE"},
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
def test_copies_need_a_restore(archived: Door, copy: dict[str, Any]) -> None:
    call = partial(archived.client.copy_object, Bucket="bucket", CopySource="bucket/k", **copy)
    extras = {"StorageClass": "INTELLIGENT_TIERING", "AccessTier": "ARCHIVE_ACCESS"}
    with unchanged(archived.fake):
        refused(call, 403, "InvalidObjectState", COLD_TIER, extras)
    _restore(archived.client)
    with unchanged(archived.fake):
        refused(call, 403, "InvalidObjectState", COLD_TIER, extras)
    archived.fake.clock.advance(hours=5)
    call()


def test_copies_of_parts_and_queries_need_a_restore(archived: Door) -> None:
    extras = {"StorageClass": "INTELLIGENT_TIERING", "AccessTier": "ARCHIVE_ACCESS"}
    for access in (_upload_part_copy, _select):
        refused(partial(access, archived.client), 403, "InvalidObjectState", COLD_TIER, extras)


def test_requests_that_archived_objects_allow(archived: Door) -> None:
    s3 = archived.client
    listed = s3.list_objects_v2(Bucket="bucket", OptionalObjectAttributes=["RestoreStatus"])["Contents"][0]
    assert (listed["StorageClass"], "RestoreStatus" in listed) == ("INTELLIGENT_TIERING", False)
    s3.put_object_tagging(Bucket="bucket", Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert _status(s3) == ("ARCHIVE_ACCESS", None)
    s3.delete_object(Bucket="bucket", Key="k")
    assert "k" not in archived.fake.buckets["bucket"].objects


# --- RestoreObject ---


DURATIONS = {
    "archive, Expedited": (90, "Expedited", timedelta(minutes=5)),
    "archive, Standard": (90, "Standard", timedelta(hours=5)),
    "archive, Bulk": (90, "Bulk", timedelta(hours=12)),
    "archive, none named": (90, None, timedelta(hours=5)),
    "deep archive, Standard": (180, "Standard", timedelta(hours=12)),
    "deep archive, Bulk": (180, "Bulk", timedelta(hours=48)),
    "deep archive, none named": (180, None, timedelta(hours=12)),
}


@pytest.mark.parametrize(("idle", "tier", "takes"), DURATIONS.values(), ids=DURATIONS)
def test_a_restore(tiered: Door, idle: int, tier: str | None, takes: timedelta) -> None:
    """It returns to the first tier for good, without an expiry."""
    s3, clock = tiered.client, tiered.fake.clock
    clock.advance(days=idle)
    name = "ARCHIVE_ACCESS" if idle == 90 else "DEEP_ARCHIVE_ACCESS"
    assert _restore(s3, **(_by(tier) if tier else {})) == 202
    assert _status(s3) == (name, 'ongoing-request="true"')
    listed = s3.list_objects_v2(Bucket="bucket", OptionalObjectAttributes=["RestoreStatus"])["Contents"][0]
    assert listed["RestoreStatus"] == {"IsRestoreInProgress": True}
    clock.advance(takes - timedelta(seconds=1))
    assert _status(s3) == (name, 'ongoing-request="true"')
    _is_cold(s3, name)
    clock.advance(seconds=1)
    assert _status(s3) == (None, None)
    assert _tier(tiered) == "FREQUENT"
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"x" * SIZE
    clock.advance(days=89)
    assert _status(s3) == (None, None)
    clock.advance(days=1)
    assert _status(s3) == ("ARCHIVE_ACCESS", None)


def test_each_version_is_restored_separately(tiered: Door) -> None:
    s3 = tiered.client
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    new = _put(s3)["VersionId"]
    tiered.fake.clock.advance(days=90)
    s3.restore_object(Bucket="bucket", Key="k", VersionId="null", RestoreRequest=_by("Expedited"))
    tiered.fake.clock.advance(minutes=5)
    assert len(s3.get_object(Bucket="bucket", Key="k", VersionId="null")["Body"].read()) == SIZE
    assert (_status(s3), _status(s3, VersionId=new)) == (("ARCHIVE_ACCESS", None), ("ARCHIVE_ACCESS", None))
    completed = tiered.fake.events.filter("s3:ObjectRestore:Completed")
    assert [event["s3"]["object"].get("versionId") for event in completed] == [None]


def test_idle_days_count_from_the_end_of_the_restore(archived: Door) -> None:
    _restore(archived.client, **_by("Bulk"))
    archived.fake.clock.advance(days=90, hours=12, seconds=-1)
    assert _status(archived.client) == (None, None)
    archived.fake.clock.advance(seconds=1)
    assert _status(archived.client) == ("ARCHIVE_ACCESS", None)


def test_what_is_being_restored_is_moved_nowhere(tiered: Door) -> None:
    """Not even to the deep archive, where it would be due."""
    tiered.fake.clock.advance(days=179, hours=20)
    _restore(tiered.client)
    tiered.fake.clock.advance(hours=5)
    assert _status(tiered.client) == (None, None)


def test_a_document_without_elements(archived: Door) -> None:
    response = archived.raw("POST", "/bucket/k?restore", body=b"<RestoreRequest/>")
    assert (response.status, response.body, response.headers["content-length"]) == (202, b"", "0")


def test_expedited_from_the_deep_archive(tiered: Door) -> None:
    tiered.fake.clock.advance(days=180)
    message = "Retrieval option is not supported by this storage class"
    with unchanged(tiered.fake):
        call = partial(_restore, tiered.client, **_by("Expedited"))
        refused(call, 400, "InvalidArgument", message, {"ArgumentName": "Tier", "ArgumentValue": "Expedited"})


def test_days_are_refused(archived: Door) -> None:
    with unchanged(archived.fake):
        refused(partial(_restore, archived.client, Days=1), 400, "MalformedXML", MALFORMED_XML)


@pytest.mark.parametrize("request_", [{}, {"Days": 1}, {"Days": -1}, _by("Expedited")], ids=str)
@pytest.mark.parametrize("storage_class", ["INTELLIGENT_TIERING", "STANDARD", "GLACIER_IR"])
def test_objects_that_are_not_archived(tiered: Door, storage_class: str, request_: dict[str, Any]) -> None:
    """The state is judged before the days."""
    tiered.client.put_object(Bucket="bucket", Key="k", Body=b"x" * SIZE, StorageClass=storage_class)
    with unchanged(tiered.fake):
        call = partial(_restore, tiered.client, **request_)
        refused(call, 403, "InvalidObjectState", NOT_ALLOWED, {"StorageClass": storage_class})


def test_a_restore_in_progress_can_only_be_made_faster(archived: Door) -> None:
    s3 = archived.client
    assert _restore(s3, **_by("Standard")) == 202
    for tier in ("Standard", "Bulk"):
        with unchanged(archived.fake):
            refused(partial(_restore, s3, **_by(tier)), 409, "RestoreAlreadyInProgress", IN_PROGRESS)
    assert _restore(s3, **_by("Expedited")) == 202
    archived.fake.clock.advance(minutes=5)
    assert _status(s3) == (None, None)
    completed = [event for event in archived.fake.events if event["eventName"] == "ObjectRestore:Completed"]
    assert len(completed) == 1


# --- events ---


def _events(fake: FakeS3) -> list[tuple[str, str]]:
    return [(event["eventName"], event["eventTime"]) for event in fake.events]


@pytest.mark.parametrize("at_once", [False, True], ids=["step by step", "at once"])
def test_events(tiered: Door, at_once: bool) -> None:
    for days in [300] if at_once else [100, 100, 100]:
        tiered.fake.clock.advance(days=days)
    assert _events(tiered.fake) == [
        ("ObjectCreated:Put", "2026-02-21T10:30:00.000Z"),
        ("IntelligentTiering", "2026-05-22T10:30:00.000Z"),
        ("IntelligentTiering", "2026-08-20T10:30:00.000Z"),
    ]
    moved = tiered.fake.events[1]
    assert moved["intelligentTieringEventData"] == {"destinationAccessTier": "ARCHIVE_ACCESS"}
    assert moved["eventVersion"] == "2.3"
    assert moved["userIdentity"] == {"principalId": "s3.amazonaws.com"}
    assert moved["requestParameters"] == {"sourceIPAddress": "s3.amazonaws.com"}
    etag = tiered.client.head_object(Bucket="bucket", Key="k")["ETag"].strip('"')
    assert moved["s3"]["object"] == {"key": "k", "size": SIZE, "eTag": etag}
    assert tiered.fake.events[2]["intelligentTieringEventData"] == {"destinationAccessTier": "DEEP_ARCHIVE_ACCESS"}


def test_events_of_a_restore(archived: Door) -> None:
    _restore(archived.client)
    archived.fake.clock.advance(days=1)
    assert _events(archived.fake)[2:] == [
        ("ObjectRestore:Post", "2026-05-22T10:30:00.000Z"),
        ("ObjectRestore:Completed", "2026-05-22T15:30:00.000Z"),
    ]
    completed = archived.fake.events[-1]
    assert completed["glacierEventData"] == {"restoreEventData": {"lifecycleRestoreStorageClass": "INTELLIGENT_TIERING"}}
    archived.fake.clock.advance(days=3)
    assert len(archived.fake.events) == 4


def test_callbacks_may_call_s3(tiered: Door) -> None:
    seen = []
    head = partial(tiered.client.head_object, Bucket="bucket", Key="k")
    with tiered.fake.on("s3:IntelligentTiering", lambda event: seen.append(head()["ArchiveStatus"])):
        tiered.fake.clock.advance(days=90)
    assert seen == ["ARCHIVE_ACCESS"]
    assert not tiered.fake.events.errors


# --- snapshots, forks, archives ---


def test_a_snapshot_holds_the_tiers(tiered: Door) -> None:
    fake, s3 = tiered.fake, tiered.client
    fake.clock.advance(days=80)
    s3.get_object(Bucket="bucket", Key="k")["Body"].read()
    accessed = fake.snapshot()
    fake.clock.advance(days=90)
    _restore(s3)
    restoring = fake.snapshot()
    fake.restore(accessed)
    assert (_tier(tiered), _status(s3)) == ("FREQUENT", (None, None))
    fake.clock.advance(days=89)
    assert _tier(tiered) == "INFREQUENT"
    fake.clock.advance(days=1)
    assert _tier(tiered) == "ARCHIVE"
    fake.restore(restoring)
    assert _status(s3) == ("ARCHIVE_ACCESS", 'ongoing-request="true"')
    fake.clock.advance(hours=5)
    assert (_tier(tiered), _status(s3)) == ("FREQUENT", (None, None))
    fake.reset()
    assert fake.store.processes_ran_at == {}


def test_an_archive_holds_the_tiers(archived: Door, tmp_path: Path) -> None:
    _restore(archived.client)
    archived.fake.save(tmp_path / "state.zip")
    loaded = FakeS3.load(tmp_path / "state.zip")
    assert loaded.buckets["bucket"].objects["k"].access_tier == "ARCHIVE"
    loaded.clock.advance(hours=5)
    assert loaded.buckets["bucket"].objects["k"].access_tier == "FREQUENT"
    assert [event["eventName"] for event in loaded.events] == ["ObjectRestore:Completed"]
    loaded.clock.advance(days=90)
    assert loaded.buckets["bucket"].objects["k"].access_tier == "ARCHIVE"


def test_a_fork_is_independent(tiered: Door) -> None:
    fork = tiered.fake.fork()
    fork.clock.advance(days=90)
    assert fork.buckets["bucket"].objects["k"].access_tier == "ARCHIVE"
    assert _tier(tiered) == "FREQUENT"
    tiered.fake.clock.advance(days=30)
    assert _tier(tiered) == "INFREQUENT"


def test_reads_of_other_classes_change_nothing(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"x" * SIZE)
    with unchanged(door.fake):
        door.client.get_object(Bucket=bucket, Key="k")["Body"].read()
    assert door.fake.store.processes_ran_at == {}

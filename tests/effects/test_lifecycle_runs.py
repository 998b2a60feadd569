"""Lifecycle actions as the days pass, seen by clients, with the fake's clock, freezegun and time-machine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import time_machine
from freezegun import freeze_time

from fakes3part.clock import Clock
from fakes3part.effects.lifecycle_action import LifecycleAction
from tests.support.doors import Door, refused
from tests.support.errors import INVALID_OBJECT_STATE, NO_SUCH_KEY, NO_SUCH_UPLOAD
from tests.support.lifecycle import keys, put_rules, rule, versions

BIG = b"b" * 131072
SMALL = b"s" * 131071
DAY = {"Days": 1}


def put(s3: Any, key: str = "k", body: bytes = BIG, **params: Any) -> Any:
    return s3.put_object(Bucket="bucket", Key=key, Body=body, **params)


@pytest.fixture
def actions(door: Door) -> Any:
    """(kind without its prefix, key, day) of each lifecycle action."""
    seen: list[tuple[str, str, str]] = []

    def listen(action: LifecycleAction) -> None:
        seen.append((action.kind.removeprefix("s3:Lifecycle"), action.key, f"{action.time:%m-%d}"))

    door.fake.on_lifecycle.append(listen)
    yield seen
    door.fake.on_lifecycle.remove(listen)


def on(clock: Clock, day: int, hour: int = 0) -> None:
    clock.move_to(datetime(2026, 1, 1, hour, tzinfo=timezone.utc) + timedelta(days=day - 1))


# --- current versions ------------------------------------------------------------------------------------------------


def test_unversioned_objects_are_gone(s3: Any, clock: Clock, actions: list[Any]) -> None:
    put_rules(s3, rule(Filter={"Prefix": "a"}, Expiration={"Days": 3}))
    put(s3, "a")
    put(s3, "b")
    clock.move_to("2026-01-04T23:59:59Z")
    assert keys(s3) == ["a", "b"]
    clock.advance(seconds=1)
    assert keys(s3) == ["b"]
    assert actions == [("Expiration:Delete", "a", "01-05")]
    message = NO_SUCH_KEY
    refused(lambda: s3.get_object(Bucket="bucket", Key="a"), 404, "NoSuchKey", message, {"Key": "a"})
    assert versions(s3, "a") == []


def test_versioned_objects_get_a_marker(s3: Any, versioned: str, clock: Clock, actions: list[Any]) -> None:
    put_rules(s3, rule(Expiration={"Days": 3}))
    first = put(s3)["VersionId"]
    clock.advance(days=10)
    assert keys(s3) == []
    assert versions(s3) == [("MARKER", "05"), ("STANDARD", "01")]
    assert actions == [("Expiration:DeleteMarkerCreated", "k", "01-05")]
    (marker,) = s3.list_object_versions(Bucket="bucket")["DeleteMarkers"]
    assert marker["LastModified"] == datetime(2026, 1, 5, tzinfo=timezone.utc)
    assert (len(marker["VersionId"]), marker["IsLatest"]) == (32, True)
    assert s3.get_object(Bucket="bucket", Key="k", VersionId=first)["ContentLength"] == len(BIG)


def test_suspended_buckets_get_a_null_marker(s3: Any, versioned: str, clock: Clock) -> None:
    put(s3, "k")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Suspended"})
    put(s3, "k")
    put(s3, "n")
    put_rules(s3, rule(Expiration=DAY))
    on(clock, 3, 10)
    assert versions(s3, "k") == [("MARKER", "03"), ("STANDARD", "01")]
    assert versions(s3, "n") == [("MARKER", "03")]
    assert {one["VersionId"] for one in s3.list_object_versions(Bucket="bucket")["DeleteMarkers"]} == {"null"}
    on(clock, 4)
    assert versions(s3, "n") == []  # nothing was beneath it


def test_by_date(s3: Any, clock: Clock, actions: list[Any]) -> None:
    put_rules(s3, rule(Expiration={"Date": datetime(2026, 1, 9, tzinfo=timezone.utc)}))
    put(s3, "before")
    on(clock, 8, 23)
    assert keys(s3) == ["before"]
    on(clock, 9)
    assert keys(s3) == []
    put(s3, "behind")
    on(clock, 9, 23)
    assert keys(s3) == ["behind"]
    on(clock, 10)
    assert keys(s3) == []
    assert actions == [("Expiration:Delete", "before", "01-09"), ("Expiration:Delete", "behind", "01-10")]


def test_what_is_due_already_goes_at_the_next_midnight(s3: Any, versioned: str, clock: Clock) -> None:
    put(s3)
    clock.advance(days=50)
    put_rules(s3, rule(Expiration={"Days": 3}))
    clock.advance(hours=1)
    assert versions(s3) == [("STANDARD", "01")]
    clock.advance(days=5)
    assert versions(s3) == [("MARKER", "21"), ("STANDARD", "01")]


def test_overwritten_objects_start_anew(s3: Any, clock: Clock) -> None:
    put_rules(s3, rule(Expiration={"Days": 3}))
    put(s3)
    clock.advance(days=2)
    put(s3)
    on(clock, 6)
    assert keys(s3) == ["k"]
    on(clock, 7)
    assert keys(s3) == []


def test_nothing_of_disabled_or_deleted_rules(s3: Any, clock: Clock, actions: list[Any]) -> None:
    put_rules(s3, rule(Status="Disabled", Expiration=DAY))
    put(s3)
    clock.advance(days=9)
    put_rules(s3, rule(Expiration=DAY))
    s3.delete_bucket_lifecycle(Bucket="bucket")
    clock.advance(days=9)
    assert keys(s3) == ["k"]
    assert actions == []


# --- delete markers --------------------------------------------------------------------------------------------------

MARKERS = rule("markers", Expiration={"ExpiredObjectDeleteMarker": True})
LONE: dict[str, tuple[dict[str, Any], list[str]]] = {
    "by wish": (MARKERS, ["02"]),
    "by age": (rule(Expiration={"Days": 5}), ["07"]),
    "by date": (rule(Expiration={"Date": datetime(2026, 1, 4, tzinfo=timezone.utc)}), ["04"]),
    "not by wish": (rule(Expiration={"ExpiredObjectDeleteMarker": False}), []),
    "not by size": (rule(Filter={"ObjectSizeLessThan": 9}, Expiration={"Days": 5}), []),
    "not by tag": (rule(Filter={"Tag": {"Key": "a", "Value": ""}}, Expiration={"Days": 5}), []),
    "not elsewhere": (rule(Filter={"Prefix": "x"}, Expiration={"ExpiredObjectDeleteMarker": True}), []),
}


@pytest.mark.parametrize(("given", "days"), LONE.values(), ids=LONE)
def test_lone_markers(s3: Any, versioned: str, clock: Clock, actions: list[Any], given: Any, days: list[str]) -> None:
    s3.delete_object(Bucket="bucket", Key="k")
    put_rules(s3, given)
    clock.advance(days=20)
    assert actions == [("Expiration:Delete", "k", f"01-{day}") for day in days]
    assert versions(s3) == ([] if days else [("MARKER", "01")])


def test_markers_upon_versions_stay(s3: Any, versioned: str, clock: Clock, actions: list[Any]) -> None:
    version = put(s3)["VersionId"]
    s3.delete_object(Bucket="bucket", Key="k")
    put_rules(s3, MARKERS)
    clock.advance(days=20)
    assert actions == []
    s3.delete_object(Bucket="bucket", Key="k", VersionId=version)
    clock.advance(days=1)
    assert actions == [("Expiration:Delete", "k", "01-22")]


def test_from_an_object_to_nothing(s3: Any, versioned: str, clock: Clock, actions: list[Any]) -> None:
    """Each action counts from the one before: one move of a year has the result of 365 moves of a day."""
    put_rules(s3, rule(Expiration={"Days": 3}, NoncurrentVersionExpiration={"NoncurrentDays": 4}), MARKERS)
    put(s3)
    clock.advance(days=365)
    assert actions == [
        ("Expiration:DeleteMarkerCreated", "k", "01-05"),
        ("Expiration:Delete", "k", "01-09"),
        ("Expiration:Delete", "k", "01-09"),
    ]
    assert versions(s3) == []
    s3.delete_bucket(Bucket="bucket")


# --- noncurrent versions ---------------------------------------------------------------------------------------------


def _five_versions(s3: Any, clock: Clock) -> None:
    """Write versions on the first five days of the year."""
    for day in range(1, 6):
        on(clock, day, 10)
        put(s3, Tagging=f"day={day}")


NONCURRENT: dict[str, tuple[dict[str, Any], list[str]]] = {
    "days since succeeded": ({"NoncurrentDays": 2}, ["05", "06", "07", "08"]),
    "two stay": ({"NoncurrentDays": 2, "NewerNoncurrentVersions": 2}, ["05", "06"]),
    "all stay": ({"NoncurrentDays": 2, "NewerNoncurrentVersions": 4}, []),
    "one stays": ({"NoncurrentDays": 1, "NewerNoncurrentVersions": 3}, ["06"]),
}


@pytest.mark.parametrize("steps", [1, 20], ids=["one leap", "day by day"])
@pytest.mark.parametrize(("given", "days"), NONCURRENT.values(), ids=NONCURRENT)
def test_noncurrent_versions(
    s3: Any, versioned: str, clock: Clock, actions: list[Any], given: Any, days: list[str], steps: int
) -> None:
    put_rules(s3, rule(NoncurrentVersionExpiration=given))
    _five_versions(s3, clock)
    for _ in range(steps):
        clock.advance(days=20 // steps)
    assert actions == [("Expiration:Delete", "k", f"01-{day}") for day in days]
    left = [("STANDARD", f"{5 - age:02}") for age in range(5 - len(days))]
    assert versions(s3) == left


def test_noncurrent_versions_by_tag(s3: Any, versioned: str, clock: Clock) -> None:
    put_rules(
        s3,
        rule(Filter={"Tag": {"Key": "day", "Value": "2"}}, NoncurrentVersionExpiration={"NoncurrentDays": 1}),
        rule("b", Filter={"Tag": {"Key": "day", "Value": "5"}}, NoncurrentVersionExpiration={"NoncurrentDays": 1}),
    )
    _five_versions(s3, clock)
    clock.advance(days=20)
    assert versions(s3) == [("STANDARD", "05"), ("STANDARD", "04"), ("STANDARD", "03"), ("STANDARD", "01")]


@pytest.mark.parametrize("steps", [1, 20], ids=["one leap", "day by day"])
def test_deletion_comes_first_among_versions_too(s3: Any, versioned: str, clock: Clock, actions: list[Any], steps: int) -> None:
    move = [{"NoncurrentDays": 4, "StorageClass": "GLACIER"}]
    _five_versions(s3, clock)
    put_rules(
        s3,
        rule("move", Filter={"Tag": {"Key": "day", "Value": "1"}}, NoncurrentVersionTransitions=move),
        rule("end", Filter={"Tag": {"Key": "day", "Value": "3"}}, NoncurrentVersionExpiration={"NoncurrentDays": 2}),
    )
    for _ in range(steps):
        clock.advance(days=20 // steps)
    assert actions == [("Expiration:Delete", "k", "01-07"), ("Transition", "k", "01-07")]


def test_noncurrent_markers_go_too(s3: Any, versioned: str, clock: Clock) -> None:
    put_rules(s3, rule(NoncurrentVersionExpiration={"NoncurrentDays": 1}))
    s3.delete_object(Bucket="bucket", Key="k")
    on(clock, 2, 10)
    put(s3)
    on(clock, 9)
    assert versions(s3) == [("STANDARD", "02")]


# --- transitions -----------------------------------------------------------------------------------------------------


def _moves(*moves: tuple[int, str]) -> list[dict[str, Any]]:
    return [{"Days": days, "StorageClass": to} for days, to in moves]


def test_down_the_waterfall(s3: Any, clock: Clock, actions: list[Any]) -> None:
    put_rules(
        s3,
        rule(Transitions=_moves((30, "STANDARD_IA"), (60, "GLACIER_IR"), (61, "GLACIER"), (62, "DEEP_ARCHIVE"))),
    )
    etag = put(s3, Tagging="a=b", Metadata={"m": "n"})["ETag"]
    on(clock, 32)
    head = s3.head_object(Bucket="bucket", Key="k")
    assert (head["StorageClass"], head["ETag"], head["Metadata"]) == ("STANDARD_IA", etag, {"m": "n"})
    assert head["LastModified"] == datetime(2026, 1, 1, 10, tzinfo=timezone.utc)
    on(clock, 62)
    assert s3.get_object(Bucket="bucket", Key="k")["StorageClass"] == "GLACIER_IR"
    on(clock, 63)
    message = INVALID_OBJECT_STATE
    get = lambda: s3.get_object(Bucket="bucket", Key="k")  # noqa: E731
    refused(get, 403, "InvalidObjectState", message, {"StorageClass": "GLACIER"})
    on(clock, 99)
    assert s3.head_object(Bucket="bucket", Key="k")["StorageClass"] == "DEEP_ARCHIVE"
    assert actions == [("Transition", "k", day) for day in ("02-01", "03-03", "03-04", "03-05")]


MOVED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "the coldest of one day": ({"Transitions": _moves((1, "INTELLIGENT_TIERING"), (2, "GLACIER"))}, {}, "GLACIER"),
    "not up": ({"Transitions": _moves((1, "GLACIER_IR"))}, {"StorageClass": "GLACIER"}, "GLACIER"),
    "not to itself": ({"Transitions": _moves((1, "GLACIER"))}, {"StorageClass": "GLACIER"}, "GLACIER"),
    "not from ONEZONE_IA": ({"Transitions": _moves((1, "GLACIER_IR"))}, {"StorageClass": "ONEZONE_IA"}, "ONEZONE_IA"),
    "on from ONEZONE_IA": ({"Transitions": _moves((1, "GLACIER"))}, {"StorageClass": "ONEZONE_IA"}, "GLACIER"),
    "from REDUCED_REDUNDANCY": ({"Transitions": _moves((1, "GLACIER"))}, {"StorageClass": "REDUCED_REDUNDANCY"}, "GLACIER"),
    "at once": ({"Transitions": _moves((0, "INTELLIGENT_TIERING"))}, {}, "INTELLIGENT_TIERING"),
    "by date": (
        {"Transitions": [{"Date": datetime(2026, 1, 3, tzinfo=timezone.utc), "StorageClass": "GLACIER"}]},
        {},
        "GLACIER",
    ),
    "small": ({"Transitions": _moves((1, "GLACIER"))}, {"Body": SMALL}, "STANDARD"),
    "small, but meant": (
        {"Filter": {"ObjectSizeGreaterThan": 5}, "Transitions": _moves((1, "GLACIER_IR"))},
        {"Body": SMALL},
        "GLACIER_IR",
    ),
    "small, and meant": (
        {"Filter": {"ObjectSizeLessThan": 200000}, "Transitions": _moves((1, "GLACIER_IR"))},
        {"Body": b""},
        "GLACIER_IR",
    ),
}


@pytest.mark.parametrize(("given", "params", "storage_class"), MOVED.values(), ids=MOVED)
def test_transitions(s3: Any, clock: Clock, given: dict[str, Any], params: dict[str, Any], storage_class: str) -> None:
    s3.put_object(**{"Bucket": "bucket", "Key": "k", "Body": BIG, **params})
    clock.advance(days=5)
    put_rules(s3, rule(**given))
    clock.advance(days=5)
    ((found, _),) = versions(s3)
    assert found == storage_class


@pytest.mark.parametrize(
    ("to", "moved"), [("GLACIER", True), ("DEEP_ARCHIVE", True), ("GLACIER_IR", False), ("INTELLIGENT_TIERING", False)]
)
def test_small_objects_where_it_varies(s3: Any, clock: Clock, to: str, moved: bool) -> None:
    put_rules(s3, rule(Transitions=_moves((1, to))), TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    put(s3, body=SMALL)
    clock.advance(days=5)
    assert versions(s3) == [(to if moved else "STANDARD", "01")]


def test_noncurrent_versions_move(s3: Any, versioned: str, clock: Clock, actions: list[Any]) -> None:
    moves = [
        {"NoncurrentDays": 1, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 1},
        {"NoncurrentDays": 9, "StorageClass": "DEEP_ARCHIVE", "NewerNoncurrentVersions": 3},
    ]
    put_rules(s3, rule(NoncurrentVersionTransitions=moves))
    _five_versions(s3, clock)
    clock.advance(days=30)
    assert versions(s3) == [
        ("STANDARD", "05"),
        ("STANDARD", "04"),
        ("GLACIER", "03"),
        ("GLACIER", "02"),
        ("DEEP_ARCHIVE", "01"),
    ]
    assert [day for _, _, day in actions] == ["01-04", "01-05", "01-06", "01-12"]


# --- several rules ---------------------------------------------------------------------------------------------------


def test_deletion_for_good_wins(s3: Any, clock: Clock, actions: list[Any]) -> None:
    put_rules(s3, rule("move", Transitions=_moves((1, "GLACIER"))), rule("end", Expiration=DAY))
    put(s3)
    clock.advance(days=5)
    assert actions == [("Expiration:Delete", "k", "01-03")]


def test_a_transition_comes_before_a_marker(s3: Any, versioned: str, clock: Clock, actions: list[Any]) -> None:
    put_rules(s3, rule("end", Expiration=DAY), rule("move", Transitions=_moves((1, "GLACIER"))))
    put(s3)
    clock.advance(days=5)
    assert actions == [("Transition", "k", "01-03"), ("Expiration:DeleteMarkerCreated", "k", "01-03")]
    assert versions(s3) == [("MARKER", "03"), ("GLACIER", "01")]


def test_the_shorter_of_two_rules(s3: Any, clock: Clock) -> None:
    put_rules(s3, rule("all", Expiration={"Days": 9}), rule("logs", Filter={"Prefix": "logs/"}, Expiration=DAY))
    put(s3, "a")
    put(s3, "logs/a")
    on(clock, 3)
    assert keys(s3) == ["a"]


def test_buckets_do_not_mix(s3: Any, clock: Clock, actions: list[Any]) -> None:
    s3.create_bucket(Bucket="other")
    s3.put_object(Bucket="other", Key="k")
    put(s3, "k")
    put_rules(s3, rule(Expiration=DAY))
    clock.advance(days=9)
    assert [len(s3.list_objects_v2(Bucket=name).get("Contents", ())) for name in ("bucket", "other")] == [0, 1]


# --- uploads ---------------------------------------------------------------------------------------------------------


def test_forgotten_uploads_are_aborted(s3: Any, clock: Clock, actions: list[Any]) -> None:
    put_rules(s3, rule(Filter={"Prefix": "a"}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 3}))
    uploads = {key: s3.create_multipart_upload(Bucket="bucket", Key=key)["UploadId"] for key in ("a", "b")}
    for key, upload in uploads.items():
        s3.upload_part(Bucket="bucket", Key=key, UploadId=upload, PartNumber=1, Body=b"x")
    on(clock, 4, 23)
    assert len(s3.list_multipart_uploads(Bucket="bucket")["Uploads"]) == 2
    on(clock, 5)
    assert [one["Key"] for one in s3.list_multipart_uploads(Bucket="bucket")["Uploads"]] == ["b"]
    assert actions == [("AbortIncompleteMultipartUpload", "a", "01-05")]
    message = NO_SUCH_UPLOAD
    call = lambda: s3.list_parts(Bucket="bucket", Key="a", UploadId=uploads["a"])  # noqa: E731
    refused(call, 404, "NoSuchUpload", message, {"UploadId": uploads["a"]})


# --- locks -----------------------------------------------------------------------------------------------------------


def test_locks_are_not_broken(s3: Any, clock: Clock, actions: list[Any]) -> None:
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": datetime(2026, 1, 20, 12, tzinfo=timezone.utc)}
    for key, params in {"free": {}, "held": {"ObjectLockLegalHoldStatus": "ON"}, "kept": lock}.items():
        s3.put_object(Bucket="locked", Key=key, Body=b"1", ChecksumAlgorithm="CRC32", **params)
    s3.put_bucket_lifecycle_configuration(
        Bucket="locked",
        LifecycleConfiguration={
            "Rules": [rule(Expiration=DAY, NoncurrentVersionExpiration={"NoncurrentDays": 1}), MARKERS],
        },
    )
    clock.advance(days=90)
    listed = s3.list_object_versions(Bucket="locked")
    assert [one["Key"] for one in listed["Versions"]] == ["held"]
    assert [one["Key"] for one in listed["DeleteMarkers"]] == ["held"]
    assert ("Expiration:Delete", "free", "01-04") in actions
    assert ("Expiration:Delete", "kept", "01-21") in actions


# --- whose clock -----------------------------------------------------------------------------------------------------


def test_back_in_time_nothing_happens(s3: Any, clock: Clock, actions: list[Any]) -> None:
    put_rules(s3, rule(Expiration={"Days": 3}))
    put(s3)
    clock.advance(days=9)
    assert (keys(s3), len(actions)) == ([], 1)
    on(clock, 1, 10)
    assert (keys(s3), len(actions)) == ([], 1)
    put(s3, "again")
    on(clock, 4, 23)
    assert keys(s3) == ["again"]
    on(clock, 5)
    assert (keys(s3), len(actions)) == ([], 2)


def test_a_reset_of_the_fake_runs_nothing(door: Door, bucket: str, actions: list[Any]) -> None:
    """The clock moves from the test's time to the system's, which is later."""
    s3, fake = door.client, door.fake
    events: list[Any] = []
    fake.clock.freeze("2020-01-01T00:00:00Z")
    put_rules(s3, rule(Expiration={"Days": 3}))
    put(s3)
    fake.on("s3:LifecycleExpiration:*", events.append)
    fake.reset()
    assert (actions, events, list(fake.buckets)) == ([], [], [])


@pytest.mark.parametrize("asked", [True, False], ids=["asked in between", "not asked"])
def test_after_a_reset_of_the_clock(s3: Any, clock: Clock, asked: bool) -> None:
    put_rules(s3, rule(Expiration=DAY))
    clock.move_to("2199-01-01")
    clock.reset()
    if asked:
        assert keys(s3) == []
    put(s3)
    clock.advance(days=2)
    assert keys(s3) == []


def test_the_end_of_time(s3: Any, clock: Clock) -> None:
    put_rules(
        s3, rule(Expiration=DAY, NoncurrentVersionExpiration={"NoncurrentDays": 2147483647}), rule("b", Expiration={"Days": 9})
    )
    clock.move_to("9999-12-31T12:00:00Z")
    put(s3)
    assert keys(s3) == ["k"]
    clock.advance(hours=11)
    assert keys(s3) == ["k"]


def _freezegun(at: str) -> Any:
    return freeze_time(at)


def _time_machine(at: str) -> Any:
    return time_machine.travel(at, tick=False)


@pytest.mark.parametrize("travel", [_freezegun, _time_machine])
def test_other_clocks(s3: Any, actions: list[Any], travel: Callable[[str], Any]) -> None:
    with travel("2026-01-01T10:00:00Z"):
        s3.create_bucket(Bucket="bucket")
        s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
        put_rules(s3, rule(Expiration={"Days": 3}, NoncurrentVersionExpiration={"NoncurrentDays": 2}))
        put(s3)
    with travel("2026-01-04T23:00:00Z"):
        assert keys(s3) == ["k"]
    with travel("2026-01-06T12:00:00Z"):
        assert actions == []
        assert versions(s3) == [("MARKER", "05"), ("STANDARD", "01")]
        assert actions == [("Expiration:DeleteMarkerCreated", "k", "01-05")]
    with travel("2026-01-07T00:00:00Z"):
        assert versions(s3) == [("MARKER", "05")]


def test_a_snapshot_knows_the_time(door: Door, clock: Clock) -> None:
    s3 = door.client
    put_rules(s3, rule(Expiration={"Days": 3}))
    put(s3)
    saved = door.fake.snapshot()
    clock.advance(days=9)
    assert keys(s3) == []
    door.fake.restore(saved)
    assert keys(s3) == ["k"]
    clock.advance(days=9)
    assert keys(s3) == []


def test_listeners_may_use_the_fake(door: Door, clock: Clock) -> None:
    s3 = door.client
    put_rules(s3, rule(Filter={"Prefix": "a"}, Expiration=DAY))
    put(s3, "a")

    def listen(action: LifecycleAction) -> None:
        with closing(door.fake.client()) as own:
            own.put_object(Bucket=action.bucket.name, Key=f"gone/{action.key}")

    door.fake.on_lifecycle.append(listen)
    try:
        clock.advance(days=3)
    finally:
        door.fake.on_lifecycle.remove(listen)
    assert keys(s3) == ["gone/a"]

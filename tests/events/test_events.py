"""Events: what each operation publishes, S3's records, and callbacks."""

from __future__ import annotations

import base64
import json
import logging
import re
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from fakes3part import FakeS3
from fakes3part.events.events import Events
from fakes3part.events.records import EVENT_TYPES, PATTERNS, Event, customer_id
from fakes3part.protocol.model import s3_model
from fakes3part.state.objects import Data, Restore, Version
from tests.support.doors import Door

MD5 = "5d41402abc4b2a76b9719d911017c592"

Act = Callable[[Any], Any]


def _put(s3: Any, key: str = "k", body: bytes = b"hello", **more: Any) -> Any:
    return s3.put_object(Bucket="bucket", Key=key, Body=body, **more)


def _versioned(s3: Any, status: str = "Enabled") -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": status})


def _completed(s3: Any, times: int = 1) -> None:
    upload = s3.create_multipart_upload(Bucket="bucket", Key="k")["UploadId"]
    part = s3.upload_part(Bucket="bucket", Key="k", UploadId=upload, PartNumber=1, Body=b"hello")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    for _ in range(times):
        s3.complete_multipart_upload(Bucket="bucket", Key="k", UploadId=upload, MultipartUpload=parts)


def _aborted(s3: Any) -> None:
    upload = s3.create_multipart_upload(Bucket="bucket", Key="k")["UploadId"]
    s3.abort_multipart_upload(Bucket="bucket", Key="k", UploadId=upload)


def _acls_enabled(s3: Any) -> None:
    s3.delete_public_access_block(Bucket="bucket")
    s3.put_bucket_ownership_controls(Bucket="bucket", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})


def _acl(s3: Any, acl: str = "public-read") -> None:
    _acls_enabled(s3)
    _put(s3, ACL="public-read")
    s3.put_object_acl(Bucket="bucket", Key="k", ACL=acl)


def _reordered_acl(s3: Any) -> None:
    _acl(s3)
    acl = s3.get_object_acl(Bucket="bucket", Key="k")
    grants = [{"Grantee": grant["Grantee"], "Permission": grant["Permission"]} for grant in reversed(acl["Grants"])]
    s3.put_object_acl(Bucket="bucket", Key="k", AccessControlPolicy={"Owner": acl["Owner"], "Grants": grants})


def _deleted_versions(s3: Any) -> None:
    _versioned(s3)
    version = _put(s3)["VersionId"]
    marker = s3.delete_object(Bucket="bucket", Key="k")["VersionId"]
    objects = [{"Key": "k", "VersionId": marker}, {"Key": "k", "VersionId": version}, {"Key": "l"}]
    s3.delete_objects(Bucket="bucket", Delete={"Objects": objects})


def _delete(*keys: str) -> Act:
    return lambda s3: s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": key} for key in keys]})


ACTS: dict[str, tuple[Act, list[str]]] = {
    "put": (_put, ["ObjectCreated:Put"]),
    "copy": (
        lambda s3: (_put(s3), s3.copy_object(Bucket="bucket", Key="l", CopySource="bucket/k")),
        ["ObjectCreated:Put", "ObjectCreated:Copy"],
    ),
    "complete": (_completed, ["ObjectCreated:CompleteMultipartUpload"]),
    "complete again": (lambda s3: _completed(s3, 2), ["ObjectCreated:CompleteMultipartUpload"]),
    "abort": (_aborted, []),
    "delete": (
        lambda s3: (_put(s3), s3.delete_object(Bucket="bucket", Key="k")),
        ["ObjectCreated:Put", "ObjectRemoved:Delete"],
    ),
    "delete nothing": (lambda s3: s3.delete_object(Bucket="bucket", Key="k"), ["ObjectRemoved:Delete"]),
    "delete many": (
        lambda s3: (_put(s3), _put(s3, "l"), _delete("l", "m", "k")(s3)),
        ["ObjectCreated:Put"] * 2 + ["ObjectRemoved:Delete"] * 3,
    ),
    "marker": (
        lambda s3: (_versioned(s3), s3.delete_object(Bucket="bucket", Key="k")),
        ["ObjectRemoved:DeleteMarkerCreated"],
    ),
    "versions": (
        _deleted_versions,
        [
            "ObjectCreated:Put",
            "ObjectRemoved:DeleteMarkerCreated",
            "ObjectRemoved:Delete",
            "ObjectRemoved:Delete",
            "ObjectRemoved:DeleteMarkerCreated",
        ],
    ),
    "acl": (lambda s3: _acl(s3, "private"), ["ObjectCreated:Put", "ObjectAcl:Put"]),
    "the same acl": (_acl, ["ObjectCreated:Put"]),
    "the default acl": (
        lambda s3: (_acls_enabled(s3), _put(s3), s3.put_object_acl(Bucket="bucket", Key="k", ACL="private")),
        ["ObjectCreated:Put"],
    ),
    "the same grants in another order": (_reordered_acl, ["ObjectCreated:Put", "ObjectAcl:Put"]),
    "reads": (lambda s3: (s3.list_objects_v2(Bucket="bucket"), s3.head_bucket(Bucket="bucket")), []),
    "policy": (lambda s3: s3.delete_bucket_policy(Bucket="bucket"), []),
}


@pytest.mark.parametrize(("act", "names"), ACTS.values(), ids=ACTS)
def test_events_of_an_operation(door: Door, s3: Any, bucket: str, act: Act, names: list[str]) -> None:
    act(s3)
    assert [event["eventName"] for event in door.fake.events] == names


def test_a_rejected_write_publishes_nothing(door: Door, s3: Any, bucket: str) -> None:
    for wrong in ({"ContentMD5": base64.b64encode(b"x" * 16).decode()}, {"IfMatch": '"x"'}):
        with pytest.raises(s3.exceptions.ClientError):
            _put(s3, **wrong)
    assert not door.fake.events


def test_the_event_of_a_form(door: Door, s3: Any, bucket: str) -> None:
    fields = {**s3.generate_presigned_post(bucket, "posted")["fields"], "file": "data"}
    parts = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert door.raw("POST", f"/{bucket}", headers, f"{parts}--b--\r\n".encode(), sign=False).status == 204
    (event,) = door.fake.events
    assert (event["eventName"], event["s3"]["object"]["key"]) == ("ObjectCreated:Post", "posted")
    assert event["userIdentity"] == {"principalId": "AWS:123456789012"}


# --- the record


def test_the_record_of_a_put(door: Door, s3: Any, bucket: str) -> None:
    door.fake.clock.freeze("2026-03-04T05:06:07.891Z")
    response = _put(s3, "red flower/ü+.jpg")
    metadata = response["ResponseMetadata"]
    (event,) = door.fake.events
    sequencer = event["s3"]["object"]["sequencer"]
    assert event == {
        "eventVersion": "2.6",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-03-04T05:06:07.891Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:123456789012"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": metadata["RequestId"], "x-amz-id-2": metadata["HostId"]},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "fakes3part",
            "bucket": {
                "name": "bucket",
                "ownerIdentity": {"principalId": customer_id("123456789012")},
                "arn": "arn:aws:s3:::bucket",
            },
            "object": {"key": "red+flower/%C3%BC%2B.jpg", "size": 5, "eTag": MD5, "sequencer": sequencer},
        },
    }
    assert re.fullmatch("00[0-9A-F]{16}", sequencer)
    assert re.fullmatch("A[A-Z2-7]{13}", customer_id("123456789012"))
    assert json.loads(json.dumps(door.fake.events.to_json())) == [event]


def test_the_record_of_a_deletion(door: Door, s3: Any, bucket: str) -> None:
    _put(s3)
    s3.delete_object(Bucket=bucket, Key="k")
    put, removed = door.fake.events
    assert removed["s3"]["object"] == {"key": "k", "sequencer": removed["s3"]["object"]["sequencer"]}
    assert removed["s3"]["object"]["sequencer"] > put["s3"]["object"]["sequencer"]


def test_versions(door: Door, s3: Any, bucket: str) -> None:
    _versioned(s3)
    version = _put(s3)["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=version)
    _versioned(s3, "Suspended")
    _put(s3)
    objects = [event["s3"]["object"] for event in door.fake.events]
    assert [element.get("versionId") for element in objects] == [version, marker, version, None]
    assert [element.get("eTag") for element in objects] == [MD5, "d41d8cd98f00b204e9800998ecf8427e", None, MD5]
    assert [element.get("size") for element in objects] == [5, None, None, 5]
    sequence = [element["sequencer"] for element in objects]
    assert sequence == sorted(set(sequence))


def test_sequencers_increase_although_the_clock_goes_back(door: Door, s3: Any, bucket: str) -> None:
    _put(s3)
    first = door.fake.events[0]["s3"]["object"]["sequencer"]
    door.fake.clock.move_to("1999-01-01T00:00:00Z")
    door.fake.events.clear()
    assert len(door.fake.events) == door.fake.events.dropped == 0
    _put(s3)
    assert door.fake.events[0]["s3"]["object"]["sequencer"] > first
    assert door.fake.events[0]["eventTime"].startswith("1999-01-01T00:00:")


def test_the_caller_and_its_address(door: Door) -> None:
    fake = door.fake
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    clerk = fake.add_user("111111111111", "events-clerk", everything)
    with door.client_with(aws_access_key_id=clerk.access_key, aws_secret_access_key=clerk.secret_key) as s3:
        s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "EU"})
        _put(s3)
    (event,) = fake.events
    assert event["userIdentity"]["principalId"].startswith("AWS:AIDA")
    assert event["s3"]["bucket"]["ownerIdentity"] == {"principalId": customer_id("111111111111")}
    assert customer_id("111111111111") != customer_id("123456789012")
    assert event["awsRegion"] == "eu-west-1"


def test_an_anonymous_writer(door: Door, s3: Any, bucket: str) -> None:
    s3.delete_public_access_block(Bucket=bucket)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert door.raw("PUT", f"/{bucket}/k", body=b"x", sign=False).status == 200
    assert door.fake.events[0]["userIdentity"] == {"principalId": "Anonymous"}


def _version() -> Version:
    fake = FakeS3()
    version = Version("k", "v" * 32, fake.clock.now(), "123456789012", MD5, Data((b"hello",)))
    version.restore = Restore(fake.clock.now(), fake.clock.now())
    return replace(version, properties=replace(version.properties, storage_class="GLACIER"))


KINDS: dict[str, tuple[str, bool, bool]] = {
    "IntelligentTiering": ("2.3", False, True),
    "ObjectRestore:Post": ("2.6", True, True),
    "ObjectRestore:Completed": ("2.1", True, True),
    "ObjectRestore:Delete": ("2.3", False, True),
    "ObjectTagging:Put": ("2.6", False, False),
    "ObjectTagging:Delete": ("2.6", False, False),
    "ObjectAcl:Put": ("2.6", False, False),
    "ObjectRetention:Put": ("2.6", False, False),
    "ObjectAnnotation:Delete": ("2.6", False, True),
    "LifecycleTransition": ("2.3", False, True),
    "LifecycleExpiration:Delete": ("2.3", True, False),
    "LifecycleExpiration:DeleteMarkerCreated": ("2.3", True, False),
    "Replication:OperationNotTracked": ("2.2", True, True),
    "ObjectCreated:Put": ("2.6", True, True),
}
"""Event name -> the record's version, whether it has a sequencer, whether it has a size."""


@pytest.mark.parametrize(("name", "expected"), KINDS.items(), ids=KINDS)
def test_what_s3_does_by_itself(name: str, expected: tuple[str, bool, bool]) -> None:
    fake = FakeS3()
    with closing(fake.client()) as s3:
        s3.create_bucket(Bucket="bucket")
    version = _version()
    assert version.restore is not None
    received: list[Event] = []
    fake.on("s3:*", received.append)
    fake.events.publish_own(name, fake.store.buckets["bucket"], "k", version, version.restore.expires)
    (event,) = fake.events
    element = event["s3"]["object"]
    assert (event["eventVersion"], "sequencer" in element, "size" in element) == expected
    assert (event["eventName"], element["versionId"]) == (name, "v" * 32)
    customer = f"AmazonCustomer:{customer_id('123456789012')}"
    assert event["userIdentity"] == {"principalId": customer if name == "ObjectRestore:Completed" else "s3.amazonaws.com"}
    assert event["requestParameters"] == {"sourceIPAddress": "s3.amazonaws.com"}
    assert received == [event]
    expires = f"{version.restore.expires:%Y-%m-%dT%H:%M:%S}.{version.restore.expires.microsecond // 1000:03}Z"
    restored = {"restoreEventData": {"lifecycleRestorationExpiryTime": expires, "lifecycleRestoreStorageClass": "GLACIER"}}
    assert event.get("glacierEventData") == (restored if name == "ObjectRestore:Completed" else None)
    moved = {"transitionEventData": {"destinationStorageClass": "GLACIER"}}
    assert event.get("lifecycleEventData") == (moved if name == "LifecycleTransition" else None)


def test_lifecycle_tells_what_s3_tells() -> None:
    fake = FakeS3()
    with closing(fake.client()) as s3:
        s3.create_bucket(Bucket="bucket")
    bucket, now = fake.store.buckets["bucket"], fake.clock.now()
    fake.events.publish_lifecycle("AbortIncompleteMultipartUpload", bucket, "k", None, now)
    fake.events.publish_lifecycle("s3:LifecycleExpiration:Delete", bucket, "k", None, now)
    assert [event["eventName"] for event in fake.events] == ["LifecycleExpiration:Delete"]


def test_all_types_of_the_model_are_known() -> None:
    raw = s3_model().operations["PutBucketNotificationConfiguration"]._shapes["Event"]["enum"]
    assert {*raw, *EVENT_TYPES} <= PATTERNS


# --- callbacks


@pytest.mark.parametrize(
    ("pattern", "filters", "keys"),
    [
        ("s3:ObjectCreated:*", {}, ["a/1.txt", "a/2.jpg", "b/ü.txt"]),
        ("s3:ObjectCreated:Put", {}, ["a/1.txt", "a/2.jpg", "b/ü.txt"]),
        ("s3:ObjectCreated:Copy", {}, []),
        ("s3:ObjectRemoved:*", {}, ["a/1.txt"]),
        ("s3:*", {}, ["a/1.txt", "a/2.jpg", "b/ü.txt", "a/1.txt"]),
        ("s3:ObjectCreated:*", {"prefix": "a/"}, ["a/1.txt", "a/2.jpg"]),
        ("s3:ObjectCreated:*", {"suffix": ".txt"}, ["a/1.txt", "b/ü.txt"]),
        ("s3:ObjectCreated:*", {"prefix": "b/ü", "suffix": "t"}, ["b/ü.txt"]),
        ("s3:ObjectCreated:*", {"bucket": "bucket"}, ["a/1.txt", "a/2.jpg", "b/ü.txt"]),
        ("s3:ObjectCreated:*", {"bucket": "other"}, []),
    ],
)
def test_called_callbacks(door: Door, s3: Any, bucket: str, pattern: str, filters: dict[str, str], keys: list[str]) -> None:
    from urllib.parse import unquote_plus

    received: list[Event] = []
    door.fake.on(pattern, received.append, **filters)  # type: ignore[arg-type]
    for key in ("a/1.txt", "a/2.jpg", "b/ü.txt"):
        _put(s3, key)
    s3.delete_object(Bucket=bucket, Key="a/1.txt")
    assert [unquote_plus(event["s3"]["object"]["key"]) for event in received] == keys
    assert all(event in list(door.fake.events) for event in received)


@pytest.mark.parametrize(
    "pattern", ["s3:ObjectCreated", "ObjectCreated:*", "s3:ObjectCreated:Putt", "*", "s3:Object*", "", "s3:TestEvent"]
)
def test_no_such_event(pattern: str) -> None:
    fake = FakeS3()
    for use in (lambda: fake.on(pattern, print), lambda: fake.events.filter(pattern)):
        with pytest.raises(ValueError, match=f"S3 has no event {re.escape(repr(pattern))}"):
            use()


def test_cancel(door: Door, s3: Any, bucket: str) -> None:
    received: list[Event] = []
    with door.fake.on("s3:ObjectCreated:*", received.append) as subscription:
        _put(s3)
    _put(s3)
    subscription.cancel()
    assert len(received) == 1
    assert "s3:ObjectCreated:*" in repr(subscription)


def test_a_callback_is_called_in_the_thread_of_the_request_with_no_lock_held(bucket: str, door: Door, s3: Any) -> None:
    inside = door.fake.store.buckets[bucket]
    received: list[tuple[str, bool]] = []

    def locks_are_free() -> bool:
        results: list[bool] = []

        def look() -> None:
            free = inside.lock.acquire(blocking=False)
            results.append(free)
            if free:
                inside.lock.release()

        thread = threading.Thread(target=look)
        thread.start()
        thread.join(10)
        return results == [True]

    door.fake.on("s3:ObjectCreated:*", lambda event: received.append((threading.current_thread().name, locks_are_free())))
    _put(s3)
    assert received == [(door.fake.calls[-1].thread, True)]


def test_a_callback_may_use_s3(door: Door, s3: Any, bucket: str) -> None:
    client = door.fake.client()

    def thumbnail(event: Event) -> None:
        client.put_object(Bucket=bucket, Key=f"thumbnails/{event['s3']['object']['key']}", Body=b"small")

    door.fake.on("s3:ObjectCreated:*", thumbnail, suffix=".jpg", prefix="photos/")
    _put(s3, "photos/1.jpg")
    client.close()
    assert [event["s3"]["object"]["key"] for event in door.fake.events] == ["photos/1.jpg", "thumbnails/photos/1.jpg"]
    assert not door.fake.events.errors


def test_a_callback_that_raises(door: Door, s3: Any, bucket: str, caplog: pytest.LogCaptureFixture) -> None:
    received: list[Event] = []

    def fail(event: Event) -> None:
        event.clear()  # the callback's own copy
        raise KeyError("missing")

    door.fake.on("s3:ObjectCreated:*", fail)
    door.fake.on("s3:ObjectCreated:*", received.append)
    with caplog.at_level(logging.ERROR, "fakes3part.events"):
        assert _put(s3)["ETag"] == f'"{MD5}"'
    (failure,) = door.fake.events.errors
    assert (type(failure.error), failure.subscription.callback) == (KeyError, fail)
    assert [record.name for record in caplog.records] == ["fakes3part.events"]
    assert "KeyError: 'missing'" in caplog.text
    assert received == list(door.fake.events)
    assert failure.to_json() == {"callback": repr(fail), "event": received[0], "error": "KeyError: 'missing'"}
    door.fake.events.clear()
    assert door.fake.events.errors == []


def test_reset(door: Door, s3: Any, bucket: str) -> None:
    received: list[Event] = []
    door.fake.on("s3:ObjectCreated:*", received.append)
    _put(s3)
    door.fake.reset()
    assert len(door.fake.events) == 0
    s3.create_bucket(Bucket=bucket)
    _put(s3)
    assert (len(received), len(door.fake.events)) == (1, 1)


# --- all events


def test_filter(door: Door, s3: Any, bucket: str) -> None:
    _put(s3, "a b")
    _put(s3, "c")
    s3.delete_object(Bucket=bucket, Key="a b")
    events = door.fake.events
    assert [event["eventName"] for event in events.filter(key="a b")] == ["ObjectCreated:Put", "ObjectRemoved:Delete"]
    assert [event["s3"]["object"]["key"] for event in events.filter("s3:ObjectCreated:*", bucket=bucket)] == ["a+b", "c"]
    assert events.filter(bucket="other") == []
    assert (len(events), events[-1], events[:2]) == (3, list(events)[2], list(events)[:2])
    assert "ObjectRemoved:Delete bucket/a b" in repr(events)


def test_the_oldest_are_dropped() -> None:
    fake = FakeS3(journal_size=2)
    with closing(fake.client()) as s3:
        s3.create_bucket(Bucket="bucket")
        for key in "abcde":
            _put(s3, key)
    assert [event["s3"]["object"]["key"] for event in fake.events] == ["d", "e"]
    assert fake.events.dropped == 3


def test_events_of_a_key_are_in_the_order_of_its_changes(door: Door, s3: Any, bucket: str) -> None:
    _versioned(s3)
    threads = [threading.Thread(target=lambda: [_put(door.client) for _ in range(10)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    ids = [event["s3"]["object"]["versionId"] for event in door.fake.events]
    assert ids == [version.id for version in door.fake.store.buckets[bucket].versions("k").values()]


def test_empty() -> None:
    events: Events = FakeS3().events
    assert (list(events), events.dropped, events.filter(), len(events)) == ([], 0, [], 0)

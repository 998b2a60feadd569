"""Event notifications: which destinations get which message."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from fakes3part import FakeS3
from fakes3part.events.records import customer_id
from tests.support.doors import Door, refused
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

QUEUE = "arn:aws:sqs:us-east-1:123456789012:queue"
TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:thumbnails"
BUS = "arn:aws:events:us-east-1:123456789012:event-bus/default"
CREATED = ["s3:ObjectCreated:*"]
MD5 = "5d41402abc4b2a76b9719d911017c592"

Message = dict[str, Any]


def queue(events: list[str] = CREATED, arn: str = QUEUE, **filters: str) -> dict[str, Any]:
    return {"QueueArn": arn, "Events": events, "Id": "q"} | _filter(filters)


def topic(events: list[str] = CREATED, **filters: str) -> dict[str, Any]:
    return {"TopicArn": TOPIC, "Events": events, "Id": "t"} | _filter(filters)


def function(events: list[str] = CREATED, arn: str = FUNCTION, **filters: str) -> dict[str, Any]:
    return {"LambdaFunctionArn": arn, "Events": events, "Id": "l"} | _filter(filters)


def _filter(filters: dict[str, str]) -> dict[str, Any]:
    rules = [{"Name": name, "Value": value} for name, value in filters.items()]
    return {"Filter": {"Key": {"FilterRules": rules}}} if rules else {}


def configure(door: Door, *, bucket: str = "bucket", bus: bool = False, skip: bool = True, **lists: dict[str, Any]) -> Any:
    """Put a notification configuration of one entry for each kind of destination; ``skip``: without test messages."""
    names = {"queue": "QueueConfigurations", "topic": "TopicConfigurations", "function": "LambdaFunctionConfigurations"}
    configuration: dict[str, Any] = {names[kind]: [entry] for kind, entry in lists.items()}
    if bus:
        configuration["EventBridgeConfiguration"] = {}
    return door.client.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration=configuration, SkipDestinationValidation=skip
    )


def put(door: Door, key: str = "k", body: bytes = b"hello", **more: Any) -> Any:
    return door.client.put_object(Bucket="bucket", Key=key, Body=body, **more)


def keys(messages: list[Message]) -> list[str]:
    return [record["s3"]["object"]["key"] for message in messages for record in json.loads(message["Body"])["Records"]]


def record_of(response: Any, sequencer: str, configuration: str) -> dict[str, Any]:
    metadata = response["ResponseMetadata"]
    return {
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
            "configurationId": configuration,
            "bucket": {
                "name": "bucket",
                "ownerIdentity": {"principalId": customer_id("123456789012")},
                "arn": "arn:aws:s3:::bucket",
            },
            "object": {"key": "red+flower.jpg", "size": 5, "eTag": MD5, "sequencer": sequencer},
        },
    }


# --- the messages ----------------------------------------------------------------------------------------------------


def test_a_queue_gets_a_message(door: Door) -> None:
    door.fake.clock.freeze("2026-03-04T05:06:07.891Z")
    received: list[Message] = []
    door.fake.deliver_to(QUEUE, received.append)
    configure(door, queue=queue())
    response = put(door, "red flower.jpg")
    (message,) = received
    document = json.loads(message["Body"])
    sequencer = document["Records"][0]["s3"]["object"]["sequencer"]
    assert document == {"Records": [record_of(response, sequencer, "q")]}
    assert list(document["Records"][0]) == list(record_of(response, sequencer, "q"))
    assert message["Body"].startswith('{"Records":[{"eventVersion":"2.6","eventSource":"aws:s3",')
    assert message["MD5OfBody"] == hashlib.md5(message["Body"].encode()).hexdigest()
    assert re.fullmatch("[0-9a-f-]{36}", message["MessageId"])
    assert message["Attributes"]["SentTimestamp"] == "1772600767891"
    assert "AWSTraceHeader" not in message["Attributes"]
    (sent,) = door.fake.notifications
    assert (sent.destination, sent.kind, sent.event, sent.key) == (QUEUE, "queue", "s3:ObjectCreated:Put", "red flower.jpg")
    assert (sent.status, sent.via, sent.attempts, sent.error) == ("delivered", "function", 1, None)
    assert (sent.message, sent.records) == (message, document["Records"])


def test_the_trace_header_of_the_request(door: Door) -> None:
    received: list[Message] = []
    door.fake.deliver_to(QUEUE, received.append)
    configure(door, queue=queue())
    assert door.raw("PUT", "/bucket/k", {"X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793"}).status == 200
    assert received[0]["Attributes"]["AWSTraceHeader"] == "Root=1-5759e988-bd862e3fe1be46a994272793"


def test_a_topic_gets_a_notification(door: Door) -> None:
    door.fake.clock.freeze("2026-03-04T05:06:07.891Z")
    received: list[Message] = []
    door.fake.deliver_to(TOPIC, received.append)
    configure(door, topic=topic())
    response = put(door, "red flower.jpg")
    (message,) = received
    document = json.loads(message["Message"])
    assert document == {"Records": [record_of(response, document["Records"][0]["s3"]["object"]["sequencer"], "t")]}
    assert {name: message[name] for name in ("Type", "TopicArn", "Subject", "Timestamp", "SignatureVersion")} == {
        "Type": "Notification",
        "TopicArn": TOPIC,
        "Subject": "Amazon S3 Notification",
        "Timestamp": "2026-03-04T05:06:07.891Z",
        "SignatureVersion": "1",
    }
    assert list(message) == [
        *("Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature"),
        *("SigningCertURL", "UnsubscribeURL"),
    ]


def test_a_function_is_called_as_lambda_calls_it(door: Door) -> None:
    door.fake.clock.freeze("2026-03-04T05:06:07.891Z")
    calls: list[tuple[Message, Any]] = []
    door.fake.deliver_to(FUNCTION, lambda event, context: calls.append((event, context)))
    configure(door, function=function())
    response = put(door, "red flower.jpg")
    ((event, context),) = calls
    assert event == {"Records": [record_of(response, event["Records"][0]["s3"]["object"]["sequencer"], "l")]}
    assert (context.function_name, context.invoked_function_arn) == ("thumbnails", FUNCTION)
    assert context.get_remaining_time_in_millis() == 60_000


def test_the_version_of_a_function(door: Door) -> None:
    arns: list[str] = []
    door.fake.deliver_to(FUNCTION, lambda event, context: arns.append(context.invoked_function_arn + context.function_version))
    configure(door, function=function(arn=f"{FUNCTION}:7"))
    put(door)
    assert arns == [f"{FUNCTION}:77"]


def test_event_bridge_gets_all_events(door: Door) -> None:
    door.fake.clock.freeze("2026-03-04T05:06:07.891Z")
    received: list[Message] = []
    door.fake.deliver_to(BUS, received.append)
    configure(door, bus=True)
    response = put(door, "red flower.jpg")
    (event,) = received
    assert re.fullmatch("[0-9a-f-]{36}", event.pop("id"))
    sequencer = event["detail"]["object"]["sequencer"]
    assert event == {
        "version": "0",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "123456789012",
        "time": "2026-03-04T05:06:07Z",
        "region": "us-east-1",
        "resources": ["arn:aws:s3:::bucket"],
        "detail": {
            "version": "0",
            "bucket": {"name": "bucket"},
            "object": {"key": "red flower.jpg", "size": 5, "etag": MD5, "sequencer": sequencer},
            "request-id": response["ResponseMetadata"]["RequestId"],
            "requester": "123456789012",
            "source-ip-address": "127.0.0.1",
            "reason": "PutObject",
        },
    }


def _versioned(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})


def _tag(s3: Any) -> None:
    s3.put_object_tagging(Bucket="bucket", Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})


def _complete(s3: Any) -> None:
    upload = s3.create_multipart_upload(Bucket="bucket", Key="k")["UploadId"]
    part = s3.upload_part(Bucket="bucket", Key="k", UploadId=upload, PartNumber=1, Body=b"hello")["ETag"]
    parts: Any = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    s3.complete_multipart_upload(Bucket="bucket", Key="k", UploadId=upload, MultipartUpload=parts)


def _acl(s3: Any) -> None:
    ownership: Any = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket="bucket", OwnershipControls=ownership)
    s3.put_object_acl(Bucket="bucket", Key="k", ACL="authenticated-read")


Act = Callable[[Any], Any]
DETAILS: dict[str, tuple[Act, str, set[str], set[str], dict[str, str]]] = {
    "copy": (
        lambda s3: s3.copy_object(Bucket="bucket", Key="l", CopySource="bucket/k"),
        "Object Created",
        {"key", "size", "etag", "sequencer"},
        {"source-ip-address"},
        {"reason": "CopyObject"},
    ),
    "complete": (
        _complete,
        "Object Created",
        {"key", "size", "etag", "sequencer"},
        {"source-ip-address"},
        {"reason": "CompleteMultipartUpload"},
    ),
    "delete": (
        lambda s3: s3.delete_object(Bucket="bucket", Key="k"),
        "Object Deleted",
        {"key", "sequencer"},
        {"source-ip-address"},
        {"reason": "DeleteObject", "deletion-type": "Permanently Deleted"},
    ),
    "marker": (
        lambda s3: (_versioned(s3), s3.delete_object(Bucket="bucket", Key="k")),
        "Object Deleted",
        {"key", "etag", "version-id", "sequencer"},
        {"source-ip-address"},
        {"reason": "DeleteObject", "deletion-type": "Delete Marker Created"},
    ),
    "tags": (_tag, "Object Tags Added", {"key", "etag"}, {"source-ip-address"}, {}),
    "no tags": (
        lambda s3: s3.delete_object_tagging(Bucket="bucket", Key="k"),
        "Object Tags Deleted",
        {"key", "etag"},
        {"source-ip-address"},
        {},
    ),
    "acl": (_acl, "Object ACL Updated", {"key", "etag"}, {"source-ip-address"}, {}),
}


@pytest.mark.parametrize("case", DETAILS)
def test_details_of_event_bridge(door: Door, case: str) -> None:
    act, detail_type, members, addresses, more = DETAILS[case]
    received: list[Message] = []
    put(door)
    door.client.delete_public_access_block(Bucket="bucket")
    door.fake.deliver_to(BUS, received.append)
    configure(door, bus=True)
    act(door.client)
    (event,) = received
    detail = event["detail"]
    assert (event["detail-type"], set(detail.pop("object"))) == (detail_type, members)
    assert detail.pop("requester") == "123456789012"
    for name in ("version", "bucket", "request-id", *addresses):
        del detail[name]
    assert detail == more


def test_what_s3_does_by_itself(door: Door) -> None:
    """An expired object: no address, and S3 is the requester."""
    received: list[Message] = []
    door.fake.deliver_to(BUS, received.append)
    door.fake.deliver_to(QUEUE, received.append)
    put(door)
    expire: Any = {"Rules": [{"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}, "ID": "all"}]}
    door.client.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration=expire)
    configure(door, bus=True, queue=queue(["s3:LifecycleExpiration:*", "s3:ObjectRemoved:*"]))
    door.fake.clock.advance(days=3)
    message, event = received
    assert json.loads(message["Body"])["Records"][0]["eventName"] == "LifecycleExpiration:Delete"
    detail = event["detail"]
    assert (detail["reason"], detail["deletion-type"]) == ("Lifecycle Expiration", "Permanently Deleted")
    assert (detail["requester"], "source-ip-address" in detail) == ("s3.amazonaws.com", False)


def test_restores(door: Door) -> None:
    received: list[Message] = []
    put(door, StorageClass="GLACIER")
    door.fake.clock.freeze("2026-03-04T05:06:07.891Z")
    door.fake.deliver_to(BUS, received.append)
    configure(door, bus=True)
    request: Any = {"Days": 2, "GlacierJobParameters": {"Tier": "Standard"}}
    door.client.restore_object(Bucket="bucket", Key="k", RestoreRequest=request)
    door.fake.clock.advance(days=1)
    begun, done = (event["detail"] for event in received)
    assert [event["detail-type"] for event in received] == ["Object Restore Initiated", "Object Restore Completed"]
    assert begun["source-storage-class"] == done["source-storage-class"] == "GLACIER"
    assert re.fullmatch(r"2026-03-\d\dT00:00:00Z", done["restore-expiry-time"])
    assert ("source-ip-address" in begun, "source-ip-address" in done) == (True, False)
    assert all("sequencer" not in detail["object"] and detail["object"]["size"] == 5 for detail in (begun, done))


# --- which entry matches ---------------------------------------------------------------------------------------------

FILTERS: dict[str, tuple[dict[str, str], list[str]]] = {
    "none": ({}, ["images/a.jpg", "images/b.png", "a b.jpg", "IMAGES/a.JPG", "c*.jpg", "ü.jpg"]),
    "prefix": ({"prefix": "images/"}, ["images/a.jpg", "images/b.png"]),
    "suffix": ({"suffix": ".jpg"}, ["images/a.jpg", "a b.jpg", "c*.jpg", "ü.jpg"]),
    "both": ({"prefix": "im", "suffix": "jpg"}, ["images/a.jpg"]),
    "blank": ({"prefix": "a+b"}, ["a b.jpg"]),
    "percent": ({"prefix": "a%20"}, ["a b.jpg"]),
    "utf-8": ({"prefix": "%C3%BC"}, ["ü.jpg"]),
    "not encoded": ({"prefix": "ü"}, ["ü.jpg"]),
    "star": ({"prefix": "*"}, []),
    "literal star": ({"prefix": "c*"}, ["c*.jpg"]),
    "empty": ({"prefix": ""}, ["images/a.jpg", "images/b.png", "a b.jpg", "IMAGES/a.JPG", "c*.jpg", "ü.jpg"]),
}


@pytest.mark.parametrize("case", FILTERS)
def test_filters(door: Door, case: str) -> None:
    from urllib.parse import unquote_plus

    filters, expected = FILTERS[case]
    received: list[Message] = []
    door.fake.deliver_to(QUEUE, received.append)
    configure(door, queue=queue(**filters))
    for key in FILTERS["none"][1]:
        put(door, key)
    assert [unquote_plus(key) for key in keys(received)] == expected
    assert [sent.key for sent in door.fake.notifications] == expected


@pytest.mark.parametrize("value", ["100%", "%C3%28", "%zz"])
def test_a_value_that_cannot_be_decoded_is_literal(door: Door, value: str) -> None:
    configure(door, queue=queue(prefix=value))
    put(door, f"{value}a")
    put(door, "other")
    assert [sent.key for sent in door.fake.notifications] == [f"{value}a"]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["s3:ObjectCreated:*"], ["ObjectCreated:Put", "ObjectCreated:Copy"]),
        (["s3:ObjectCreated:Copy"], ["ObjectCreated:Copy"]),
        (["s3:ObjectRemoved:Delete", "s3:ObjectTagging:Put"], ["ObjectTagging:Put", "ObjectRemoved:Delete"]),
        (["s3:LifecycleTransition"], []),
    ],
)
def test_events(door: Door, patterns: list[str], expected: list[str]) -> None:
    configure(door, queue=queue(patterns))
    put(door)
    door.client.copy_object(Bucket="bucket", Key="l", CopySource="bucket/k")
    _tag(door.client)
    door.client.delete_object(Bucket="bucket", Key="k")
    assert [sent.event for sent in door.fake.notifications] == [f"s3:{name}" for name in expected]


def test_each_key_has_a_message_of_its_own(door: Door) -> None:
    configure(door, queue=queue(["s3:ObjectRemoved:*"]))
    put(door)
    door.client.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "k"}, {"Key": "never"}]})
    assert [[record["s3"]["object"]["key"] for record in sent.records] for sent in door.fake.notifications] == [["k"], ["never"]]


def test_failed_requests_and_reads_notify_no_one(door: Door) -> None:
    put(door)
    configure(door, queue=queue(["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]), bus=True)
    door.client.get_object(Bucket="bucket", Key="k")["Body"].read()
    with pytest.raises(door.client.exceptions.ClientError):
        put(door, IfNoneMatch="*")
    assert list(door.fake.notifications) == []


def test_other_buckets_have_their_own(door: Door) -> None:
    door.client.create_bucket(Bucket="other-bucket")
    configure(door, queue=queue())
    door.client.put_object(Bucket="other-bucket", Key="k", Body=b"")
    put(door)
    assert [sent.bucket for sent in door.fake.notifications] == ["bucket"]
    configure(door)
    put(door)
    assert len(door.fake.notifications) == 1


# --- the test message ------------------------------------------------------------------------------------------------


def test_queues_and_topics_are_tried(door: Door) -> None:
    door.fake.clock.freeze("2026-03-04T05:06:07.891Z")
    received: list[Message] = []
    for arn in (QUEUE, TOPIC):
        door.fake.deliver_to(arn, received.append)
    door.fake.deliver_to(FUNCTION, lambda event, context: received.append(event))
    door.fake.deliver_to(BUS, received.append)
    entries = {"queue": queue(), "topic": topic(["s3:ObjectAcl:Put"]), "function": function(["s3:ObjectTagging:*"])}
    response = configure(door, bus=True, skip=False, **entries)
    metadata = response["ResponseMetadata"]
    message = (
        '{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-03-04T05:06:07.891Z","Bucket":"bucket",'
        f'"RequestId":"{metadata["RequestId"]}","HostId":"{metadata["HostId"]}"}}'
    )
    assert [received[0]["Message"], received[1]["Body"]] == [message] * 2
    assert len(received) == 2
    assert received[0]["Subject"] == "Amazon S3 Notification"
    assert [(sent.event, sent.key) for sent in door.fake.notifications] == [("s3:TestEvent", "")] * 2
    assert "x-amz-sns-test-message-id" not in metadata["HTTPHeaders"]
    assert len(door.fake.events) == 0
    configure(door, bus=True, skip=False, **entries)
    assert len(received) == 4
    configure(door, bus=True, skip=True, **entries)
    assert len(received) == 4


def test_the_id_of_the_test_message(door: Door) -> None:
    response = configure(door, topic=topic(["s3:ReducedRedundancyLostObject"]), skip=False)
    (sent,) = door.fake.notifications
    assert response["ResponseMetadata"]["HTTPHeaders"]["x-amz-sns-test-message-id"] == sent.message["MessageId"]


# --- without a destination -------------------------------------------------------------------------------------------


def test_they_are_kept(door: Door) -> None:
    configure(door, queue=queue(), topic=topic(["s3:ObjectRemoved:*"]), function=function(["s3:ObjectTagging:*"]), bus=True)
    put(door, "a b")
    first, bus = door.fake.notifications
    assert (first.status, first.via, bus.destination, bus.kind) == ("kept", None, BUS, "event bus")
    assert first.records[0]["s3"]["configurationId"] == "q"
    assert bus.records == []
    assert bus.message["detail"]["object"]["key"] == "a b"
    notifications = door.fake.notifications
    assert notifications.filter("queue", key="a b") == notifications.filter(QUEUE, event="s3:ObjectCreated:*") == [first]
    assert notifications.filter("default", status="kept") == [bus]
    assert notifications.filter(bucket="other") == notifications.filter(event="s3:ObjectCreated:Post") == []
    assert (notifications[0], notifications[-1:]) == (first, [bus])
    assert str(first) == f"s3:ObjectCreated:Put of bucket/a b to {QUEUE}: kept"
    assert json.loads(json.dumps(notifications.to_json()))[0]["status"] == "kept"
    notifications.clear()
    assert len(notifications) == 0


def test_a_destination_is_cancelled_or_replaced(door: Door) -> None:
    received: list[Message] = []
    others: list[Message] = []
    configure(door, queue=queue())
    with door.fake.deliver_to(QUEUE, received.append) as destination:
        put(door, "1")
        door.fake.deliver_to(QUEUE, others.append)
        put(door, "2")
    put(door, "3")
    assert (keys(received), keys(others)) == (["1"], ["2", "3"])
    assert (destination.arn, QUEUE in repr(destination)) == (QUEUE, True)
    door.fake.notifications.destinations[0].cancel()
    put(door, "4")
    assert door.fake.notifications[-1].status == "kept"


@pytest.mark.parametrize(
    ("arn", "receiver", "message"),
    [
        (
            "queue",
            print,
            "a destination is the ARN of an SQS queue, an SNS topic, a Lambda function or an event bus, not 'queue'",
        ),
        ("arn:aws:s3:::bucket", print, "not 'arn:aws:s3:::bucket'"),
        (QUEUE, 7, "notifications are delivered to a function or a URL, not to 7"),
        (QUEUE, "localhost:80", "a webhook is a URL that begins with http:// or https://, not 'localhost:80'"),
        (QUEUE, "https://sqs.us-east-1.amazonaws.com/", "a fake sends nothing to the real AWS"),
        (QUEUE, "http://169.254.169.254/", "a fake sends nothing to the real AWS"),
    ],
)
def test_what_is_no_destination(arn: str, receiver: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        FakeS3().deliver_to(arn, receiver)


def test_coroutine_functions_are_refused() -> None:
    async def receive(message: Message) -> None: ...

    with pytest.raises(ValueError, match="not to coroutine functions"):
        FakeS3().deliver_to(QUEUE, receive)


# --- functions of a test ---------------------------------------------------------------------------------------------


def test_a_function_that_raises(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    received: list[Message] = []

    def fail(message: Message) -> None:
        message.clear()  # the function's own copy
        raise KeyError("missing")

    door.fake.deliver_to(QUEUE, fail)
    door.fake.deliver_to(BUS, received.append)
    configure(door, queue=queue(), bus=True)
    with caplog.at_level(logging.ERROR, "fakes3part.notifications"):
        assert put(door)["ETag"] == f'"{MD5}"'
    (failure,) = door.fake.notifications.errors
    assert (type(failure.error), failure.notification.status, failure.notification.attempts) == (KeyError, "failed", 1)
    assert failure.notification.error == "KeyError: 'missing'"
    assert failure.to_json() == {"notification": 1, "destination": QUEUE, "error": "KeyError: 'missing'"}
    assert str(failure) == f"s3:ObjectCreated:Put of bucket/k to {QUEUE}: KeyError: 'missing'"
    assert "KeyError: 'missing'" in caplog.text
    assert len(received) == 1
    messages: list[Message] = []
    door.fake.deliver_to(QUEUE, messages.append)
    assert door.fake.notifications.redeliver(failure.notification).status == "delivered"
    assert (keys(messages), failure.notification.attempts, failure.notification.error) == (["k"], 2, None)
    door.fake.notifications.clear()
    assert door.fake.notifications.errors == []


def test_no_lock_is_held_and_the_thread_is_that_of_the_request(door: Door) -> None:
    inside = door.fake.store.buckets["bucket"]
    received: list[tuple[str, bool]] = []

    def look(message: Message) -> None:
        results: list[bool] = []

        def acquire() -> None:
            results.append(inside.lock.acquire(blocking=False))
            if results[0]:
                inside.lock.release()

        thread = threading.Thread(target=acquire)
        thread.start()
        thread.join(10)
        received.append((threading.current_thread().name, results == [True]))

    door.fake.deliver_to(QUEUE, look)
    configure(door, queue=queue())
    put(door)
    assert received == [(door.fake.calls[-1].thread, True)]


def test_a_function_may_use_s3(door: Door) -> None:
    client = door.fake.client()

    def thumbnail(event: Message, context: Any) -> None:
        key = event["Records"][0]["s3"]["object"]["key"]
        client.put_object(Bucket="bucket", Key=f"thumbnails/{key}", Body=b"small")

    door.fake.deliver_to(FUNCTION, thumbnail)
    configure(door, function=function(suffix=".jpg", prefix="photos/"))
    put(door, "photos/1.jpg")
    client.close()
    assert list(door.fake.buckets["bucket"].objects) == ["photos/1.jpg", "thumbnails/photos/1.jpg"]


def test_a_recursive_loop_is_stopped(door: Door) -> None:
    client = door.fake.client()
    door.fake.deliver_to(FUNCTION, lambda event, context: client.put_object(Bucket="bucket", Key="k", Body=b""))
    configure(door, function=function())
    put(door)
    client.close()
    statuses = [sent.status for sent in door.fake.notifications]
    assert sorted(statuses) == ["delivered"] * 16 + ["failed"]
    assert door.fake.notifications[-1].error == "notifications have caused each other 16 times: a recursive loop"
    assert door.fake.notifications.errors == []


# --- webhooks --------------------------------------------------------------------------------------------------------


class Webhook(ThreadingHTTPServer):
    """A server that remembers what was posted to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posted: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 204

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 -- its name in the base class


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_webhooks(door: Door, webhook: Webhook) -> None:
    for name, arn in {"queue": QUEUE, "topic": TOPIC, "bus": BUS}.items():
        door.fake.deliver_to(arn, f"{webhook.url}/{name}?x=1")
    configure(door, queue=queue(), topic=topic(["s3:ObjectRemoved:*"]), bus=True)
    put(door)
    door.client.delete_object(Bucket="bucket", Key="k")
    paths = [path for path, _, _ in webhook.posted]
    assert paths == ["/queue?x=1", "/bus?x=1", "/topic?x=1", "/bus?x=1"]
    (_, headers, body), (_, _, event), (_, sns_headers, notification), _ = webhook.posted
    assert (headers["content-type"], json.loads(body)["Records"][0]["eventName"]) == ("application/json", "ObjectCreated:Put")
    assert json.loads(event)["detail-type"] == "Object Created"
    assert (sns_headers["x-amz-sns-message-type"], sns_headers["x-amz-sns-topic-arn"]) == ("Notification", TOPIC)
    assert sns_headers["content-type"] == "text/plain; charset=UTF-8"
    assert json.loads(notification)["MessageId"] == sns_headers["x-amz-sns-message-id"]
    assert {sent.via for sent in door.fake.notifications} == {"url"}


def test_a_webhook_that_fails(door: Door, webhook: Webhook) -> None:
    webhook.status = 503
    door.fake.deliver_to(QUEUE, webhook.url)
    configure(door, queue=queue())
    put(door)
    (sent,) = door.fake.notifications
    assert (sent.status, sent.via, sent.error) == ("failed", "url", "HTTPError: HTTP Error 503: Service Unavailable")
    assert door.fake.notifications.errors == []


# --- strict_destinations ---------------------------------------------------------------------------------------------

MISSING = "Unable to validate the following destination configurations"


def test_destinations_must_exist(door: Door) -> None:
    entries: Any = {
        "TopicConfigurations": [topic()],
        "QueueConfigurations": [queue(["s3:ObjectRemoved:*"])],
        "LambdaFunctionConfigurations": [function(["s3:ObjectTagging:*"])],
    }
    with door.with_settings(strict_destinations=True) as s3:
        s3.create_bucket(Bucket="strict")
        extras = {
            "ArgumentName1": TOPIC,
            "ArgumentValue1": "The destination topic does not exist",
            "ArgumentName2": QUEUE,
            "ArgumentValue2": "The destination queue does not exist",
            "ArgumentName3": f"{FUNCTION}, null",
            "ArgumentValue3": f"Not authorized to invoke function [{FUNCTION}]",
        }

        def configure(**more: Any) -> Any:
            return s3.put_bucket_notification_configuration(Bucket="strict", NotificationConfiguration=entries, **more)

        refused(configure, 400, "InvalidArgument", MISSING, extras)
        assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket="strict")
        configure(SkipDestinationValidation=True)
        assert "QueueConfigurations" in s3.get_bucket_notification_configuration(Bucket="strict")


def test_registered_destinations_exist() -> None:
    fake = FakeS3(strict_destinations=True)
    s3 = fake.client()
    s3.create_bucket(Bucket="bucket")
    configuration: Any = {"QueueConfigurations": [queue()]}
    with unchanged(fake):
        refused(
            lambda: s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=configuration),
            400,
            "InvalidArgument",
            MISSING,
            {"ArgumentName1": QUEUE, "ArgumentValue1": "The destination queue does not exist"},
        )
    received: list[Message] = []
    fake.deliver_to(QUEUE, received.append)
    s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=configuration)
    s3.close()
    assert [json.loads(message["Body"])["Event"] for message in received] == ["s3:TestEvent"]


# --- waiting ---------------------------------------------------------------------------------------------------------


def test_waiting(door: Door) -> None:
    configure(door, queue=queue())
    later = threading.Timer(0.05, lambda: put(door, "late"))
    put(door, "early")
    assert door.fake.wait_for_notification(timeout=0).key == "early"
    later.start()
    sent = door.fake.wait_for_notification("queue", key="late", event="s3:ObjectCreated:*", bucket="bucket")
    assert (sent.key, sent.status) == ("late", "kept")
    later.join()
    with pytest.raises(TimeoutError, match=r"with event='s3:ObjectCreated:Copy' has arrived within 0\.01 seconds"):
        door.fake.wait_for_notification(event="s3:ObjectCreated:Copy", timeout=0.01)


def test_waiting_for_an_event(door: Door) -> None:
    later = threading.Timer(0.05, lambda: put(door, "a b"))
    later.start()
    assert door.fake.wait_for_event("s3:ObjectCreated:*", key="a b")["s3"]["object"]["key"] == "a+b"
    later.join()
    assert door.fake.wait_for_event(bucket="bucket", timeout=0)["eventName"] == "ObjectCreated:Put"
    with pytest.raises(TimeoutError, match=r"no event s3:ObjectRemoved:\*, key='k' has come within 0 seconds"):
        door.fake.wait_for_event("s3:ObjectRemoved:*", key="k", timeout=0)
    with pytest.raises(ValueError, match="S3 has no event"):
        door.fake.wait_for_event("s3:Removed", timeout=0)


# --- state -----------------------------------------------------------------------------------------------------------


def test_reset_forgets_notifications_and_destinations(door: Door) -> None:
    received: list[Message] = []
    door.fake.deliver_to(QUEUE, received.append)
    configure(door, queue=queue())
    put(door)
    door.fake.reset()
    assert (len(door.fake.notifications), door.fake.notifications.destinations) == (0, ())
    door.client.create_bucket(Bucket="bucket")
    configure(door, queue=queue())
    put(door)
    assert (len(received), door.fake.notifications[0].status) == (1, "kept")


def test_a_restored_configuration_delivers_to_the_same_functions(door: Door) -> None:
    received: list[Message] = []
    door.fake.deliver_to(QUEUE, received.append)
    configure(door, queue=queue())
    snapshot = door.fake.snapshot()
    door.fake.store.buckets["bucket"].set_configuration("notification", None)
    put(door, "1")
    door.fake.restore(snapshot)
    put(door, "2")
    assert keys(received) == ["2"]


def test_the_oldest_are_dropped() -> None:
    fake = FakeS3(journal_size=2)
    s3 = fake.client()
    s3.create_bucket(Bucket="bucket")
    configuration: Any = {"EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=configuration)
    for key in "abc":
        s3.put_object(Bucket="bucket", Key=key, Body=b"")
    s3.close()
    assert [sent.key for sent in fake.notifications] == ["b", "c"]


# --- faults ----------------------------------------------------------------------------------------------------------


def test_a_lost_notification(door: Door) -> None:
    received: list[Message] = []
    door.fake.deliver_to(QUEUE, received.append)
    configure(door, queue=queue())
    with door.fake.fail("notification", "InternalError", nth=2) as rule:
        for key in "abc":
            put(door, key)
    assert (keys(received), rule.calls, rule.hits) == (["a", "c"], 3, 1)
    lost = door.fake.notifications[1]
    assert (lost.status, lost.error, lost.fault, lost.attempts) == ("failed", "InternalError", "error(InternalError)", 1)
    door.fake.notifications.redeliver(lost)
    assert keys(received) == ["a", "c", "b"]


def test_faults_of_some_notifications(door: Door) -> None:
    from fakes3part.faults import Error, Refuse

    configure(door, queue=queue(), topic=topic(["s3:ObjectRemoved:*"]))
    door.fake.fail("notification", Refuse(), key="a*", when=lambda pending: pending.destination == QUEUE)  # type: ignore[attr-defined]
    door.fake.fail("notification", Error("SlowDown", "Slow"), bucket="other")
    for key in ("ab", "b"):
        put(door, key)
    door.client.delete_object(Bucket="bucket", Key="ab")
    assert [sent.status for sent in door.fake.notifications] == ["failed", "kept", "kept"]
    assert door.fake.notifications[0].error == "the connection was refused"


def test_operations_are_not_touched(door: Door) -> None:
    configure(door, queue=queue())
    door.fake.fail("notification", "SlowDown")
    rule = door.fake.fail("*", "NoSuchKey", key="x")
    assert put(door)["ETag"]
    assert rule.calls == 0


def test_a_duplicate(door: Door) -> None:
    from fakes3part.faults import Duplicate

    received: list[Message] = []
    door.fake.deliver_to(QUEUE, received.append)
    configure(door, queue=queue())
    door.fake.fail("notification", Duplicate(), times=1)
    put(door, "a")
    put(door, "b")
    assert keys(received) == ["a", "a", "b"]
    assert received[0] == received[1]
    assert [sent.number for sent in door.fake.notifications] == [1, 2, 3]


def test_a_delay_by_the_clock(door: Door) -> None:
    from fakes3part.faults import Latency

    received: list[Message] = []
    door.fake.clock.freeze()
    door.fake.deliver_to(QUEUE, received.append)
    configure(door, queue=queue())
    door.fake.fail("notification", Latency(60), nth=1)
    put(door, "late")
    put(door, "early")
    assert (keys(received), door.fake.notifications[0].status) == (["early"], "pending")
    door.fake.clock.advance(seconds=59)
    assert keys(received) == ["early"]
    door.fake.clock.advance(timedelta(seconds=1))
    assert (keys(received), door.fake.notifications[0].status) == (["early", "late"], "delivered")


def test_waiting_for_a_delayed_notification(door: Door) -> None:
    from fakes3part.faults import Latency

    configure(door, queue=queue())
    door.fake.fail("notification", Latency(0.05))
    put(door)
    assert door.fake.notifications[0].status == "pending"
    assert door.fake.wait_for_notification().status == "kept"


def test_another_order(door: Door) -> None:
    from fakes3part.faults import Reorder

    received: list[Message] = []
    door.fake.deliver_to(QUEUE, received.append)
    configure(door, queue=queue())
    door.fake.fail("notification", Reorder(), nth=[1, 4])
    for key in "abcd":
        put(door, key)
    assert keys(received) == ["b", "a", "c"]
    door.fake.notifications.deliver_pending()
    assert keys(received) == ["b", "a", "c", "d"]
    door.fake.notifications.deliver_pending()
    assert len(received) == 4


def test_effects_that_do_not_apply() -> None:
    from fakes3part.faults import Reorder, Reset, Truncate

    fake = FakeS3()
    with pytest.raises(ValueError, match="reorder does not apply to PutObject: it applies to notifications only"):
        fake.fail("PutObject", Reorder())
    with pytest.raises(ValueError, match="reset does not apply to notification: it applies to operations only"):
        fake.fail("notification", Reset())
    with pytest.raises(ValueError, match="truncate does not apply to notification: it applies to operations whose response has"):
        fake.fail("notification", Truncate())
    with pytest.raises(ValueError, match="S3 has no operation 'notification'"):
        fake.pause_before("notification")

"""Event notifications: the messages that destinations get."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from fakes3part.events.records import customer_id
from tests.support.doors import Door
from tests.support.notifications import BUS, FUNCTION, MD5, QUEUE, TOPIC, Message, configure, function, put, queue, topic

pytestmark = pytest.mark.usefixtures("bucket")


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


def test_annotations_and_retention(door: Door) -> None:
    received: list[Message] = []
    s3 = door.client
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket="locked", Key="k", Body=b"hello")
    door.fake.deliver_to(BUS, received.append)
    configure(door, bucket="locked", bus=True, queue=queue(["s3:ObjectRetention:Put", "s3:ObjectAnnotation:*"]))
    s3.put_object_annotation(Bucket="locked", Key="k", AnnotationName="note", AnnotationPayload=b"abc")
    s3.delete_object_annotation(Bucket="locked", Key="k", AnnotationName="note")
    until = datetime(2060, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    s3.put_object_retention(Bucket="locked", Key="k", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    created, removed, retained = received
    types = ["Object Annotation Created", "Object Annotation Removed", "Object Retention Updated"]
    assert [event["detail-type"] for event in received] == types
    annotation = {"name": "note", "size": 3, "etag": "900150983cd24fb0d6963f7d28e17f72"}
    assert created["detail"]["object-annotation"] == annotation
    assert removed["detail"]["object-annotation"] == {"name": "note"}
    assert set(retained["detail"]["object"]) == {"key", "etag", "version-id"}
    records = [sent.records[0] for sent in door.fake.notifications.filter("queue")]
    assert [record["eventName"] for record in records] == [
        "ObjectAnnotation:Put",
        "ObjectAnnotation:Delete",
        "ObjectRetention:Put",
    ]
    assert records[2]["objectRetentionEventData"] == {"mode": "GOVERNANCE", "retainUntilDate": "2060-01-02T03:04:05.000Z"}
    assert not any("object-annotation" in record for record in records)


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

"""Event notifications: functions and webhooks that receive them, and those that nothing receives."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from fakes3part import FakeS3
from tests.support.doors import Door, refused
from tests.support.notifications import BUS, FUNCTION, MD5, QUEUE, TOPIC, Message, configure, function, keys, put, queue, topic
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

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


def test_a_recursive_loop_over_http_is_stopped(door: Door) -> None:
    """Each request is in a thread of its own then."""
    door.fake.deliver_to(FUNCTION, lambda event, context: put(door))
    configure(door, function=function())
    put(door)
    assert {sent.status for sent in door.fake.notifications} == {"delivered", "failed"}
    assert str(door.fake.notifications[-1].error).endswith("times: a recursive loop")
    assert len(door.fake.notifications) <= 65


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


def test_a_webhook_in_the_event_loop_of_the_client() -> None:
    """The loop must go on while the request is handled, or the webhook could not respond."""
    aiohttp, yarl = pytest.importorskip("aiohttp"), pytest.importorskip("yarl")
    fake = FakeS3()
    s3 = fake.client()
    s3.create_bucket(Bucket="bucket")
    configuration: Any = {"QueueConfigurations": [queue()]}
    s3.put_bucket_notification_configuration(
        Bucket="bucket", NotificationConfiguration=configuration, SkipDestinationValidation=True
    )
    url = s3.generate_presigned_url("put_object", {"Bucket": "bucket", "Key": "k"})
    s3.close()

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async def put_object() -> int:
        server = await asyncio.start_server(respond, "127.0.0.1", 0)
        fake.deliver_to(QUEUE, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        target = yarl.URL(url, encoded=True)
        session = aiohttp.ClientSession(skip_auto_headers=["Content-Type"])
        async with server, session, session.put(target, data=b"x") as response:
            return int(response.status)

    with fake:
        assert asyncio.run(put_object()) == 200
    assert [(sent.status, sent.error) for sent in fake.notifications] == [("delivered", None)]


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

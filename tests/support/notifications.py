"""Notification configurations, and what tests of their deliveries share."""

from __future__ import annotations

import json
from typing import Any

from tests.support.doors import Door

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

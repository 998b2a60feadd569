"""The documents that S3 sends to queues, topics and functions, and what these services make of them.

Recorded from AWS, 2025 (LocalStack's snapshots).
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import md5, sha512
from typing import Any

from ..events.records import EventOccurrence, event_record, event_time
from ..ids import Ids

_SUBJECT = "Amazon S3 Notification"
_SENDER = "AIDAFAKES3PARTSENDER0"


def records_document(occurrence: EventOccurrence, entry_id: str) -> dict[str, Any]:
    """Return what an entry of the notification configuration sends of an event."""
    return {"Records": [event_record(occurrence, entry_id)]}


def test_event_document(occurrence: EventOccurrence) -> dict[str, Any]:
    """Return the test message, by which S3 tries the queues and topics of a new configuration."""
    data, at, origin = occurrence
    _, _, request_id, host_id, _ = origin or (None, "", "", "", None)
    return {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": event_time(at),
        "Bucket": data.bucket,
        "RequestId": request_id,
        "HostId": host_id,
    }


def to_text(document: Mapping[str, Any]) -> str:
    """Return a document as S3 writes it."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def queue_message(ids: Ids, document: Mapping[str, Any], at: datetime, trace: str | None) -> dict[str, Any]:
    """Return a message as SQS's ReceiveMessage returns it. ``trace`` None: the request had no ``X-Amzn-Trace-Id``."""
    text, sent = to_text(document), str(int(at.timestamp() * 1000))
    attributes = {
        "SenderId": _SENDER,
        "SentTimestamp": sent,
        "ApproximateReceiveCount": "1",
        "ApproximateFirstReceiveTimestamp": sent,
    }
    if trace is not None:
        attributes["AWSTraceHeader"] = trace
    message_id = ids.uuid("notification")
    return {
        "MessageId": message_id,
        "ReceiptHandle": b64encode(sha512(message_id.encode()).digest()).decode(),
        "MD5OfBody": md5(text.encode(), usedforsecurity=False).hexdigest(),
        "Body": text,
        "Attributes": attributes,
    }


def topic_message(ids: Ids, arn: str, document: Mapping[str, Any], at: datetime, message_id: str | None = None) -> dict[str, Any]:
    """Return a notification as SNS sends it to its subscribers. Its signature is none.

    ``message_id``: None: a new one.
    """
    name = message_id or ids.uuid("notification")
    host = f"https://sns.{arn.split(':')[3]}.amazonaws.com/"
    return {
        "Type": "Notification",
        "MessageId": name,
        "TopicArn": arn,
        "Subject": _SUBJECT,
        "Message": to_text(document),
        "Timestamp": event_time(at),
        "SignatureVersion": "1",
        "Signature": b64encode(sha512(name.encode()).digest() * 4).decode(),
        "SigningCertURL": f"{host}SimpleNotificationService-{'0' * 32}.pem",
        "UnsubscribeURL": f"{host}?Action=Unsubscribe&SubscriptionArn={arn}:{ids.uuid('notification')}",
    }

"""What is sent of an event: the notifications that the configuration of its bucket asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..events.records import TEST_EVENT, EventOccurrence
from ..ids import Ids
from ..rules.notification import matching_entries
from ..state import notification as configured
from ..state.notification import Notification, NotificationEntry
from .event_bridge import bus_arn, event_of
from .messages import queue_message, records_document, test_event_document, topic_message
from .notification import EVENT_BUS, FUNCTION, QUEUE, TOPIC, SentNotification

KINDS = {configured.QUEUE: QUEUE, configured.TOPIC: TOPIC, configured.FUNCTION: FUNCTION}
"""Kind of an entry of a notification configuration -> kind of destination."""


def outgoing(ids: Ids, occurrence: EventOccurrence, numbers: Iterator[int]) -> Iterator[SentNotification]:
    """Yield the notifications of an event, in the order of the entries; EventBridge is last."""
    data = occurrence.data
    notification: Notification | None = data.notification
    if notification is None:
        return
    if data.name == TEST_EVENT:
        for entry in notification.entries:
            if entry.kind != configured.FUNCTION:
                yield _notification(ids, occurrence, entry, test_event_document(occurrence), next(numbers))
        return
    for entry in matching_entries(notification, f"s3:{data.name}", data.key):
        yield _notification(ids, occurrence, entry, records_document(occurrence, entry.id), next(numbers))
    if notification.event_bridge:
        region = "eu-west-1" if data.region == "EU" else data.region
        event = event_of(ids, occurrence, region)
        if event is not None:
            yield _sent(occurrence, bus_arn(region, data.owner), EVENT_BUS, event, event, next(numbers))


def _notification(
    ids: Ids, occurrence: EventOccurrence, entry: NotificationEntry, document: dict[str, Any], number: int
) -> SentNotification:
    kind, at, message = KINDS[entry.kind], occurrence.at, document
    if kind == QUEUE:
        message = queue_message(ids, document, at, _trace(occurrence))
    elif kind == TOPIC:
        message_id = (occurrence.data.extra or {}).get("MessageId") if occurrence.data.name == TEST_EVENT else None
        message = topic_message(ids, entry.arn, document, at, message_id)
    return _sent(occurrence, entry.arn, kind, document, message, number)


def _sent(
    occurrence: EventOccurrence, arn: str, kind: str, document: dict[str, Any], message: dict[str, Any], number: int
) -> SentNotification:
    data = occurrence.data
    return SentNotification(
        number, arn, kind, f"s3:{data.name}", data.bucket, data.key, document, message, occurrence.at, _trace(occurrence)
    )


def _trace(occurrence: EventOccurrence) -> str | None:
    return None if occurrence.origin is None else occurrence.origin[4]

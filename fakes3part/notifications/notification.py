"""What a sent notification is: its destination, its message, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

QUEUE = "queue"
TOPIC = "topic"
FUNCTION = "function"
EVENT_BUS = "event bus"
"""Kinds of destinations."""

PENDING = "pending"
DELIVERED = "delivered"
KEPT = "kept"
FAILED = "failed"
"""What became of a notification: it is delayed or held back; its destination has it; there is no such destination here, so that
only ``fakes3.notifications`` has it; its destination refused it, or a fault lost it."""


@dataclass(slots=True, eq=False)
class SentNotification:
    """A notification, an element of ``fakes3.notifications``.

    Attributes:
        number: numbers the notifications of a fake.
        destination: an ARN.
        kind: ``queue``, ``topic``, ``function`` or ``event bus``.
        event: the event type (``s3:ObjectCreated:Put``), or ``s3:TestEvent``.
        bucket: its name.
        key: not URL-encoded; empty for a test event.
        document: what S3 sends: ``{"Records": [...]}``, an event of EventBridge, or the test message.
        message: what a receiver gets: of a queue, a message as ``receive_message`` returns it, with the document as text in
            ``Body``; of a topic, the notification with the document as text in ``Message``; otherwise the document.
        time: of the event.
        status: ``pending``, ``delivered``, ``kept`` or ``failed``.
        via: what took it: ``function``, ``url``, ``endpoint`` or ``moto``; None: nothing yet.
        attempts: how often it was sent.
        error: why it failed; None: it did not.
        fault: the effect that a fault rule injected; None: none.
        trace: the ``X-Amzn-Trace-Id`` of the request; None: it had none.
    """

    number: int
    destination: str
    kind: str
    event: str
    bucket: str
    key: str
    document: dict[str, Any]
    message: dict[str, Any]
    time: datetime
    trace: str | None = None
    status: str = PENDING
    via: str | None = None
    attempts: int = 0
    error: str | None = None
    fault: str | None = None

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records of the document; empty for EventBridge and for a test event."""
        records: list[dict[str, Any]] = self.document.get("Records", [])
        return records

    @property
    def message_id(self) -> str:
        """The ``MessageId`` of the message, the id of an event of EventBridge, or the request id of a function's invocation."""
        name: str = self.message.get("MessageId") or self.message.get("id") or f"{self.number:08x}-0000-4000-a000-000000000000"
        return name

    def to_json(self) -> dict[str, Any]:
        """Return all attributes in JSON's types."""
        return {name: getattr(self, name) for name in _JSON} | {"time": self.time.isoformat()}

    @property
    def about(self) -> str:
        """The event, bucket and key, and the destination, in words."""
        return f"{self.event} of {self.bucket}{f'/{self.key}' if self.key else ''} to {self.destination}"

    def __str__(self) -> str:
        return f"{self.about}: {self.status}{f' ({self.error})' if self.error else ''}"

    def __repr__(self) -> str:
        return f"<SentNotification #{self.number} {self}>"


_JSON = tuple(name for name in SentNotification.__slots__ if name != "time")


class DeliveryFailure(NamedTuple):
    """A function that raised an exception when it was given a notification."""

    notification: SentNotification
    error: Exception

    def to_json(self) -> dict[str, Any]:
        """Return the notification's number and destination, and the exception's text."""
        error = f"{type(self.error).__name__}: {self.error}"
        return {"notification": self.notification.number, "destination": self.notification.destination, "error": error}

    def __str__(self) -> str:
        return f"{self.notification.about}: {type(self.error).__name__}: {self.error}"

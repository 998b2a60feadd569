"""The notification configuration of a bucket."""

from __future__ import annotations

from dataclasses import dataclass

TOPIC = "Topic"
QUEUE = "Queue"
FUNCTION = "CloudFunction"
"""Kinds of destinations, by the element that names their ARN."""


@dataclass(frozen=True, slots=True)
class FilterRule:
    """What keys begin or end with.

    Attributes:
        name: ``Prefix`` or ``Suffix``.
        value: as it was put, in URL form.
    """

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class NotificationEntry:
    """A destination, and the events that it gets.

    Attributes:
        kind: `TOPIC`, `QUEUE` or `FUNCTION`.
        events: event types and patterns, as they were put (``s3:ObjectCreated:*``).
        filter: its rules, in the order in which they were put; empty: it has no filter.
    """

    kind: str
    id: str
    arn: str
    events: tuple[str, ...]
    filter: tuple[FilterRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification configuration: its entries, and whether all events go to EventBridge."""

    entries: tuple[NotificationEntry, ...]
    event_bridge: bool = False

"""The notifications of one fake: ``fakes3.notifications``, and how they reach their destinations.

A notification is delivered in the thread of its request, when the response is made and no lock is held.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, overload
from weakref import ref

from ..argument_checks import check_seconds, check_text
from ..clock import Clock, later
from ..events.records import check_pattern
from ..locks import Lazy, LazyLock, items_of, new_condition
from .notification import DELIVERED, FAILED, FUNCTION, KEPT, PENDING, DeliveryFailure, SentNotification

if TYPE_CHECKING:
    from ..events.events import Events
    from ..events.records import EventOccurrence
    from ..faults.rules import Faults
    from ..ids import Ids
    from ..state.bucket import Bucket
    from ..state.notification import NotificationEntry
    from .destinations import Destination, Receiver

log = logging.getLogger("fakes3part.notifications")

MAX_DEPTH = 16
"""So deep notifications may cause each other: then a function that writes to its own bucket is stopped, as Lambda does it."""

MAX_AT_ONCE = 64
"""So many notifications of one key may be with one destination at once: more of them cause each other, in several threads."""

_POLL = 0.02
"""Seconds between two looks at the clock while a test waits."""


class Notifications(Sequence[SentNotification]):
    """``FakeS3.notifications``: all notifications, the oldest first; the latest ``size`` are stored.

    Attributes:
        errors: the functions that raised an exception.
    """

    _changed = LazyLock(new_condition)
    _thread = Lazy(threading.local)
    _at_once: Lazy[Counter[tuple[str, str, str]]] = Lazy(Counter)

    def __init__(self, clock: Clock, ids: Ids, faults: Faults, events: Events, size: int) -> None:
        self.errors: list[DeliveryFailure] = []
        self._clock = clock
        self._ids = ids
        self._faults = faults
        self._events = ref(events)  # weak: it delivers by this object, and a circle would wait for the garbage collector
        self._sent: deque[SentNotification] = deque(maxlen=size)
        self._numbers = count(1)
        self._destinations: tuple[Destination, ...] = ()
        self._reordered: list[SentNotification] = []

    # Destinations

    def deliver_to(self, arn: str, receiver: Receiver) -> Destination:
        """Register a destination; see ``FakeS3.deliver_to``."""
        from .destinations import Destination

        destination = Destination(arn, receiver, self._cancel)
        with self._changed:
            others = (other for other in self._destinations if other.arn != arn)
            self._destinations = (*others, destination)
        return destination

    @property
    def destinations(self) -> tuple[Destination, ...]:
        """The registered destinations."""
        return self._destinations

    @property
    def has_webhooks(self) -> bool:
        """Whether a registered destination is a URL, so that deliveries take time."""
        return any(destination.via == "url" for destination in self._destinations)

    def _cancel(self, destination: Destination) -> None:
        with self._changed:
            self._destinations = tuple(other for other in self._destinations if other is not destination)

    def _registered(self, arn: str) -> Destination | None:
        """Return the destination of an ARN, or of a function without its version; None: none is registered."""
        arns = (arn, arn.rpartition(":")[0])
        return next((destination for name in arns for destination in self._destinations if destination.arn == name), None)

    def problem(self, bucket: Bucket, entry: NotificationEntry) -> tuple[str, str] | None:
        """Return what S3 says of a destination that it cannot use: ArgumentName and ArgumentValue; None: it can.

        A destination exists if it is registered, or if moto or the endpoint of its service knows it. Then its policy must let S3
        send the notifications of this bucket.
        """
        from . import aws_services, destination_policy
        from .outgoing import KINDS

        if self._registered(entry.arn) is not None:
            return None
        kind = KINDS[entry.kind]
        way = aws_services.route(kind)
        reason = f"The destination {kind} does not exist"
        if way is not None:
            try:
                policy = aws_services.policy(kind, entry.arn, way[1])
            except Exception as error:
                log.info("%s does not exist: %s", entry.arn, error)
            else:
                if destination_policy.allows(policy, kind, entry.arn, bucket):
                    return None
                reason = f"Permissions on the destination {kind} do not allow S3 to publish notifications from this bucket"
        if kind == FUNCTION:
            return f"{entry.arn}, null", f"Not authorized to invoke function [{entry.arn}]"
        return entry.arn, reason

    # Delivery

    def deliver(self, occurrences: list[EventOccurrence]) -> None:
        """Send what the notification configurations of their buckets say about these events. No lock may be held."""
        from .outgoing import outgoing

        for occurrence in occurrences:
            for sent in outgoing(self._ids, occurrence, self._numbers):
                self._send(sent)

    def _send(self, sent: SentNotification) -> None:
        self._add(sent)
        injection = self._faults.notification_injection(sent.event, sent.bucket, sent.key, sent.destination)
        if injection is None:
            self._attempt(sent)
            return
        sent.fault = injection.name
        failure = injection.notification_failure
        if failure is not None:
            sent.attempts = 1
            self._finish(sent, FAILED, failure)
            return
        for each in [sent, *([self._duplicate(sent)] if injection.repeats_request else [])]:
            if injection.latency:
                due = later(self._clock.now(), timedelta(seconds=injection.latency))
                events = self._events()
                if events is not None:  # else the fake is gone
                    events.schedule(due, self._delayed(each))
            elif injection.reorders:
                with self._changed:
                    self._reordered.append(each)
            else:
                self._attempt(each)

    def _duplicate(self, sent: SentNotification) -> SentNotification:
        copied = replace(sent, number=next(self._numbers))
        self._add(copied)
        return copied

    def _delayed(self, sent: SentNotification) -> Callable[[object], None]:
        return lambda _: self._attempt(sent) if sent.status == PENDING else None

    def _attempt(self, sent: SentNotification) -> None:
        """Deliver a notification, and then those that were held back until one of their destination is delivered."""
        self._deliver(sent)
        with self._changed:
            held = [other for other in self._reordered if other.destination == sent.destination]
            self._reordered = [other for other in self._reordered if other.destination != sent.destination]
        for other in held:
            self._deliver(other)

    def _deliver(self, sent: SentNotification) -> None:
        sent.attempts += 1
        depth, about = getattr(self._thread, "depth", 0), (sent.destination, sent.bucket, sent.key)
        if depth >= MAX_DEPTH or self._at_once[about] >= MAX_AT_ONCE:
            limit = MAX_DEPTH if depth >= MAX_DEPTH else MAX_AT_ONCE
            self._finish(sent, FAILED, f"notifications have caused each other {limit} times: a recursive loop")
            return
        self._thread.depth = depth + 1
        with self._changed:
            self._at_once[about] += 1
        try:
            sent.via = self._pass_on(sent)
        except Exception as error:
            self._finish(sent, FAILED, f"{type(error).__name__}: {error}")
            if sent.via == "function":
                self.errors.append(DeliveryFailure(sent, error))
                log.exception("a function of fakes3.deliver_to failed: %s", sent)
            else:
                log.warning("a notification could not be delivered: %s", sent)
        else:
            self._finish(sent, KEPT if sent.via is None else DELIVERED, None)
        finally:
            self._thread.depth = depth
            with self._changed:
                self._at_once[about] -= 1
                if not self._at_once[about]:
                    del self._at_once[about]

    def _pass_on(self, sent: SentNotification) -> str | None:
        """Pass a notification to its destination, and return what took it; None: there is no such destination here.

        Raises:
            Exception: what the destination raises.
        """
        destination = self._registered(sent.destination)
        if destination is not None:
            sent.via = destination.via
            destination.receive(sent)
            return sent.via
        from . import aws_services

        way = aws_services.route(sent.kind)
        if way is None:
            return None
        sent.via, url = way
        aws_services.send(sent, url)
        return sent.via

    def redeliver(self, notification: SentNotification) -> SentNotification:
        """Deliver a notification once more, whatever became of it, and return it. S3 promises to deliver "at least once"."""
        self._attempt(notification)
        return notification

    def deliver_pending(self) -> None:
        """Deliver now what fault rules have delayed or held back."""
        for sent in [sent for sent in items_of(self._sent) if sent.status == PENDING]:
            with self._changed:
                self._reordered = [other for other in self._reordered if other is not sent]
            self._attempt(sent)

    # The list

    def _add(self, sent: SentNotification) -> None:
        with self._changed:
            self._sent.append(sent)

    def _finish(self, sent: SentNotification, status: str, error: str | None) -> None:
        with self._changed:
            sent.status, sent.error = status, error
            self._changed.notify_all()

    def filter(
        self,
        destination: str | None = None,
        *,
        event: str = "s3:*",
        bucket: str | None = None,
        key: str | None = None,
        status: str | None = None,
    ) -> list[SentNotification]:
        """Return the notifications that match.

        Args:
            destination: an ARN, or its last part (the name of a queue); None: any.
            event: a type (``s3:ObjectCreated:Put``, ``s3:TestEvent``), a kind (``s3:ObjectCreated:*``) or ``s3:*`` for all.
            bucket: its name; None: any.
            key: not URL-encoded; None: any.
            status: ``pending``, ``delivered``, ``kept`` or ``failed``; None: any.
        """
        return [
            sent
            for sent in items_of(self._sent)
            if (destination is None or destination in (sent.destination, _last_part(sent.destination)))
            and (sent.event.startswith(event[:-1]) if event.endswith("*") else sent.event == event)
            and bucket in (None, sent.bucket)
            and key in (None, sent.key)
            and status in (None, sent.status)
        ]

    def wait(
        self,
        run_scheduled_work: Callable[[], None],
        destination: str | None = None,
        *,
        event: str = "s3:*",
        bucket: str | None = None,
        key: str | None = None,
        timeout: float = 10,
    ) -> SentNotification:
        """Return the first notification that matches and has arrived; see ``FakeS3.wait_for_notification``.

        Args:
            run_scheduled_work: does what is due; called again and again, since time may pass without a request.
        """
        if event != "s3:TestEvent":
            check_pattern(event)
        check_text("an ARN or the last part of one", destination=destination)
        check_text("text without wildcards", bucket=bucket, key=key)
        check_seconds(timeout=timeout)
        end = time.monotonic() + timeout
        while True:
            with self._changed:
                arrived = self.filter(destination, event=event, bucket=bucket, key=key)
                for sent in arrived:
                    if sent.status in (DELIVERED, KEPT):
                        return sent
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(self._explain(timeout, destination, event, bucket, key))
                self._changed.wait(min(left, _POLL))
            run_scheduled_work()

    def _explain(self, timeout: float, destination: str | None, event: str, bucket: str | None, key: str | None) -> str:
        filters = {"destination": destination, "event": event, "bucket": bucket, "key": key}
        expected = ", ".join(f"{name}={value!r}" for name, value in filters.items() if value is not None)
        there = "; ".join(map(str, items_of(self._sent))) or "none"
        return f"no notification with {expected} has arrived within {timeout:g} seconds. Notifications so far: {there}"

    def clear(self) -> None:
        """Remove all notifications and errors; what is pending is not delivered. Destinations stay."""
        with self._changed:
            for sent in self._sent:
                if sent.status == PENDING:
                    sent.status = FAILED
            self._sent.clear()
            self._reordered = []
            self.errors.clear()

    def reset(self) -> None:
        """Remove all notifications, errors and destinations."""
        self.clear()
        self._destinations = ()
        self._numbers = count(1)

    def to_json(self) -> list[dict[str, Any]]:
        """Return all notifications in JSON's types."""
        return [sent.to_json() for sent in items_of(self._sent)]

    @overload
    def __getitem__(self, index: int) -> SentNotification: ...
    @overload
    def __getitem__(self, index: slice) -> list[SentNotification]: ...
    def __getitem__(self, index: int | slice) -> SentNotification | list[SentNotification]:
        return items_of(self._sent)[index]

    def __len__(self) -> int:
        return len(self._sent)

    def __iter__(self) -> Iterator[SentNotification]:
        return iter(items_of(self._sent))

    def __repr__(self) -> str:
        return f"<Notifications {[str(sent) for sent in items_of(self._sent)]}>"


def _last_part(arn: str) -> str:
    return arn.rpartition(":")[2].rpartition("/")[2]

"""The events of one fake: ``fakes3.events``, S3's event records, and ``fakes3.on``, callbacks.

An operation adds its event under the bucket's lock, so that the events of a key are in the order of its changes. A record is
rendered when it is read (see `records`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from heapq import heappop, heappush
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from ..argument_checks import check_function, check_seconds, check_text, wrong
from ..clock import Clock
from ..locks import LazyLock, items_of, new_lock
from .records import (
    EVENT_TYPES,
    NOTIFICATION,
    TEST_EVENT,
    Event,
    EventData,
    EventFields,
    EventOccurrence,
    Origin,
    check_pattern,
    event_fields,
    event_record,
    matches,
    occurrences,
)

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..state.bucket import Bucket
    from ..state.objects import Version

log = logging.getLogger("fakes3part.events")

_POLL = 0.02
"""Seconds between two looks at the clock while a test waits."""


class Subscription:
    """A callback for events, until `cancel` or the end of its ``with`` block; made by ``FakeS3.on``.

    Attributes:
        pattern: the event types, as in `PATTERNS`.
        callback: called with each record.
        bucket: a bucket's name; None: any.
        prefix: what the key begins with.
        suffix: what the key ends with.
    """

    def __init__(
        self,
        pattern: str,
        callback: Callable[[Event], object],
        bucket: str | None,
        prefix: str,
        suffix: str,
        on_cancel: Callable[[Subscription], None],
    ) -> None:
        self.pattern = pattern
        self.callback = callback
        self.bucket = bucket
        self.prefix = prefix
        self.suffix = suffix
        self._on_cancel = on_cancel

    def matches(self, event: EventData) -> bool:
        """Return whether the callback is called for this event."""
        return (
            matches(event.name, self.pattern)
            and self.bucket in (None, event.bucket)
            and event.key.startswith(self.prefix)
            and event.key.endswith(self.suffix)
        )

    def cancel(self) -> None:
        """Stop calling the callback. Idempotent."""
        self._on_cancel(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.cancel()

    def __repr__(self) -> str:
        filters = {"bucket": self.bucket, "prefix": self.prefix, "suffix": self.suffix}
        arguments = [f"{name}={value!r}" for name, value in filters.items() if value]
        return f"<Subscription {' '.join([self.pattern, *arguments])} -> {self.callback!r}>"


class CallbackFailure(NamedTuple):
    """A callback that raised an exception."""

    subscription: Subscription
    event: Event
    error: Exception

    def to_json(self) -> dict[str, Any]:
        """Return the callback's repr, the event's record and the exception's text."""
        error = f"{type(self.error).__name__}: {self.error}"
        return {"callback": repr(self.subscription.callback), "event": self.event, "error": error}

    def __str__(self) -> str:
        event = f"{self.event['eventName']} of {self.event['s3']['object']['key']}"
        return f"{self.subscription.callback!r} on {event}: {type(self.error).__name__}: {self.error}"


class Events(Sequence[Event]):
    """``FakeS3.events``: the records of all events, the oldest first; those of the latest ``size`` calls are stored.

    Attributes:
        errors: the callbacks that raised an exception.
        sequence_numbers: number the events in the order of the changes.
        scheduled: what is to be done later, such as the events of restores, as a heap: time, number, action.
        deliver: delivers the events of buckets that have a notification configuration, in this thread, with no lock held.
    """

    _lock = LazyLock(new_lock)

    def __init__(self, clock: Clock, size: int) -> None:
        self.errors: list[CallbackFailure] = []
        self.sequence_numbers = count(1)
        self.scheduled: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self.deliver: Callable[[list[EventOccurrence]], None] = lambda occurrences: None
        self._clock = clock
        self._calls: deque[tuple[Sequence[EventFields], datetime, Origin | None]] = deque(maxlen=size)
        self._subscriptions: tuple[Subscription, ...] = ()
        self._schedule_numbers = count()
        self._last_cleared_number = 0

    def publish(self, events: Sequence[EventFields], at: datetime, origin: Origin | None) -> None:
        """Store the events of one call and call the callbacks, in this thread.

        To be called when the response is made and no lock is held. What a callback raises is logged and stored in ``errors``;
        the other callbacks are called all the same.

        Args:
            origin: the request that caused the events; None: S3 itself did.
        """
        for fields in events:
            if fields[NOTIFICATION] is not None:
                with_record = _without_tests(events)
                if with_record:
                    self._publish(with_record, at, origin)
                self.deliver(occurrences(events, at, origin))
                return
        self._publish(events, at, origin)

    def _publish(self, events: Sequence[EventFields], at: datetime, origin: Origin | None) -> None:
        self._calls.append((events, at, origin))
        if self._subscriptions:
            for occurrence in occurrences(events, at, origin):
                for subscription in self._subscriptions:
                    if subscription.matches(occurrence.data):
                        self._call(subscription, occurrence)

    def publish_own(
        self, name: str, bucket: Bucket, key: str, version: Version | None = None, at: datetime | None = None
    ) -> None:
        """Publish an event that no request caused (``LifecycleTransition``). No lock may be held.

        Args:
            version: the version that was changed; None: a key without versions that was removed.
            at: when it happened; None: now.
        """
        event = event_fields(next(self.sequence_numbers), name, bucket, key, version)
        self.publish([event], self._clock.now() if at is None else at, None)

    def publish_lifecycle(self, kind: str, bucket: Bucket, key: str, version: Version | None, at: datetime) -> None:
        """Publish what a lifecycle rule did (``s3:LifecycleTransition``), if S3 has such an event type.

        Args:
            version: the version that was changed; None: a key without versions that was removed.
        """
        if kind in EVENT_TYPES:
            self.publish_own(kind.removeprefix("s3:"), bucket, key, version, at)

    def schedule_restore_events(self, bucket: Bucket, version: Version) -> None:
        """Schedule the events of a restore that was begun: when its copy will be available, and when it will expire."""
        restore = version.restore
        assert restore is not None
        self.schedule(restore.ready, partial(self._publish_restore_event, "ObjectRestore:Completed", bucket, version))
        self.schedule(restore.expires, partial(self._publish_restore_event, "ObjectRestore:Delete", bucket, version))

    def schedule(self, at: datetime, action: Callable[[datetime], None]) -> None:
        """Call a function when it is time, with that time: with no lock held, when the clock is moved or a request comes."""
        with self._lock:
            heappush(self.scheduled, (at, next(self._schedule_numbers), action))

    def run_due(self, now: datetime) -> None:
        """Do what is scheduled and due."""
        while True:
            with self._lock:
                if not self.scheduled or self.scheduled[0][0] > now:
                    return
                at, _, action = heappop(self.scheduled)
            action(at)

    def _publish_restore_event(self, name: str, bucket: Bucket, version: Version, at: datetime) -> None:
        """Publish an event of a restore, unless the version was removed or restored again."""
        current = bucket.version(version.key, version.id)
        if current is not None and current.restore == version.restore:
            self.publish_own(name, bucket, version.key, current, at)

    def on(
        self,
        pattern: str,
        callback: Callable[[Event], object],
        *,
        bucket: str | None = None,
        prefix: str = "",
        suffix: str = "",
    ) -> Subscription:
        """Add a callback; see ``FakeS3.on``."""
        check_function("a function that gets the record of an event", callback=callback)
        check_text("text without wildcards", bucket=bucket, prefix=prefix, suffix=suffix)
        if prefix is None or suffix is None:
            raise wrong("prefix" if prefix is None else "suffix", "text, empty for any key", None)
        subscription = Subscription(check_pattern(pattern), callback, bucket, prefix, suffix, self._cancel)
        with self._lock:
            self._subscriptions = (*self._subscriptions, subscription)
        return subscription

    def wait(
        self, run_scheduled_work: Callable[[], None], pattern: str, *, bucket: str | None, key: str | None, timeout: float
    ) -> Event:
        """Return the record of the first event that matches, as soon as there is one; see ``FakeS3.wait_for_event``.

        Args:
            run_scheduled_work: does what is due; called again and again, since time may pass without a request.
        """
        check_text("text without wildcards", key=key)
        check_seconds(timeout=timeout)
        arrived = threading.Event()
        with self.on(pattern, lambda _: arrived.set(), bucket=bucket):
            end = time.monotonic() + timeout
            while not (found := self.filter(pattern, bucket=bucket, key=key)):
                left = end - time.monotonic()
                if left <= 0:
                    filters = {"bucket": bucket, "key": key}
                    expected = "".join(f", {name}={value!r}" for name, value in filters.items() if value is not None)
                    raise TimeoutError(
                        f"no event {pattern}{expected} has come within {timeout:g} seconds. Events so far: {self!r}"
                    )
                arrived.wait(min(left, _POLL))
                arrived.clear()
                run_scheduled_work()
        return found[0]

    def _cancel(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions = tuple(other for other in self._subscriptions if other is not subscription)

    def _call(self, subscription: Subscription, occurrence: EventOccurrence) -> None:
        try:
            subscription.callback(event_record(occurrence))
        except Exception as error:
            failure = CallbackFailure(subscription, event_record(occurrence), error)
            self.errors.append(failure)
            log.exception("a callback of fakes3.on failed: %s", failure)

    def filter(self, pattern: str = "s3:*", *, bucket: str | None = None, key: str | None = None) -> list[Event]:
        """Return the records of the events that match.

        Args:
            pattern: a type (``s3:ObjectCreated:Put``), a kind (``s3:ObjectCreated:*``) or ``s3:*`` for all.
            bucket: its name; None: any.
            key: the key, not URL-encoded as it is in the record; None: any.

        Raises:
            ValueError: S3 has no such event type.
        """
        check_pattern(pattern)
        return [
            event_record(occurrence)
            for occurrence in self._all()
            if matches(occurrence.data.name, pattern)
            and bucket in (None, occurrence.data.bucket)
            and key in (None, occurrence.data.key)
        ]

    def last_expiration(self, bucket: str, key: str, until: datetime) -> datetime | None:
        """Return when, not after ``until``, a lifecycle rule last expired a key; None: never."""
        for events, at, origin in reversed(items_of(self._calls)):
            if origin is None and at <= until:  # what no request caused: few events
                for data, _, _ in occurrences(events, at, origin):
                    if data.key == key and data.bucket == bucket and data.name.startswith("LifecycleExpiration"):
                        return at
        return None

    def _all(self) -> list[EventOccurrence]:
        """Return the events in the order of the changes, which is not quite the order of the responses."""
        all_occurrences = [occurrence for call in items_of(self._calls) for occurrence in occurrences(*call)]
        return sorted(all_occurrences, key=lambda occurrence: occurrence.data.number)

    @property
    def dropped(self) -> int:
        """How many events are no longer stored, because later calls replaced them."""
        stored = self._all()
        return stored[-1].data.number - self._last_cleared_number - len(stored) if stored else 0

    def reset(self) -> None:
        """Remove all events, errors, callbacks and scheduled events."""
        self.clear()
        self._subscriptions = ()
        self.scheduled = []

    def to_json(self) -> list[Event]:
        """Return all records: the ``Records`` that S3 would send."""
        return list(self)

    def clear(self) -> None:
        """Remove all events and errors; callbacks stay."""
        with self._lock:
            self._calls.clear()
            self._last_cleared_number = next(self.sequence_numbers)
            self.errors.clear()

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        selected = self._all()[index]
        return list(map(event_record, selected)) if isinstance(selected, list) else event_record(selected)

    def __len__(self) -> int:
        return sum(len(events) for events, _, _ in items_of(self._calls))

    def __iter__(self) -> Iterator[Event]:
        return map(event_record, self._all())

    def __repr__(self) -> str:
        return f"<Events {[f'{data.name} {data.bucket}/{data.key}' for data, _, _ in self._all()]}>"


def _without_tests(events: Sequence[EventFields]) -> list[EventFields]:
    """Return the events that have a record: all but `TEST_EVENT`."""
    return [fields for fields in events if EventData._make(fields).name != TEST_EVENT]

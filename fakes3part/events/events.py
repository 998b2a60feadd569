"""What S3 tells of: ``fakes3.events``, S3's own event records, and ``fakes3.on``, callbacks.

An operation tells of an event in one line, under the bucket's lock, so that the events of a key are in the order of its changes.
A record is rendered when somebody looks at it (`event_records`).
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from ..clock import Clock
from .records import TYPES, Event, Fields, Occurred, Origin, Told, checked, fields_of, fits, occurred, record

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..state.bucket import Bucket
    from ..state.objects import Version

log = logging.getLogger("fakes3part.events")


class Subscription:
    """One callback, until `cancel` or the end of its ``with`` block."""

    def __init__(
        self, events: Events, pattern: str, callback: Callable[[Event], object], bucket: str | None, prefix: str, suffix: str
    ) -> None:
        self.pattern = pattern
        self.callback = callback
        self.bucket = bucket
        self.prefix = prefix
        self.suffix = suffix
        self._events = events

    def wants(self, told: Told) -> bool:
        return (
            fits(told.name, self.pattern)
            and self.bucket in (None, told.bucket)
            and told.key.startswith(self.prefix)
            and told.key.endswith(self.suffix)
        )

    def cancel(self) -> None:
        """Call back no more. Twice is once."""
        self._events.forget(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.cancel()

    def __repr__(self) -> str:
        wanted = {"bucket": self.bucket, "prefix": self.prefix, "suffix": self.suffix}
        told = [f"{name}={value!r}" for name, value in wanted.items() if value]
        return f"<Subscription {' '.join([self.pattern, *told])} -> {self.callback!r}>"


class Failure(NamedTuple):
    """A callback that raised."""

    subscription: Subscription
    event: Event
    error: Exception

    def to_json(self) -> dict[str, Any]:
        told = f"{type(self.error).__name__}: {self.error}"
        return {"callback": repr(self.subscription.callback), "event": self.event, "error": told}

    def __str__(self) -> str:
        what = f"{self.event['eventName']} of {self.event['s3']['object']['key']}"
        return f"{self.subscription.callback!r} on {what}: {type(self.error).__name__}: {self.error}"


class Events(Sequence[Event]):
    """All events so far, the oldest first, as S3's records; those of the latest ``size`` calls are kept.

    Attributes:
        errors: the callbacks that raised, with what they raised.
    """

    def __init__(self, clock: Clock, size: int) -> None:
        self.errors: list[Failure] = []
        self._clock = clock
        self._kept: deque[tuple[Sequence[Fields], datetime, Origin | None]] = deque(maxlen=size)
        self._subscriptions: tuple[Subscription, ...] = ()
        self._lock = threading.Lock()
        self.numbers = count(1)
        self.coming: list[tuple[datetime, int, str, Bucket, Version]] = []
        self._since = 0

    def add(self, told: Sequence[Fields], at: datetime, origin: Origin | None) -> None:
        """Tell everybody, once the answer is made and every lock is free; callbacks are called in this thread.

        What a callback raises is logged and kept, and the others are called all the same.
        """
        self._kept.append((told, at, origin))
        if self._subscriptions:
            for one in occurred(told, at, origin):
                for subscription in self._subscriptions:
                    if subscription.wants(one.told):
                        self._call(subscription, one)

    def tell(self, name: str, bucket: Bucket, key: str, version: Version | None = None, at: datetime | None = None) -> None:
        """Tell of what S3 did by itself (``LifecycleTransition``): outside of all locks. ``at`` None: now."""
        self.add([fields_of(next(self.numbers), name, bucket, key, version)], self._clock.now() if at is None else at, None)

    def come_restored(self, bucket: Bucket, version: Version) -> None:
        """A restore was begun: its copy will be there, and will go, when `come` sees that time."""
        restore = version.restore
        assert restore is not None
        with self._lock:
            heappush(self.coming, (restore.ready, next(self.numbers), "ObjectRestore:Completed", bucket, version))
            heappush(self.coming, (restore.expires, next(self.numbers), "ObjectRestore:Delete", bucket, version))

    def come(self, now: datetime) -> None:
        """Tell of what was to come until now, unless the version is gone or was restored anew."""
        while True:
            with self._lock:
                if not self.coming or self.coming[0][0] > now:
                    return
                at, _, name, bucket, version = heappop(self.coming)
            there = bucket.version(version.key, version.id)
            if there is not None and there.restore == version.restore:
                self.tell(name, bucket, version.key, there, at)

    def lifecycle(self, kind: str, bucket: Bucket, key: str, version: Version | None, at: datetime) -> None:
        """`tell` of what a lifecycle rule did (``s3:LifecycleTransition``); what S3 tells nobody of is passed over."""
        if kind in TYPES:
            self.tell(kind.removeprefix("s3:"), bucket, key, version, at)

    def on(
        self,
        pattern: str,
        callback: Callable[[Event], object],
        *,
        bucket: str | None = None,
        prefix: str = "",
        suffix: str = "",
    ) -> Subscription:
        """See ``FakeS3.on``."""
        subscription = Subscription(self, checked(pattern), callback, bucket, prefix, suffix)
        with self._lock:
            self._subscriptions = (*self._subscriptions, subscription)
        return subscription

    def forget(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions = tuple(one for one in self._subscriptions if one is not subscription)

    def _call(self, subscription: Subscription, one: Occurred) -> None:
        try:
            subscription.callback(record(one))
        except Exception as error:
            failure = Failure(subscription, record(one), error)
            self.errors.append(failure)
            log.exception("a callback of fakes3.on failed: %s", failure)

    def filter(self, pattern: str = "s3:*", *, bucket: str | None = None, key: str | None = None) -> list[Event]:
        """The events of a type or kind, of a bucket, of a key (as it is, not as the record encodes it).

        Raises:
            ValueError: S3 has no such type of event.
        """
        wanted = checked(pattern)
        return [
            record(one)
            for one in self._all()
            if fits(one.told.name, wanted) and bucket in (None, one.told.bucket) and key in (None, one.told.key)
        ]

    def expired(self, bucket: str, key: str, until: datetime) -> datetime | None:
        """When, not after ``until``, a lifecycle rule last expired a key."""
        for told, at, origin in reversed(self._kept.copy()):
            if origin is None and at <= until:  # S3 did it by itself: few are so
                for one, _, _ in occurred(told, at, origin):
                    if one.key == key and one.bucket == bucket and one.name.startswith("LifecycleExpiration"):
                        return at
        return None

    def _all(self) -> list[Occurred]:
        """In the order in which things happened, which is not quite that in which answers were made."""
        found = [one for kept in self._kept.copy() for one in occurred(*kept)]
        return sorted(found, key=lambda one: one.told.number)

    @property
    def dropped(self) -> int:
        """How many events were too old to keep."""
        kept = self._all()
        return kept[-1].told.number - self._since - len(kept) if kept else 0

    def reset(self) -> None:
        """Forget all events, errors, and who is to be called."""
        self.clear()
        self._subscriptions = ()
        self.coming = []

    def to_json(self) -> list[Event]:
        """What S3 would send as ``Records``: they are JSON already."""
        return list(self)

    def clear(self) -> None:
        """Forget all events and errors; callbacks stay."""
        with self._lock:
            self._kept.clear()
            self._since = next(self.numbers)
            self.errors.clear()

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        found = self._all()[index]
        return list(map(record, found)) if isinstance(found, list) else record(found)

    def __len__(self) -> int:
        return sum(len(events) for events, _, _ in self._kept.copy())

    def __iter__(self) -> Iterator[Event]:
        return map(record, self._all())

    def __repr__(self) -> str:
        return f"<Events {[f'{one.told.name} {one.told.bucket}/{one.told.key}' for one in self._all()]}>"

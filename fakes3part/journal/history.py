"""The protocols by which calls and hints look at the journal and at the fake it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..events.events import Events
    from ..state.store import Store
    from .record import Record


class FakeState(Protocol):
    """The parts of a fake that hints look at."""

    @property
    def store(self) -> Store: ...
    @property
    def events(self) -> Events: ...


class History(Protocol):
    """The records of a journal."""

    @property
    def fake(self) -> FakeState | None:
        """The fake whose calls are recorded; None once it was garbage-collected."""

    def records(self) -> tuple[Record, ...]:
        """Return all stored records, the oldest first."""

    def latest(self, limit: int | None = None) -> list[Record]:
        """Return the latest ``limit`` records (None: all), the latest first."""

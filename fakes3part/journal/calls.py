"""How users look through the journal, and what they assert on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, overload

from ..faults.matching import operation_names
from ..text import shorten
from .call import Call, cells
from .record import Record

if TYPE_CHECKING:
    from .history import History

Since = Call | datetime | int
Match = Callable[[Call], bool]


class Calls(Sequence[Call]):
    """Calls, the oldest first. Its ``repr`` is a table, one line a call."""

    def __init__(self, records: tuple[Record, ...] = (), history: History | None = None, dropped: int = 0) -> None:
        self._records = records
        self._filtered_history = history
        self._dropped = dropped

    @property
    def _history(self) -> History:
        assert self._filtered_history is not None
        return self._filtered_history

    @property
    def dropped(self) -> int:
        """How many calls may be missing, because they were too old to keep."""
        return self._dropped

    def records(self) -> tuple[Record, ...]:
        return self._records

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> Calls: ...
    def __getitem__(self, index: int | slice) -> Call | Calls:
        if isinstance(index, slice):
            return self._of(self.records()[index])
        return Call(self.records()[index], self._history)

    def __len__(self) -> int:
        return len(self.records())

    def __iter__(self) -> Iterator[Call]:
        for record in self.records():
            yield Call(record, self._history)

    def _of(self, records: Iterable[Record], dropped: int | None = None) -> Calls:
        return Calls(tuple(records), self._history, self.dropped if dropped is None else dropped)

    def filter(
        self,
        operation: str | Iterable[str] | None = None,
        *,
        bucket: str | None = None,
        key: str | None = None,
        status: int | None = None,
        error: str | None = None,
        access_key: str | None = None,
        since: Since | None = None,
    ) -> Calls:
        """The calls that match everything given.

        Args:
            operation: a name (``GetObject``), several, or a pattern (``List*``).
            bucket: a name or pattern.
            key: a key, or a pattern of `fnmatch` (``logs/*``).
            error: S3's code.
            since: a call (those after it are meant), the number of one, or a time of the fake's clock.

        Raises:
            ValueError: no operation has such a name.
        """
        matches = _matches(operation, bucket, key, status, error, access_key, since)
        dropped = self.dropped
        if isinstance(since, (Call, int)):
            dropped = max(0, dropped - (since.number if isinstance(since, Call) else since))
        found = [call._record for call in self if all(match(call) for match in matches)]
        return self._of(found, dropped)

    def count(self, operation: Any = None, **matching: Any) -> int:
        """How many calls match; arguments as for `filter`."""
        return len(self.filter(operation, **matching))

    # Assertions. What the journal no longer knows, it does not claim.

    def assert_called(self, operation: str | Iterable[str], *, times: int | None = None, **matching: Any) -> None:
        """It was called at least once or, if that is given, exactly so many times; further arguments as for `filter`.

        Raises:
            AssertionError: it was not; the calls that were made are shown.
        """
        found = self.filter(operation, **matching)
        what = _described(operation, matching)
        if times is None:
            if not found:
                self._fail(f"{what} was not called", found.dropped)
            return
        if len(found) != times:
            self._fail(f"{what} was called {_times(len(found))}, not {_times(times)}", found.dropped if len(found) < times else 0)
        if found.dropped:
            self._unknown(what, found.dropped)

    def assert_not_called(self, operation: str | Iterable[str] | None = None, **matching: Any) -> None:
        """It was never called; arguments as for `filter`.

        Raises:
            AssertionError: it was, or the journal had to drop calls and cannot tell.
        """
        found = self.filter(operation, **matching)
        what = _described(operation, matching)
        if found:
            self._fail(f"{what} was called {_times(len(found))}")
        if found.dropped:
            self._unknown(what, found.dropped)

    def assert_at_most(self, **budgets: int) -> None:
        """A budget: ``assert_at_most(GetObject=3, ListObjectsV2=1)``.

        Raises:
            AssertionError: something was called more often, or the journal had to drop calls and cannot tell.
        """
        counted = {name: self.count(name) for name in budgets}
        over = [f"{name} {_times(counted[name])}, at most {most}" for name, most in budgets.items() if counted[name] > most]
        if over:
            self._fail(f"over budget: {'; '.join(over)}")
        if self.dropped:
            self._unknown(", ".join(budgets), self.dropped)

    def assert_order(self, *operations: str) -> None:
        """Calls of these operations were answered in this order, whatever else was in between.

        Raises:
            AssertionError: they were not.
        """
        rest = iter(self.filter(operations))
        for place, wanted in enumerate(operations):
            if not any(fnmatchcase(call.operation or "", wanted) for call in rest):
                behind = f" after {operations[place - 1]}" if place else ""
                self._fail(f"not called in the order {', '.join(operations)}: no {wanted}{behind}", self.dropped)

    def _fail(self, message: str, dropped: int = 0) -> None:
        if dropped:
            message += f" among the {len(self)} calls that are kept (the {dropped} before were dropped)"
        raise AssertionError(f"{message}\n{self!r}")

    def _unknown(self, what: str, dropped: int) -> None:
        raise AssertionError(
            f"{what}: it cannot be told, the journal had to drop its {dropped} oldest calls; keep more: FakeS3(journal_size=...)"
        )

    def to_json(self) -> list[dict[str, Any]]:
        """See `Call.to_json`."""
        return [call.to_json() for call in self]

    def __repr__(self) -> str:
        return table(self)


def _matches(
    operation: str | Iterable[str] | None,
    bucket: str | None,
    key: str | None,
    status: int | None,
    error: str | None,
    access_key: str | None,
    since: Since | None,
) -> list[Match]:
    found: list[Match] = []
    if isinstance(since, datetime):
        found.append(lambda call: call.at >= since)
    elif since is not None:
        number = since.number if isinstance(since, Call) else since
        found.append(lambda call: call.number > number)
    if operation is not None:
        names = operation_names(operation)  # raises for a misspelled name, with which every assertion would pass
        found.append(lambda call: call.operation in names)
    if status is not None:
        found.append(lambda call: call.status == status)
    if error is not None:
        found.append(lambda call: call.error == error)
    if bucket is not None:
        found.append(lambda call: _like(call.bucket, bucket))
    if key is not None:
        found.append(lambda call: _like(call.key, key))
    if access_key is not None:
        found.append(lambda call: call.access_key == access_key)
    return found


def _like(text: str | None, pattern: str) -> bool:
    return text is not None and (text == pattern or fnmatchcase(text, pattern))


def _described(operation: str | Iterable[str] | None, matching: Mapping[str, Any]) -> str:
    if operation is None:
        name = "anything"
    else:
        name = operation if isinstance(operation, str) else " or ".join(operation)
    told = ", ".join(f"{key}={value!r}" for key, value in matching.items() if value is not None)
    return f"{name} ({told})" if told else name


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


SHOWN = 60
"""The number of calls in a table; of more calls the oldest are left out."""


def table(calls: Calls, shown: int = SHOWN) -> str:
    """Return one aligned line a call; hints follow in indented lines."""
    left_out = max(0, len(calls) - shown)
    latest = calls[left_out:]
    missing = left_out + calls.dropped
    lines = [f"... {missing} earlier calls"] if missing else []
    rows = [cells(call) for call in latest]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for call, row in zip(latest, rows, strict=True):
        lines.append("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        hint = call.hint
        if hint is not None:
            lines += [f"{'':{widths[0]}}    {line}" for line in hint.splitlines()]
    return "\n".join(lines) or "no calls"


def transcript(calls: Iterable[Call]) -> str:
    """Return each call in detail: its line, the request's headers, the response's status, error and hint."""
    blocks = []
    for call in calls:
        target = f"{call.path}?{call.query}" if call.query else call.path
        lines = [
            str(call),
            f"    > {call.method} {call.scheme}://{call.host}{target}",
            *(f"    > {name}: {shorten(value, 200)}" for name, value in call.headers.items()),
            f"    < {call.status} x-amz-request-id: {call.request_id}",
        ]
        if call.error is not None:
            lines.append(f"    < {call.error}: {call.message}")
        if call.hint is not None:
            lines.append(f"    {call.hint}")
        blocks.append("\n".join(lines))
    return "\n".join(blocks)

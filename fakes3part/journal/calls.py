"""Filters calls and asserts on them."""

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
Predicate = Callable[[Call], bool]


class Calls(Sequence[Call]):
    """Calls, the oldest first. The ``repr`` is a table with one line a call."""

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
        """How many calls may be missing, because the journal no longer stores them."""
        return self._dropped

    def records(self) -> tuple[Record, ...]:
        """Return the records of the calls."""
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
        """Return the calls that match all arguments; an argument that is None matches all calls.

        Args:
            operation: a name (``GetObject``), several, or a pattern (``List*``).
            bucket: a name, or a pattern of `fnmatch`.
            key: a key, or a pattern of `fnmatch` (``logs/*``).
            status: the HTTP status.
            error: S3's error code.
            access_key: the access key id in the request.
            since: only calls after a call or its number, or from a time of the fake's clock on.

        Raises:
            ValueError: S3 has no such operation.
        """
        predicates = _predicates(operation, bucket, key, status, error, access_key, since)
        dropped = self.dropped
        if isinstance(since, (Call, int)):
            dropped = max(0, dropped - (since.number if isinstance(since, Call) else since))
        records = [call._record for call in self if all(matches(call) for matches in predicates)]
        return self._of(records, dropped)

    def count(self, operation: Any = None, **matching: Any) -> int:
        """Return how many calls match; arguments as for `filter`."""
        return len(self.filter(operation, **matching))

    # Assertions. They fail if the result depends on calls that the journal no longer stores.

    def assert_called(self, operation: str | Iterable[str], *, times: int | None = None, **matching: Any) -> None:
        """Assert that an operation was called.

        Args:
            operation: a name, several, or a pattern.
            times: how often exactly; None: at least once.
            matching: further arguments of `filter`.

        Raises:
            AssertionError: it was not; the text shows the calls that were made.
        """
        calls = self.filter(operation, **matching)
        subject = _described(operation, matching)
        if times is None:
            if not calls:
                self._fail(f"{subject} was not called", calls.dropped)
            return
        if len(calls) != times:
            self._fail(
                f"{subject} was called {_times(len(calls))}, not {_times(times)}", calls.dropped if len(calls) < times else 0
            )
        if calls.dropped:
            self._fail_undecided(subject, calls.dropped)

    def assert_not_called(self, operation: str | Iterable[str] | None = None, **matching: Any) -> None:
        """Assert that no call matches; arguments as for `filter`.

        Raises:
            AssertionError: a call matches, or the journal no longer stores all calls.
        """
        calls = self.filter(operation, **matching)
        subject = _described(operation, matching)
        if calls:
            self._fail(f"{subject} was called {_times(len(calls))}")
        if calls.dropped:
            self._fail_undecided(subject, calls.dropped)

    def assert_at_most(self, **budgets: int) -> None:
        """Assert that operations were called at most so often: ``assert_at_most(GetObject=3, ListObjectsV2=1)``.

        Raises:
            AssertionError: one was called more often, or the journal no longer stores all calls.
        """
        counted = {name: self.count(name) for name in budgets}
        exceeded = [
            f"{name} {_times(counted[name])}, at most {maximum}" for name, maximum in budgets.items() if counted[name] > maximum
        ]
        if exceeded:
            self._fail(f"over budget: {'; '.join(exceeded)}")
        if self.dropped:
            self._fail_undecided(", ".join(budgets), self.dropped)

    def assert_order(self, *operations: str) -> None:
        """Assert that these operations (names or patterns) were called in this order, whatever was called in between.

        Raises:
            AssertionError: they were not.
        """
        remaining = iter(self.filter(operations))
        for index, operation in enumerate(operations):
            if not any(fnmatchcase(call.operation or "", operation) for call in remaining):
                after = f" after {operations[index - 1]}" if index else ""
                self._fail(f"not called in the order {', '.join(operations)}: no {operation}{after}", self.dropped)

    def _fail(self, message: str, dropped: int = 0) -> None:
        if dropped:
            message += f" among the {len(self)} calls that are stored (the {dropped} before them are not)"
        raise AssertionError(f"{message}\n{self!r}")

    def _fail_undecided(self, subject: str, dropped: int) -> None:
        raise AssertionError(
            f"{subject}: undecided, the journal no longer stores the {dropped} oldest calls; FakeS3(journal_size=...) stores more"
        )

    def to_json(self) -> list[dict[str, Any]]:
        """Return the calls in types that JSON has, see `Call.to_json`."""
        return [call.to_json() for call in self]

    def __repr__(self) -> str:
        return table(self)


def _predicates(
    operation: str | Iterable[str] | None,
    bucket: str | None,
    key: str | None,
    status: int | None,
    error: str | None,
    access_key: str | None,
    since: Since | None,
) -> list[Predicate]:
    predicates: list[Predicate] = []
    if isinstance(since, datetime):
        predicates.append(lambda call: call.time >= since)
    elif since is not None:
        number = since.number if isinstance(since, Call) else since
        predicates.append(lambda call: call.number > number)
    if operation is not None:
        names = operation_names(operation)  # raises for a misspelled name, with which every assertion would pass
        predicates.append(lambda call: call.operation in names)
    if status is not None:
        predicates.append(lambda call: call.status == status)
    if error is not None:
        predicates.append(lambda call: call.error == error)
    if bucket is not None:
        predicates.append(lambda call: _like(call.bucket, bucket))
    if key is not None:
        predicates.append(lambda call: _like(call.key, key))
    if access_key is not None:
        predicates.append(lambda call: call.access_key == access_key)
    return predicates


def _like(text: str | None, pattern: str) -> bool:
    return text is not None and (text == pattern or fnmatchcase(text, pattern))


def _described(operation: str | Iterable[str] | None, matching: Mapping[str, Any]) -> str:
    if operation is None:
        name = "anything"
    else:
        name = operation if isinstance(operation, str) else " or ".join(operation)
    arguments = ", ".join(f"{key}={value!r}" for key, value in matching.items() if value is not None)
    return f"{name} ({arguments})" if arguments else name


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


TABLE_CALLS = 60
"""The number of calls in a table; of more calls the oldest are left out."""


def table(calls: Calls, limit: int = TABLE_CALLS) -> str:
    """Return one aligned line a call; hints follow in indented lines."""
    omitted = max(0, len(calls) - limit)
    latest = calls[omitted:]
    missing = omitted + calls.dropped
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

"""Filters calls and asserts on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, cast, overload

from ..text import shorten
from .call import Call, cells
from .call_filter import CallFilter, predicates
from .record import Record

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..operation_names import OperationCounts, OperationName, Operations
    from .history import History


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

    def filter(self, operation: Operations | None = None, **matching: Unpack[CallFilter]) -> Calls:
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
            TypeError: there is no such argument.
            ValueError: S3 has no such operation, or an argument has a value that is not allowed.
        """
        conditions = predicates(operation, matching)
        dropped, since = self.dropped, matching.get("since")
        if isinstance(since, (Call, int)):
            dropped = max(0, dropped - (since.number if isinstance(since, Call) else since))
        records = [call._record for call in self if all(fulfils(call) for fulfils in conditions)]
        return self._of(records, dropped)

    def count(self, operation: Operations | None = None, **matching: Unpack[CallFilter]) -> int:
        """Return how many calls match; arguments as for `filter`."""
        return len(self.filter(operation, **matching))

    # Assertions. They fail if the result depends on calls that the journal no longer stores.

    def assert_called(self, operation: Operations, *, times: int | None = None, **matching: Unpack[CallFilter]) -> None:
        """Assert that an operation was called.

        Args:
            operation: a name, several, or a pattern.
            times: how often exactly; None: at least once.
            matching: further arguments of `filter`.

        Raises:
            AssertionError: it was not; the text shows the calls that were made.
            ValueError: S3 has no such operation, or an argument has a value that is not allowed.
        """
        _check_count("times", times)
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

    def assert_not_called(self, operation: Operations | None = None, **matching: Unpack[CallFilter]) -> None:
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

    def assert_at_most(self, **budgets: Unpack[OperationCounts]) -> None:
        """Assert that operations were called at most so often: ``assert_at_most(GetObject=3, ListObjectsV2=1)``.

        Raises:
            AssertionError: one was called more often, or the journal no longer stores all calls.
            ValueError: S3 has no such operation, or a number is less than 0.
        """
        limits = cast("dict[str, int]", budgets)
        for name, maximum in limits.items():
            _check_count(name, maximum, optional=False)
        counted = {name: self.count(name) for name in limits}
        exceeded = [
            f"{name} {_times(counted[name])}, at most {maximum}" for name, maximum in limits.items() if counted[name] > maximum
        ]
        if exceeded:
            self._fail(f"over budget: {'; '.join(exceeded)}")
        if self.dropped:
            self._fail_undecided(", ".join(limits), self.dropped)

    def assert_order(self, *operations: OperationName | str) -> None:
        """Assert that these operations (names or patterns) were called in this order, whatever was called in between.

        Raises:
            AssertionError: they were not.
        """
        for operation in operations:
            if not isinstance(operation, str):
                raise ValueError(f"assert_order takes the operations one by one, as text, not {operation!r}")
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


def _check_count(name: str, value: object, *, optional: bool = True) -> None:
    if value is None and optional:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} must be a number of calls, 0 or more, not {value!r}")


def _described(operation: Operations | None, matching: Mapping[str, Any]) -> str:
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

"""Selects the calls that a rule or a pause applies to."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase, translate
from typing import TYPE_CHECKING, TypedDict

from ..argument_checks import check_function, is_whole
from ..text import suggestion, whole_number

if TYPE_CHECKING:
    from ..auth.callers import Caller
    from ..message import Request
    from ..protocol.model import Operation


NOTIFICATION = "notification"
"""What rules select besides operations: the delivery of an event notification."""


@dataclass(frozen=True)
class PendingCall:
    """A call whose request was routed and authenticated, but not yet performed.

    Attributes:
        operation: AWS's name of the operation.
        bucket: None if the request names no bucket.
        key: None if the request names no key, and for PostObject, whose form is not yet read.
        query: the query parameters, decoded.
        caller: who signed the request (``caller.arn``, ``caller.access_key``, ``caller.is_anonymous``).
        request: the request as sent.
    """

    operation: str
    bucket: str | None
    key: str | None
    query: Mapping[str, str] = field(repr=False)
    caller: Caller
    request: Request

    @property
    def headers(self) -> Mapping[str, str]:
        """The request's headers as sent, by lower-case name."""
        return self.request.headers

    @property
    def part_number(self) -> int | None:
        """The query parameter ``partNumber``; None if it is absent or no number."""
        return whole_number(self.query.get("partNumber"))

    @property
    def upload_id(self) -> str | None:
        """The query parameter ``uploadId``; None if it is absent."""
        return self.query.get("uploadId")

    @property
    def version_id(self) -> str | None:
        """The query parameter ``versionId``; None if it is absent."""
        return self.query.get("versionId")

    def __str__(self) -> str:
        return " ".join(filter(None, (self.operation, "/".join(filter(None, (self.bucket, self.key))))))


@dataclass(frozen=True)
class PendingNotification(PendingCall):
    """An event notification that is not yet delivered. Its ``caller`` is S3, its ``request`` is empty.

    Attributes:
        event: the event type (``s3:ObjectCreated:Put``), or ``s3:TestEvent``.
        destination: an ARN.
    """

    event: str = ""
    destination: str = ""


When = Callable[[PendingCall], bool]


class Match(TypedDict, total=False):
    """The keyword arguments that select calls of an operation; an absent or None argument selects all.

    Attributes:
        bucket: a name, or a pattern of `fnmatch`.
        key: a key, or a pattern of `fnmatch`. PostObject has no key until its form is read.
        part_number: one or several.
        when: called with each `PendingCall` that matches otherwise; returns whether it is selected.
    """

    bucket: str | None
    key: str | None
    part_number: int | Collection[int] | None
    when: When | None


class Matcher:
    """A predicate of calls: by operation, bucket, key, part number and a callback.

    Attributes:
        requested: the names and patterns of operations as they were passed.
        operations: the names of the operations that they select, without those that ``applies_to`` excludes.
        part_numbers: None: all.

    Args:
        notifications: as for `operation_names`.

    Raises:
        ValueError: S3 has no such operation, a part number is less than 1, or bucket or key is no text.
    """

    __slots__ = ("_bucket", "_key", "bucket", "key", "operations", "part_numbers", "requested", "when")

    def __init__(
        self,
        operation: str | Iterable[str],
        *,
        bucket: str | None = None,
        key: str | None = None,
        part_number: int | Collection[int] | None = None,
        when: When | None = None,
        applies_to: Callable[[Operation], bool] | None = None,
        notifications: bool | None = None,
    ) -> None:
        self.requested = _requested(operation)
        self.operations = operation_names(self.requested, applies_to, notifications=notifications)
        self.bucket = bucket
        self.key = key
        self.part_numbers = numbers("part_number", part_number)
        if when is not None:
            check_function("a function that gets a PendingCall and returns whether it is selected", when=when)
        self.when = when
        self._bucket = _pattern("bucket", bucket)
        self._key = _pattern("key", key)

    def __call__(self, call: PendingCall) -> bool:
        return (
            call.operation in self.operations
            and (self._bucket is None or (call.bucket is not None and self._bucket.match(call.bucket) is not None))
            and (self._key is None or (call.key is not None and self._key.match(call.key) is not None))
            and (self.part_numbers is None or call.part_number in self.part_numbers)
            and (self.when is None or bool(self.when(call)))
        )

    def __str__(self) -> str:
        values = {"bucket": self.bucket, "key": self.key, "part_number": self.part_numbers and sorted(self.part_numbers)}
        arguments = [f"{name}={value!r}" for name, value in values.items() if value is not None]
        return ", ".join([" | ".join(self.requested), *arguments, *([] if self.when is None else ["when=..."])])


def numbers(name: str, number: int | Collection[int] | None) -> frozenset[int] | None:
    """Return one number or several as a set; None: None.

    Args:
        name: of the argument.

    Raises:
        ValueError: the collection is empty, or a number is less than 1.
    """
    if number is None:
        return None
    values = frozenset(number) if isinstance(number, Iterable) and not isinstance(number, str) else frozenset((number,))
    if not values or not all(is_whole(value) and value >= 1 for value in values):
        raise ValueError(f"{name}= is a number or several, counted from 1, not {number!r}")
    return values


def _requested(operation: str | Iterable[str]) -> tuple[str, ...]:
    """Return names and patterns of operations as a tuple.

    Raises:
        ValueError: they are something else than text.
    """
    patterns = (operation,) if isinstance(operation, str) or not isinstance(operation, Iterable) else tuple(operation)
    for pattern in patterns:
        if not isinstance(pattern, str):
            raise ValueError(f"an operation is a name such as PutObject, a pattern or several of them, not {pattern!r}")
    return patterns


def operation_names(
    requested: str | Iterable[str],
    applies_to: Callable[[Operation], bool] | None = None,
    *,
    notifications: bool | None = None,
) -> frozenset[str]:
    """Return the names of the operations that names and patterns select.

    Args:
        applies_to: excludes operations; None: none is excluded.
        notifications: whether `NOTIFICATION`, which is no operation, is included if it is named; None: it may not be named.

    Raises:
        ValueError: S3 has no such operation, or ``requested`` is empty.
    """
    from ..protocol.model import s3_model  # the model is loaded at first use

    model = s3_model()
    operations = {**model.operations, model.post_object.name: model.post_object}
    patterns = _requested(requested)
    selected: set[str] = set()
    names = [*operations, *(() if notifications is None else (NOTIFICATION,))]
    for name in patterns:
        if name == NOTIFICATION and notifications is not None:
            selected.update([name] if notifications else ())
            continue
        matching = (
            [operations[name]] if name in operations else [operations[other] for other in operations if fnmatchcase(other, name)]
        )
        if not matching:
            raise ValueError(f"S3 has no operation {name!r}{suggestion(name, names)}")
        selected.update(operation.name for operation in matching if applies_to is None or applies_to(operation))
    if not patterns:
        raise ValueError("no operation is named: pass a name, a pattern or several of them")
    return frozenset(selected)


def _pattern(name: str, text: str | None) -> re.Pattern[str] | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise ValueError(f"{name} must be a name or a pattern, not {text!r}")
    return re.compile(translate(text))

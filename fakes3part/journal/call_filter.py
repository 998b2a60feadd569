"""The arguments by which calls are filtered: their types, their checks, and the predicates that they make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypedDict

from ..faults.matching import operation_names
from ..text import suggestion_or_all
from .call import Call

if TYPE_CHECKING:
    from ..error_codes.codes import ErrorCode
    from ..operation_names import Operations

Since = Call | datetime | int
Predicate = Callable[[Call], bool]


class CallFilter(TypedDict, total=False):
    """The keyword arguments of ``Calls.filter``; one that is absent or None matches all calls.

    Attributes:
        bucket: a name, or a pattern of `fnmatch`.
        key: a key, or a pattern of `fnmatch` (``logs/*``).
        status: the HTTP status.
        error: S3's error code.
        access_key: the access key id in the request.
        since: only calls after a call or its number, or from a time of the fake's clock on.
    """

    bucket: str | None
    key: str | None
    status: int | None
    error: ErrorCode | str | None
    access_key: str | None
    since: Since | None


_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "bucket": ((str,), "a name or a pattern"),
    "key": ((str,), "a key or a pattern"),
    "status": ((int,), "an HTTP status"),
    "error": ((str,), "the code of an error"),
    "access_key": ((str,), "an access key id"),
    "since": ((Call, datetime, int), "a call, its number, or a time"),
}


def predicates(operation: Operations | None, matching: CallFilter) -> list[Predicate]:
    """Return what a call has to fulfil.

    Raises:
        TypeError: an argument is unknown.
        ValueError: S3 has no such operation, or an argument has a value that is not allowed.
    """
    checked = {name: _checked(name, value) for name, value in matching.items()}
    given = {name: value for name, value in checked.items() if value is not None}
    made = [_PREDICATES[name](value) for name, value in given.items()]
    if operation is not None:
        names = operation_names(operation)  # raises for a misspelled name, with which every assertion would pass
        made.append(lambda call: call.operation in names)
    return made


def _checked(name: str, value: Any) -> Any:
    if name not in _TYPES:
        raise TypeError(f"calls cannot be filtered by {name!r}{suggestion_or_all(name, ['operation', *_TYPES])}")
    types, allowed = _TYPES[name]
    if value is not None and (not isinstance(value, types) or isinstance(value, bool)):
        raise ValueError(f"{name} must be {allowed}, not {value!r}")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"{name} must have a time zone, as fakes3.clock.now() has, not {value!r}")
    return value


def _equals(attribute: str) -> Callable[[Any], Predicate]:
    return lambda value: lambda call: bool(getattr(call, attribute) == value)


def _like(attribute: str) -> Callable[[str], Predicate]:
    def predicate(pattern: str) -> Predicate:
        def matches(call: Call) -> bool:
            text = getattr(call, attribute)
            return text is not None and (text == pattern or fnmatchcase(text, pattern))

        return matches

    return predicate


def _since(since: Since) -> Predicate:
    if isinstance(since, datetime):
        return lambda call: call.time >= since
    number = since.number if isinstance(since, Call) else since
    return lambda call: call.number > number


_PREDICATES: dict[str, Callable[[Any], Predicate]] = {
    "since": _since,
    "status": _equals("status"),
    "error": _equals("error"),
    "bucket": _like("bucket"),
    "key": _like("key"),
    "access_key": _equals("access_key"),
}

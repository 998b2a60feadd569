"""The table of operations: AWS name -> function. A module of this package registers its own by being imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import S3Error, not_implemented

if TYPE_CHECKING:
    from .context import Context

Params: TypeAlias = dict[str, Any]
"""What a boto3 caller would have written: members of the operation's input shape, typed by the model."""

Output: TypeAlias = dict[str, Any]
"""Members of the operation's output shape. None stands for absent."""

Function: TypeAlias = "Callable[[Context, Params], Output | None]"

OPERATIONS: dict[str, Function] = {}

NOT_IMPLEMENTED_MEMBERS: dict[str, str] = {
    "ObjectLockEventHold": "event holds",
    "ObjectLockEventHoldDurationDays": "event holds",
    "ObjectLockEventHoldDurationYears": "event holds",
}
"""Input members that this fake does not do yet, on whatever operation: 501 that says so, never silence."""

DIRECTORY_ONLY_MEMBERS: dict[str, str] = {
    "IfMatchInitiatedTime": "x-amz-if-match-initiated-time",
    "IfMatchLastModifiedTime": "x-amz-if-match-last-modified-time",
    "IfMatchSize": "x-amz-if-match-size",
    "WriteOffsetBytes": "x-amz-write-offset-bytes",
}
"""Input members, and their headers, that S3 itself does for directory buckets only: on any other it answers 501."""

DIRECTORY_OPERATIONS: dict[str, Function] = {}
"""What operations do in directory buckets, where that is something else."""

_UNSUPPORTED_MEMBERS = frozenset((*NOT_IMPLEMENTED_MEMBERS, *DIRECTORY_ONLY_MEMBERS))


def check_members(operation: str, params: Params, *, directory: bool = False) -> None:
    """Raise for members that an operation cannot have here; ``directory``: in a directory bucket, which takes them.

    Raises:
        S3Error: NotImplemented, S3's own or ours.
    """
    if _UNSUPPORTED_MEMBERS.isdisjoint(params):
        return
    if directory:
        return
    member = min(_UNSUPPORTED_MEMBERS & params.keys())
    if member in DIRECTORY_ONLY_MEMBERS:
        raise directory_buckets_only(DIRECTORY_ONLY_MEMBERS[member])
    raise not_implemented(operation, NOT_IMPLEMENTED_MEMBERS[member])


def directory_buckets_only(header: str) -> S3Error:
    """S3's own 501 for what only directory buckets do."""
    reason = "This header is supported for directory buckets only"
    return S3Error("NotImplemented", None, Header=header, additionalMessage=reason)


def operation(name: str) -> Callable[[Function], Function]:
    """Register a function under its AWS name."""

    def register(function: Function) -> Function:
        assert name not in OPERATIONS, name
        OPERATIONS[name] = function
        return function

    return register


def directory_operation(name: str) -> Callable[[Function], Function]:
    """Register what an operation does in directory buckets, beside what it does in others."""

    def register(function: Function) -> Function:
        assert name not in DIRECTORY_OPERATIONS, name
        DIRECTORY_OPERATIONS[name] = function
        return function

    return register


def implemented() -> frozenset[str]:
    """The names of all operations that work; every other one answers 501."""
    return frozenset(OPERATIONS)

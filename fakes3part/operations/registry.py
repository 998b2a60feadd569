"""The registry of operations: AWS name -> function. The modules of this package register their operations when imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import S3Error, not_implemented

if TYPE_CHECKING:
    from .context import Context

Params: TypeAlias = dict[str, Any]
"""The parameters of an operation: members of its input shape, typed by the model, as boto3 callers write them."""

Output: TypeAlias = dict[str, Any]
"""Members of the operation's output shape. A member that is None is absent."""

Function: TypeAlias = "Callable[[Context, Params], Output | None]"

OPERATIONS: dict[str, Function] = {}

NOT_IMPLEMENTED_MEMBERS: dict[str, str] = {
    "ObjectLockEventHold": "event holds",
    "ObjectLockEventHoldDurationDays": "event holds",
    "ObjectLockEventHoldDurationYears": "event holds",
}
"""Input members that fakes3part does not implement, in any operation: the response is 501."""

DIRECTORY_ONLY_MEMBERS: dict[str, str] = {
    "IfMatchInitiatedTime": "x-amz-if-match-initiated-time",
    "IfMatchLastModifiedTime": "x-amz-if-match-last-modified-time",
    "IfMatchSize": "x-amz-if-match-size",
    "WriteOffsetBytes": "x-amz-write-offset-bytes",
}
"""Input members, and their headers, that S3 supports for directory buckets only: with others it responds 501."""

DIRECTORY_OPERATIONS: dict[str, Function] = {}
"""The functions of operations in directory buckets, if they differ from those in other buckets."""

_UNSUPPORTED_MEMBERS = frozenset((*NOT_IMPLEMENTED_MEMBERS, *DIRECTORY_ONLY_MEMBERS))


def check_members(operation: str, params: Params, *, directory: bool = False) -> None:
    """Check that the parameters have no unsupported members; ``directory``: the bucket is a directory bucket, which has them all.

    Raises:
        S3Error: NotImplemented, with S3's text or with that of fakes3part.
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
    """Return S3's NotImplemented for a header that only directory buckets support."""
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
    """Register the function of an operation in directory buckets."""

    def register(function: Function) -> Function:
        assert name not in DIRECTORY_OPERATIONS, name
        DIRECTORY_OPERATIONS[name] = function
        return function

    return register


def implemented() -> frozenset[str]:
    """Return the names of all implemented operations. The others respond 501."""
    return frozenset(OPERATIONS)

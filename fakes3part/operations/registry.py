"""The registry of operations: AWS name -> function. Modules register their operations when `loading` imports them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import S3Error, not_implemented

if TYPE_CHECKING:
    from .context import Context

Params: TypeAlias = dict[str, Any]
"""The parameters of an operation: members of its input shape, typed by the model, as boto3 callers write them."""

Output: TypeAlias = dict[str, Any]
"""Members of the operation's output shape. A member that is None is absent."""

Function: TypeAlias = "Callable[[Context, Params], Output | None]"

HeadCheck: TypeAlias = "Callable[[Params, Mapping[str, str]], None]"
"""(params without those of the body, headers by lower-case name) -> None. Raises S3Error."""

Check: TypeAlias = "Callable[[Context, Params], None]"
"""(context, params) -> None. Raises S3Error."""

OPERATIONS: dict[str, Function] = {}

HEAD_CHECKS: dict[str, HeadCheck] = {}
"""What an operation refuses from its query and headers alone: before the caller is authenticated and the bucket is looked for."""

BUCKET_CHECKS: dict[str, Check] = {}
"""What an operation looks up after its bucket and before its body is read."""

DOCUMENT_CHECKS: dict[str, Check] = {}
"""The operations that judge their document before its digests, and what they check besides the parser."""

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


def operation(
    name: str,
    *,
    check_head: HeadCheck | None = None,
    check_bucket: Check | None = None,
    check_document: Check | None = None,
) -> Callable[[Function], Function]:
    """Register a function under its AWS name, and checks that come before it. Each raises S3Error; None: there is none.

    Args:
        name: of the operation.
        check_head: checks query and headers, before the caller is authenticated and the bucket is looked for.
        check_bucket: checks the bucket's state, before the body is read.
        check_document: checks the document, before the digests of the body.
    """

    def register(function: Function) -> Function:
        _check_unregistered(OPERATIONS, name, function)
        OPERATIONS[name] = function
        if check_head is not None:
            HEAD_CHECKS[name] = check_head
        if check_bucket is not None:
            BUCKET_CHECKS[name] = check_bucket
        if check_document is not None:
            DOCUMENT_CHECKS[name] = check_document
        return function

    return register


def directory_operation(name: str) -> Callable[[Function], Function]:
    """Register the function of an operation in directory buckets."""

    def register(function: Function) -> Function:
        _check_unregistered(DIRECTORY_OPERATIONS, name, function)
        DIRECTORY_OPERATIONS[name] = function
        return function

    return register


def _check_unregistered(functions: Mapping[str, Function], name: str, function: Function) -> None:
    """Assert that no other module has registered the operation. (It may be imported twice: `pytester` drops modules.)"""
    registered = functions.get(name)
    assert registered is None or registered.__module__ == function.__module__, f"{name} is registered already"

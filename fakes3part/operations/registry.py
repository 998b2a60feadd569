"""The table of operations: AWS name -> function. A module of this package registers its own by being imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from .context import Context

Params: TypeAlias = dict[str, Any]
"""What a boto3 caller would have written: members of the operation's input shape, typed by the model."""

Output: TypeAlias = dict[str, Any]
"""Members of the operation's output shape. None stands for absent."""

Function: TypeAlias = "Callable[[Context, Params], Output | None]"

OPERATIONS: dict[str, Function] = {}

REFUSED: dict[str, str] = {
    "WriteOffsetBytes": "append (WriteOffsetBytes)",
    "IfMatchInitiatedTime": "IfMatchInitiatedTime, for directory buckets",
    "IfMatchLastModifiedTime": "IfMatchLastModifiedTime, for directory buckets",
    "IfMatchSize": "IfMatchSize, for directory buckets",
    "MFA": "MFA delete",
}
"""Input members that this fake does not do yet, on whatever operation: 501 that says so, never silence."""


def operation(name: str) -> Callable[[Function], Function]:
    """Register a function under its AWS name."""

    def register(function: Function) -> Function:
        assert name not in OPERATIONS, name
        OPERATIONS[name] = function
        return function

    return register


def implemented() -> frozenset[str]:
    """The names of all operations that work; every other one answers 501."""
    return frozenset(OPERATIONS)

"""Tables of operations: AWS name -> function. A module registers its operations when it is imported."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple, TypeAlias

from ..protocol.aws_hosts import KMS, S3_CONTROL, STS
from .context import ServiceContext

Params: TypeAlias = dict[str, Any]
"""Members of the operation's input shape, as a boto3 caller passes them."""

Output: TypeAlias = dict[str, Any]
"""Members of the operation's output shape. None means that a member is absent."""

Function: TypeAlias = "Callable[[ServiceContext, Params], Output | None]"


class RegisteredOperation(NamedTuple):
    """An operation. S3 Control authorizes ``action`` on ``resource``, a pattern that params are filled into.

    ``action`` is empty if the function authorizes the request itself.
    """

    function: Function
    action: str = ""
    resource: str = "*"


MODULES = {
    STS: ("sts",),
    KMS: ("kms_keys", "kms_cryptography"),
    S3_CONTROL: ("s3control_account", "s3control_access_points", "s3control_outposts", "s3control_tags"),
}
"""The modules with a service's operations, imported at its first request."""

OPERATIONS: dict[str, dict[str, RegisteredOperation]] = {STS: {}, KMS: {}, S3_CONTROL: {}}


def _register(service: str, name: str, action: str = "", resource: str = "*") -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        assert name not in OPERATIONS[service], name
        OPERATIONS[service][name] = RegisteredOperation(function, action, resource)
        return function

    return register


def sts_operation(name: str) -> Callable[[Function], Function]:
    """Register a function under its AWS name."""
    return _register(STS, name)


def kms_operation(name: str) -> Callable[[Function], Function]:
    """Register a function under its AWS name."""
    return _register(KMS, name)


def s3control_operation(name: str, *, action: str | None = None, resource: str = "*") -> Callable[[Function], Function]:
    """Register a function of S3 Control under its AWS name.

    The caller must belong to the account that the request names.

    Args:
        action: what the caller's policies must allow; None: ``s3:`` and the name; empty: the function authorizes the request.
        resource: on what, as a pattern that params are filled into: ``arn:aws:s3:{region}:{AccountId}:accesspoint/{Name}``.
    """
    return _register(S3_CONTROL, name, f"s3:{name}" if action is None else action, resource)


@cache
def operations_of(service: str) -> dict[str, RegisteredOperation]:
    """Return the implemented operations of a service by name; all others are 501."""
    for module in MODULES[service]:
        import_module(f".{module}", __package__)
    return OPERATIONS[service]

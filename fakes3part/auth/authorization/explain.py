"""Evaluates a hypothetical request, for `FakeS3.explain`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeAlias

from ...argument_checks import wrong
from ...errors import Decision
from ...state.access_points import AccessPoint
from ...state.bucket import DIRECTORY, Bucket
from ...text import join_with_or, similar, suggestion
from ..accounts import Accounts
from ..callers import ANONYMOUS, Caller, Principal
from ..policies.actions import ACTIONS, BUCKET_ACTIONS, OBJECT_ACTIONS, required_actions, versioned_action
from .directory_buckets import explain_directory
from .evaluate import evaluate, with_remark
from .request import SUBRESOURCES, AuthorizationRequest, RequestContext

CallerLike: TypeAlias = "Caller | Principal | str | None"

_S3_ACTIONS = frozenset(
    {
        *OBJECT_ACTIONS,
        *BUCKET_ACTIONS,
        *(action for action in ACTIONS.values() if action.startswith("s3:")),
        *("s3:GetAccountPublicAccessBlock", "s3:PutAccountPublicAccessBlock"),
    }
)
_LOWER_ACTIONS = frozenset(action.lower() for action in _S3_ACTIONS)

_USER = re.compile(r"arn:aws:iam::(\d{12}):user/(.+)", re.ASCII)
_ROOT = re.compile(r"arn:aws:iam::(\d{12}):root", re.ASCII)


def resolve_caller(accounts: Accounts, caller: CallerLike) -> Caller:
    """Return the caller that is named by an ARN, an account id, an access key or ``"anonymous"``.

    ``caller`` None: the root of the fake's default account.

    Raises:
        ValueError: the ARN is not that of a root or a configured user, or the access key is unknown under ``strict_credentials``.
    """
    if isinstance(caller, Caller):
        return caller
    if isinstance(caller, Principal):
        return caller.caller
    if caller is None:
        return Caller(accounts.account(accounts.default))
    if not isinstance(caller, str):
        raise wrong("caller", '"anonymous", an ARN, an account id, an access key, or what add_user returns', caller)
    if caller == "anonymous":
        return ANONYMOUS
    root, user = _ROOT.fullmatch(caller), _USER.fullmatch(caller)
    if root:
        return Caller(accounts.account(root[1]))
    if user:
        identity = accounts.user(user[1], user[2])
        if identity is None:
            raise ValueError(f"account {user[1]} has no user {user[2]!r}")
        return Caller(accounts.account(user[1]), identity=identity)
    if caller.startswith("arn:"):
        raise ValueError(f"caller must be the ARN of a root or a user, not {caller!r}")
    registered = accounts.caller(caller)
    if registered is None:
        raise ValueError(f"unknown access key: {caller!r}")
    return registered


def _check_action(action: str) -> None:
    """Raise ValueError for an action that looks like a misspelt one of S3's. (There are more actions than those listed here.)"""
    if not action.startswith("s3:") or action.lower() in _LOWER_ACTIONS or "*" in action:
        return
    close = similar(action, _S3_ACTIONS, cutoff=0.85)
    if close:
        raise ValueError(f"{action!r} is no action of S3; did you mean {join_with_or(close)}?")


def explain(
    operation_or_action: str,
    context: RequestContext,
    bucket: Bucket | None,
    key: str | None = None,
    *,
    bucket_name: str | None = None,
    access_point: AccessPoint | None = None,
) -> Decision:
    """Return the first denial among the actions that an operation needs, or else the decision on its own action.

    Args:
        operation_or_action: an operation (``GetObject``) or an action (``s3:GetObject``).
        bucket: None: the operation concerns no existing bucket.
        key: None: the operation concerns the bucket itself.
        bucket_name: the name of a bucket that is to be created; None for any other operation.
        access_point: what the bucket is addressed through; None: it is addressed directly.

    Raises:
        ValueError: ``operation_or_action`` is neither an operation nor ``service:Action``, or looks like a misspelt one of S3's.
    """
    version_id = context.query.get("versionId")
    if ":" in operation_or_action:
        _check_action(operation_or_action)
        actions: tuple[str, ...] = (versioned_action(operation_or_action, version_id),)
    elif operation_or_action in ACTIONS:
        actions = required_actions(operation_or_action, context.headers, context.query)
    else:
        hint = suggestion(operation_or_action, ACTIONS)
        text = f"{operation_or_action!r} is neither an operation such as GetObject nor an action such as s3:GetObject{hint}"
        raise ValueError(text)
    if actions[0] in SUBRESOURCES:
        context = replace(context, query={SUBRESOURCES[actions[0]]: "", **context.query})
    if bucket is not None and bucket.kind is DIRECTORY:
        return explain_directory(operation_or_action, context, bucket)
    requests = [AuthorizationRequest(context, action, bucket, key, version_id, access_point, bucket_name) for action in actions]
    decisions = [with_remark(request, evaluate(request)) for request in requests]
    return next((decision for decision in decisions if not decision.allowed), decisions[0])

"""`FakeS3.explain`: the same evaluation as for a request, asked from Python."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from ...errors import Decision
from ...message import Request
from ...state.bucket import DIRECTORY
from ..accounts import Accounts
from ..callers import ANONYMOUS, Caller, Principal
from ..policies.actions import ACTIONS, needed, versioned
from .access_points import through
from .directory_buckets import explain_directory
from .evaluate import judge
from .request import SUBRESOURCES, Access

if TYPE_CHECKING:
    from ...clock import Clock
    from ...state.access_points import AccessPoint
    from ...state.bucket import Bucket

Who: TypeAlias = "Caller | Principal | str | None"

_USER = re.compile(r"arn:aws:iam::(\d{12}):user/(.+)", re.ASCII)
_ROOT = re.compile(r"arn:aws:iam::(\d{12}):root", re.ASCII)


def who(accounts: Accounts, caller: Who) -> Caller:
    """The caller meant: None: the root of the fake's own account; ``"anonymous"``; an ARN, account id or access key.

    Raises:
        ValueError: an ARN of a user that nobody configured, or an unknown access key where those are refused.
    """
    if isinstance(caller, Caller):
        return caller
    if isinstance(caller, Principal):
        return caller.caller
    if caller is None:
        return Caller(accounts.account(accounts.default))
    if caller == "anonymous":
        return ANONYMOUS
    root, user = _ROOT.fullmatch(caller), _USER.fullmatch(caller)
    if root:
        return Caller(accounts.account(root[1]))
    if user:
        identity = accounts.identity(user[1], user[2])
        if identity is None:
            raise ValueError(f"no user {user[2]!r} was configured in account {user[1]}")
        return Caller(accounts.account(user[1]), identity=identity)
    if caller.startswith("arn:"):
        raise ValueError(f"not the ARN of a root or a user: {caller!r}")
    found = accounts.caller(caller)
    if found is None:
        raise ValueError(f"unknown access key: {caller!r}")
    return found


def explain(
    what: str,
    bucket: Bucket | None,
    key: str | None,
    caller: Caller,
    *,
    name: str | None,
    headers: Mapping[str, str] | None,
    query: Mapping[str, str] | None,
    version_id: str | None,
    source_ip: str,
    secure: bool,
    region: str,
    clock: Clock,
    point: AccessPoint | None = None,
    vpc: str | None = None,
) -> Decision:
    """The first denial among the actions that an operation needs, or else the decision on its own action.

    Raises:
        ValueError: neither an operation's name nor ``service:Action``.
    """
    texts = dict(query or {})
    if version_id is not None:
        texts["versionId"] = version_id
    lowered = {header.lower(): text for header, text in (headers or {}).items()}
    if ":" in what:
        actions: tuple[str, ...] = (versioned(what, version_id),)
    elif what in ACTIONS:
        actions = needed(what, lowered, texts)
    else:
        raise ValueError(f"neither an operation nor an action such as s3:GetObject: {what!r}")
    for action in actions[:1]:
        if action in SUBRESOURCES:
            texts.setdefault(SUBRESOURCES[action], "")
    scheme = "https" if secure else "http"
    request = Request("GET", "s3.amazonaws.com", f"/{name or ''}", headers=lowered, scheme=scheme, client=source_ip)

    request.vpc = vpc

    if bucket is not None and bucket.kind is DIRECTORY:
        return explain_directory(what, caller, bucket, request, texts, clock)

    def about(action: str) -> Access:
        plain = Access(caller, action, bucket, key, request, texts, version_id=version_id, name=name, region=region, clock=clock)
        return through(plain, point)

    decisions = [judge(about(action)) for action in actions]
    return next((decision for decision in decisions if not decision.allowed), decisions[0])

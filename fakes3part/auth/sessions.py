"""Roles, and what temporary credentials add to who asks: what STS knows beside accounts and users."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any


@dataclass(frozen=True)
class Role:
    """An IAM role of an account.

    Attributes:
        path: ``/`` or ``/team/``: a part of its ARN, but of no session's.
        trust: who may assume it, parsed JSON; None: its own account.
        max_session_duration: seconds that a session may last.
    """

    account: str
    name: str
    policy: Mapping[str, Any] | None = None
    trust: Mapping[str, Any] | None = None
    path: str = "/"
    max_session_duration: int = 3600

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account}:role{self.path}{self.name}"

    @property
    def id(self) -> str:
        """``AROA...``: what the user id of each of its sessions begins with."""
        return unique_id("AROA", self.account, f"role/{self.name}")


@dataclass(frozen=True)
class Session:
    """What temporary credentials add to who asks.

    Attributes:
        resource: the end of the session's own ARN: ``assumed-role/reader/job``, ``federated-user/bob``; None: its ARN is that of
            the user or root who got it.
        user_id: ``aws:userid`` of a session that has an ARN of its own.
        role: what was assumed, if it was a role.
        policy: the session policy, parsed JSON: only what it allows too is allowed. None: there is none.
        tags: session tags (``aws:PrincipalTag/...``).
        mfa: a code of a device was given.
        issued: when.
    """

    resource: str | None = None
    user_id: str = ""
    role: Role | None = None
    policy: Mapping[str, Any] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    mfa: bool = False
    issued: datetime | None = None


@dataclass(frozen=True)
class ExpressSession:
    """What a session is good for, until ``expires`` (seconds since 1970) on the fake's clock.

    Attributes:
        mode: ``ReadWrite`` or ``ReadOnly``; empty: there was no bucket yet that anybody could have been allowed to use.
        owner_key: the access key that asked for it: who holds the session is who holds that.
        origin: the fake that gave it out. Any other asks its policies anew.
        algorithm: how new objects are encrypted, with ``kms_key``; None: as the bucket says then.
    """

    bucket: str
    mode: str
    expires: int
    owner_key: str
    origin: int
    nonce: str
    algorithm: str | None = None
    kms_key: str | None = None


def unique_id(prefix: str, account: str, name: str) -> str:
    """``AIDA...``, ``AROA...``: always the same for the same name."""
    return prefix + b32encode(sha256(f"{account}/{name}".encode()).digest()).decode()[:17]

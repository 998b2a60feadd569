"""IAM roles, and the sessions of temporary credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .unique_ids import unique_id


@dataclass(frozen=True)
class Role:
    """An IAM role of an account.

    Attributes:
        account: the id of the account, 12 digits.
        policy: the identity policy, parsed JSON; None: it has none, so nothing is allowed by it.
        trust: the trust policy (who may assume the role), parsed JSON; None: callers of its own account may.
        path: ``/`` or such as ``/team/``; part of the role's ARN, not of its sessions' ARNs.
        max_session_duration: how long a session may last, in seconds.
    """

    account: str
    name: str
    policy: Mapping[str, Any] | None = None
    trust: Mapping[str, Any] | None = None
    path: str = "/"
    max_session_duration: int = 3600

    @property
    def arn(self) -> str:
        """The ARN of the role, with its path."""
        return f"arn:aws:iam::{self.account}:role{self.path}{self.name}"

    @property
    def id(self) -> str:
        """The unique id, ``AROA...``, with which the user ids of its sessions begin."""
        return unique_id("AROA", self.account, f"role/{self.name}")


@dataclass(frozen=True)
class Session:
    """What temporary credentials add to a caller.

    Attributes:
        resource: the end of the session's ARN: ``assumed-role/reader/job``, ``federated-user/bob``; None: its ARN is that of the
            user or root that requested it.
        user_id: ``aws:userid``, where the session has an ARN of its own.
        role: the role that was assumed; None: no role was.
        policy: the session policy, parsed JSON, which must allow every action too; None: there is none.
        tags: session tags (``aws:PrincipalTag/...``).
        mfa: whether the code of an MFA device was given.
        issued: when STS issued it; None: it was configured.
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
    """A session of a directory bucket, as CreateSession issues it.

    Attributes:
        mode: ``ReadWrite`` or ``ReadOnly``; empty: the bucket did not exist yet, so each request is authorized by itself.
        expires: seconds since 1970, on the fake's clock.
        owner_key: the access key that requested the session; its owner is the caller of the session's requests.
        origin: the seed of the fake that issued it. Any other fake authorizes each request by itself.
        algorithm: how new objects are encrypted; None: by the bucket's default.
        kms_key: the KMS key of ``algorithm``; None: it needs none.
    """

    bucket: str
    mode: str
    expires: int
    owner_key: str
    origin: int
    nonce: str
    algorithm: str | None = None
    kms_key: str | None = None

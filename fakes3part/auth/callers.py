"""Who sends a request (`Caller`), and what it is made of: accounts, IAM users, temporary sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from .sessions import ExpressSession, Session, unique_id


@lru_cache(maxsize=256)
def canonical_id(account: str) -> str:
    """The canonical user id (64 hex digits) of an account that was given none."""
    return sha256(f"fakes3part account {account}".encode()).hexdigest()


@dataclass(frozen=True)
class Account:
    """An AWS account. ``id`` has 12 digits; ``canonical_id`` is how ACLs and owners name it."""

    id: str
    canonical_id: str
    display_name: str
    email: str | None = None

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.id}:root"


@dataclass(frozen=True)
class Identity:
    """An IAM user of an account, or what else has policies of its own: a role, a federated user.

    ``policy`` is its identity policy, parsed JSON; None allows nothing by itself.
    """

    name: str
    policy: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Caller:
    """Who asks. Anonymous: no account. ``secret`` None: an unknown key, whose signatures nobody can verify.

    ``session_token`` and ``expires`` belong to temporary credentials only; ``express``: it signs by a directory bucket's session.
    """

    account: Account | None = None
    access_key: str | None = None
    secret: str | None = field(default=None, repr=False)
    identity: Identity | None = None
    session_token: str | None = field(default=None, repr=False)
    expires: datetime | None = None
    session: Session | None = None
    express: ExpressSession | None = None

    @property
    def is_anonymous(self) -> bool:
        return self.account is None

    @property
    def is_root(self) -> bool:
        """Of the account itself: what is allowed to the account is allowed to it."""
        return self.account is not None and self.identity is None

    @property
    def arn(self) -> str:
        if self.account is None:
            return "*"
        if self.session is not None and self.session.resource is not None:
            return f"arn:aws:sts::{self.account.id}:{self.session.resource}"
        return f"arn:aws:iam::{self.account.id}:user/{self.identity.name}" if self.identity else self.account.arn

    @property
    def principal_arn(self) -> str:
        """What a policy means by it: the role, of a role's session."""
        role = self.session.role if self.session is not None else None
        return self.arn if role is None else role.arn

    @property
    def user_id(self) -> str:
        """``AIDA...`` of a user, ``AROA...:name`` of a role's session, the account's id of its root, ``anonymous`` of nobody."""
        if self.account is None:
            return "anonymous"
        if self.session is not None and self.session.resource is not None:
            return self.session.user_id
        return self.account.id if self.identity is None else unique_id("AIDA", self.account.id, self.identity.name)


ANONYMOUS = Caller()


@dataclass(frozen=True)
class Principal:
    """Somebody who was configured, with the keys to sign by: an account's root, one of its users, or a session of either.

    What ``FakeS3.add_account`` and its kin return, and what ``FakeS3.client`` takes.
    """

    account: Account
    access_key: str
    secret_key: str = field(repr=False)
    identity: Identity | None = None
    session_token: str | None = field(default=None, repr=False)
    expires: datetime | None = None
    session: Session | None = None

    @property
    def id(self) -> str:
        """The account's 12 digits: what ``ExpectedBucketOwner`` wants."""
        return self.account.id

    @property
    def canonical_id(self) -> str:
        return self.account.canonical_id

    @property
    def display_name(self) -> str:
        return self.account.display_name

    @property
    def email(self) -> str | None:
        return self.account.email

    @property
    def name(self) -> str | None:
        """The user's name; None of a root."""
        return self.identity.name if self.identity else None

    @property
    def arn(self) -> str:
        """What a policy calls it."""
        return self.caller.arn

    @property
    def caller(self) -> Caller:
        return Caller(
            self.account, self.access_key, self.secret_key, self.identity, self.session_token, self.expires, self.session
        )

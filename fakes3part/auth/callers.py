"""Callers of a request, and what they consist of: accounts, IAM identities, credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from .unique_ids import unique_id

if TYPE_CHECKING:
    from .sessions import ExpressSession, Session


@lru_cache(maxsize=256)
def canonical_id(account: str) -> str:
    """Return the canonical user id (64 hex digits) of an account that was added without one."""
    return sha256(f"fakes3part account {account}".encode()).hexdigest()


@dataclass(frozen=True)
class Account:
    """An AWS account.

    Attributes:
        id: 12 digits.
        canonical_id: the canonical user id, 64 hex digits, by which ACLs and ``Owner`` elements name the account.
        email: None: the account has no address, so no grant can name it by one.
    """

    id: str
    canonical_id: str
    display_name: str
    email: str | None = None

    @property
    def arn(self) -> str:
        """The ARN of the account's root."""
        return f"arn:aws:iam::{self.id}:root"


@dataclass(frozen=True)
class Identity:
    """An IAM user, a role or a federated user: what has an identity policy of its own.

    Attributes:
        policy: the identity policy, parsed JSON; None: it has none, so nothing is allowed by it.
    """

    name: str
    policy: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Caller:
    """The authenticated sender of a request.

    Attributes:
        account: None: the caller is anonymous.
        access_key: None: the request is not signed.
        secret: None: the access key is unknown, so its signatures are not verified.
        identity: the user or role; None: the account's root, or an anonymous caller.
        session_token: of temporary credentials; None: the credentials are long-term.
        expires: when temporary credentials expire; None: never.
        session: what STS adds to temporary credentials; None: the credentials are long-term.
        express: the session of a directory bucket that the request is signed with; None: it is signed otherwise.
        service: the service principal, where S3 itself acts (``logging.s3.amazonaws.com``); None: a request.
    """

    account: Account | None = None
    access_key: str | None = None
    secret: str | None = field(default=None, repr=False)
    identity: Identity | None = None
    session_token: str | None = field(default=None, repr=False)
    expires: datetime | None = None
    session: Session | None = None
    express: ExpressSession | None = None
    service: str | None = None

    @property
    def is_anonymous(self) -> bool:
        """Whether the request is not signed."""
        return self.account is None and self.service is None

    @property
    def is_root(self) -> bool:
        """Whether the caller is the account's root, which may do whatever the account may do."""
        return self.account is not None and self.identity is None

    @property
    def arn(self) -> str:
        """The ARN of the root, the user or the session; ``*`` for an anonymous caller; the name of a service principal."""
        if self.account is None:
            return self.service or "*"
        if self.session is not None and self.session.resource is not None:
            return f"arn:aws:sts::{self.account.id}:{self.session.resource}"
        return f"arn:aws:iam::{self.account.id}:user/{self.identity.name}" if self.identity else self.account.arn

    @property
    def principal_arn(self) -> str:
        """The value of ``aws:PrincipalArn``: for the session of a role, the ARN of the role."""
        role = self.session.role if self.session is not None else None
        return self.arn if role is None else role.arn

    @property
    def user_id(self) -> str:
        """The value of ``aws:userid``.

        ``AIDA...`` for a user, ``AROA...:name`` for the session of a role, the account's id for a root, else ``anonymous``.
        """
        if self.account is None:
            return self.service or "anonymous"
        if self.session is not None and self.session.resource is not None:
            return self.session.user_id
        return self.account.id if self.identity is None else unique_id("AIDA", self.account.id, self.identity.name)


ANONYMOUS = Caller()


@dataclass(frozen=True)
class Principal:
    """A configured account's root, IAM user or session, with the access key to sign requests with.

    ``FakeS3.add_account``, ``add_user`` and ``add_session`` return it; ``FakeS3.client`` takes it.

    Attributes:
        identity: the user; None: the account's root.
        session_token: of temporary credentials; None: the credentials are long-term.
        expires: when temporary credentials expire; None: never.
        session: what STS adds to temporary credentials; None: the credentials are long-term.
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
        """The id of the account, 12 digits: a value for ``ExpectedBucketOwner``."""
        return self.account.id

    @property
    def canonical_id(self) -> str:
        """The canonical user id of the account, 64 hex digits."""
        return self.account.canonical_id

    @property
    def display_name(self) -> str:
        """The display name of the account."""
        return self.account.display_name

    @property
    def email(self) -> str | None:
        """The e-mail address of the account; None: it has none."""
        return self.account.email

    @property
    def name(self) -> str | None:
        """The name of the user; None: the account's root."""
        return self.identity.name if self.identity else None

    @property
    def arn(self) -> str:
        """The ARN by which policies name it."""
        return self.caller.arn

    @property
    def caller(self) -> Caller:
        """The caller of requests that are signed with this access key."""
        return Caller(
            self.account, self.access_key, self.secret_key, self.identity, self.session_token, self.expires, self.session
        )

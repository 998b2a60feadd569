"""The methods of `FakeS3` that add accounts, users, roles and sessions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from ..argument_checks import check_text, wrong
from ..backend import Backend
from ..text import alternatives

T = TypeVar("T")

_NAME = r"[A-Za-z0-9_+=,.@-]{1,64}"

if TYPE_CHECKING:
    from ..auth.callers import Account, Identity, Principal
    from ..auth.sessions import Role


class AccountMethods(Backend):
    """Methods of `FakeS3` that add accounts, users, roles and sessions."""

    def add_account(
        self,
        id: str | None = None,  # noqa: A002 -- what the configuration file calls it
        *,
        canonical_id: str | None = None,
        display_name: str | None = None,
        email: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
    ) -> Principal:
        """Add an account with an access key of its root user, and return that. Signatures made with the key are verified.

        Args:
            id: 12 digits; None: the next unused id.
            canonical_id: 64 hex digits; None: derived from the id.
            display_name: returned as the owner's name; None: the id.
            email: the address that ACL grants may name the account by; None: it has none.
            access_key: the access key id; None: generated, the same from run to run.
            secret_key: its secret; None: generated, the same from run to run.

        Raises:
            ValueError: a value has the wrong form, or the account or access key exists already.
        """
        account = self.accounts.add_account(id, canonical=canonical_id, display_name=display_name, email=email)
        return self.accounts.add_key(account, None, access_key, secret_key)

    def add_user(
        self,
        account: str | Account | Principal | None,
        name: str,
        policy: str | Mapping[str, Any] | None = None,
        *,
        access_key: str | None = None,
        secret_key: str | None = None,
    ) -> Principal:
        """Add an IAM user with an access key, and return that.

        Args:
            account: the user's account; None: the one of the fake's settings.
            name: the user's name.
            policy: the user's identity policy, a dictionary or JSON; None: the user has none, so only resource policies count.
            access_key: the access key id; None: generated, the same from run to run.
            secret_key: its secret; None: generated, the same from run to run.

        Raises:
            ValueError: a value has the wrong form, or the user or access key exists already.
        """
        from ..config_file import parse_policy  # imports a TOML parser, which few tests need

        _check_name(name, policy=policy)
        owner = self._account(account)
        identity_policy = _parsed("policy", policy, parse_policy)
        identity = self.accounts.add_user(owner.id, name, identity_policy)
        return self.accounts.add_key(owner, identity, access_key, secret_key)

    def add_role(
        self,
        account: str | Account | Principal | None,
        name: str,
        policy: str | Mapping[str, Any] | None = None,
        trust: str | Mapping[str, Any] | None = None,
        *,
        path: str = "/",
        max_session_duration: int = 3600,
    ) -> Role:
        """Add an IAM role, and return it; its ``arn`` is the ``RoleArn`` of STS's AssumeRole.

        Args:
            account: the role's account; None: the one of the fake's settings.
            name: the role's name.
            policy: the identity policy of its sessions, a dictionary or JSON; None: none, so only resource policies count.
            trust: the trust policy, which says who may assume the role; None: callers of its own account whose policies allow it.
            path: the path in its ARN, such as ``/team/``.
            max_session_duration: the longest duration of a session in seconds, 3600 to 43200.

        Raises:
            ValueError: a value has the wrong form, or the role exists already.
        """
        from ..auth.sessions import Role
        from ..config_file import parse_policy, parse_trust

        _check_name(name, policy=policy, trust=trust)
        identity_policy = _parsed("policy", policy, parse_policy)
        trust_policy = _parsed("trust", trust, parse_trust)
        role = Role(self._account(account).id, name, identity_policy, trust_policy, path, max_session_duration)
        return self.accounts.add_role(role)

    def add_session(self, of: Principal, *, expires: datetime | None = None) -> Principal:
        """Return new temporary credentials of an account or user, as STS issues them.

        Args:
            of: the account or user, as `add_account` and `add_user` return it.
            expires: when the credentials expire, by the fake's clock; None: never.

        Raises:
            ValueError: ``of`` is something else, or ``expires`` is no time with a time zone.
        """
        from ..auth.callers import Principal

        if not isinstance(of, Principal):
            raise wrong("of", "what add_account or add_user returns", of)
        if expires is not None and (not isinstance(expires, datetime) or expires.tzinfo is None):
            raise wrong("expires", "a datetime with a time zone, such as fakes3.clock.now() + timedelta(hours=1)", expires)
        return self.accounts.add_session(of, expires)

    def _account(self, account: str | Account | Principal | None) -> Account:
        from ..auth.callers import Account, Principal

        if isinstance(account, Principal):
            return account.account
        if isinstance(account, Account):
            return account
        if account is not None and (not isinstance(account, str) or not re.fullmatch(r"[0-9]{12}", account)):
            allowed = "an account id of 12 digits, or what add_account, add_user or add_session returns"
            if isinstance(account, str) and account.isalnum() and not account.isdigit():  # boto3.client("s3")
                allowed += " (for a client of S3 pass nothing: fakes3.client())"
            raise wrong("account", allowed, account)
        return self.accounts.account(account or self.settings.account)

    def _principal(self, account: str | Account | Principal | None, identity: str | Identity | None) -> Principal:
        from ..auth.callers import Identity, Principal

        if isinstance(account, Principal) and identity is None:
            return account
        owner = self._account(account)
        if identity is None:
            return self.accounts.principal(owner)
        if not isinstance(identity, (str, Identity)):
            raise wrong("identity", "the name of a user of the account", identity)
        name = identity if isinstance(identity, str) else identity.name
        user = self.accounts.user(owner.id, name)
        if user is None:
            names = [known.name or "" for known in self.accounts.principals if known.account.id == owner.id and known.name]
            raise ValueError(f"account {owner.id} has no user {name!r}; {alternatives(name, names)}")
        return self.accounts.principal(owner, user)


def _parsed(name: str, policy: str | Mapping[str, Any] | None, parse: Callable[[str | Mapping[str, Any]], T]) -> T | None:
    """Return a parsed policy; None: None."""
    if policy is None:
        return None
    try:
        return parse(policy)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _check_name(name: str, **policies: object) -> None:
    """Check the name of a user or role, by IAM's rule, and the types of its policies."""
    check_text(name=name)
    if not re.fullmatch(_NAME, name) and name:
        raise wrong("name", "1 to 64 letters, digits and +=,.@_-", name)
    for argument, policy in policies.items():
        if not isinstance(policy, Mapping):
            check_text("a dictionary or JSON", **{argument: policy})

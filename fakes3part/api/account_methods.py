"""Whom a `FakeS3` knows: accounts, users, roles and sessions, as tests add them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..auth.callers import Account, Identity, Principal
from ..auth.sessions import Role
from ..backend import Backend


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
        """Add an account, and an access key of its root; what is not given is made up, the same from run to run.

        Requests signed with this key are verified from now on.

        Raises:
            ValueError: something of the wrong form, or that is there already.
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
        """Add an IAM user to an account (None: the fake's own), with an access key and an identity policy, a dict or JSON.

        Raises:
            ValueError: something of the wrong form, or that is there already.
        """
        from ..config_file import parse_policy  # it knows TOML, which few tests need

        owner = self._account(account)
        identity = self.accounts.add_user(owner.id, name, None if policy is None else parse_policy(policy))
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
        """Add an IAM role to an account (None: the fake's own); its ``arn`` is what STS's AssumeRole wants.

        Args:
            policy: what its sessions may do, a dict or JSON; None: nothing but what a bucket policy allows.
            trust: who may assume it; None: whom its own account lets.
            path: of its ARN: ``/team/``.
            max_session_duration: seconds that a session may last, 3600 to 43200.

        Raises:
            ValueError: something of the wrong form, or that is there already.
        """
        from ..config_file import parse_policy, parse_trust

        given = None if policy is None else parse_policy(policy)
        trusted = None if trust is None else parse_trust(trust)
        return self.accounts.add_role(Role(self._account(account).id, name, given, trusted, path, max_session_duration))

    def add_session(self, of: Principal, *, expires: datetime | None = None) -> Principal:
        """Temporary credentials of an account or user, as STS gives them; they expire on the fake's clock."""
        return self.accounts.add_session(of, expires)

    def _account(self, account: str | Account | Principal | None) -> Account:
        if isinstance(account, Principal):
            return account.account
        if isinstance(account, Account):
            return account
        return self.accounts.account(account or self.settings.account)

    def _principal(self, account: str | Account | Principal | None, identity: str | Identity | None) -> Principal:
        if isinstance(account, Principal) and identity is None:
            return account
        owner = self._account(account)
        if identity is None:
            return self.accounts.principal(owner)
        name = identity if isinstance(identity, str) else identity.name
        found = self.accounts.user(owner.id, name)
        if found is None:
            raise ValueError(f"account {owner.id} has no user {name}")
        return self.accounts.principal(owner, found)

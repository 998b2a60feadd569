"""The accounts that a fake knows, their identities, and whose an access key is.

Nothing needs to be set up: an access key that is a 12-digit account id *is* that account's root, every other one is the root of
the fake's default account, and neither has a secret that anybody could verify. Configured keys have one.
"""

from __future__ import annotations

import re
import threading
from base64 import b32encode, b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from itertools import count
from typing import Any

from .callers import Account, Caller, Identity, Principal, canonical_id
from .sessions import Role, Session

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_CANONICAL = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ROLE_PATH = re.compile(r"/|/[!-~]{1,510}/", re.ASCII)
_FIRST_ACCOUNT_ID = 200000000001
"""The id of the first account that was added without one."""

_MAX_UNKNOWN_CALLERS = 1024
"""Callers with unknown keys that are kept made: there are few, and each comes a thousand times."""


class Accounts:
    """The directory of one fake. ``strict``: unknown access keys are refused (InvalidAccessKeyId).

    Reading takes no lock (single look-ups in dictionaries); changes do.
    """

    def __init__(self, default: str, *, strict: bool = False) -> None:
        self.default = default
        self.strict = strict
        self._lock = threading.RLock()
        self._accounts: dict[str, Account] = {}
        self._configured: set[str] = set()
        self._users: dict[tuple[str, str], Identity] = {}
        self._roles: dict[tuple[str, str], Role] = {}
        self._principals: dict[str, Principal] = {}
        self._keys: dict[str, Caller] = {}
        self._unknown_callers: dict[str, Caller] = {}

    def account(self, account_id: str) -> Account:
        """The account of an id; one that nobody configured comes to be at the first look."""
        found = self._accounts.get(account_id)
        if found is None:
            found = self._accounts.setdefault(account_id, Account(account_id, canonical_id(account_id), account_id))
        return found

    def caller(self, access_key: str) -> Caller | None:
        """Whose an access key is; None: unknown, and this directory is strict."""
        known = self._keys.get(access_key)
        if known is not None or self.strict:
            return known
        guest = self._unknown_callers.get(access_key)
        if guest is None:
            account_id = access_key if _ACCOUNT.fullmatch(access_key) else self.default
            guest = Caller(self.account(account_id), access_key)
            with self._lock:
                if len(self._unknown_callers) >= _MAX_UNKNOWN_CALLERS:
                    self._unknown_callers.clear()
                self._unknown_callers[access_key] = guest
        return guest

    def find_by_canonical_id(self, canonical: str) -> Account | None:
        """The account that a grantee's ``ID`` names, among those configured or seen so far, and the default one."""
        self.account(self.default)
        return next((account for account in list(self._accounts.values()) if account.canonical_id == canonical), None)

    def find_by_email(self, email: str) -> list[Account]:
        """The accounts with an e-mail address, which may be none; case does not matter."""
        wanted = email.lower()
        return [account for account in list(self._accounts.values()) if (account.email or "").lower() == wanted != ""]

    def user(self, account_id: str, name: str) -> Identity | None:
        """A configured user of an account."""
        return self._users.get((account_id, name))

    def role(self, account_id: str, name: str) -> Role | None:
        """A configured role of an account."""
        return self._roles.get((account_id, name))

    @property
    def principals(self) -> list[Principal]:
        """Everybody who was configured, in that order."""
        return list(self._principals.values())

    def add_account(
        self,
        account_id: str | None = None,
        *,
        canonical: str | None = None,
        display_name: str | None = None,
        email: str | None = None,
    ) -> Account:
        """Configure an account; without an id it gets the next free one.

        Raises:
            ValueError: not 12 digits, not 64 hex digits, or something that another account has already.
        """
        with self._lock:
            if account_id is None:
                account_id = next(str(number) for number in count(_FIRST_ACCOUNT_ID) if str(number) not in self._accounts)
            if not _ACCOUNT.fullmatch(account_id):
                raise ValueError(f"an account id has 12 digits, not {account_id!r}")
            if account_id in self._configured:
                raise ValueError(f"account {account_id} was added already")
            canonical = canonical or canonical_id(account_id)
            if not _CANONICAL.fullmatch(canonical):
                raise ValueError(f"a canonical id has 64 hex digits in lower case, not {canonical!r}")
            other = self.find_by_canonical_id(canonical)
            if other is not None and other.id != account_id:
                raise ValueError(f"account {other.id} has the canonical id {canonical} already")
            account = Account(account_id, canonical, display_name or account_id, email)
            self._accounts[account_id] = account
            self._configured.add(account_id)
            self._unknown_callers.clear()  # they hold what the account was before
            return account

    def add_user(self, account_id: str, name: str, policy: Mapping[str, Any] | None = None) -> Identity:
        """Configure a user of an account.

        Raises:
            ValueError: no name, or the account has a user of this name already.
        """
        if not name:
            raise ValueError("a user has a name")
        identity = Identity(name, policy)
        with self._lock:
            if self._users.setdefault((account_id, name), identity) is not identity:
                raise ValueError(f"account {account_id} has a user {name} already")
        return identity

    def add_role(self, role: Role) -> Role:
        """Configure a role of an account.

        Raises:
            ValueError: no name, a path or an account of the wrong form, or the account has a role of this name already.
        """
        if not _ROLE_NAME.fullmatch(role.name) or not _ROLE_PATH.fullmatch(role.path) or not _ACCOUNT.fullmatch(role.account):
            raise ValueError(f"{role.arn} is not the ARN of a role")
        if not 3600 <= role.max_session_duration <= 43200:
            raise ValueError(f"the sessions of a role last 3600 to 43200 seconds at most, not {role.max_session_duration}")
        with self._lock:
            if self._roles.setdefault((role.account, role.name), role) is not role:
                raise ValueError(f"account {role.account} has a role {role.name} already")
        return role

    def add_key(
        self,
        account: Account,
        identity: Identity | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        *,
        session_token: str | None = None,
        expires: datetime | None = None,
        session: Session | None = None,
    ) -> Principal:
        """Give an account's root, or a user of it, an access key; one is made up where none is given.

        Raises:
            ValueError: a key or secret that is empty, or a key that somebody has already.
        """
        with self._lock:
            if access_key is None:
                access_key = self._unused_access_key("AKIA" if session_token is None else "ASIA", account, identity)
            if secret_key is None:
                secret_key = b64encode(sha256(f"secret of {access_key}".encode()).digest()).decode()[:40]
            if not access_key or not secret_key:
                raise ValueError("an access key has an id and a secret")
            if access_key in self._keys:
                raise ValueError(f"access key {access_key} was added already")
            principal = Principal(account, access_key, secret_key, identity, session_token, expires, session)
            self._principals[access_key] = principal
            self._keys[access_key] = principal.caller
            self._unknown_callers.pop(access_key, None)
            return principal

    def _unused_access_key(self, prefix: str, account: Account, identity: Identity | None) -> str:
        """Of AWS's form, and the same from run to run."""
        for number in count():
            text = f"access key {number} of {account.id} {identity.name if identity else ''}"
            key = prefix + b32encode(sha256(text.encode()).digest()).decode()[:16]
            if key not in self._keys:
                return key
        raise AssertionError

    def principal(self, account: Account, identity: Identity | None = None) -> Principal:
        """A way to sign as somebody: the first lasting key that was configured, or else a new one."""
        with self._lock:
            for principal in self._principals.values():
                same = principal.account.id == account.id and principal.name == (identity.name if identity else None)
                if same and principal.session_token is None:
                    return principal
            return self.add_key(account, identity)

    def copy(self) -> Accounts:
        """A directory of its own that knows the same accounts, users and keys."""
        twin = Accounts(self.default, strict=self.strict)
        with self._lock:
            twin._accounts, twin._configured = dict(self._accounts), set(self._configured)
            twin._users, twin._principals = dict(self._users), dict(self._principals)
            twin._keys = dict(self._keys)
        return twin

    def add_session(self, principal: Principal, expires: datetime | None = None) -> Principal:
        """Temporary credentials of somebody, as STS would give them."""
        with self._lock:
            access_key = self._unused_access_key("ASIA", principal.account, principal.identity)
            token = b64encode(sha256(f"session token of {access_key}".encode()).digest() * 4).decode()
            return self.add_key(
                principal.account,
                principal.identity,
                access_key,
                session_token=token,
                expires=expires,
                session=principal.session or Session(),
            )

    def remove_sts_sessions(self) -> None:
        """Forget the sessions that STS gave out; those that were configured stay."""
        with self._lock:
            for access_key in [key for key, principal in self._principals.items() if _is_from_sts(principal)]:
                del self._principals[access_key], self._keys[access_key]


def _is_from_sts(principal: Principal) -> bool:
    return principal.session is not None and principal.session.issued is not None

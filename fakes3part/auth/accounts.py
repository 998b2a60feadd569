"""The accounts, users, roles and access keys of one fake.

No set-up is needed: an unknown access key of 12 digits belongs to the root of the account with that id, any other unknown key to
the root of the fake's default account. Their signatures are not verified, because only configured keys have a secret.
"""

from __future__ import annotations

import re
from base64 import b32encode, b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from ..argument_checks import check_text, is_whole
from ..locks import LazyLock, new_rlock
from .callers import Account, Caller, Identity, Principal, canonical_id

if TYPE_CHECKING:
    from .sessions import Role

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_CANONICAL = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ROLE_PATH = re.compile(r"/|/[!-~]{1,510}/", re.ASCII)
ANONYMOUS_ID = "65a011a29cdf8ec533ec3d1ccaae921c"
"""The canonical id of anonymous writers, as S3 shows it."""

_FIRST_ACCOUNT_ID = 200000000001
"""The id of the first account that is added without an id."""

_MAX_UNKNOWN_CALLERS = 1024
"""How many callers with unknown access keys are cached."""


class UnverifiedCaller(NamedTuple):
    """Who sends an Authorization header that is not verified, and the date (``yyyymmdd``) that its signature is scoped to."""

    caller: Caller
    date: str


class Accounts:
    """The accounts, users, roles and access keys of one fake.

    Reading takes no lock (single look-ups in dictionaries); changes do.

    Attributes:
        default: the id of the account to which unknown access keys belong.
        strict: unknown access keys are rejected (InvalidAccessKeyId).
        unverified_callers: the senders of Authorization headers that are not verified, by the header's text up to the
            signature. They are forgotten when accounts or keys change.
    """

    _lock = LazyLock(new_rlock)

    def __init__(self, default: str, *, strict: bool = False) -> None:
        self.default = default
        self.strict = strict
        self._accounts: dict[str, Account] = {}
        self._configured: set[str] = set()
        self._users: dict[tuple[str, str], Identity] = {}
        self._roles: dict[tuple[str, str], Role] = {}
        self._principals: dict[str, Principal] = {}
        self._keys: dict[str, Caller] = {}
        self._unknown_callers: dict[str, Caller] = {}
        self.unverified_callers: dict[str, UnverifiedCaller] = {}

    def account(self, account_id: str) -> Account:
        """Return the account with this id; create it on first use."""
        account = self._accounts.get(account_id)
        if account is None:
            account = self._accounts.setdefault(account_id, Account(account_id, canonical_id(account_id), account_id))
        return account

    def caller(self, access_key: str) -> Caller | None:
        """Return the caller that an access key belongs to; None if the key is unknown and ``strict`` is set."""
        caller = self._keys.get(access_key)
        if caller is not None or self.strict:
            return caller
        caller = self._unknown_callers.get(access_key)
        if caller is None:
            account_id = access_key if _ACCOUNT.fullmatch(access_key) else self.default
            caller = Caller(self.account(account_id), access_key)
            with self._lock:
                if len(self._unknown_callers) >= _MAX_UNKNOWN_CALLERS:
                    self._unknown_callers.clear()
                    self.unverified_callers.clear()
                self._unknown_callers[access_key] = caller
        return caller

    def remember_unverified(self, signing: str, caller: Caller, date: str) -> None:
        """Remember whose requests have an Authorization header that is not verified, because the secret is unknown."""
        with self._lock:
            if self.caller(caller.access_key or "") is caller:
                if len(self.unverified_callers) >= _MAX_UNKNOWN_CALLERS:
                    self.unverified_callers.clear()
                self.unverified_callers[signing] = UnverifiedCaller(caller, date)

    def canonical_id(self, account_id: str) -> str:
        """Return the canonical user id of an account; empty: that of anonymous writers."""
        return self.account(account_id).canonical_id if account_id else ANONYMOUS_ID

    def find_by_canonical_id(self, canonical: str) -> Account | None:
        """Return the account with this canonical user id; None if no account has it that was configured or used so far."""
        self.account(self.default)
        return next((account for account in list(self._accounts.values()) if account.canonical_id == canonical), None)

    def find_by_email(self, email: str) -> list[Account]:
        """Return the accounts with this e-mail address, ignoring case."""
        lower = email.lower()
        return [account for account in list(self._accounts.values()) if (account.email or "").lower() == lower != ""]

    def user(self, account_id: str, name: str) -> Identity | None:
        """Return a configured IAM user; None: the account has no user of this name."""
        return self._users.get((account_id, name))

    def role(self, account_id: str, name: str) -> Role | None:
        """Return a configured IAM role; None: the account has no role of this name."""
        return self._roles.get((account_id, name))

    @property
    def principals(self) -> list[Principal]:
        """All access keys with their owners, in the order in which they were added."""
        return list(self._principals.values())

    @property
    def arns(self) -> list[str]:
        """The ARNs of the roots and users that were configured or used so far; the default account's root is the first."""
        roots = {self.account(self.default).arn: None} | dict.fromkeys(account.arn for account in list(self._accounts.values()))
        return [*roots, *(f"arn:aws:iam::{account}:user/{name}" for account, name in list(self._users))]

    def add_account(
        self,
        account_id: str | None = None,
        *,
        canonical: str | None = None,
        display_name: str | None = None,
        email: str | None = None,
    ) -> Account:
        """Add an account.

        Args:
            account_id: 12 digits; None: the next unused id.
            canonical: the canonical user id, 64 hex digits; None: derived from the account's id.
            display_name: None: the account's id.
            email: what ACL grants may name the account by; None: it has no address.

        Raises:
            ValueError: an id is malformed, or another account has it already.
        """
        check_text(display_name=display_name, email=email)
        with self._lock:
            if account_id is None:
                account_id = next(str(number) for number in count(_FIRST_ACCOUNT_ID) if str(number) not in self._accounts)
            if not isinstance(account_id, str) or not _ACCOUNT.fullmatch(account_id):
                raise ValueError(f"an account id must have 12 digits, not {account_id!r}")
            if account_id in self._configured:
                raise ValueError(f"account {account_id} was added already")
            canonical = canonical or canonical_id(account_id)
            if not isinstance(canonical, str) or not _CANONICAL.fullmatch(canonical):
                raise ValueError(f"a canonical user id must have 64 lower-case hex digits, not {canonical!r}")
            other = self.find_by_canonical_id(canonical)
            if other is not None and other.id != account_id:
                raise ValueError(f"account {other.id} has the canonical user id {canonical} already")
            account = Account(account_id, canonical, display_name or account_id, email)
            self._accounts[account_id] = account
            self._configured.add(account_id)
            self._unknown_callers.clear()  # cached callers refer to the previous account object
            self.unverified_callers.clear()
            return account

    def add_user(self, account_id: str, name: str, policy: Mapping[str, Any] | None = None) -> Identity:
        """Add an IAM user to an account.

        ``policy`` is the user's identity policy, parsed JSON; None: the user has none.

        Raises:
            ValueError: the name is empty, or the account has a user of this name already.
        """
        if not name:
            raise ValueError("the name of a user must not be empty")
        identity = Identity(name, policy)
        with self._lock:
            if self._users.setdefault((account_id, name), identity) is not identity:
                raise ValueError(f"account {account_id} has a user {name} already")
        return identity

    def add_role(self, role: Role) -> Role:
        """Add an IAM role to its account.

        Raises:
            ValueError: the name, path, account or session duration is malformed, or the account has a role of this name already.
        """
        check_text(name=role.name, path=role.path, account=role.account)
        if not _ROLE_NAME.fullmatch(role.name) or not _ROLE_PATH.fullmatch(role.path) or not _ACCOUNT.fullmatch(role.account):
            rule = "a name is 1 to 64 letters, digits and +=,.@_-, a path begins and ends with a slash, an account is 12 digits"
            raise ValueError(f"{role.arn} is not a valid role ARN: {rule}")
        if not is_whole(role.max_session_duration) or not 3600 <= role.max_session_duration <= 43200:
            raise ValueError(f"max_session_duration must be from 3600 to 43200 seconds, not {role.max_session_duration!r}")
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
    ) -> Principal:
        """Add a long-term access key.

        Args:
            account: the account of the key's owner.
            identity: the user who owns the key; None: the account's root.
            access_key: None: a generated one, the same in every run.
            secret_key: None: a generated one, the same in every run.

        Raises:
            ValueError: the key or the secret is empty, or the key exists already.
        """
        check_text(access_key=access_key, secret_key=secret_key)
        with self._lock:
            if access_key is None:
                access_key = self._unused_access_key("AKIA", account, identity)
            return self.add_principal(Principal(account, access_key, _secret(access_key, secret_key), identity))

    def add_principal(self, principal: Principal) -> Principal:
        """Add an access key with its owner, long-term or temporary.

        Raises:
            ValueError: the key or the secret is empty, or the key exists already.
        """
        access_key = principal.access_key
        if not access_key or not principal.secret_key:
            raise ValueError("an access key must have an id and a secret")
        with self._lock:
            if access_key in self._keys:
                raise ValueError(f"access key {access_key} was added already")
            self._principals[access_key] = principal
            self._keys[access_key] = principal.caller
            self._unknown_callers.pop(access_key, None)
            self.unverified_callers.clear()
        return principal

    def add_session(self, principal: Principal, expires: datetime | None = None) -> Principal:
        """Add temporary credentials of a principal, as STS issues them; ``expires`` None: they never expire."""
        from .sessions import Session

        account, identity = principal.account, principal.identity
        with self._lock:
            access_key = self._unused_access_key("ASIA", account, identity)
            token = b64encode(sha256(f"session token of {access_key}".encode()).digest() * 4).decode()
            session = principal.session or Session()
            return self.add_principal(Principal(account, access_key, _secret(access_key), identity, token, expires, session))

    def _unused_access_key(self, prefix: str, account: Account, identity: Identity | None) -> str:
        for number in count():
            text = f"access key {number} of {account.id} {identity.name if identity else ''}"
            access_key = prefix + b32encode(sha256(text.encode()).digest()).decode()[:16]
            if access_key not in self._keys:
                return access_key
        raise AssertionError

    def principal(self, account: Account, identity: Identity | None = None) -> Principal:
        """Return the first long-term key of a user, or of the account's root (``identity`` None); add one if there is none."""
        with self._lock:
            for principal in self._principals.values():
                is_same_identity = principal.account.id == account.id and principal.name == (identity.name if identity else None)
                if is_same_identity and principal.session_token is None:
                    return principal
            return self.add_key(account, identity)

    def copy(self) -> Accounts:
        """Return an independent directory with the same accounts, users, roles and keys."""
        copied = Accounts(self.default, strict=self.strict)
        with self._lock:
            copied._accounts, copied._configured = dict(self._accounts), set(self._configured)
            copied._users, copied._principals = dict(self._users), dict(self._principals)
            copied._roles, copied._keys = dict(self._roles), dict(self._keys)
        return copied

    def remove_sts_sessions(self) -> None:
        """Remove the temporary credentials that STS issued; configured ones stay."""
        with self._lock:
            for access_key in [key for key, principal in self._principals.items() if _is_from_sts(principal)]:
                del self._principals[access_key], self._keys[access_key]


def _secret(access_key: str, secret_key: str | None = None) -> str:
    """Return the secret, or (None) one derived from the access key."""
    if secret_key is not None:
        return secret_key
    return b64encode(sha256(f"secret of {access_key}".encode()).digest()).decode()[:40]


def _is_from_sts(principal: Principal) -> bool:
    return principal.session is not None and principal.session.issued is not None

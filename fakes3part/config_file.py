"""Reads the TOML file of ``serve --config`` and `FakeS3.from_config`: settings, accounts with users, roles and keys, KMS keys::

    region = "us-east-1"                 # every setting (`fakes3part.settings`)
    strict_credentials = true
    [[accounts]]
    id = "111111111111"
    canonical_id = "1111...64 hex"       # optional: derived from the id
    display_name = "main"                # optional
    email = "main@example.com"           # optional
    access_keys = [{ id = "AKIA...", secret = "..." }]
    [[accounts.users]]                   # optional: IAM users of the account
    name = "reader"
    access_keys = [{ id = "AKIA...", secret = "..." }]
    policy = '''{"Version": "2012-10-17", "Statement": [...]}'''
    [[accounts.roles]]                   # optional: IAM roles of the account, for STS
    name = "job"                         # also: policy, trust (both JSON), path, max_session_duration (seconds)
    [[kms_keys]]
    account = "111111111111"
    id = "01234567-89ab-cdef-0123-456789abcdef"
    state = "Enabled"                    # or Disabled, PendingDeletion; also: alias, region, policy

A temporary access key also has ``session_token = "..."`` and, optionally, ``expires = 2026-01-01T00:00:00Z``. Anything else in
the file is refused with a `ConfigError`: one line that names the place in the file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .auth.accounts import Accounts
from .auth.callers import Account, Identity, Principal
from .auth.sessions import Role
from .settings import SETTINGS, SettingError, SettingsKwargs
from .text import suggestion_or_all

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from .state.kms import Kms

_T = TypeVar("_T")
_TYPES: dict[type, str] = {
    str: "a string",
    int: "an integer",
    bool: "true or false",
    list: "an array",
    dict: "a table",
    datetime: "a date with a time",
}
_ACCOUNT_KEYS = ("id", "canonical_id", "display_name", "email", "access_keys", "users", "roles")
_ROLE_KEYS = ("name", "policy", "trust", "path", "max_session_duration")
_USER_KEYS = ("name", "access_keys", "policy")
_ACCESS_KEY_KEYS = ("id", "secret", "session_token", "expires")
_KMS_KEYS = ("account", "id", "alias", "region", "state", "policy")


class ConfigError(ValueError):
    """A configuration file was refused. The message is one line that names the place in the file."""


class _Table:
    """A table of the file with its place in it. Reading a key checks its type."""

    def __init__(self, location: str, value: object, allowed_keys: tuple[str, ...]) -> None:
        self.location = location
        self.value: Mapping[str, Any] = _typed(location, value, dict)
        for name in self.value:
            if name not in allowed_keys:
                raise ConfigError(f"{self.location_of(name)}: unknown key{suggestion_or_all(name, allowed_keys)}")

    def location_of(self, name: str) -> str:
        return f"{self.location}.{name}" if self.location else name

    def get(self, name: str, kind: type[_T]) -> _T | None:
        """Return the value of a key; None: the table does not have the key."""
        return _typed(self.location_of(name), self.value[name], kind) if name in self.value else None

    def need(self, name: str, kind: type[_T]) -> _T:
        value = self.get(name, kind)
        if value is None:
            raise ConfigError(f"{self.location_of(name)}: missing")
        return value

    def tables(self, name: str, allowed_keys: tuple[str, ...]) -> Iterator[_Table]:
        """Yield the tables of an array; none if the table does not have the key."""
        for number, item in enumerate(self.get(name, list) or ()):
            yield _Table(f"{self.location_of(name)}[{number}]", item, allowed_keys)

    def policy(self) -> Mapping[str, Any] | None:
        """Return the identity policy; None: the table does not have one."""
        text = self.get("policy", str)
        if text is None:
            return None
        with _errors_at(self.location_of("policy")):
            return parse_policy(text)


def _typed(location: str, value: object, kind: type[_T]) -> _T:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        value_text = repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:57]}..."
        raise ConfigError(f"{location or 'the file'}: must be {_TYPES[kind]}, not {value_text}")
    return value


@contextmanager
def _errors_at(location: str) -> Iterator[None]:
    """Turn a ValueError of the block into a ConfigError that names this place."""
    try:
        yield
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError(f"{location}: {error}") from None


def parse_policy(policy: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """Parse an identity policy.

    Raises:
        ValueError: the text is not JSON, or not a policy.
    """
    from .auth.policies.policy import identity_policy

    if not isinstance(policy, str):
        identity_policy(json.dumps(policy))
        return policy
    try:
        parsed = json.loads(policy)
    except json.JSONDecodeError as error:
        raise ValueError(f"the policy is not JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise ValueError("a policy must be a JSON object")
    identity_policy(policy)
    return parsed


def parse_trust(policy: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """Parse the trust policy of a role.

    Raises:
        ValueError: the text is not JSON, or not a trust policy.
    """
    from .auth.authorization.role_trust import trust_policy

    parsed = json.loads(policy) if isinstance(policy, str) else policy
    trust_policy(json.dumps(parsed))
    return cast(Mapping[str, Any], parsed)


class Config:
    """A configuration file. Its settings are checked when it is made, everything else when it is applied to a fake."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._root = _Table("", document, (*SETTINGS, "accounts", "kms_keys"))
        settings = {name: _setting(name, value) for name, value in document.items() if name in SETTINGS}
        self.settings = cast(SettingsKwargs, settings)
        """Keyword arguments of `Settings`."""

    def apply(self, accounts: Accounts, kms: Kms) -> None:
        """Add the file's accounts and KMS keys.

        Raises:
            ConfigError: a key is missing or has the wrong type, or a name occurs twice.
        """
        for table in self._root.tables("accounts", _ACCOUNT_KEYS):
            _add_account(table, accounts)
        names: set[tuple[str | None, str | None, str | None]] = set()
        for table in self._root.tables("kms_keys", _KMS_KEYS):
            key = {name: table.get(name, str) for name in _KMS_KEYS if name in table.value}
            name = key.get("region"), key.get("account"), key.get("id") or table.need("alias", str)
            if name in names:
                raise ConfigError(f"{table.location}: KMS key {name[2]} was added already")
            names.add(name)
            with _errors_at(table.location):
                kms.add_key(**key)  # type: ignore[arg-type]


def _setting(name: str, value: object) -> object:
    try:
        return SETTINGS[name].check(value)
    except SettingError as error:
        raise ConfigError(str(error)) from None


def _add_account(table: _Table, accounts: Accounts) -> None:
    account_id = table.need("id", str)
    names = {name: table.get(name, str) for name in ("canonical_id", "display_name", "email")}
    with _errors_at(table.location):
        account = accounts.add_account(
            account_id, canonical=names["canonical_id"], display_name=names["display_name"], email=names["email"]
        )
    _add_keys(table, accounts, account, None)
    for user in table.tables("users", _USER_KEYS):
        name, policy = user.need("name", str), user.policy()
        with _errors_at(user.location):
            identity = accounts.add_user(account_id, name, policy)
        _add_keys(user, accounts, account, identity)
    for role in table.tables("roles", _ROLE_KEYS):
        _add_role(role, accounts, account_id)


def _add_role(table: _Table, accounts: Accounts, account_id: str) -> None:
    name, trust = table.need("name", str), table.get("trust", str)
    path, max_session_duration = table.get("path", str) or "/", table.get("max_session_duration", int) or 3600
    with _errors_at(table.location_of("trust")):
        trust_policy = None if trust is None else parse_trust(trust)
    with _errors_at(table.location):
        accounts.add_role(Role(account_id, name, table.policy(), trust_policy, path, max_session_duration))


def _add_keys(table: _Table, accounts: Accounts, account: Account, identity: Identity | None) -> None:
    for key in table.tables("access_keys", _ACCESS_KEY_KEYS):
        token, expires = key.get("session_token", str), key.get("expires", datetime)
        if expires is not None and token is None:
            raise ConfigError(f"{key.location_of('expires')}: only an access key with a session_token expires")
        if expires is not None and expires.tzinfo is None:
            expires = expires.replace(tzinfo=timezone.utc)
        with _errors_at(key.location):
            access_key, secret = key.need("id", str), key.need("secret", str)
            accounts.add_principal(Principal(account, access_key, secret, identity, token, expires))


def load_config(path: str | Path) -> Config:
    """Read a file.

    Raises:
        ConfigError: the file is not TOML, or has an unknown key or a wrong setting; the message starts with the file's name.
        OSError: the file cannot be read.
    """
    return in_file(path, lambda: Config(_parse(Path(path).read_bytes())))


def in_file(path: str | Path, action: Callable[[], _T]) -> _T:
    """Return ``action()``; its ConfigError starts with the file's name."""
    try:
        return action()
    except ConfigError as error:
        raise ConfigError(f"{Path(path).name}: {error}") from None


def _parse(text: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"not TOML: {error}") from None

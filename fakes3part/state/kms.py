"""The keys of KMS: by id, alias and ARN, with their states and policies.

No set-up is needed. Unless `Kms.strict` is on, every well-formed key id, alias and key ARN of the caller's own account names an
enabled key that the whole account may use. Only keys of other accounts must be added.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from ..locks import LazyLock, new_rlock

_DELETED = "Deleted"
STATES = ("Enabled", "Disabled", "PendingDeletion")
MANAGED = "alias/aws/s3"
"""The alias of the AWS managed key for S3, of which each account has one in each region."""

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_KEY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}", re.ASCII | re.IGNORECASE)
_ALIAS = re.compile(r"alias/[\w/-]{1,250}", re.ASCII)
_ARN = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):(\d{12}):(?:key/(.+)|(alias/.+))", re.ASCII)


class KmsError(Exception):
    """An error of KMS. ``code`` is its code there (``NotFoundException`` ...), to which S3 prepends ``KMS.``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(slots=True)
class Key:
    """A KMS key.

    Attributes:
        state: one of `STATES`, or ``Deleted`` after its deletion date.
        policy: JSON; None: the account that owns the key may use it, and no other.
        created: None: the key was added or is implied; it has no creation date of its own.
        deletion: when a key in PendingDeletion is deleted; None: never, because `Kms.add_key` or `Kms.set_state` set the state.
        issued: created by a request; removed by `Kms.remove_issued`.
    """

    id: str
    account: str
    region: str
    state: str = "Enabled"
    policy: str | None = None
    description: str = ""
    created: datetime | None = None
    deletion: datetime | None = None
    tags: dict[str, str] = field(default_factory=dict)
    issued: bool = False

    @property
    def is_managed(self) -> bool:
        """Whether it is the AWS managed key for S3, which all callers of the account may use."""
        return self.id == _derived_key_id(self.region, self.account, MANAGED)

    @property
    def arn(self) -> str:
        return _arn(self.region, self.account, f"key/{self.id}")

    @property
    def material_id(self) -> str:
        """The id of the key material: 64 hexadecimal digits. (Keys are not rotated, so it never changes.)"""
        return sha256(f"fakes3part key material {self.arn}".encode()).hexdigest()

    def check_state(self) -> None:
        """Raise KmsError unless the key can be used: DisabledException, KMSInvalidStateException, NotFoundException."""
        if self.state == "Disabled":
            raise KmsError("DisabledException", f"{self.arn} is disabled.")
        self.check_not_deleted()

    def check_not_deleted(self) -> None:
        """Raise KmsError unless the key can be changed: KMSInvalidStateException, NotFoundException."""
        if self.state == "PendingDeletion":
            raise KmsError("KMSInvalidStateException", f"{self.arn} is pending deletion.")
        if self.state == _DELETED:
            raise _key_not_found(self.arn)


def _key_not_found(arn: str) -> KmsError:
    return KmsError("NotFoundException", f"Key '{arn}' does not exist")


class Alias(NamedTuple):
    """Another name of a key. ``created`` and ``changed`` are None for an alias that no request created. ``issued``: one did."""

    name: str
    key_id: str
    created: datetime | None = None
    changed: datetime | None = None
    issued: bool = False


class _KeyName(NamedTuple):
    """A key as a request names it: by id or by alias (the other one is None), in an account and region."""

    region: str
    account: str
    key_id: str | None
    alias: str | None


class KmsState(NamedTuple):
    """A saved state: keys, the aliases by region, account and name, and the names of implied keys that were removed."""

    keys: tuple[Key, ...]
    aliases: Mapping[tuple[str, str, str], Alias]
    removed_names: frozenset[tuple[str, str, str | None]] = frozenset()


def _arn(region: str, account: str, resource: str) -> str:
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    return f"arn:{partition}:kms:{region}:{account}:{resource}"


def _derived_key_id(*seed: str) -> str:
    """Return a key id that is always the same for the same region, account and alias."""
    return str(UUID(bytes=sha256(" ".join(("fakes3part key", *seed)).encode()).digest()[:16], version=4))


def _parse_key_name(name: str, account: str, region: str) -> _KeyName:
    """Parse a key id, alias or ARN.

    Raises:
        KmsError: NotFoundException if it cannot name a key, or names one in another region.
    """
    if name.startswith("arn:"):
        match = _ARN.fullmatch(name)
        if match is None:
            raise KmsError("NotFoundException", f"Invalid arn {name}")
        if match[1] != region:
            raise KmsError("NotFoundException", f"Invalid arn {match[1]}")
        parsed = _KeyName(region, match[2], match[3], match[4])
    else:
        is_alias = name.startswith("alias/")
        parsed = _KeyName(region, account, None if is_alias else name, name if is_alias else None)
    good = _ALIAS.fullmatch(parsed.alias) if parsed.alias else _KEY_ID.fullmatch(parsed.key_id or "")
    if not good:
        raise KmsError("NotFoundException", f"Invalid keyId '{parsed.alias or parsed.key_id}'")
    return parsed


class Kms:
    """The keys of one fake, of every account and region.

    Attributes:
        account: of keys that are added without an account; 12 digits.
        region: of keys that are added without a region.
        strict: only keys that were added or created (and the AWS managed one) exist.
        since: the creation date of keys that were not created by a request.
    """

    _lock = LazyLock(new_rlock)

    def __init__(
        self,
        account: str,
        region: str,
        *,
        strict: bool = False,
        check_policy: Callable[[str], object] | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.account = account
        self.region = region
        self.strict = strict
        self._check_policy = check_policy
        self._keys: dict[tuple[str, str, str], Key] = {}
        self._aliases: dict[tuple[str, str, str], Alias] = {}
        self._removed_names: set[tuple[str, str, str | None]] = set()
        self._now = now or _system_time
        self.since = self._now()

    def add_key(
        self,
        account: str | None = None,
        id: str | None = None,  # noqa: A002 -- what a configuration file calls it
        alias: str | None = None,
        state: str = "Enabled",
        policy: str | Mapping[str, Any] | None = None,
        *,
        region: str | None = None,
    ) -> str:
        """Add a key, or replace the one of this id; its aliases stay.

        Args:
            account: 12 digits; the fake's default account if not given.
            id: a UUID (or ``mrk-`` and 32 hex digits); generated if not given.
            alias: with or without ``alias/``; an alias that another key has moves to this one.
            state: ``Enabled``, ``Disabled`` or ``PendingDeletion``.
            policy: the key policy, as JSON or parsed. None: the account that owns the key may use it, and no other.
            region: the fake's region if not given.

        Returns:
            The key's ARN.

        Raises:
            ValueError: an argument does not have the form above, or the policy is malformed.
        """
        account, region = account or self.account, region or self.region
        alias_name = None if alias is None else f"alias/{alias.removeprefix('alias/')}"
        text = json.dumps(policy) if isinstance(policy, Mapping) else policy
        if text is not None and self._check_policy is not None:
            self._check_policy(text)
        with self._lock:
            key_id = id or _derived_key_id(region, account, alias_name or str(len(self._keys)))
            _check_arguments(account, key_id, alias_name, state)
            key = self._keys[region, account, key_id] = Key(key_id, account, region, state, text)
            if alias_name is not None:
                self._aliases[region, account, alias_name] = Alias(alias_name, key_id)
        return key.arn

    def set_state(self, name: str, state: str) -> None:
        """Enable, disable or schedule the deletion of a key, named by id, alias or ARN.

        Raises:
            ValueError: the state is none of `STATES`.
            KmsError: NotFoundException: there is no such key.
        """
        if state not in STATES:
            raise ValueError(f"state must be one of {', '.join(STATES)}, not {state!r}")
        match = _ARN.fullmatch(name)
        key = self.find(name, match[2] if match else self.account, match[1] if match else self.region)
        assert key is not None
        self.register(key).state = state

    def register(self, key: Key) -> Key:
        """Return the stored key, storing this one if there is none: an implied key is stored when it is changed."""
        with self._lock:
            return self._keys.setdefault((key.region, key.account, key.id), key)

    def keys(self, account: str, region: str) -> list[Key]:
        """Return the keys of an account in a region that were added or created, without deleted ones, by id."""
        keys = [key for key in list(self._keys.values()) if key.account == account and key.region == region]
        return sorted((key for key in keys if self._after_deletion_date(key).state != _DELETED), key=lambda key: key.id)

    def aliases(self, account: str, region: str) -> list[Alias]:
        """Return the aliases of an account in a region by name, with that of the AWS managed key for S3."""
        aliases = [alias for name, alias in list(self._aliases.items()) if name[:2] == (region, account)]
        return sorted([*aliases, Alias(MANAGED, _derived_key_id(region, account, MANAGED))])

    def set_alias(self, key: Key, alias: Alias) -> None:
        """Store an alias of a key of the same account and region; it replaces one of the same name."""
        with self._lock:
            self.register(key)
            self._aliases[key.region, key.account, alias.name] = alias
            self._removed_names.discard((key.region, key.account, alias.name))

    def find_alias(self, name: str, account: str, region: str) -> Alias | None:
        """Return an alias that was added or created; None: there is none."""
        return self._aliases.get((region, account, name))

    def remove_alias(self, name: str, account: str, region: str) -> None:
        """Remove an alias, if there is one."""
        with self._lock:
            self._aliases.pop((region, account, name), None)
            self._removed_names.add((region, account, name))

    def remove_issued(self) -> None:
        """Remove the keys and aliases that requests created. Those that were added stay, in the state that they have."""
        with self._lock:
            self._keys = {name: key for name, key in self._keys.items() if not key.issued}
            self._aliases = {name: alias for name, alias in self._aliases.items() if not alias.issued}
            self._removed_names.clear()

    def _after_deletion_date(self, key: Key) -> Key:
        """Return the key, which is deleted now if its deletion date has passed."""
        if key.deletion is not None and self._now() >= key.deletion:
            with self._lock:
                key.state, key.deletion = _DELETED, None
                for name, alias in list(self._aliases.items()):
                    if name[:2] == (key.region, key.account) and alias.key_id == key.id:
                        del self._aliases[name]
        return key

    def find(self, name: str | None, account: str, region: str, *, strict: bool = False) -> Key | None:
        """Return the key of a name.

        Args:
            name: a key id, alias or ARN; None: the AWS managed key.
            account: of the caller.
            region: of the bucket.
            strict: only keys that were added or created exist, even if `Kms.strict` is off.

        Returns:
            the key; None: a key of another account that does not exist. (KMS does not tell other accounts whether a key exists.)

        Raises:
            KmsError: NotFoundException: the caller's account has no such key.
        """
        parsed = _parse_key_name(MANAGED if name is None else name, account, region)
        key_id = parsed.key_id
        if parsed.alias is not None:
            alias = self._aliases.get((region, parsed.account, parsed.alias))
            key_id = None if alias is None else alias.key_id
            if key_id is None and self._is_implied(parsed, account, strict):
                key_id = _derived_key_id(region, parsed.account, parsed.alias)
        stored = self._keys.get((region, parsed.account, key_id)) if key_id else None
        if stored is not None:
            if self._after_deletion_date(stored).state != _DELETED:
                return stored
            if parsed.account == account:
                raise _key_not_found(stored.arn)
            return None
        if key_id is not None and self._is_implied(parsed, account, strict):
            return Key(key_id, parsed.account, region)
        if parsed.account != account:
            return None
        if parsed.alias is not None:
            raise KmsError("NotFoundException", f"Alias {_arn(region, account, parsed.alias)} is not found.")
        raise _key_not_found(_arn(region, account, f"key/{key_id}"))

    def by_arn(self, arn: str) -> Key:
        """Return the key that an object was encrypted with. An implied key always exists."""
        match = _ARN.fullmatch(arn)
        assert match is not None
        region, account, key_id = match[1], match[2], match[3]
        stored = self._keys.get((region, account, key_id))
        return Key(key_id, account, region) if stored is None else self._after_deletion_date(stored)

    def save(self) -> KmsState:
        """Return the keys and aliases, for `restore`."""
        with self._lock:
            return KmsState(
                tuple(replace(key) for key in self._keys.values()), dict(self._aliases), frozenset(self._removed_names)
            )

    def restore(self, saved: KmsState) -> None:
        """Replace all keys and aliases by saved ones."""
        with self._lock:
            self._keys = {(key.region, key.account, key.id): replace(key) for key in saved.keys}
            self._aliases = dict(saved.aliases)
            self._removed_names = set(saved.removed_names)

    def _is_implied(self, parsed: _KeyName, account: str, strict: bool) -> bool:
        """Return whether a key exists without being added: of AWS's aliases only S3's, of removed names none."""
        if parsed.account != account or (parsed.region, account, parsed.alias) in self._removed_names:
            return False
        if parsed.alias is not None and parsed.alias.startswith("alias/aws/"):
            return parsed.alias == MANAGED
        return not (strict or self.strict) or parsed.key_id == _derived_key_id(parsed.region, account, MANAGED)

    def __repr__(self) -> str:
        return f"<Kms of {len(self._keys)} added keys{', strict' if self.strict else ''}>"


def _system_time() -> datetime:
    return datetime.now(timezone.utc)


def _check_arguments(account: str, key_id: str, alias: str | None, state: str) -> None:
    if not _ACCOUNT.fullmatch(account):
        raise ValueError(f"account must be 12 digits, not {account!r}")
    if not _KEY_ID.fullmatch(key_id):
        raise ValueError(f"key id must be a UUID, or mrk- and 32 hexadecimal digits, not {key_id!r}")
    if alias is not None and (not _ALIAS.fullmatch(alias) or alias.startswith("alias/aws/")):
        raise ValueError(
            f"alias must be alias/ and letters, digits, '/', '_' and '-', and none of AWS's (alias/aws/...), not {alias!r}"
        )
    if state not in STATES:
        raise ValueError(f"state must be one of {', '.join(STATES)}, not {state!r}")

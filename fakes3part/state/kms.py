"""A small KMS: keys by id, alias and ARN, their states and policies.

Nothing needs to be set up. Unless `Kms.strict` is on, every well-formed key id, alias and key ARN of the caller's own account is
the name of an enabled key that the whole account may use; only other accounts' keys have to be added.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

_DELETED = "Deleted"
STATES = ("Enabled", "Disabled", "PendingDeletion")
MANAGED = "alias/aws/s3"
"""The alias of the key that AWS itself keeps for S3 in each account and region."""

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_KEY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}", re.ASCII | re.IGNORECASE)
_ALIAS = re.compile(r"alias/[\w/-]{1,250}", re.ASCII)
_ARN = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):(\d{12}):(?:key/(.+)|(alias/.+))", re.ASCII)


class KmsError(Exception):
    """KMS says no: ``code`` is its own (``NotFoundException`` ...), S3 puts ``KMS.`` before it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(slots=True)
class Key:
    """A KMS key.

    Attributes:
        state: one of `STATES`, or ``Deleted``: its time came.
        policy: JSON; None: the account that owns it may use it, and nobody else.
        created: None: it was there before anybody asked.
        deletion: when a key that is pending deletion will be gone; None: never, it was put in that state by hand.
        issued: made by a request, and forgotten with everything else that requests made.
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
        """AWS's own for S3, which everybody of the account may use."""
        return self.id == _derived_key_id(self.region, self.account, MANAGED)

    @property
    def arn(self) -> str:
        return _arn(self.region, self.account, f"key/{self.id}")

    def check_state(self) -> None:
        """Raise the KmsError of a key that must not be used now: DisabledException, KMSInvalidStateException."""
        if self.state == "Disabled":
            raise KmsError("DisabledException", f"{self.arn} is disabled.")
        self.check_not_deleted()

    def check_not_deleted(self) -> None:
        """Raise the KmsError of a key that must not be changed now: KMSInvalidStateException, NotFoundException."""
        if self.state == "PendingDeletion":
            raise KmsError("KMSInvalidStateException", f"{self.arn} is pending deletion.")
        if self.state == _DELETED:
            raise _key_not_found(self.arn)


def _key_not_found(arn: str) -> KmsError:
    return KmsError("NotFoundException", f"Key '{arn}' does not exist")


class Alias(NamedTuple):
    """Another name of a key. ``changed`` None: it was there before anybody asked."""

    name: str
    key_id: str
    created: datetime | None = None
    changed: datetime | None = None
    issued: bool = False


class _KeyName(NamedTuple):
    """A key as a request names it: by id or by alias, of an account and region."""

    region: str
    account: str
    key_id: str | None
    alias: str | None


class KmsState(NamedTuple):
    """Keys, the aliases by region, account and name, and those that were deleted though nobody had added them."""

    keys: tuple[Key, ...]
    aliases: Mapping[tuple[str, str, str], Alias]
    removed_names: frozenset[tuple[str, str, str | None]] = frozenset()


def _arn(region: str, account: str, resource: str) -> str:
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    return f"arn:{partition}:kms:{region}:{account}:{resource}"


def _derived_key_id(*seed: str) -> str:
    """A key id that is always the same for the same account, region and alias."""
    return str(UUID(bytes=sha256(" ".join(("fakes3part key", *seed)).encode()).digest()[:16], version=4))


def _parse_key_name(name: str, account: str, region: str) -> _KeyName:
    """Take a key id, alias or ARN apart.

    Raises:
        KmsError: NotFoundException for what names no key, or one of another region.
    """
    if name.startswith("arn:"):
        found = _ARN.fullmatch(name)
        if found is None:
            raise KmsError("NotFoundException", f"Invalid arn {name}")
        if found[1] != region:
            raise KmsError("NotFoundException", f"Invalid arn {found[1]}")
        named = _KeyName(region, found[2], found[3], found[4])
    else:
        is_alias = name.startswith("alias/")
        named = _KeyName(region, account, None if is_alias else name, name if is_alias else None)
    good = _ALIAS.fullmatch(named.alias) if named.alias else _KEY_ID.fullmatch(named.key_id or "")
    if not good:
        raise KmsError("NotFoundException", f"Invalid keyId '{named.alias or named.key_id}'")
    return named


class Kms:
    """The keys of one fake, of every account and region.

    Attributes:
        account: whose the keys are that are added without an account; 12 digits.
        region: where the keys are that are added without a region.
        strict: only keys that were added (and the AWS managed one) are there.
        since: when keys came to be that nobody made.
    """

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
        self._lock = threading.RLock()

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
        """Add a key, or give the one of this id another state, policy or further alias.

        Args:
            account: 12 digits; the fake's default account if not given.
            id: a UUID (or ``mrk-`` and 32 hex digits); generated if not given.
            alias: with or without ``alias/``; an alias that another key has moves to this one.
            state: ``Enabled``, ``Disabled`` or ``PendingDeletion``.
            policy: the key policy, as JSON or parsed. None: the account that owns the key may use it, and nobody else.
            region: the fake's own if not given.

        Returns:
            The key's ARN.

        Raises:
            ValueError: an argument is not of the form above, or the policy is malformed.
        """
        account, region = account or self.account, region or self.region
        named = None if alias is None else f"alias/{alias.removeprefix('alias/')}"
        text = json.dumps(policy) if isinstance(policy, Mapping) else policy
        if text is not None and self._check_policy is not None:
            self._check_policy(text)
        with self._lock:
            key_id = id or _derived_key_id(region, account, named or str(len(self._keys)))
            _check_arguments(account, key_id, named, state)
            key = self._keys[region, account, key_id] = Key(key_id, account, region, state, text)
            if named is not None:
                self._aliases[region, account, named] = Alias(named, key_id)
        return key.arn

    def set_state(self, name: str, state: str) -> None:
        """Enable, disable or schedule the deletion of a key, named by id, alias or ARN.

        Raises:
            ValueError: no such state.
            KmsError: NotFoundException, no such key.
        """
        if state not in STATES:
            raise ValueError(f"state {state!r} is none of {', '.join(STATES)}")
        found = _ARN.fullmatch(name)
        key = self.find(name, found[2] if found else self.account, found[1] if found else self.region)
        assert key is not None
        self.register(key).state = state

    def register(self, key: Key) -> Key:
        """The key, known from now on: one that nobody added comes to be when something is changed about it."""
        with self._lock:
            return self._keys.setdefault((key.region, key.account, key.id), key)

    def keys(self, account: str, region: str) -> list[Key]:
        """The keys of an account in a region that somebody added or made, those that are gone left out; by id."""
        there = [key for key in list(self._keys.values()) if key.account == account and key.region == region]
        return sorted((key for key in there if self._after_deletion_date(key).state != _DELETED), key=lambda key: key.id)

    def aliases(self, account: str, region: str) -> list[Alias]:
        """The aliases of an account in a region by name, with that of AWS's key for S3."""
        there = [alias for (at, of, _), alias in list(self._aliases.items()) if at == region and of == account]
        return sorted([*there, Alias(MANAGED, _derived_key_id(region, account, MANAGED))])

    def set_alias(self, key: Key, alias: Alias) -> None:
        """Let an alias mean a key of the same account and region."""
        with self._lock:
            self.register(key)
            self._aliases[key.region, key.account, alias.name] = alias
            self._removed_names.discard((key.region, key.account, alias.name))

    def find_alias(self, name: str, account: str, region: str) -> Alias | None:
        """An alias that somebody added or made."""
        return self._aliases.get((region, account, name))

    def remove_alias(self, name: str, account: str, region: str) -> None:
        """Forget an alias, if it is there."""
        with self._lock:
            self._aliases.pop((region, account, name), None)
            self._removed_names.add((region, account, name))

    def remove_issued(self) -> None:
        """Forget the keys and aliases that requests made; those that were added stay, in the state that they are in."""
        with self._lock:
            self._keys = {place: key for place, key in self._keys.items() if not key.issued}
            self._aliases = {place: alias for place, alias in self._aliases.items() if not alias.issued}
            self._removed_names.clear()

    def _after_deletion_date(self, key: Key) -> Key:
        """The key, after its time has come if it has."""
        if key.deletion is not None and self._now() >= key.deletion:
            with self._lock:
                key.state, key.deletion = _DELETED, None
                for place, alias in list(self._aliases.items()):
                    if place[:2] == (key.region, key.account) and alias.key_id == key.id:
                        del self._aliases[place]
        return key

    def find(self, name: str | None, account: str, region: str, *, strict: bool = False) -> Key | None:
        """The key that a caller of ``account`` means, with a bucket in ``region``; None name: the AWS managed key.

        None for a key of another account that is not there: whether it is, KMS does not tell strangers. ``strict``: whatever
        `Kms.strict` says, a key that nobody added or made is not there.

        Raises:
            KmsError: NotFoundException.
        """
        named = _parse_key_name(MANAGED if name is None else name, account, region)
        key_id = named.key_id
        if named.alias is not None:
            alias = self._aliases.get((region, named.account, named.alias))
            key_id = None if alias is None else alias.key_id
            if key_id is None and self._is_implied(named, account, strict):
                key_id = _derived_key_id(region, named.account, named.alias)
        known = self._keys.get((region, named.account, key_id)) if key_id else None
        if known is not None:
            if self._after_deletion_date(known).state != _DELETED:
                return known
            if named.account == account:
                raise _key_not_found(known.arn)
            return None
        if key_id is not None and self._is_implied(named, account, strict):
            return Key(key_id, named.account, region)
        if named.account != account:
            return None
        if named.alias is not None:
            raise KmsError("NotFoundException", f"Alias {_arn(region, account, named.alias)} is not found.")
        raise _key_not_found(_arn(region, account, f"key/{key_id}"))

    def by_arn(self, arn: str) -> Key:
        """The key that an object was encrypted with: one that nobody added is as good as the day it came to be."""
        found = _ARN.fullmatch(arn)
        assert found is not None
        region, account, key_id = found[1], found[2], found[3]
        known = self._keys.get((region, account, key_id))
        return Key(key_id, account, region) if known is None else self._after_deletion_date(known)

    def save(self) -> KmsState:
        """The keys and aliases that were added, for `put_back`."""
        with self._lock:
            return KmsState(
                tuple(replace(key) for key in self._keys.values()), dict(self._aliases), frozenset(self._removed_names)
            )

    def restore(self, kept: KmsState) -> None:
        """Know just these."""
        with self._lock:
            self._keys = {(key.region, key.account, key.id): replace(key) for key in kept.keys}
            self._aliases = dict(kept.aliases)
            self._removed_names = set(kept.removed_names)

    def _is_implied(self, named: _KeyName, account: str, strict: bool) -> bool:
        """Whether a key that nobody added is there all the same. Of AWS's own aliases only S3's is, of deleted ones none."""
        if named.account != account or (named.region, account, named.alias) in self._removed_names:
            return False
        if named.alias is not None and named.alias.startswith("alias/aws/"):
            return named.alias == MANAGED
        return not (strict or self.strict) or named.key_id == _derived_key_id(named.region, account, MANAGED)

    def __repr__(self) -> str:
        return f"<Kms of {len(self._keys)} added keys{', strict' if self.strict else ''}>"


def _system_time() -> datetime:
    return datetime.now(timezone.utc)


def _check_arguments(account: str, key_id: str, alias: str | None, state: str) -> None:
    if not _ACCOUNT.fullmatch(account):
        raise ValueError(f"account {account!r} is not 12 digits")
    if not _KEY_ID.fullmatch(key_id):
        raise ValueError(f"key id {key_id!r} is no UUID")
    if alias is not None and (not _ALIAS.fullmatch(alias) or alias.startswith("alias/aws/")):
        raise ValueError(f"alias {alias!r} is not alias/ and letters, digits, '/', '_' and '-', or is one of AWS's own")
    if state not in STATES:
        raise ValueError(f"state {state!r} is none of {', '.join(STATES)}")

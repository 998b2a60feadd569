"""Lets any profile work while the user's AWS files are hidden: it exists, is empty, and has fake credentials.

`intercept.environment` hides the files, but sessions that were made before have read them already, and botocore refuses a profile
that no file has. A profile that a session was made with also switches off the credentials of environment variables. Files that a
test itself names in ``AWS_CONFIG_FILE`` or ``AWS_SHARED_CREDENTIALS_FILE`` while a fake is active count as ever.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary, ref

from botocore.credentials import Credentials
from botocore.session import Session

from ...auth.own_credentials import ACCESS_KEY, SECRET_KEY
from .. import stack
from ..patch import Function, Patch

if TYPE_CHECKING:
    from _collections_abc import dict_keys

_HIDDEN_FILES = frozenset({os.devnull, "~/.aws/config", "~/.aws/credentials"})
"""What `intercept.environment` sets, and botocore's defaults, which are the user's own files."""

_METHODS_OF_USERS = frozenset(
    {
        "assume-role",
        "assume-role-with-web-identity",
        "boto-config",
        "config-file",
        "container-role",
        "custom-process",
        "ec2-credentials-file",
        "iam-role",
        "login",
        "shared-credentials-file",
        "sso",
    }
)
"""botocore's names of the sources of credentials that are not the test's own (``env`` and ``explicit`` are)."""


class _EveryProfile(dict[str, Any]):
    """Profiles of hidden files: each name is one, without values. The session's own is listed."""

    def __init__(self, session: Any) -> None:
        self._session = ref(session)

    def keys(self) -> dict_keys[str, Any]:
        session = self._session()
        profile = None if session is None else session.get_config_variable("profile")
        return dict.fromkeys(() if profile is None else (profile,)).keys()

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> dict[str, Any]:
        return {}


class _Property(property):
    """A property that can have attributes, as `Patch` needs."""


class _Config(NamedTuple):
    """What a session finds in its files while a fake is active.

    Attributes:
        content: as of botocore's ``Session.full_config``.
        is_hidden: whether the files are the user's own, which are not read.
    """

    content: dict[str, Any]
    is_hidden: bool


_READ_FILES: Any = vars(Session)["full_config"]

_configs: WeakKeyDictionary[Any, _Config] | None = None
"""By session, since each reads its files once, until the last fake ends; None: none has yet. botocore's caches stay."""


def patches() -> list[Patch]:
    """Return the patches of what sessions know of their files, and of their credentials."""
    return [
        Patch(Session, "full_config", _full_config),
        Patch(Session, "_build_profile_map", _build_profile_map),
        Patch(Session, "get_credentials", _get_credentials),
    ]


def is_hidden(session: Any) -> bool:
    """Return whether a session would read the user's own files, while fake credentials are set."""
    return stack.active.mock_credentials and _config(session).is_hidden


def _config(session: Any) -> _Config:
    global _configs
    if _configs is None:
        _configs = WeakKeyDictionary()
    config = _configs.get(session)
    if config is None:
        files = {session.get_config_variable("config_file"), session.get_config_variable("credentials_file")}
        if files <= _HIDDEN_FILES:
            config = _Config({"profiles": _EveryProfile(session)}, True)
        else:
            config = _Config(_read(session), False)
        _configs[session] = config
    return config


def _read(session: Any) -> dict[str, Any]:
    """Read a session's files without its cache, which may be from before."""
    cached, session._config = session._config, None
    try:
        content: dict[str, Any] = _READ_FILES.__get__(session)
        return content
    finally:
        session._config = cached


def _full_config(original: Any) -> Any:
    def full_config(self: Any) -> Any:
        return _config(self).content if stack.active.mock_credentials else original.__get__(self)

    return _Property(full_config)


def _build_profile_map(original: Function) -> Function:
    def _build_profile_map(self: Any) -> Any:
        return _config(self).content["profiles"] if stack.active.mock_credentials else original(self)

    return _build_profile_map


def _get_credentials(original: Function) -> Function:
    def get_credentials(self: Any) -> Any:
        if not is_hidden(self):
            return original(self)
        cached = self._credentials
        if has_profile_only(self):
            return Credentials(ACCESS_KEY, SECRET_KEY)
        credentials = original(self)
        if is_of_user(credentials):
            self._credentials = cached
            return Credentials(ACCESS_KEY, SECRET_KEY)
        return credentials

    return get_credentials


def has_profile_only(session: Any) -> bool:
    """Return whether a session would search for credentials without environment variables, which a profile excludes."""
    return session._credentials is None and session.instance_variables().get("profile") is not None


def is_of_user(credentials: Any) -> bool:
    """Return whether credentials come from the user's configuration; None are none."""
    return credentials is not None and credentials.method in _METHODS_OF_USERS


def _forget_configs() -> None:
    global _configs
    _configs = None


stack.after_last.append(_forget_configs)

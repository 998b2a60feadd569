"""The process's AWS environment while a fake is active: fake credentials, and none of the user's configuration."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ..auth.own_credentials import ACCESS_KEY, SECRET_KEY, TOKEN
from ..protocol.aws_hosts import AWS_SUFFIXES

_ALWAYS_SET: dict[str, str | None] = {"AWS_EC2_METADATA_DISABLED": "true"}
"""Set even when the user's credentials stay: no client shall ask, and wait for, the instance metadata service."""

_FAKE_VALUES: dict[str, str | None] = {
    **_ALWAYS_SET,
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}

_HIDDEN = (  # other sources of credentials, and endpoints by which a client's requests would escape interception
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_S3_CONTROL",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)

_TOKENS = ("AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN")

_PROXIES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
_NO_PROXY = ("no_proxy", "NO_PROXY")


_ENVIRON: type[Any] | None = type(os.environ) if hasattr(os.environ, "_data") else None
"""The class of ``os.environ``; None: it was replaced before the import of this module."""

_encode_name = lru_cache(maxsize=128)(getattr(os.environ, "encodekey", str))


def encoded(*names: str) -> dict[Any, str]:
    """Return names of variables by what they are in ``os.environ``'s dictionary, for `present`."""
    return {getattr(os.environ, "encodekey", str)(name): name for name in names}


_NEED_A_LOOK = frozenset({*_HIDDEN, *_PROXIES})
"""The variables that are set in few environments, and change what is done."""

_ENCODED = encoded(*_FAKE_VALUES, *_HIDDEN, "AWS_DEFAULT_REGION", "AWS_REGION", *_PROXIES, *_NO_PROXY)

_ENCODED_VALUES = {value: getattr(os.environ, "encodevalue", str)(value) for value in _FAKE_VALUES.values() if value is not None}

Saved = dict[str, "str | None"]
"""Variables and their values; None: the variable was not set."""


def set_fake_environment(region: str, saved: Saved, *, credentials: bool, endpoints: bool = False) -> None:
    """Change ``os.environ`` for an interception: every variable, even if one fails.

    Args:
        region: the default region, if the user has set none.
        saved: is filled with the previous values of what was changed, for `restore`.
        credentials: whether to set fake credentials and hide the user's configuration.
        endpoints: whether the user's endpoints stay: there is no fake that requests to them could escape.
    """
    is_set = present(_ENCODED)
    values = _FAKE_VALUES if credentials else _ALWAYS_SET
    if not is_set.isdisjoint(_NEED_A_LOOK) or endpoints:
        values = {**values, **{name: None for name in _HIDDEN if name in is_set and credentials}}
        for name in _TOKENS:
            if name in is_set and os.environ[name] == TOKEN:  # the code under test may read it
                values.pop(name, None)
        if endpoints:
            values = {name: value for name, value in values.items() if not name.startswith("AWS_ENDPOINT_URL")}
        if not is_set.isdisjoint(_PROXIES):
            values.update(_aws_without_proxy())
    changes: Saved = {}
    for name, value in values.items():
        before = os.environ[name] if name in is_set else None
        if before != value:
            saved[name] = before
            changes[name] = value
    if credentials and "AWS_DEFAULT_REGION" not in is_set:  # the only one of the two that boto3 reads
        saved["AWS_DEFAULT_REGION"] = None
        changes["AWS_DEFAULT_REGION"] = os.environ["AWS_REGION"] if "AWS_REGION" in is_set else region
    restore(changes)


def current() -> Saved:
    """Return the present value of every variable that `set_fake_environment` may change."""
    is_set = present(_ENCODED)
    return {name: os.environ[name] if name in is_set else None for name in _ENCODED.values()}


def present(names: dict[Any, str]) -> set[str]:
    """Return which variables are set, of those that `encoded` returned."""
    # ``name in os.environ`` takes 1.3 us for each variable that is not set, and most of these are not: 25 us per test. The
    # encoded dictionary inside has all names at once. (A test may have replaced os.environ by a mapping without one.)
    data = getattr(os.environ, "_data", None)
    if data is None:
        return {name for name in names.values() if name in os.environ}
    return {names[key] for key in data.keys() & names.keys()}


def value_of(name: str) -> str | None:
    """Return the value of a variable; None: it is not set. (``os.environ.get`` takes 1.5 us if it is not.)"""
    data = getattr(os.environ, "_data", None)
    if data is None or _encode_name(name) in data:
        return os.environ.get(name)
    return None


def _aws_without_proxy() -> Iterator[tuple[str, str]]:
    # A proxy resolves host names itself, so the guard of getaddrinfo would never see them: let clients connect to AWS's hosts
    # directly, so that they are refused. Child processes connect to this process.
    for name in _NO_PROXY:
        before = os.environ.get(name)
        if before != "*":
            yield name, ",".join(filter(None, (before, *sorted(AWS_SUFFIXES), "127.0.0.1", "localhost")))


def restore(saved: Saved) -> None:
    """Restore every variable that `set_fake_environment` changed, even if one fails, whatever a test did to them meanwhile."""
    failure: BaseException | None = None
    for name, value in saved.items():
        try:
            _set(name, value)
        except BaseException as error:
            failure = failure or error
    if failure is not None:
        raise failure


def _set(name: str, value: str | None) -> None:
    environ: Any = os.environ
    if type(environ) is not _ENVIRON:  # a test has replaced it
        if value is None:
            environ.pop(name, None)
        else:
            environ[name] = value
        return
    # As the methods of os.environ do it, without their checks of types: every mock comes here a dozen times.
    key = _encode_name(name)
    if value is None:
        os.unsetenv(key)
        environ._data.pop(key, None)
    else:
        encoded_value = _ENCODED_VALUES.get(value) or environ.encodevalue(value)
        os.putenv(key, encoded_value)
        environ._data[key] = encoded_value

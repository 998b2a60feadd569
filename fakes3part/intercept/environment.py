"""The process's AWS environment while a fake is active: fake credentials, and nothing of the user's own."""

from __future__ import annotations

import os

from .hosts import AWS_SUFFIXES

ACCESS_KEY = "FOOBARKEY"
SECRET_KEY = "FOOBARSECRET"
"""moto's values: tests that look at them keep passing."""

_SAFE: dict[str, str | None] = {"AWS_EC2_METADATA_DISABLED": "true"}
"""Set even when the caller keeps the credentials: nobody may wait for, or be answered by, the metadata service."""

_DISGUISE: dict[str, str | None] = {
    **_SAFE,
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    # Other sources of credentials, and endpoints that would lead a client past us.
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": None,
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": None,
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": None,
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": None,
    "AWS_DEFAULT_PROFILE": None,
    "AWS_ENDPOINT_URL": None,
    "AWS_ENDPOINT_URL_S3": None,
    "AWS_PROFILE": None,
    "AWS_ROLE_ARN": None,
    "AWS_ROLE_SESSION_NAME": None,
    "AWS_SECURITY_TOKEN": None,
    "AWS_SESSION_TOKEN": None,
    "AWS_WEB_IDENTITY_TOKEN_FILE": None,
}

_REGIONS = ("AWS_DEFAULT_REGION", "AWS_REGION")
_PROXIES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")

Saved = dict[str, "str | None"]
"""Variables as they were; None: there was none."""


def disguise(region: str, *, credentials: bool) -> Saved:
    """Change ``os.environ``; returns what `restore` needs. ``region`` counts when the user named none."""
    saved: Saved = {}
    for name, value in (_DISGUISE if credentials else _SAFE).items():
        _put(name, value, saved)
    environ = os.environ
    if credentials and "AWS_DEFAULT_REGION" not in environ:  # the only one of the two that boto3 reads
        _put("AWS_DEFAULT_REGION", environ.get("AWS_REGION") or region, saved)
    if any(name in environ for name in _PROXIES):
        _keep_aws_off_the_proxy(saved)
    return saved


def _keep_aws_off_the_proxy(saved: Saved) -> None:
    # A proxy resolves names in our place, so the guard of getaddrinfo would never see the host: make the clients go there
    # themselves, and be refused.
    for name in ("no_proxy", "NO_PROXY"):
        before = os.environ.get(name)
        if before != "*":
            _put(name, ",".join(filter(None, (before, *sorted(AWS_SUFFIXES)))), saved)


def _put(name: str, value: str | None, saved: Saved) -> None:
    before = os.environ.get(name)
    if before != value:
        saved[name] = before
        _set(name, value)


def restore(saved: Saved) -> None:
    """Put back what `disguise` changed, whatever a test did to it meanwhile."""
    for name, value in saved.items():
        if os.environ.get(name) != value:
            _set(name, value)


def _set(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value

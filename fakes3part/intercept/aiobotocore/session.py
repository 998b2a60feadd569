"""Gives aiobotocore's sessions with a profile fake credentials, as `intercept.botocore.profiles` does for botocore's."""

from __future__ import annotations

import sys
from typing import Any

from ...auth.own_credentials import ACCESS_KEY, SECRET_KEY
from ..patch import Function, Patch


def patches() -> list[Patch]:
    """Return the patch of a session's credentials."""
    return [Patch(sys.modules["aiobotocore.session"].AioSession, "get_credentials", _get_credentials)]


def _get_credentials(original: Function) -> Function:
    from ..botocore.profiles import has_profile_only, is_hidden, is_of_user

    async def get_credentials(self: Any) -> Any:
        if not is_hidden(self):
            return await original(self)
        cached = self._credentials
        if has_profile_only(self):
            return _fake_credentials()
        credentials = await original(self)
        if is_of_user(credentials):
            self._credentials = cached
            return _fake_credentials()
        return credentials

    return get_credentials


def _fake_credentials() -> Any:
    return sys.modules["aiobotocore.credentials"].AioCredentials(ACCESS_KEY, SECRET_KEY)

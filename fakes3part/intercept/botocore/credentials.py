"""Supplies fake credentials to clients that have none, or would have to request them from the network.

A client keeps the credentials that it was created with. A client that was created before the mock without credentials cannot
sign, and one with those of a role would refresh them from the metadata service or STS. Environment variables
(`intercept.environment`) affect only clients created later, so a method of the signer is patched too.
"""

from __future__ import annotations

from typing import Any

from botocore.credentials import Credentials, RefreshableCredentials
from botocore.signers import RequestSigner

from ...auth.own_credentials import ACCESS_KEY, SECRET_KEY
from .. import stack
from ..patch import Function, Patch


def patches() -> list[Patch]:
    """Return the patches of ``RequestSigner.get_auth_instance`` and its older name. (Unsigned clients do not call them.)"""
    return [Patch(RequestSigner, name, _signing) for name in ("get_auth_instance", "get_auth")]


def _signing(original: Function) -> Function:
    fake = Credentials(ACCESS_KEY, SECRET_KEY)

    def get_auth_instance(
        self: Any,
        signing_name: str,
        region_name: str,
        signature_version: str | None = None,
        request_credentials: Any = None,
        **kwargs: Any,
    ) -> Any:
        active = stack.active
        if active.interceptions:
            for listener in stack.before_signing:
                listener()
        if active.mock_credentials:
            user_credentials = request_credentials or self._credentials
            if user_credentials is None or (
                isinstance(user_credentials, RefreshableCredentials) and user_credentials.refresh_needed()
            ):
                request_credentials = fake
        return original(self, signing_name, region_name, signature_version, request_credentials, **kwargs)

    return get_auth_instance

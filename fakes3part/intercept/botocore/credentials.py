"""Supplies fake credentials to clients that have none, or would have to request them from the network.

A client keeps the credentials that it was created with. A client that was created before the mock without credentials cannot
sign, and one with those of a role of the user's configuration would refresh them from the metadata service or STS. Environment
variables (`intercept.environment`) affect only clients created later, so a method of the signer is patched too.

Refreshable credentials that a program makes itself are refreshed as it says, mostly by AssumeRole, which the fake answers: its
requests are those of that role.
"""

from __future__ import annotations

from typing import Any

from botocore.credentials import Credentials, RefreshableCredentials
from botocore.signers import RequestSigner

from ...auth.own_credentials import ACCESS_KEY, SECRET_KEY
from .. import stack
from ..patch import Function, Patch
from .profiles import is_of_user


def patches() -> list[Patch]:
    """Return the patches of ``RequestSigner.get_auth_instance`` and its older name. (Unsigned clients do not call them.)"""
    return [Patch(RequestSigner, name, _signing) for name in ("get_auth_instance", "get_auth")]


FAKE = Credentials(ACCESS_KEY, SECRET_KEY)
"""What a client signs by that has no credentials of its own."""


def _signing(original: Function) -> Function:
    def get_auth_instance(
        self: Any,
        signing_name: str,
        region_name: str,
        signature_version: str | None = None,
        request_credentials: Any = None,
        **kwargs: Any,
    ) -> Any:
        chosen = signing_credentials(self, request_credentials)
        return original(self, signing_name, region_name, signature_version, chosen, **kwargs)

    return get_auth_instance


def signing_credentials(signer: Any, request_credentials: Any) -> Any:
    """Return the credentials of a request for its signer: None: the signer's own."""
    if stack.active.mock_credentials:
        user_credentials = request_credentials or signer._credentials
        if user_credentials is None or (
            isinstance(user_credentials, RefreshableCredentials)
            and is_of_user(user_credentials)
            and user_credentials.refresh_needed()
        ):
            return FAKE
    return request_credentials

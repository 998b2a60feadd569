"""Credentials for clients that have none, or none without asking the network.

A client keeps the credentials it was made with. One made before the mock on a machine without any cannot sign, and one
whose credentials come from a role would refresh them from the metadata service or STS. The environment
(`intercept.environment`) serves only those made later; so the signer's one method is wrapped.
"""

from __future__ import annotations

from typing import Any

from botocore.credentials import Credentials, RefreshableCredentials
from botocore.signers import RequestSigner

from .. import stack
from ..environment import ACCESS_KEY, SECRET_KEY
from ..patch import Function, Patch


def patches() -> list[Patch]:
    """The patches of ``RequestSigner.get_auth_instance`` and its older name. (Unsigned clients do not come by.)"""
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
            owned = request_credentials or self._credentials
            if owned is None or (isinstance(owned, RefreshableCredentials) and owned.refresh_needed()):
                request_credentials = fake
        return original(self, signing_name, region_name, signature_version, request_credentials, **kwargs)

    return get_auth_instance

"""Parses and matches the ``Principal`` element of bucket, key and trust policies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from ..callers import Caller
from .conditions import PolicyError

PrincipalMatch: TypeAlias = Literal["", "account", "direct"]
"""How a statement names a caller: not at all, by its account (delegating to the account's identity policies), or directly."""

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_ARN = re.compile(r"arn:aws[\w-]*:(?:iam|sts)::(\d{12}):(root|(?:user|role|assumed-role|federated-user)/[\w+=,.@/-]+)", re.ASCII)
_CANONICAL = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SERVICE = re.compile(r"[\w.-]+\.amazonaws\.com(\.cn)?", re.ASCII)


def _invalid_principal(kind: str, value: object) -> PolicyError:
    return PolicyError("Invalid principal in policy", f'"{kind}" : "{value}"')


class Principals:
    """A ``Principal`` or ``NotPrincipal`` element.

    Attributes:
        is_public: every caller matches.
        accounts: ids of accounts.
        arns: ARNs of users, roles and sessions.
        canonical_ids: canonical user ids of accounts.
        services: names of service principals.
    """

    __slots__ = ("accounts", "arns", "canonical_ids", "is_public", "services")

    def __init__(self, element: Any) -> None:
        self.is_public = False
        self.accounts: set[str] = set()
        self.arns: set[str] = set()
        self.canonical_ids: set[str] = set()
        self.services: set[str] = set()
        if element == "*":
            self.is_public = True
            return
        if not isinstance(element, Mapping) or not element:
            raise PolicyError("Invalid principal in policy")
        for kind, values in element.items():
            for value in values if isinstance(values, list) else [values]:
                self._add(kind, value)

    def _add(self, kind: str, value: Any) -> None:
        if not isinstance(value, str):
            raise _invalid_principal(kind, value)
        if kind == "AWS":
            self._add_aws(value)
        elif kind == "CanonicalUser" and _CANONICAL.fullmatch(value):
            self.canonical_ids.add(value)
        elif kind == "Service" and _SERVICE.fullmatch(value):
            self.services.add(value)
        elif not (kind == "Federated" and value):  # federated users are valid, but no caller here is one
            raise _invalid_principal(kind, value)

    def _add_aws(self, value: str) -> None:
        arn = _ARN.fullmatch(value)
        if value == "*":
            self.is_public = True
        elif _ACCOUNT.fullmatch(value):
            self.accounts.add(value)
        elif _CANONICAL.fullmatch(value):
            self.canonical_ids.add(value)
        elif arn is None:
            raise _invalid_principal("AWS", value)
        elif arn[2] == "root":
            self.accounts.add(arn[1])
        else:
            self.arns.add(value)

    def match(self, caller: Caller) -> PrincipalMatch:
        """Return how the caller is named."""
        if self.is_public:
            return "direct"
        account = caller.account
        if account is None:
            return "direct" if caller.service in self.services else ""
        if caller.arn in self.arns or (caller.session is not None and caller.principal_arn in self.arns):
            return "direct"
        if account.id in self.accounts or account.canonical_id in self.canonical_ids:
            return "direct" if caller.is_root else "account"
        return ""

"""The policies of a caller: its identity policy, which allows, and a session policy, which limits what that allows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from ..callers import Caller
from ..policies.policy import Policy, Statement, identity_policy
from ..policies.principals import PrincipalMatch

Matches: TypeAlias = Callable[[Statement], PrincipalMatch]
"""Matches a statement against the request that is evaluated."""


class CallerPolicies(NamedTuple):
    """The policies of a caller.

    Attributes:
        identity: None: the caller has none, so nothing is allowed by it.
        session: None: the caller has none, so it limits nothing.
    """

    identity: Policy | None = None
    session: Policy | None = None

    def deny_statement(self, matches: Matches) -> tuple[str, Statement] | None:
        """Return the kind of policy (``identity-based``, ``session``) and the statement that denies it; None: none does."""
        for kind, policy in (("identity-based", self.identity), ("session", self.session)):
            for statement in policy.statements if policy is not None else ():
                if statement.effect == "Deny" and matches(statement):
                    return kind, statement
        return None

    def allow_statement(self, matches: Matches) -> Statement | None:
        """Return the identity policy's statement that allows the request; None if it, or the session policy, does not."""
        return _first_allow(self.identity, matches) if self.session_allows(matches) else None

    def session_allows(self, matches: Matches) -> bool:
        """Return whether the session policy allows the request, or there is none."""
        return self.session is None or _first_allow(self.session, matches) is not None


def _first_allow(policy: Policy | None, matches: Matches) -> Statement | None:
    statements = policy.statements if policy is not None else ()
    return next((statement for statement in statements if statement.effect == "Allow" and matches(statement)), None)


NO_POLICIES = CallerPolicies()


def policies_of(caller: Caller) -> CallerPolicies:
    """Return the policies of a caller. A root has no identity policy, but its session may have a session policy.

    Raises:
        PolicyError: one of them is malformed.
    """
    identity, session = caller.identity, caller.session
    if identity is None and session is None:
        return NO_POLICIES
    return CallerPolicies(
        None if identity is None else _compile(identity.policy),
        None if session is None else _compile(session.policy),
    )


def _compile(policy: Mapping[str, Any] | str | None) -> Policy | None:
    if policy is None:
        return None
    return identity_policy(json.dumps(policy) if isinstance(policy, Mapping) else policy)

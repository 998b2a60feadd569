"""A caller's own policies: the identity's, which gives, and the session policy of temporary credentials, which takes away."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from ..callers import Caller
from ..policies.policy import Policy, Statement, identity_policy
from ..policies.principals import PrincipalMatch

Matches: TypeAlias = Callable[[Statement], PrincipalMatch]
"""Whether a statement speaks of the question asked."""


class CallerPolicies(NamedTuple):
    """``identity`` None: there is none, and nothing is allowed by it; ``session`` None: nothing is taken away."""

    identity: Policy | None = None
    session: Policy | None = None

    def deny_statement(self, matches: Matches) -> tuple[str, Statement] | None:
        """The statement that denies it, and of which kind of policy: ``identity-based``, ``session``."""
        for kind, policy in (("identity-based", self.identity), ("session", self.session)):
            for statement in policy.statements if policy is not None else ():
                if statement.effect == "Deny" and matches(statement):
                    return kind, statement
        return None

    def allow_statement(self, matches: Matches) -> Statement | None:
        """The identity's statement that allows it, unless the session takes it away."""
        return _first_allow(self.identity, matches) if self.session_allows(matches) else None

    def session_allows(self, matches: Matches) -> bool:
        """Whether the session policy, if there is one, allows it too."""
        return self.session is None or _first_allow(self.session, matches) is not None


def _first_allow(policy: Policy | None, matches: Matches) -> Statement | None:
    found = policy.statements if policy is not None else ()
    return next((one for one in found if one.effect == "Allow" and matches(one)), None)


NO_POLICIES = CallerPolicies()


def policies_of(caller: Caller) -> CallerPolicies:
    """The policies of whoever asks; a root has none, unless it is a session with a policy.

    Raises:
        PolicyError: one of them is malformed.
    """
    identity, session = caller.identity, caller.session
    if identity is None and session is None:
        return NO_POLICIES
    return CallerPolicies(
        None if identity is None else _compiled(identity.policy),
        None if session is None else _compiled(session.policy),
    )


def _compiled(policy: Mapping[str, Any] | str | None) -> Policy | None:
    if policy is None:
        return None
    return identity_policy(json.dumps(policy) if isinstance(policy, Mapping) else policy)

"""Who may assume a role: its trust policy and the caller's own policies, put together as STS does.

Within the role's account a trust policy that names the caller is enough; one that names the account leaves it to the caller's own
policies, and another account's callers need both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any

from ..policies.policy import Policy, Statement
from ..policies.principals import PrincipalMatch
from ..sessions import Role
from .caller_policies import policies_of
from .condition_keys import condition_values
from .request import AuthorizationRequest


def _statement(**principal: Any) -> Mapping[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", **principal}]}


EVERYTHING: Mapping[str, Any] = _statement(Resource="*")
"""The identity policy of a role that nobody configured."""

ANYBODY: Mapping[str, Any] = _statement(Principal="*")
"""And its trust policy."""


@lru_cache(maxsize=256)
def trust_policy(text: str) -> Policy:
    """A trust policy from its JSON: a bucket policy's grammar without resources.

    Raises:
        PolicyError: what is wrong with it (a ValueError).
    """
    document = json.loads(text)
    if isinstance(document, dict):
        given = document.get("Statement", [])
        statements = given if isinstance(given, list) else [given]
        document["Statement"] = [{**one, "Resource": "*"} if isinstance(one, dict) else one for one in statements]
    return Policy(document, has_principals=True)


def refusal(role: Role, request: AuthorizationRequest) -> str | None:
    """Why the caller may not do ``request.action`` (``sts:AssumeRole``, ``sts:TagSession``) to the role; None: it may."""
    caller = request.caller
    trust = trust_policy(json.dumps(role.trust or _statement(Principal={"AWS": f"arn:aws:iam::{role.account}:root"})))
    own = policies_of(caller)

    def match(statement: Statement) -> PrincipalMatch:
        return statement.match(caller, request.action, role.arn, partial(condition_values, request))

    denying = [statement for statement in trust.statements if statement.effect == "Deny" and match(statement)]
    if denying:
        return f"{denying[0]!r} of the trust policy denies it"
    forbidden = own.deny_statement(match)
    if forbidden is not None:
        return f"{forbidden[1]!r} of the {forbidden[0]} policy denies it"
    if not own.session_allows(match):
        return "the session policy does not allow it"
    found = {match(statement) for statement in trust.statements if statement.effect == "Allow"} - {""}
    if not found:
        return "the role's trust policy does not allow it"
    is_own = caller.account is not None and caller.account.id == role.account
    if caller.is_root or own.allow_statement(match) is not None or (is_own and "direct" in found):
        return None
    return "the role trusts the account, but the caller's identity policy does not allow it"

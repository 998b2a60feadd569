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


def _allow_document(**principal: Any) -> Mapping[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", **principal}]}


ALLOW_EVERYTHING: Mapping[str, Any] = _allow_document(Resource="*")
"""The identity policy of a role that nobody configured."""

TRUST_EVERYBODY: Mapping[str, Any] = _allow_document(Principal="*")
"""And its trust policy."""


@lru_cache(maxsize=256)
def trust_policy(text: str) -> Policy:
    """A trust policy from its JSON: a bucket policy's grammar without resources.

    Raises:
        PolicyError: what is wrong with it (a ValueError).
    """
    document = json.loads(text)
    if isinstance(document, dict):
        element = document.get("Statement", [])
        statements = element if isinstance(element, list) else [element]
        document["Statement"] = [{**one, "Resource": "*"} if isinstance(one, dict) else one for one in statements]
    return Policy(document, has_principals=True)


def trust_denial(role: Role, request: AuthorizationRequest) -> str | None:
    """Why the caller may not do ``request.action`` (``sts:AssumeRole``, ``sts:TagSession``) to the role; None: it may."""
    caller = request.caller
    trust = trust_policy(json.dumps(role.trust or _allow_document(Principal={"AWS": f"arn:aws:iam::{role.account}:root"})))
    caller_policies = policies_of(caller)

    def match(statement: Statement) -> PrincipalMatch:
        return statement.match(caller, request.action, role.arn, partial(condition_values, request))

    trust_denials = [statement for statement in trust.statements if statement.effect == "Deny" and match(statement)]
    if trust_denials:
        return f"{trust_denials[0]!r} of the trust policy denies it"
    caller_denial = caller_policies.deny_statement(match)
    if caller_denial is not None:
        return f"{caller_denial[1]!r} of the {caller_denial[0]} policy denies it"
    if not caller_policies.session_allows(match):
        return "the session policy does not allow it"
    matched = {match(statement) for statement in trust.statements if statement.effect == "Allow"} - {""}
    if not matched:
        return "the role's trust policy does not allow it"
    is_own = caller.account is not None and caller.account.id == role.account
    if caller.is_root or caller_policies.allow_statement(match) is not None or (is_own and "direct" in matched):
        return None
    return "the role trusts the account, but the caller's identity policy does not allow it"

"""Authorizes AssumeRole: evaluates the role's trust policy and the caller's policies, as STS does.

Within the role's account a trust policy that names the caller is enough. One that names the account delegates to the caller's
identity policy. Callers of other accounts need both. Source: "Policy evaluation logic" in the IAM user guide.
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
"""The identity policy of a role that was not configured."""

TRUST_EVERYBODY: Mapping[str, Any] = _allow_document(Principal="*")
"""The trust policy of a role that was not configured."""


@lru_cache(maxsize=256)
def trust_policy(text: str) -> Policy:
    """Parse a trust policy, whose grammar is that of a bucket policy without resources.

    Raises:
        PolicyError: it is malformed (a ValueError).
    """
    document = json.loads(text)
    if isinstance(document, dict):
        element = document.get("Statement", [])
        statements = element if isinstance(element, list) else [element]
        document["Statement"] = [{**item, "Resource": "*"} if isinstance(item, dict) else item for item in statements]
    return Policy(document, has_principals=True)


def trust_denial(role: Role, request: AuthorizationRequest) -> str | None:
    """Return why the caller may not perform ``request.action`` (``sts:AssumeRole``, ``sts:TagSession``); None if it may."""
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
    if caller.service is not None:
        return None
    is_same_account = caller.account is not None and caller.account.id == role.account
    if caller.is_root or caller_policies.allow_statement(match) is not None or (is_same_account and "direct" in matched):
        return None
    return "the role trusts the account, but the caller's identity policy does not allow it"

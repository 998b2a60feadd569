"""Authorizes the use of KMS keys: evaluates the key policy and the caller's policies, as KMS does.

A key without a policy has KMS's default policy, which delegates to the identity policies of its account. The AWS managed key for
S3 may be used by every caller of its account. Source: "Determining access to AWS KMS keys" in the KMS developer guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial
from typing import NamedTuple

from ...errors import Decision, S3Error
from ...state.kms import Key
from ..policies.policy import Policy, Statement, bucket_policy
from ..policies.principals import PrincipalMatch
from .caller_policies import policies_of
from .condition_keys import condition_values
from .evaluate import access_denied
from .request import AuthorizationRequest

_OTHER_ACCOUNTS_REASON = (
    "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy "
    "explicitly denies access"
)


class _Denial(NamedTuple):
    """Why a request is denied.

    Attributes:
        reason: for the log and `Decision`.
        ending: the end of KMS's message.
        statement: the policy statement that denies it; None: no statement allows it.
    """

    reason: str
    ending: str
    statement: Statement | None = None


@lru_cache(maxsize=256)
def key_policy(text: str) -> Policy:
    """Parse a key policy, whose grammar is that of a bucket policy.

    Raises:
        PolicyError: it is malformed (a ValueError).
    """
    return bucket_policy(text)


def authorize_key_use(key: Key | None, request: AuthorizationRequest) -> Key:
    """Return the key if the caller may perform ``request.action`` (``kms:GenerateDataKey``, ``kms:Decrypt``) with it.

    ``key`` None: the key does not exist. The error of other accounts' callers does not say whether it does.

    Raises:
        S3Error: AccessDenied (403), with the message of KMS.
    """
    caller = request.caller
    is_same_account = key is not None and caller.account is not None and caller.account.id == key.account
    if key is None:
        raise _access_denied(request, "*", _Denial("the key does not exist", ""), is_same_account)
    has_session_policy = caller.session is not None and caller.session.policy is not None
    if is_same_account and not has_session_policy and (key.is_managed or (key.policy is None and caller.is_root)):
        return key
    denial = _find_denial(key, request)
    if denial is not None:
        raise _access_denied(request, key.arn, denial, is_same_account)
    return key


def _find_denial(key: Key, request: AuthorizationRequest) -> _Denial | None:
    """Return what denies the request; None if it is allowed."""
    identity, caller_policies = request.caller.identity, policies_of(request.caller)

    def matches(statement: Statement) -> PrincipalMatch:
        return statement.match(request.caller, request.action, key.arn, partial(condition_values, request))

    resource_policy = key_policy(key.policy) if key.policy is not None and not key.is_managed else None
    key_denial = next((statement for statement, _ in _matching_statements(resource_policy, request, key, "Deny")), None)
    denial = caller_policies.deny_statement(matches) if key_denial is None else ("resource-based", key_denial)
    if denial is not None:
        kind = f"{'an' if denial[0][0] == 'i' else 'a'} {denial[0]} policy"
        return _Denial(f"{denial[1]!r} of {kind} denies it", f"with an explicit deny in {kind}", denial[1])
    is_same_account = request.caller.account is not None and request.caller.account.id == key.account
    if not caller_policies.session_allows(matches):
        return _Denial("no session policy allows it", f"because no session policy allows the {request.action} action")
    matched: set[PrincipalMatch] = {match for _, match in _matching_statements(resource_policy, request, key, "Allow")}
    if resource_policy is None and is_same_account:
        matched.add("direct" if key.is_managed else "account")
    is_allowed_to_caller = identity is None or caller_policies.allow_statement(matches) is not None
    if not matched:
        return _no_allow("resource", request)
    # A key policy that names the account delegates to its identity policies; callers of other accounts always need both.
    if not is_allowed_to_caller and ("direct" not in matched or not is_same_account):
        return _no_allow("identity", request)
    return None


def _matching_statements(
    policy: Policy | None, request: AuthorizationRequest, key: Key, effect: str
) -> Iterable[tuple[Statement, PrincipalMatch]]:
    for statement in policy.statements if policy is not None else ():
        if statement.effect == effect:
            match = statement.match(request.caller, request.action, key.arn, partial(condition_values, request))
            if match:
                yield statement, match


def _no_allow(kind: str, request: AuthorizationRequest) -> _Denial:
    ending = f"because no {kind}-based policy allows the {request.action} action"
    return _Denial(f"no {kind}-based policy allows it", ending)


def _access_denied(request: AuthorizationRequest, resource: str, denial: _Denial, is_same_account: bool) -> S3Error:
    end = f"on resource: {resource} {denial.ending}" if is_same_account else f"on this resource {_OTHER_ACCOUNTS_REASON}"
    message = f"User: {request.caller.arn} is not authorized to perform: {request.action} {end}"
    raw = denial.statement.raw if denial.statement is not None else None
    return access_denied(Decision(False, request.action, resource, request.caller.arn, denial.reason, raw, message))

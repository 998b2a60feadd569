"""May they use a KMS key: its key policy and the caller's identity policy, put together as KMS does.

A key without a policy has KMS's default one: it leaves everything to its own account, and so to the identity policies of the
account's users. AWS's own key for S3 is open to all of its account.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial

from ...errors import Decision
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


@lru_cache(maxsize=256)
def key_policy(text: str) -> Policy:
    """A key policy from its JSON: of the same grammar as a bucket's.

    Raises:
        PolicyError: what is wrong with it (a ValueError).
    """
    return bucket_policy(text)


def authorize_key_use(key: Key | None, request: AuthorizationRequest) -> Key:
    """The key, if the caller may do ``request.action`` (``kms:GenerateDataKey``, ``kms:Decrypt``) with it.

    ``key`` None: one that is not there. Strangers are not told whether it is.

    Raises:
        S3Error: AccessDenied (403), in the words of KMS that S3 passes on.
    """
    caller = request.caller
    is_own = key is not None and caller.account is not None and caller.account.id == key.account
    if key is None:
        raise _access_denied(request, "*", "there is no such key", "", is_own)
    limited = caller.session is not None and caller.session.policy is not None
    if is_own and not limited and (key.is_managed or (key.policy is None and caller.is_root)):
        return key
    reason, ending, statement = _find_denial(key, request)
    if reason:
        raise _access_denied(request, key.arn, reason, ending, is_own, statement)
    return key


def _find_denial(key: Key, request: AuthorizationRequest) -> tuple[str, str, Statement | None]:
    """Why not, in our words and AWS's, and the statement that denies it; an empty reason: they may."""
    identity, caller_policies = request.caller.identity, policies_of(request.caller)

    def matches(statement: Statement) -> PrincipalMatch:
        return statement.match(request.caller, request.action, key.arn, partial(condition_values, request))

    resource_policy = key_policy(key.policy) if key.policy is not None and not key.is_managed else None
    statement = next((one for one, _ in _matching_statements(resource_policy, request, key, "Deny")), None)
    denial = caller_policies.deny_statement(matches) if statement is None else ("resource-based", statement)
    if denial is not None:
        kind = f"{'an' if denial[0][0] == 'i' else 'a'} {denial[0]} policy"
        return f"{denial[1]!r} of {kind} denies it", f"with an explicit deny in {kind}", denial[1]
    is_own = request.caller.account is not None and request.caller.account.id == key.account
    if not caller_policies.session_allows(matches):
        return "no session policy allows it", f"because no session policy allows the {request.action} action", None
    matched: set[PrincipalMatch] = {match for _, match in _matching_statements(resource_policy, request, key, "Allow")}
    if resource_policy is None and is_own:
        matched.add("direct" if key.is_managed else "account")
    is_allowed_to_caller = identity is None or caller_policies.allow_statement(matches) is not None
    if not matched:
        return _no_allow("resource", request)
    # What is left to the account is for the account's own policies to pass on, and nothing goes out of an account unasked.
    if not is_allowed_to_caller and ("direct" not in matched or not is_own):
        return _no_allow("identity", request)
    return "", "", None


def _matching_statements(
    policy: Policy | None, request: AuthorizationRequest, key: Key, effect: str
) -> Iterable[tuple[Statement, PrincipalMatch]]:
    for statement in policy.statements if policy is not None else ():
        if statement.effect == effect:
            match = statement.match(request.caller, request.action, key.arn, partial(condition_values, request))
            if match:
                yield statement, match


def _no_allow(kind: str, request: AuthorizationRequest) -> tuple[str, str, None]:
    ending = f"because no {kind}-based policy allows the {request.action} action"
    return f"no {kind}-based policy allows it", ending, None


def _access_denied(
    request: AuthorizationRequest, resource: str, reason: str, ending: str, is_own: bool, statement: Statement | None = None
) -> Exception:
    end = f"on resource: {resource} {ending}" if is_own else f"on this resource {_OTHER_ACCOUNTS_REASON}"
    message = f"User: {request.caller.arn} is not authorized to perform: {request.action} {end}"
    raw = statement.raw if statement is not None else None
    return access_denied(Decision(False, request.action, resource, request.caller.arn, reason, raw, message))

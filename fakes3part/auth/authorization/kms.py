"""May they use a KMS key: its key policy and the caller's identity policy, put together as KMS does.

A key without a policy has KMS's default one: it leaves everything to its own account, and so to the identity policies of the
account's users. AWS's own key for S3 is open to all of its account.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ...errors import Decision
from ...state.kms import Key
from ..policies.policy import Policy, Statement, bucket_policy
from ..policies.principals import Match
from .caller_policies import own_policies
from .evaluate import denied
from .request import Access

_STRANGERS = (
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


def check_use(key: Key | None, access: Access) -> Key:
    """The key, if the caller may do ``access.action`` (``kms:GenerateDataKey``, ``kms:Decrypt``) with it.

    ``key`` None: one that is not there. Strangers are not told whether it is.

    Raises:
        S3Error: AccessDenied (403), in the words of KMS that S3 passes on.
    """
    caller = access.caller
    is_own = key is not None and caller.account is not None and caller.account.id == key.account
    if key is None:
        raise _denied(access, "*", "there is no such key", "", is_own)
    limited = caller.session is not None and caller.session.policy is not None
    if is_own and not limited and (key.is_managed or (key.policy is None and caller.is_root)):
        return key
    reason, ending, statement = _refusal(key, access)
    if reason:
        raise _denied(access, key.arn, reason, ending, is_own, statement)
    return key


def _refusal(key: Key, access: Access) -> tuple[str, str, Statement | None]:
    """Why not, in our words and AWS's, and the statement that denies it; an empty reason: they may."""
    identity, mine = access.caller.identity, own_policies(access.caller)

    def matches(statement: Statement) -> Match:
        return statement.match(access.caller, access.action, key.arn, access.lookup)

    given = key_policy(key.policy) if key.policy is not None and not key.is_managed else None
    statement = next((one for one, _ in _matching(given, access, key, "Deny")), None)
    denying = mine.denying(matches) if statement is None else ("resource-based", statement)
    if denying is not None:
        kind = f"{'an' if denying[0][0] == 'i' else 'a'} {denying[0]} policy"
        return f"{denying[1]!r} of {kind} denies it", f"with an explicit deny in {kind}", denying[1]
    is_own = access.caller.account is not None and access.caller.account.id == key.account
    if not mine.leaves(matches):
        return "no session policy allows it", f"because no session policy allows the {access.action} action", None
    found: set[Match] = {match for _, match in _matching(given, access, key, "Allow")}
    if given is None and is_own:
        found.add("direct" if key.is_managed else "account")
    allowed_by_mine = identity is None or mine.allowing(matches) is not None
    if not found:
        return _no_allow("resource", access)
    # What is left to the account is for the account's own policies to pass on, and nothing goes out of an account unasked.
    if not allowed_by_mine and ("direct" not in found or not is_own):
        return _no_allow("identity", access)
    return "", "", None


def _matching(policy: Policy | None, access: Access, key: Key, effect: str) -> Iterable[tuple[Statement, Match]]:
    for statement in policy.statements if policy is not None else ():
        if statement.effect == effect:
            match = statement.match(access.caller, access.action, key.arn, access.lookup)
            if match:
                yield statement, match


def _no_allow(kind: str, access: Access) -> tuple[str, str, None]:
    ending = f"because no {kind}-based policy allows the {access.action} action"
    return f"no {kind}-based policy allows it", ending, None


def _denied(
    access: Access, resource: str, reason: str, ending: str, is_own: bool, statement: Statement | None = None
) -> Exception:
    end = f"on resource: {resource} {ending}" if is_own else f"on this resource {_STRANGERS}"
    message = f"User: {access.caller.arn} is not authorized to perform: {access.action} {end}"
    raw = statement.raw if statement is not None else None
    return denied(Decision(False, access.action, resource, access.caller.arn, reason, raw, message))

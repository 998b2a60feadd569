"""May they use a KMS key: its key policy and the caller's identity policy, put together as KMS does.

A key without a policy has KMS's default one: it leaves everything to its own account, and so to the identity policies of the
account's users. AWS's own key for S3 is open to all of its account.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache

from ..state.kms import Key
from .access import Access, Decision
from .authorize import denied
from .policy import Policy, Statement, bucket_policy, identity_policy
from .principals import Match

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
    if is_own and (key.is_managed or (key.policy is None and caller.is_root)):
        return key
    reason, ending, statement = _refusal(key, access)
    if reason:
        raise _denied(access, key.arn, reason, ending, is_own, statement)
    return key


def _refusal(key: Key, access: Access) -> tuple[str, str, Statement | None]:
    """Why not, in our words and AWS's, and the statement that denies it; an empty reason: they may."""
    identity = access.caller.identity
    mine = identity_policy(json.dumps(identity.policy)) if identity is not None and identity.policy is not None else None
    given = key_policy(key.policy) if key.policy is not None and not key.is_managed else None
    for policy, kind in ((given, "a resource-based policy"), (mine, "an identity-based policy")):
        statement = next((one for one, _ in _matching(policy, access, key, "Deny")), None)
        if statement is not None:
            return f"{statement!r} of {kind} denies it", f"with an explicit deny in {kind}", statement
    is_own = access.caller.account is not None and access.caller.account.id == key.account
    found: set[Match] = {match for _, match in _matching(given, access, key, "Allow")}
    if given is None and is_own:
        found.add("account")
    allowed_by_mine = identity is None or any(_matching(mine, access, key, "Allow"))
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

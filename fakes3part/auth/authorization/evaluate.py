"""May they: one question, one evaluation, for every operation.

The order is AWS's. An explicit deny anywhere is the end. Within the owner's account either side's allow is enough, and its
root needs none; for another account both sides must allow: the resource's (bucket policy or ACL) and the caller's own
(identity policy; the other account's root speaks for itself).
"""

from __future__ import annotations

import logging
from functools import partial
from typing import NamedTuple

from ...errors import Decision, S3Error
from ...rules.acls import ALL_USERS, AUTHENTICATED_USERS, FULL_CONTROL, PUBLIC_GROUPS
from ...state.access_control import ENFORCED, REQUESTER, Acl, Grant
from ...state.bucket import Bucket
from ..callers import Caller
from ..policies.policy import Policy, PolicyError, Statement, bucket_policy
from ..policies.validation import is_public
from .access_points import parts
from .caller_policies import CallerPolicies, Matches, policies_of
from .condition_keys import condition_values
from .request import ALL_BUCKETS, AuthorizationRequest

LOG = logging.getLogger("fakes3part.authorization")
"""Every denial, with the reason, as a warning: pytest shows it under the test that failed for it, where a boto3 caller has only
S3's own words. Silent where nobody listens."""
LOG.addHandler(logging.NullHandler())

POLICY_ACTIONS = frozenset({"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"})
"""What the owner's root may always do, so that nobody locks himself out for good."""

_BUCKET_PERMISSIONS = {
    "s3:ListBucket": "READ",
    "s3:ListBucketVersions": "READ",
    "s3:ListBucketMultipartUploads": "READ",
    "s3:PutObject": "WRITE",
    "s3:DeleteObject": "WRITE",
    "s3:DeleteObjectVersion": "WRITE",
    "s3:GetBucketAcl": "READ_ACP",
    "s3:PutBucketAcl": "WRITE_ACP",
}
_OBJECT_PERMISSIONS = {
    "s3:GetObject": "READ",
    "s3:GetObjectVersion": "READ",
    "s3:GetObjectAcl": "READ_ACP",
    "s3:GetObjectVersionAcl": "READ_ACP",
    "s3:PutObjectAcl": "WRITE_ACP",
    "s3:PutObjectVersionAcl": "WRITE_ACP",
}
_PAID = frozenset(
    [*_OBJECT_PERMISSIONS, "s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "s3:PutObject"]
)
"""Actions that cost the requester of a requester-pays bucket; any other with a key does too."""

_OF_INITIATORS = frozenset({"s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"})
"""What who initiated an upload may do with it, and the account behind, unless it is denied (the guide's "Multipart upload and
permissions")."""

_READS = frozenset([*_OBJECT_PERMISSIONS, "s3:GetObjectTagging", "s3:GetObjectAttributes", "s3:GetObjectVersionTagging"])


_TAKEN = "the session policy does not allow it"


class _Rule(NamedTuple):
    """What allows something. ``direct``: to the caller itself, not to its account to pass on."""

    reason: str
    statement: Statement | None = None
    direct: bool = True


def is_always_allowed(caller: Caller, bucket: Bucket) -> bool:
    """Whether the caller is the owner's root and nothing could deny it anything: nearly every request of a test suite."""
    account = caller.account
    return (
        account is not None
        and account.id == bucket.account
        and caller.identity is None
        and bucket.policy is None
        and bucket.ownership == ENFORCED
    )


def authorize(request: AuthorizationRequest) -> None:
    """Raise unless the access is allowed.

    Raises:
        S3Error: AccessDenied, whose ``decision`` tells the reason.
    """
    bucket = request.bucket
    if bucket is not None and request.access_point is None and is_always_allowed(request.caller, bucket):
        return
    decision = evaluate(request)
    if not decision.allowed:
        raise denied(decision)


def evaluate(request: AuthorizationRequest) -> Decision:
    """The answer: the first denial, if anything denies it, with what comes after the policies."""
    decisions = [_evaluate_part(part) for part in parts(request)]
    return next((decision for decision in decisions if not decision.allowed), decisions[0])


def _evaluate_part(request: AuthorizationRequest) -> Decision:
    """The answer to one question: policies, whether a key that is not there may be known, and who pays."""
    decision = evaluate_policies(request)
    if not decision.allowed:
        return decision
    bucket = request.bucket
    if bucket is not None and _reads_missing_key(request):
        # Only callers that may list the bucket learn that the key does not exist.
        listing = evaluate_policies(request.for_action("s3:ListBucket", None))
        if not listing.allowed:
            return listing
    if bucket is not None and bucket.payer == REQUESTER and _must_pay(request, bucket):
        return _decision(request, False, "the requester pays for this bucket, and does not say x-amz-request-payer: requester")
    return decision


def _reads_missing_key(request: AuthorizationRequest) -> bool:
    return request.key is not None and request.action in _READS and not request.is_part_of_write and request.version is None


def denied(decision: Decision) -> S3Error:
    """The error of a denial; the reason goes to the log, which is where users of boto3 can see it."""
    error = S3Error("AccessDenied", decision.message)
    error.decision = decision
    LOG.warning("%s", decision)
    return error


def is_charged(caller: Caller, bucket: Bucket) -> bool:
    """Whether the caller, not the owner, pays for requests to the bucket."""
    return bucket.payer == REQUESTER and (caller.account is None or caller.account.id != bucket.account)


def _must_pay(request: AuthorizationRequest, bucket: Bucket) -> bool:
    """Whether the caller should say that it pays, and does not. Anonymous ones cannot pay."""
    if not is_charged(request.caller, bucket) or (request.key is None and request.action not in _PAID):
        return False
    return request.caller.is_anonymous or "x-amz-request-payer" not in request.context.headers


def evaluate_policies(request: AuthorizationRequest) -> Decision:
    """The answer of policies, ACLs and ownership."""
    if request.denied_reason is not None:
        return _decision(request, False, request.denied_reason)
    try:
        mine = policies_of(request.caller)
    except PolicyError as broken:
        return _decision(request, False, f"the identity policy is malformed: {broken.message}")
    forbidden = _explicit_deny(request, mine)
    if forbidden is not None:
        return forbidden
    allowing, missing = _allowing(request, mine)
    if allowing is None:
        kind = "session" if missing is _TAKEN else "identity-based"
        return _decision(request, False, missing, message=_no_allow(request, kind))
    return _decision(request, True, allowing.reason, allowing.statement)


def _decision(
    request: AuthorizationRequest, allowed: bool, reason: str, statement: Statement | None = None, message: str | None = None
) -> Decision:
    raw = statement.raw if statement else None
    return Decision(allowed, request.policy_action, request.resource, request.caller.arn, reason, raw, message)


def _policy_on(request: AuthorizationRequest) -> Policy | None:
    text = request.bucket.policy if request.bucket is not None else None
    return None if text is None else bucket_policy(text)


# --- deny ------------------------------------------------------------------------------------------------------------


def _is_own(request: AuthorizationRequest) -> bool:
    """Whether the caller is of the account that the resource belongs to."""
    return request.caller.account is not None and request.caller.account.id == request.owner


def _matching(request: AuthorizationRequest) -> Matches:
    caller, action, resource, lookup = request.caller, request.policy_action, request.resource, partial(condition_values, request)
    return lambda statement: statement.match(caller, action, resource, lookup)


def _explicit_deny(request: AuthorizationRequest, mine: CallerPolicies) -> Decision | None:
    matches, on_bucket = _matching(request), _policy_on(request)
    if request.action in POLICY_ACTIONS and request.caller.is_root and _is_own(request):
        on_bucket = None
    for statement in on_bucket.statements if on_bucket is not None else ():
        if statement.effect == "Deny" and matches(statement):
            return _denial(request, statement, request.policy_name, "a resource-based")
    found = mine.deny_statement(matches)
    if found is None:
        return None
    if found[0] == "session":
        return _denial(request, found[1], "session", "a session")
    return _denial(request, found[1], "identity", "an identity-based")


def _denial(request: AuthorizationRequest, statement: Statement, name: str, kind: str) -> Decision:
    message = f"{_who(request)} with an explicit deny in {kind} policy"
    reason = f"{statement!r} of the {name} policy denies it"
    return _decision(request, False, reason, statement, message if _is_own(request) else None)


def _who(request: AuthorizationRequest) -> str:
    where = "" if request.resource == ALL_BUCKETS else f' on resource: "{request.resource}"'
    return f"User: {request.caller.arn} is not authorized to perform: {request.policy_action}{where}"


def _no_allow(request: AuthorizationRequest, kind: str) -> str | None:
    """S3 explains itself within an account only."""
    if not _is_own(request) or request.caller.is_root:
        return None
    return f"{_who(request)} because no {kind} policy allows the {request.policy_action} action"


# --- allow -----------------------------------------------------------------------------------------------------------


def _allowing(request: AuthorizationRequest, mine: CallerPolicies) -> tuple[_Rule | None, str]:
    """What allows the access, or what is missing."""
    caller = request.caller
    if _session_policy_denies(request, mine):
        return None, _TAKEN
    if caller.is_root and _is_own(request):
        return _Rule("the owner's root may do everything that is not denied"), ""
    if request.action in _OF_INITIATORS and _initiated(request):
        return _Rule("who initiated an upload may list its parts and abort it"), ""
    theirs = _resource_side(request)
    if caller.is_anonymous:
        return theirs, "no bucket policy and no ACL allows it to everybody"
    own = _Rule("root of its account") if caller.is_root else _identity_side(request, mine)
    if _is_own(request):
        if own is None and theirs is not None and not theirs.direct:
            return None, f"{theirs.reason} to the account, but no identity policy passes it on"
        return own or theirs, "neither the identity policy nor the bucket policy allows it"
    if theirs is None:
        return None, "the caller is of another account, and neither the bucket policy nor an ACL allows it"
    if own is None and not request.identity_already_checked:
        return None, f"{theirs.reason}, but the identity policy does not: another account's users need both"
    return theirs, ""


def _session_policy_denies(request: AuthorizationRequest, mine: CallerPolicies) -> bool:
    """Whether a session policy does not allow the action, and the bucket policy does not allow it to the session by its ARN."""
    if mine.session is None or request.identity_already_checked:
        return False
    return not mine.session_allows(_matching(request)) and not _is_named(request)


def _initiated(request: AuthorizationRequest) -> bool:
    """Whether the upload that the request names was initiated by the caller, or by a user whose root the caller is."""
    caller, bucket = request.caller, request.bucket
    if bucket is None or caller.account is None:
        return False
    with bucket.lock:
        upload = bucket.uploads.get(request.context.query.get("uploadId", ""))
    if upload is None or upload.key != request.key or upload.initiator != caller.account.id:
        return False
    return caller.identity is None or caller.arn == upload.initiating_user


def _identity_side(request: AuthorizationRequest, mine: CallerPolicies) -> _Rule | None:
    statement = mine.allow_statement(_matching(request))
    return None if statement is None else _Rule(f"{statement!r} of the identity policy allows it", statement)


def _is_named(request: AuthorizationRequest) -> bool:
    """Whether the bucket policy allows it to this very session, by its own ARN: that, no session policy takes away."""
    found = _by_policy(request, request.bucket) if request.bucket is not None else None
    statement = None if found is None else found.statement
    principals = None if statement is None else statement.principals
    return principals is not None and request.caller.arn in principals.arns


def _resource_side(request: AuthorizationRequest) -> _Rule | None:
    if request.bucket is None:
        return None
    found = _by_policy(request, request.bucket)
    if (found is None or not found.direct) and request.bucket.ownership != ENFORCED:
        return _by_acl(request, request.bucket) or found
    return found


def _by_policy(request: AuthorizationRequest, bucket: Bucket) -> _Rule | None:
    policy = _policy_on(request)
    if policy is None or request.owner != bucket.account:
        return None  # what is somebody else's object, the bucket's policy cannot give away
    block = bucket.effective_public_access_block
    is_foreign = request.caller.account is None or request.caller.account.id != bucket.account
    if block is not None and block.restrict_public_buckets and is_foreign and is_public(policy):
        return None
    found, matches = None, _matching(request)
    for statement in policy.statements:
        if statement.effect == "Allow":
            match = matches(statement)
            if match == "direct":
                return _Rule(f"{statement!r} of the {request.policy_name} policy allows it", statement)
            if match:
                found = _Rule(f"{statement!r} of the {request.policy_name} policy allows it", statement, direct=False)
    return found


def _by_acl(request: AuthorizationRequest, bucket: Bucket) -> _Rule | None:
    if request.is_part_of_write:  # who may create an object owns it, and may say who else gets it
        return _granting(request, bucket.acl, "WRITE", "bucket")
    if request.action in _OBJECT_PERMISSIONS:
        version, permission = request.version, _OBJECT_PERMISSIONS[request.action]
        if version is not None:
            return _granting(request, version.acl, permission, "object")
        return _granting(request, bucket.acl, "READ", "bucket")  # who may list may know that the key is not there
    if request.action in _BUCKET_PERMISSIONS:
        if request.key is not None and request.version is not None and not _owns(request.caller, request.version.owner):
            return None  # WRITE creates; what is there is its owner's and the bucket owner's to change
        return _granting(request, bucket.acl, _BUCKET_PERMISSIONS[request.action], "bucket")
    return None


def _owns(caller: Caller, owner: str) -> bool:
    return (caller.account.id if caller.account else "") == owner


def _granting(request: AuthorizationRequest, acl: Acl | None, permission: str, what: str) -> _Rule | None:
    block = request.bucket.effective_public_access_block if request.bucket is not None else None
    ignored = PUBLIC_GROUPS if block is not None and block.ignore_public_acls else frozenset()
    for grant in acl or ():
        if grant.permission in (permission, FULL_CONTROL) and grant.grantee not in ignored and _means(grant, request.caller):
            return _Rule(f"the {what}'s ACL grants {grant.permission} to {grant.grantee}", direct=grant.is_group)
    return None


def _means(grant: Grant, caller: Caller) -> bool:
    if grant.grantee == ALL_USERS:
        return True
    account = caller.account
    return account is not None and grant.grantee in (AUTHENTICATED_USERS, account.canonical_id)


__all__ = ["AuthorizationRequest", "authorize", "denied", "evaluate", "evaluate_policies", "is_always_allowed", "is_charged"]

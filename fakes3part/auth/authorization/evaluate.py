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
_CHARGED_ACTIONS = frozenset(
    [*_OBJECT_PERMISSIONS, "s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "s3:PutObject"]
)
"""Actions that cost the requester of a requester-pays bucket; any other with a key does too."""

_INITIATOR_ACTIONS = frozenset({"s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"})
"""What who initiated an upload may do with it, and the account behind, unless it is denied (the guide's "Multipart upload and
permissions")."""

_READ_ACTIONS = frozenset([*_OBJECT_PERMISSIONS, "s3:GetObjectTagging", "s3:GetObjectAttributes", "s3:GetObjectVersionTagging"])


_NOT_IN_SESSION_POLICY = "the session policy does not allow it"


class _Allowance(NamedTuple):
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
        raise access_denied(decision)


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
    if bucket is not None and bucket.payer == REQUESTER and _lacks_request_payer(request, bucket):
        return _decision(request, False, "the requester pays for this bucket, and does not say x-amz-request-payer: requester")
    return decision


def _reads_missing_key(request: AuthorizationRequest) -> bool:
    return (
        request.key is not None and request.action in _READ_ACTIONS and not request.is_part_of_write and request.version is None
    )


def access_denied(decision: Decision) -> S3Error:
    """The error of a denial; the reason goes to the log, which is where users of boto3 can see it."""
    error = S3Error("AccessDenied", decision.message)
    error.decision = decision
    LOG.warning("%s", decision)
    return error


def is_charged(caller: Caller, bucket: Bucket) -> bool:
    """Whether the caller, not the owner, pays for requests to the bucket."""
    return bucket.payer == REQUESTER and (caller.account is None or caller.account.id != bucket.account)


def _lacks_request_payer(request: AuthorizationRequest, bucket: Bucket) -> bool:
    """Whether the caller should say that it pays, and does not. Anonymous ones cannot pay."""
    if not is_charged(request.caller, bucket) or (request.key is None and request.action not in _CHARGED_ACTIONS):
        return False
    return request.caller.is_anonymous or "x-amz-request-payer" not in request.context.headers


def evaluate_policies(request: AuthorizationRequest) -> Decision:
    """The answer of policies, ACLs and ownership."""
    if request.denied_reason is not None:
        return _decision(request, False, request.denied_reason)
    try:
        caller_policies = policies_of(request.caller)
    except PolicyError as error:
        return _decision(request, False, f"the identity policy is malformed: {error.message}")
    denial = _explicit_deny(request, caller_policies)
    if denial is not None:
        return denial
    allowance, missing = _find_allowance(request, caller_policies)
    if allowance is None:
        kind = "session" if missing is _NOT_IN_SESSION_POLICY else "identity-based"
        return _decision(request, False, missing, message=_no_allow_message(request, kind))
    return _decision(request, True, allowance.reason, allowance.statement)


def _decision(
    request: AuthorizationRequest, allowed: bool, reason: str, statement: Statement | None = None, message: str | None = None
) -> Decision:
    raw = statement.raw if statement else None
    return Decision(allowed, request.policy_action, request.resource, request.caller.arn, reason, raw, message)


def _bucket_policy(request: AuthorizationRequest) -> Policy | None:
    text = request.bucket.policy if request.bucket is not None else None
    return None if text is None else bucket_policy(text)


# --- deny ------------------------------------------------------------------------------------------------------------


def _is_same_account(request: AuthorizationRequest) -> bool:
    """Whether the caller is of the account that the resource belongs to."""
    return request.caller.account is not None and request.caller.account.id == request.owner


def _matcher(request: AuthorizationRequest) -> Matches:
    caller, action, resource, lookup = request.caller, request.policy_action, request.resource, partial(condition_values, request)
    return lambda statement: statement.match(caller, action, resource, lookup)


def _explicit_deny(request: AuthorizationRequest, caller_policies: CallerPolicies) -> Decision | None:
    matches, on_bucket = _matcher(request), _bucket_policy(request)
    if request.action in POLICY_ACTIONS and request.caller.is_root and _is_same_account(request):
        on_bucket = None
    for statement in on_bucket.statements if on_bucket is not None else ():
        if statement.effect == "Deny" and matches(statement):
            return _explicit_denial(request, statement, request.policy_name, "a resource-based")
    found = caller_policies.deny_statement(matches)
    if found is None:
        return None
    if found[0] == "session":
        return _explicit_denial(request, found[1], "session", "a session")
    return _explicit_denial(request, found[1], "identity", "an identity-based")


def _explicit_denial(request: AuthorizationRequest, statement: Statement, name: str, kind: str) -> Decision:
    message = f"{_not_authorized(request)} with an explicit deny in {kind} policy"
    reason = f"{statement!r} of the {name} policy denies it"
    return _decision(request, False, reason, statement, message if _is_same_account(request) else None)


def _not_authorized(request: AuthorizationRequest) -> str:
    where = "" if request.resource == ALL_BUCKETS else f' on resource: "{request.resource}"'
    return f"User: {request.caller.arn} is not authorized to perform: {request.policy_action}{where}"


def _no_allow_message(request: AuthorizationRequest, kind: str) -> str | None:
    """S3 explains itself within an account only."""
    if not _is_same_account(request) or request.caller.is_root:
        return None
    return f"{_not_authorized(request)} because no {kind} policy allows the {request.policy_action} action"


# --- allow -----------------------------------------------------------------------------------------------------------


def _find_allowance(request: AuthorizationRequest, caller_policies: CallerPolicies) -> tuple[_Allowance | None, str]:
    """What allows the access, or what is missing."""
    caller = request.caller
    if _session_policy_denies(request, caller_policies):
        return None, _NOT_IN_SESSION_POLICY
    if caller.is_root and _is_same_account(request):
        return _Allowance("the owner's root may do everything that is not denied"), ""
    if request.action in _INITIATOR_ACTIONS and _is_upload_initiator(request):
        return _Allowance("who initiated an upload may list its parts and abort it"), ""
    resource_allow = _resource_allow(request)
    if caller.is_anonymous:
        return resource_allow, "no bucket policy and no ACL allows it to everybody"
    caller_allow = _Allowance("root of its account") if caller.is_root else _identity_allow(request, caller_policies)
    if _is_same_account(request):
        if caller_allow is None and resource_allow is not None and not resource_allow.direct:
            return None, f"{resource_allow.reason} to the account, but no identity policy passes it on"
        return caller_allow or resource_allow, "neither the identity policy nor the bucket policy allows it"
    if resource_allow is None:
        return None, "the caller is of another account, and neither the bucket policy nor an ACL allows it"
    if caller_allow is None and not request.identity_already_checked:
        return None, f"{resource_allow.reason}, but the identity policy does not: another account's users need both"
    return resource_allow, ""


def _session_policy_denies(request: AuthorizationRequest, caller_policies: CallerPolicies) -> bool:
    """Whether a session policy does not allow the action, and the bucket policy does not allow it to the session by its ARN."""
    if caller_policies.session is None or request.identity_already_checked:
        return False
    return not caller_policies.session_allows(_matcher(request)) and not _is_allowed_by_session_arn(request)


def _is_upload_initiator(request: AuthorizationRequest) -> bool:
    """Whether the upload that the request names was initiated by the caller, or by a user whose root the caller is."""
    caller, bucket = request.caller, request.bucket
    if bucket is None or caller.account is None:
        return False
    with bucket.lock:
        upload = bucket.uploads.get(request.context.query.get("uploadId", ""))
    if upload is None or upload.key != request.key or upload.initiator != caller.account.id:
        return False
    return caller.identity is None or caller.arn == upload.initiating_user


def _identity_allow(request: AuthorizationRequest, caller_policies: CallerPolicies) -> _Allowance | None:
    statement = caller_policies.allow_statement(_matcher(request))
    return None if statement is None else _Allowance(f"{statement!r} of the identity policy allows it", statement)


def _is_allowed_by_session_arn(request: AuthorizationRequest) -> bool:
    """Whether the bucket policy allows it to this very session, by its own ARN: that, no session policy takes away."""
    found = _bucket_policy_allow(request, request.bucket) if request.bucket is not None else None
    statement = None if found is None else found.statement
    principals = None if statement is None else statement.principals
    return principals is not None and request.caller.arn in principals.arns


def _resource_allow(request: AuthorizationRequest) -> _Allowance | None:
    if request.bucket is None:
        return None
    found = _bucket_policy_allow(request, request.bucket)
    if (found is None or not found.direct) and request.bucket.ownership != ENFORCED:
        return _acl_allow(request, request.bucket) or found
    return found


def _bucket_policy_allow(request: AuthorizationRequest, bucket: Bucket) -> _Allowance | None:
    policy = _bucket_policy(request)
    if policy is None or request.owner != bucket.account:
        return None  # what is somebody else's object, the bucket's policy cannot give away
    block = bucket.effective_public_access_block
    is_foreign = request.caller.account is None or request.caller.account.id != bucket.account
    if block is not None and block.restrict_public_buckets and is_foreign and is_public(policy):
        return None
    found, matches = None, _matcher(request)
    for statement in policy.statements:
        if statement.effect == "Allow":
            match = matches(statement)
            if match == "direct":
                return _Allowance(f"{statement!r} of the {request.policy_name} policy allows it", statement)
            if match:
                found = _Allowance(f"{statement!r} of the {request.policy_name} policy allows it", statement, direct=False)
    return found


def _acl_allow(request: AuthorizationRequest, bucket: Bucket) -> _Allowance | None:
    if request.is_part_of_write:  # who may create an object owns it, and may say who else gets it
        return _grant_allow(request, bucket.acl, "WRITE", "bucket")
    if request.action in _OBJECT_PERMISSIONS:
        version, permission = request.version, _OBJECT_PERMISSIONS[request.action]
        if version is not None:
            return _grant_allow(request, version.acl, permission, "object")
        return _grant_allow(request, bucket.acl, "READ", "bucket")  # who may list may know that the key is not there
    if request.action in _BUCKET_PERMISSIONS:
        if request.key is not None and request.version is not None and not _is_account(request.caller, request.version.owner):
            return None  # WRITE creates; what is there is its owner's and the bucket owner's to change
        return _grant_allow(request, bucket.acl, _BUCKET_PERMISSIONS[request.action], "bucket")
    return None


def _is_account(caller: Caller, owner: str) -> bool:
    return (caller.account.id if caller.account else "") == owner


def _grant_allow(request: AuthorizationRequest, acl: Acl | None, permission: str, what: str) -> _Allowance | None:
    block = request.bucket.effective_public_access_block if request.bucket is not None else None
    ignored = PUBLIC_GROUPS if block is not None and block.ignore_public_acls else frozenset()
    for grant in acl or ():
        if grant.permission in (permission, FULL_CONTROL) and grant.grantee not in ignored and _is_grantee(grant, request.caller):
            return _Allowance(f"the {what}'s ACL grants {grant.permission} to {grant.grantee}", direct=grant.is_group)
    return None


def _is_grantee(grant: Grant, caller: Caller) -> bool:
    if grant.grantee == ALL_USERS:
        return True
    account = caller.account
    return account is not None and grant.grantee in (AUTHENTICATED_USERS, account.canonical_id)


__all__ = [
    "AuthorizationRequest",
    "access_denied",
    "authorize",
    "evaluate",
    "evaluate_policies",
    "is_always_allowed",
    "is_charged",
]

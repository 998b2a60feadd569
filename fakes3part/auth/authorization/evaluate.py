"""Evaluates bucket, identity and session policies and ACLs, in AWS's order.

An explicit deny in any policy decides. Within the owner's account an allow of the resource (bucket policy or ACL) or of the
caller (identity policy) is enough, and the account's root needs none. A caller of another account needs both, unless it is that
account's root, which needs the resource's only. Source: "Policy evaluation logic" in the IAM user guide.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from ...errors import Decision, S3Error
from ...leniences import allow
from ...rules.acls import ALL_USERS, AUTHENTICATED_USERS, FULL_CONTROL, LOG_DELIVERY, PUBLIC_GROUPS
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
"""Logs every denial with its reason as a warning, because S3's error does not name it; pytest shows it for a failing test."""
LOG.addHandler(logging.NullHandler())

POLICY_ACTIONS = frozenset({"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"})
"""Actions that no bucket policy can deny to the owner account's root, which could lock itself out otherwise."""

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
    "s3:GetObjectVersionForReplication": "READ",
    "s3:PutObjectAcl": "WRITE_ACP",
    "s3:PutObjectVersionAcl": "WRITE_ACP",
}
_CHARGED_ACTIONS = frozenset(
    [*_OBJECT_PERMISSIONS, "s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "s3:PutObject"]
)
"""Actions without a key that are charged to the requester of a Requester Pays bucket; actions on a key always are."""

_INITIATOR_ACTIONS = frozenset({"s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"})
"""Actions that the initiator of an upload and its account may perform unless denied.

Source: "Multipart upload and permissions" in the S3 user guide.
"""

ACL_ACTIONS = frozenset([*_BUCKET_PERMISSIONS, *_OBJECT_PERMISSIONS])
"""Actions that ACLs can allow."""

_READ_ACTIONS = frozenset([*_OBJECT_PERMISSIONS, "s3:GetObjectTagging", "s3:GetObjectAttributes", "s3:GetObjectVersionTagging"])


LOGGING_SERVICE = "logging.s3.amazonaws.com"
"""The service principal of server access logging, which the ACL group LogDelivery stands for too."""

_TAGS_DO_NOT_COUNT = "a policy compares the bucket's tags, which count only while ABAC is enabled: see PutBucketAbac"
_NOT_IN_SESSION_POLICY = "the session policy does not allow it"
_OTHER_ACCOUNT = "the caller belongs to another account, and neither the bucket policy nor an ACL allows it"


class _Allowance(NamedTuple):
    """What allows a request.

    Attributes:
        statement: the policy statement that allows it; None: an ACL or a rule does.
        direct: it is allowed to the caller itself. False: to the caller's account, whose identity policies must allow it too.
    """

    reason: str
    statement: Statement | None = None
    direct: bool = True


def is_always_allowed(caller: Caller, bucket: Bucket) -> bool:
    """Return whether the caller is the owner account's root and no policy could deny it: the fast path of most requests."""
    account = caller.account
    return (
        account is not None
        and account.id == bucket.account
        and caller.identity is None
        and bucket.policy is None
        and bucket.ownership == ENFORCED
    )


def authorize(request: AuthorizationRequest) -> None:
    """Raise unless the request is allowed.

    Raises:
        S3Error: AccessDenied, with the reason in its ``decision``.
    """
    bucket = request.bucket
    if bucket is not None and request.access_point is None and is_always_allowed(request.caller, bucket):
        return
    decision = evaluate(request)
    if not decision.allowed and not _is_lenient(request, decision):
        raise access_denied(with_remark(request, decision))


def with_remark(request: AuthorizationRequest, decision: Decision) -> Decision:
    """Return a decision that was made on a request, with a remark where a denial may be due to ABAC that is not enabled."""
    if decision.allowed or not request.looked_for_tags:
        return decision
    return replace(decision, reason=f"{decision.reason} ({_TAGS_DO_NOT_COUNT})")


def _is_lenient(request: AuthorizationRequest, decision: Decision) -> bool:
    """Return whether the fake accepts a request of an anonymous caller or another account that S3 denies.

    What a policy denies explicitly, or the caller's own policies do not allow, stays denied.
    """
    if decision.statement is not None or request.access_point is not None:
        return False
    if request.caller.is_anonymous:
        return allow(request.context.http_request, "anonymous")
    return decision.reason is _OTHER_ACCOUNT and allow(request.context.http_request, "other_accounts")


def evaluate(request: AuthorizationRequest) -> Decision:
    """Return the decision on a request: the first denial among its parts, or else the decision on the first part."""
    decisions = [_evaluate_part(part) for part in parts(request)]
    return next((decision for decision in decisions if not decision.allowed), decisions[0])


def _evaluate_part(request: AuthorizationRequest) -> Decision:
    """Evaluate policies, whether the caller may learn that a key does not exist, and Requester Pays."""
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
        return _decision(
            request, False, "the bucket has Requester Pays enabled, and the request lacks x-amz-request-payer: requester"
        )
    return decision


def _reads_missing_key(request: AuthorizationRequest) -> bool:
    return (
        request.key is not None and request.action in _READ_ACTIONS and not request.is_part_of_write and request.version is None
    )


def access_denied(decision: Decision) -> S3Error:
    """Return the error of a denial, and log its reason."""
    error = S3Error("AccessDenied", decision.message)
    error.decision = decision
    LOG.warning("%s", decision)
    return error


def is_charged(caller: Caller, bucket: Bucket) -> bool:
    """Return whether the caller pays for requests to the bucket, not the owner."""
    return bucket.payer == REQUESTER and (caller.account is None or caller.account.id != bucket.account)


def _lacks_request_payer(request: AuthorizationRequest, bucket: Bucket) -> bool:
    """Return whether the caller must confirm that it pays and does not. Anonymous callers cannot pay."""
    if not is_charged(request.caller, bucket) or (request.key is None and request.action not in _CHARGED_ACTIONS):
        return False
    return request.caller.is_anonymous or "x-amz-request-payer" not in request.context.headers


def evaluate_policies(request: AuthorizationRequest) -> Decision:
    """Return the decision of policies, ACLs and ownership."""
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
    """Return whether the caller belongs to the account that owns the resource."""
    return request.caller.account is not None and request.caller.account.id == request.owner


def _matcher(request: AuthorizationRequest) -> Matches:
    caller, action, resource, lookup = request.caller, request.policy_action, request.resource, partial(condition_values, request)
    return lambda statement: statement.match(caller, action, resource, lookup)


def _explicit_deny(request: AuthorizationRequest, caller_policies: CallerPolicies) -> Decision | None:
    matches, policy = _matcher(request), _bucket_policy(request)
    if request.action in POLICY_ACTIONS and request.caller.is_root and _is_same_account(request):
        policy = None
    for statement in policy.statements if policy is not None else ():
        if statement.effect == "Deny" and matches(statement):
            return _explicit_denial(request, statement, request.policy_name, "a resource-based")
    denial = caller_policies.deny_statement(matches)
    if denial is None:
        return None
    if denial[0] == "session":
        return _explicit_denial(request, denial[1], "session", "a session")
    return _explicit_denial(request, denial[1], "identity", "an identity-based")


def _explicit_denial(request: AuthorizationRequest, statement: Statement, name: str, kind: str) -> Decision:
    message = f"{_not_authorized(request)} with an explicit deny in {kind} policy"
    reason = f"{statement!r} of the {name} policy denies it"
    return _decision(request, False, reason, statement, message if _is_same_account(request) else None)


def _not_authorized(request: AuthorizationRequest) -> str:
    where = "" if request.resource == ALL_BUCKETS else f' on resource: "{request.resource}"'
    return f"User: {request.caller.arn} is not authorized to perform: {request.policy_action}{where}"


def _no_allow_message(request: AuthorizationRequest, kind: str) -> str | None:
    """Return S3's message for a request that nothing allows; None for other accounts, which get the default message."""
    if not _is_same_account(request) or request.caller.is_root:
        return None
    return f"{_not_authorized(request)} because no {kind} policy allows the {request.policy_action} action"


# --- allow -----------------------------------------------------------------------------------------------------------


def _find_allowance(request: AuthorizationRequest, caller_policies: CallerPolicies) -> tuple[_Allowance | None, str]:
    """Return what allows the request, and why not if nothing does (None)."""
    caller = request.caller
    if _session_policy_denies(request, caller_policies):
        return None, _NOT_IN_SESSION_POLICY
    if caller.is_root and _is_same_account(request):
        return _Allowance("the owner's root may do everything that is not denied"), ""
    if request.action in _INITIATOR_ACTIONS and _is_upload_initiator(request):
        return _Allowance("the initiator of an upload may list its parts and abort it"), ""
    resource_allow = _resource_allow(request)
    if caller.service is not None:
        return resource_allow, f"no bucket policy and no ACL allows it to {caller.service}"
    if caller.is_anonymous:
        return resource_allow, "no bucket policy and no ACL allows it to everybody"
    caller_allow = _Allowance("root of its account") if caller.is_root else _identity_allow(request, caller_policies)
    if _is_same_account(request):
        if caller_allow is None and resource_allow is not None and not resource_allow.direct:
            return None, f"{resource_allow.reason} to the account, but no identity policy allows it to the caller"
        return caller_allow or resource_allow, "neither the identity policy nor the bucket policy allows it"
    if resource_allow is None:
        lacks_both = caller_allow is None and not request.identity_already_checked
        return None, f"{_OTHER_ACCOUNT}, nor the identity policy" if lacks_both else _OTHER_ACCOUNT
    if caller_allow is None and not request.identity_already_checked:
        return None, f"{resource_allow.reason}, but the identity policy does not: another account's users need both"
    return resource_allow, ""


def _session_policy_denies(request: AuthorizationRequest, caller_policies: CallerPolicies) -> bool:
    """Return whether a session policy does not allow the action, nor the bucket policy to the session by its own ARN."""
    if caller_policies.session is None or request.identity_already_checked:
        return False
    return not caller_policies.session_allows(_matcher(request)) and not _is_allowed_by_session_arn(request)


def _is_upload_initiator(request: AuthorizationRequest) -> bool:
    """Return whether the caller initiated the upload that the request names, or is the root of the initiator's account."""
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
    """Return whether the bucket policy allows it to the session by its own ARN, which session policies do not limit."""
    allowance = _bucket_policy_allow(request, request.bucket) if request.bucket is not None else None
    statement = None if allowance is None else allowance.statement
    principals = None if statement is None else statement.principals
    return principals is not None and request.caller.arn in principals.arns


def _resource_allow(request: AuthorizationRequest) -> _Allowance | None:
    if request.bucket is None:
        return None
    allowance = _bucket_policy_allow(request, request.bucket)
    if (allowance is None or not allowance.direct) and request.bucket.ownership != ENFORCED:
        return _acl_allow(request, request.bucket) or allowance
    return allowance


def _bucket_policy_allow(request: AuthorizationRequest, bucket: Bucket) -> _Allowance | None:
    policy = _bucket_policy(request)
    if policy is None or request.owner != bucket.account:
        return None  # a bucket policy cannot grant access to an object of another account
    block = bucket.effective_public_access_block
    is_foreign = request.caller.account is None or request.caller.account.id != bucket.account
    if block is not None and block.restrict_public_buckets and is_foreign and is_public(policy):
        return None
    to_account, matches = None, _matcher(request)
    for statement in policy.statements:
        if statement.effect == "Allow":
            match = matches(statement)
            if match == "direct":
                return _Allowance(f"{statement!r} of the {request.policy_name} policy allows it", statement)
            if match:
                to_account = _Allowance(f"{statement!r} of the {request.policy_name} policy allows it", statement, direct=False)
    return to_account


def _acl_allow(request: AuthorizationRequest, bucket: Bucket) -> _Allowance | None:
    if request.is_part_of_write:  # the writer owns the new object, so it may grant access to it
        return _grant_allow(request, bucket.acl, "WRITE", "bucket")
    if request.action in _OBJECT_PERMISSIONS:
        version, permission = request.version, _OBJECT_PERMISSIONS[request.action]
        if version is not None:
            return _grant_allow(request, version.acl, permission, "object")
        return _grant_allow(
            request, bucket.acl, "READ", "bucket"
        )  # READ of the bucket lets the caller learn that the key does not exist
    if request.action in _BUCKET_PERMISSIONS:
        if request.key is not None and request.version is not None and not _is_account(request.caller, request.version.owner):
            return None  # WRITE creates objects; existing ones belong to their owners
        return _grant_allow(request, bucket.acl, _BUCKET_PERMISSIONS[request.action], "bucket")
    return None


def _is_account(caller: Caller, owner: str) -> bool:
    return (caller.account.id if caller.account else "") == owner


def _grant_allow(request: AuthorizationRequest, acl: Acl | None, permission: str, resource_kind: str) -> _Allowance | None:
    block = request.bucket.effective_public_access_block if request.bucket is not None else None
    ignored = PUBLIC_GROUPS if block is not None and block.ignore_public_acls else frozenset()
    for grant in acl or ():
        if grant.permission in (permission, FULL_CONTROL) and grant.grantee not in ignored and _is_grantee(grant, request.caller):
            return _Allowance(f"the {resource_kind}'s ACL grants {grant.permission} to {grant.grantee}", direct=grant.is_group)
    return None


def _is_grantee(grant: Grant, caller: Caller) -> bool:
    if grant.grantee == ALL_USERS:
        return True
    if grant.grantee == LOG_DELIVERY:
        return caller.service == LOGGING_SERVICE
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

"""STS: the caller's identity, and temporary credentials, whose account and policies S3 evaluates.

No set-up is needed. Unless `Settings.strict_credentials` is on, every account has any role that was not added: it trusts
everybody and may do everything. An added role (`FakeS3.add_role`) has its policies only. A fake's access keys are root users of
their accounts as long as no user was added; unlike AWS's root users these may assume roles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from ..auth.authorization.role_trust import ALLOW_EVERYTHING, TRUST_EVERYBODY, trust_denial
from ..auth.callers import Identity, Principal
from ..auth.policies.policy import PolicyError, identity_policy
from ..auth.sessions import Role, Session
from ..clock import later
from .context import ServiceContext
from .errors import ServiceError, not_implemented
from .registry import Output, Params, sts_operation

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role(/(?:[!-~]+/)?)([\w+=,.@-]{1,64})", re.ASCII)
_SECONDS_PER_HOUR = 3600
_MAX_POLICY = 2048
"""The most characters that a session policy may have."""

_NO_PERMISSIONS: Mapping[str, Any] = {"Version": "2012-10-17", "Statement": []}
_UNSUPPORTED_MEMBERS = ("PolicyArns", "ProvidedContexts", "SourceIdentity", "TransitiveTagKeys")


def _check_members(operation: str, params: Params, names: Iterable[str] = _UNSUPPORTED_MEMBERS) -> None:
    for name in names:
        if name in params:
            raise not_implemented(operation, name)


def _access_denied(message: str) -> ServiceError:
    return ServiceError("AccessDenied", message, 403)


# --- identity --------------------------------------------------------------------------------------------------------


@sts_operation("GetCallerIdentity")
def get_caller_identity(context: ServiceContext, params: Params) -> Output:
    """Return the caller's identity. The operation needs no permission and cannot be denied."""
    return {"UserId": context.caller.user_id, "Account": context.account.id, "Arn": context.caller.arn}


@sts_operation("GetAccessKeyInfo")
def get_access_key_info(context: ServiceContext, params: Params) -> Output:
    """Return the account of an access key. AWS derives it from the key's id, so every key has one."""
    accounts = context.backend.accounts
    caller = accounts.caller(params["AccessKeyId"])
    return {"Account": caller.account.id if caller is not None and caller.account is not None else accounts.default}


# --- temporary credentials -------------------------------------------------------------------------------------------


@sts_operation("AssumeRole")
def assume_role(context: ServiceContext, params: Params) -> Output:
    """Return credentials of a role's session. ``Policy`` restricts what the role's policy allows."""
    _check_members("AssumeRole", params)
    role, name, tags = _role(context, params["RoleArn"]), params["RoleSessionName"], _tags(params)
    _check_may_assume(context, role, params)
    seconds = params.get("DurationSeconds", _SECONDS_PER_HOUR)
    if context.caller.session is not None and context.caller.session.role is not None and seconds > _SECONDS_PER_HOUR:
        text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        raise ServiceError("ValidationError", text)
    if seconds > role.max_session_duration:
        raise ServiceError("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    session = Session(
        f"assumed-role/{role.name}/{name}",
        f"{role.id}:{name}",
        role,
        _session_policy(params),
        tags,
        "TokenCode" in params,
        context.now(),
    )
    issued = _issue(context, role.account, Identity(role.name, role.policy), session, seconds)
    user = {"AssumedRoleId": session.user_id, "Arn": issued.arn}
    return {"Credentials": _credentials(issued), "AssumedRoleUser": user, **_packed_policy_size(params)}


@sts_operation("GetSessionToken")
def get_session_token(context: ServiceContext, params: Params) -> Output:
    """Return temporary credentials of the caller. A root user's are valid for an hour at most."""
    _reject_session_credentials(context, "GetSessionToken")
    session = Session(mfa="TokenCode" in params, issued=context.now())
    issued = _issue(context, context.account.id, context.caller.identity, session, _session_seconds(context, params))
    return {"Credentials": _credentials(issued)}


@sts_operation("GetFederationToken")
def get_federation_token(context: ServiceContext, params: Params) -> Output:
    """Return credentials of a federated user, whose permissions are the caller's and ``Policy``'s intersection.

    Without ``Policy`` the user has no permissions.
    """
    _check_members("GetFederationToken", params)
    _reject_session_credentials(context, "GetFederationToken")
    name, account, identity = params["Name"], context.account.id, context.caller.identity
    reason = context.denial_reason("sts:GetFederationToken", f"arn:aws:sts::{account}:federated-user/{name}")
    if reason is not None:
        arn = f"arn:aws:sts::{account}:federated-user/{name}"
        message = f"User: {context.caller.arn} is not authorized to perform: sts:GetFederationToken on resource: {arn} {reason}"
        raise _access_denied(context.record_denial("sts:GetFederationToken", arn, reason, message))
    policy = _session_policy(params) or _NO_PERMISSIONS
    session = Session(f"federated-user/{name}", f"{account}:{name}", None, policy, _tags(params), issued=context.now())
    federated = Identity(name, ALLOW_EVERYTHING if identity is None else identity.policy)
    issued = _issue(context, account, federated, session, _session_seconds(context, params))
    user = {"FederatedUserId": session.user_id, "Arn": issued.arn}
    return {"Credentials": _credentials(issued), "FederatedUser": user, **_packed_policy_size(params)}


def _reject_session_credentials(context: ServiceContext, operation: str) -> None:
    if context.caller.session is not None:
        raise _access_denied(f"Cannot call {operation} with session credentials")


def _session_seconds(context: ServiceContext, params: Params) -> int:
    seconds: int = params.get("DurationSeconds", 12 * _SECONDS_PER_HOUR)
    return min(seconds, _SECONDS_PER_HOUR) if context.caller.is_root else seconds


# --- roles -----------------------------------------------------------------------------------------------------------


def _role(context: ServiceContext, arn: str) -> Role:
    match = _ROLE.fullmatch(arn)
    if match is None:
        raise ServiceError("ValidationError", f"{arn} is invalid")
    account, path, name = match.groups()
    accounts = context.backend.accounts
    role = accounts.role(account, name)
    if role is not None and role.path == path:
        return role
    if role is not None or accounts.strict:
        raise _access_denied(context.record_denial("sts:AssumeRole", arn, "there is no such role"))
    return Role(account, name, ALLOW_EVERYTHING, TRUST_EVERYBODY, path, 12 * _SECONDS_PER_HOUR)


def _check_may_assume(context: ServiceContext, role: Role, params: Params) -> None:
    conditions = {"sts:rolesessionname": params["RoleSessionName"]}
    if "ExternalId" in params:
        conditions["sts:externalid"] = params["ExternalId"]
    if "TokenCode" in params:
        conditions["aws:multifactorauthpresent"] = "true"
    for action in ("sts:AssumeRole", *(["sts:TagSession"] if params.get("Tags") else [])):
        reason = trust_denial(role, context.authorization_request(action, conditions))
        if reason is not None:
            raise _access_denied(context.record_denial(action, role.arn, reason))


def _tags(params: Params) -> dict[str, str]:
    tags: dict[str, str] = {tag["Key"]: tag["Value"] for tag in params.get("Tags", ())}
    if len({name.lower() for name in tags}) != len(params.get("Tags", ())):
        text = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        raise ServiceError("InvalidParameterValue", text)
    return tags


def _session_policy(params: Params) -> Mapping[str, Any] | None:
    text: str | None = params.get("Policy")
    if text is None:
        return None
    if len(text) > _MAX_POLICY:
        used = len(text) * 100 // _MAX_POLICY
        text = f"Packed policy consumes {used}% of allotted space, please use smaller policy."
        raise ServiceError("PackedPolicyTooLarge", text)
    try:
        identity_policy(text)
    except PolicyError as error:
        raise ServiceError("MalformedPolicyDocument", error.message) from None
    parsed: Mapping[str, Any] = json.loads(text)
    return parsed


def _packed_policy_size(params: Params) -> Output:
    """Return the share of the allowed space that policy and tags take, in percent."""
    characters = len(params.get("Policy", "")) + sum(len(tag["Key"]) + len(tag["Value"]) for tag in params.get("Tags", ()))
    return {"PackedPolicySize": -(-characters * 100 // _MAX_POLICY)} if characters else {}


# --- keys ------------------------------------------------------------------------------------------------------------


def _issue(context: ServiceContext, account: str, identity: Identity | None, session: Session, seconds: int) -> Principal:
    backend = context.backend
    access_key, secret, token = backend.ids.session_keys()
    expires = later(context.now(), timedelta(seconds=seconds))
    principal = Principal(backend.accounts.account(account), access_key, secret, identity, token, expires, session)
    return backend.accounts.add_principal(principal)


def _credentials(issued: Principal) -> Output:
    return {
        "AccessKeyId": issued.access_key,
        "SecretAccessKey": issued.secret_key,
        "SessionToken": issued.session_token,
        "Expiration": issued.expires,
    }

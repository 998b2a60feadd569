"""STS: who am I, and temporary credentials, which carry their account and policies into S3's evaluation.

Nothing needs to be set up. Unless `Settings.strict_credentials` is on, a role that nobody added exists in every account, trusts
everybody and may do everything; a role that was added (`FakeS3.add_role`) is what its policies say. A fake's access keys are
roots of their accounts, as long as no user was added, and unlike AWS's roots these may assume roles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from ..auth.authorization.role_trust import ANYBODY, EVERYTHING, refusal
from ..auth.callers import Identity, Principal
from ..auth.policies.policy import PolicyError, identity_policy
from ..auth.sessions import Role, Session
from .context import Call
from .errors import ServiceError, lacking
from .registry import Output, Params, sts_operation

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role(/(?:[!-~]+/)?)([\w+=,.@-]{1,64})", re.ASCII)
_HOUR = 3600
_MAX_POLICY = 2048
"""Characters of a session policy."""

_NOTHING: Mapping[str, Any] = {"Version": "2012-10-17", "Statement": []}
_UNDONE = ("PolicyArns", "ProvidedContexts", "SourceIdentity", "TransitiveTagKeys")


def _refuse_options(operation: str, params: Params, names: Iterable[str] = _UNDONE) -> None:
    for name in names:
        if name in params:
            raise lacking(operation, name)


def _access_denied(message: str) -> ServiceError:
    return ServiceError("AccessDenied", message, 403)


# --- who am I --------------------------------------------------------------------------------------------------------


@sts_operation("GetCallerIdentity")
def get_caller_identity(call: Call, params: Params) -> Output:
    """Nobody may be kept from asking."""
    return {"UserId": call.caller.user_id, "Account": call.account.id, "Arn": call.caller.arn}


@sts_operation("GetAccessKeyInfo")
def get_access_key_info(call: Call, params: Params) -> Output:
    """The account of a key; AWS reads it out of the key's id, so that every one has an account."""
    accounts = call.fake.accounts
    found = accounts.caller(params["AccessKeyId"])
    return {"Account": found.account.id if found is not None and found.account is not None else accounts.default}


# --- temporary credentials -------------------------------------------------------------------------------------------


@sts_operation("AssumeRole")
def assume_role(call: Call, params: Params) -> Output:
    """Credentials of a role's session. ``Policy`` takes away from what the role's policy allows."""
    _refuse_options("AssumeRole", params)
    role, name, tags = _role(call, params["RoleArn"]), params["RoleSessionName"], _tags(params)
    _check_may_assume(call, role, params)
    seconds = params.get("DurationSeconds", _HOUR)
    if call.caller.session is not None and call.caller.session.role is not None and seconds > _HOUR:
        text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        raise ServiceError("ValidationError", text)
    if seconds > role.longest:
        raise ServiceError("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    session = Session(
        f"assumed-role/{role.name}/{name}",
        f"{role.id}:{name}",
        role,
        _session_policy(params),
        tags,
        "TokenCode" in params,
        call.now(),
    )
    issued = _issue(call, role.account, Identity(role.name, role.policy), session, seconds)
    user = {"AssumedRoleId": session.user_id, "Arn": issued.arn}
    return {"Credentials": _credentials(issued), "AssumedRoleUser": user, **_packed(params)}


@sts_operation("GetSessionToken")
def get_session_token(call: Call, params: Params) -> Output:
    """Temporary credentials of the caller itself. A root's last an hour at most."""
    _refuse_sessions(call, "GetSessionToken")
    session = Session(mfa="TokenCode" in params, issued=call.now())
    issued = _issue(call, call.account.id, call.caller.identity, session, _own_duration(call, params))
    return {"Credentials": _credentials(issued)}


@sts_operation("GetFederationToken")
def get_federation_token(call: Call, params: Params) -> Output:
    """Credentials of a federated user, who may do what both the caller and ``Policy`` allow: without one, nothing."""
    _refuse_options("GetFederationToken", params)
    _refuse_sessions(call, "GetFederationToken")
    name, account, identity = params["Name"], call.account.id, call.caller.identity
    reason = call.refusal("sts:GetFederationToken", f"arn:aws:sts::{account}:federated-user/{name}")
    if reason is not None:
        arn = f"arn:aws:sts::{account}:federated-user/{name}"
        words = f"User: {call.caller.arn} is not authorized to perform: sts:GetFederationToken on resource: {arn} {reason}"
        raise _access_denied(call.denied("sts:GetFederationToken", arn, reason, words))
    policy = _session_policy(params) or _NOTHING
    session = Session(f"federated-user/{name}", f"{account}:{name}", None, policy, _tags(params), issued=call.now())
    given = Identity(name, EVERYTHING if identity is None else identity.policy)
    issued = _issue(call, account, given, session, _own_duration(call, params))
    user = {"FederatedUserId": session.user_id, "Arn": issued.arn}
    return {"Credentials": _credentials(issued), "FederatedUser": user, **_packed(params)}


def _refuse_sessions(call: Call, operation: str) -> None:
    if call.caller.session is not None:
        raise _access_denied(f"Cannot call {operation} with session credentials")


def _own_duration(call: Call, params: Params) -> int:
    seconds: int = params.get("DurationSeconds", 12 * _HOUR)
    return min(seconds, _HOUR) if call.caller.is_root else seconds


# --- roles -----------------------------------------------------------------------------------------------------------


def _role(call: Call, arn: str) -> Role:
    found = _ROLE.fullmatch(arn)
    if found is None:
        raise ServiceError("ValidationError", f"{arn} is invalid")
    account, path, name = found.groups()
    accounts = call.fake.accounts
    known = accounts.role(account, name)
    if known is not None and known.path == path:
        return known
    if known is not None or accounts.strict:
        raise _access_denied(call.denied("sts:AssumeRole", arn, "there is no such role"))
    return Role(account, name, EVERYTHING, ANYBODY, path, 12 * _HOUR)


def _check_may_assume(call: Call, role: Role, params: Params) -> None:
    given = {"sts:rolesessionname": params["RoleSessionName"]}
    if "ExternalId" in params:
        given["sts:externalid"] = params["ExternalId"]
    if "TokenCode" in params:
        given["aws:multifactorauthpresent"] = "true"
    for action in ("sts:AssumeRole", *(["sts:TagSession"] if params.get("Tags") else [])):
        reason = refusal(role, call.authorization_request(action, given))
        if reason is not None:
            raise _access_denied(call.denied(action, role.arn, reason))


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
    except PolicyError as wrong:
        raise ServiceError("MalformedPolicyDocument", wrong.message) from None
    parsed: Mapping[str, Any] = json.loads(text)
    return parsed


def _packed(params: Params) -> Output:
    """How much of the space that AWS has for them policy and tags take, in percent."""
    size = len(params.get("Policy", "")) + sum(len(tag["Key"]) + len(tag["Value"]) for tag in params.get("Tags", ()))
    return {"PackedPolicySize": -(-size * 100 // _MAX_POLICY)} if size else {}


# --- keys ------------------------------------------------------------------------------------------------------------


def _issue(call: Call, account: str, identity: Identity | None, session: Session, seconds: int) -> Principal:
    fake = call.fake
    access_key, secret, token = fake.ids.session_keys()
    return fake.accounts.add_key(
        fake.accounts.account(account),
        identity,
        access_key,
        secret,
        session_token=token,
        expires=call.now() + timedelta(seconds=seconds),
        session=session,
    )


def _credentials(issued: Principal) -> Output:
    return {
        "AccessKeyId": issued.access_key,
        "SecretAccessKey": issued.secret_key,
        "SessionToken": issued.session_token,
        "Expiration": issued.expires,
    }

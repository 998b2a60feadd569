"""KMS: the life of keys and aliases, on the very keys that SSE-KMS checks (`fakes3part.state.kms`).

Asked for itself, KMS has the keys that were made here or added to the fake, and AWS's own for S3. (S3 takes any well-formed key
of the caller's account for one that is there, unless `Settings.strict_kms` is on.)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from ..auth.authorization.kms import check_use, key_policy
from ..auth.policies.policy import PolicyError
from ..errors import S3Error
from ..state.kms import Alias, Key, KmsError
from .context import Call
from .errors import ServiceError, lacking
from .registry import Output, Params, kms_operation

T = TypeVar("T")

_DAYS = range(7, 31)
_LEAST_PAGE, _PAGE = 50, 100
_MANAGED = "Default key that protects my S3 objects when no other key is defined"
_KIND = {
    "KeyUsage": "ENCRYPT_DECRYPT",
    "Origin": "AWS_KMS",
    "KeySpec": "SYMMETRIC_DEFAULT",
    "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
}
"""What a key must be here, whatever else there is on AWS."""


# --- finding and asking ----------------------------------------------------------------------------------------------


def found(call: Call, name: str, action: str, *, alias: bool = True) -> Key:
    """The key of a name, if the caller may do this with it. ``alias`` False: an alias is no name for it.

    Raises:
        ServiceError: NotFoundException, InvalidArnException, AccessDeniedException.
    """
    if not alias and "alias/" in name:
        raise ServiceError("NotFoundException", f"Invalid keyId '{name.rpartition(':')[2]}'")
    return allowed(call, call.fake.kms.find(name, call.account.id, call.region, strict=True), action)


def allowed(call: Call, key: Key | None, action: str) -> Key:
    """The key, if the caller may do this with it.

    Raises:
        ServiceError: AccessDeniedException.
    """
    try:
        return check_use(key, call.authorization_request(action, {"kms:calleraccount": call.account.id}))
    except S3Error as denial:
        call.fake.last_denial = denial.decision
        raise ServiceError("AccessDeniedException", denial.message) from None


def changeable(call: Call, name: str, action: str) -> Key:
    """The key of an id or ARN, to be changed; AWS's own cannot be.

    Raises:
        ServiceError: as `found`.
    """
    key = found(call, name, action, alias=False)
    if key.is_managed:
        reason = f"because no resource-based policy allows the {action} action"
        words = f"User: {call.caller.arn} is not authorized to perform: {action} on resource: {key.arn} {reason}"
        raise ServiceError("AccessDeniedException", call.denied(action, key.arn, "it is AWS's own key", words))
    return call.fake.kms.keep(key)


def allowed_on_account(call: Call, action: str, resource: str = "*") -> None:
    """Raise AccessDeniedException unless the caller's own policies allow what is done to no key."""
    reason = call.refusal(action, resource)
    if reason is not None:
        words = f"User: {call.caller.arn} is not authorized to perform: {action} on resource: {resource} {reason}"
        raise ServiceError("AccessDeniedException", call.denied(action, resource, reason, words))


def page(items: Sequence[T], params: Params, default: int = _PAGE) -> tuple[Sequence[T], Output]:
    """A page of a list, and what tells where the next one begins. Markers are positions."""
    marker = params.get("Marker", "0")
    if not (marker.isascii() and marker.isdecimal()):
        raise ServiceError("InvalidMarkerException")
    start = int(marker)
    end = start + params.get("Limit", default)
    if end >= len(items):
        return items[start:], {"Truncated": False}
    return items[start:end], {"Truncated": True, "NextMarker": str(end)}


# --- keys ------------------------------------------------------------------------------------------------------------


def metadata(call: Call, key: Key) -> Output:
    """The ``KeyMetadata`` of a key."""
    shown = {
        "AWSAccountId": key.account,
        "KeyId": key.id,
        "Arn": key.arn,
        "CreationDate": key.created or call.fake.kms.since,
        "Enabled": key.state == "Enabled",
        "Description": _MANAGED if key.is_managed else key.description,
        "KeyState": key.state,
        "DeletionDate": key.deletion,
        "KeyManager": "AWS" if key.is_managed else "CUSTOMER",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": key.id.startswith("mrk-"),
    }
    return {**shown, **_KIND}


@kms_operation("CreateKey")
def create_key(call: Call, params: Params) -> Output:
    """A new symmetric key: what S3 can use. Others are not done."""
    allowed_on_account(call, "kms:CreateKey")
    for name, value in _KIND.items():
        if params.get(name, value) != value:
            raise lacking("CreateKey", f"{name} {params[name]}")
    for name in ("CustomKeyStoreId", "XksKeyId"):
        if name in params:
            raise lacking("CreateKey", name)
    key_id = call.fake.ids.uuid("kms key")
    if params.get("MultiRegion"):
        key_id = f"mrk-{key_id.replace('-', '')}"
    key = Key(
        key_id,
        call.account.id,
        call.region,
        description=params.get("Description", ""),
        created=call.fake.clock.now(),
        tags=_tags(params),
        issued=True,
    )
    if "Policy" in params:
        _set_policy(call, key, params)
    return {"KeyMetadata": metadata(call, call.fake.kms.keep(key))}


@kms_operation("DescribeKey")
def describe_key(call: Call, params: Params) -> Output:
    """A key by id, ARN or alias."""
    return {"KeyMetadata": metadata(call, found(call, params["KeyId"], "kms:DescribeKey"))}


@kms_operation("ListKeys")
def list_keys(call: Call, params: Params) -> Output:
    """The keys that were made or added, in this region."""
    allowed_on_account(call, "kms:ListKeys")
    keys, rest = page(call.fake.kms.keys(call.account.id, call.region), params)
    return {"Keys": [{"KeyId": key.id, "KeyArn": key.arn} for key in keys], **rest}


@kms_operation("UpdateKeyDescription")
def update_key_description(call: Call, params: Params) -> Output:
    """Other words for what it is for."""
    key = changeable(call, params["KeyId"], "kms:UpdateKeyDescription")
    key.check_lives()
    key.description = params["Description"]
    return {}


@kms_operation("EnableKey")
def enable_key(call: Call, params: Params) -> Output:
    """Let it be used; SSE-KMS too."""
    key = changeable(call, params["KeyId"], "kms:EnableKey")
    key.check_lives()
    key.state = "Enabled"
    return {}


@kms_operation("DisableKey")
def disable_key(call: Call, params: Params) -> Output:
    """Let it not be used, until it is enabled again."""
    key = changeable(call, params["KeyId"], "kms:DisableKey")
    key.check_lives()
    key.state = "Disabled"
    return {}


@kms_operation("ScheduleKeyDeletion")
def schedule_key_deletion(call: Call, params: Params) -> Output:
    """It cannot be used from now on, and is gone after 7 to 30 days on the fake's clock."""
    key, days = changeable(call, params["KeyId"], "kms:ScheduleKeyDeletion"), params.get("PendingWindowInDays", 30)
    key.check_lives()
    if days not in _DAYS:
        raise ServiceError("ValidationException", f"PendingWindowInDays should be between 7 and 30, but it is {days}")
    key.deletion = call.now() + timedelta(days=days)
    key.state = "PendingDeletion"
    return {"KeyId": key.arn, "DeletionDate": key.deletion, "KeyState": key.state, "PendingWindowInDays": days}


@kms_operation("CancelKeyDeletion")
def cancel_key_deletion(call: Call, params: Params) -> Output:
    """Keep it after all. It is disabled."""
    key = changeable(call, params["KeyId"], "kms:CancelKeyDeletion")
    if key.state != "PendingDeletion":
        raise ServiceError("KMSInvalidStateException", f"{key.arn} is not pending deletion.")
    key.state, key.deletion = "Disabled", None
    return {"KeyId": key.arn}


# --- policies --------------------------------------------------------------------------------------------------------


def default_policy(account: str) -> str:
    """What a key has that was made without one, spelled as KMS spells it."""
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps(
        {"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}, indent=2, separators=(",", " : ")
    )


def _set_policy(call: Call, key: Key, params: Params) -> None:
    """Give a key a policy; whoever sets one must be able to set it again.

    Raises:
        ServiceError: MalformedPolicyDocumentException.
    """
    text: str = params["Policy"]
    try:
        key_policy(text)
    except PolicyError as wrong:
        raise ServiceError("MalformedPolicyDocumentException", wrong.message) from None
    before, denial = key.policy, call.fake.last_denial
    key.policy = text
    if params.get("BypassPolicyLockoutSafetyCheck"):
        return
    try:
        allowed(call, key, "kms:PutKeyPolicy")
    except ServiceError:
        key.policy, call.fake.last_denial = before, denial
        text = "The new key policy will not allow you to update the key policy in the future."
        raise ServiceError("MalformedPolicyDocumentException", text) from None


def _check_policy_name(params: Params) -> None:
    name = params.get("PolicyName", "default")
    if name != "default":
        raise ServiceError("NotFoundException", f"No such policy exists: {name}")


@kms_operation("PutKeyPolicy")
def put_key_policy(call: Call, params: Params) -> Output:
    """Replace the policy. SSE-KMS asks it too."""
    key = changeable(call, params["KeyId"], "kms:PutKeyPolicy")
    _check_policy_name(params)
    key.check_lives()
    _set_policy(call, key, params)
    return {}


@kms_operation("GetKeyPolicy")
def get_key_policy(call: Call, params: Params) -> Output:
    """The policy as it was put."""
    key = found(call, params["KeyId"], "kms:GetKeyPolicy", alias=False)
    _check_policy_name(params)
    return {"Policy": default_policy(key.account) if key.policy is None else key.policy, "PolicyName": "default"}


@kms_operation("ListKeyPolicies")
def list_key_policies(call: Call, params: Params) -> Output:
    """There is one, and it has one name."""
    found(call, params["KeyId"], "kms:ListKeyPolicies", alias=False)
    return {"PolicyNames": ["default"], "Truncated": False}


# --- aliases ---------------------------------------------------------------------------------------------------------


def _alias_arn(call: Call, name: str) -> str:
    return f"{Key('', call.account.id, call.region).arn.removesuffix('key/')}{name}"


def _check_alias(call: Call, action: str, name: str) -> None:
    if not name.startswith("alias/") or len(name) == len("alias/") or ":" in name:
        where = "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
        raise ServiceError("ValidationException", f'Alias must start with the prefix "alias/". Please see {where}')
    if name.startswith("alias/aws/"):
        raise ServiceError("NotAuthorizedException")
    allowed_on_account(call, action, _alias_arn(call, name))


def _known_alias(call: Call, name: str) -> Alias:
    alias = call.fake.kms.find_alias(name, call.account.id, call.region)
    if alias is None:
        raise KmsError("NotFoundException", f"Alias {_alias_arn(call, name)} is not found.")
    return alias


@kms_operation("CreateAlias")
def create_alias(call: Call, params: Params) -> Output:
    """Another name for a key, which SSE-KMS knows too."""
    name = params["AliasName"]
    _check_alias(call, "kms:CreateAlias", name)
    if call.fake.kms.find_alias(name, call.account.id, call.region) is not None:
        raise ServiceError("AlreadyExistsException", f"An alias with the name {_alias_arn(call, name)} already exists")
    key = changeable(call, params["TargetKeyId"], "kms:CreateAlias")
    key.check_lives()
    call.fake.kms.set_alias(key, Alias(name, key.id, call.now(), call.now(), issued=True))
    return {}


@kms_operation("UpdateAlias")
def update_alias(call: Call, params: Params) -> Output:
    """Let it mean another key."""
    name = params["AliasName"]
    _check_alias(call, "kms:UpdateAlias", name)
    alias = _known_alias(call, name)
    key = changeable(call, params["TargetKeyId"], "kms:UpdateAlias")
    key.check_lives()
    call.fake.kms.set_alias(key, alias._replace(key_id=key.id, changed=call.now()))
    return {}


@kms_operation("DeleteAlias")
def delete_alias(call: Call, params: Params) -> Output:
    """Forget the name; the key stays."""
    _check_alias(call, "kms:DeleteAlias", params["AliasName"])
    alias = _known_alias(call, params["AliasName"])
    call.fake.kms.drop_alias(alias.name, call.account.id, call.region)
    return {}


@kms_operation("ListAliases")
def list_aliases(call: Call, params: Params) -> Output:
    """All aliases in this region, or those of one key."""
    allowed_on_account(call, "kms:ListAliases")
    aliases = call.fake.kms.aliases(call.account.id, call.region)
    if "KeyId" in params:
        key = found(call, params["KeyId"], "kms:ListAliases", alias=False)
        aliases = [alias for alias in aliases if alias.key_id == key.id]
    shown, rest = page(aliases, params, _LEAST_PAGE)
    return {"Aliases": [_alias(call, alias) for alias in shown], **rest}


def _alias(call: Call, alias: Alias) -> Mapping[str, Any]:
    return {
        "AliasName": alias.name,
        "AliasArn": _alias_arn(call, alias.name),
        "TargetKeyId": alias.key_id,
        "CreationDate": alias.created or call.fake.kms.since,
        "LastUpdatedDate": alias.changed or call.fake.kms.since,
    }


# --- tags ------------------------------------------------------------------------------------------------------------


def _tags(params: Params) -> dict[str, str]:
    tags = {tag["TagKey"]: tag["TagValue"] for tag in params.get("Tags", ())}
    if any(name.startswith("aws:") for name in tags):
        raise ServiceError("TagException", "Tags beginning with aws: are reserved")
    return tags


@kms_operation("TagResource")
def tag_resource(call: Call, params: Params) -> Output:
    """Add tags, and replace those of the same name."""
    key = changeable(call, params["KeyId"], "kms:TagResource")
    key.check_lives()
    key.tags.update(_tags(params))
    return {}


@kms_operation("UntagResource")
def untag_resource(call: Call, params: Params) -> Output:
    """Remove tags, if they are there."""
    key = changeable(call, params["KeyId"], "kms:UntagResource")
    key.check_lives()
    for name in params["TagKeys"]:
        key.tags.pop(name, None)
    return {}


@kms_operation("ListResourceTags")
def list_resource_tags(call: Call, params: Params) -> Output:
    """The tags, by name."""
    key = found(call, params["KeyId"], "kms:ListResourceTags", alias=False)
    tags, rest = page(sorted(key.tags.items()), params, _LEAST_PAGE)
    return {"Tags": [{"TagKey": name, "TagValue": value} for name, value in tags], **rest}

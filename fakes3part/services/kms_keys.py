"""KMS operations on keys, their policies, tags and aliases. SSE-KMS uses the same keys (`fakes3part.state.kms`).

For requests to KMS itself only the keys exist that were created or added to the fake, and AWS's own for S3. S3 accepts any
well-formed key of the caller's account as existing, unless `Settings.strict_kms` is on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from ..auth.authorization.kms import authorize_key_use, key_policy
from ..auth.policies.policy import PolicyError
from ..clock import later
from ..errors import S3Error
from ..state.kms import Alias, Key, KmsError
from ..text import whole_number
from .context import ServiceContext
from .errors import ServiceError, not_implemented
from .registry import Output, Params, kms_operation

T = TypeVar("T")

_PENDING_WINDOW_DAYS = range(7, 31)
_SMALL_PAGE_SIZE, _PAGE_SIZE = 50, 100
_MANAGED_KEY_DESCRIPTION = "Default key that protects my S3 objects when no other key is defined"
_SUPPORTED_KIND = {
    "KeyUsage": "ENCRYPT_DECRYPT",
    "Origin": "AWS_KMS",
    "KeySpec": "SYMMETRIC_DEFAULT",
    "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
}
"""The only kind of key that is implemented."""


# --- finding and authorizing -----------------------------------------------------------------------------------------


def find_key(context: ServiceContext, name: str, action: str, *, alias: bool = True) -> Key:
    """Return the key with this id, ARN or alias, if the caller may perform the action with it.

    ``alias`` False: an alias is not accepted.

    Raises:
        ServiceError: NotFoundException, InvalidArnException, AccessDeniedException.
    """
    if not alias and "alias/" in name:
        raise ServiceError("NotFoundException", f"Invalid keyId '{name.rpartition(':')[2]}'")
    return authorized_key(context, context.backend.kms.find(name, context.account.id, context.region, strict=True), action)


def authorized_key(context: ServiceContext, key: Key | None, action: str) -> Key:
    """Return the key, if the caller may perform the action with it. ``key`` None: it does not exist.

    Raises:
        ServiceError: AccessDeniedException.
    """
    try:
        return authorize_key_use(key, context.authorization_request(action, {"kms:calleraccount": context.account.id}))
    except S3Error as denial:
        context.backend.last_denial = denial.decision
        raise ServiceError("AccessDeniedException", denial.message) from None


def find_customer_key(context: ServiceContext, name: str, action: str) -> Key:
    """Return the key with this id or ARN, for a change. AWS managed keys cannot be changed.

    Raises:
        ServiceError: as `find_key`.
    """
    key = find_key(context, name, action, alias=False)
    if key.is_managed:
        reason = f"because no resource-based policy allows the {action} action"
        message = f"User: {context.caller.arn} is not authorized to perform: {action} on resource: {key.arn} {reason}"
        raise ServiceError("AccessDeniedException", context.record_denial(action, key.arn, "it is AWS's own key", message))
    return context.backend.kms.register(key)


def authorize_account_action(context: ServiceContext, action: str, resource: str = "*") -> None:
    """Raise AccessDeniedException, unless the caller's own policies allow an action that concerns no key."""
    reason = context.denial_reason(action, resource)
    if reason is not None:
        message = f"User: {context.caller.arn} is not authorized to perform: {action} on resource: {resource} {reason}"
        raise ServiceError("AccessDeniedException", context.record_denial(action, resource, reason, message))


def paginate(items: Sequence[T], params: Params, page_size: int = _PAGE_SIZE) -> tuple[Sequence[T], Output]:
    """Return a page of a list, and the response members for the next page. Markers are positions."""
    marker = params.get("Marker", "0")
    start = whole_number(marker)
    if start is None:
        raise ServiceError("InvalidMarkerException")
    end = start + params.get("Limit", page_size)
    if end >= len(items):
        return items[start:], {"Truncated": False}
    return items[start:end], {"Truncated": True, "NextMarker": str(end)}


# --- keys ------------------------------------------------------------------------------------------------------------


def key_metadata(context: ServiceContext, key: Key) -> Output:
    """Return the ``KeyMetadata`` of a key."""
    variable = {
        "AWSAccountId": key.account,
        "KeyId": key.id,
        "Arn": key.arn,
        "CreationDate": key.created or context.backend.kms.since,
        "Enabled": key.state == "Enabled",
        "Description": _MANAGED_KEY_DESCRIPTION if key.is_managed else key.description,
        "KeyState": key.state,
        "DeletionDate": key.deletion,
        "KeyManager": "AWS" if key.is_managed else "CUSTOMER",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": key.id.startswith("mrk-"),
        "CurrentKeyMaterialId": key.material_id,
    }
    return {**variable, **_SUPPORTED_KIND}


@kms_operation("CreateKey")
def create_key(context: ServiceContext, params: Params) -> Output:
    """Create a symmetric key, the only kind that S3 uses and that is implemented."""
    authorize_account_action(context, "kms:CreateKey")
    for name, value in _SUPPORTED_KIND.items():
        if params.get(name, value) != value:
            raise not_implemented("CreateKey", f"{name} {params[name]}")
    for name in ("CustomKeyStoreId", "XksKeyId"):
        if name in params:
            raise not_implemented("CreateKey", name)
    key_id = context.backend.ids.uuid("kms key")
    if params.get("MultiRegion"):
        key_id = f"mrk-{key_id.replace('-', '')}"
    key = Key(
        key_id,
        context.account.id,
        context.region,
        description=params.get("Description", ""),
        created=context.backend.clock.now(),
        tags=_tags(params),
        issued=True,
    )
    if "Policy" in params:
        _set_policy(context, key, params)
    return {"KeyMetadata": key_metadata(context, context.backend.kms.register(key))}


@kms_operation("DescribeKey")
def describe_key(context: ServiceContext, params: Params) -> Output:
    """Return the metadata of a key, by id, ARN or alias."""
    return {"KeyMetadata": key_metadata(context, find_key(context, params["KeyId"], "kms:DescribeKey"))}


@kms_operation("ListKeys")
def list_keys(context: ServiceContext, params: Params) -> Output:
    """List the keys in this region that were created or added."""
    authorize_account_action(context, "kms:ListKeys")
    keys, rest = paginate(context.backend.kms.keys(context.account.id, context.region), params)
    return {"Keys": [{"KeyId": key.id, "KeyArn": key.arn} for key in keys], **rest}


@kms_operation("UpdateKeyDescription")
def update_key_description(context: ServiceContext, params: Params) -> Output:
    """Replace the description."""
    key = find_customer_key(context, params["KeyId"], "kms:UpdateKeyDescription")
    key.check_not_deleted()
    key.description = params["Description"]
    return {}


@kms_operation("EnableKey")
def enable_key(context: ServiceContext, params: Params) -> Output:
    """Enable a key, also for SSE-KMS."""
    key = find_customer_key(context, params["KeyId"], "kms:EnableKey")
    key.check_not_deleted()
    key.state = "Enabled"
    return {}


@kms_operation("DisableKey")
def disable_key(context: ServiceContext, params: Params) -> Output:
    """Disable a key until it is enabled again."""
    key = find_customer_key(context, params["KeyId"], "kms:DisableKey")
    key.check_not_deleted()
    key.state = "Disabled"
    return {}


@kms_operation("ScheduleKeyDeletion")
def schedule_key_deletion(context: ServiceContext, params: Params) -> Output:
    """Disable a key now, and delete it after 7 to 30 days of the fake's clock."""
    key, days = find_customer_key(context, params["KeyId"], "kms:ScheduleKeyDeletion"), params.get("PendingWindowInDays", 30)
    key.check_not_deleted()
    if days not in _PENDING_WINDOW_DAYS:
        raise ServiceError("ValidationException", f"PendingWindowInDays should be between 7 and 30, but it is {days}")
    key.deletion = later(context.now(), timedelta(days=days))
    key.state = "PendingDeletion"
    return {"KeyId": key.arn, "DeletionDate": key.deletion, "KeyState": key.state, "PendingWindowInDays": days}


@kms_operation("CancelKeyDeletion")
def cancel_key_deletion(context: ServiceContext, params: Params) -> Output:
    """Cancel the deletion. The key stays disabled."""
    key = find_customer_key(context, params["KeyId"], "kms:CancelKeyDeletion")
    if key.state != "PendingDeletion":
        raise ServiceError("KMSInvalidStateException", f"{key.arn} is not pending deletion.")
    key.state, key.deletion = "Disabled", None
    return {"KeyId": key.arn}


# --- policies --------------------------------------------------------------------------------------------------------


def default_policy(account: str) -> str:
    """Return the policy of a key that was created without one, formatted as KMS formats it."""
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


def _set_policy(context: ServiceContext, key: Key, params: Params) -> None:
    """Replace a key's policy. The caller must still be allowed to replace it afterwards.

    Raises:
        ServiceError: MalformedPolicyDocumentException.
    """
    text: str = params["Policy"]
    try:
        key_policy(text)
    except PolicyError as error:
        raise ServiceError("MalformedPolicyDocumentException", error.message) from None
    old_policy, denial = key.policy, context.backend.last_denial
    key.policy = text
    if params.get("BypassPolicyLockoutSafetyCheck"):
        return
    try:
        authorized_key(context, key, "kms:PutKeyPolicy")
    except ServiceError:
        key.policy, context.backend.last_denial = old_policy, denial
        text = "The new key policy will not allow you to update the key policy in the future."
        raise ServiceError("MalformedPolicyDocumentException", text) from None


def _check_policy_name(params: Params) -> None:
    name = params.get("PolicyName", "default")
    if name != "default":
        raise ServiceError("NotFoundException", f"No such policy exists: {name}")


@kms_operation("PutKeyPolicy")
def put_key_policy(context: ServiceContext, params: Params) -> Output:
    """Replace the policy, which SSE-KMS evaluates too."""
    key = find_customer_key(context, params["KeyId"], "kms:PutKeyPolicy")
    _check_policy_name(params)
    key.check_not_deleted()
    _set_policy(context, key, params)
    return {}


@kms_operation("GetKeyPolicy")
def get_key_policy(context: ServiceContext, params: Params) -> Output:
    """Return the policy as it was put."""
    key = find_key(context, params["KeyId"], "kms:GetKeyPolicy", alias=False)
    _check_policy_name(params)
    return {"Policy": default_policy(key.account) if key.policy is None else key.policy, "PolicyName": "default"}


@kms_operation("ListKeyPolicies")
def list_key_policies(context: ServiceContext, params: Params) -> Output:
    """Return the name of the only policy."""
    find_key(context, params["KeyId"], "kms:ListKeyPolicies", alias=False)
    return {"PolicyNames": ["default"], "Truncated": False}


# --- aliases ---------------------------------------------------------------------------------------------------------


def _alias_arn(context: ServiceContext, name: str) -> str:
    return f"{Key('', context.account.id, context.region).arn.removesuffix('key/')}{name}"


def _check_alias(context: ServiceContext, action: str, name: str) -> None:
    if not name.startswith("alias/") or len(name) == len("alias/") or ":" in name:
        url = "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
        raise ServiceError("ValidationException", f'Alias must start with the prefix "alias/". Please see {url}')
    if name.startswith("alias/aws/"):
        raise ServiceError("NotAuthorizedException")
    authorize_account_action(context, action, _alias_arn(context, name))


def _find_alias(context: ServiceContext, name: str) -> Alias:
    alias = context.backend.kms.find_alias(name, context.account.id, context.region)
    if alias is None:
        raise KmsError("NotFoundException", f"Alias {_alias_arn(context, name)} is not found.")
    return alias


@kms_operation("CreateAlias")
def create_alias(context: ServiceContext, params: Params) -> Output:
    """Create an alias, which SSE-KMS accepts too."""
    name = params["AliasName"]
    _check_alias(context, "kms:CreateAlias", name)
    if context.backend.kms.find_alias(name, context.account.id, context.region) is not None:
        raise ServiceError("AlreadyExistsException", f"An alias with the name {_alias_arn(context, name)} already exists")
    key = find_customer_key(context, params["TargetKeyId"], "kms:CreateAlias")
    key.check_not_deleted()
    context.backend.kms.set_alias(key, Alias(name, key.id, context.now(), context.now(), issued=True))
    return {}


@kms_operation("UpdateAlias")
def update_alias(context: ServiceContext, params: Params) -> Output:
    """Point an alias to another key."""
    name = params["AliasName"]
    _check_alias(context, "kms:UpdateAlias", name)
    alias = _find_alias(context, name)
    key = find_customer_key(context, params["TargetKeyId"], "kms:UpdateAlias")
    key.check_not_deleted()
    context.backend.kms.set_alias(key, alias._replace(key_id=key.id, changed=context.now()))
    return {}


@kms_operation("DeleteAlias")
def delete_alias(context: ServiceContext, params: Params) -> Output:
    """Delete an alias. The key stays."""
    _check_alias(context, "kms:DeleteAlias", params["AliasName"])
    alias = _find_alias(context, params["AliasName"])
    context.backend.kms.remove_alias(alias.name, context.account.id, context.region)
    return {}


@kms_operation("ListAliases")
def list_aliases(context: ServiceContext, params: Params) -> Output:
    """List the aliases in this region, or those of one key."""
    authorize_account_action(context, "kms:ListAliases")
    aliases = context.backend.kms.aliases(context.account.id, context.region)
    if "KeyId" in params:
        key = find_key(context, params["KeyId"], "kms:ListAliases", alias=False)
        aliases = [alias for alias in aliases if alias.key_id == key.id]
    aliases_page, rest = paginate(aliases, params, _SMALL_PAGE_SIZE)
    return {"Aliases": [_alias_entry(context, alias) for alias in aliases_page], **rest}


def _alias_entry(context: ServiceContext, alias: Alias) -> Mapping[str, Any]:
    return {
        "AliasName": alias.name,
        "AliasArn": _alias_arn(context, alias.name),
        "TargetKeyId": alias.key_id,
        "CreationDate": alias.created or context.backend.kms.since,
        "LastUpdatedDate": alias.changed or context.backend.kms.since,
    }


# --- tags ------------------------------------------------------------------------------------------------------------


def _tags(params: Params) -> dict[str, str]:
    tags = {tag["TagKey"]: tag["TagValue"] for tag in params.get("Tags", ())}
    if any(name.startswith("aws:") for name in tags):
        raise ServiceError("TagException", "Tags beginning with aws: are reserved")
    return tags


@kms_operation("TagResource")
def tag_resource(context: ServiceContext, params: Params) -> Output:
    """Add tags, in place of those with the same keys."""
    key = find_customer_key(context, params["KeyId"], "kms:TagResource")
    key.check_not_deleted()
    key.tags.update(_tags(params))
    return {}


@kms_operation("UntagResource")
def untag_resource(context: ServiceContext, params: Params) -> Output:
    """Remove tags. A missing one is not an error."""
    key = find_customer_key(context, params["KeyId"], "kms:UntagResource")
    key.check_not_deleted()
    for name in params["TagKeys"]:
        key.tags.pop(name, None)
    return {}


@kms_operation("ListResourceTags")
def list_resource_tags(context: ServiceContext, params: Params) -> Output:
    """List the tags of a key by tag key."""
    key = find_key(context, params["KeyId"], "kms:ListResourceTags", alias=False)
    tags, rest = paginate(sorted(key.tags.items()), params, _SMALL_PAGE_SIZE)
    return {"Tags": [{"TagKey": name, "TagValue": value} for name, value in tags], **rest}

"""Key policies, and the permissions that IAM users need."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.callers import OWNER, STRANGER
from tests.support.doors import refused
from tests.support.services import Door, allow, policy


def arn(key_id: str) -> str:
    return f"arn:aws:kms:us-east-1:{OWNER}:key/{key_id}"


def alias_arn(name: str) -> str:
    return f"arn:aws:kms:us-east-1:{OWNER}:{name}"


@pytest.fixture
def key(kms: Any) -> str:
    """The id of a new key."""
    key_id: str = kms.create_key()["KeyMetadata"]["KeyId"]
    return key_id


def test_the_default_key_policy(kms: Any, key: str) -> None:
    found = kms.get_key_policy(KeyId=key, PolicyName="default")
    assert found["PolicyName"] == "default"
    assert json.loads(found["Policy"])["Statement"] == [
        {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ]
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]
    refused(lambda: kms.get_key_policy(KeyId=key, PolicyName="x"), 400, "NotFoundException", "No such policy exists: x")


def _key_policy(*statements: dict[str, Any]) -> str:
    own = {"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "kms:*", "Resource": "*"}
    return policy(own, *statements)


def test_a_policy_counts_for_kms_and_for_s3(door: Door, kms: Any, key: str) -> None:
    s3 = door.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_policy(
        Bucket="bucket",
        Policy=policy(
            {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/*"}
        ),
    )
    theirs, their_kms = (door.client(service, aws_access_key_id=STRANGER) for service in ("s3", "kms"))

    def store() -> Any:
        return theirs.put_object(Bucket="bucket", Key="k", ServerSideEncryption="aws:kms", SSEKMSKeyId=arn(key))

    with pytest.raises(theirs.exceptions.ClientError, match="AccessDenied"):
        store()
    text = _key_policy({"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "kms:GenerateDataKey", "Resource": "*"})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=text)
    assert kms.get_key_policy(KeyId=key)["Policy"] == text
    assert store()["SSEKMSKeyId"] == arn(key)
    assert len(their_kms.generate_data_key(KeyId=arn(key), KeySpec="AES_256")["Plaintext"]) == 32
    with pytest.raises(their_kms.exceptions.ClientError, match="AccessDeniedException"):
        their_kms.encrypt(KeyId=arn(key), Plaintext=b"x")


REFUSED_POLICIES: list[tuple[str, str]] = [
    ("{", "This policy contains invalid Json"),
    (policy(allow("kms:*")), "Missing required field Principal"),
    (
        policy({"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "kms:*", "Resource": "*"}),
        "The new key policy will not allow you to update the key policy in the future.",
    ),
    (
        _key_policy({"Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*"}),
        "The new key policy will not allow you to update the key policy in the future.",
    ),
]


@pytest.mark.parametrize(("text", "message"), REFUSED_POLICIES)
def test_policies_that_are_refused(kms: Any, key: str, text: str, message: str) -> None:
    before = kms.get_key_policy(KeyId=key)["Policy"]
    refused(lambda: kms.put_key_policy(KeyId=key, Policy=text), 400, "MalformedPolicyDocumentException", message)
    refused(lambda: kms.create_key(Policy=text), 400, "MalformedPolicyDocumentException", message)
    assert kms.get_key_policy(KeyId=key)["Policy"] == before
    assert len(kms.list_keys()["Keys"]) == 1


def test_locking_oneself_out_on_purpose(kms: Any, key: str) -> None:
    text = _key_policy({"Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*"})
    kms.put_key_policy(KeyId=key, Policy=text, BypassPolicyLockoutSafetyCheck=True)
    message = (
        f"User: arn:aws:iam::{OWNER}:root is not authorized to perform: kms:PutKeyPolicy on resource: {arn(key)} with an "
        "explicit deny in a resource-based policy"
    )
    refused(lambda: kms.put_key_policy(KeyId=key, Policy=text), 400, "AccessDeniedException", message)


NEEDED: list[tuple[str, dict[str, Any], str, str]] = [
    ("create_key", {}, "kms:CreateKey", "*"),
    ("list_keys", {}, "kms:ListKeys", "*"),
    ("list_aliases", {}, "kms:ListAliases", "*"),
    ("describe_key", {"KeyId": "KEY"}, "kms:DescribeKey", "KEY"),
    ("disable_key", {"KeyId": "KEY"}, "kms:DisableKey", "KEY"),
    ("schedule_key_deletion", {"KeyId": "KEY"}, "kms:ScheduleKeyDeletion", "KEY"),
    ("encrypt", {"KeyId": "KEY", "Plaintext": b"x"}, "kms:Encrypt", "KEY"),
    ("generate_data_key", {"KeyId": "KEY", "KeySpec": "AES_256"}, "kms:GenerateDataKey", "KEY"),
    (
        "generate_data_key_without_plaintext",
        {"KeyId": "KEY", "KeySpec": "AES_256"},
        "kms:GenerateDataKeyWithoutPlaintext",
        "KEY",
    ),
    ("create_alias", {"AliasName": "alias/x", "TargetKeyId": "KEY"}, "kms:CreateAlias", alias_arn("alias/x")),
]


@pytest.mark.parametrize(("call", "params", "action", "resource"), NEEDED, ids=[call for call, *_ in NEEDED])
def test_users_need_a_policy(
    door: Door, kms: Any, key: str, call: str, params: dict[str, Any], action: str, resource: str
) -> None:
    given = {name: key if value == "KEY" else value for name, value in params.items()}
    bob, eve = door.fake.add_user(None, "bob"), door.fake.add_user(None, "eve", policy(allow(action)))
    message = (
        f"User: {bob.arn} is not authorized to perform: {action} on resource: {resource.replace('KEY', arn(key))} because no "
        f"identity-based policy allows the {action} action"
    )
    refused(lambda: getattr(door.client_of(bob, "kms"), call)(**given), 400, "AccessDeniedException", message)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    getattr(door.client_of(eve, "kms"), call)(**given)

"""KMS keys and aliases, and their use by SSE-KMS."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.support.callers import OWNER, STRANGER
from tests.support.doors import refused
from tests.support.services import Door

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
UNKNOWN = "01234567-89ab-cdef-0123-456789abcdef"


def arn(key_id: str, account: str = OWNER, region: str = "us-east-1") -> str:
    return f"arn:aws:kms:{region}:{account}:key/{key_id}"


def alias_arn(name: str) -> str:
    return f"arn:aws:kms:us-east-1:{OWNER}:{name}"


@pytest.fixture
def key(kms: Any) -> str:
    """The id of a new key."""
    key_id: str = kms.create_key()["KeyMetadata"]["KeyId"]
    return key_id


@pytest.fixture
def put(s3: Any) -> Any:
    """Put an object under a key of KMS."""
    s3.create_bucket(Bucket="bucket")
    return lambda name: s3.put_object(Bucket="bucket", Key="k", ServerSideEncryption="aws:kms", SSEKMSKeyId=name)


def test_a_new_key(door: Door, kms: Any) -> None:
    door.fake.clock.freeze(NOON)
    made = kms.create_key(Description="for tests", Tags=[{"TagKey": "a", "TagValue": "b"}])
    assert made["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "application/x-amz-json-1.1"
    assert re.fullmatch(r"[0-9a-f-]{36}", made["ResponseMetadata"]["RequestId"])
    shown = made["KeyMetadata"]
    key_id = shown["KeyId"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", key_id)
    assert shown == {
        "AWSAccountId": OWNER,
        "KeyId": key_id,
        "Arn": arn(key_id),
        "CreationDate": NOON,
        "Enabled": True,
        "Description": "for tests",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
        "CurrentKeyMaterialId": shown["CurrentKeyMaterialId"],
    }
    assert re.fullmatch("[0-9a-f]{64}", shown["CurrentKeyMaterialId"])
    for name in (key_id, arn(key_id)):
        assert kms.describe_key(KeyId=name)["KeyMetadata"] == shown
    assert kms.list_resource_tags(KeyId=key_id)["Tags"] == [{"TagKey": "a", "TagValue": "b"}]


def test_key_material(kms: Any) -> None:
    """Each key has its own (recorded from AWS, February 2026); responses that use it name it (botocore's model)."""
    first, second = (kms.create_key()["KeyMetadata"] for _ in range(2))
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    ids = [shown["CurrentKeyMaterialId"] for shown in (first, second, managed)]
    assert len(set(ids)) == 3
    assert all(re.fullmatch("[0-9a-f]{64}", material) for material in ids)
    kms.disable_key(KeyId=first["KeyId"])
    kms.enable_key(KeyId=first["KeyId"])
    assert kms.describe_key(KeyId=first["Arn"])["KeyMetadata"] == first

    data_key = kms.generate_data_key(KeyId=first["KeyId"], KeySpec="AES_256")
    hidden = kms.generate_data_key_without_plaintext(KeyId=first["KeyId"], KeySpec="AES_256")
    opened = kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"])
    assert [made["KeyMaterialId"] for made in (data_key, hidden, opened)] == [ids[0]] * 3
    moved = kms.re_encrypt(CiphertextBlob=data_key["CiphertextBlob"], DestinationKeyId=second["KeyId"])
    assert (moved["SourceKeyMaterialId"], moved["DestinationKeyMaterialId"]) == (ids[0], ids[1])
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["KeyMaterialId"] == ids[1]


def test_a_multi_region_key(kms: Any) -> None:
    shown = kms.create_key(MultiRegion=True)["KeyMetadata"]
    assert re.fullmatch(r"mrk-[0-9a-f]{32}", shown["KeyId"])
    assert shown["MultiRegion"]


def test_keys_are_of_their_region_and_account(door: Door, kms: Any, key: str) -> None:
    assert kms.list_keys()["Keys"] == [{"KeyId": key, "KeyArn": arn(key)}]
    assert door.client("kms", aws_access_key_id=STRANGER).list_keys()["Keys"] == []
    elsewhere = door.client("kms", region_name="eu-west-1")
    assert elsewhere.list_keys()["Keys"] == []
    there = elsewhere.create_key()["KeyMetadata"]
    assert there["Arn"] == arn(there["KeyId"], region="eu-west-1")
    message = f"Key '{arn(key, region='eu-west-1')}' does not exist"
    refused(lambda: elsewhere.describe_key(KeyId=key), 400, "NotFoundException", message)


def test_a_key_that_was_added_to_the_fake(door: Door, kms: Any) -> None:
    given = door.fake.kms.add_key(alias="mine", state="Disabled")
    shown = kms.describe_key(KeyId="alias/mine")["KeyMetadata"]
    assert (shown["Arn"], shown["KeyState"], shown["Enabled"]) == (given, "Disabled", False)
    kms.enable_key(KeyId=given)
    assert kms.describe_key(KeyId=given)["KeyMetadata"]["Enabled"]


def test_awss_own_key_for_s3(kms: Any, put: Any) -> None:
    shown = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert (shown["KeyManager"], shown["Enabled"]) == ("AWS", True)
    assert put("alias/aws/s3")["SSEKMSKeyId"] == shown["Arn"]
    message = (
        f"User: arn:aws:iam::{OWNER}:root is not authorized to perform: kms:ScheduleKeyDeletion on resource: {shown['Arn']} "
        "because no resource-based policy allows the kms:ScheduleKeyDeletion action"
    )
    refused(lambda: kms.schedule_key_deletion(KeyId=shown["KeyId"]), 400, "AccessDeniedException", message)


NAMELESS: list[tuple[str, str]] = [
    (UNKNOWN, f"Key '{arn(UNKNOWN)}' does not exist"),
    (arn(UNKNOWN), f"Key '{arn(UNKNOWN)}' does not exist"),
    (arn(UNKNOWN, region="us-east-2"), "Invalid arn us-east-2"),
    ("fake-key", "Invalid keyId 'fake-key'"),
    ("alias/none", f"Alias {alias_arn('alias/none')} is not found."),
    (alias_arn("alias/none"), f"Alias {alias_arn('alias/none')} is not found."),
    ("alias/aws/ebs", f"Alias {alias_arn('alias/aws/ebs')} is not found."),
]


@pytest.mark.parametrize(("name", "message"), NAMELESS, ids=[name for name, _ in NAMELESS])
def test_a_missing_key(kms: Any, name: str, message: str) -> None:
    for call in (
        lambda: kms.describe_key(KeyId=name),
        lambda: kms.encrypt(KeyId=name, Plaintext=b"x"),
        lambda: kms.generate_data_key(KeyId=name, KeySpec="AES_256"),
    ):
        refused(call, 400, "NotFoundException", message)


def test_s3_accepts_any_well_formed_key(kms: Any, put: Any) -> None:
    assert put(UNKNOWN)["SSEKMSKeyId"] == arn(UNKNOWN)
    refused(lambda: kms.describe_key(KeyId=UNKNOWN), 400, "NotFoundException", f"Key '{arn(UNKNOWN)}' does not exist")


def test_an_alias_cannot_name_a_key_for_a_change(kms: Any, key: str) -> None:
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key)
    for call in (kms.enable_key, kms.disable_key, kms.schedule_key_deletion, kms.cancel_key_deletion, kms.get_key_policy):
        refused(lambda call=call: call(KeyId="alias/mine"), 400, "NotFoundException", "Invalid keyId 'alias/mine'")


def test_other_accounts_get_no_details(door: Door, kms: Any, key: str) -> None:
    stranger = door.client("kms", aws_access_key_id=STRANGER)
    for name in (arn(key), arn(UNKNOWN)):
        message = (
            f"User: arn:aws:iam::{STRANGER}:root is not authorized to perform: kms:DescribeKey on this resource because the "
            "resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy "
            "explicitly denies access"
        )
        refused(lambda name=name: stranger.describe_key(KeyId=name), 400, "AccessDeniedException", message)


# --- states ----------------------------------------------------------------------------------------------------------


def test_disabled_and_enabled_again(door: Door, kms: Any, key: str, put: Any) -> None:
    kms.disable_key(KeyId=key)
    shown = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (shown["KeyState"], shown["Enabled"]) == ("Disabled", False)
    message = f"{arn(key)} is disabled."
    refused(lambda: kms.encrypt(KeyId=key, Plaintext=b"x"), 400, "DisabledException", message)
    refused(lambda: put(key), 400, "KMS.DisabledException", message)
    assert door.fake.store.buckets["bucket"].current("k") is None
    kms.enable_key(KeyId=key)
    assert put(key)["SSEKMSKeyId"] == arn(key)


def test_deletion_waits_and_then_comes(door: Door, s3: Any, kms: Any, key: str, put: Any) -> None:
    door.fake.clock.freeze(NOON)
    put(key)
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key)
    requested = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    gone = NOON + timedelta(days=7)
    assert {name: requested[name] for name in ("KeyId", "DeletionDate", "KeyState", "PendingWindowInDays")} == {
        "KeyId": arn(key),
        "DeletionDate": gone,
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": 7,
    }
    shown = kms.describe_key(KeyId="alias/mine")["KeyMetadata"]
    assert (shown["DeletionDate"], shown["Enabled"]) == (gone, False)
    message = f"{arn(key)} is pending deletion."
    for call in (
        lambda: kms.encrypt(KeyId=key, Plaintext=b"x"),
        lambda: kms.enable_key(KeyId=key),
        lambda: kms.disable_key(KeyId=key),
        lambda: kms.schedule_key_deletion(KeyId=key),
        lambda: kms.create_alias(AliasName="alias/other", TargetKeyId=key),
        lambda: kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}]),
        lambda: kms.update_key_description(KeyId=key, Description="x"),
    ):
        refused(call, 400, "KMSInvalidStateException", message)
    refused(lambda: s3.get_object(Bucket="bucket", Key="k"), 400, "KMS.KMSInvalidStateException", message)
    door.fake.clock.advance(days=7, seconds=-1)
    assert kms.list_keys()["Keys"] == [{"KeyId": key, "KeyArn": arn(key)}]
    door.fake.clock.advance(seconds=1)
    assert kms.list_keys()["Keys"] == []
    missing = f"Key '{arn(key)}' does not exist"
    refused(lambda: kms.describe_key(KeyId=key), 400, "NotFoundException", missing)
    refused(lambda: kms.cancel_key_deletion(KeyId=key), 400, "NotFoundException", missing)
    refused(lambda: put(key), 400, "KMS.NotFoundException", missing)
    refused(lambda: s3.get_object(Bucket="bucket", Key="k"), 400, "KMS.NotFoundException", missing)
    assert [alias["AliasName"] for alias in kms.list_aliases()["Aliases"]] == ["alias/aws/s3"]


def test_deletion_can_be_cancelled(door: Door, kms: Any, key: str) -> None:
    refused(lambda: kms.cancel_key_deletion(KeyId=key), 400, "KMSInvalidStateException", f"{arn(key)} is not pending deletion.")
    kms.schedule_key_deletion(KeyId=key)
    assert kms.cancel_key_deletion(KeyId=key)["KeyId"] == arn(key)
    door.fake.clock.advance(days=31)
    shown = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert shown["KeyState"] == "Disabled"
    assert "DeletionDate" not in shown


@pytest.mark.parametrize("days", [1, 6, 31, 365])
def test_how_long_deletion_may_wait(kms: Any, key: str, days: int) -> None:
    message = f"PendingWindowInDays should be between 7 and 30, but it is {days}"
    refused(lambda: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=days), 400, "ValidationException", message)


# --- aliases ---------------------------------------------------------------------------------------------------------


def test_an_alias(door: Door, kms: Any, key: str, put: Any) -> None:
    door.fake.clock.freeze(NOON)
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key)
    assert put("alias/mine")["SSEKMSKeyId"] == arn(key)
    shown = {
        "AliasName": "alias/mine",
        "AliasArn": alias_arn("alias/mine"),
        "TargetKeyId": key,
        "CreationDate": NOON,
        "LastUpdatedDate": NOON,
    }
    assert kms.list_aliases(KeyId=key)["Aliases"] == [shown]
    door.fake.clock.advance(hours=1)
    kms.update_alias(AliasName="alias/mine", TargetKeyId=arn(other))
    changed = {**shown, "TargetKeyId": other, "LastUpdatedDate": NOON + timedelta(hours=1)}
    assert kms.list_aliases()["Aliases"][1:] == [changed]
    assert put("alias/mine")["SSEKMSKeyId"] == arn(other)
    kms.delete_alias(AliasName="alias/mine")
    missing = f"Alias {alias_arn('alias/mine')} is not found."
    refused(lambda: kms.describe_key(KeyId="alias/mine"), 400, "NotFoundException", missing)
    refused(lambda: put("alias/mine"), 400, "KMS.NotFoundException", missing)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Enabled"]


def test_aliases_that_are_refused(kms: Any, key: str) -> None:
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key)
    taken = f"An alias with the name {alias_arn('alias/mine')} already exists"
    refused(lambda: kms.create_alias(AliasName="alias/mine", TargetKeyId=key), 400, "AlreadyExistsException", taken)
    where = "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
    for name in ("mine", "alias/", "alias/a:b"):
        text = f'Alias must start with the prefix "alias/". Please see {where}'
        refused(lambda name=name: kms.create_alias(AliasName=name, TargetKeyId=key), 400, "ValidationException", text)
    refused(lambda: kms.create_alias(AliasName="alias/aws/mine", TargetKeyId=key), 400, "NotAuthorizedException", "")
    message = (
        "1 validation error detected: Value 'alias/a b' at 'aliasName' failed to satisfy constraint: Member must satisfy regular "
        "expression pattern: ^[a-zA-Z0-9:/_-]+$"
    )
    refused(lambda: kms.create_alias(AliasName="alias/a b", TargetKeyId=key), 400, "ValidationException", message)
    unknown = f"Alias {alias_arn('alias/none')} is not found."
    refused(lambda: kms.delete_alias(AliasName="alias/none"), 400, "NotFoundException", unknown)
    refused(lambda: kms.update_alias(AliasName="alias/none", TargetKeyId=key), 400, "NotFoundException", unknown)
    missing = f"Key '{arn(UNKNOWN)}' does not exist"
    refused(lambda: kms.create_alias(AliasName="alias/new", TargetKeyId=UNKNOWN), 400, "NotFoundException", missing)
    assert [alias["AliasName"] for alias in kms.list_aliases()["Aliases"]] == ["alias/aws/s3", "alias/mine"]


# --- lists, tags, what is left ---------------------------------------------------------------------------------------


def test_lists_come_in_pages(kms: Any) -> None:
    keys = sorted(kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(5))
    for number, key_id in enumerate(keys):
        kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=key_id)
    found = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}))
    assert [one["KeyId"] for page in found for one in page["Keys"]] == keys
    assert [page["Truncated"] for page in found] == [True, True, False]
    found = list(kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 4}))
    assert [one["TargetKeyId"] for page in found for one in page["Aliases"]][:-1] == keys
    refused(lambda: kms.list_keys(Marker="x"), 400, "InvalidMarkerException", "")


def test_tags(kms: Any, key: str) -> None:
    assert kms.list_resource_tags(KeyId=key)["Tags"] == []
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": name, "TagValue": "1"} for name in "cba"])
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "b", "TagValue": "2"}])
    kms.untag_resource(KeyId=key, TagKeys=["c", "none"])
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [
        {"TagKey": "a", "TagValue": "1"},
        {"TagKey": "b", "TagValue": "2"},
    ]
    tags = [{"TagKey": "aws:x", "TagValue": ""}]
    refused(lambda: kms.tag_resource(KeyId=key, Tags=tags), 400, "TagException", "Tags beginning with aws: are reserved")


def test_the_description(kms: Any, key: str) -> None:
    kms.update_key_description(KeyId=key, Description="new")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "new"


UNDONE: list[tuple[str, dict[str, Any], str]] = [
    ("create_key", {"KeySpec": "RSA_2048"}, "CreateKey (KeySpec RSA_2048)"),
    ("create_key", {"KeyUsage": "SIGN_VERIFY"}, "CreateKey (KeyUsage SIGN_VERIFY)"),
    ("create_key", {"Origin": "EXTERNAL"}, "CreateKey (Origin EXTERNAL)"),
    ("create_key", {"CustomKeyStoreId": "cks-1"}, "CreateKey (CustomKeyStoreId)"),
    ("create_grant", {"KeyId": "x", "GranteePrincipal": "x", "Operations": ["Decrypt"]}, "CreateGrant"),
    ("sign", {"KeyId": "x", "Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}, "Sign"),
    ("get_key_rotation_status", {"KeyId": "x"}, "GetKeyRotationStatus"),
]


@pytest.mark.parametrize(("call", "params", "what"), UNDONE, ids=[what for _, _, what in UNDONE])
def test_unsupported_options_are_501(kms: Any, call: str, params: dict[str, Any], what: str) -> None:
    refused(lambda: getattr(kms, call)(**params), 501, "NotImplemented", f"fakes3part does not implement {what}")
    assert kms.list_keys()["Keys"] == []


def test_reset_removes_created_keys_and_keeps_added_ones(door: Door, kms: Any, key: str) -> None:
    given = door.fake.kms.add_key(alias="given")
    kms.create_alias(AliasName="alias/made", TargetKeyId=given)
    door.fake.reset()
    assert [one["KeyArn"] for one in kms.list_keys()["Keys"]] == [given]
    assert [one["AliasName"] for one in kms.list_aliases()["Aliases"]] == ["alias/aws/s3", "alias/given"]

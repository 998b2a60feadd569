"""Permissions of Object Lock: to lock, to weaken and to read locks, and policy conditions on retention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fakes3part.auth.callers import Principal
from tests.support.callers import OWNER
from tests.support.doors import Door
from tests.support.object_lock import PROTECTED, day, lock, put, retention, shown
from tests.support.state import unchanged

_names = iter(range(10_000))
LOCKS = ["s3:PutObjectRetention", "s3:PutObjectLegalHold"]
SEES = ["s3:GetObjectRetention", "s3:GetObjectLegalHold"]


def user(door: Door, *actions: str, condition: dict[str, Any] | None = None) -> Principal:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": "arn:aws:s3:::*"}
    if condition:
        statement["Condition"] = condition
    return door.fake.add_user(OWNER, f"locker{next(_names)}", {"Version": "2012-10-17", "Statement": [statement]})


def denial(door: Door, who: Principal, call: Callable[[Any], Any]) -> str | None:
    """Return the message of the denial; None: the call is allowed."""
    with door.client_with(aws_access_key_id=who.access_key, aws_secret_access_key=who.secret_key) as client:
        try:
            call(client)
        except ClientError as error:
            found = error.response["Error"]
        else:
            return None
    assert found["Code"] == "AccessDenied"
    return str(found["Message"])


def missing(who: Principal, action: str) -> str:
    arn = f"arn:aws:iam::{OWNER}:user/{who.caller.identity.name}" if who.caller.identity else ""
    return (
        f'User: {arn} is not authorized to perform: {action} on resource: "arn:aws:s3:::locked/k" because no identity-based '
        f"policy allows the {action} action"
    )


BYPASSES: dict[str, Callable[[str, bool], Callable[[Any], Any]]] = {
    "delete": lambda version_id, bypass: (
        lambda s3: s3.delete_object(Bucket="locked", Key="k", VersionId=version_id, BypassGovernanceRetention=bypass)
    ),
    "shorten": lambda version_id, bypass: (
        lambda s3: s3.put_object_retention(
            Bucket="locked", Key="k", VersionId=version_id, Retention=retention(days=1), BypassGovernanceRetention=bypass
        )
    ),
    "remove": lambda version_id, bypass: (
        lambda s3: s3.put_object_retention(
            Bucket="locked", Key="k", VersionId=version_id, Retention={}, BypassGovernanceRetention=bypass
        )
    ),
}


@pytest.mark.parametrize("make", BYPASSES.values(), ids=BYPASSES)
def test_bypass_needs_a_permission_and_the_header(door: Door, locked: str, make: Any) -> None:
    version_id = put(door.client, **lock())
    without = user(door, "s3:DeleteObject*", *LOCKS)
    having = user(door, "s3:DeleteObject*", *LOCKS, "s3:BypassGovernanceRetention")
    with unchanged(door.fake):
        assert denial(door, without, make(version_id, False)) == PROTECTED
        assert denial(door, without, make(version_id, True)) == missing(without, "s3:BypassGovernanceRetention")
        assert denial(door, having, make(version_id, False)) == PROTECTED
    assert denial(door, having, make(version_id, True)) is None


def test_bypass_of_many(door: Door, locked: str) -> None:
    version_id = put(door.client, **lock())
    objects = {"Objects": [{"Key": "k", "VersionId": version_id}]}
    who = user(door, "s3:DeleteObject*")
    with door.client_with(aws_access_key_id=who.access_key, aws_secret_access_key=who.secret_key) as client:
        [error] = client.delete_objects(Bucket=locked, Delete=objects, BypassGovernanceRetention=True)["Errors"]
    assert (error["Code"], error["Message"]) == ("AccessDenied", missing(who, "s3:BypassGovernanceRetention"))
    assert shown(door.client) == ("GOVERNANCE", day(10), None)


def test_unlocked_versions_need_no_permission_to_bypass(door: Door, locked: str) -> None:
    version_id = put(door.client)
    assert denial(door, user(door, "s3:DeleteObjectVersion"), BYPASSES["delete"](version_id, True)) is None


def test_a_policy_may_deny_bypass_to_all(door: Door, locked: str) -> None:
    statement = '{"Effect": "Deny", "Principal": "*", "Action": "s3:BypassGovernanceRetention", "Resource": "arn:aws:s3:::*"}'
    door.client.put_bucket_policy(Bucket=locked, Policy=f'{{"Version": "2012-10-17", "Statement": {statement}}}')
    version_id = put(door.client, **lock())
    with unchanged(door.fake), pytest.raises(ClientError) as caught:
        BYPASSES["delete"](version_id, True)(door.client)
    error = caught.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    assert error["Message"].endswith("with an explicit deny in a resource-based policy")


SIGHTS: dict[str, tuple[list[str], tuple[Any, Any, Any]]] = {
    "nothing": ([], (None, None, None)),
    "retention": (["s3:GetObjectRetention"], ("COMPLIANCE", day(10), None)),
    "hold": (["s3:GetObjectLegalHold"], (None, None, "ON")),
    "all": (SEES, ("COMPLIANCE", day(10), "ON")),
}


@pytest.mark.parametrize(("actions", "expected"), SIGHTS.values(), ids=SIGHTS)
def test_locks_are_returned_only_with_permission(
    door: Door, locked: str, actions: list[str], expected: tuple[Any, Any, Any]
) -> None:
    version_id = put(door.client, **lock("COMPLIANCE"), ObjectLockLegalHoldStatus="ON")
    who = user(door, "s3:GetObject", "s3:GetObjectVersion", *actions)
    seen: list[Any] = []
    assert denial(door, who, lambda s3: seen.extend([shown(s3), shown(s3, VersionId=version_id)])) is None
    assert seen == [expected, expected]


ASKED: dict[str, Callable[[str, int], Callable[[Any], Any]]] = {
    "document": lambda mode, days: lambda s3: s3.put_object_retention(Bucket="locked", Key="k", Retention=retention(mode, days)),
    "headers": lambda mode, days: lambda s3: s3.put_object(Bucket="locked", Key="k", Body=b"abc", **lock(mode, days)),
}


@pytest.mark.parametrize("make", ASKED.values(), ids=ASKED)
def test_policies_may_limit_retention(door: Door, locked: str, make: Any) -> None:
    put(door.client)
    condition = {
        "NumericLessThanEquals": {"s3:object-lock-remaining-retention-days": "30"},
        "StringEquals": {"s3:object-lock-mode": "GOVERNANCE"},
        "DateLessThan": {"s3:object-lock-retain-until-date": "2030-01-25T00:00:00Z"},
    }
    who = user(door, "s3:PutObject*", condition=condition)
    with unchanged(door.fake):
        assert denial(door, who, make("GOVERNANCE", 31)) is not None
        assert denial(door, who, make("COMPLIANCE", 10)) is not None
        assert denial(door, who, make("GOVERNANCE", 24)) is not None
    assert denial(door, who, make("GOVERNANCE", 23)) is None
    assert shown(door.client) == ("GOVERNANCE", day(23), None)


@pytest.mark.parametrize(("status", "allowed"), [("ON", True), ("OFF", False)])
def test_policies_may_speak_of_holds(door: Door, locked: str, status: str, allowed: bool) -> None:
    put(door.client)
    who = user(door, "s3:PutObjectLegalHold", condition={"StringEquals": {"s3:object-lock-legal-hold": "ON"}})
    call = lambda s3: s3.put_object_legal_hold(Bucket="locked", Key="k", LegalHold={"Status": status})  # noqa: E731
    assert (denial(door, who, call) is None) is allowed
    assert shown(door.client)[2] == ("ON" if allowed else None)


PERMISSIONS: dict[str, tuple[Callable[[Any], Any], list[str]]] = {
    "retain": (lambda s3: s3.put_object(Bucket="locked", Key="k", **lock()), ["s3:PutObject", "s3:PutObjectRetention"]),
    "hold": (
        lambda s3: s3.put_object(Bucket="locked", Key="k", ObjectLockLegalHoldStatus="ON"),
        ["s3:PutObject", "s3:PutObjectLegalHold"],
    ),
    "configure": (
        lambda s3: s3.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}),
        ["s3:PutBucketObjectLockConfiguration"],
    ),
    "look": (lambda s3: s3.get_object_lock_configuration(Bucket="locked"), ["s3:GetBucketObjectLockConfiguration"]),
    "create": (
        lambda s3: s3.create_bucket(Bucket="new", ObjectLockEnabledForBucket=True),
        ["s3:CreateBucket", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"],
    ),
}


@pytest.mark.parametrize(("call", "actions"), PERMISSIONS.values(), ids=PERMISSIONS)
def test_permissions(door: Door, locked: str, call: Callable[[Any], Any], actions: list[str]) -> None:
    for action in actions:
        others = [one for one in actions if one != action] or ["s3:ListAllMyBuckets"]
        with unchanged(door.fake):
            message = denial(door, user(door, *others), call)
        assert message is not None
        assert f"perform: {action} " in message
    assert denial(door, user(door, *actions), call) is None

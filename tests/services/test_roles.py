"""Configured roles: trust policies and session durations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import refused
from tests.support.services import ROLE, Door, allow, deny, policy, trust

_TO_ASSUME = allow("sts:AssumeRole")
BOB = f"arn:aws:iam::{OWNER}:user/bob"
TRUSTS: dict[str, tuple[str | None, str, str | None, dict[str, Any], bool]] = {
    # trust policy (None: the account), account of bob, bob's policy, further params -> may he?
    "its account, and he is allowed": (None, OWNER, policy(_TO_ASSUME), {}, True),
    "its account, and he is not": (None, OWNER, None, {}, False),
    "its account, and he is denied": (None, OWNER, policy(_TO_ASSUME, deny("sts:*")), {}, False),
    "he himself": (trust({"AWS": BOB}), OWNER, None, {}, True),
    "he himself, and he is denied": (trust({"AWS": BOB}), OWNER, policy(deny("sts:AssumeRole")), {}, False),
    "somebody else": (trust({"AWS": f"arn:aws:iam::{OWNER}:user/eve"}), OWNER, policy(_TO_ASSUME), {}, False),
    "everybody": (trust("*"), OWNER, None, {}, True),
    "a service": (trust({"Service": "lambda.amazonaws.com"}), OWNER, policy(_TO_ASSUME), {}, False),
    "another account, and he is allowed": (trust({"AWS": STRANGER}), STRANGER, policy(_TO_ASSUME), {}, True),
    "another account, and he is not": (trust({"AWS": STRANGER}), STRANGER, None, {}, False),
    "he of another account, and he is not": (trust({"AWS": f"arn:aws:iam::{STRANGER}:user/bob"}), STRANGER, None, {}, False),
    "not his account": (None, STRANGER, policy(_TO_ASSUME), {}, False),
    "another action": (trust({"AWS": BOB}, "sts:TagSession"), OWNER, policy(_TO_ASSUME), {}, False),
    "an external id": (
        trust({"AWS": BOB}, Condition={"StringEquals": {"sts:ExternalId": "secret"}}),
        OWNER,
        None,
        {"ExternalId": "secret"},
        True,
    ),
    "another external id": (
        trust({"AWS": BOB}, Condition={"StringEquals": {"sts:ExternalId": "secret"}}),
        OWNER,
        None,
        {"ExternalId": "guess"},
        False,
    ),
    "no external id": (trust({"AWS": BOB}, Condition={"StringEquals": {"sts:ExternalId": "x"}}), OWNER, None, {}, False),
    "the session's name": (
        trust({"AWS": BOB}, Condition={"StringLike": {"sts:RoleSessionName": "${aws:username}-*"}}),
        OWNER,
        None,
        {"RoleSessionName": "bob-1"},
        True,
    ),
    "a device's code": (
        trust({"AWS": BOB}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        OWNER,
        None,
        {"SerialNumber": "arn:aws:iam::123456789012:mfa/bob", "TokenCode": "123456"},
        True,
    ),
    "tags that it may not have": (trust({"AWS": BOB}), OWNER, None, {"Tags": [{"Key": "a", "Value": "b"}]}, False),
    "tags": (
        trust({"AWS": BOB}, "sts:AssumeRole", "sts:TagSession"),
        OWNER,
        None,
        {"Tags": [{"Key": "a", "Value": "b"}]},
        True,
    ),
}


@pytest.mark.parametrize("case", TRUSTS)
def test_whom_a_role_trusts(door: Door, case: str) -> None:
    trusted, account, mine, params, may = TRUSTS[case]
    role = door.fake.add_role(OWNER, "job", policy(allow("s3:*")), trusted)
    bob = door.fake.add_user(account, "bob", mine)
    sts = door.client_of(bob, "sts")
    given = {"RoleArn": role.arn, "RoleSessionName": "session", **params}
    if may:
        assert sts.assume_role(**given)["AssumedRoleUser"]["Arn"].startswith(f"arn:aws:sts::{OWNER}:assumed-role/job/")
        return
    action = "sts:TagSession" if "Tags" in params else "sts:AssumeRole"
    message = f"User: {bob.arn} is not authorized to perform: {action} on resource: {role.arn}"
    refused(lambda: sts.assume_role(**given), 403, "AccessDenied", message)
    decision = door.fake.last_denial
    assert decision is not None
    assert (decision.allowed, decision.action, decision.resource, decision.caller) == (False, action, role.arn, bob.arn)


def test_a_role_by_another_path_is_another_role(door: Door, sts: Any) -> None:
    role = door.fake.add_role(None, "job", path="/team/")
    assert role.arn == f"arn:aws:iam::{OWNER}:role/team/job"
    sts.assume_role(RoleArn=role.arn, RoleSessionName="s1")
    message = f"User: arn:aws:iam::{OWNER}:root is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
    refused(lambda: sts.assume_role(RoleArn=ROLE, RoleSessionName="s1"), 403, "AccessDenied", message)


def test_a_missing_role_with_strict_credentials() -> None:
    with FakeS3(strict_credentials=True) as fake:
        role = fake.add_role(None, "job")
        owner = fake.add_account(OWNER)
        import boto3

        session = boto3.session.Session(owner.access_key, owner.secret_key, region_name="us-east-1")
        sts = session.client("sts")
        assert sts.assume_role(RoleArn=role.arn, RoleSessionName="s1")["AssumedRoleUser"]["Arn"].endswith("/job/s1")
        message = f"User: {owner.arn} is not authorized to perform: sts:AssumeRole on resource: {ROLE}2"
        refused(lambda: sts.assume_role(RoleArn=f"{ROLE}2", RoleSessionName="s1"), 403, "AccessDenied", message)
        sts.close()


def test_the_role_limits_the_session_duration(door: Door, sts: Any) -> None:
    short, long = door.fake.add_role(None, "short"), door.fake.add_role(None, "long", max_session_duration=7200)
    sts.assume_role(RoleArn=long.arn, RoleSessionName="s1", DurationSeconds=7200)
    message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    for arn, seconds in ((short.arn, 3601), (long.arn, 7201)):
        call = {"RoleArn": arn, "RoleSessionName": "s1", "DurationSeconds": seconds}
        refused(lambda call=call: sts.assume_role(**call), 400, "ValidationError", message)


def test_from_role_to_role_an_hour_at_most(door: Door, sts: Any) -> None:
    first = sts.assume_role(RoleArn=ROLE, RoleSessionName="s1")["Credentials"]
    chained = door.client_of(first, "sts")
    other = {"RoleArn": f"arn:aws:iam::{STRANGER}:role/next", "RoleSessionName": "s2"}
    assert chained.assume_role(**other)["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{STRANGER}:assumed-role/next/s2"
    message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    refused(lambda: chained.assume_role(**other, DurationSeconds=3601), 400, "ValidationError", message)


def test_a_role_may_trust_a_role(door: Door) -> None:
    door.fake.add_role(None, "first", policy(allow("sts:AssumeRole")), trust("*"))
    second = door.fake.add_role(STRANGER, "second", None, trust({"AWS": f"arn:aws:iam::{OWNER}:role/first"}))
    mine = door.client("sts").assume_role(RoleArn=f"arn:aws:iam::{OWNER}:role/first", RoleSessionName="s1")["Credentials"]
    found = door.client_of(mine, "sts").assume_role(RoleArn=second.arn, RoleSessionName="s2")
    assert found["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{STRANGER}:assumed-role/second/s2"


def test_tags_that_differ_in_case_only(sts: Any) -> None:
    tags = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    text = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
    refused(lambda: sts.assume_role(RoleArn=ROLE, RoleSessionName="s1", Tags=tags), 400, "InvalidParameterValue", text)


WRONG_ROLES: list[tuple[dict[str, Any], str]] = [
    ({"name": "a b"}, "name must be 1 to 64 letters, digits and .*, not 'a b'"),
    ({"name": "job", "path": "team/"}, "is not a valid role ARN"),
    ({"name": "job", "max_session_duration": 60}, "3600 to 43200"),
    ({"name": "job", "policy": "{"}, "not JSON"),
    ({"name": "job", "trust": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*"}]}}, "Principal"),
]


@pytest.mark.parametrize(("given", "message"), WRONG_ROLES)
def test_roles_that_cannot_be(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FakeS3().add_role(None, **given)


def test_a_role_twice() -> None:
    fake = FakeS3()
    fake.add_role(None, "job")
    with pytest.raises(ValueError, match="has a role job already"):
        fake.add_role(None, "job")


def test_roles_of_a_configuration_file(tmp_path: Any) -> None:
    path = tmp_path / "fake.toml"
    text = json.dumps(trust({"AWS": STRANGER}))
    path.write_text(
        f'[[accounts]]\nid = "{OWNER}"\n[[accounts.roles]]\nname = "job"\ntrust = {text}\nmax_session_duration = 7200\n'
    )
    role = FakeS3.from_config(path).accounts.role(OWNER, "job")
    assert role is not None
    assert (role.policy, role.trust, role.max_session_duration) == (None, json.loads(trust({"AWS": STRANGER})), 7200)
    path.write_text(f'[[accounts]]\nid = "{OWNER}"\n[[accounts.roles]]\nname = "job"\ntrust = "{{"\n')
    with pytest.raises(ValueError, match=r"accounts\[0\]\.roles\[0\]\.trust: "):
        FakeS3.from_config(path)

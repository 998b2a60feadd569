"""STS: responses and errors, in-process and over HTTP."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import refused
from tests.support.errors import EXPIRED_TOKEN
from tests.support.services import ROLE, Door, allow, deny, policy

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


# --- who am I --------------------------------------------------------------------------------------------------------


def test_an_unknown_key_is_the_root_of_the_fakes_account(sts: Any) -> None:
    found = sts.get_caller_identity()
    assert {name: found[name] for name in ("UserId", "Account", "Arn")} == {
        "UserId": OWNER,
        "Account": OWNER,
        "Arn": f"arn:aws:iam::{OWNER}:root",
    }
    assert found["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "text/xml"
    assert re.fullmatch(r"[0-9a-f-]{36}", found["ResponseMetadata"]["RequestId"])
    assert found["ResponseMetadata"]["RequestId"] == found["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]


def test_a_key_of_twelve_digits_is_its_account(door: Door) -> None:
    assert door.client("sts", aws_access_key_id=STRANGER).get_caller_identity()["Account"] == STRANGER


def test_a_user(door: Door) -> None:
    bob = door.fake.add_user(STRANGER, "bob")
    found = door.client_of(bob, "sts").get_caller_identity()
    assert (found["Account"], found["Arn"]) == (STRANGER, f"arn:aws:iam::{STRANGER}:user/bob")
    assert re.fullmatch(r"AIDA[A-Z2-7]{17}", found["UserId"])


def test_get_caller_identity_needs_no_permission(door: Door) -> None:
    bob = door.fake.add_user(None, "bob", policy(deny("*")))
    assert door.client_of(bob, "sts").get_caller_identity()["Arn"] == bob.arn


def test_the_account_of_a_key(door: Door, sts: Any) -> None:
    bob = door.fake.add_user(STRANGER, "bob")
    assert sts.get_access_key_info(AccessKeyId=bob.access_key)["Account"] == STRANGER
    assert sts.get_access_key_info(AccessKeyId="AKIAUNKNOWNUNKNOWN12")["Account"] == OWNER


# --- AssumeRole ------------------------------------------------------------------------------------------------------


def test_nothing_needs_to_be_set_up(door: Door, sts: Any) -> None:
    given = sts.assume_role(RoleArn=ROLE, RoleSessionName="today")
    credentials, user = given["Credentials"], given["AssumedRoleUser"]
    assert re.fullmatch(r"ASIA[A-Z2-7]{16}", credentials["AccessKeyId"])
    assert len(credentials["SecretAccessKey"]) == 40
    assert len(credentials["SessionToken"]) > 200
    assert user["Arn"] == f"arn:aws:sts::{OWNER}:assumed-role/job/today"
    assert re.fullmatch(r"AROA[A-Z2-7]{17}:today", user["AssumedRoleId"])
    assert "PackedPolicySize" not in given
    found = door.client_of(credentials, "sts").get_caller_identity()
    assert (found["UserId"], found["Account"], found["Arn"]) == (user["AssumedRoleId"], OWNER, user["Arn"])


def test_a_role_of_another_account(door: Door, sts: Any) -> None:
    given = sts.assume_role(RoleArn=f"arn:aws:iam::{STRANGER}:role/team/blue/Reader", RoleSessionName="s1")
    assert given["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{STRANGER}:assumed-role/Reader/s1"
    door.client_of(given["Credentials"]).create_bucket(Bucket="theirs")
    assert door.fake.store.buckets["theirs"].account == STRANGER


def test_two_sessions_have_keys_of_their_own(sts: Any) -> None:
    keys = {sts.assume_role(RoleArn=ROLE, RoleSessionName="s1")["Credentials"]["AccessKeyId"] for _ in range(5)}
    assert len(keys) == 5


def test_they_are_the_same_from_run_to_run_of_a_seed() -> None:
    first, second = (FakeS3(seed=7).ids.session_keys() for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("requested", "lasts"), [({}, 3600), ({"DurationSeconds": 900}, 900), ({"DurationSeconds": 43200}, 43200)]
)
def test_session_durations(door: Door, sts: Any, requested: dict[str, int], lasts: int) -> None:
    door.fake.clock.freeze(NOON)
    credentials = sts.assume_role(RoleArn=ROLE, RoleSessionName="s1", **requested)["Credentials"]
    assert credentials["Expiration"] == NOON + timedelta(seconds=lasts)


def test_sessions_expire_by_the_fakes_clock(door: Door, sts: Any) -> None:
    credentials = sts.assume_role(RoleArn=ROLE, RoleSessionName="s1")["Credentials"]
    s3, again = door.client_of(credentials), door.client_of(credentials, "sts")
    s3.create_bucket(Bucket="bucket")
    door.fake.clock.advance(minutes=59)
    s3.put_object(Bucket="bucket", Key="k")
    door.fake.clock.advance(minutes=2)
    extras = {"Token-0": credentials["SessionToken"]}
    refused(lambda: s3.put_object(Bucket="bucket", Key="k"), 400, "ExpiredToken", EXPIRED_TOKEN, extras)
    text = "The security token included in the request is expired"
    refused(again.get_caller_identity, 403, "ExpiredToken", text)


_PATTERN = "failed to satisfy constraint: Member must satisfy regular expression pattern"
_LENGTH = "failed to satisfy constraint: Member must have length"
_VALUE = "failed to satisfy constraint: Member must have value"
_ONE = "1 validation error detected: Value"
INVALID: list[tuple[dict[str, Any], str]] = [
    ({"RoleSessionName": "a b"}, rf"{_ONE} 'a b' at 'roleSessionName' {_PATTERN}: [\w+=,.@-]*"),
    ({"RoleSessionName": "x" * 65}, f"{_ONE} '{'x' * 65}' at 'roleSessionName' {_LENGTH} less than or equal to 64"),
    ({"DurationSeconds": 43201}, f"{_ONE} '43201' at 'durationSeconds' {_VALUE} less than or equal to 43200"),
    ({"ExternalId": "a b"}, rf"{_ONE} 'a b' at 'externalId' {_PATTERN}: [\w+=,.@:\/-]*"),
    ({"RoleArn": "arn:aws:iam::123456789012:user/bob"}, "arn:aws:iam::123456789012:user/bob is invalid"),
    ({"RoleArn": "arn:aws:iam::12345678901:role/bob"}, "arn:aws:iam::12345678901:role/bob is invalid"),
    (
        {"RoleSessionName": "a b", "DurationSeconds": 43201},
        rf"2 validation errors detected: Value 'a b' at 'roleSessionName' {_PATTERN}: [\w+=,.@-]*; "
        f"Value '43201' at 'durationSeconds' {_VALUE} less than or equal to 43200",
    ),
]


@pytest.mark.parametrize(("params", "message"), INVALID, ids=[str(number) for number in range(len(INVALID))])
def test_invalid_parameters(sts: Any, params: dict[str, Any], message: str) -> None:
    given = {"RoleArn": ROLE, "RoleSessionName": "session", **params}
    refused(lambda: sts.assume_role(**given), 400, "ValidationError", message)


_LONG = policy(*[allow("s3:GetObject", Sid=f"{number}") for number in range(40)])
MALFORMED: list[tuple[str, str, str]] = [
    ("{", "MalformedPolicyDocument", "This policy contains invalid Json"),
    ("[]", "MalformedPolicyDocument", "Policies must be valid JSON and the first byte must be '{'"),
    ('{"Version": "2012-10-17"}', "MalformedPolicyDocument", "Missing required field Statement"),
    (policy({**allow("s3:*"), "Principal": "*"}), "MalformedPolicyDocument", "Unknown field Principal"),
    (
        _LONG,
        "PackedPolicyTooLarge",
        f"Packed policy consumes {len(_LONG) * 100 // 2048}% of allotted space, please use smaller policy.",
    ),
]


@pytest.mark.parametrize(("text", "code", "message"), MALFORMED, ids=[str(number) for number in range(len(MALFORMED))])
def test_invalid_session_policies(sts: Any, text: str, code: str, message: str) -> None:
    refused(lambda: sts.assume_role(RoleArn=ROLE, RoleSessionName="s1", Policy=text), 400, code, message)


def test_the_packed_policy_size_is_returned(sts: Any) -> None:
    text = policy(allow("s3:GetObject"))
    given = sts.assume_role(RoleArn=ROLE, RoleSessionName="s1", Policy=text)
    assert given["PackedPolicySize"] == -(-len(text) * 100 // 2048)


UNDONE: list[tuple[str, dict[str, Any], str]] = [
    ("assume_role", {"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}]}, "PolicyArns"),
    ("assume_role", {"SourceIdentity": "me"}, "SourceIdentity"),
    ("assume_role", {"TransitiveTagKeys": ["a"]}, "TransitiveTagKeys"),
]


@pytest.mark.parametrize(("call", "params", "option"), UNDONE, ids=[option for _, _, option in UNDONE])
def test_unsupported_options_are_501(sts: Any, call: str, params: dict[str, Any], option: str) -> None:
    text = f"fakes3part does not implement AssumeRole ({option})"
    refused(lambda: getattr(sts, call)(RoleArn=ROLE, RoleSessionName="s1", **params), 501, "NotImplemented", text)


OPERATIONS: list[tuple[str, dict[str, Any], str]] = [
    ("decode_authorization_message", {"EncodedMessage": "x"}, "DecodeAuthorizationMessage"),
    (
        "assume_role_with_web_identity",
        {"RoleArn": ROLE, "RoleSessionName": "s1", "WebIdentityToken": "token"},
        "AssumeRoleWithWebIdentity",
    ),
    (
        "assume_role_with_saml",
        {"RoleArn": ROLE, "PrincipalArn": ROLE, "SAMLAssertion": "assertion"},
        "AssumeRoleWithSAML",
    ),
    (
        "assume_root",
        {"TargetPrincipal": OWNER, "TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/x"}},
        "AssumeRoot",
    ),
]


@pytest.mark.parametrize(("call", "params", "name"), OPERATIONS, ids=[name for _, _, name in OPERATIONS])
def test_unsupported_operations_are_501(sts: Any, call: str, params: dict[str, Any], name: str) -> None:
    refused(lambda: getattr(sts, call)(**params), 501, "NotImplemented", f"fakes3part does not implement {name}")


# --- GetSessionToken, GetFederationToken -----------------------------------------------------------------------------


def test_a_session_of_a_user_is_the_user(door: Door) -> None:
    door.fake.clock.freeze(NOON)
    bob = door.fake.add_user(None, "bob", policy(allow("s3:*")))
    credentials = door.client_of(bob, "sts").get_session_token()["Credentials"]
    assert credentials["Expiration"] == NOON + timedelta(hours=12)
    assert door.client_of(credentials, "sts").get_caller_identity()["Arn"] == bob.arn
    door.client_of(credentials).create_bucket(Bucket="bucket")
    assert list(door.fake.buckets) == ["bucket"]


def test_a_roots_session_lasts_an_hour(door: Door, sts: Any) -> None:
    door.fake.clock.freeze(NOON)
    credentials = sts.get_session_token(DurationSeconds=7200)["Credentials"]
    assert credentials["Expiration"] == NOON + timedelta(hours=1)
    assert door.client_of(credentials, "sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{OWNER}:root"


@pytest.mark.parametrize("call", ["get_session_token", "get_federation_token"])
def test_sessions_get_no_sessions(door: Door, sts: Any, call: str) -> None:
    client = door.client_of(sts.get_session_token()["Credentials"], "sts")
    name = "".join(word.title() for word in call.split("_"))
    params = {"Name": "bob"} if name == "GetFederationToken" else {}
    message = f"Cannot call {name} with session credentials"
    refused(lambda: getattr(client, call)(**params), 403, "AccessDenied", message)


def test_a_federated_user_may_do_what_both_policies_allow(door: Door) -> None:
    mine = policy(allow("sts:GetFederationToken"), allow("s3:CreateBucket", "s3:PutObject"))
    bob = door.fake.add_user(None, "bob", mine)
    given = door.client_of(bob, "sts").get_federation_token(Name="guest", Policy=policy(allow("s3:CreateBucket", "s3:GetObject")))
    user = f"arn:aws:sts::{OWNER}:federated-user/guest"
    assert given["FederatedUser"] == {"FederatedUserId": f"{OWNER}:guest", "Arn": user}
    guest = door.client_of(given["Credentials"])
    guest.create_bucket(Bucket="bucket")
    for call, action, kind in (("put_object", "PutObject", "session"), ("get_object", "GetObject", "identity-based")):
        message = (
            f'User: {user} is not authorized to perform: s3:{action} on resource: "arn:aws:s3:::bucket/k" because no {kind} '
            f"policy allows the s3:{action} action"
        )
        refused(lambda call=call: getattr(guest, call)(Bucket="bucket", Key="k"), 403, "AccessDenied", message)


def test_a_federated_user_without_a_policy_may_do_nothing(door: Door, sts: Any) -> None:
    guest = door.client_of(sts.get_federation_token(Name="guest")["Credentials"])
    refused(
        lambda: guest.create_bucket(Bucket="bucket"),
        403,
        "AccessDenied",
        f"User: arn:aws:sts::{OWNER}:federated-user/guest is not authorized to perform: s3:CreateBucket on resource: "
        '"arn:aws:s3:::bucket" because no session policy allows the s3:CreateBucket action',
    )


def test_denied_federation(door: Door) -> None:
    bob = door.fake.add_user(None, "bob")
    arn = f"arn:aws:sts::{OWNER}:federated-user/guest"
    message = (
        f"User: {bob.arn} is not authorized to perform: sts:GetFederationToken on resource: {arn} because no identity-based "
        "policy allows the sts:GetFederationToken action"
    )
    refused(lambda: door.client_of(bob, "sts").get_federation_token(Name="guest"), 403, "AccessDenied", message)


# --- what stays ------------------------------------------------------------------------------------------------------


def test_reset_forgets_sessions_and_keeps_roles(door: Door, sts: Any) -> None:
    role = door.fake.add_role(None, "job")
    kept = door.fake.add_session(door.fake.add_user(None, "bob", policy(allow("s3:*"))))
    credentials = sts.assume_role(RoleArn=role.arn, RoleSessionName="s1")["Credentials"]
    door.fake.reset()
    assert [one.access_key for one in door.fake.accounts.principals if one.session_token] == [kept.access_key]
    assert door.fake.accounts.role(OWNER, "job") == role
    # The key is an unknown one now, like any other: the fake's own account.
    assert door.client_of(credentials, "sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{OWNER}:root"

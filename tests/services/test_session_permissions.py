"""Permissions of sessions in S3: the role's policy, the session policy, and bucket policies that name role or session."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.callers import OWNER, STRANGER
from tests.support.doors import refused
from tests.support.services import Door, allow, deny, policy

ROLE = f"arn:aws:iam::{OWNER}:role/job"
SESSION = f"arn:aws:sts::{OWNER}:assumed-role/job/s1"
GET, PUT = "s3:GetObject", "s3:PutObject"


def grant(principal: Any, *actions: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """Return a statement of the bucket's policy."""
    return {
        "Effect": effect,
        "Principal": principal,
        "Action": list(actions or (GET,)),
        "Resource": "arn:aws:s3:::bucket/*",
        **more,
    }


_BY_CONDITION = {"Condition": {"ArnLike": {"aws:PrincipalArn": ROLE}}}
CASES: dict[str, tuple[str | None, str | None, list[dict[str, Any]], str | None]] = {
    # the role's policy, the session's, the bucket's -> None: allowed, else how AWS's words end
    "the role's policy": (policy(allow(GET)), None, [], None),
    "no policy at all": (None, None, [], "because no identity-based policy allows the s3:GetObject action"),
    "both policies": (policy(allow("s3:*")), policy(allow(GET)), [], None),
    "the session takes away": (
        policy(allow("s3:*")),
        policy(allow(PUT)),
        [],
        "because no session policy allows the s3:GetObject action",
    ),
    "the session gives nothing": (
        policy(allow(PUT)),
        policy(allow("s3:*")),
        [],
        "because no identity-based policy allows the s3:GetObject action",
    ),
    "the session denies": (
        policy(allow("s3:*")),
        policy(allow("s3:*"), deny(GET)),
        [],
        "with an explicit deny in a session policy",
    ),
    "the role's policy denies": (
        policy(allow("s3:*"), deny(GET)),
        policy(allow("s3:*")),
        [],
        "with an explicit deny in an identity-based policy",
    ),
    "the bucket names the role": (None, None, [grant({"AWS": ROLE})], None),
    "the bucket names the session": (None, None, [grant({"AWS": SESSION})], None),
    "the bucket names another session": (
        None,
        None,
        [grant({"AWS": SESSION + "0"})],
        "because no identity-based policy allows the s3:GetObject action",
    ),
    "the bucket names the role, the session takes away": (
        None,
        policy(allow(PUT)),
        [grant({"AWS": ROLE})],
        "because no session policy allows the s3:GetObject action",
    ),
    "the bucket names the session, whose policy counts no more": (None, policy(allow(PUT)), [grant({"AWS": SESSION})], None),
    "but for what it denies": (
        None,
        policy(deny(GET)),
        [grant({"AWS": SESSION})],
        "with an explicit deny in a session policy",
    ),
    "the bucket names the account": (
        None,
        None,
        [grant({"AWS": OWNER})],
        "because no identity-based policy allows the s3:GetObject action",
    ),
    "the bucket names the account, the role passes it on": (policy(allow(GET)), None, [grant({"AWS": OWNER})], None),
    "the bucket denies the role": (
        policy(allow("s3:*")),
        None,
        [grant({"AWS": ROLE}, effect="Deny")],
        "with an explicit deny in a resource-based policy",
    ),
    "the bucket denies the session": (
        policy(allow("s3:*")),
        None,
        [grant({"AWS": SESSION}, effect="Deny")],
        "with an explicit deny in a resource-based policy",
    ),
    "the bucket denies everybody but the role": (
        policy(allow("s3:*")),
        None,
        [grant("*", effect="Deny", Condition={"ArnNotLike": {"aws:PrincipalArn": ROLE}})],
        None,
    ),
    "the role is a condition": (None, None, [grant({"AWS": "*"}, **_BY_CONDITION)], None),
    "a session is of no name": (
        None,
        None,
        [grant("*", Condition={"StringLike": {"aws:username": "*"}})],
        "because no identity-based policy allows the s3:GetObject action",
    ),
    "its type is": (None, None, [grant("*", Condition={"StringEquals": {"aws:PrincipalType": "AssumedRole"}})], None),
    "its id ends so": (None, None, [grant("*", Condition={"StringLike": {"aws:userid": "AROA*:s1"}})], None),
    "its tag is": (None, None, [grant("*", Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}})], None),
    "its tag is not": (
        None,
        None,
        [grant("*", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}})],
        "because no identity-based policy allows the s3:GetObject action",
    ),
    "it came without a device": (None, None, [grant("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})], None),
    "it came lately": (None, None, [grant("*", Condition={"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01"}})], None),
}


@pytest.mark.parametrize("case", CASES)
def test_permissions_of_a_session(door: Door, s3: Any, case: str) -> None:
    mine, session, bucket, ending = CASES[case]
    door.fake.add_role(OWNER, "job", mine)
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
    s3.delete_public_access_block(Bucket="bucket")
    if bucket:
        s3.put_bucket_policy(Bucket="bucket", Policy=policy(*bucket))
    requested = {"RoleArn": ROLE, "RoleSessionName": "s1", "Tags": [{"Key": "team", "Value": "blue"}]}
    given = door.client("sts").assume_role(**requested, **({"Policy": session} if session else {}))
    client = door.client_of(given["Credentials"])
    if ending is None:
        assert client.get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"
        return
    message = f'User: {SESSION} is not authorized to perform: {GET} on resource: "arn:aws:s3:::bucket/k" {ending}'
    refused(lambda: client.get_object(Bucket="bucket", Key="k"), 403, "AccessDenied", message)


def test_a_session_of_another_account_needs_both(door: Door, s3: Any) -> None:
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"abc")
    role = door.fake.add_role(STRANGER, "reader", policy(allow(GET)))
    plain = door.fake.add_role(STRANGER, "plain")
    sts = door.client("sts", aws_access_key_id=STRANGER)
    clients = [door.client_of(sts.assume_role(RoleArn=one.arn, RoleSessionName="s1")["Credentials"]) for one in (role, plain)]
    for client in clients:
        refused(lambda client=client: client.get_object(Bucket="bucket", Key="k"), 403, "AccessDenied", "Access Denied")
    s3.put_bucket_policy(Bucket="bucket", Policy=policy(grant({"AWS": [role.arn, plain.arn]})))
    assert clients[0].get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"
    refused(lambda: clients[1].get_object(Bucket="bucket", Key="k"), 403, "AccessDenied", "Access Denied")


def test_an_implicit_role_may_do_everything_in_its_account(door: Door, s3: Any) -> None:
    s3.create_bucket(Bucket="bucket")
    sts = door.client("sts")
    client = door.client_of(sts.assume_role(RoleArn=ROLE, RoleSessionName="s1")["Credentials"])
    client.put_object(Bucket="bucket", Key="k", Body=b"abc")
    client.create_bucket(Bucket="another")
    assert [one["Name"] for one in client.list_buckets()["Buckets"]] == ["another", "bucket"]
    client.delete_object(Bucket="bucket", Key="k")
    stranger = sts.assume_role(RoleArn=f"arn:aws:iam::{STRANGER}:role/job", RoleSessionName="s1")["Credentials"]
    refused(lambda: door.client_of(stranger).list_objects_v2(Bucket="bucket"), 403, "AccessDenied", "Access Denied")


def test_the_session_initiates_and_owns_its_upload(door: Door, s3: Any) -> None:
    s3.create_bucket(Bucket="bucket")
    door.fake.add_role(OWNER, "job", policy(allow(PUT)))
    sts = door.client("sts")
    first, second = (door.client_of(sts.assume_role(RoleArn=ROLE, RoleSessionName=name)["Credentials"]) for name in ("s1", "s2"))
    upload = {"Bucket": "bucket", "Key": "k"}
    upload["UploadId"] = first.create_multipart_upload(**upload)["UploadId"]
    assert first.list_parts(**upload)["Initiator"] == {"ID": SESSION, "DisplayName": "job/s1"}
    message = (
        f"User: arn:aws:sts::{OWNER}:assumed-role/job/s2 is not authorized to perform: s3:AbortMultipartUpload on resource: "
        '"arn:aws:s3:::bucket/k" because no identity-based policy allows the s3:AbortMultipartUpload action'
    )
    refused(lambda: second.abort_multipart_upload(**upload), 403, "AccessDenied", message)
    first.abort_multipart_upload(**upload)


def test_explain_knows_why(door: Door, s3: Any) -> None:
    s3.create_bucket(Bucket="bucket")
    door.fake.add_role(OWNER, "job", policy(allow("s3:*")))
    sts = door.client("sts")
    given = sts.assume_role(RoleArn=ROLE, RoleSessionName="s1", Policy=policy(allow(PUT)))["Credentials"]
    why = door.fake.explain("PutObject", bucket="bucket", key="k", caller=given["AccessKeyId"])
    assert why.allowed
    assert why.caller == SESSION
    why = door.fake.explain("GetObject", bucket="bucket", key="k", caller=given["AccessKeyId"])
    assert (why.allowed, why.reason) == (False, "the session policy does not allow it")


def test_a_session_policy_counts_for_keys_too(door: Door, s3: Any) -> None:
    s3.create_bucket(Bucket="bucket")
    key = door.fake.kms.add_key()
    sts = door.client("sts")
    encrypted = {"Bucket": "bucket", "Key": "k", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    for more, ending in (
        ([], "because no session policy allows the kms:GenerateDataKey action"),
        ([allow("kms:*"), deny("kms:Generate*")], "with an explicit deny in a session policy"),
        ([allow("kms:*")], None),
    ):
        given = sts.assume_role(RoleArn=ROLE, RoleSessionName="s1", Policy=policy(allow("s3:*"), *more))
        client = door.client_of(given["Credentials"])
        if ending is None:
            assert client.put_object(**encrypted)["SSEKMSKeyId"] == key
            continue
        message = f"User: {SESSION} is not authorized to perform: kms:GenerateDataKey on resource: {key} {ending}"
        refused(lambda client=client: client.put_object(**encrypted), 403, "AccessDenied", message)
    given = sts.assume_role(RoleArn=ROLE, RoleSessionName="s1", Policy=policy(allow("s3:*")))
    managed = {"Bucket": "bucket", "Key": "k", "ServerSideEncryption": "aws:kms"}
    arn = next(alias for alias in door.client("kms").list_aliases()["Aliases"])["TargetKeyId"]
    message = (
        f"User: {SESSION} is not authorized to perform: kms:GenerateDataKey on resource: "
        f"arn:aws:kms:us-east-1:{OWNER}:key/{arn} because no session policy allows the kms:GenerateDataKey action"
    )
    refused(lambda: door.client_of(given["Credentials"]).put_object(**managed), 403, "AccessDenied", message)

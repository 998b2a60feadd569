"""PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy, GetBucketPolicyStatus: which policies are accepted, refused and public.

Statuses and what GET returns are recorded from AWS, February 2026. The texts of MalformedPolicy are those of other S3
implementations.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door, refused
from tests.support.errors import METHOD_NOT_ALLOWED
from tests.support.policies import BUCKET, OBJECTS, client_of, policy, put_policy, statement, status, user
from tests.support.state import unchanged

NOT_JSON = "Policies must be valid JSON and the first byte must be '{'"
MALFORMED: dict[str, tuple[str, str, dict[str, str]]] = {
    "empty": ("", NOT_JSON, {}),
    "no JSON": ("hello", NOT_JSON, {}),
    "a list": ("[]", NOT_JSON, {}),
    "a space first": (" {}", NOT_JSON, {}),
    "broken": ('{"Version": ', "This policy contains invalid Json", {}),
    "NaN": ('{"Version": NaN}', "This policy contains invalid Json", {}),
    "deep": ('{"Statement": ' + "[" * 9000, "This policy contains invalid Json", {}),
    "version": (policy(statement(), version="2013-10-17"), "The policy must contain a valid version string", {}),
    "no statement": ("{}", "Missing required field Statement", {}),
    "empty statement": ('{"Statement": []}', "Could not parse the policy: Statement is empty!", {}),
    "unknown field": ('{"Statements": []}', "Unknown field Statements", {}),
    "unknown element": (policy(statement(Prinzipal="*")), "Unknown field Prinzipal", {}),
    "effect": (policy(statement(Effect="allow")), "Invalid effect: allow", {}),
    "no effect": (policy(statement(Effect=None)), "Missing required field Effect", {}),
    "no principal": (policy(statement(Principal=None)), "Missing required field Principal", {}),
    "principal text": (policy(statement(Principal="me")), "Invalid principal in policy", {}),
    "principal": (
        policy(statement(Principal={"AWS": "me"})),
        "Invalid principal in policy",
        {"Detail": '"AWS" : "me"'},
    ),
    "principal wildcard": (
        policy(statement(Principal={"AWS": f"arn:aws:iam::{OWNER}:user/*"})),
        "Invalid principal in policy",
        {"Detail": f'"AWS" : "arn:aws:iam::{OWNER}:user/*"'},
    ),
    "no action": (policy(statement(Action=None)), "Missing required field Action", {}),
    "action": (policy(statement(Action="s3:GetObjects")), "Policy has invalid action", {}),
    "action of others": (policy(statement(Action="ec2:RunInstances")), "Policy has invalid action", {}),
    "action number": (policy(statement(Action=[1])), "Policy has invalid action", {}),
    "no resource": (policy(statement(Resource=None)), "Missing required field Resource", {}),
    "resource of others": (policy(statement(Resource="arn:aws:s3:::other/*")), "Policy has invalid resource", {}),
    "resource no ARN": (policy(statement(Resource="bucket/*")), "Policy has invalid resource", {}),
    "object action on the bucket": (
        policy(statement(Resource=BUCKET)),
        "Action does not apply to any resource(s) in statement",
        {},
    ),
    "bucket action on objects": (
        policy(statement(Action=["s3:GetObject", "s3:ListBucket"])),
        "Action does not apply to any resource(s) in statement",
        {},
    ),
    "operator": (
        policy(statement(Condition={"StringEqual": {"aws:UserAgent": "x"}})),
        "Invalid Condition type : StringEqual",
        {},
    ),
    "condition key": (policy(statement(Condition={"Bool": {"secure": "x"}})), "Policy has an invalid condition key", {}),
    "condition value": (policy(statement(Condition={"Bool": {"aws:x": {}}})), "Syntax errors in policy.", {}),
    "address": (
        policy(statement(Condition={"IpAddress": {"aws:SourceIp": "here"}})),
        "Syntax errors in policy.",
        {"Detail": "here"},
    ),
}


@pytest.mark.parametrize(("text", "message", "extras"), MALFORMED.values(), ids=MALFORMED)
def test_malformed(door: Door, bucket: str, text: str, message: str, extras: dict[str, str]) -> None:
    put_policy(door, statement(Action="s3:*"))
    with unchanged(door.fake):
        put = partial(door.client.put_bucket_policy, Bucket=bucket, Policy=text)
        refused(put, 400, "MalformedPolicy", message, extras)


ACCEPTED = [
    statement(Action="s3:*"),
    statement(Action="S3:getobject"),
    statement(Action="s3:Get*", Resource=BUCKET),
    statement(Action=["s3:ListBucket", "s3:GetObject"], Resource=[BUCKET, OBJECTS]),
    statement(Action="s3:*", Resource="arn:aws:s3:::bucket*"),
    statement(Action=None, NotAction="s3:DeleteObject"),
    statement(Resource=None, NotResource="arn:aws:s3:::bucket/private/*"),
    statement(Principal=None, NotPrincipal={"AWS": STRANGER}, Effect="Deny"),
    statement(Principal={"AWS": ["*", STRANGER, f"arn:aws:iam::{OWNER}:role/path/r", f"arn:aws:iam::{OWNER}:root"]}),
    statement(Principal={"CanonicalUser": "a" * 64}),
    statement(Principal={"Service": ["logging.s3.amazonaws.com", "cloudtrail.amazonaws.com"]}),
    statement(Sid="", Condition={"Bool": {"aws:SecureTransport": False}, "NumericLessThan": {"s3:max-keys": 10}}),
    statement(Resource="arn:aws:s3:::bucket/${aws:username}/*"),
]


@pytest.mark.parametrize("one", ACCEPTED, ids=str)
@pytest.mark.parametrize("form", ["{}", '{{"Id": "x", "Statement": {}}}', '{{"Version":"2008-10-17","Statement":[{}]}} \n'])
def test_accepted_and_given_back_to_the_letter(door: Door, bucket: str, one: dict[str, Any], form: str) -> None:
    text = policy(one) if form == "{}" else form.format(json.dumps(one, ensure_ascii=False))
    door.client.delete_public_access_block(Bucket=bucket)
    assert status(door.client.put_bucket_policy, Bucket=bucket, Policy=text) == 204
    found = door.client.get_bucket_policy(Bucket=bucket)
    assert found["Policy"] == text
    assert found["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "application/json"


def test_too_large(door: Door, bucket: str) -> None:
    door.client.delete_public_access_block(Bucket=bucket)
    text = policy(statement())
    fits = text + " " * (20 * 1024 - len(text))
    door.client.put_bucket_policy(Bucket=bucket, Policy=fits)
    with unchanged(door.fake):
        put = partial(door.client.put_bucket_policy, Bucket=bucket, Policy=fits + " ")
        refused(put, 400, "PolicyTooLarge", "Your policy is too large")


@pytest.mark.parametrize("method", ["get_bucket_policy", "get_bucket_policy_status"])
def test_none(s3: Any, bucket: str, method: str) -> None:
    call = partial(getattr(s3, method), Bucket=bucket)
    for _ in range(2):
        refused(call, 404, "NoSuchBucketPolicy", "The bucket policy does not exist", {"BucketName": bucket})
        assert status(s3.delete_bucket_policy, Bucket=bucket) == 204


def test_deleted(door: Door, bucket: str) -> None:
    put_policy(door, statement(Effect="Deny"))
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    assert status(door.client.get_object, Bucket=bucket, Key="k") == 403
    assert status(door.client.delete_bucket_policy, Bucket=bucket) == 204
    assert status(door.client.get_object, Bucket=bucket, Key="k") == 200


EVERYBODY = {"AWS": "*"}
PUBLIC: dict[str, tuple[dict[str, Any], bool]] = {
    "everybody": (statement(), True),
    "every account": (statement(Principal=EVERYBODY), True),
    "all but one": (statement(Principal=None, NotPrincipal={"AWS": STRANGER}), True),
    "an account": (statement(Principal={"AWS": STRANGER}), False),
    "a service": (statement(Principal={"Service": "logging.s3.amazonaws.com"}), False),
    "denied": (statement(Effect="Deny"), False),
    "any agent": (statement(Condition={"StringEquals": {"aws:UserAgent": "x"}}), True),
    "an endpoint": (statement(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}}), False),
    "an endpoint, not": (statement(Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}), True),
    "an endpoint, if any": (statement(Condition={"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}), True),
    "endpoints like": (statement(Condition={"StringLike": {"aws:SourceVpce": "vpce-*"}}), True),
    "an account's": (statement(Condition={"StringEquals": {"aws:PrincipalAccount": STRANGER}}), False),
    "a network": (statement(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), False),
    "too broad a network": (statement(Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}), True),
    "one broad of two": (statement(Condition={"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/0"]}}), True),
}


@pytest.mark.parametrize(("one", "public"), PUBLIC.values(), ids=PUBLIC)
def test_status_and_block(door: Door, bucket: str, one: dict[str, Any], public: bool) -> None:
    put_policy(door, one)
    assert door.client.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": public}
    door.client.delete_bucket_policy(Bucket=bucket)
    door.client.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    put = partial(door.client.put_bucket_policy, Bucket=bucket, Policy=policy(one))
    if public:
        message = (
            f"User: arn:aws:iam::{OWNER}:root is not authorized to perform: s3:PutBucketPolicy on resource: "
            '"arn:aws:s3:::bucket" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public '
            "Access."
        )
        with unchanged(door.fake):
            refused(put, 403, "AccessDenied", message)
    else:
        put()
        assert door.fake.store.buckets[bucket].policy == policy(one)


def test_the_owners_root_is_never_locked_out(door: Door, bucket: str) -> None:
    everything = statement(Effect="Deny", Action="s3:*", Resource=[BUCKET, OBJECTS])
    put_policy(door, everything)
    assert status(door.client.list_objects_v2, Bucket=bucket) == 403
    assert door.client.get_bucket_policy(Bucket=bucket)["Policy"] == policy(everything)
    assert status(door.client.put_bucket_policy, Bucket=bucket, Policy=policy(everything)) == 204
    with client_of(door, user(door, {"Action": "s3:*", "Resource": "*"})) as somebody:
        assert status(somebody.delete_bucket_policy, Bucket=bucket) == 403
    assert status(door.client.delete_bucket_policy, Bucket=bucket) == 204
    assert status(door.client.list_objects_v2, Bucket=bucket) == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_policies_are_their_own_accounts_business(door: Door, bucket: str, method: str) -> None:
    """Callers of another account get 405 if they are allowed the action (AWS API reference), and 403 otherwise."""
    body = policy(statement()).encode() if method == "PUT" else b""
    with unchanged(door.fake):
        response = door.raw(method, "/bucket?policy", body=body, access_key=STRANGER)
    assert (response.status, response.error["Code"]) == (403, "AccessDenied")
    put_policy(door, statement(Principal={"AWS": STRANGER}, Action="s3:*Policy", Resource=BUCKET))
    with unchanged(door.fake):
        response = door.raw(method, "/bucket?policy", body=body, access_key=STRANGER)
    message = METHOD_NOT_ALLOWED
    expected = {"Code": "MethodNotAllowed", "Message": message, "Method": method, "ResourceType": "BUCKETPOLICY"}
    assert (response.status, response.error) == (405, expected)

"""Authorization of forms: like PutObject, for the caller who signed the policy."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from tests.support.callers import STRANGER
from tests.support.doors import Door
from tests.support.post_forms import DATA, HEADERS, by, conditions, form, post, send, signed, stored
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

NAMES = (f"poster{number}" for number in itertools.count())
DENIED = {"Code": "AccessDenied", "Message": "Access Denied"}


def allow(door: Door, *statements: dict[str, Any]) -> None:
    """Put a bucket policy, and remove the public access block."""
    door.client.delete_public_access_block(Bucket="bucket")
    base = {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/public/*"}
    policy = {"Version": "2012-10-17", "Statement": [{**base, **statement} for statement in statements]}
    door.client.put_bucket_policy(Bucket="bucket", Policy=json.dumps(policy))


def test_anonymous_posts_need_the_bucket_to_allow_them(door: Door) -> None:
    allow(door, {})
    assert post(door, {"key": "public/${filename}"}).status == 204
    assert stored(door, "public/photo.jpg")["Body"] == DATA
    with unchanged(door.fake):
        response = post(door, {"key": "private/${filename}"})
    assert (response.status, response.error) == (403, DENIED)


@pytest.mark.parametrize(
    ("fields", "headers", "status"),
    [
        ({"x-amz-server-side-encryption": "AES256", "acl": "bucket-owner-full-control"}, {"Referer": "https://site.test/"}, 204),
        ({"x-amz-server-side-encryption": "AES256", "acl": "private"}, {"Referer": "https://site.test/"}, 403),
        ({"acl": "bucket-owner-full-control"}, {"Referer": "https://site.test/"}, 403),
        ({"x-amz-server-side-encryption": "AES256", "acl": "bucket-owner-full-control"}, {}, 403),
    ],
)
def test_conditions_look_at_the_fields(door: Door, fields: dict[str, str], headers: dict[str, str], status: int) -> None:
    expected = {
        "s3:x-amz-server-side-encryption": "AES256",
        "s3:x-amz-acl": "bucket-owner-full-control",
        "aws:Referer": "https://site.test/",
    }
    allow(door, {"Action": ["s3:PutObject", "s3:PutObjectAcl"], "Condition": {"StringEquals": expected}})
    assert send(door, form({"key": "public/k", **fields}), {**HEADERS, **headers}).status == status


@pytest.mark.parametrize(("access_key", "status"), [("testing", 403), (STRANGER, 204)])
def test_the_signer_of_the_form_is_authorized(door: Door, access_key: str, status: int) -> None:
    """The root of the owner's account is subject to an explicit deny as everybody is."""
    deny = {"Effect": "Deny", "Principal": {"AWS": f"arn:aws:iam::{door.fake.settings.account}:root"}}
    allow(door, {"Principal": {"AWS": STRANGER}}, deny)
    assert post(door, signed({"key": "public/k"}, key=access_key)).status == status


def test_type_of_authentication(door: Door) -> None:
    allow(door, {"Effect": "Deny", "Condition": {"StringEquals": {"s3:authType": "POST"}}})
    assert post(door, signed({"key": "public/k"})).status == 403
    door.client.put_object(Bucket="bucket", Key="public/k", Body=b"")


TAGGING = {"tagging": "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"}


@pytest.mark.parametrize(
    ("actions", "fields", "missing"),
    [
        (["s3:PutObject"], {}, None),
        (["s3:PutObject"], TAGGING, "s3:PutObjectTagging"),
        (["s3:PutObject", "s3:PutObjectTagging"], TAGGING, None),
        (["s3:PutObjectTagging"], {}, "s3:PutObject"),
        (["s3:PutObject"], {"acl": "private"}, "s3:PutObjectAcl"),
    ],
)
def test_users(door: Door, actions: list[str], fields: dict[str, str], missing: str | None) -> None:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    user = door.fake.add_user(None, next(NAMES), {"Version": "2012-10-17", "Statement": [statement]})
    response = post(door, signed({"key": "k", **fields}, **by(user)))
    if missing is None:
        assert response.status == 204
    else:
        text = (
            f'User: {user.arn} is not authorized to perform: {missing} on resource: "arn:aws:s3:::bucket/k" '
            f"because no identity-based policy allows the {missing} action"
        )
        assert (response.status, response.error) == (403, {"Code": "AccessDenied", "Message": text})


def test_the_form_s_policy_comes_before_the_bucket_s(door: Door) -> None:
    allow(door, {"Effect": "Deny"})
    response = post(door, signed({"key": "public/k", "acl": "private"}, more=[{"acl": "x"}]))
    assert response.error["Message"] == 'Invalid according to Policy: Policy Condition failed: ["eq", "$acl", "x"]'


@pytest.mark.parametrize(
    ("field", "status"), [({}, 403), ({"x-amz-request-payer": "requester"}, 204), ({"x-amz-request-payer": "me"}, 400)]
)
def test_the_requester_pays(door: Door, field: dict[str, str], status: int) -> None:
    allow(door, {"Principal": {"AWS": STRANGER}})
    door.client.put_bucket_request_payment(Bucket="bucket", RequestPaymentConfiguration={"Payer": "Requester"})
    response = post(door, signed({"key": "public/k", **field}, key=STRANGER))
    assert (response.status, response.headers.get("x-amz-request-charged")) == (status, "requester" if status == 204 else None)


def test_the_owner_does_not(door: Door) -> None:
    door.client.put_bucket_request_payment(Bucket="bucket", RequestPaymentConfiguration={"Payer": "Requester"})
    response = post(door, signed({"key": "k"}))
    assert (response.status, response.headers.get("x-amz-request-charged")) == (204, None)


def test_acls(door: Door) -> None:
    """On a bucket of the old days, whose ACL lets everybody write."""
    door.client.delete_public_access_block(Bucket="bucket")
    door.client.put_bucket_ownership_controls(Bucket="bucket", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    with unchanged(door.fake):
        assert post(door, {"key": "k"}).error == DENIED
    door.client.put_bucket_acl(Bucket="bucket", ACL="public-read-write")
    assert post(door, {"key": "k", "acl": "public-read"}).status == 204
    assert door.raw("GET", "/bucket/k", sign=False).body == DATA


def test_the_policy_of_an_unsigned_form_is_ignored(door: Door) -> None:
    """Without a signature the form has no signer, and its policy is ignored."""
    allow(door, {})
    assert post(door, {"key": "public/k", "policy": "nonsense"}).status == 204
    assert conditions({"key": "k"}) == [{"bucket": "bucket"}, {"key": "k"}]

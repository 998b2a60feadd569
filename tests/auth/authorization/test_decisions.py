"""Authorization through both doors: bucket and identity policies, other accounts, anonymous callers, and the error messages.

Messages that name the policy follow "Troubleshoot access denied errors" in the S3 user guide; assumed: not recorded from AWS.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

import pytest

from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door, refused, refused_head
from tests.support.errors import ACCESS_DENIED, NO_SUCH_KEY
from tests.support.policies import BUCKET, OBJECTS, ROOT, client_of, digest, policy, put_policy, statement, status, user
from tests.support.state import unchanged

READ = {"Action": "s3:GetObject", "Resource": OBJECTS}
ANYTHING = {"Action": "*", "Resource": "*"}
NOTHING = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": OBJECTS}


@pytest.fixture(autouse=True)
def _object(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")


# Caller, statements of the identity policy, statements of the bucket policy, status of GetObject.
ALLOW = statement()
TABLE: dict[str, tuple[str, list[dict[str, Any]], list[dict[str, Any]], int]] = {
    "root": ("root", [], [], 200),
    "root, allowed": ("root", [], [ALLOW], 200),
    "root, denied": ("root", [], [statement(Effect="Deny")], 403),
    "root, denied by one statement, allowed by another": (
        "root",
        [],
        [ALLOW, statement(Effect="Deny", Principal={"AWS": ROOT})],
        403,
    ),
    "root, another thing denied": ("root", [], [statement(Effect="Deny", Action="s3:PutObject")], 200),
    "user": ("user", [], [], 403),
    "user, identity allows": ("user", [READ], [], 200),
    "user, bucket allows": ("user", [], [ALLOW], 200),
    "user, bucket allows the account": ("user", [], [statement(Principal={"AWS": OWNER})], 403),
    "user, bucket allows the account, whose identity policy allows it": (
        "user",
        [READ],
        [statement(Principal={"AWS": OWNER})],
        200,
    ),
    "user, identity denies": ("user", [NOTHING], [ALLOW], 403),
    "user, identity allows and denies": ("user", [READ, NOTHING], [], 403),
    "user, bucket denies": ("user", [ANYTHING], [statement(Effect="Deny")], 403),
    "user, bucket denies the account": ("user", [ANYTHING], [statement(Effect="Deny", Principal={"AWS": OWNER})], 403),
    "stranger": ("stranger", [], [], 403),
    "stranger, bucket allows": ("stranger", [], [ALLOW], 200),
    "stranger, bucket allows its account": ("stranger", [], [statement(Principal={"AWS": STRANGER})], 200),
    "stranger, bucket allows another": ("stranger", [], [statement(Principal={"AWS": OWNER})], 403),
    "stranger, bucket denies": ("stranger", [], [ALLOW, statement(Effect="Deny", Principal={"AWS": STRANGER})], 403),
    "foreign user, identity allows": ("foreign user", [ANYTHING], [], 403),
    "foreign user, bucket allows": ("foreign user", [], [ALLOW], 403),
    "foreign user, both allow": ("foreign user", [READ], [ALLOW], 200),
    "foreign user, both allow, by account": ("foreign user", [READ], [statement(Principal={"AWS": STRANGER})], 200),
    "foreign user, identity denies": ("foreign user", [READ, NOTHING], [ALLOW], 403),
    "anonymous": ("anonymous", [], [], 403),
    "anonymous, everybody allowed": ("anonymous", [], [ALLOW], 200),
    "anonymous, accounts allowed": ("anonymous", [], [statement(Principal={"AWS": [STRANGER, OWNER]})], 403),
    "anonymous, denied": ("anonymous", [], [ALLOW, statement(Effect="Deny")], 403),
}


@pytest.mark.parametrize(("caller", "identity_statements", "bucket_statements", "expected"), TABLE.values(), ids=TABLE)
def test_get_object(
    door: Door, caller: str, identity_statements: list[dict[str, Any]], bucket_statements: list[dict[str, Any]], expected: int
) -> None:
    if bucket_statements:
        put_policy(door, *bucket_statements)
    if caller == "anonymous":
        response = door.raw("GET", "/bucket/k", sign=False)
        assert (response.status, response.body if expected == 200 else response.error["Message"]) == (
            expected,
            b"abc" if expected == 200 else ACCESS_DENIED,
        )
        explained = door.fake.explain("GetObject", bucket="bucket", key="k", caller="anonymous")
    elif caller in ("root", "stranger"):
        key = OWNER if caller == "root" else STRANGER
        with client_of(door, key) as client:
            assert status(client.get_object, Bucket="bucket", Key="k") == expected
        explained = door.fake.explain("GetObject", bucket="bucket", key="k", caller=key)
    else:
        who = user(door, *identity_statements, account=OWNER if caller == "user" else STRANGER)
        with client_of(door, who) as client:
            assert status(client.get_object, Bucket="bucket", Key="k") == expected
        explained = door.fake.explain("GetObject", bucket="bucket", key="k", caller=who)
    assert explained.allowed is (expected == 200)


# --- messages --------------------------------------------------------------------------------------------------------


def test_no_identity_policy_allows(door: Door) -> None:
    who = user(door, {"Action": "s3:ListBucket", "Resource": "*"})
    message = (
        f'User: {who.arn} is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::bucket/a b" '
        "because no identity-based policy allows the s3:PutObject action"
    )
    with client_of(door, who) as client, unchanged(door.fake):
        refused(partial(client.put_object, Bucket="bucket", Key="a b", Body=b"x"), 403, "AccessDenied", message)


@pytest.mark.parametrize("side", ["resource", "identity"])
def test_explicit_denies(door: Door, side: str) -> None:
    who = user(door, ANYTHING, *([NOTHING] if side == "identity" else []))
    put_policy(door, statement(Effect="Deny" if side == "resource" else "Allow"))
    article = "a" if side == "resource" else "an"
    message = (
        f'User: {who.arn} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::bucket/k" '
        f"with an explicit deny in {article} {side}-based policy"
    )
    with client_of(door, who) as client:
        refused(partial(client.get_object, Bucket="bucket", Key="k"), 403, "AccessDenied", message)
        refused_head(partial(client.head_object, Bucket="bucket", Key="k"), 403)


def test_roots_get_the_message_of_an_explicit_deny(door: Door) -> None:
    put_policy(door, statement(Effect="Deny", Sid="NoReads"))
    message = (
        f'User: {ROOT} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::bucket/k" '
        "with an explicit deny in a resource-based policy"
    )
    refused(partial(door.client.get_object, Bucket="bucket", Key="k"), 403, "AccessDenied", message)


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_other_accounts_get_the_default_message(door: Door, effect: str) -> None:
    put_policy(door, statement(Effect=effect, Action="s3:GetObject" if effect == "Deny" else "s3:PutObject"))
    for who in (STRANGER, user(door, ANYTHING, account=STRANGER)):
        with client_of(door, who) as client:
            refused(partial(client.get_object, Bucket="bucket", Key="k"), 403, "AccessDenied", ACCESS_DENIED)


def test_services_have_no_resource(door: Door) -> None:
    who = user(door, READ)
    message = (
        f"User: {who.arn} is not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows the "
        "s3:ListAllMyBuckets action"
    )
    with client_of(door, who) as client:
        refused(client.list_buckets, 403, "AccessDenied", message)
    with client_of(door, user(door, {"Action": "s3:ListAllMyBuckets", "Resource": "*"})) as client:
        assert [bucket["Name"] for bucket in client.list_buckets()["Buckets"]] == ["bucket"]


def test_the_reason_is_in_the_log_and_on_the_fake(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    put_policy(door, statement(Effect="Deny", Sid="NoReads"))
    with caplog.at_level(logging.WARNING, "fakes3part.authorization"):
        assert status(door.client.get_object, Bucket="bucket", Key="k") == 403
    text = f"denied: s3:GetObject on arn:aws:s3:::bucket/k by {ROOT}: statement 'NoReads' of the bucket policy denies it"
    assert [record.getMessage() for record in caplog.records] == [text]
    denial = door.fake.last_denial
    assert denial is not None
    assert (repr(denial), denial.allowed, bool(denial)) == (f"<{text}>", False, False)
    assert denial.statement == statement(Effect="Deny", Sid="NoReads")


# --- missing keys ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lists", [True, False])
def test_a_missing_key_is_404_for_callers_that_may_list(door: Door, lists: bool) -> None:
    who = user(door, READ, {"Action": "s3:ListBucket" if lists else "s3:PutObject", "Resource": [BUCKET, OBJECTS]})
    with client_of(door, who) as client:
        assert client.get_object(Bucket="bucket", Key="k")["Body"].read() == b"abc"
        if lists:
            message = NO_SUCH_KEY
            refused(partial(client.get_object, Bucket="bucket", Key="none"), 404, "NoSuchKey", message, {"Key": "none"})
        else:
            message = (
                f'User: {who.arn} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::bucket" because no '
                "identity-based policy allows the s3:ListBucket action"
            )
            refused(partial(client.get_object, Bucket="bucket", Key="none"), 403, "AccessDenied", message)
        refused_head(partial(client.head_object, Bucket="bucket", Key="none"), 404 if lists else 403)


@pytest.mark.parametrize(("action", "resource", "expected"), [("s3:GetObject", OBJECTS, 403), ("s3:*", [BUCKET, OBJECTS], 404)])
def test_a_missing_key_of_a_public_bucket(door: Door, action: str, resource: Any, expected: int) -> None:
    put_policy(door, statement(Action=action, Resource=resource))
    assert door.raw("GET", "/bucket/none", sign=False).status == expected
    assert door.raw("HEAD", "/bucket/none", sign=False).status == expected


def test_anonymous_on_a_missing_bucket(door: Door) -> None:
    response = door.raw("GET", "/none/k", sign=False)
    assert (response.status, response.error["Code"]) == (404, "NoSuchBucket")


# --- operations that need more than one action -----------------------------------------------------------------------


def test_versions_are_actions_of_their_own(door: Door) -> None:
    door.client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    version = door.client.put_object(Bucket="bucket", Key="k", Body=b"abc")["VersionId"]
    with client_of(door, user(door, {"Action": ["s3:GetObject", "s3:DeleteObject"], "Resource": OBJECTS})) as client:
        assert status(client.get_object, Bucket="bucket", Key="k") == 200
        assert status(client.get_object, Bucket="bucket", Key="k", VersionId=version) == 403
        assert status(client.delete_object, Bucket="bucket", Key="k", VersionId=version) == 403
        assert status(client.delete_object, Bucket="bucket", Key="k") == 204
    with client_of(door, user(door, {"Action": ["s3:GetObjectVersion"], "Resource": OBJECTS})) as client:
        assert status(client.get_object, Bucket="bucket", Key="k", VersionId=version) == 200
        assert status(client.get_object, Bucket="bucket", Key="k") == 403


FURTHER: list[tuple[dict[str, Any], str]] = [
    ({"Tagging": "a=b"}, "s3:PutObjectTagging"),
    ({"ACL": "bucket-owner-full-control"}, "s3:PutObjectAcl"),
]


@pytest.mark.parametrize(("options", "action"), FURTHER, ids=str)
@pytest.mark.parametrize("method", ["put_object", "create_multipart_upload", "copy_object"])
def test_headers_that_need_an_action(door: Door, options: dict[str, Any], action: str, method: str) -> None:
    params = {"Bucket": "bucket", "Key": "new", **options}
    if method == "copy_object":
        params["CopySource"] = "bucket/k"
    plain = {"Action": ["s3:PutObject", "s3:GetObject"], "Resource": OBJECTS}
    with client_of(door, user(door, plain)) as client, unchanged(door.fake):
        assert status(getattr(client, method), **params) == 403
    with client_of(door, user(door, plain, {"Action": action, "Resource": OBJECTS})) as client:
        assert status(getattr(client, method), **params) == 200


@pytest.mark.parametrize("method", ["copy_object", "upload_part_copy"])
def test_the_source_of_a_copy_is_authorized(door: Door, method: str) -> None:
    write = {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/new*"}
    upload = door.client.create_multipart_upload(Bucket="bucket", Key="new")["UploadId"]
    params = {"Bucket": "bucket", "Key": "new", "CopySource": "bucket/k"}
    if method == "upload_part_copy":
        params |= {"UploadId": upload, "PartNumber": 1}
    for source, expected in (("bucket/k", 200), ("bucket/k?versionId=null", 403), ("bucket/none", 403)):
        with client_of(door, user(door, write, READ)) as client:
            assert status(getattr(client, method), **{**params, "CopySource": source}) == expected
    with client_of(door, user(door, write)) as client:
        assert status(getattr(client, method), **params) == 403
    with client_of(door, user(door, READ)) as client:
        assert status(getattr(client, method), **params) == 403


def test_a_foreign_source(door: Door) -> None:
    """The policies of both buckets must allow it."""
    with client_of(door, STRANGER) as stranger:
        stranger.create_bucket(Bucket="theirs")
        copy = partial(stranger.copy_object, Bucket="theirs", Key="k", CopySource="bucket/k")
        refused(copy, 403, "AccessDenied", ACCESS_DENIED)
        put_policy(door, statement(Principal={"AWS": STRANGER}))
        copy()
        assert door.fake.store.buckets["theirs"].objects["k"].owner == STRANGER


def test_delete_objects_is_authorized_key_by_key(door: Door) -> None:
    for key in ("mine/a", "mine/b", "yours/a"):
        door.client.put_object(Bucket="bucket", Key=key, Body=b"")
    who = user(door, {"Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::bucket/mine/*"})
    requested = [{"Key": "mine/a"}, {"Key": "yours/a"}, {"Key": "mine/none"}, {"Key": "mine/b", "VersionId": "null"}]
    with client_of(door, who) as client:
        response = client.delete_objects(Bucket="bucket", Delete={"Objects": requested})
    assert [one["Key"] for one in response["Deleted"]] == ["mine/a", "mine/none"]
    message = "User: {} is not authorized to perform: {} on resource: {} because no identity-based policy allows the {} action"
    texts = [
        message.format(who.arn, action, f'"arn:aws:s3:::bucket/{key}"', action)
        for key, action in (("yours/a", "s3:DeleteObject"), ("mine/b", "s3:DeleteObjectVersion"))
    ]
    assert response["Errors"] == [
        {"Key": "yours/a", "Code": "AccessDenied", "Message": texts[0]},
        {"Key": "mine/b", "VersionId": "null", "Code": "AccessDenied", "Message": texts[1]},
    ]
    assert sorted(door.fake.store.buckets["bucket"].objects) == ["k", "mine/b", "yours/a"]
    assert door.fake.last_denial is not None
    assert door.fake.last_denial.action == "s3:DeleteObjectVersion"


@pytest.mark.parametrize("who", ["anonymous", STRANGER])
def test_delete_objects_by_other_accounts(door: Door, who: str) -> None:
    body = b"<Delete><Object><Key>k</Key></Object></Delete>"
    with unchanged(door.fake):
        response = door.raw("POST", "/bucket?delete", digest(body), body, sign=who != "anonymous", access_key=who)
    assert response.status == 200
    assert b"<Error><Key>k</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>" in response.body


def test_multipart_needs_put_object(door: Door) -> None:
    who = user(door, {"Action": "s3:PutObject", "Resource": OBJECTS})
    with client_of(door, who) as client:
        upload = {"Bucket": "bucket", "Key": "big"}
        upload["UploadId"] = client.create_multipart_upload(**upload)["UploadId"]
        etag = client.upload_part(**upload, PartNumber=1, Body=b"part")["ETag"]
        with client_of(door, user(door, {"Action": "s3:PutObject", "Resource": OBJECTS})) as other:  # not the initiator
            assert status(other.list_parts, **upload) == 403
            assert status(other.abort_multipart_upload, **upload) == 403
        assert status(client.list_parts, **upload) == 200
        assert status(client.list_multipart_uploads, Bucket="bucket") == 403
        parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
        assert status(client.complete_multipart_upload, **upload, MultipartUpload=parts) == 200


# --- anonymous callers -----------------------------------------------------------------------------------------------

NEVER = {
    "POST /bucket/k?uploads": "Anonymous users cannot initiate multipart uploads. Please authenticate.",
    "PUT /bucket/copy": "Anonymous users cannot copy objects. Please authenticate.",
    "GET /bucket?ownershipControls": "s3:GetBucketOwnershipControls does not support Anonymous requests!",
    "DELETE /bucket?ownershipControls": "s3:DeleteBucketOwnershipControls does not support Anonymous requests!",
}


@pytest.mark.parametrize("call", NEVER)
@pytest.mark.parametrize("public", [True, False])
def test_never_anonymous(door: Door, call: str, public: bool) -> None:
    if public:
        put_policy(door, statement(Action="s3:*", Resource=[BUCKET, OBJECTS]))
    method, target = call.split()
    headers = {"x-amz-copy-source": "bucket/k"} if "copy" in target else {}
    with unchanged(door.fake):
        response = door.raw(method, target, headers, sign=False)
    assert (response.status, response.error) == (403, {"Code": "AccessDenied", "Message": NEVER[call]})


def test_anonymous_writes_in_a_public_bucket(door: Door) -> None:
    put_policy(door, statement(Action="s3:PutObject"))
    assert door.raw("PUT", "/bucket/new", body=b"x", sign=False).status == 200
    assert door.client.get_object(Bucket="bucket", Key="new")["Body"].read() == b"x"
    assert door.raw("GET", "/bucket/new", sign=False).status == 403


# --- creating buckets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("region", "expected"), [("eu-west-1", 200), ("us-west-2", 403)])
def test_create_bucket_where(door: Door, region: str, expected: int) -> None:
    allowed = {"StringEquals": {"s3:LocationConstraint": "eu-west-1"}}
    who = user(door, {"Action": "s3:CreateBucket", "Resource": "arn:aws:s3:::new-*", "Condition": allowed})
    with client_of(door, who) as client:
        where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        assert status(client.create_bucket, Bucket="new-bucket", **where) == expected
        assert status(client.create_bucket, Bucket="new-bucket") == 403
        assert status(client.create_bucket, Bucket="old-bucket", **where) == 403
    assert set(door.fake.buckets) == {"bucket"} | ({"new-bucket"} if expected == 200 else set())


def test_source_addresses(door: Door) -> None:
    """``aws:SourceIp``: requests through both doors come from 127.0.0.1."""
    put_policy(door, statement(Condition={"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}))
    assert door.raw("GET", "/bucket/k", sign=False).status == 200
    put_policy(door, statement(Condition={"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}))
    assert door.raw("GET", "/bucket/k", sign=False).status == 403


def test_transport(door: Door) -> None:
    """``aws:SecureTransport``: the server speaks plain HTTP; in-process requests are those that boto3 would send over TLS."""
    insecure = statement(Effect="Deny", Action="s3:*", Resource=OBJECTS, Condition={"Bool": {"aws:SecureTransport": "false"}})
    door.client.put_bucket_policy(Bucket="bucket", Policy=policy(insecure))
    assert status(door.client.get_object, Bucket="bucket", Key="k") == (403 if door.name == "server" else 200)

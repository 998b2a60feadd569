"""`FakeS3.explain`: decisions and their reasons, without sending a request."""

from __future__ import annotations

from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request
from tests.support.callers import OWNER, STRANGER
from tests.support.policies import BUCKET, OBJECTS, ROOT, policy, signed, statement


def _put(fake: FakeS3, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
    path, _, query = target.partition("?")
    sent = {name.lower(): value for name, value in signed(headers or {}).items()} | {"content-length": str(len(body))}
    response = fake.handle(Request("PUT", "localhost", path, query, sent, body))
    assert response.status in (200, 204), response.body


@pytest.fixture
def fake() -> FakeS3:
    fake = FakeS3()
    _put(fake, "/bucket")
    _put(fake, "/bucket/k", b"abc")
    fake.store.buckets["bucket"].public_access_block = None
    return fake


READER = {"Version": "2012-10-17", "Statement": {"Sid": "Reads", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}
ROOTS = "the owner's root may do everything that is not denied"
REASONS: list[tuple[str, dict[str, Any] | None, bool, str]] = [
    ("root", None, True, ROOTS),
    ("root", statement(Effect="Deny", Sid="No"), False, "statement 'No' of the bucket policy denies it"),
    ("user", None, True, "statement 'Reads' of the identity policy allows it"),
    ("nothing", None, False, "neither the identity policy nor the bucket policy allows it"),
    (
        "nothing",
        statement(Principal={"AWS": OWNER}),
        False,
        "statement 1 of the bucket policy allows it to the account, but no identity policy allows it to the caller",
    ),
    ("anonymous", None, False, "no bucket policy and no ACL allows it to everybody"),
    ("anonymous", statement(), True, "statement 1 of the bucket policy allows it"),
    (STRANGER, None, False, "the caller belongs to another account, and neither the bucket policy nor an ACL allows it"),
    (STRANGER, statement(Principal={"AWS": STRANGER}), True, "statement 1 of the bucket policy allows it"),
    (
        "guest",
        statement(),
        False,
        "statement 1 of the bucket policy allows it, but the identity policy does not: another account's users need both",
    ),
]


@pytest.mark.parametrize(("who", "one", "allowed", "reason"), REASONS)
def test_reasons(fake: FakeS3, who: str, one: dict[str, Any] | None, allowed: bool, reason: str) -> None:
    callers: dict[str, Any] = {
        "root": None,
        "user": fake.add_user(None, "reader", READER),
        "nothing": fake.add_user(None, "nothing"),
        "guest": fake.add_user(STRANGER, "guest"),
    }
    fake.store.buckets["bucket"].policy = None if one is None else policy(one)
    decision = fake.explain("GetObject", bucket="bucket", key="k", caller=callers.get(who, who))
    assert (decision.allowed, decision.reason) == (allowed, reason)
    verdict = "allowed" if allowed else "denied"
    assert repr(decision) == f"<{verdict}: s3:GetObject on arn:aws:s3:::bucket/k by {decision.caller}: {reason}>"
    assert fake.last_denial is None  # `explain` denies nothing


def test_callers(fake: FakeS3) -> None:
    reader = fake.add_user(None, "reader", READER)
    arn = f"arn:aws:iam::{OWNER}:user/reader"
    for who in (reader, reader.caller, reader.arn, reader.access_key):
        assert fake.explain("GetObject", bucket="bucket", key="k", caller=who).caller == arn
    for who in (None, OWNER, ROOT, "any key"):
        assert fake.explain("GetObject", bucket="bucket", key="k", caller=who).caller == ROOT
    assert fake.explain("GetObject", bucket="bucket", key="k", caller="anonymous").caller == "*"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            {"what": "GetObjects", "bucket": "bucket"},
            "'GetObjects' is neither an operation such as GetObject nor an action such as s3:GetObject; "
            "did you mean 'GetObject' or 'GetObjectAcl' or 'DeleteObjects'\\?",
        ),
        (
            {"what": "s3:GetObjekt", "bucket": "bucket"},
            "'s3:GetObjekt' is no action of S3; did you mean 's3:GetObject'\\?",
        ),
        ({"what": "s3:PutBuckets", "bucket": "bucket"}, "'s3:PutBuckets' is no action of S3; did you mean 's3:PutBucketAcl'\\?"),
        ({"what": "GetObject", "bucket": "none"}, "there is no bucket 'none'; there are 'bucket'"),
        (
            {"what": "GetObject", "bucket": "bucket", "caller": f"arn:aws:iam::{OWNER}:user/x"},
            f"account {OWNER} has no user 'x'",
        ),
        (
            {"what": "GetObject", "bucket": "bucket", "caller": "arn:aws:s3:::x"},
            "caller must be the ARN of a root or a user, not 'arn:aws:s3:::x'",
        ),
    ],
)
def test_mistakes(fake: FakeS3, call: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$".replace("(", r"\(")):
        fake.explain(**call)


def test_unknown_keys_with_strict_credentials() -> None:
    with pytest.raises(ValueError, match=r"^unknown access key: 'AKIA'$"):
        FakeS3(strict_credentials=True).explain("ListBuckets", caller="AKIA")


def test_attributes_of_the_request(fake: FakeS3) -> None:
    conditions = {"Bool": {"aws:SecureTransport": "true"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    listing = statement(
        Action="s3:ListBucket",
        Resource=BUCKET,
        Condition={**conditions, "StringEquals": {"s3:prefix": "a/", "aws:UserAgent": "x"}},
    )
    fake.store.buckets["bucket"].policy = policy(listing)
    request: dict[str, Any] = {"source_ip": "203.0.113.9", "headers": {"User-Agent": "x"}, "query": {"prefix": "a/"}}
    ask = {"what": "ListObjectsV2", "bucket": "bucket", "caller": "anonymous"}
    assert fake.explain(**ask, **request)
    for less in ({"source_ip": "127.0.0.1"}, {"headers": {}}, {"query": {}}, {"secure": False}):
        assert not fake.explain(**ask, **{**request, **less})


def test_every_action_of_an_operation_is_required(fake: FakeS3) -> None:
    writer = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": OBJECTS}}
    who = fake.add_user(None, "writer", writer)
    assert fake.explain("PutObject", bucket="bucket", key="new", caller=who)
    tagged = fake.explain("PutObject", bucket="bucket", key="new", caller=who, headers={"x-amz-tagging": "a=b"})
    assert (tagged.allowed, tagged.action) == (False, "s3:PutObjectTagging")
    assert fake.explain("s3:getobject", bucket="bucket", key="k")
    assert fake.explain("s3:GetAccountPublicAccessBlock")
    assert fake.explain("s3:CreateAccessPoint", bucket="bucket")
    versioned = fake.explain("s3:DeleteObject", bucket="bucket", key="k", caller=who, version_id="v")
    assert (versioned.allowed, versioned.action) == (False, "s3:DeleteObjectVersion")
    assert not fake.explain("CreateBucket", bucket="new-bucket", caller=who)
    assert fake.explain("CreateBucket", bucket="new-bucket")
    assert fake.explain("ListBuckets").resource == "arn:aws:s3:::*"
    missing = fake.explain("GetObject", bucket="bucket", key="none", caller=fake.add_user(None, "reader", READER))
    assert (missing.allowed, missing.action, missing.resource) == (False, "s3:ListBucket", BUCKET)


def test_acls_and_payers(fake: FakeS3) -> None:
    bucket = fake.store.buckets["bucket"]
    bucket.ownership = "ObjectWriter"
    bucket.payer = "Requester"
    _put(fake, "/bucket/k", b"abc", {"x-amz-acl": "public-read"})
    ask = {"what": "GetObject", "bucket": "bucket", "key": "k", "caller": STRANGER}
    unpaid = fake.explain(**ask)
    assert (unpaid.allowed, unpaid.reason) == (
        False,
        "the bucket has Requester Pays enabled, and the request lacks x-amz-request-payer: requester",
    )
    paid = fake.explain(**ask, headers={"x-amz-request-payer": "requester"})
    group = "http://acs.amazonaws.com/groups/global/AllUsers"
    assert (paid.allowed, paid.reason) == (True, f"the object's ACL grants READ to {group}")
    assert fake.explain("PutObjectAcl", bucket="bucket", key="k", caller=STRANGER).allowed is False


def test_a_malformed_identity_policy_allows_nothing(fake: FakeS3) -> None:
    from fakes3part.auth.callers import Caller, Identity

    broken = Caller(fake.accounts.account(OWNER), identity=Identity("x", {"Statement": [{}]}))
    decision = fake.explain("GetObject", bucket="bucket", key="k", caller=broken)
    assert decision.reason == "the identity policy is malformed: Missing required field Effect"
    with pytest.raises(ValueError, match=r"^policy: Missing required field Effect$"):
        fake.add_user(None, "broken", {"Statement": [{}]})

"""The policy language: wildcards, variables, principals, operators, and condition keys that a request does or does not have."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

import pytest

from fakes3part.auth.authorization.evaluate import evaluate_policies
from fakes3part.auth.authorization.request import AuthorizationRequest, RequestContext
from fakes3part.auth.callers import ANONYMOUS, Account, Caller, Identity, canonical_id
from fakes3part.auth.policies.patterns import Pattern
from fakes3part.clock import Clock
from fakes3part.message import Request
from fakes3part.state.bucket import Bucket
from fakes3part.state.objects import Data, ObjectProperties, Version
from tests.support.callers import OWNER, STRANGER
from tests.support.policies import BUCKET, OBJECTS, policy, statement

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)

MATCHES = [
    ("", "", True),
    ("*", "", True),
    ("*", "a/b\nc", True),
    ("a*", "a", True),
    ("a*", "ba", False),
    ("*a", "ba", True),
    ("*a", "ab", False),
    ("a*b*c", "aXbYc", True),
    ("a*b*c", "acb", False),
    ("ab*ba", "aba", False),
    ("ab*ba", "abba", True),
    ("?", "", False),
    ("?", "é", True),
    ("a?c", "abc", True),
    ("a?c", "ac", False),
    ("*?", "", False),
    ("*?x", "ax", True),
    ("a.c", "abc", False),
    ("[a]", "a", False),
    ("${*}", "*", True),
    ("${*}", "x", False),
    ("${?}${$}", "?$", True),
    ("${name}/*", "me/x", True),
    ("${name}/*", "you/x", False),
    ("${star}", "*", True),
    ("${star}", "x", False),
    ("${none}", "", False),
    ("${none, 'you'}/*", "you/x", True),
    ("${many}", "a", False),
    ("$name", "$name", True),
    ("${name", "${name", True),
]


def _lookup(key: str) -> tuple[str, ...] | None:
    return {"name": ("me",), "star": ("*",), "many": ("a", "b")}.get(key)


@pytest.mark.parametrize(("pattern", "text", "expected"), MATCHES)
def test_patterns(pattern: str, text: str, expected: bool) -> None:
    assert Pattern(pattern, variables=True).matches(text, _lookup) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"), [("${name}", "me", False), ("${name}", "${name}", True), ("${*}", "${x}", True)]
)
def test_version_2008_has_no_variables(pattern: str, text: str, expected: bool) -> None:
    assert Pattern(pattern).matches(text, _lookup) is expected


def test_patterns_match_in_linear_time() -> None:
    pattern = Pattern("*a" * 5000 + "b")
    start = time.process_time()
    assert not pattern.matches("a" * 20000, _lookup)
    assert time.process_time() - start < 5


ROOT = Caller(Account(OWNER, canonical_id(OWNER), OWNER))
OTHER = Caller(Account(STRANGER, canonical_id(STRANGER), STRANGER))
USER = Caller(ROOT.account, identity=Identity("reader"))
OTHER_USER = Caller(
    OTHER.account,
    identity=Identity("guest", {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}),
)


class _Frozen(Clock):
    def now(self) -> datetime:
        return NOW


def ask(one: dict[str, Any] | str, caller: Caller = ANONYMOUS, **more: Any) -> bool:
    """Return whether a policy with one statement allows it to a caller."""
    bucket = Bucket("bucket", OWNER, "us-east-1", NOW)
    bucket.public_access_block = None
    bucket.policy = one if isinstance(one, str) else policy(one)
    bucket.store(Version("k", "null", NOW, OWNER, data=Data((b"abc",)), properties=ObjectProperties(tags={"Team": "a"})))
    request = Request("GET", "h", "/", "", more.get("headers", {}), scheme=more.get("scheme", "https"), client="203.0.113.9")
    context = RequestContext(caller, request, more.get("query", {}), _Frozen(), "us-east-1")
    action, key, version_id = more.get("action", "s3:GetObject"), more.get("key", "k"), more.get("version_id")
    return bool(evaluate_policies(AuthorizationRequest(context, action, bucket, key, version_id)))


PRINCIPALS: list[tuple[Any, Caller, bool]] = [
    ("*", ANONYMOUS, True),
    ({"AWS": "*"}, ANONYMOUS, True),
    ({"AWS": STRANGER}, OTHER, True),
    ({"AWS": [OWNER, f"arn:aws:iam::{STRANGER}:root"]}, OTHER, True),
    ({"AWS": f"arn:aws:iam::{STRANGER}:user/guest"}, OTHER, False),
    ({"AWS": f"arn:aws:iam::{STRANGER}:user/guest"}, OTHER_USER, True),
    ({"AWS": STRANGER}, OTHER_USER, True),
    ({"CanonicalUser": canonical_id(STRANGER)}, OTHER, True),
    ({"AWS": canonical_id(STRANGER)}, OTHER, True),
    ({"AWS": OWNER}, OTHER, False),
    ({"AWS": STRANGER}, ANONYMOUS, False),
    ({"Service": "logging.s3.amazonaws.com"}, OTHER, False),
    ({"AWS": f"arn:aws:iam::{OWNER}:user/reader"}, USER, True),
    ({"AWS": OWNER}, USER, False),  # allowed to the account, but by no identity policy
    ("*", USER, True),
]


@pytest.mark.parametrize(("principal", "caller", "expected"), PRINCIPALS, ids=str)
def test_principals(principal: Any, caller: Caller, expected: bool) -> None:
    assert ask(statement(Principal=principal), caller) is expected


@pytest.mark.parametrize(("caller", "expected"), [(OTHER, False), (ANONYMOUS, True)], ids=str)
def test_not_principal(caller: Caller, expected: bool) -> None:
    assert ask(statement(Principal=None, NotPrincipal={"AWS": STRANGER}), caller) is expected


ACTIONS = [
    ({"Action": "s3:*"}, "s3:GetObject", True),
    ({"Action": "*"}, "s3:GetObject", True),
    ({"Action": "S3:GETOBJECT"}, "s3:GetObject", True),
    ({"Action": "s3:GetObject"}, "s3:GetObjectVersion", False),
    ({"Action": "s3:Get*"}, "s3:GetObjectVersion", True),
    ({"Action": "s3:GetObjec?"}, "s3:GetObject", True),
    ({"Action": ["s3:PutObject", "s3:GetObject"]}, "s3:GetObject", True),
    ({"Action": None, "NotAction": "s3:Get*"}, "s3:GetObject", False),
    ({"Action": None, "NotAction": ["s3:Get*", "s3:Put*"]}, "s3:DeleteObject", True),
]


@pytest.mark.parametrize(("changes", "action", "expected"), ACTIONS)
def test_actions(changes: dict[str, Any], action: str, expected: bool) -> None:
    assert ask(statement(**changes), action=action) is expected


RESOURCES = [
    ({"Resource": OBJECTS}, "k", True),
    ({"Resource": OBJECTS}, None, False),
    ({"Resource": BUCKET}, None, True),
    ({"Resource": "arn:aws:s3:::bucket*"}, "k", True),
    ({"Resource": "arn:aws:s3:::bucket/a/*/c"}, "a/b/d/c", True),
    ({"Resource": "arn:aws:s3:::bucket/?"}, "k", True),
    ({"Resource": "arn:aws:s3:::bucket/K"}, "k", False),
    ({"Resource": [BUCKET, "arn:aws:s3:::bucket/k"]}, "k", True),
    ({"Resource": None, "NotResource": "arn:aws:s3:::bucket/private/*"}, "private/k", False),
    ({"Resource": None, "NotResource": "arn:aws:s3:::bucket/private/*"}, "k", True),
]


@pytest.mark.parametrize(("changes", "key", "expected"), RESOURCES)
def test_resources(changes: dict[str, Any], key: str | None, expected: bool) -> None:
    assert ask(statement(Action="s3:*", **changes), key=key, action="s3:PutObject" if key else "s3:ListBucket") is expected


def test_variables() -> None:
    home = statement(
        Principal={"AWS": f"arn:aws:iam::{OWNER}:user/reader"}, Resource="arn:aws:s3:::bucket/home/${aws:username}/*"
    )
    assert ask(home, USER, key="home/reader/x", action="s3:GetObject")
    assert not ask(home, USER, key="home/writer/x")
    assert not ask(policy(home, version="2008-10-17"), USER, key="home/reader/x")
    account = statement(
        Condition={"StringLike": {"s3:prefix": "${aws:PrincipalAccount}/*"}}, Action="s3:ListBucket", Resource=BUCKET
    )
    assert ask(account, OTHER_USER, key=None, action="s3:ListBucket", query={"prefix": f"{STRANGER}/x"})
    assert not ask(account, OTHER_USER, key=None, action="s3:ListBucket", query={"prefix": f"{OWNER}/x"})
    assert not ask(account, ANONYMOUS, key=None, action="s3:ListBucket", query={"prefix": "/x"})


AGENT = {"headers": {"user-agent": "Boto3/1"}}
CONDITIONS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"StringEquals": {"aws:UserAgent": "Boto3/1"}}, AGENT, True),
    ({"StringEquals": {"AWS:useragent": ["x", "Boto3/1"]}}, AGENT, True),
    ({"StringEquals": {"aws:UserAgent": "boto3/1"}}, AGENT, False),
    ({"StringEquals": {"aws:UserAgent": "Boto3*"}}, AGENT, False),
    ({"StringEquals": {"aws:UserAgent": "x"}}, {}, False),
    ({"StringNotEquals": {"aws:UserAgent": ["x", "Boto3/1"]}}, AGENT, False),
    ({"StringNotEquals": {"aws:UserAgent": ["x", "y"]}}, AGENT, True),
    ({"StringNotEquals": {"aws:UserAgent": "x"}}, {}, True),
    ({"StringEqualsIfExists": {"aws:UserAgent": "x"}}, {}, True),
    ({"StringEqualsIfExists": {"aws:UserAgent": "x"}}, AGENT, False),
    ({"StringEqualsIgnoreCase": {"aws:UserAgent": "BOTO3/1"}}, AGENT, True),
    ({"StringNotEqualsIgnoreCase": {"aws:UserAgent": "BOTO3/1"}}, AGENT, False),
    ({"StringLike": {"aws:UserAgent": "Boto?/*"}}, AGENT, True),
    ({"StringNotLike": {"aws:UserAgent": "Boto?/*"}}, AGENT, False),
    ({"StringLike": {"aws:Referer": ["http://*.test/*"]}}, {"headers": {"referer": "http://www.test/x"}}, True),
    ({"Null": {"aws:UserAgent": "true"}}, AGENT, False),
    ({"Null": {"aws:UserAgent": "true"}}, {}, True),
    ({"Null": {"aws:UserAgent": False}}, AGENT, True),
    ({"Bool": {"aws:SecureTransport": "true"}}, {}, True),
    ({"Bool": {"aws:SecureTransport": False}}, {"scheme": "http"}, True),
    ({"Bool": {"aws:SecureTransport": "true"}}, {"scheme": "http"}, False),
    ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {}, True),
    ({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.9"]}}, {}, True),
    ({"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}, {}, False),
    ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {}, False),
    ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {}, True),
    ({"DateLessThan": {"aws:CurrentTime": "2026-03-01T12:00:01Z"}}, {}, True),
    ({"DateLessThan": {"aws:CurrentTime": "2026-03-01T12:00:00Z"}}, {}, False),
    ({"DateLessThanEquals": {"aws:CurrentTime": "2026-03-01T12:00:00Z"}}, {}, True),
    ({"DateGreaterThan": {"aws:CurrentTime": "2026-03-01"}}, {}, True),
    ({"DateGreaterThanEquals": {"aws:EpochTime": int(NOW.timestamp())}}, {}, True),
    ({"DateEquals": {"aws:CurrentTime": str(int(NOW.timestamp()))}}, {}, True),
    ({"DateNotEquals": {"aws:CurrentTime": "2026-03-02T00:00:00Z"}}, {}, True),
    ({"NumericEquals": {"aws:EpochTime": NOW.timestamp()}}, {}, True),
    ({"NumericGreaterThan": {"aws:EpochTime": "1e3"}}, {}, True),
    ({"NumericNotEquals": {"aws:EpochTime": "7"}}, {}, True),
    ({"NumericLessThan": {"aws:UserAgent": "7"}}, AGENT, False),
    ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{STRANGER}:*"}}, {"caller": OTHER}, True),
    ({"ArnLike": {"aws:PrincipalArn": "arn:aws:*:root"}}, {"caller": OTHER}, False),
    ({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:root"}}, {"caller": OTHER}, True),
    ({"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{STRANGER}:*"}}, {"caller": OTHER}, False),
    ({"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{OWNER}:root"}}, {}, True),
    ({"StringEquals": {"aws:PrincipalAccount": STRANGER}}, {"caller": OTHER}, True),
    ({"StringEquals": {"aws:PrincipalType": "Anonymous"}}, {}, True),
    ({"StringEquals": {"aws:PrincipalType": "User", "aws:username": "guest"}}, {"caller": OTHER_USER}, True),
    ({"StringEquals": {"aws:userid": STRANGER}}, {"caller": OTHER}, True),
    ({"StringLike": {"aws:userid": "AIDA*"}}, {"caller": OTHER_USER}, True),
    ({"StringEquals": {"aws:userid": "anonymous"}}, {}, True),
    ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, {}, False),
    ({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, {}, True),
    ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, {"caller": OTHER}, False),
    ({"StringEquals": {"s3:ResourceAccount": OWNER, "aws:ResourceAccount": OWNER}}, {}, True),
    ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, {}, True),
    ({"StringEquals": {"s3:ExistingObjectTag/Team": "a"}}, {}, True),
    ({"StringEquals": {"s3:ExistingObjectTag/team": "a"}}, {}, False),
    ({"StringEquals": {"S3:existingobjecttag/Team": "a"}}, {}, True),
    ({"StringEquals": {"s3:RequestObjectTag/x": "1 2"}}, {"headers": {"x-amz-tagging": "x=1+2&y=3"}}, True),
    ({"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["x", "y"]}}, {"headers": {"x-amz-tagging": "x=1&y=3"}}, True),
    ({"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["x"]}}, {"headers": {"x-amz-tagging": "x=1&y=3"}}, False),
    ({"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["x"]}}, {}, True),
    ({"ForAnyValue:StringEquals": {"s3:RequestObjectTagKeys": ["x"]}}, {"headers": {"x-amz-tagging": "x=1&y=3"}}, True),
    ({"ForAnyValue:StringLike": {"s3:RequestObjectTagKeys": ["z*"]}}, {"headers": {"x-amz-tagging": "x=1&y=3"}}, False),
    ({"ForAnyValue:StringNotEquals": {"s3:RequestObjectTagKeys": ["x"]}}, {}, False),
    ({"StringEquals": {"s3:VersionId": "v"}}, {"version_id": "v"}, True),
    ({"StringEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}, {"headers": {"authorization": "AWS4-HMAC-SHA256 x"}}, True),
    ({"StringEquals": {"s3:signatureversion": "AWS"}}, {"query": {"AWSAccessKeyId": "x"}}, True),
    ({"StringEquals": {"s3:authType": "REST-HEADER"}}, {"headers": {"authorization": "x"}}, True),
    ({"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}, {"query": {"X-Amz-Credential": "x"}}, True),
    ({"NumericEquals": {"s3:signatureAge": "60000"}}, {"query": {"X-Amz-Date": "20260301T115900Z"}}, True),
    ({"StringEquals": {"s3:prefix": "a/"}}, {"query": {"prefix": "a/"}}, False),  # the key exists for listings only
    ({"StringEquals": {"s3:if-none-match": "*"}}, {"headers": {"if-none-match": "*"}}, True),
    ({"Null": {"s3:if-none-match": "true"}}, {}, True),
    ({"StringEquals": {"s3:object-lock-mode": "GOVERNANCE"}}, {"headers": {"x-amz-object-lock-mode": "GOVERNANCE"}}, True),
    (
        {"NumericLessThan": {"s3:object-lock-remaining-retention-days": "10"}},
        {"headers": {"x-amz-object-lock-retain-until-date": "2026-03-08T12:00:00Z"}},
        True,
    ),
    ({"StringEquals": {"aws:UserAgent": "Boto3/1"}, "Bool": {"aws:SecureTransport": "false"}}, AGENT, False),
    ({"StringEquals": {"aws:UserAgent": "Boto3/1", "aws:Referer": "x"}}, AGENT, False),
    ({"BinaryEquals": {"aws:UserAgent": "Qm90bw=="}}, {"headers": {"user-agent": "Qm90bw=="}}, True),
]


@pytest.mark.parametrize(("condition", "request_", "expected"), CONDITIONS, ids=str)
def test_conditions(condition: dict[str, Any], request_: dict[str, Any], expected: bool) -> None:
    assert ask(statement(Condition=condition), **request_) is expected


HEADERS = [
    "x-amz-acl",
    "x-amz-grant-read",
    "x-amz-grant-full-control",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-copy-source",
    "x-amz-metadata-directive",
    "x-amz-content-sha256",
    "x-amz-website-redirect-location",
    "if-match",
]


@pytest.mark.parametrize("name", HEADERS)
def test_headers_as_keys(name: str) -> None:
    one = statement(Action="s3:PutObject", Condition={"StringEquals": {f"s3:{name}": "value"}})
    assert ask(one, action="s3:PutObject", headers={name: "value"})
    assert not ask(one, action="s3:PutObject", headers={name: "other"})
    assert not ask(one, action="s3:PutObject")


@pytest.mark.parametrize(("key", "name"), [("s3:prefix", "prefix"), ("s3:delimiter", "delimiter"), ("s3:max-keys", "max-keys")])
def test_keys_of_listings(key: str, name: str) -> None:
    one = statement(Action="s3:List*", Resource=BUCKET, Condition={"StringEquals": {key: "7"}})
    for action in ("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"):
        assert ask(one, key=None, action=action, query={name: "7"})
        assert not ask(one, key=None, action=action, query={name: ""})
        assert not ask(one, key=None, action=action)

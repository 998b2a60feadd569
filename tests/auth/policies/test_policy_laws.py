"""Properties of policies (Hypothesis): a deny always decides, and every accepted policy can be evaluated."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes3part.api.fakes3 import FakeS3
from fakes3part.auth.authorization.evaluate import evaluate
from fakes3part.auth.authorization.request import AuthorizationRequest, RequestContext
from fakes3part.auth.callers import ANONYMOUS, Account, Caller, Identity, canonical_id
from fakes3part.auth.policies.actions import BUCKET_ACTIONS, OBJECT_ACTIONS
from fakes3part.auth.policies.conditions import OPERATORS
from fakes3part.clock import Clock
from fakes3part.message import Request
from fakes3part.state.access_control import Grant
from tests.support.callers import OWNER, STRANGER
from tests.support.policies import BUCKET, OBJECTS, ROOT, digest, signed

ANYTHING = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def _account(number: str) -> Account:
    return Account(number, canonical_id(number), number)


CALLERS = [
    ANONYMOUS,
    Caller(_account(OWNER)),
    Caller(_account(STRANGER)),
    Caller(_account(OWNER), identity=Identity("reader")),
    Caller(_account(OWNER), identity=Identity("admin", ANYTHING)),
    Caller(_account(STRANGER), identity=Identity("guest", ANYTHING)),
]


def _fake() -> FakeS3:
    fake = FakeS3()
    for path, body in (("/bucket", b""), ("/bucket/k", b"abc")):
        _request(fake, path, "", body)
    fake.store.buckets["bucket"].public_access_block = None
    return fake


def _request(fake: FakeS3, path: str, query: str, body: bytes) -> int:
    headers = {name.lower(): value for name, value in signed(digest(body) if query else {}).items()}
    headers["content-length"] = str(len(body))
    return fake.handle(Request("PUT", "localhost", path, query, headers, body)).status


texts = st.text(max_size=8) | st.sampled_from(
    ["*", "?", "${aws:username}", "${", "a*", OBJECTS, BUCKET, OWNER, ROOT, "true", "7"]
)
values = texts | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.none()
keys = st.sampled_from(
    [
        "aws:UserAgent",
        "aws:SourceIp",
        "aws:CurrentTime",
        "aws:PrincipalArn",
        "aws:username",
        "s3:prefix",
        "s3:ExistingObjectTag/a",
        "s3:RequestObjectTagKeys",
        "s3:x-amz-acl",
        "nobody:knows",
    ]
)
operators = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "ForAllValues:", "ForAnyValue:"]),
    st.sampled_from([*OPERATORS, "Null", "StringMatches"]),
    st.sampled_from(["", "IfExists"]),
)
conditions = st.dictionaries(operators, st.dictionaries(keys, values | st.lists(values, max_size=3), max_size=2), max_size=2)
principals = st.sampled_from(["*", {"AWS": "*"}, {"AWS": OWNER}, {"AWS": [ROOT, STRANGER]}, {"AWS": "x"}]) | st.dictionaries(
    texts, texts
)
actions = st.sampled_from([*sorted(OBJECT_ACTIONS | BUCKET_ACTIONS), "s3:*", "*", "s3:Get*", "s3:?etObject", "S3:PUTOBJECT"])
resources = st.sampled_from(
    [OBJECTS, BUCKET, "arn:aws:s3:::bucket*", "arn:aws:s3:::bucket/${aws:username}/*", "arn:aws:s3:::b?cket/k"]
)
statements = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"])},
    optional={
        "Sid": texts,
        "Principal": principals,
        "NotPrincipal": principals,
        "Action": actions | st.lists(actions, max_size=3),
        "NotAction": actions,
        "Resource": resources | st.lists(resources, max_size=3),
        "NotResource": resources,
        "Condition": conditions,
    },
)
likely = st.builds(
    lambda condition, more: {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [BUCKET, OBJECTS],
        "Condition": condition,
        **more,
    },
    conditions,
    st.dictionaries(st.sampled_from(["Effect"]), st.just("Deny"), max_size=1),
)
documents = st.builds(
    lambda version, found: {"Version": version, "Statement": found},
    st.sampled_from(["2012-10-17", "2008-10-17"]),
    st.lists(statements | likely, max_size=3),
)
whatever = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=12
)


def _ask(fake: FakeS3, caller: Caller, action: str, key: str | None) -> Any:
    headers = {"user-agent": "7", "x-amz-tagging": "a=1&b", "x-amz-acl": "a*"}
    request = Request("GET", "h", "/", headers=headers)
    context = RequestContext(caller, request, {"prefix": "a*"}, Clock(), "us-east-1")
    return evaluate(AuthorizationRequest(context, action, fake.store.buckets["bucket"], key))


FAKE = _fake()


@settings(max_examples=400, deadline=None)
@given(documents | st.dictionaries(texts, whatever, max_size=3))
def test_every_policy_is_malformed_or_can_be_evaluated(document: Any) -> None:
    bucket = FAKE.store.buckets["bucket"]
    bucket.policy = None
    status = _request(FAKE, "/bucket", "policy", json.dumps(document).encode())
    assert status in (204, 400)
    assert (bucket.policy is None) == (status == 400)
    for caller in CALLERS:
        for action, key in (("s3:GetObject", "k"), ("s3:PutObject", "none"), ("s3:ListBucket", None)):
            decision = _ask(FAKE, caller, action, key)
            assert isinstance(decision.allowed, bool)
            assert decision.reason


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.builds(lambda text: b"{" + text.encode(), st.text(max_size=60)))
def test_any_bytes_get_a_response(body: bytes) -> None:
    assert _request(FAKE, "/bucket", "policy", body) in (204, 400)


@settings(max_examples=300, deadline=None)
@given(st.lists(likely, max_size=4), st.sampled_from(CALLERS), st.integers(0, 4), st.booleans())
def test_an_explicit_deny_always_wins(found: list[Any], caller: Caller, place: int, grants: bool) -> None:
    """Even if bucket policies, identity policies and ACLs allow it."""
    bucket = FAKE.store.buckets["bucket"]
    bucket.policy = None
    bucket.ownership = "ObjectWriter" if grants else "BucketOwnerEnforced"
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": OBJECTS}
    found.insert(place, deny)
    try:
        bucket.acl = (Grant("http://acs.amazonaws.com/groups/global/AllUsers", "FULL_CONTROL"),) if grants else None
        if _request(FAKE, "/bucket", "policy", json.dumps({"Version": "2012-10-17", "Statement": found}).encode()) == 204:
            assert not _ask(FAKE, caller, "s3:GetObject", "k").allowed
    finally:
        bucket.policy, bucket.acl, bucket.ownership = None, None, "BucketOwnerEnforced"


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(OBJECT_ACTIONS | BUCKET_ACTIONS)), st.sampled_from(CALLERS))
def test_without_a_policy_only_the_owner_is_allowed(action: str, caller: Caller) -> None:
    FAKE.store.buckets["bucket"].policy = None
    decision = _ask(FAKE, caller, action, "k" if action in OBJECT_ACTIONS else None)
    owns = caller.account is not None and caller.account.id == OWNER
    is_admin = caller.identity is None or caller.identity.policy is not None
    assert decision.allowed is (owns and is_admin)

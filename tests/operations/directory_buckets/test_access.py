"""Authorization in directory buckets: policies allow sessions; the control plane has actions of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from botocore.credentials import Credentials

from fakes3part.api.fakes3 import FakeS3
from fakes3part.auth.callers import Principal
from tests.support.directory_buckets import ARN, CONTROL, NAME, ZONAL, ask, checked, make, open_session
from tests.support.doors import Door, refused
from tests.support.state import unchanged

CREATE = "s3express:CreateSession"


def statement(action: str | list[str] = CREATE, *, effect: str = "Allow", mode: str | None = None, **more: Any) -> dict[str, Any]:
    condition = {} if mode is None else {"Condition": {"StringEquals": {"s3express:SessionMode": mode}}}
    return {"Effect": effect, "Action": action, "Resource": ARN, **condition, **more}


def policy(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def of(user: Principal) -> Credentials:
    return Credentials(user.access_key, user.secret_key)


@pytest.fixture
def filled(fake: FakeS3) -> FakeS3:
    make(fake)
    assert ask(fake, "PUT", ZONAL, "/k", body=b"abc").status == 200
    return fake


MODES: dict[str, tuple[tuple[dict[str, Any], ...], str | None]] = {
    "nothing": ((), None),
    "any": ((statement(),), "ReadWrite"),
    "everything": (({"Effect": "Allow", "Action": "*", "Resource": "*"},), "ReadWrite"),
    "read only": ((statement(mode="ReadOnly"),), "ReadOnly"),
    "write only": ((statement(mode="ReadWrite"),), "ReadWrite"),
    "not written": ((statement(), statement(effect="Deny", mode="ReadWrite")), "ReadOnly"),
    "denied": ((statement(), statement(effect="Deny")), None),
    "another bucket": (({"Effect": "Allow", "Action": CREATE, "Resource": ARN + "x"},), None),
    "s3": (({"Effect": "Allow", "Action": "s3:*", "Resource": "*"},), None),
    "the zone": ((statement(Condition={"StringEquals": {"s3express:LocationName": "use1-az4"}}),), "ReadWrite"),
    "another zone": ((statement(Condition={"StringEquals": {"s3express:LocationName": "use1-az5"}}),), None),
}


@pytest.mark.parametrize(("statements", "mode"), MODES.values(), ids=MODES)
def test_identity_policies(filled: FakeS3, statements: tuple[dict[str, Any], ...], mode: str | None) -> None:
    user = of(filled.add_user(None, "user", policy(*statements)))
    requested = ask(filled, "GET", ZONAL, "/?session", by=user)
    written = ask(filled, "PUT", ZONAL, "/n", body=b"x", by=user)
    read = ask(filled, "GET", ZONAL, "/k", by=user)
    assert requested.status == read.status == (403 if mode is None else 200)
    assert written.status == (200 if mode == "ReadWrite" else 403)
    if mode is None:
        assert requested.error[1] == "AccessDenied"
        assert CREATE in requested.error[2]
        return
    by = open_session(filled, by=user)
    assert ask(filled, "PUT", ZONAL, "/n", by=by, session=True).status == (200 if mode == "ReadWrite" else 403)
    expected = ask(filled, "GET", ZONAL, "/?session", {"x-amz-create-session-mode": "ReadWrite"}, by=user)
    assert expected.status == (200 if mode == "ReadWrite" else 403)


def test_a_session_outlives_the_policy(filled: FakeS3) -> None:
    """The caller was authorized when the session was created; only the token is checked."""
    by = open_session(filled)
    text = json.dumps(policy(statement(effect="Deny", Principal="*")))
    assert ask(filled, "PUT", CONTROL, f"/{NAME}?policy", checked(text), body=text.encode()).status == 204
    assert ask(filled, "GET", ZONAL, "/?session").error[:2] == (403, "AccessDenied")
    assert ask(filled, "GET", ZONAL, "/k").error[:2] == (403, "AccessDenied")
    assert ask(filled, "GET", ZONAL, "/k", by=by, session=True).status == 200


def test_another_account(filled: FakeS3) -> None:
    theirs = of(filled.add_account("222222222222", access_key="AKIATHEIRS", secret_key="s"))
    assert ask(filled, "GET", ZONAL, "/?session", by=theirs).error == (403, "AccessDenied", "Access Denied")
    text = json.dumps(policy(statement(mode="ReadOnly", Principal={"AWS": "222222222222"})))
    assert ask(filled, "PUT", CONTROL, f"/{NAME}?policy", checked(text), body=text.encode()).status == 204
    by = open_session(filled, by=theirs)
    assert ask(filled, "GET", ZONAL, "/k", by=by, session=True).body == b"abc"
    with unchanged(filled):
        assert ask(filled, "PUT", ZONAL, "/k", by=by, session=True).status == 403
        for method, target in (("GET", "?policy"), ("DELETE", ""), ("GET", "?encryption")):
            assert ask(filled, method, CONTROL, f"/{NAME}{target}", by=theirs).status == 403


ACTIONS = {
    "DeleteBucket": ("DELETE", "", "DeleteBucket"),
    "GetBucketPolicy": ("GET", "?policy", "GetBucketPolicy"),
    "DeleteBucketPolicy": ("DELETE", "?policy", "DeleteBucketPolicy"),
    "GetBucketEncryption": ("GET", "?encryption", "GetEncryptionConfiguration"),
    "DeleteBucketEncryption": ("DELETE", "?encryption", "PutEncryptionConfiguration"),
    "GetBucketLifecycleConfiguration": ("GET", "?lifecycle", "GetLifecycleConfiguration"),
    "DeleteBucketLifecycle": ("DELETE", "?lifecycle", "PutLifecycleConfiguration"),
}


@pytest.mark.parametrize(("method", "target", "action"), ACTIONS.values(), ids=ACTIONS)
def test_the_control_plane(fake: FakeS3, method: str, target: str, action: str) -> None:
    make(fake)
    may = of(fake.add_user(None, "may", policy(statement(f"s3express:{action}"))))
    other = of(fake.add_user(None, "other", policy(statement(), {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})))
    with unchanged(fake):
        denied = ask(fake, method, CONTROL, f"/{NAME}{target}", by=other)
    assert denied.error == (
        403,
        "AccessDenied",
        f'User: arn:aws:iam::123456789012:user/other is not authorized to perform: s3express:{action} on resource: "{ARN}" '
        f"because no identity-based policy allows the s3express:{action} action",
    )
    assert ask(fake, method, CONTROL, f"/{NAME}{target}", by=may).status in (200, 204, 404)


def test_creating(fake: FakeS3) -> None:
    may = of(fake.add_user(None, "may", policy(statement("s3express:CreateBucket"))))
    other = of(fake.add_user(None, "other", policy({"Effect": "Allow", "Action": "s3:CreateBucket", "Resource": "*"})))
    assert ask(fake, "PUT", CONTROL, f"/{NAME}", body=b"", by=other).error[:2] == (403, "AccessDenied")
    assert ask(fake, "PUT", CONTROL, f"/{NAME}", body=b"", by=None).error == (403, "AccessDenied", "Access Denied")
    assert fake.buckets == {}
    make(fake, by=may)
    assert fake.store.buckets[NAME].account == "123456789012"
    lister = of(
        fake.add_user(
            None, "lister", policy({"Effect": "Allow", "Action": "s3express:ListAllMyDirectoryBuckets", "Resource": "*"})
        )
    )
    assert ask(fake, "GET", CONTROL, "/", by=lister).status == 200
    assert ask(fake, "GET", CONTROL, "/", by=other).error[:2] == (403, "AccessDenied")


def test_copies_between_kinds(filled: FakeS3) -> None:
    general = "s3.us-east-1.amazonaws.com"
    assert ask(filled, "PUT", general, "/ordinary", service="s3").status == 200
    write = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::ordinary/*"}
    may = of(filled.add_user(None, "may", policy(write, statement(mode="ReadOnly"))))
    other = of(filled.add_user(None, "other", policy(write)))
    source = {"x-amz-copy-source": f"{NAME}/k"}
    assert ask(filled, "PUT", general, "/ordinary/k", source, by=other, service="s3").error[:2] == (403, "AccessDenied")
    assert ask(filled, "PUT", general, "/ordinary/k", source, by=may, service="s3").status == 200
    with unchanged(filled):
        into = ask(filled, "PUT", ZONAL, "/n", source, by=may)
    assert into.error[:2] == (403, "AccessDenied")


POLICIES = {
    "another action": (statement("s3express:GetBucketPolicy", Principal={"AWS": "222222222222"}), "Policy has invalid action"),
    "s3": (statement("s3:GetObject", Principal={"AWS": "222222222222"}), "Policy has invalid action"),
    "another bucket": (
        {"Effect": "Allow", "Action": CREATE, "Resource": ARN + "x", "Principal": {"AWS": "222222222222"}},
        "Policy has invalid resource",
    ),
    "s3's ARN": (
        {"Effect": "Allow", "Action": CREATE, "Resource": f"arn:aws:s3:::{NAME}", "Principal": {"AWS": "222222222222"}},
        "Policy has invalid resource",
    ),
}


@pytest.mark.parametrize(("given", "message"), POLICIES.values(), ids=POLICIES)
def test_policies_that_are_wrong(door: Door, s3: Any, directory: str, given: dict[str, Any], message: str) -> None:
    with unchanged(door.fake):
        put = partial(s3.put_bucket_policy, Bucket=directory, Policy=json.dumps(policy(given)))
        refused(put, 400, "MalformedPolicy", message)


def test_policies(door: Door, s3: Any, directory: str) -> None:
    missing = (404, "NoSuchBucketPolicy", "The bucket policy does not exist", {"BucketName": directory})
    refused(partial(s3.get_bucket_policy, Bucket=directory), *missing)
    text = json.dumps(policy(statement(Principal={"AWS": "222222222222"})))
    s3.put_bucket_policy(Bucket=directory, Policy=text)
    assert s3.get_bucket_policy(Bucket=directory)["Policy"] == text
    public = partial(s3.put_bucket_policy, Bucket=directory, Policy=json.dumps(policy(statement(Principal="*"))))
    with unchanged(door.fake), pytest.raises(s3.exceptions.ClientError, match="because public policies are prevented"):
        public()
    s3.delete_bucket_policy(Bucket=directory)
    refused(partial(s3.get_bucket_policy, Bucket=directory), *missing)


def test_explained(filled: FakeS3) -> None:
    user = filled.add_user(None, "user", policy(statement(mode="ReadOnly")))
    explain = partial(filled.explain, bucket=NAME, caller=user)
    assert explain("GetObject", key="k")
    assert explain("CreateSession")
    assert not explain("PutObject", key="k")
    denied = explain("GetBucketPolicy")
    assert (denied.allowed, denied.action, denied.resource) == (False, "s3express:GetBucketPolicy", ARN)
    assert filled.explain("s3express:DeleteBucket", bucket=NAME)

"""Authorization of annotation operations: permissions, requester pays, and Object Lock, which prevents deletion."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.operations.objects.test_annotations import Notes, names
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door, refused
from tests.support.policies import BUCKET, OBJECTS, client_of, statement, user
from tests.support.state import unchanged

ACTIONS: dict[str, Callable[[Notes], Any]] = {
    "PutObjectAnnotation": lambda notes: notes.put("new"),
    "GetObjectAnnotation": lambda notes: notes.get(),
    "ListObjectAnnotations": lambda notes: notes.list(),
    "DeleteObjectAnnotation": lambda notes: notes.delete(),
}


@pytest.fixture
def notes(s3: Any, bucket: str) -> Notes:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    made = Notes(s3)
    made.put()
    return made


@pytest.mark.parametrize("allowed", ACTIONS)
def test_each_needs_its_own(door: Door, notes: Notes, allowed: str) -> None:
    who = user(door, {"Action": f"s3:{allowed}", "Resource": OBJECTS})
    with client_of(door, who) as client:
        for action, call in ACTIONS.items():
            if action == allowed:
                assert call(Notes(client))["ResponseMetadata"]["HTTPStatusCode"] in (200, 204)
                continue
            with unchanged(door.fake):
                text = (
                    f"User: {who.account.arn.removesuffix(':root')}:user/{who.identity.name if who.identity else ''} is not "
                    f'authorized to perform: s3:{action} on resource: "arn:aws:s3:::bucket/k" because no identity-based '
                    f"policy allows the s3:{action} action"
                )
                refused(partial(call, Notes(client)), 403, "AccessDenied", text)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_policy_can_deny_it(door: Door, notes: Notes, action: str) -> None:
    denial = statement(Effect="Deny", Action=f"s3:{action}", Principal={"AWS": f"arn:aws:iam::{OWNER}:root"})
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    door.client.put_bucket_policy(Bucket="bucket", Policy=policy)
    with unchanged(door.fake), pytest.raises(Exception, match="explicit deny"):
        ACTIONS[action](notes)


@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_not_anonymous(door: Door, notes: Notes, method: str) -> None:
    with unchanged(door.fake):
        response = door.raw(method, "/bucket/k?annotation&annotationName=note", body=b"x" * (method == "PUT"), sign=False)
    assert (response.status, response.error) == (403, {"Code": "AccessDenied", "Message": "Access Denied"})


@pytest.mark.parametrize("action", ACTIONS)
def test_the_requester_pays(door: Door, notes: Notes, action: str) -> None:
    s3, call = door.client, ACTIONS[action]
    allow = statement(Action="s3:*", Resource=[BUCKET, OBJECTS], Principal={"AWS": STRANGER})
    s3.put_bucket_policy(Bucket="bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    s3.put_bucket_request_payment(Bucket="bucket", RequestPaymentConfiguration={"Payer": "Requester"})
    with client_of(door, STRANGER) as client:
        with unchanged(door.fake):
            refused(partial(call, Notes(client)), 403, "AccessDenied", "Access Denied")
        paying = Notes(client)
        paying.where["RequestPayer"] = "requester"
        assert call(paying)["RequestCharged"] == "requester"
    assert "RequestCharged" not in call(notes)


class TestCopies:
    def copy(self, client: Any, **more: Any) -> Any:
        return partial(client.copy_object, Bucket="bucket", Key="copy", CopySource="bucket/k", **more)

    @pytest.mark.parametrize("lacking", ["s3:GetObjectAnnotation", "s3:PutObjectAnnotation"])
    def test_need_both(self, door: Door, notes: Notes, lacking: str) -> None:
        needed = {"s3:GetObject", "s3:PutObject", "s3:GetObjectAnnotation", "s3:PutObjectAnnotation"}
        with client_of(door, user(door, {"Action": sorted(needed - {lacking}), "Resource": OBJECTS})) as client:
            with unchanged(door.fake), pytest.raises(Exception, match=f"not authorized to perform: {lacking}"):
                self.copy(client)()
            self.copy(client, AnnotationDirective="EXCLUDE")()
        with client_of(door, user(door, {"Action": sorted(needed), "Resource": OBJECTS})) as client:
            self.copy(client)()
        assert names(Notes(door.client, "copy").list()) == ["note"]

    def test_no_permission_is_needed_without_annotations(self, door: Door, notes: Notes) -> None:
        notes.delete()
        with client_of(door, user(door, {"Action": ["s3:GetObject", "s3:PutObject"], "Resource": OBJECTS})) as client:
            assert self.copy(client)()["ResponseMetadata"]["HTTPStatusCode"] == 200


class TestObjectLock:
    @pytest.fixture
    def locked(self, door: Door) -> Callable[..., Notes]:
        def make(**lock: Any) -> Notes:
            door.client.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
            until = {"ObjectLockRetainUntilDate": door.fake.clock.now() + timedelta(days=1)} if "ObjectLockMode" in lock else {}
            door.client.put_object(Bucket="locked", Key="k", Body=b"abc", **lock, **until)
            notes = Notes(door.client, bucket="locked")
            notes.put()
            return notes

        return make

    @pytest.mark.parametrize(
        "lock",
        [{"ObjectLockMode": "GOVERNANCE"}, {"ObjectLockMode": "COMPLIANCE"}, {"ObjectLockLegalHoldStatus": "ON"}],
        ids=lambda lock: next(iter(lock.values())),
    )
    def test_guards_them(self, door: Door, locked: Callable[..., Notes], lock: dict[str, str]) -> None:
        notes = locked(**lock)
        message = "Access Denied because object protected by object lock."
        with unchanged(door.fake):
            refused(notes.delete, 403, "AccessDenied", message)
        notes.put("another")
        target = "/locked/k?annotation&annotationName=note"
        response = door.raw("DELETE", target, {"x-amz-bypass-governance-retention": "true"})
        if lock != {"ObjectLockMode": "GOVERNANCE"}:
            assert (response.status, response.error) == (403, {"Code": "AccessDenied", "Message": message})
            assert names(notes.list()) == ["another", "note"]
        else:
            assert response.status == 204
            assert names(notes.list()) == ["another"]

    def test_till_its_end(self, door: Door, locked: Callable[..., Notes]) -> None:
        notes = locked(ObjectLockMode="COMPLIANCE")
        door.fake.clock.advance(days=1, seconds=1)
        notes.delete()
        assert names(notes.list()) == []

    @pytest.mark.parametrize("may", [True, False])
    def test_bypassing_retention_needs_a_permission(self, door: Door, locked: Callable[..., Notes], may: bool) -> None:
        notes = locked(ObjectLockMode="GOVERNANCE")
        actions = ["s3:DeleteObjectAnnotation", *(["s3:BypassGovernanceRetention"] if may else [])]
        with client_of(door, user(door, {"Action": actions, "Resource": "*"})) as client:

            def bypass(request: Any, **_: Any) -> None:
                request.headers.add_header("x-amz-bypass-governance-retention", "true")

            client.meta.events.register("before-sign.s3", bypass)
            theirs = Notes(client, bucket="locked")
            if may:
                theirs.delete()
            else:
                with unchanged(door.fake), pytest.raises(Exception, match="perform: s3:BypassGovernanceRetention"):
                    theirs.delete()
            client.meta.events.unregister("before-sign.s3", bypass)  # other tests borrow this client
        assert names(notes.list()) == ([] if may else ["note"])

"""The initiator of an upload may list its parts and abort it ("Multipart upload and permissions"), and lists name it."""

from __future__ import annotations

from typing import Any

import pytest

from fakes3part.auth.callers import canonical_id
from tests.support.callers import OWNER, STRANGER
from tests.support.doors import Door
from tests.support.policies import OBJECTS, client_of, put_policy, statement, status, user
from tests.support.state import unchanged

PUT = {"Action": "s3:PutObject", "Resource": OBJECTS}


def start_upload(client: Any) -> dict[str, str]:
    """Create an upload with one part; return its bucket, key and id as parameters."""
    where = {"Bucket": "bucket", "Key": "k"}
    where["UploadId"] = client.create_multipart_upload(**where)["UploadId"]
    client.upload_part(**where, PartNumber=1, Body=b"x")
    return where


def list_and_abort(door: Door, who: Any, where: dict[str, str]) -> tuple[int, int]:
    """Return the statuses of listing the parts and of aborting the upload."""
    with client_of(door, who) as client:
        return status(client.list_parts, **where), status(client.abort_multipart_upload, **where)


def test_a_user(door: Door, bucket: str) -> None:
    """A user who may only put objects may abort its own upload, but not another user's."""
    initiator, other = user(door, PUT), user(door, PUT)
    with client_of(door, initiator) as client:
        where = start_upload(client)
    with unchanged(door.fake):
        assert list_and_abort(door, other, where) == (403, 403)
    assert list_and_abort(door, initiator, where) == (200, 204)
    assert door.fake.store.buckets[bucket].uploads == {}


def test_the_root_of_the_initiators_account(door: Door, bucket: str) -> None:
    """The root of another account may do with an upload what the user of the account who initiated it may."""
    put_policy(door, statement(Action="s3:PutObject", Principal={"AWS": STRANGER}))
    initiator = user(door, PUT, account=STRANGER)
    with client_of(door, initiator) as client:
        where = start_upload(client)
    with unchanged(door.fake):
        assert list_and_abort(door, user(door, PUT, account=STRANGER), where) == (403, 403)
        assert list_and_abort(door, "999999999999", where) == (403, 403)
    assert list_and_abort(door, STRANGER, where) == (200, 204)


def test_an_upload_of_the_root_is_not_its_users(door: Door, bucket: str) -> None:
    where = start_upload(door.client)
    with unchanged(door.fake):
        assert list_and_abort(door, user(door, PUT), where) == (403, 403)


def test_the_bucket_owner_may_always(door: Door, bucket: str) -> None:
    with client_of(door, user(door, PUT)) as client:
        where = start_upload(client)
    assert list_and_abort(door, OWNER, where) == (200, 204)


def test_a_deny_goes_before(door: Door, bucket: str) -> None:
    initiator = user(door, PUT)
    with client_of(door, initiator) as client:
        where = start_upload(client)
    actions = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    put_policy(door, statement(Effect="Deny", Action=actions))
    with unchanged(door.fake):
        assert list_and_abort(door, initiator, where) == (403, 403)


@pytest.mark.parametrize("change", [{"UploadId": "x" * 128}, {"Key": "other"}], ids=["id", "key"])
def test_only_of_this_upload(door: Door, bucket: str, change: dict[str, str]) -> None:
    initiator = user(door, PUT)
    with client_of(door, initiator) as client:
        where = start_upload(client)
    with unchanged(door.fake):
        assert list_and_abort(door, initiator, {**where, **change}) == (403, 403)


def test_anonymous_callers_are_not_the_initiator(door: Door, bucket: str) -> None:
    where = start_upload(door.client)
    with unchanged(door.fake):
        for method in ("GET", "DELETE"):
            assert door.raw(method, f"/bucket/k?uploadId={where['UploadId']}", sign=False).status == 403


def test_initiator_elements(door: Door, bucket: str) -> None:
    """``Initiator`` is the ARN and name of a user, or the canonical id of a root."""
    initiator = user(door, PUT)
    with client_of(door, initiator) as client:
        where = start_upload(client)
    element = {"ID": initiator.arn, "DisplayName": initiator.name}
    assert initiator.arn == f"arn:aws:iam::{OWNER}:user/{initiator.name}"
    listed = door.client.list_parts(**where)
    assert (listed["Initiator"], listed["Owner"]) == (element, {"ID": canonical_id(OWNER)})
    [upload] = door.client.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert (upload["Initiator"], upload["Owner"]) == (element, {"ID": canonical_id(OWNER)})
    start_upload(door.client)
    names = [one["Initiator"]["ID"] for one in door.client.list_multipart_uploads(Bucket=bucket)["Uploads"]]
    assert names == [initiator.arn, canonical_id(OWNER)]

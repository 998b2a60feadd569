"""Version ids that S3 gave and that it never gave: it can tell them apart.

Sources: recorded from AWS, February 2026 (DeleteObject, DeleteObjects, GetObject); moto, checked on AWS (repeated deletes).
Assumed for the other operations: not recorded from AWS.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import hypothesis
import hypothesis.strategies as some
import pytest

from fakes3part import FakeS3
from fakes3part.ids import Ids, is_version_id
from tests.support.doors import Door, refused, refused_head
from tests.support.errors import INVALID_VERSION_ID, NO_SUCH_VERSION
from tests.support.state import prepare, unchanged, version
from tests.support.version_ids import GONE, NEVER_GIVEN

GARBLED = [NEVER_GIVEN, "bad", "x", GONE[:-1], GONE + "a", GONE[::-1], GONE.swapcase(), GONE[1:] + GONE[0], "Null", "NULL", "a b"]

OF_A_VERSION: dict[str, Callable[..., Any]] = {
    "GetObject": lambda s3, **which: s3.get_object(**which),
    "HeadObject": lambda s3, **which: s3.head_object(**which),
    "GetObjectTagging": lambda s3, **which: s3.get_object_tagging(**which),
    "PutObjectTagging": lambda s3, **which: s3.put_object_tagging(Tagging={"TagSet": []}, **which),
    "DeleteObjectTagging": lambda s3, **which: s3.delete_object_tagging(**which),
    "GetObjectAcl": lambda s3, **which: s3.get_object_acl(**which),
    "PutObjectAcl": lambda s3, **which: s3.put_object_acl(ACL="bucket-owner-full-control", **which),
    "GetObjectAttributes": lambda s3, **which: s3.get_object_attributes(ObjectAttributes=["ETag"], **which),
    "RestoreObject": lambda s3, **which: s3.restore_object(RestoreRequest={"Days": 1}, **which),
    "ListObjectAnnotations": lambda s3, **which: s3.list_object_annotations(**which),
}
OF_A_LOCK: dict[str, Callable[..., Any]] = {
    "GetObjectRetention": lambda s3, **which: s3.get_object_retention(**which),
    "PutObjectRetention": lambda s3, **which: s3.put_object_retention(Retention={}, **which),
    "GetObjectLegalHold": lambda s3, **which: s3.get_object_legal_hold(**which),
    "PutObjectLegalHold": lambda s3, **which: s3.put_object_legal_hold(LegalHold={"Status": "ON"}, **which),
}


def fails(call: Callable[[], Any], name: str, status: int, code: str, message: str, extras: dict[str, str]) -> None:
    if name == "HeadObject":
        refused_head(call, status)
    else:
        refused(call, status, code, message, extras)


@pytest.fixture(params=["never versioned", "versioned", "suspended"])
def any_bucket(request: pytest.FixtureRequest, door: Door, bucket: str) -> str:
    if request.param != "never versioned":
        version(door.fake, bucket)
    prepare(door.fake, "PUT", f"/{bucket}/k", b"1")
    prepare(door.fake, "DELETE", f"/{bucket}/marked")
    if request.param == "suspended":
        version(door.fake, bucket, "Suspended")
    return bucket


@pytest.mark.parametrize("key", ["k", "missing", "marked"])
@pytest.mark.parametrize("name", OF_A_VERSION)
def test_of_a_version(door: Door, any_bucket: str, name: str, key: str) -> None:
    call = partial(OF_A_VERSION[name], door.client, Bucket=any_bucket, Key=key)
    with unchanged(door.fake):
        for version_id in GARBLED:
            extras = {"ArgumentName": "versionId", "ArgumentValue": version_id}
            fails(partial(call, VersionId=version_id), name, 400, "InvalidArgument", INVALID_VERSION_ID, extras)
        extras = {"Key": f"bucket/{key}" if name == "GetObjectTagging" else key, "VersionId": GONE}
        fails(partial(call, VersionId=GONE), name, 404, "NoSuchVersion", NO_SUCH_VERSION, extras)


@pytest.mark.parametrize("key", ["k", "missing"])
@pytest.mark.parametrize("name", OF_A_LOCK)
def test_of_a_lock(door: Door, name: str, key: str) -> None:
    s3 = door.client
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket="locked", Key="k", Body=b"1")
    call = partial(OF_A_LOCK[name], s3, Bucket="locked", Key=key)
    with unchanged(door.fake):
        for version_id in GARBLED:
            extras = {"ArgumentName": "versionId", "ArgumentValue": version_id}
            refused(partial(call, VersionId=version_id), 400, "InvalidArgument", INVALID_VERSION_ID, extras)
        refused(partial(call, VersionId=GONE), 404, "NoSuchVersion", NO_SUCH_VERSION, {"Key": key, "VersionId": GONE})


@pytest.mark.parametrize("version_id", GARBLED)
def test_sources_of_copies(door: Door, any_bucket: str, version_id: str) -> None:
    s3, extras = door.client, {"ArgumentName": "versionId", "ArgumentValue": version_id}
    source = {"Bucket": any_bucket, "Key": "k", "VersionId": version_id}
    upload = s3.create_multipart_upload(Bucket=any_bucket, Key="copy")["UploadId"]
    where = {"Bucket": any_bucket, "Key": "copy", "CopySource": source}
    with unchanged(door.fake):
        refused(partial(s3.copy_object, **where), 400, "InvalidArgument", INVALID_VERSION_ID, extras)
        call = partial(s3.upload_part_copy, **where, PartNumber=1, UploadId=upload)
        refused(call, 400, "InvalidArgument", INVALID_VERSION_ID, extras)


@pytest.mark.parametrize("key", ["k", "missing", "marked"])
@pytest.mark.parametrize("version_id", GARBLED)
def test_delete_object(door: Door, any_bucket: str, key: str, version_id: str) -> None:
    extras = {"ArgumentName": "versionId", "ArgumentValue": version_id}
    with unchanged(door.fake):
        call = partial(door.client.delete_object, Bucket=any_bucket, Key=key, VersionId=version_id)
        error = refused(call, 400, "InvalidArgument", INVALID_VERSION_ID, extras)
    headers = error.response["ResponseMetadata"]["HTTPHeaders"]
    assert {"x-amz-version-id", "x-amz-delete-marker"}.isdisjoint(headers)


@pytest.mark.parametrize("key", ["k", "missing", "marked"])
def test_delete_object_of_a_version_that_is_gone(door: Door, any_bucket: str, key: str) -> None:
    with unchanged(door.fake):
        for _ in range(2):
            response = door.client.delete_object(Bucket=any_bucket, Key=key, VersionId=GONE)
            assert response["ResponseMetadata"]["HTTPStatusCode"] == 204
            assert "DeleteMarker" not in response


@pytest.mark.parametrize("quiet", [False, True])
def test_delete_objects(door: Door, any_bucket: str, quiet: bool) -> None:
    never = [{"Key": key, "VersionId": version_id} for key in ("k", "missing") for version_id in GARBLED]
    gone = [{"Key": key, "VersionId": GONE} for key in ("k", "missing", "k")]
    with unchanged(door.fake):
        response = door.client.delete_objects(Bucket=any_bucket, Delete={"Objects": [*never, *gone], "Quiet": quiet})
    assert response.get("Deleted", []) == ([] if quiet else gone)
    assert response["Errors"] == [{**one, "Code": "NoSuchVersion", "Message": NO_SUCH_VERSION} for one in never]


def test_the_same_versions_again_and_again(door: Door, bucket: str) -> None:
    """Deleted by many clients at once, each version is a success for all of them, and removed once."""
    s3 = door.client
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    versions = [{"Key": "k", "VersionId": s3.put_object(Bucket=bucket, Key="k", Body=b"")["VersionId"]} for _ in range(5)]

    def empty(_: int) -> Any:
        return s3.delete_objects(Bucket=bucket, Delete={"Objects": versions})

    with ThreadPoolExecutor(4) as pool:
        responses = list(pool.map(empty, range(8)))
    for response in responses:
        assert response["Deleted"] == versions
        assert "Errors" not in response
    removed = [event for event in door.fake.events if event["eventName"] == "ObjectRemoved:Delete"]
    assert len(removed) == 5
    assert door.fake.store.buckets[bucket].versions("k") == {}


def test_null_is_well_formed(door: Door, bucket: str) -> None:
    s3 = door.client
    with unchanged(door.fake):
        call = partial(s3.get_object, Bucket=bucket, Key="k", VersionId="null")
        refused(call, 404, "NoSuchVersion", NO_SUCH_VERSION, {"Key": "k", "VersionId": "null"})
        assert s3.delete_object(Bucket=bucket, Key="k", VersionId="null")["ResponseMetadata"]["HTTPStatusCode"] == 204
        deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k", "VersionId": "null"}]})["Deleted"]
        assert deleted == [{"Key": "k", "VersionId": "null"}]


def test_markers_of_listings(door: Door, any_bucket: str) -> None:
    """Assumed: not recorded from AWS."""
    call = partial(door.client.list_object_versions, Bucket=any_bucket, KeyMarker="a")
    for version_id in GARBLED:
        extras = {"ArgumentName": "version-id-marker", "ArgumentValue": version_id}
        refused(partial(call, VersionIdMarker=version_id), 400, "InvalidArgument", INVALID_VERSION_ID, extras)
    for version_id in (GONE, "null"):
        assert [one["Key"] for one in call(VersionIdMarker=version_id)["Versions"]] == ["k"]


# --- the ids ---------------------------------------------------------------------------------------------------------


@hypothesis.given(some.integers(0, 2**32), some.integers(0, 31), some.characters())
def test_an_id_checks_itself(seed: int, position: int, character: str) -> None:
    version_id = Ids(seed).version_id()
    assert len(version_id) == 32
    assert is_version_id(version_id)
    changed = version_id[:position] + character + version_id[position + 1 :]
    assert is_version_id(changed) is (changed == version_id)


@hypothesis.given(some.text())
def test_texts_are_no_ids(text: str) -> None:
    assert not is_version_id(text)


def test_ids_are_of_all_fakes() -> None:
    """A fork or a loaded archive knows the ids of the fake that it comes from."""
    fake = FakeS3(seed=1)
    assert fake.ids.version_id() != FakeS3(seed=2).ids.version_id()
    assert all(is_version_id(FakeS3(seed=seed).ids.version_id()) for seed in range(100))

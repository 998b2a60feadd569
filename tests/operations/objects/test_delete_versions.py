"""Deletes in versioned buckets: conditions, partial errors, owners of delete markers.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); botocore's model documentation.
"""

from __future__ import annotations

import json
from base64 import b64encode
from functools import partial
from hashlib import md5
from typing import Any

import pytest

from tests.support.doors import Door, refused, warm
from tests.support.errors import BUCKET_NOT_EMPTY, HEADER_NOT_IMPLEMENTED, NO_SUCH_KEY, NO_SUCH_VERSION, PRECONDITION_FAILED
from tests.support.state import unchanged
from tests.support.version_ids import GONE, NEVER_GIVEN

ALL_VERSIONS = f"{BUCKET_NOT_EMPTY}. You must delete all versions in the bucket."
OTHER = f'"{"0" * 32}"'


def etag(body: bytes) -> str:
    return f'"{md5(body).hexdigest()}"'


def put(s3: Any, body: bytes, key: str = "k") -> str:
    return str(s3.put_object(Bucket="bucket", Key=key, Body=body)["VersionId"])


def delete(s3: Any, **options: Any) -> Any:
    return s3.delete_object(Bucket="bucket", Key="k", **options)


def several(s3: Any, *objects: dict[str, Any], **options: Any) -> tuple[list[Any], list[Any]]:
    response = s3.delete_objects(Bucket="bucket", Delete={"Objects": list(objects), **options})
    return response.get("Deleted", []), response.get("Errors", [])


@pytest.fixture
def versioned(s3: Any, bucket: str) -> str:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


# --- If-Match --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("condition", [etag(b"new"), etag(b"new").strip('"'), "*"])
def test_if_match_is_of_the_current_version(s3: Any, versioned: str, condition: str) -> None:
    put(s3, b"old")
    put(s3, b"new")
    assert delete(s3, IfMatch=condition)["DeleteMarker"] is True


def test_if_match_fails(door: Door, versioned: str) -> None:
    s3 = door.client
    put(s3, b"old")
    put(s3, b"new")
    with unchanged(door.fake):
        for wrong in (etag(b"old"), OTHER):
            refused(partial(delete, s3, IfMatch=wrong), 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-Match"})
    delete(s3)
    with unchanged(door.fake):  # the current version is a delete marker: the object is not there
        for condition in (etag(b"new"), "*"):
            refused(partial(delete, s3, IfMatch=condition), 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})


def test_if_match_of_a_version(door: Door, versioned: str) -> None:
    """The condition is on what would be removed. (Our choice: S3 documents it for the current version only.)"""
    s3 = door.client
    old, new = put(s3, b"old"), put(s3, b"new")
    with unchanged(door.fake):
        call = partial(delete, s3, VersionId=old, IfMatch=etag(b"new"))
        refused(call, 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-Match"})
        refused(partial(delete, s3, VersionId=GONE, IfMatch="*"), 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
    delete(s3, VersionId=old, IfMatch=etag(b"old"))
    delete(s3, VersionId=new, IfMatch="*")
    assert door.fake.store.buckets["bucket"].versions("k") == {}


@pytest.mark.parametrize(
    ("header", "value"),
    [("x-amz-if-match-size", "3"), ("x-amz-if-match-last-modified-time", "Sat, 21 Feb 2026 00:17:01 GMT")],
)
def test_conditions_of_directory_buckets(door: Door, versioned: str, header: str, value: str) -> None:
    put(door.client, b"abc")
    with unchanged(door.fake):
        response = door.raw("DELETE", "/bucket/k", {header: value})
    assert response.status == 501
    assert (response.error["Code"], response.error["Message"], response.error["Header"]) == (
        "NotImplemented",
        HEADER_NOT_IMPLEMENTED,
        header,
    )


# --- DeleteObjects ---------------------------------------------------------------------------------------------------


def test_each_by_its_own_condition(door: Door, versioned: str) -> None:
    s3 = door.client
    old, new = put(s3, b"old"), put(s3, b"new")
    put(s3, b"a", "a")
    wrong, right = {"Key": "a", "ETag": OTHER}, {"Key": "k", "VersionId": old, "ETag": etag(b"old")}
    absent, unknown = {"Key": "none", "ETag": "*"}, {"Key": "k", "VersionId": NEVER_GIVEN}
    deleted, errors = several(s3, wrong, right, absent, unknown, {"Key": "gone"})
    marker = deleted[1]["DeleteMarkerVersionId"]
    assert deleted == [
        {"Key": "k", "VersionId": old},
        {"Key": "gone", "DeleteMarker": True, "DeleteMarkerVersionId": marker},
    ]
    assert errors == [
        {"Key": "a", "Code": "PreconditionFailed", "Message": PRECONDITION_FAILED},
        {"Key": "none", "Code": "NoSuchKey", "Message": NO_SUCH_KEY},
        {"Key": "k", "VersionId": NEVER_GIVEN, "Code": "NoSuchVersion", "Message": NO_SUCH_VERSION},
    ]
    inside = door.fake.store.buckets["bucket"]
    assert list(inside.versions("k")) == [new]
    assert list(inside.objects) == ["a", "k"]


def test_quiet_returns_errors_only(s3: Any, versioned: str) -> None:
    first = put(s3, b"1")
    deleted, errors = several(s3, {"Key": "k", "VersionId": first}, {"Key": "k", "ETag": OTHER}, Quiet=True)
    assert deleted == []
    assert errors == [{"Key": "k", "Code": "NoSuchKey", "Message": NO_SUCH_KEY}]


def test_a_key_twice(door: Door, versioned: str) -> None:
    """One after the other: two markers, and the second time a version is gone already, which is success."""
    s3 = door.client
    first = put(s3, b"1")
    deleted, errors = several(s3, {"Key": "k"}, {"Key": "k"}, *[{"Key": "k", "VersionId": first}] * 2)
    assert [one.get("DeleteMarker") for one in deleted] == [True, True, None, None]
    assert deleted[2:] == [{"Key": "k", "VersionId": first}] * 2
    assert errors == []
    markers = [one["DeleteMarkerVersionId"] for one in deleted[:2]]
    assert list(door.fake.store.buckets["bucket"].versions("k")) == markers


def test_an_empty_key(door: Door, versioned: str) -> None:
    put(door.client, b"1")
    document = b"<Delete><Object><Key>k</Key></Object><Object><Key></Key></Object></Delete>"
    with unchanged(door.fake):
        response = door.raw("POST", "/bucket?delete", {"Content-MD5": b64encode(md5(document).digest()).decode()}, document)
    assert (response.status, response.error["Code"]) == (400, "MalformedXML")


def test_keys_come_back_raw(door: Door, versioned: str) -> None:
    keys = ["a%2Fb", "a/\U0001f600", "a\rb", "<&>"]
    deleted, errors = several(door.client, *({"Key": key} for key in keys))
    assert ([one["Key"] for one in deleted], errors) == (keys, [])


def test_a_thousand_versions(door: Door, versioned: str) -> None:
    s3 = door.client
    ids = [put(s3, b"%d" % number) for number in range(3)]
    deleted, errors = several(s3, *({"Key": "k", "VersionId": one} for one in ids), *({"Key": f"n{n}"} for n in range(997)))
    assert (len(deleted), errors) == (1000, [])
    assert door.fake.store.buckets["bucket"].versions("k") == {}


# --- boto3's own way to empty a bucket -------------------------------------------------------------------------------


def test_emptying_by_the_resource(door: Door, versioned: str) -> None:
    """``bucket.object_versions.delete()`` lists a page, deletes it, and continues after a version that was deleted."""
    inside = door.fake.store.buckets["bucket"]
    for number in range(25):
        put(door.client, b"%d" % number)
    for _ in range(3):
        delete(door.client)
    url = None if door.name == "in-process" else door.url
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    resource = warm().resource("s3", region_name="us-east-1", endpoint_url=url, **keys)
    resource.Bucket("bucket").object_versions.page_size(10).delete()
    resource.meta.client.close()
    assert inside.is_empty
    door.client.delete_bucket(Bucket=versioned)


# --- what a bucket keeps ---------------------------------------------------------------------------------------------


def test_a_bucket_with_one_delete_marker_only(s3: Any, versioned: str) -> None:
    marker = delete(s3)["VersionId"]
    call = partial(s3.delete_bucket, Bucket=versioned)
    refused(call, 409, "BucketNotEmpty", ALL_VERSIONS, {"BucketName": versioned})
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Suspended"})
    refused(call, 409, "BucketNotEmpty", ALL_VERSIONS, {"BucketName": versioned})
    delete(s3, VersionId=marker)
    call()


def test_a_bucket_without_versions(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k")
    call = partial(s3.delete_bucket, Bucket=bucket)
    refused(call, 409, "BucketNotEmpty", BUCKET_NOT_EMPTY, {"BucketName": bucket})
    delete(s3)
    call()


def test_the_owner_of_a_delete_marker(door: Door, versioned: str) -> None:
    """Who made it, where ACLs count; else the bucket's owner."""
    everything = ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": everything}
    door.client.delete_public_access_block(Bucket=versioned)
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    door.client.put_bucket_policy(Bucket=versioned, Policy=json.dumps(policy))
    other = door.fake.add_account()
    mine = door.client.list_buckets()["Owner"]["ID"]
    with door.client_with(aws_access_key_id=other.access_key, aws_secret_access_key=other.secret_key) as s3:
        delete(s3)
        assert [one["Owner"]["ID"] for one in s3.list_object_versions(Bucket=versioned)["DeleteMarkers"]] == [mine]
        rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        door.client.put_bucket_ownership_controls(Bucket=versioned, OwnershipControls=rules)
        delete(s3)
        found = door.client.list_object_versions(Bucket=versioned)["DeleteMarkers"]
        assert [one["Owner"]["ID"] for one in found] == [other.canonical_id, mine]
    response = door.raw("GET", "/bucket?versions", sign=False)
    assert (response.status, b"<Owner>" in response.body, b"<DeleteMarker>" in response.body) == (200, False, True)

"""Directory buckets: create, head, list, delete, and how requests are recognised as meant for them."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.support.directory_buckets import ARN, NAME, OTHER, ZONE, configuration, create
from tests.support.doors import Door, refused, refused_head
from tests.support.errors import (
    BUCKET_ALREADY_OWNED_BY_YOU,
    BUCKET_NOT_EMPTY,
    HEADER_NOT_IMPLEMENTED,
    INVALID_BUCKET_NAME,
    INVALID_STORAGE_CLASS,
    MALFORMED_XML,
    NO_SUCH_BUCKET,
)
from tests.support.state import unchanged


def test_created_and_seen(door: Door, s3: Any) -> None:
    made = s3.create_bucket(Bucket=NAME, CreateBucketConfiguration=configuration())
    assert made["Location"] == f"https://{NAME}.s3express-{ZONE}.us-east-1.amazonaws.com/"
    assert made["BucketArn"] == ARN
    seen = s3.head_bucket(Bucket=NAME)
    assert (seen["BucketLocationType"], seen["BucketLocationName"]) == ("AvailabilityZone", ZONE)
    assert (seen["BucketRegion"], seen["AccessPointAlias"], seen["BucketArn"]) == ("us-east-1", False, ARN)
    assert "BucketRegion" in s3.head_bucket(Bucket=NAME, ExpectedBucketOwner="123456789012")
    refused_head(partial(s3.head_bucket, Bucket=NAME, ExpectedBucketOwner="999999999999"), 403)


def test_local_zones_have_a_storage_class_of_their_own(s3: Any) -> None:
    name = "base--usw2-lax1-az1--x-s3"
    local = configuration("usw2-lax1-az1", "LocalZone", "SingleLocalZone")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=local)
    assert s3.head_bucket(Bucket=name)["BucketLocationType"] == "LocalZone"
    s3.put_object(Bucket=name, Key="k", Body=b"abc")
    s3.copy_object(Bucket=name, Key="copy", CopySource=f"{name}/k")
    upload = s3.create_multipart_upload(Bucket=name, Key="m")["UploadId"]
    assert s3.list_parts(Bucket=name, Key="m", UploadId=upload)["StorageClass"] == "ONEZONE_IA"
    assert s3.head_object(Bucket=name, Key="k")["StorageClass"] == "ONEZONE_IA"
    assert s3.head_object(Bucket=name, Key="copy")["StorageClass"] == "ONEZONE_IA"
    put = partial(s3.put_object, Bucket=name, Key="k", StorageClass="EXPRESS_ONEZONE")
    message = INVALID_STORAGE_CLASS
    refused(put, 400, "InvalidStorageClass", message, {"StorageClassRequested": "EXPRESS_ONEZONE"})


WRONG = {
    "no configuration": (NAME, None, "MalformedXML"),
    "no location": (NAME, {"Bucket": {"Type": "Directory"}}, "MalformedXML"),
    "no bucket": (NAME, {"Location": {"Name": ZONE, "Type": "AvailabilityZone"}}, "MalformedXML"),
    "unknown location": (NAME, configuration(kind="Region"), "MalformedXML"),
    "redundancy of the other": (NAME, configuration(redundancy="SingleLocalZone"), "MalformedXML"),
    "constraint": (NAME, {**configuration(), "LocationConstraint": "us-west-2"}, "MalformedXML"),
    "another zone": (NAME, configuration("use1-az5"), "InvalidBucketName"),
    "no base": (f"--{ZONE}--x-s3", configuration(), "InvalidBucketName"),
    "no zone": ("base----x-s3", configuration(), "InvalidBucketName"),
    "two words": ("base--x-s3", configuration("base"), "InvalidBucketName"),
    "long": (f"{'b' * 50}--{ZONE}--x-s3", configuration(), "InvalidBucketName"),
    "capitals": (f"Base--{ZONE}--x-s3", configuration(), "InvalidBucketName"),
}


@pytest.mark.parametrize(("name", "given", "code"), WRONG.values(), ids=WRONG)
def test_invalid_names_and_configurations(door: Door, s3: Any, name: str, given: dict[str, Any] | None, code: str) -> None:
    if "localhost" in door.url and (len(name) > 63 or name.startswith("-") or not name.islower()):
        pytest.skip("no label of a host")
    options = {} if given is None else {"CreateBucketConfiguration": given}
    with unchanged(door.fake):
        message, extras = (MALFORMED_XML, {}) if code == "MalformedXML" else (INVALID_BUCKET_NAME, {"BucketName": name})
        refused(partial(s3.create_bucket, Bucket=name, **options), 400, code, message, extras)


@pytest.mark.parametrize(
    ("options", "header"),
    [
        ({"ACL": "private"}, "x-amz-acl"),
        ({"GrantRead": "id=x"}, "x-amz-grant-read"),
        ({"ObjectLockEnabledForBucket": True}, "x-amz-bucket-object-lock-enabled"),
        ({"ObjectOwnership": "BucketOwnerEnforced"}, "x-amz-object-ownership"),
        ({"BucketNamespace": "global"}, "x-amz-bucket-namespace"),
    ],
)
def test_members_that_create_bucket_rejects(door: Door, s3: Any, options: dict[str, Any], header: str) -> None:
    ask = partial(s3.create_bucket, Bucket=NAME, CreateBucketConfiguration=configuration(), **options)
    with unchanged(door.fake):
        refused(ask, 501, "NotImplemented", HEADER_NOT_IMPLEMENTED, {"Header": header})


def test_created_again(door: Door, s3: Any, directory: str) -> None:
    again = partial(create, s3)
    owned = BUCKET_ALREADY_OWNED_BY_YOU
    refused(again, 409, "BucketAlreadyOwnedByYou", owned, {"BucketName": NAME})
    with door.client_with(aws_access_key_id="222222222222") as theirs:
        taken = (
            "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
            "Please select a different name and try again."
        )
        if door.name == "in-process":
            refused(partial(create, theirs), 409, "BucketAlreadyExists", taken, {"BucketName": NAME})
        else:  # the SDK creates a session first
            refused(partial(create, theirs), 403, "AccessDenied", "Access Denied")


def test_tags_of_a_new_bucket(door: Door, s3: Any) -> None:
    tagged = {**configuration(), "Tags": [{"Key": "a", "Value": "b"}]}
    s3.create_bucket(Bucket=NAME, CreateBucketConfiguration=tagged)
    assert door.fake.store.buckets[NAME].tags == {"a": "b"}


def test_deleted(door: Door, s3: Any, directory: str) -> None:
    delete = partial(s3.delete_bucket, Bucket=directory)
    not_empty = (409, "BucketNotEmpty", BUCKET_NOT_EMPTY, {"BucketName": directory})
    s3.put_object(Bucket=directory, Key="k")
    upload = s3.create_multipart_upload(Bucket=directory, Key="m")["UploadId"]
    refused(delete, *not_empty)
    s3.delete_object(Bucket=directory, Key="k")
    with unchanged(door.fake):
        refused(delete, *not_empty)  # the upload in progress keeps it
    s3.abort_multipart_upload(Bucket=directory, Key="m", UploadId=upload)
    delete()
    assert door.fake.buckets == {}


def test_listed_apart(door: Door, s3: Any, directory: str) -> None:
    names = sorted([NAME, *(f"b{number}--{ZONE}--x-s3" for number in range(4))])
    for name in names:
        if name != NAME:
            create(s3, name)
    s3.create_bucket(Bucket="ordinary")
    with door.client_with(aws_access_key_id="222222222222") as theirs:
        create(theirs, OTHER)
        assert [one["Name"] for one in theirs.list_directory_buckets()["Buckets"]] == [OTHER]
    assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == ["ordinary"]
    listed = s3.list_directory_buckets()
    assert [one["Name"] for one in listed["Buckets"]] == names
    assert listed["Buckets"][0].keys() == {"Name", "CreationDate", "BucketArn"}
    assert "ContinuationToken" not in listed
    found, token = [], {}
    while True:
        page = s3.list_directory_buckets(MaxDirectoryBuckets=2, **token)
        found.append([one["Name"] for one in page["Buckets"]])
        if "ContinuationToken" not in page:
            break
        token = {"ContinuationToken": page["ContinuationToken"]}
    assert found == [names[:2], names[2:4], names[4:]]
    assert s3.list_directory_buckets(MaxDirectoryBuckets=0)["Buckets"] == []
    paginator = s3.get_paginator("list_directory_buckets")
    pages = paginator.paginate(PaginationConfig={"PageSize": 3})
    assert [one["Name"] for page in pages for one in page["Buckets"]] == names


def test_too_many_at_once(s3: Any) -> None:
    text = "Argument max-directory-buckets must be an integer between 0 and 1000."
    extras = {"ArgumentName": "max-directory-buckets", "ArgumentValue": "1001"}
    refused(partial(s3.list_directory_buckets, MaxDirectoryBuckets=1001), 400, "InvalidArgument", text, extras)


def test_of_a_region(door: Door, s3: Any, directory: str) -> None:
    if door.name != "in-process":
        pytest.skip("an endpoint of one's own is in no region")
    with door.client_with(region_name="us-west-2") as west:
        create(west, "west--usw2-az1--x-s3")
        assert [one["Name"] for one in west.list_directory_buckets()["Buckets"]] == ["west--usw2-az1--x-s3"]
        assert west.head_bucket(Bucket="west--usw2-az1--x-s3")["BucketRegion"] == "us-west-2"
    assert [one["Name"] for one in s3.list_directory_buckets()["Buckets"]] == [directory]


def test_missing(door: Door, s3: Any) -> None:
    message, extras = NO_SUCH_BUCKET, {"BucketName": NAME}
    refused(partial(s3.get_object, Bucket=NAME, Key="k"), 404, "NoSuchBucket", message, extras)
    refused(partial(s3.delete_bucket, Bucket=NAME), 404, "NoSuchBucket", message, extras)
    refused(partial(s3.get_bucket_policy, Bucket=NAME), 404, "NoSuchBucket", message, extras)
    assert door.fake.buckets == {}


def test_a_snapshot_contains_directory_buckets(door: Door, s3: Any, directory: str) -> None:
    s3.put_object(Bucket=directory, Key="k", Body=b"abc")
    kept = door.fake.snapshot()
    s3.put_object(Bucket=directory, Key="k", Body=b"def", WriteOffsetBytes=3)
    s3.rename_object(Bucket=directory, Key="n", RenameSource="k", ClientToken="t")
    door.fake.restore(kept)
    assert s3.get_object(Bucket=directory, Key="k")["Body"].read() == b"abc"
    s3.rename_object(Bucket=directory, Key="m", RenameSource="k", ClientToken="t")
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=directory)["Contents"]] == ["m"]

"""Objects in directory buckets: what differs, and copies from and to other buckets."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import partial
from hashlib import md5
from typing import Any

import pytest

from tests.support.directory_buckets import OTHER, create
from tests.support.doors import Door, refused
from tests.support.errors import COPY_ONTO_ITSELF, HEADER_NOT_IMPLEMENTED, PRECONDITION_FAILED
from tests.support.state import unchanged

LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)


def test_members_of_responses(s3: Any, directory: str) -> None:
    put = s3.put_object(Bucket=directory, Key="k", Body=b"abc", Metadata={"a": "b"}, ContentType="text/plain")
    assert put["ETag"].strip('"') != md5(b"abc").hexdigest()
    assert len(put["ETag"]) == 34
    assert (put["Expiration"], put["ServerSideEncryption"], "Size" in put) == ("NotImplemented", "AES256", False)
    assert (put["ChecksumCRC32"], put["ChecksumType"], "VersionId" in put) == ("NSRBwg==", "FULL_OBJECT", False)
    got, head = s3.get_object(Bucket=directory, Key="k"), s3.head_object(Bucket=directory, Key="k")
    assert got["Body"].read() == b"abc"
    for returned in (got, head):
        assert (returned["ETag"], returned["StorageClass"], returned["Expiration"]) == (
            put["ETag"],
            "EXPRESS_ONEZONE",
            "NotImplemented",
        )
        assert (returned["Metadata"], returned["ContentType"], "VersionId" in returned) == ({"a": "b"}, "text/plain", False)
    attributes = s3.get_object_attributes(Bucket=directory, Key="k", ObjectAttributes=["ETag", "StorageClass", "ObjectSize"])
    assert (attributes["ETag"], attributes["StorageClass"]) == (put["ETag"].strip('"'), "EXPRESS_ONEZONE")
    assert s3.put_object(Bucket=directory, Key="k", Body=b"abc")["ETag"] != put["ETag"]


def test_conditions_of_writes(door: Door, s3: Any, directory: str) -> None:
    etag = s3.put_object(Bucket=directory, Key="k", Body=b"abc")["ETag"]
    with unchanged(door.fake):
        once = partial(s3.put_object, Bucket=directory, Key="k", IfNoneMatch="*")
        refused(once, 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-None-Match"})
        other = partial(s3.put_object, Bucket=directory, Key="k", IfMatch='"0"')
        refused(other, 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-Match"})
    s3.put_object(Bucket=directory, Key="k", Body=b"def", IfMatch=etag)
    assert s3.get_object(Bucket=directory, Key="k", Range="bytes=1-")["Body"].read() == b"ef"


def test_conditions_of_deletes(door: Door, s3: Any, directory: str) -> None:
    s3.put_object(Bucket=directory, Key="k", Body=b"abc")
    head = s3.head_object(Bucket=directory, Key="k")
    right = {"IfMatch": head["ETag"], "IfMatchLastModifiedTime": head["LastModified"], "IfMatchSize": 3}
    wrong = {
        "IfMatch": ('"0"', "If-Match"),
        "IfMatchLastModifiedTime": (head["LastModified"] - timedelta(seconds=1), "If-Match-Last-Modified-Time"),
        "IfMatchSize": (4, "If-Match-Size"),
    }
    for member, (value, condition) in wrong.items():
        with unchanged(door.fake):
            delete = partial(s3.delete_object, Bucket=directory, Key="k", **{**right, member: value})
            refused(delete, 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": condition})
    s3.delete_object(Bucket=directory, Key="k", **right)
    assert door.fake.store.buckets[directory].is_empty
    s3.delete_object(Bucket=directory, Key="k", IfMatchSize=4, IfMatchLastModifiedTime=LONG_AGO)  # deleted in any case


def test_conditions_of_deletes_of_many(door: Door, s3: Any, directory: str) -> None:
    for key in "abcde":
        s3.put_object(Bucket=directory, Key=key, Body=b"abc")
    head = s3.head_object(Bucket=directory, Key="a")
    completed = s3.delete_objects(
        Bucket=directory,
        Delete={
            "Objects": [
                {"Key": "a", "ETag": head["ETag"], "Size": 3},
                {"Key": "b", "Size": 4},
                {"Key": "c", "LastModifiedTime": LONG_AGO},
                {"Key": "d", "ETag": '"0"'},
                {"Key": "none", "Size": 4},
                {"Key": "e", "VersionId": "null"},
            ]
        },
    )
    assert [one["Key"] for one in completed["Deleted"]] == ["a", "none", "e"]
    assert [(one["Key"], one["Code"]) for one in completed["Errors"]] == [(key, "PreconditionFailed") for key in "bcd"]
    assert sorted(door.fake.store.buckets[directory].objects) == ["b", "c", "d"]


def test_copies(door: Door, s3: Any, directory: str) -> None:
    create(s3, OTHER)
    s3.create_bucket(Bucket="ordinary")
    s3.put_object(Bucket="ordinary", Key="k", Body=b"abc", Metadata={"a": "b"}, StorageClass="STANDARD_IA")
    into = s3.copy_object(Bucket=directory, Key="k", CopySource="ordinary/k")
    assert into["Expiration"] == "NotImplemented"
    assert into["CopyObjectResult"]["ETag"].strip('"') != md5(b"abc").hexdigest()
    across = s3.copy_object(Bucket=OTHER, Key="k", CopySource=f"{directory}/k")
    assert across["CopyObjectResult"]["ETag"] != into["CopyObjectResult"]["ETag"]
    head = s3.head_object(Bucket=OTHER, Key="k")
    assert (head["Metadata"], head["StorageClass"]) == ({"a": "b"}, "EXPRESS_ONEZONE")
    back = s3.copy_object(Bucket="ordinary", Key="back", CopySource=f"{OTHER}/k")
    assert back["CopyObjectResult"]["ETag"].strip('"') == md5(b"abc").hexdigest()
    assert "StorageClass" not in s3.head_object(Bucket="ordinary", Key="back")
    assert "Expiration" not in back


def test_copies_onto_itself(door: Door, s3: Any, directory: str) -> None:
    s3.put_object(Bucket=directory, Key="k", Body=b"abc")
    text = COPY_ONTO_ITSELF
    same = partial(s3.copy_object, Bucket=directory, Key="k", CopySource=f"{directory}/k")
    with unchanged(door.fake):
        refused(same, 400, "InvalidRequest", text)
    same(MetadataDirective="REPLACE", Metadata={"a": "b"})
    assert s3.head_object(Bucket=directory, Key="k")["Metadata"] == {"a": "b"}


TAGGED = {
    "copied by default": ({}, False),
    "copied": ({"TaggingDirective": "COPY"}, False),
    "replaced by some": ({"TaggingDirective": "REPLACE", "Tagging": "c=d"}, False),
    "replaced by none": ({"TaggingDirective": "REPLACE"}, True),
    "replaced by the empty set": ({"TaggingDirective": "REPLACE", "Tagging": ""}, True),
}


@pytest.mark.parametrize(("options", "works"), TAGGED.values(), ids=TAGGED)
def test_tags_do_not_travel(door: Door, s3: Any, directory: str, options: dict[str, Any], works: bool) -> None:
    s3.create_bucket(Bucket="ordinary")
    s3.put_object(Bucket="ordinary", Key="k", Body=b"abc", Tagging="a=b")
    copy = partial(s3.copy_object, Bucket=directory, Key="k", CopySource="ordinary/k", **options)
    if works:
        copy()
        assert "TagCount" not in s3.get_object(Bucket=directory, Key="k")
        return
    with unchanged(door.fake):
        refused(copy, 501, "NotImplemented", HEADER_NOT_IMPLEMENTED, {"Header": "x-amz-tagging"})


def test_annotations_do_not_travel(door: Door, s3: Any, directory: str) -> None:
    s3.create_bucket(Bucket="ordinary")
    s3.put_object(Bucket="ordinary", Key="k", Body=b"abc")
    s3.put_object_annotation(Bucket="ordinary", Key="k", AnnotationName="a", AnnotationPayload=b"note")
    copy = partial(s3.copy_object, Bucket=directory, Key="k", CopySource="ordinary/k")
    header = {"Header": "x-amz-object-annotation-directive"}
    with unchanged(door.fake):
        refused(copy, 501, "NotImplemented", HEADER_NOT_IMPLEMENTED, header)
        refused(partial(copy, AnnotationDirective="COPY"), 501, "NotImplemented", HEADER_NOT_IMPLEMENTED, header)
    copy(AnnotationDirective="EXCLUDE")
    assert s3.get_object(Bucket=directory, Key="k")["Body"].read() == b"abc"


def test_md5_of_many_deletes_is_welcome(s3: Any, directory: str) -> None:
    s3.put_object(Bucket=directory, Key="k", Body=b"abc")
    response = s3.delete_objects(Bucket=directory, Delete={"Objects": [{"Key": "k"}], "Quiet": True}, ChecksumAlgorithm="SHA256")
    assert "Errors" not in response
    assert "Contents" not in s3.list_objects_v2(Bucket=directory)

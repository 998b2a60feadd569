"""Tags of buckets: put, get, delete, and the tags of CreateBucket."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, refused
from tests.support.errors import BUCKET_ALREADY_OWNED_BY_YOU, INVALID_TAG_KEY, NO_SUCH_BUCKET
from tests.support.state import unchanged

KEY, VALUE = INVALID_TAG_KEY, "The TagValue you have provided is invalid"
NONE = "The TagSet does not exist"
OF_NEW = (
    'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. Remove "aws:" from your tag keys '
    "and try again."
)


def tag_set(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs]


def is_untagged(s3: Any) -> None:
    refused(partial(s3.get_bucket_tagging, Bucket="bucket"), 404, "NoSuchTagSet", NONE, {"BucketName": "bucket"})


def test_put_get_delete(s3: Any, bucket: str) -> None:
    is_untagged(s3)
    pairs = [(f"k{number}", "ü" * number) for number in range(50)]
    put = s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tag_set(pairs)})
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tag_set(pairs)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tag_set([("other", "")])})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tag_set([("other", "")])
    for _ in range(2):
        assert s3.delete_bucket_tagging(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
        is_untagged(s3)


def test_an_empty_set_is_none(s3: Any, bucket: str) -> None:
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tag_set([("a", "1")])})
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": []})
    is_untagged(s3)


BAD: dict[str, tuple[list[tuple[str, str]], str, str, dict[str, str]]] = {
    "too many": ([(f"k{number}", "") for number in range(51)], "BadRequest", "Bucket tag count cannot be greater than 50", {}),
    "twice": ([("a", "1"), ("a", "2")], "InvalidTag", "Cannot provide multiple Tags with the same key", {"TagKey": "a"}),
    "of the system": (
        [("aws:x", "1")],
        "InvalidTag",
        "System tags cannot be added/updated by requester",
        {"TagKey": "aws:x"},
    ),
    "long key": ([("k" * 129, "")], "InvalidTag", KEY, {"TagKey": "k" * 129}),
    "bad key": ([("a?", "")], "InvalidTag", KEY, {"TagKey": "a?"}),
    "long value": ([("a", "v" * 257)], "InvalidTag", VALUE, {"TagKey": "a", "TagValue": "v" * 257}),
    "bad value": ([("a", "<")], "InvalidTag", VALUE, {"TagKey": "a", "TagValue": "<"}),
}


@pytest.mark.parametrize(("pairs", "code", "message", "extras"), BAD.values(), ids=BAD)
def test_bad_tags(door: Door, bucket: str, pairs: list[tuple[str, str]], code: str, message: str, extras: dict[str, str]) -> None:
    door.client.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tag_set([("kept", "1")])})
    with unchanged(door.fake):
        put = partial(door.client.put_bucket_tagging, Bucket=bucket, Tagging={"TagSet": tag_set(pairs)})
        refused(put, 400, code, message, extras)


@pytest.mark.parametrize(("pairs", "code", "message", "extras"), BAD.values(), ids=BAD)
def test_bad_tags_of_a_new_bucket(
    door: Door, pairs: list[tuple[str, str]], code: str, message: str, extras: dict[str, str]
) -> None:
    if message.startswith("System"):
        message, extras = OF_NEW, {}
    with unchanged(door.fake):
        configuration = {"Tags": tag_set(pairs)}
        create = partial(door.client.create_bucket, Bucket="bucket", CreateBucketConfiguration=configuration)
        refused(create, 400, code, message, extras)


def test_a_new_bucket(door: Door) -> None:
    s3 = door.client
    create = partial(s3.create_bucket, Bucket="bucket", CreateBucketConfiguration={"Tags": tag_set([("a", "1"), ("b", "")])})
    create()
    assert s3.get_bucket_tagging(Bucket="bucket")["TagSet"] == tag_set([("a", "1"), ("b", "")])
    # With tags, creating one's own bucket again is an error even in us-east-1.
    message = BUCKET_ALREADY_OWNED_BY_YOU
    with unchanged(door.fake):
        refused(create, 409, "BucketAlreadyOwnedByYou", message, {"BucketName": "bucket"})
        s3.create_bucket(Bucket="bucket")
    elsewhere = {"LocationConstraint": "eu-west-1", "Tags": tag_set([("c", "3")])}
    s3.create_bucket(Bucket="other", CreateBucketConfiguration=elsewhere)
    assert s3.get_bucket_tagging(Bucket="other")["TagSet"] == tag_set([("c", "3")])


@pytest.mark.parametrize("name", ["get_bucket_tagging", "delete_bucket_tagging", "put_bucket_tagging"])
def test_no_bucket(s3: Any, name: str) -> None:
    given = {"Tagging": {"TagSet": []}} if name.startswith("put") else {}
    call = partial(getattr(s3, name), Bucket="missing", **given)
    refused(call, 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})

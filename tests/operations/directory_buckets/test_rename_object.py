"""RenameObject: another key, atomically, and nothing else changes."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.support.directory_buckets import OTHER, create
from tests.support.doors import Door, refused
from tests.support.errors import NO_SUCH_KEY, PRECONDITION_FAILED
from tests.support.state import unchanged

MISMATCH = "Parameters on this idempotent request are inconsistent with parameters used in previous request(s)."


@pytest.fixture
def filled(s3: Any, directory: str) -> str:
    s3.put_object(Bucket=directory, Key="old", Body=b"abc", Metadata={"a": "b"}, ContentType="text/plain")
    s3.put_object(Bucket=directory, Key="there", Body=b"there")
    return directory


def test_everything_stays(door: Door, s3: Any, filled: str) -> None:
    before = s3.get_object(Bucket=filled, Key="old", ChecksumMode="ENABLED")
    data = door.fake.store.buckets[filled].objects["old"].data
    door.fake.clock.advance(seconds=90)
    s3.rename_object(Bucket=filled, Key="new/name", RenameSource="old")
    after = s3.get_object(Bucket=filled, Key="new/name", ChecksumMode="ENABLED")
    for member in ("ETag", "LastModified", "ChecksumCRC32", "Metadata", "ContentType", "StorageClass", "ContentLength"):
        assert after[member] == before[member]
    assert after["Body"].read() == b"abc"
    assert sorted(door.fake.store.buckets[filled].objects) == ["new/name", "there"]
    assert door.fake.store.buckets[filled].objects["new/name"].data is data


@pytest.mark.parametrize("form", ["{key}", "/{key}", "{bucket}/{key}", "/{bucket}/{key}"])
def test_sources(s3: Any, directory: str, form: str) -> None:
    for key, encoded in (("a b/\xe9+%", "a%20b/%C3%A9%2B%25"), ("deep/er/k", "deep/er/k"), ("plus+", "plus+")):
        s3.put_object(Bucket=directory, Key=key, Body=b"abc")
        s3.rename_object(Bucket=directory, Key="new", RenameSource=form.format(bucket=directory, key=encoded))
        assert s3.get_object(Bucket=directory, Key="new")["Body"].read() == b"abc"
        assert [one["Key"] for one in s3.list_objects_v2(Bucket=directory)["Contents"]] == ["new"]


def test_renaming_over_an_existing_object(s3: Any, filled: str) -> None:
    s3.rename_object(Bucket=filled, Key="there", RenameSource="old")
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=filled)["Contents"]] == ["there"]
    assert s3.get_object(Bucket=filled, Key="there")["Body"].read() == b"abc"


def test_onto_itself(door: Door, s3: Any, filled: str) -> None:
    before = dict(door.fake.store.buckets[filled].objects.values)
    s3.rename_object(Bucket=filled, Key="old", RenameSource="old")
    assert door.fake.store.buckets[filled].objects.values == before


def _argument(message: str, name: str, value: str) -> tuple[int, str, str, dict[str, str]]:
    return 400, "InvalidArgument", message, {"ArgumentName": name, "ArgumentValue": value}


def _failed(condition: str) -> tuple[int, str, str, dict[str, str]]:
    return 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": condition}


WRONG: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "no source": ({"RenameSource": "none"}, (404, "NoSuchKey", NO_SUCH_KEY, {"Key": "none"})),
    "another bucket": (
        {"RenameSource": f"{OTHER}/old"},
        (400, "InvalidRequest", "The source of a rename must be in the same bucket as its destination."),
    ),
    "no key": ({"RenameSource": "/"}, _argument("Invalid rename source object key", "x-amz-rename-source", "/")),
    "no UTF-8": ({"RenameSource": "%ff"}, _argument("Invalid rename source encoding", "x-amz-rename-source", "%ff")),
    "source other": ({"SourceIfMatch": '"0"'}, _failed("x-amz-rename-source-If-Match")),
    "source any": ({"SourceIfNoneMatch": "*"}, _failed("x-amz-rename-source-If-None-Match")),
    "there": ({"DestinationIfNoneMatch": "*"}, _failed("If-None-Match")),
    "other there": ({"DestinationIfMatch": '"0"'}, _failed("If-Match")),
    "token": (
        {"ClientToken": "two words"},
        _argument("The client token must be 1 to 64 ASCII characters from 33 to 126", "x-amz-client-token", "two words"),
    ),
    "long token": (
        {"ClientToken": "x" * 65},
        _argument("The client token must be 1 to 64 ASCII characters from 33 to 126", "x-amz-client-token", "x" * 65),
    ),
}


@pytest.mark.parametrize(("options", "error"), WRONG.values(), ids=WRONG)
def test_refused(door: Door, s3: Any, filled: str, options: dict[str, Any], error: tuple[Any, ...]) -> None:
    create(s3, OTHER)
    s3.put_object(Bucket=OTHER, Key="old", Body=b"abc")
    with unchanged(door.fake):
        refused(partial(s3.rename_object, **{"Bucket": filled, "Key": "there", "RenameSource": "old", **options}), *error)


def test_dates(door: Door, s3: Any, filled: str) -> None:
    """Of the source and of what is there under the new key: changed since, and not changed since."""
    then = s3.head_object(Bucket=filled, Key="old")["LastModified"]
    door.fake.clock.advance(minutes=2)
    before, after = then - timedelta(minutes=1), then + timedelta(minutes=1)
    rename = partial(s3.rename_object, Bucket=filled, Key="there", RenameSource="old")
    with unchanged(door.fake):
        refused(partial(rename, SourceIfModifiedSince=after), *_failed("x-amz-rename-source-If-Modified-Since"))
        refused(partial(rename, SourceIfUnmodifiedSince=before), *_failed("x-amz-rename-source-If-Unmodified-Since"))
        refused(partial(rename, DestinationIfModifiedSince=after), *_failed("If-Modified-Since"))
        refused(partial(rename, DestinationIfUnmodifiedSince=before), *_failed("If-Unmodified-Since"))
        none = partial(s3.rename_object, Bucket=filled, Key="none", RenameSource="old", DestinationIfModifiedSince=before)
        refused(none, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "none"})
    etags = [s3.head_object(Bucket=filled, Key=key)["ETag"] for key in ("old", "there")]
    rename(
        SourceIfModifiedSince=before,
        SourceIfUnmodifiedSince=after,
        SourceIfMatch=etags[0],
        SourceIfNoneMatch='"0"',
        DestinationIfModifiedSince=before,
        DestinationIfUnmodifiedSince=after,
        DestinationIfMatch=etags[1],
    )
    assert s3.get_object(Bucket=filled, Key="there")["Body"].read() == b"abc"


def test_the_same_token_again(door: Door, s3: Any, filled: str) -> None:
    rename = partial(s3.rename_object, Bucket=filled, ClientToken="t" * 64)
    rename(Key="new", RenameSource="old")
    with unchanged(door.fake):
        rename(Key="new", RenameSource="old")  # the source does not exist any more
        for other in ({"Key": "newer", "RenameSource": "old"}, {"Key": "new", "RenameSource": "there"}):
            caught = refused(partial(rename, **other), 400, "IdempotencyParameterMismatch", MISMATCH)
            assert isinstance(caught, s3.exceptions.IdempotencyParameterMismatch)
    gone = partial(s3.rename_object, Bucket=filled, Key="new", RenameSource="old")
    refused(gone, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "old"})


def test_a_failure_uses_up_no_token(s3: Any, filled: str) -> None:
    rename = partial(s3.rename_object, Bucket=filled, Key="new", RenameSource="later", ClientToken="t")
    refused(rename, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "later"})
    s3.put_object(Bucket=filled, Key="later", Body=b"later")
    rename()
    assert s3.get_object(Bucket=filled, Key="new")["Body"].read() == b"later"

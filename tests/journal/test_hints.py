"""Hints why something was not found: in the journal, and as notes on botocore's errors."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fakes3part import FakeS3
from fakes3part.journal.hints import difference
from fakes3part.state.objects import Version
from tests.support.doors import Door
from tests.support.state import fill
from tests.support.version_ids import GONE

Scene = Callable[[Any], Any]
"""Makes calls with a client, the last of which fails; the bucket ``bucket`` exists."""


def _versioned(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})


def _put(s3: Any, key: str) -> Any:
    return s3.put_object(Bucket="bucket", Key=key, Body=b"x")


def _deleted(s3: Any) -> Any:
    _put(s3, "k")
    s3.delete_object(Bucket="bucket", Key="k")
    return s3.get_object(Bucket="bucket", Key="k")


def _deleted_among_others(s3: Any) -> Any:
    _put(s3, "k")
    s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "a"}, {"Key": "k"}]})
    return s3.head_object(Bucket="bucket", Key="k")


def _marked(s3: Any) -> Any:
    _versioned(s3)
    _put(s3, "k")
    s3.delete_object(Bucket="bucket", Key="k")
    return s3.get_object(Bucket="bucket", Key="k")


def _marker_by_id(s3: Any) -> Any:
    _versioned(s3)
    marker = s3.delete_object(Bucket="bucket", Key="k")["VersionId"]
    return s3.get_object(Bucket="bucket", Key="k", VersionId=marker)


def _version_gone(s3: Any) -> Any:
    _versioned(s3)
    first = _put(s3, "k")["VersionId"]
    _put(s3, "k")
    s3.delete_object(Bucket="bucket", Key="k", VersionId=first)
    return s3.head_object(Bucket="bucket", Key="k", VersionId=first)


def _version_never(s3: Any) -> Any:
    _versioned(s3)
    _put(s3, "k")
    return s3.get_object(Bucket="bucket", Key="k", VersionId=GONE)


def _version_id_never_given(s3: Any) -> Any:
    _versioned(s3)
    _put(s3, "k")
    return s3.get_object(Bucket="bucket", Key="k", VersionId="x" * 32)


def _version_of_another(s3: Any) -> Any:
    _versioned(s3)
    _put(s3, "other")
    other = _put(s3, "other")["VersionId"]
    return s3.get_object(Bucket="bucket", Key="k", VersionId=other)


def _bucket_gone(s3: Any) -> Any:
    s3.delete_bucket(Bucket="bucket")
    return s3.list_objects_v2(Bucket="bucket")


def _copy(s3: Any) -> Any:
    _put(s3, "source")
    return s3.copy_object(Bucket="bucket", Key="k", CopySource="bucket/sorce")


def _copy_from_nowhere(s3: Any) -> Any:
    return s3.copy_object(Bucket="bucket", Key="k", CopySource="bukket/source")


def _upload(s3: Any, key: str = "k") -> Any:
    return s3.create_multipart_upload(Bucket="bucket", Key=key)["UploadId"]


def _aborted(s3: Any) -> Any:
    upload = _upload(s3)
    s3.abort_multipart_upload(Bucket="bucket", Key="k", UploadId=upload)
    return s3.upload_part(Bucket="bucket", Key="k", UploadId=upload, PartNumber=1, Body=b"")


def _completed(s3: Any) -> Any:
    upload = _upload(s3)
    part = s3.upload_part(Bucket="bucket", Key="k", UploadId=upload, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket="bucket", Key="k", UploadId=upload, MultipartUpload=parts)
    return s3.list_parts(Bucket="bucket", Key="k", UploadId=upload)


def _of_another_key(s3: Any) -> Any:
    return s3.list_parts(Bucket="bucket", Key="k", UploadId=_upload(s3, "other"))


def _pending(s3: Any) -> Any:
    _upload(s3)
    return s3.get_object(Bucket="bucket", Key="k")


def _near(key: str, *existing: str) -> Scene:
    def scene(s3: Any) -> Any:
        for other in existing:
            _put(s3, other)
        return s3.get_object(Bucket="bucket", Key=key)

    return scene


_AGO = r"\d+ (?:ms|s) before"
SCENES: dict[str, tuple[Scene, str]] = {
    "deleted": (_deleted, rf"'k' was deleted by DeleteObject \(call #3, {_AGO}\)"),
    "deleted among others": (_deleted_among_others, rf"'k' was deleted by DeleteObjects \(call #3, {_AGO}\)"),
    "marked": (
        _marked,
        rf"the current version of 'k' is a delete marker \(\S{{32}}\), made by DeleteObject \(call #4, {_AGO}\)",
    ),
    "marker by id": (_marker_by_id, rf"version \S{{32}} of 'k' is a delete marker, made by DeleteObject \(call #3, {_AGO}\)"),
    "version gone": (_version_gone, rf"version \S{{32}} of 'k' was deleted by DeleteObject \(call #5, {_AGO}\)"),
    "version never": (_version_never, rf"'k' never had a version {re.escape(GONE)}; it has '\S{{32}}'"),
    "version id never given": (
        _version_id_never_given,
        rf"S3 never gave the version id '{'x' * 32}', which it can tell by the id; 'k' has '\S{{32}}'",
    ),
    "version id of a missing key": (
        lambda s3: s3.get_object(Bucket="bucket", Key="k", VersionId="wrong"),
        "S3 never gave the version id 'wrong', which it can tell by the id; 'k' has no versions at all",
    ),
    "version of another": (_version_of_another, r"'k' has no versions at all|version \S{32} is one of 'other', not of 'k'"),
    "bucket gone": (_bucket_gone, rf"bucket 'bucket' was deleted by DeleteBucket \(call #2, {_AGO}\)"),
    "bucket never": (
        lambda s3: s3.get_object(Bucket="bukket", Key="k"),
        r"bucket 'bukket' was never created in this fake; did you mean 'bucket'\?",
    ),
    "bucket never, none like it": (
        lambda s3: s3.get_object(Bucket="zzzzzzz", Key="k"),
        r"bucket 'zzzzzzz' was never created in this fake; it has 'bucket'",
    ),
    "copy": (_copy, r"bucket 'bucket' has no 'sorce'; did you mean 'source'\?"),
    "copy from nowhere": (_copy_from_nowhere, r"bucket 'bukket' was never created in this fake; did you mean 'bucket'\?"),
    "aborted": (_aborted, rf"the upload was aborted by AbortMultipartUpload \(call #3, {_AGO}\)"),
    "completed": (_completed, rf"the upload was completed by CompleteMultipartUpload \(call #4, {_AGO}\)"),
    "upload of another key": (_of_another_key, r"the upload is one of 'other' in bucket 'bucket'"),
    "upload never": (
        lambda s3: s3.list_parts(Bucket="bucket", Key="k", UploadId="nothing"),
        "no upload ever had this id in this fake",
    ),
    "upload pending": (_pending, r"bucket 'bucket' is empty, and 1 multipart upload of 'k' not completed"),
    "none like it": (_near("k", "a/long/name"), r"bucket 'bucket' has 1 key, and none is like 'k'"),
    "typing error": (_near("report/2026.csv", "reports/2026.csv"), r".*; did you mean 'reports/2026.csv'\?"),
    "leading slash": (_near("/a/b", "a/b", "c"), r".*; did you mean 'a/b'\?"),
    "trailing slash": (_near("directory", "directory/"), r".*; did you mean 'directory/'\?"),
    "with the bucket": (_near("bucket/a/b", "a/b"), r".*; did you mean 'a/b'\?"),
    "encoded": (_near("a%2Bb%20c", "a+b c"), r".*; did you mean 'a\+b c'\?"),
    "plus": (_near("a+b", "a b"), r".*; did you mean 'a b'\?"),
    "case": (_near("README.MD", "readme.md"), r".*; did you mean 'readme.md'\?"),
    "elsewhere": (_near("report.csv", "2026/january/report.csv"), r".*; did you mean '2026/january/report.csv'\?"),
    "several": (_near("a3", "a1", "a2", "zebras"), r".*; did you mean 'a1' or 'a2'\?"),
}


LENIENT = re.escape("; the setting lenient=['acls'] accepts it, as mock_aws does")
NAME_RULE = (
    "the name of a bucket has 3 to 63 lower-case letters, digits, hyphens and dots, a letter or digit at both ends "
    r"\(since March 2018 in every region\)"
)
ACL_RULE = (
    r"since April 2023 new buckets have ACLs disabled \(Object Ownership BucketOwnerEnforced\): leave the ACL out, use a bucket "
    "policy, or create the bucket with ObjectOwnership='ObjectWriter'"
)
BLOCK_RULE = "since April 2023 new buckets block public access: call delete_public_access_block first"
PUBLIC_POLICY = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/*"}}'


def _too_small(s3: Any) -> Any:
    upload = {"Bucket": "bucket", "Key": "k", "UploadId": s3.create_multipart_upload(Bucket="bucket", Key="k")["UploadId"]}
    parts = [{"PartNumber": n, "ETag": s3.upload_part(**upload, PartNumber=n, Body=b"abc")["ETag"]} for n in (1, 2)]
    return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})


def _public_acl(s3: Any) -> Any:
    rules: Any = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket="bucket", OwnershipControls=rules)
    return _put_public(s3)


def _put_public(s3: Any) -> Any:
    return s3.put_object(Bucket="bucket", Key="k", Body=b"x", ACL="public-read")


def _explicit_block(s3: Any) -> Any:
    block: Any = {"BlockPublicPolicy": True}
    s3.put_public_access_block(Bucket="bucket", PublicAccessBlockConfiguration=block)
    return s3.put_bucket_policy(Bucket="bucket", Policy=PUBLIC_POLICY)


SCENES |= {
    "bucket name": (
        lambda s3: s3.create_bucket(Bucket="Test_Bucket"),
        f"{NAME_RULE}; 'test-bucket' would do" + LENIENT.replace("acls", "bucket_names"),
    ),
    "no bucket name": (lambda s3: s3.create_bucket(Bucket="ab"), NAME_RULE),
    "acl": (_put_public, ACL_RULE + LENIENT),
    "acl of a bucket": (lambda s3: s3.put_bucket_acl(Bucket="bucket", ACL="public-read"), ACL_RULE + LENIENT),
    "acl of a new bucket": (lambda s3: s3.create_bucket(Bucket="public", ACL="public-read"), ACL_RULE + LENIENT),
    "public acl": (_public_acl, f"the ACL makes it public, and {BLOCK_RULE}{LENIENT}"),
    "public acl of a new bucket": (
        lambda s3: s3.create_bucket(Bucket="public", ACL="public-read", ObjectOwnership="ObjectWriter"),
        BLOCK_RULE + LENIENT,
    ),
    "public policy": (
        lambda s3: s3.put_bucket_policy(Bucket="bucket", Policy=PUBLIC_POLICY),
        f"the policy makes the bucket public, and {BLOCK_RULE}{LENIENT}",
    ),
    "explicit block": (_explicit_block, f"the policy makes the bucket public, and {BLOCK_RULE}"),
    "small part": (
        _too_small,
        "part 1 has 3 bytes; every part but the last must have at least 5.0 MiB; the setting min_part_size changes that",
    ),
    "location": (
        lambda s3: s3.create_bucket(Bucket="b-1", CreateBucketConfiguration={"LocationConstraint": "us-east-1"}),
        "us-east-1 is the one region that must not be named: leave CreateBucketConfiguration out",
    ),
    "no location": (
        lambda s3: s3.create_bucket(Bucket="b-1", CreateBucketConfiguration={"LocationConstraint": "mars-1"}),
        "'mars-1' is no region of S3 that us-east-1 can create buckets in",
    ),
}


@pytest.mark.parametrize(
    ("constraint", "problem"), [(None, "the LocationConstraint is missing"), ("eu-west-1", "'eu-west-1' is another one")]
)
def test_a_location_of_another_region(door: Door, constraint: str | None, problem: str) -> None:
    options: Any = {} if constraint is None else {"CreateBucketConfiguration": {"LocationConstraint": constraint}}
    with door.client_with(region_name="eu-west-2") as s3, pytest.raises(ClientError, match="IllegalLocationConstraintException"):
        s3.create_bucket(Bucket="b-1", **options)
    assert door.fake.calls[-1].hint == (
        f"this client's region is eu-west-2, and an endpoint creates buckets only in its own region, by its name (only us-east-1 "
        f"creates them anywhere): {problem}; pass CreateBucketConfiguration={{'LocationConstraint': 'eu-west-2'}}, or use a "
        "client of us-east-1"
    )


@pytest.mark.parametrize(("scene", "hint"), SCENES.values(), ids=SCENES)
def test_hints(door: Door, s3: Any, bucket: str, scene: Scene, hint: str) -> None:
    with pytest.raises(ClientError) as caught:
        scene(s3)
    call = door.fake.calls[-1]
    assert call.hint is not None
    assert re.fullmatch(hint, call.hint)
    lines = repr(door.fake.calls).splitlines()
    assert lines[-1].strip() == call.hint
    assert lines[-1].startswith("     ")
    notes = "".join(traceback.format_exception_only(caught.value)).splitlines()[1:]
    noted = door.name == "in-process" and sys.version_info >= (3, 11)
    assert notes == ([f"fakes3part: {call.hint}"] if noted else [])


NOTHING_TO_TELL: dict[str, Scene] = {
    "precondition": lambda s3: (_put(s3, "k"), s3.put_object(Bucket="bucket", Key="k", Body=b"", IfNoneMatch="*")),
    "policy": lambda s3: s3.get_bucket_policy(Bucket="bucket"),
    "not implemented": lambda s3: s3.get_bucket_website(Bucket="bucket"),
    "argument": lambda s3: s3.list_buckets(MaxBuckets=10001),
}


@pytest.mark.parametrize("scene", NOTHING_TO_TELL.values(), ids=NOTHING_TO_TELL)
def test_calls_without_a_hint(door: Door, s3: Any, bucket: str, scene: Scene) -> None:
    with pytest.raises(ClientError) as caught:
        scene(s3)
    assert door.fake.calls[-1].hint is None
    assert not getattr(caught.value, "__notes__", [])


def test_among_many_keys(door: Door, s3: Any, bucket: str) -> None:
    fill(door.fake, bucket, (f"logs/{number:05}.txt" for number in range(0, 3000, 7)))
    with pytest.raises(ClientError):
        s3.get_object(Bucket=bucket, Key="logs/01402.txt")
    assert door.fake.calls[-1].hint == (
        f"bucket '{bucket}' has no 'logs/01402.txt'; did you mean 'logs/01400.txt' or 'logs/01407.txt' or 'logs/01442.txt'?"
    )


def test_a_read_before_its_write(door: Door, s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError):
        s3.head_object(Bucket=bucket, Key="k")
    _put(s3, "k")
    assert door.fake.calls[1].hint == "'k' did not exist yet"


def test_how_long_ago(door: Door, s3: Any, bucket: str) -> None:
    door.fake.clock.freeze()
    _put(s3, "k")
    s3.delete_object(Bucket=bucket, Key="k")
    door.fake.clock.advance(days=3)
    with pytest.raises(ClientError):
        s3.head_object(Bucket=bucket, Key="k")
    assert door.fake.calls[-1].hint == "'k' was deleted by DeleteObject (call #3, 3 days before)"


def test_what_a_lifecycle_rule_expired(door: Door, s3: Any, bucket: str) -> None:
    door.fake.clock.freeze()
    _put(s3, "k")
    inside = door.fake.store.buckets[bucket]
    version = inside.remove("k", "null")
    assert isinstance(version, Version)
    door.fake.events.publish_lifecycle("s3:LifecycleExpiration:Delete", inside, "k", version, door.fake.clock.now())
    door.fake.clock.advance(minutes=5)
    with pytest.raises(ClientError):
        s3.head_object(Bucket=bucket, Key="k")
    assert door.fake.calls[-1].hint == "'k' was deleted by a lifecycle rule, 5 min before"


def test_the_hint_of_a_denial() -> None:
    fake = FakeS3()
    owner, guest = fake.add_account("111111111111"), fake.add_account("222222222222")
    with fake, closing(fake.client(owner)) as mine, closing(fake.client(guest)) as theirs:
        mine.create_bucket(Bucket="bucket")
        with pytest.raises(ClientError) as caught:
            theirs.get_object(Bucket="bucket", Key="k")
        assert fake.calls[-1].hint == str(fake.last_denial)
        if sys.version_info >= (3, 11):
            assert caught.value.__notes__ == [f"fakes3part: {fake.last_denial}"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have notes since Python 3.11")
def test_notes_come_from_the_fake_that_handled_the_call() -> None:
    with FakeS3() as outer, FakeS3() as inner, closing(outer.client()) as s3:
        s3.create_bucket(Bucket="bucket")
        with pytest.raises(ClientError) as caught:
            s3.get_object(Bucket="bucket", Key="k")
        assert caught.value.__notes__ == ["fakes3part: bucket 'bucket' is empty"]
        assert (len(outer.calls), len(inner.calls)) == (2, 0)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have notes since Python 3.11")
def test_errors_made_by_hand_get_no_notes() -> None:
    before = ClientError.__init__
    with FakeS3():
        assert ClientError.__init__ is not before
        for response in (
            {"Error": {"Code": "NoSuchKey"}},
            {},
            {"Error": {"Code": "404"}, "ResponseMetadata": {"RequestId": "x"}},
        ):
            error = ClientError(response, "GetObject")  # type: ignore[arg-type]
            assert not hasattr(error, "__notes__")
    assert ClientError.__init__ is before


@pytest.mark.parametrize(
    ("first", "second", "length"),
    [
        ("", "", 0),
        ("a", "a", 0),
        ("abc", "abd", 1),
        ("abc", "ac", 1),
        ("ac", "abc", 1),
        ("aa", "a", 1),
        ("abcd", "acbd", 2),
        ("a", "xyz", 3),
    ],
)
def test_difference(first: str, second: str, length: int) -> None:
    assert difference(first, second) == difference(second, first) == length

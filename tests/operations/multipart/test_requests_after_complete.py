"""Requests after CompleteMultipartUpload: a repetition, an abort, another upload of the key, an overwrite."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, refused
from tests.support.errors import NO_SUCH_UPLOAD
from tests.support.multipart import Listed, Upload, content, md5, visible_state, visibly_unchanged
from tests.support.state import unchanged


def three(tiny: Door, *bodies: bytes, **options: Any) -> tuple[Upload, list[Listed]]:
    upload = Upload(tiny.client, "bucket", **options)
    return upload, [upload.put(number, body) for number, body in enumerate(bodies or (b"a", b"b", b"c"), 1)]


@pytest.mark.parametrize("versioning", [False, True])
@pytest.mark.parametrize("options", [{}, {"IfNoneMatch": "*"}])
def test_complete_again(tiny: Door, versioning: bool, options: dict[str, str]) -> None:
    """The same request gets the same response and stores nothing."""
    if versioning:
        tiny.client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    upload, parts = three(tiny)
    first = upload.complete(*parts, **options)
    with visibly_unchanged(tiny.client, "bucket"):
        for _ in range(3):
            again = upload.complete(*parts, **options)
            assert {**again, "ResponseMetadata": None} == {**first, "ResponseMetadata": None}
    assert len(tiny.fake.store.buckets["bucket"].versions("key")) == 1


def test_complete_again_with_other_parts(tiny: Door) -> None:
    upload, parts = three(tiny)
    upload.complete(*parts)
    with visibly_unchanged(tiny.client, "bucket"):
        for wrong in (parts[:2], [parts[0], parts[2]], [{**parts[0], "ETag": "other"}, *parts[1:]]):
            refused(
                partial(upload.complete, *wrong),
                404,
                "NoSuchUpload",
                NO_SUCH_UPLOAD,
                {"UploadId": upload.id},
            )


def test_complete_again_after_the_key_was_deleted(tiny: Door) -> None:
    """Seen on AWS: 200 without a visible object. Nothing comes back from the dead."""
    upload, parts = three(tiny)
    completed = upload.complete(*parts)
    tiny.client.delete_object(Bucket="bucket", Key="key")
    assert upload.complete(*parts)["ETag"] == completed["ETag"]
    assert visible_state(tiny.client, "bucket") == {"uploads": [], "objects": []}


def test_complete_again_after_the_key_was_overwritten(tiny: Door) -> None:
    upload, parts = three(tiny)
    upload.complete(*parts)
    tiny.client.put_object(Bucket="bucket", Key="key", Body=b"newer")
    with visibly_unchanged(tiny.client, "bucket"):
        upload.complete(*parts)
    assert content(tiny.client, "bucket") == b"newer"


@pytest.mark.parametrize("deleted", [False, True])
def test_abort_after_complete(tiny: Door, deleted: bool) -> None:
    """204, and nothing changes, however often (botocore's tests on AWS; minio's issue 2250)."""
    s3 = tiny.client
    upload, parts = three(tiny)
    upload.complete(*parts)
    if deleted:
        s3.delete_object(Bucket="bucket", Key="key")
    no_upload = {"UploadId": upload.id}
    with visibly_unchanged(s3, "bucket"), unchanged(tiny.fake):
        for _ in range(2):
            assert s3.abort_multipart_upload(**upload.where)["ResponseMetadata"]["HTTPStatusCode"] == 204
        for call in (partial(upload.send, 4), upload.parts, partial(upload.complete, *parts[:2])):
            refused(call, 404, "NoSuchUpload", NO_SUCH_UPLOAD, no_upload)
        other_key = partial(s3.abort_multipart_upload, **{**upload.where, "Key": "other"})
        refused(other_key, 404, "NoSuchUpload", NO_SUCH_UPLOAD, no_upload)


def test_abort_twice(tiny: Door) -> None:
    upload, _ = three(tiny)
    abort = partial(tiny.client.abort_multipart_upload, **upload.where)
    abort()
    with unchanged(tiny.fake):
        refused(abort, 404, "NoSuchUpload", NO_SUCH_UPLOAD, {"UploadId": upload.id})


def test_two_uploads_of_one_key(tiny: Door) -> None:
    """Independent; the last Complete wins."""
    first, first_parts = three(tiny, b"1", b"1")
    second, second_parts = three(tiny, b"2")
    assert [len(parts) for _, _, parts in visible_state(tiny.client, "bucket")["uploads"]] == [2, 1]
    second.complete(*second_parts)
    assert content(tiny.client, "bucket") == b"2"
    assert first.parts() != []
    first.complete(*first_parts)
    assert content(tiny.client, "bucket") == b"11"
    assert visible_state(tiny.client, "bucket")["uploads"] == []


def test_overwritten_by_put_and_by_another_complete(tiny: Door) -> None:
    s3 = tiny.client
    upload, parts = three(tiny, Metadata={"one": "1"})
    upload.complete(*parts)
    s3.put_object(Bucket="bucket", Key="key", Body=b"plain")
    head = s3.head_object(Bucket="bucket", Key="key")
    assert (head["ETag"], head["Metadata"]) == (f'"{md5(b"plain")}"', {})
    assert "PartsCount" not in s3.head_object(Bucket="bucket", Key="key", PartNumber=1)
    upload, parts = three(tiny, b"again")
    upload.complete(*parts)
    assert content(s3, "bucket") == b"again"

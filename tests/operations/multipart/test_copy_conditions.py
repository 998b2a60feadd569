"""UploadPartCopy: conditions on the source, and its versions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.support.doors import Door, refused
from tests.support.errors import NO_SUCH_KEY, PRECONDITION_FAILED
from tests.support.multipart import Upload, content, md5, visibly_unchanged

SOURCE = b"01234567"
OLD = datetime(2000, 1, 1, tzinfo=timezone.utc)
LATER = datetime.now(timezone.utc) + timedelta(days=1)
FUTURE = datetime.now(timezone.utc) + timedelta(days=3)


@pytest.fixture
def upload(door: Door, s3: Any, bucket: str) -> Iterator[Upload]:
    """An open upload with one part, two days after its source was written. After any error it can be completed."""
    s3.put_object(Bucket=bucket, Key="source", Body=SOURCE)
    door.fake.clock.advance(days=2)
    upload = Upload(s3, bucket)
    first = upload.put(1, b"first")
    yield upload
    if upload.id in [one["UploadId"] for one in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]:
        upload.complete(first)
        assert content(s3, bucket) == b"first"


def copy(upload: Upload, number: int = 2, **options: Any) -> Any:
    return upload.s3.upload_part_copy(**upload.where, **{"CopySource": "bucket/source", **options}, PartNumber=number)


ETAG = f'"{md5(SOURCE)}"'
HOLD: dict[str, dict[str, Any]] = {
    "IfMatch": {"CopySourceIfMatch": ETAG},
    "IfMatch unquoted": {"CopySourceIfMatch": md5(SOURCE)},
    "IfMatch *": {"CopySourceIfMatch": "*"},
    "IfNoneMatch": {"CopySourceIfNoneMatch": '"other"'},
    "IfModifiedSince": {"CopySourceIfModifiedSince": OLD},
    "IfModifiedSince in the future": {"CopySourceIfModifiedSince": FUTURE},
    "IfUnmodifiedSince": {"CopySourceIfUnmodifiedSince": LATER},
    "IfUnmodifiedSince in the future": {"CopySourceIfUnmodifiedSince": FUTURE},
    "IfMatch hides IfUnmodifiedSince": {"CopySourceIfMatch": ETAG, "CopySourceIfUnmodifiedSince": OLD},
    "all": {
        "CopySourceIfMatch": ETAG,
        "CopySourceIfNoneMatch": '"other"',
        "CopySourceIfModifiedSince": OLD,
        "CopySourceIfUnmodifiedSince": FUTURE,
    },
}
FAIL: dict[str, tuple[dict[str, Any], str]] = {
    "IfMatch": ({"CopySourceIfMatch": '"other"'}, "x-amz-copy-source-If-Match"),
    "IfNoneMatch": ({"CopySourceIfNoneMatch": ETAG}, "x-amz-copy-source-If-None-Match"),
    "IfNoneMatch *": ({"CopySourceIfNoneMatch": "*"}, "x-amz-copy-source-If-None-Match"),
    "IfModifiedSince": ({"CopySourceIfModifiedSince": LATER}, "x-amz-copy-source-If-Modified-Since"),
    "IfUnmodifiedSince": ({"CopySourceIfUnmodifiedSince": OLD}, "x-amz-copy-source-If-Unmodified-Since"),
    "IfNoneMatch with IfModifiedSince": (
        {"CopySourceIfNoneMatch": ETAG, "CopySourceIfModifiedSince": OLD},
        "x-amz-copy-source-If-None-Match",
    ),
}


@pytest.mark.parametrize("name", HOLD)
def test_condition_holds(upload: Upload, name: str) -> None:
    copy(upload, **HOLD[name])
    assert upload.parts()[1]["ETag"] == ETAG


@pytest.mark.parametrize("name", FAIL)
def test_condition_fails(s3: Any, upload: Upload, name: str) -> None:
    """Always 412, also for the pair that is 304 on a GET. A time in the future is ignored, as there (recorded from AWS)."""
    options, condition = FAIL[name]
    with visibly_unchanged(s3, "bucket"):
        refused(lambda: copy(upload, **options), 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": condition})


# --- versions ---


def test_versions_of_the_source(s3: Any, upload: Upload) -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="bucket", Key="source", Body=b"old")["VersionId"]
    new = s3.put_object(Bucket="bucket", Key="source", Body=b"new")["VersionId"]
    assert copy(upload, 2)["CopySourceVersionId"] == new
    assert copy(upload, 3, CopySource=f"bucket/source?versionId={old}")["CopySourceVersionId"] == old
    assert copy(upload, 4, CopySource="bucket/source?versionId=null")["CopySourceVersionId"] == "null"
    assert [part["ETag"].strip('"') for part in upload.parts()[1:]] == [md5(b"new"), md5(b"old"), md5(SOURCE)]


def test_delete_marker_as_source(s3: Any, upload: Upload) -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    marker = s3.delete_object(Bucket="bucket", Key="source")["VersionId"]
    with visibly_unchanged(s3, "bucket"):
        refused(lambda: copy(upload), 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "source"})
        refused(
            lambda: copy(upload, CopySource=f"bucket/source?versionId={marker}"),
            400,
            "InvalidRequest",
            "The source of a copy request may not specifically refer to a delete marker by version id.",
        )

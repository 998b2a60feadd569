"""Version ids in requests and responses of every operation, and responses to delete markers.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); botocore's model documentation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, refused, refused_head
from tests.support.errors import INVALID_VERSION_ID, METHOD_NOT_ALLOWED, NO_SUCH_KEY, NO_SUCH_VERSION
from tests.support.state import unchanged
from tests.support.version_ids import GONE

MARKER_SOURCE = "The source of a copy request may not specifically refer to a delete marker by version id."

Call = Callable[..., Any]


def set_status(s3: Any, status: str) -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": status})


def header(response: Any, name: str = "x-amz-version-id") -> str | None:
    found: str | None = response["ResponseMetadata"]["HTTPHeaders"].get(name)
    return found


# --- writes ----------------------------------------------------------------------------------------------------------


def complete(s3: Any) -> Any:
    where = {"Bucket": "bucket", "Key": "k"}
    where["UploadId"] = s3.create_multipart_upload(**where)["UploadId"]
    part = s3.upload_part(PartNumber=1, Body=b"abc", **where)
    assert header(part) is None
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    return s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **where)


WRITES: dict[str, Call] = {
    "PutObject": lambda s3: s3.put_object(Bucket="bucket", Key="k", Body=b"abc"),
    "CopyObject": lambda s3: s3.copy_object(Bucket="bucket", Key="k", CopySource="bucket/source"),
    "CompleteMultipartUpload": complete,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_writes(door: Door, bucket: str, write: Call) -> None:
    s3, inside = door.client, door.fake.store.buckets["bucket"]
    s3.put_object(Bucket=bucket, Key="source", Body=b"abc")
    assert header(write(s3)) is None
    assert list(inside.versions("k")) == ["null"]
    set_status(s3, "Enabled")
    returned = [header(write(s3)) for _ in range(2)]
    assert list(inside.versions("k")) == ["null", *returned]
    set_status(s3, "Suspended")
    for _ in range(2):
        # Of copies alone the response names the null version (recorded from AWS, February 2026).
        assert header(write(s3)) == ("null" if write is WRITES["CopyObject"] else None)
        assert list(inside.versions("k")) == [*returned, "null"]
    assert s3.get_object(Bucket=bucket, Key="k")["VersionId"] == "null"


# --- reads and changes of one version --------------------------------------------------------------------------------

GRANTS = {"ACL": "private"}
READS: dict[str, Call] = {
    "GetObject": lambda s3, **which: s3.get_object(Bucket="bucket", Key="k", **which),
    "HeadObject": lambda s3, **which: s3.head_object(Bucket="bucket", Key="k", **which),
    "GetObjectAttributes": lambda s3, **which: s3.get_object_attributes(
        Bucket="bucket", Key="k", ObjectAttributes=["ObjectSize"], **which
    ),
    "GetObjectAcl": lambda s3, **which: s3.get_object_acl(Bucket="bucket", Key="k", **which),
}
SIZES: dict[str, Callable[[Any], int]] = {
    "GetObject": lambda response: len(response["Body"].read()),
    "HeadObject": lambda response: int(response["ContentLength"]),
    "GetObjectAttributes": lambda response: int(response["ObjectSize"]),
}


@pytest.mark.parametrize("name", SIZES)
def test_reads(s3: Any, bucket: str, name: str) -> None:
    """The requested version; its id is returned once versioning was ever enabled."""
    read, size = READS[name], SIZES[name]
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    assert (header(read(s3)), header(read(s3, VersionId="null"))) == (None, None)
    set_status(s3, "Enabled")
    second = s3.put_object(Bucket=bucket, Key="k", Body=b"22")["VersionId"]
    assert (header(response := read(s3)), size(response)) == (second, 2)
    assert (header(response := read(s3, VersionId="null")), size(response)) == ("null", 1)
    assert (header(response := read(s3, VersionId=second)), size(response)) == (second, 2)
    set_status(s3, "Suspended")
    s3.put_object(Bucket=bucket, Key="k", Body=b"333")
    assert (header(response := read(s3)), size(response)) == ("null", 3)
    assert (header(response := read(s3, VersionId=second)), size(response)) == (second, 2)


def fails(call: Call, name: str, status: int, code: str, message: str, extras: dict[str, str]) -> Any:
    """Check the error of a call (a HEAD's has no document); return its headers."""
    error = refused_head(call, status) if name == "HeadObject" else refused(call, status, code, message, extras)
    return error.response["ResponseMetadata"]["HTTPHeaders"]


@pytest.mark.parametrize("name", READS)
def test_reads_of_missing_versions(door: Door, bucket: str, name: str) -> None:
    read, s3 = READS[name], door.client
    set_status(s3, "Enabled")
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    unknown = {"Key": "k", "VersionId": GONE}
    fails(partial(read, s3, VersionId=GONE), name, 404, "NoSuchVersion", NO_SUCH_VERSION, unknown)
    malformed = {"ArgumentName": "versionId", "ArgumentValue": "bad"}
    fails(partial(read, s3, VersionId="bad"), name, 400, "InvalidArgument", INVALID_VERSION_ID, malformed)
    # The current version is a delete marker
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    headers = fails(partial(read, s3), name, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
    assert (headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == ("true", marker)
    # The marker by its id: when it was made, and what alone may be done to it
    date = door.fake.store.buckets["bucket"].version("k", marker)
    assert date is not None
    extras = {"Method": "HEAD" if name == "HeadObject" else "GET", "ResourceType": "DeleteMarker"}
    headers = fails(partial(read, s3, VersionId=marker), name, 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, extras)
    assert (headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == ("true", marker)
    assert headers["allow"] == "DELETE"
    assert headers["last-modified"] == f"{date.last_modified:%a, %d %b %Y %H:%M:%S} GMT"


def test_a_marker_is_of_the_time_of_the_delete(door: Door, bucket: str) -> None:
    s3 = door.client
    set_status(s3, "Enabled")
    door.fake.clock.freeze("2026-02-21T00:17:01.900Z")
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    door.fake.clock.advance(days=1)
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    door.fake.clock.advance(days=1)
    response = door.raw("GET", f"/bucket/k?versionId={marker}")
    assert (response.status, response.headers["last-modified"]) == (405, "Sun, 22 Feb 2026 00:17:01 GMT")
    [listed] = s3.list_object_versions(Bucket=bucket)["DeleteMarkers"]
    assert f"{listed['LastModified']:%FT%T}" == "2026-02-22T00:17:01"


def test_acls_belong_to_one_version(s3: Any, bucket: str) -> None:
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    set_status(s3, "Enabled")
    first, second = (s3.put_object(Bucket=bucket, Key="k", Body=body)["VersionId"] for body in (b"1", b"2"))
    response = s3.put_object_acl(Bucket=bucket, Key="k", VersionId=first, ACL="public-read")
    assert header(response) == first

    def grants(**which: str) -> int:
        return len(READS["GetObjectAcl"](s3, **which)["Grants"])

    assert (grants(), grants(VersionId=first), grants(VersionId=second)) == (1, 2, 1)
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    extras = {"Method": "PUT", "ResourceType": "DeleteMarker"}
    for which in ({}, {"VersionId": marker}):
        call = partial(s3.put_object_acl, Bucket=bucket, Key="k", ACL="private", **which)
        refused(call, 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, extras)


# --- sources of copies -----------------------------------------------------------------------------------------------


def copy_part(s3: Any, source: str) -> Any:
    where = {"Bucket": "bucket", "Key": "copy"}
    where["UploadId"] = s3.create_multipart_upload(**where)["UploadId"]
    try:
        return s3.upload_part_copy(CopySource=source, PartNumber=1, **where)
    finally:
        s3.abort_multipart_upload(**where)


COPIES: dict[str, Call] = {
    "CopyObject": lambda s3, source: s3.copy_object(Bucket="bucket", Key="copy", CopySource=source),
    "UploadPartCopy": copy_part,
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
def test_sources(door: Door, bucket: str, copy: Call) -> None:
    s3 = door.client
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    assert header(copy(s3, "bucket/k"), "x-amz-copy-source-version-id") is None
    set_status(s3, "Enabled")
    second = s3.put_object(Bucket=bucket, Key="k", Body=b"2")["VersionId"]
    for source, returned in (("bucket/k", second), ("bucket/k?versionId=null", "null"), (f"bucket/k?versionId={second}", second)):
        assert header(copy(s3, source), "x-amz-copy-source-version-id") == returned
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    with unchanged(door.fake):
        unknown = {"Key": "k", "VersionId": GONE}
        refused(partial(copy, s3, f"bucket/k?versionId={GONE}"), 404, "NoSuchVersion", NO_SUCH_VERSION, unknown)
        refused(partial(copy, s3, "bucket/k"), 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
        refused(partial(copy, s3, f"bucket/k?versionId={marker}"), 400, "InvalidRequest", MARKER_SOURCE)

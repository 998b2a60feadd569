"""GetObjectAttributes with versions, delete markers and headers. (Attributes: test_get_object_attributes.py.)"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, refused
from tests.support.errors import INVALID_VERSION_ID, METHOD_NOT_ALLOWED, NO_SUCH_KEY, NO_SUCH_VERSION
from tests.support.state import unchanged
from tests.support.version_ids import GONE

ALL = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
GET = "/bucket/k?attributes"
WANTED = {"x-amz-object-attributes": ",".join(ALL)}


def attributes(s3: Any, **more: Any) -> dict[str, Any]:
    got: dict[str, Any] = s3.get_object_attributes(Bucket="bucket", Key="k", ObjectAttributes=ALL, **more)
    return got


def test_the_whole_answer(door: Door, bucket: str) -> None:
    """No quotes around the ETag, the date in a header alone, and the elements in S3's order."""
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc", ChecksumAlgorithm="SHA1")
    response = door.raw("GET", GET, WANTED)
    assert response.headers["last-modified"] == door.raw("HEAD", "/bucket/k").headers["last-modified"]
    assert not {"x-amz-version-id", "x-amz-delete-marker", "etag"} & response.headers.keys()
    assert response.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<GetObjectAttributesResponse xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        "<ETag>900150983cd24fb0d6963f7d28e17f72</ETag>"
        "<Checksum><ChecksumSHA1>qZk+NkcGgWq6PiVxeFDCbJzQ2J0=</ChecksumSHA1><ChecksumType>FULL_OBJECT</ChecksumType></Checksum>"
        "<StorageClass>STANDARD</StorageClass><ObjectSize>3</ObjectSize></GetObjectAttributesResponse>"
    )


@pytest.mark.parametrize(("state", "returned"), [("Enabled", True), ("Suspended", True), (None, False)])
def test_the_version_id_is_returned(door: Door, bucket: str, state: str | None, returned: bool) -> None:
    if state is not None:
        door.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": state})
    put = door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    expected = put.get("VersionId", "null") if returned else None
    assert attributes(door.client).get("VersionId") == expected
    assert attributes(door.client, VersionId=put.get("VersionId", "null")).get("VersionId") == expected


def test_each_version_has_its_own(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    ids = [s3.put_object(Bucket=bucket, Key="k", Body=b"x" * size)["VersionId"] for size in (1, 2, 3)]
    sizes = [attributes(s3, VersionId=version_id)["ObjectSize"] for version_id in ids]
    assert (sizes, attributes(s3)["ObjectSize"]) == ([1, 2, 3], 3)


def test_delete_markers(door: Door, bucket: str) -> None:
    s3 = door.client
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=bucket, Key="k", Body=b"abc")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    with unchanged(door.fake):
        call = partial(attributes, s3)
        error = refused(call, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
        headers = error.response["ResponseMetadata"]["HTTPHeaders"]
        assert (headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == ("true", marker)
        message = METHOD_NOT_ALLOWED
        extras = {"Method": "GET", "ResourceType": "DeleteMarker"}
        error = refused(partial(call, VersionId=marker), 405, "MethodNotAllowed", message, extras)
        headers = error.response["ResponseMetadata"]["HTTPHeaders"]
        assert (headers["x-amz-delete-marker"], headers["allow"]) == ("true", "DELETE")
    assert attributes(s3, VersionId=old)["ObjectSize"] == 3


@pytest.mark.parametrize(
    ("version_id", "status", "code", "message", "extras"),
    [
        (GONE, 404, "NoSuchVersion", NO_SUCH_VERSION, {"Key": "k", "VersionId": GONE}),
        ("b", 400, "InvalidArgument", INVALID_VERSION_ID, {"ArgumentName": "versionId", "ArgumentValue": "b"}),
    ],
)
def test_no_version(s3: Any, bucket: str, version_id: str, status: int, code: str, message: str, extras: dict[str, str]) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    refused(partial(attributes, s3, VersionId=version_id), status, code, message, extras)


@pytest.mark.parametrize("storage_class", ["REDUCED_REDUNDANCY", "GLACIER", "DEEP_ARCHIVE"])
def test_archived_objects_have_attributes(s3: Any, bucket: str, storage_class: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc", StorageClass=storage_class)
    got = attributes(s3)
    assert (got["StorageClass"], got["ObjectSize"], "ChecksumCRC32" in got["Checksum"]) == (storage_class, 3, True)


def test_parts_page_by_page(door: Door) -> None:
    with door.with_settings(min_part_size=1) as s3:
        s3.create_bucket(Bucket="bucket")
        where = {"Bucket": "bucket", "Key": "k"}
        upload = {**where, "UploadId": s3.create_multipart_upload(**where, ChecksumAlgorithm="SHA256")["UploadId"]}
        parts = []
        for number in range(1, 8):
            part = s3.upload_part(**upload, PartNumber=number, Body=b"x" * number, ChecksumAlgorithm="SHA256")
            parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]})
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        found: list[int] = []
        marker = 0
        while True:
            page = s3.get_object_attributes(**where, ObjectAttributes=["ObjectParts"], MaxParts=3, PartNumberMarker=marker)
            shown = page["ObjectParts"]
            assert (shown["MaxParts"], shown["PartNumberMarker"], shown["TotalPartsCount"]) == (3, marker, 7)
            found += [part["Size"] for part in shown["Parts"]]
            assert all(set(part) == {"PartNumber", "Size", "ChecksumSHA256"} for part in shown["Parts"])
            if not shown["IsTruncated"]:
                break
            marker = shown["NextPartNumberMarker"]
        assert found == [1, 2, 3, 4, 5, 6, 7]


def test_expected_owner_and_payer(door: Door, bucket: str) -> None:
    door.client.put_object(Bucket=bucket, Key="k", Body=b"abc")
    refused(partial(attributes, door.client, ExpectedBucketOwner="111122223333"), 403, "AccessDenied", "Access Denied")
    response = door.raw("GET", GET, {**WANTED, "x-amz-request-payer": "somebody"})
    assert (response.status, response.error["Code"]) == (400, "InvalidArgument")

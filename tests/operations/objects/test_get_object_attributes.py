"""GetObjectAttributes: the requested attributes, and their spelling, which only this operation has.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from tests.support.doors import Door, refused
from tests.support.encryption import CUSTOMER, MiB, encoded
from tests.support.errors import NO_SUCH_BUCKET, NO_SUCH_KEY, NO_SUCH_VERSION
from tests.support.version_ids import GONE

ALL = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
BODY = b"test data.."
PART = b"x" * (5 * MiB)


def attributes(response: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in response.items() if name in ALL}


def put_parts(s3: Any, bucket: str, bodies: list[bytes], **created: Any) -> dict[str, Any]:
    """Put a multipart object under ``k``; with an algorithm, its parts are listed with their checksums."""
    upload = {"Bucket": bucket, "Key": "k"}
    upload["UploadId"] = s3.create_multipart_upload(**upload, **created)["UploadId"]
    algorithm = created.get("ChecksumAlgorithm")
    parts = []
    for number, body in enumerate(bodies, 1):
        part = s3.upload_part(**upload, PartNumber=number, Body=body, **({"ChecksumAlgorithm": algorithm} if algorithm else {}))
        shown = {name: part[name] for name in part if algorithm and name.startswith("Checksum")}
        parts.append({"PartNumber": number, "ETag": part["ETag"], **shown})
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    return {part["PartNumber"]: part for part in parts}


def test_a_plain_object(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ChecksumAlgorithm="SHA256")
    response = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=ALL)
    assert attributes(response) == {
        "ETag": "e6d9226c2a86b7232933663c13467527",
        "Checksum": {"ChecksumSHA256": "2l26x0trnT0r2AvakoFk2MB7eKVKzYESLMxSAKAzoik=", "ChecksumType": "FULL_OBJECT"},
        "StorageClass": "STANDARD",
        "ObjectSize": 11,
    }
    assert response["LastModified"] == s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    assert "VersionId" not in response


def test_the_default_checksum(door: Door, bucket: str) -> None:
    assert door.raw("PUT", f"/{bucket}/k", body=BODY).status == 200
    response = door.client.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["Checksum"])
    assert response["Checksum"] == {"ChecksumCRC64NVME": "qUVrWYOrIAM=", "ChecksumType": "FULL_OBJECT"}


@pytest.mark.parametrize("wanted", ALL)
def test_only_requested_attributes_are_returned(s3: Any, bucket: str, wanted: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, StorageClass="GLACIER")
    response = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=[wanted])
    assert list(attributes(response)) == ([] if wanted == "ObjectParts" else [wanted])
    assert response.get("StorageClass", "GLACIER") == "GLACIER"


def test_the_order_of_the_document_is_s3s(door: Door, bucket: str) -> None:
    put_parts(door.client, bucket, [b"data"])
    headers = {"x-amz-object-attributes": "ObjectSize, StorageClass,ObjectParts , Checksum,ETag,ETag"}
    body = door.raw("GET", f"/{bucket}/k?attributes", headers).body.decode()
    assert [body.find(f"<{name}>") > 0 for name in ALL] == [True] * 5
    assert sorted(ALL, key=lambda name: body.find(f"<{name}>")) == ALL
    assert body.count("<ETag>") == 1
    assert "<GetObjectAttributesResponse" in body
    assert "<PartsCount>1</PartsCount>" in body


class TestParts:
    @pytest.mark.parametrize("created", [{}, {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}], ids=["none", "full"])
    def test_parts_of_full_object_checksums_are_only_counted(self, s3: Any, bucket: str, created: dict[str, Any]) -> None:
        put_parts(s3, bucket, [PART, b"end"], **created)
        response = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=ALL)
        assert response["ObjectParts"] == {"TotalPartsCount": 2}
        assert response["Checksum"]["ChecksumType"] == "FULL_OBJECT"
        assert response["ETag"].endswith("-2")
        assert response["ObjectSize"] == len(PART) + 3

    def test_parts_of_composite_checksums_are_listed(self, s3: Any, bucket: str) -> None:
        parts = put_parts(s3, bucket, [PART, b"end"], ChecksumAlgorithm="SHA1")
        head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
        response = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["Checksum", "ObjectParts"])
        assert head["ChecksumSHA1"].endswith("=-2")
        assert response["Checksum"] == {"ChecksumSHA1": head["ChecksumSHA1"][:-2], "ChecksumType": "COMPOSITE"}
        assert response["ObjectParts"] == {
            "TotalPartsCount": 2,
            "PartNumberMarker": 0,
            "NextPartNumberMarker": 2,
            "MaxParts": 1000,
            "IsTruncated": False,
            "Parts": [
                {"PartNumber": number, "Size": size, "ChecksumSHA1": parts[number]["ChecksumSHA1"]}
                for number, size in ((1, len(PART)), (2, 3))
            ],
        }

    def test_recorded_values(self, s3: Any, bucket: str) -> None:
        put_parts(s3, bucket, [b"a" * 5242881, b"a" * 5242881, b"a" * 10], ChecksumAlgorithm="CRC32")
        response = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=ALL)
        assert response["Checksum"]["ChecksumCRC32"] == "5FRUiw=="
        assert response["ETag"] == "4d45984fc3feb2ac9b22683c49674b56-3"

    @pytest.mark.parametrize(
        ("marker", "limit", "numbers", "following", "truncated"),
        [
            (0, 2, [1, 2], 2, True),
            (2, 2, [3, 4], 4, True),
            (4, 2, [5], 5, False),
            (3, 2, [4, 5], 5, False),
            (5, 2, [], 0, False),
            (99, 2, [], 0, False),
            (0, 0, [], 0, False),
            (0, 5000, [1, 2, 3, 4, 5], 5, False),
        ],
    )
    def test_pages(self, door: Door, marker: int, limit: int, numbers: list[int], following: int, truncated: bool) -> None:
        with door.with_settings(min_part_size=1) as s3:
            s3.create_bucket(Bucket="bucket")
            put_parts(s3, "bucket", [b"a", b"bb", b"ccc", b"dddd", b"eeeee"], ChecksumAlgorithm="CRC32")
            parts = s3.get_object_attributes(
                Bucket="bucket", Key="k", ObjectAttributes=["ObjectParts"], PartNumberMarker=marker, MaxParts=limit
            )["ObjectParts"]
            assert [(part["PartNumber"], part["Size"]) for part in parts.get("Parts", [])] == [(n, n) for n in numbers]
            assert (parts["PartNumberMarker"], parts["NextPartNumberMarker"], parts["IsTruncated"]) == (
                marker,
                following,
                truncated,
            )
            assert (parts["MaxParts"], parts["TotalPartsCount"]) == (min(limit, 1000), 5)


class TestErrors:
    @pytest.mark.parametrize("name", ["etag", "Size", "ETag;Checksum", "Checksums"])
    def test_unknown_name(self, door: Door, bucket: str, name: str) -> None:
        door.client.put_object(Bucket=bucket, Key="k")
        response = door.raw("GET", f"/{bucket}/k?attributes", {"x-amz-object-attributes": f"ETag,{name}"})
        expected = {
            "Code": "InvalidArgument",
            "Message": "Invalid attribute name specified.",
            "ArgumentName": "x-amz-object-attributes",
            "ArgumentValue": name,
        }
        assert (response.status, response.error) == (400, expected)

    @pytest.mark.parametrize("headers", [{}, {"x-amz-object-attributes": ""}, {"x-amz-object-attributes": " , "}], ids=str)
    def test_no_attributes(self, door: Door, bucket: str, headers: dict[str, str]) -> None:
        response = door.raw("GET", f"/{bucket}/k?attributes", headers)
        message = "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty"
        assert (response.status, response.error) == (400, {"Code": "InvalidRequest", "Message": message})

    @pytest.mark.parametrize("member", ["MaxParts", "PartNumberMarker"])
    def test_numbers(self, s3: Any, bucket: str, member: str) -> None:
        name = {"MaxParts": "x-amz-max-parts", "PartNumberMarker": "x-amz-part-number-marker"}[member]
        get = partial(s3.get_object_attributes, Bucket=bucket, Key="k", ObjectAttributes=["ETag"], **{member: -1})
        message = f"Argument {name} must be an integer between 0 and 2147483647"
        refused(get, 400, "InvalidArgument", message, {"ArgumentName": name, "ArgumentValue": "-1"})

    def test_a_missing_object(self, s3: Any, bucket: str) -> None:
        get = partial(s3.get_object_attributes, Key="k", ObjectAttributes=["ETag"])
        refused(partial(get, Bucket=bucket), 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
        missing = {"BucketName": "missing"}
        refused(partial(get, Bucket="missing"), 404, "NoSuchBucket", NO_SUCH_BUCKET, missing)


def test_versions_and_markers(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    ids = [s3.put_object(Bucket=bucket, Key="k", Body=body)["VersionId"] for body in (b"a", b"bb")]
    get = partial(s3.get_object_attributes, Bucket=bucket, Key="k", ObjectAttributes=["ObjectSize"])
    for version_id, size in zip(ids, (1, 2), strict=True):
        response = get(VersionId=version_id)
        assert (response["VersionId"], response["ObjectSize"]) == (version_id, size)
    assert get()["VersionId"] == ids[1]
    s3.delete_object(Bucket=bucket, Key="k")
    error = refused(get, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "k"})
    assert error.response["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"] == "true"
    unknown = {"Key": "k", "VersionId": GONE}
    refused(partial(get, VersionId=GONE), 404, "NoSuchVersion", NO_SUCH_VERSION, unknown)


def test_encrypted_objects(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="kms", Body=BODY, ServerSideEncryption="aws:kms", ChecksumAlgorithm="CRC32")
    kms = s3.get_object_attributes(Bucket=bucket, Key="kms", ObjectAttributes=ALL)
    assert kms["Checksum"]["ChecksumCRC32"] == "cZWHwQ=="
    assert kms["ETag"] != "e6d9226c2a86b7232933663c13467527"
    s3.put_object(Bucket=bucket, Key="own", Body=BODY, SSECustomerAlgorithm="AES256", SSECustomerKey=CUSTOMER)
    own = s3.get_object_attributes(Bucket=bucket, Key="own", ObjectAttributes=ALL, **encoded())
    assert own["ObjectSize"] == 11


def test_callers_need_permission() -> None:
    """Without permission to read, the response is as HeadObject's."""
    with FakeS3() as fake:
        fake.client("111122223333").create_bucket(Bucket="bucket")
        get = partial(fake.client().get_object_attributes, Bucket="bucket", Key="k", ObjectAttributes=["ETag"])
        refused(get, 403, "AccessDenied", "Access Denied")

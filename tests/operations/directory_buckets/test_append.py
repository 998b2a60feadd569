"""Appends: PutObject with an offset that equals the object's size."""

from __future__ import annotations

import threading
import zlib
from base64 import b64encode
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fakes3part.api.fakes3 import FakeS3
from tests.support.directory_buckets import ZONAL, ask, make
from tests.support.doors import Door, MiB, refused
from tests.support.errors import INVALID_STORAGE_CLASS, PRECONDITION_FAILED, WRONG_CRC32
from tests.support.state import unchanged

OFFSET = "The write offset value that you specified does not match the current object size."
EMPTY = "Request body cannot be empty when 'write offset' is specified."
METADATA = "Cannot specify both a write offset value and user-defined object metadata for existing objects."
TOO_MANY = (
    "You have attempted to add more parts than the maximum of 10000 that are allowed for this object. You can use the CopyObject "
    "operation to copy this object to another and then add more data to the newly copied object."
)


def crc32(data: bytes) -> str:
    return b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def test_grows(s3: Any, directory: str) -> None:
    whole, etags = b"", set()
    for number in range(5):
        body = f"line {number}\n".encode()
        more = {"Metadata": {"a": "b"}, "ContentType": "text/plain"} if number == 0 else {}
        response = s3.put_object(Bucket=directory, Key="log", Body=body, WriteOffsetBytes=len(whole), **more)
        whole += body
        assert (response["Size"], response["ChecksumCRC32"], response["ChecksumType"]) == (
            len(whole),
            crc32(whole),
            "FULL_OBJECT",
        )
        assert response["Expiration"] == "NotImplemented"
        etags.add(response["ETag"])
    assert len(etags) == 5
    got = s3.get_object(Bucket=directory, Key="log", ChecksumMode="ENABLED")
    assert got["Body"].read() == whole
    assert (got["ETag"], got["ChecksumCRC32"], got["ContentLength"]) == (response["ETag"], crc32(whole), len(whole))
    assert (got["Metadata"], got["ContentType"]) == ({"a": "b"}, "text/plain")
    assert s3.get_object(Bucket=directory, Key="log", Range="bytes=5-8")["Body"].read() == whole[5:9]
    part = s3.get_object(Bucket=directory, Key="log", PartNumber=2)
    assert (part["Body"].read(), part["PartsCount"]) == (b"line 1\n", 5)


def test_appending_to_an_object_that_was_put(s3: Any, directory: str) -> None:
    s3.put_object(Bucket=directory, Key="k", Body=b"abc")
    s3.put_object(Bucket=directory, Key="k", Body=b"def", WriteOffsetBytes=3)
    assert s3.get_object(Bucket=directory, Key="k")["Body"].read() == b"abcdef"
    s3.put_object(Bucket=directory, Key="k", Body=b"new")
    assert "PartsCount" not in s3.head_object(Bucket=directory, Key="k", PartNumber=1)


def test_onto_an_empty_object(s3: Any, directory: str) -> None:
    s3.put_object(Bucket=directory, Key="k")
    assert s3.put_object(Bucket=directory, Key="k", Body=b"abc", WriteOffsetBytes=0)["Size"] == 3


@pytest.mark.parametrize("algorithm", [None, "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums(s3: Any, directory: str, algorithm: str | None) -> None:
    named = {} if algorithm is None else {"ChecksumAlgorithm": algorithm}
    s3.put_object(Bucket=directory, Key="k", Body=b"abc", **named)
    grown = s3.put_object(Bucket=directory, Key="k", Body=b"def", WriteOffsetBytes=3, **named)
    whole = s3.put_object(Bucket=directory, Key="whole", Body=b"abcdef", **named)
    member = f"Checksum{algorithm or 'CRC32'}"
    assert grown[member] == whole[member]
    assert grown["ChecksumType"] == "FULL_OBJECT"
    other = partial(s3.put_object, Bucket=directory, Key="k", Body=b"g", WriteOffsetBytes=6)
    expected = "SHA1" if algorithm != "SHA1" else "CRC32C"
    text = f"Checksum Type mismatch occurred, expected checksum Type: {(algorithm or 'CRC32').lower()}, actual checksum Type: "
    refused(partial(other, ChecksumAlgorithm=expected), 400, "InvalidRequest", text + expected.lower())


@pytest.mark.parametrize("composite", [True, False])
def test_onto_a_multipart_object(s3: Any, directory: str, composite: bool) -> None:
    at = {"Bucket": directory, "Key": "m"}
    given = {"ChecksumAlgorithm": "CRC32"} if composite else {}
    at["UploadId"] = s3.create_multipart_upload(**at, **given)["UploadId"]
    part = s3.upload_part(**at, PartNumber=1, Body=b"x" * 5 * MiB, **given)
    last = s3.upload_part(**at, PartNumber=2, Body=b"y", **given)
    parts = [
        {"PartNumber": number, "ETag": one["ETag"], **({"ChecksumCRC32": one["ChecksumCRC32"]} if composite else {})}
        for number, one in enumerate((part, last), 1)
    ]
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": parts})
    append = partial(s3.put_object, Bucket=directory, Key="m", Body=b"zz", WriteOffsetBytes=5 * MiB + 1)
    grown = append(ChecksumAlgorithm="CRC32" if composite else "CRC64NVME")
    assert grown["Size"] == 5 * MiB + 3
    assert grown["ChecksumType"] == ("COMPOSITE" if composite else "FULL_OBJECT")
    if composite:
        assert grown["ChecksumCRC32"].endswith("-3")
    head = s3.head_object(Bucket=directory, Key="m", PartNumber=3)
    assert (head["ContentLength"], head["PartsCount"]) == (2, 3)


WRONG: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "before": ({"WriteOffsetBytes": 2}, (400, "InvalidWriteOffset", OFFSET)),
    "at the start": ({"WriteOffsetBytes": 0}, (400, "InvalidWriteOffset", OFFSET)),
    "behind": ({"WriteOffsetBytes": 4}, (400, "InvalidWriteOffset", OFFSET)),
    "of nothing": ({"Key": "none", "WriteOffsetBytes": 3}, (400, "InvalidWriteOffset", OFFSET)),
    "empty": ({"WriteOffsetBytes": 3, "Body": b""}, (400, "InvalidRequest", EMPTY)),
    "metadata": ({"WriteOffsetBytes": 3, "Metadata": {"a": "b"}}, (400, "InvalidRequest", METADATA)),
    "condition": (
        {"WriteOffsetBytes": 3, "IfMatch": '"0"'},
        (412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-Match"}),
    ),
    "to a new one only": (
        {"WriteOffsetBytes": 3, "IfNoneMatch": "*"},
        (412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-None-Match"}),
    ),
    "checksum": (
        {"WriteOffsetBytes": 3, "ChecksumCRC32": "AAAAAA=="},
        (400, "BadDigest", WRONG_CRC32),
    ),
    "class": (
        {"WriteOffsetBytes": 3, "StorageClass": "STANDARD"},
        (400, "InvalidStorageClass", INVALID_STORAGE_CLASS, {"StorageClassRequested": "STANDARD"}),
    ),
}


@pytest.mark.parametrize(("options", "error"), WRONG.values(), ids=WRONG)
def test_refused(door: Door, s3: Any, directory: str, options: dict[str, Any], error: tuple[Any, ...]) -> None:
    s3.put_object(Bucket=directory, Key="k", Body=b"abc")
    with unchanged(door.fake):
        refused(partial(s3.put_object, **{"Bucket": directory, "Key": "k", "Body": b"def", **options}), *error)


def test_ten_thousand_parts(fake: FakeS3) -> None:
    make(fake)
    assert ask(fake, "PUT", ZONAL, "/k", {"x-amz-write-offset-bytes": "0"}, b"x").status == 200
    bucket = next(iter(fake.store.buckets.values()))
    for offset in range(1, 10):
        assert ask(fake, "PUT", ZONAL, "/k", {"x-amz-write-offset-bytes": str(offset)}, b"x").status == 200
    grown = bucket.objects["k"]
    assert len(grown.parts) == 10
    grown.parts = grown.parts * 1000  # what ten thousand of them would come to
    with unchanged(fake):
        response = ask(fake, "PUT", ZONAL, "/k", {"x-amz-write-offset-bytes": "10"}, b"x")
    assert response.error == (400, "TooManyParts", TOO_MANY)


def test_no_bytes_are_copied(fake: FakeS3) -> None:
    make(fake)
    bucket = next(iter(fake.store.buckets.values()))
    assert ask(fake, "PUT", ZONAL, "/k", body=b"x" * MiB).status == 200
    before = bucket.objects["k"].data
    assert ask(fake, "PUT", ZONAL, "/k", {"x-amz-write-offset-bytes": str(MiB)}, b"y").status == 200
    after = bucket.objects["k"].data
    assert before is not None
    assert after is not None
    assert after.segments[0] is before.segments[0]


def test_one_of_many_appends_at_an_offset_succeeds(door: Door, directory: str) -> None:
    """Of concurrent appends at one offset all but the first get an error, and no bytes are lost."""
    if door.name != "in-process":
        pytest.skip("races are the same behind every door")
    completed: list[bytes] = []
    codes: list[str] = []
    with door.client_with() as s3:
        s3.put_object(Bucket=directory, Key="k", Body=b"start", WriteOffsetBytes=0)

        def write(text: bytes) -> None:
            try:
                s3.put_object(Bucket=directory, Key="k", Body=text, WriteOffsetBytes=5)
                completed.append(text)
            except ClientError as error:
                codes.append(error.response["Error"]["Code"])

        threads = [threading.Thread(target=write, args=(f"writer {number}".encode(),)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(completed), codes) == (1, ["InvalidWriteOffset"] * 5)
        assert s3.get_object(Bucket=directory, Key="k")["Body"].read() == b"start" + completed[0]

"""GetObject and HeadObject of multipart objects: by part, by range, with checksums."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.doors import Door, assert_error, refused, refused_head
from tests.support.errors import INVALID_PART_NUMBER, RANGE_AND_PART_NUMBER
from tests.support.multipart import Upload, content, etag_of, md5
from tests.support.vectors import CHECKSUM_MEMBERS

BODIES = (b"one", b"2", b"three", b"4")
WHOLE = b"".join(BODIES)
UNSATISFIABLE = "The requested partnumber is not satisfiable"


def make(tiny: Door, *bodies: bytes, numbers: tuple[int, ...] = (), **created: Any) -> Any:
    upload = Upload(tiny.client, "bucket", **created)
    sent = {"ChecksumAlgorithm": upload.algorithm} if upload.algorithm else {}
    parts = [upload.put(number, body, **sent) for number, body in zip(numbers or range(1, len(bodies) + 1), bodies, strict=True)]
    return upload.complete(*parts), parts


@pytest.mark.parametrize(
    ("number", "expected", "content_range"),
    [(1, b"one", "bytes 0-2/10"), (2, b"2", "bytes 3-3/10"), (3, b"three", "bytes 4-8/10"), (4, b"4", "bytes 9-9/10")],
)
def test_part(tiny: Door, number: int, expected: bytes, content_range: str) -> None:
    completed, _ = make(tiny, *BODIES)
    got = tiny.client.get_object(Bucket="bucket", Key="key", PartNumber=number)
    head = tiny.client.head_object(Bucket="bucket", Key="key", PartNumber=number)
    assert got["Body"].read() == expected
    for response in (got, head):
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert (response["ContentLength"], response["ContentRange"]) == (len(expected), content_range)
        assert (response["PartsCount"], response["ETag"]) == (4, completed["ETag"])
        assert response["AcceptRanges"] == "bytes"


def test_whole_object_has_no_parts_count(tiny: Door) -> None:
    make(tiny, *BODIES)
    for response in (
        tiny.client.get_object(Bucket="bucket", Key="key"),
        tiny.client.head_object(Bucket="bucket", Key="key"),
    ):
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert (response["ContentLength"], response["ETag"]) == (10, etag_of(*BODIES))
        assert not {"PartsCount", "ContentRange"} & response.keys()


def test_part_1_of_a_plain_object(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"01234567")
    for response in (
        s3.get_object(Bucket=bucket, Key="key", PartNumber=1),
        s3.head_object(Bucket=bucket, Key="key", PartNumber=1),
    ):
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert (response["ContentRange"], response["ContentLength"]) == ("bytes 0-7/8", 8)
        assert "PartsCount" not in response


@pytest.mark.parametrize(("bodies", "number", "count"), [((), 2, 1), ((b"a",), 2, 1), (BODIES, 5, 4), (BODIES, 10000, 4)])
def test_part_number_too_high(tiny: Door, bodies: tuple[bytes, ...], number: int, count: int) -> None:
    """Of a plain object (no bodies) too."""
    s3 = tiny.client
    if bodies:
        make(tiny, *bodies)
    else:
        s3.put_object(Bucket="bucket", Key="key", Body=b"plain")
    refused(
        lambda: s3.get_object(Bucket="bucket", Key="key", PartNumber=number),
        416,
        "InvalidPartNumber",
        UNSATISFIABLE,
        {"ActualPartCount": str(count), "PartNumberRequested": str(number)},
    )
    refused_head(lambda: s3.head_object(Bucket="bucket", Key="key", PartNumber=number), 416)


@pytest.mark.parametrize("number", ["0", "-1", "10001", "x"])
def test_invalid_part_numbers(tiny: Door, number: str) -> None:
    make(tiny, *BODIES)
    assert_error(
        tiny.raw("GET", f"/bucket/key?partNumber={number}"),
        400,
        "InvalidArgument",
        INVALID_PART_NUMBER,
        {"ArgumentName": "partNumber", "ArgumentValue": number},
    )


def test_range_and_part(tiny: Door) -> None:
    make(tiny, *BODIES)
    message = RANGE_AND_PART_NUMBER
    refused(
        lambda: tiny.client.get_object(Bucket="bucket", Key="key", PartNumber=1, Range="bytes=0-1"),
        400,
        "InvalidRequest",
        message,
    )
    refused_head(lambda: tiny.client.head_object(Bucket="bucket", Key="key", PartNumber=1, Range="bytes=0-1"), 400)


def test_listed_numbers_become_1_2_3(tiny: Door) -> None:
    make(tiny, b"a", b"bb", b"ccc", numbers=(1, 3, 5))
    assert [content(tiny.client, "bucket", PartNumber=number) for number in (1, 2, 3)] == [b"a", b"bb", b"ccc"]
    assert tiny.client.head_object(Bucket="bucket", Key="key", PartNumber=3)["PartsCount"] == 3
    refused_head(lambda: tiny.client.head_object(Bucket="bucket", Key="key", PartNumber=5), 416)


@pytest.mark.parametrize("algorithm", [name for name in CHECKSUM_MEMBERS if name not in ("CRC64NVME", "MD5")])
def test_checksum_of_a_part_composite(tiny: Door, algorithm: str) -> None:
    """The part's own value, without ``-N``, and still called COMPOSITE."""
    completed, parts = make(tiny, b"a", b"bb", ChecksumAlgorithm=algorithm)
    member = CHECKSUM_MEMBERS[algorithm]
    for number, part in enumerate(parts, 1):
        head = tiny.client.head_object(Bucket="bucket", Key="key", PartNumber=number, ChecksumMode="ENABLED")
        assert (head[member], head["ChecksumType"], head["PartsCount"]) == (part[member], "COMPOSITE", 2)
        assert "-" not in head[member]
    whole = tiny.client.head_object(Bucket="bucket", Key="key", ChecksumMode="ENABLED")
    assert (whole[member], whole["ChecksumType"]) == (completed[member], "COMPOSITE")


@pytest.mark.parametrize("created", [{}, {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}])
@pytest.mark.parametrize("bodies", [(b"a",), (b"a", b"bb")])
def test_checksum_of_a_part_full_object(tiny: Door, bodies: tuple[bytes, ...], created: dict[str, Any]) -> None:
    """The object's when the part is all of it, else none."""
    completed, _ = make(tiny, *bodies, **created)
    member = "ChecksumCRC32" if created else "ChecksumCRC64NVME"
    head = tiny.client.head_object(Bucket="bucket", Key="key", PartNumber=1, ChecksumMode="ENABLED")
    found = {name: value for name, value in head.items() if name.startswith("Checksum")}
    assert found == ({member: completed[member], "ChecksumType": "FULL_OBJECT"} if len(bodies) == 1 else {})


def test_no_checksum_without_checksum_mode(tiny: Door) -> None:
    make(tiny, b"a", b"bb", ChecksumAlgorithm="SHA1")
    for target in ("/bucket/key", "/bucket/key?partNumber=1"):
        for method in ("GET", "HEAD"):
            assert not [name for name in tiny.raw(method, target).headers if "checksum" in name]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", b"o"),
        ("bytes=2-3", b"e2"),
        ("bytes=2-9", b"e2three4"),
        ("bytes=3-", b"2three4"),
        ("bytes=-2", b"e4"),
        ("bytes=0-100", WHOLE),
        ("bytes=9-9", b"4"),
    ],
)
def test_range(tiny: Door, header: str, expected: bytes) -> None:
    make(tiny, *BODIES)
    response = tiny.client.get_object(Bucket="bucket", Key="key", Range=header)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert response["Body"].read() == expected
    start = WHOLE.index(expected)
    assert response["ContentRange"] == f"bytes {start}-{start + len(expected) - 1}/10"
    assert "PartsCount" not in response


def test_copy_becomes_one_part(tiny: Door) -> None:
    """The ETag is the MD5, the checksum is computed again as FULL_OBJECT; the properties stay."""
    s3 = tiny.client
    upload = Upload(s3, "bucket", ChecksumAlgorithm="SHA256", ContentType="a/b", Metadata={"one": "1"})
    upload.complete(*(upload.put(number, body, ChecksumAlgorithm="SHA256") for number, body in ((1, b"dummy"), (2, b" data"))))
    copied = s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/key")["CopyObjectResult"]
    assert copied["ETag"] == f'"{md5(b"dummy data")}"'
    assert (copied["ChecksumSHA256"], copied["ChecksumType"]) == (
        "eXuwq/95jXIAr3aF3KeQHt/8Ur8mUA1b2XKCZY7iQVI=",
        "FULL_OBJECT",
    )
    head = s3.head_object(Bucket="bucket", Key="copy", PartNumber=1)
    assert (head["ContentType"], head["Metadata"]) == ("a/b", {"one": "1"})
    assert "PartsCount" not in head
    refused_head(lambda: s3.head_object(Bucket="bucket", Key="copy", PartNumber=2), 416)
    assert content(s3, "bucket", "copy") == content(s3, "bucket") == b"dummy data"


def test_copy_of_a_default_checksum(tiny: Door) -> None:
    make(tiny, b"dummy", b" data")
    copied = tiny.client.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/key")["CopyObjectResult"]
    assert (copied["ChecksumCRC64NVME"], copied["ChecksumType"]) == ("dPVWc2vU1+Q=", "FULL_OBJECT")

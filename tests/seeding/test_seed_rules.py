"""Listings and objects that exist only as rules: synthetic bytes, ranges of keys."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from fakes3part import FakeS3, KeyRange, ObjectRange, S3Error, Synthetic
from fakes3part.faults import Corrupt
from tests.support.doors import Door, MiB

GiB = 1024 * MiB
TiB = 1024 * GiB
LOGS = KeyRange("logs/{:08d}.json", 10_000_000)


def keys_of(page: dict[str, Any]) -> list[str]:
    return [item["Key"] for item in page.get("Contents", [])]


def log(*numbers: int) -> list[str]:
    return [f"logs/{number:08}.json" for number in numbers]


# --- a listing of ten million keys --------------------------------------------------------------------------------------------


def test_pages_of_ten_million_keys(door: Door) -> None:
    door.fake.seed({"bkt": LOGS})
    first = door.client.list_objects_v2(Bucket="bkt")
    assert (keys_of(first), first["IsTruncated"]) == (log(*range(1000)), True)
    second = door.client.list_objects_v2(Bucket="bkt", ContinuationToken=first["NextContinuationToken"])
    assert keys_of(second) == log(*range(1000, 2000))
    last = door.client.list_objects_v2(Bucket="bkt", StartAfter="logs/09999997.json")
    assert (keys_of(last), last["IsTruncated"]) == (log(9_999_998, 9_999_999), False)
    beneath = door.client.list_objects_v2(Bucket="bkt", Prefix="logs/0123456", MaxKeys=100)
    assert (keys_of(beneath), beneath["IsTruncated"]) == (log(*range(1_234_560, 1_234_570)), False)
    between = door.client.list_objects_v2(Bucket="bkt", StartAfter="logs/00000007.json.", MaxKeys=1)
    assert keys_of(between) == log(8)
    old = door.client.list_objects(Bucket="bkt", Marker="logs/05", MaxKeys=2)
    assert keys_of(old) == log(5_000_000, 5_000_001)
    rolled = door.client.list_objects_v2(Bucket="bkt", Delimiter="/")
    assert ([item["Prefix"] for item in rolled["CommonPrefixes"]], rolled["KeyCount"]) == (["logs/"], 1)
    versions = door.client.list_object_versions(Bucket="bkt", Prefix="logs/0999999", MaxKeys=2)
    assert [(item["Key"], item["VersionId"], item["IsLatest"]) for item in versions["Versions"]] == [
        ("logs/09999990.json", "null", True),
        ("logs/09999991.json", "null", True),
    ]


def test_an_object_of_a_range_is_what_the_listing_says(door: Door) -> None:
    door.fake.seed({"bkt": ObjectRange(LOGS, Synthetic(3000, seed=7), {"ContentType": "application/json", "Tagging": "a=b"})})
    listed = door.client.list_objects_v2(Bucket="bkt", StartAfter="logs/00000041.json", MaxKeys=1)["Contents"][0]
    got = door.client.get_object(Bucket="bkt", Key=listed["Key"], ChecksumMode="ENABLED")
    body = got["Body"].read()
    assert (got["ETag"], got["ContentLength"], got["LastModified"]) == (listed["ETag"], 3000, listed["LastModified"])
    assert (got["ContentType"], got["TagCount"], listed["Size"]) == ("application/json", 1, 3000)
    assert "ChecksumAlgorithm" not in listed
    assert "ChecksumCRC64NVME" not in got
    part = door.client.get_object(Bucket="bkt", Key=listed["Key"], Range="bytes=1000-1999")
    assert part["Body"].read() == body[1000:2000]
    other = door.client.get_object(Bucket="bkt", Key="logs/00000043.json")
    assert (other["Body"].read() != body, other["ETag"] != listed["ETag"]) == (True, True)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        door.client.get_object(Bucket="bkt", Key=listed["Key"], IfMatch=other["ETag"])
    for missing in ("logs/10000000.json", "logs/0000004.json", "logs/-0000042.json", "logs/0000004²"):
        with pytest.raises(ClientError, match="NoSuchKey"):
            door.client.get_object(Bucket="bkt", Key=missing)


def test_objects_of_a_range_are_overwritten_and_deleted(door: Door) -> None:
    door.fake.seed({"bkt": LOGS})
    client = door.client
    client.put_object(Bucket="bkt", Key="logs/00000001.json", Body=b"new")
    client.put_object(Bucket="bkt", Key="logs/00000001.json.bak", Body=b"other")
    client.delete_object(Bucket="bkt", Key="logs/00000000.json")
    deleted = client.delete_objects(Bucket="bkt", Delete={"Objects": [{"Key": key} for key in log(3, 4, 5)]})
    assert len(deleted["Deleted"]) == 3
    page = client.list_objects_v2(Bucket="bkt", MaxKeys=4)
    assert keys_of(page) == [*log(1), "logs/00000001.json.bak", *log(2, 6)]
    assert [item["Size"] for item in page["Contents"]] == [3, 5, 1024, 1024]
    assert client.get_object(Bucket="bkt", Key="logs/00000001.json")["Body"].read() == b"new"
    with pytest.raises(ClientError, match="NoSuchKey"):
        client.get_object(Bucket="bkt", Key="logs/00000004.json")
    client.delete_object(Bucket="bkt", Key="logs/00000001.json")
    assert keys_of(client.list_objects_v2(Bucket="bkt", MaxKeys=1)) == ["logs/00000001.json.bak"]
    assert len(door.fake.buckets["bkt"].objects) == 10_000_000 - 5 + 1
    assert door.fake.buckets["bkt"].size == (10_000_000 - 5) * 1024 + 5


def test_a_range_is_emptied_page_by_page(door: Door) -> None:
    door.fake.seed({"bkt": KeyRange("key-{:04}", 2500)})
    seen: list[str] = []
    while keys := keys_of(door.client.list_objects_v2(Bucket="bkt")):
        seen += keys
        door.client.delete_objects(Bucket="bkt", Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True})
    assert seen == [f"key-{number:04}" for number in range(2500)]
    door.client.delete_bucket(Bucket="bkt")


def test_versioning_of_a_range(door: Door) -> None:
    door.fake.seed({"bkt": LOGS})
    client = door.client
    client.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Enabled"})
    key = "logs/00000002.json"
    original = client.get_object(Bucket="bkt", Key=key)["Body"].read()
    new = client.put_object(Bucket="bkt", Key=key, Body=b"new")["VersionId"]
    marker = client.delete_object(Bucket="bkt", Key=key)["VersionId"]
    listed = client.list_object_versions(Bucket="bkt", Prefix=key)
    assert [(item["VersionId"], item["Size"]) for item in listed["Versions"]] == [(new, 3), ("null", 1024)]
    assert [item["VersionId"] for item in listed["DeleteMarkers"]] == [marker]
    assert client.get_object(Bucket="bkt", Key=key, VersionId="null")["Body"].read() == original
    assert keys_of(client.list_objects_v2(Bucket="bkt", MaxKeys=3)) == log(0, 1, 3)
    for version_id in (marker, new):
        client.delete_object(Bucket="bkt", Key=key, VersionId=version_id)
    assert client.get_object(Bucket="bkt", Key=key)["Body"].read() == original
    client.delete_object(Bucket="bkt", Key=key, VersionId="null")
    assert keys_of(client.list_objects_v2(Bucket="bkt", MaxKeys=3)) == log(0, 1, 3)


def test_copies_and_changes_of_an_object_of_a_range(door: Door) -> None:
    door.fake.seed({"bkt": LOGS})
    client, key = door.client, "logs/00000009.json"
    body = client.get_object(Bucket="bkt", Key=key)["Body"].read()
    copied = client.copy_object(Bucket="bkt", Key="copy", CopySource=f"bkt/{key}")["CopyObjectResult"]
    assert copied["ETag"] == f'"{md5(body).hexdigest()}"'
    assert copied["ChecksumType"] == "FULL_OBJECT"
    assert client.get_object(Bucket="bkt", Key="copy", ChecksumMode="ENABLED")["Body"].read() == body
    with pytest.raises(ClientError, match="trying to copy an object to itself"):
        client.copy_object(Bucket="bkt", Key=key, CopySource=f"bkt/{key}")
    client.put_object_tagging(Bucket="bkt", Key=key, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert client.get_object(Bucket="bkt", Key=key)["TagCount"] == 1
    assert "TagCount" not in client.get_object(Bucket="bkt", Key="logs/00000008.json")


@pytest.mark.parametrize("body", [b"the same", "grün"])
def test_one_body_for_all_keys(door: Door, body: bytes | str) -> None:
    data = body if isinstance(body, bytes) else body.encode()
    door.fake.seed({"bkt": ObjectRange(LOGS, body)})
    listed = door.client.list_objects_v2(Bucket="bkt", MaxKeys=2)["Contents"]
    assert {item["ETag"] for item in listed} == {f'"{md5(data).hexdigest()}"'}
    assert [item["ChecksumAlgorithm"] for item in listed] == [["CRC64NVME"]] * 2
    assert door.client.get_object(Bucket="bkt", Key=listed[1]["Key"], ChecksumMode="ENABLED")["Body"].read() == data


def test_a_function_makes_the_bodies(door: Door) -> None:
    door.fake.seed({"bkt": ObjectRange(LOGS, lambda key: f'{{"key": "{key}"}}'.encode())})
    listed = door.client.list_objects_v2(Bucket="bkt", Prefix="logs/0777777", MaxKeys=1)["Contents"][0]
    body = b'{"key": "logs/07777770.json"}'
    assert (listed["Size"], listed["ETag"]) == (len(body), f'"{md5(body).hexdigest()}"')
    assert door.client.get_object(Bucket="bkt", Key=listed["Key"], ChecksumMode="ENABLED")["Body"].read() == body


class Squares(Sequence[str]):
    """Keys that are calculated: any sorted sequence will do."""

    def __len__(self) -> int:
        return 5_000_000

    def __getitem__(self, index: Any) -> Any:
        return f"{index * index:016}"


def test_any_sorted_sequence_of_keys(door: Door) -> None:
    door.fake.seed({"bkt": ObjectRange(Squares())})
    assert keys_of(door.client.list_objects_v2(Bucket="bkt", StartAfter=f"{10**12 + 1:016}", MaxKeys=2)) == [
        f"{(10**6 + 1) ** 2:016}",
        f"{(10**6 + 2) ** 2:016}",
    ]
    door.client.delete_object(Bucket="bkt", Key=f"{(10**6 + 1) ** 2:016}")
    assert keys_of(door.client.list_objects_v2(Bucket="bkt", StartAfter=f"{10**12 + 1:016}", MaxKeys=1)) == [
        f"{(10**6 + 2) ** 2:016}"
    ]


def test_two_ranges_in_a_bucket_with_other_objects(door: Door) -> None:
    fake, client = door.fake, door.client
    fake.seed({"bkt": {"b": b"stored"}})
    fake.seed({"bkt": KeyRange("c/{:01}", 3)})
    fake.seed({"bkt": ObjectRange(["a/1", "a/2"], b"x")})
    client.put_object(Bucket="bkt", Key="d", Body=b"")
    assert keys_of(client.list_objects_v2(Bucket="bkt")) == ["a/1", "a/2", "b", "c/0", "c/1", "c/2", "d"]
    assert list(fake.buckets["bkt"].objects) == ["a/1", "a/2", "b", "c/0", "c/1", "c/2", "d"]


# --- snapshots, archives, lifecycle -------------------------------------------------------------------------------------------


def test_snapshots_and_forks(door: Door) -> None:
    fake, client = door.fake, door.client
    fake.seed({"bkt": LOGS})
    snapshot = fake.snapshot()
    client.put_object(Bucket="bkt", Key="logs/00000000.json", Body=b"new")
    client.delete_object(Bucket="bkt", Key="logs/00000001.json")
    fork = fake.fork()
    assert list(fork.buckets["bkt"].objects["logs/00000000.json"].data) == list(b"new")
    fake.restore(snapshot)
    assert [item["Size"] for item in client.list_objects_v2(Bucket="bkt", MaxKeys=2)["Contents"]] == [1024, 1024]
    assert "logs/00000001.json" not in fork.buckets["bkt"].objects


@pytest.mark.parametrize("value", [LOGS, ObjectRange(LOGS, b"same"), ObjectRange(["a", "b", "c"], Synthetic(10, "s"))])
def test_save_and_load(tmp_path: Path, value: KeyRange | ObjectRange) -> None:
    fake = FakeS3()
    fake.seed({"bkt": value, "big": {"key": {"Body": Synthetic(5 * TiB, seed="x"), "Metadata": {"a": "b"}}}})
    client = fake.client()
    keys = keys_of(client.list_objects_v2(Bucket="bkt", MaxKeys=3))
    client.put_object(Bucket="bkt", Key=keys[0], Body=b"new")
    client.delete_object(Bucket="bkt", Key=keys[1])
    fake.save(tmp_path / "archive")
    assert (tmp_path / "archive").stat().st_size < 20_000
    loaded = FakeS3.load(tmp_path / "archive")
    for name in ("bkt", "big"):
        expected, actual = (one.client().list_objects_v2(Bucket=name, MaxKeys=5) for one in (fake, loaded))
        assert actual["Contents"] == expected["Contents"]
    big = [one.client().get_object(Bucket="big", Key="key", Range=f"bytes={TiB}-{TiB + 10}") for one in (fake, loaded)]
    assert big[0]["Body"].read() == big[1]["Body"].read()
    assert big[1]["Metadata"] == {"a": "b"}
    assert fake.buckets["bkt"].size == loaded.buckets["bkt"].size


def test_a_function_cannot_be_saved(tmp_path: Path) -> None:
    fake = FakeS3()
    fake.seed({"bkt": ObjectRange(LOGS, lambda key: b"")})
    with pytest.raises(ValueError, match="cannot be saved: its bodies are made by a function"):
        fake.save(tmp_path / "archive")


def test_lifecycle_expires_objects_of_a_range() -> None:
    fake = FakeS3(seed=1)
    fake.seed({"bkt": KeyRange("{:03}", 300)})
    client = fake.client()
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "1"}, "Expiration": {"Days": 1}}
    client.put_bucket_lifecycle_configuration(Bucket="bkt", LifecycleConfiguration={"Rules": [rule]})
    fake.clock.advance(days=3)
    assert keys_of(client.list_objects_v2(Bucket="bkt", StartAfter="098", MaxKeys=2)) == ["099", "200"]
    assert len(fake.buckets["bkt"].objects) == 200


# --- an object of 5 TiB -------------------------------------------------------------------------------------------------------


def test_five_tebibytes(door: Door) -> None:
    body = Synthetic(5 * TiB, seed="video")
    door.fake.seed({"bkt": {"key": body}})
    head = door.client.head_object(Bucket="bkt", Key="key", ChecksumMode="ENABLED")
    assert head["ContentLength"] == 5 * TiB
    digest, count = head["ETag"].strip('"').split("-")
    assert (len(digest), 1024 <= int(count) <= 10_000) == (32, True)
    assert not [name for name in head if name.startswith("Checksum")]
    for start, stop in ((0, 10), (3 * TiB - 5, 3 * TiB + 200_000), (5 * TiB - 7, 5 * TiB)):
        got = door.client.get_object(Bucket="bkt", Key="key", Range=f"bytes={start}-{stop - 1}")
        assert (got["ContentRange"], got["Body"].read()) == (f"bytes {start}-{stop - 1}/{5 * TiB}", body.read(start, stop))
    suffix = door.client.get_object(Bucket="bkt", Key="key", Range="bytes=-3")
    assert suffix["Body"].read() == body.read(5 * TiB - 3)
    part = door.client.head_object(Bucket="bkt", Key="key", PartNumber=2)
    assert part["PartsCount"] == int(count)
    assert part["ContentRange"] == f"bytes {part['ContentLength']}-{2 * part['ContentLength'] - 1}/{5 * TiB}"
    attributes = door.client.get_object_attributes(
        Bucket="bkt", Key="key", ObjectAttributes=["ObjectSize", "ObjectParts", "Checksum"]
    )
    assert attributes["ObjectSize"] == 5 * TiB
    assert attributes["ObjectParts"]["TotalPartsCount"] == int(count)
    assert "Checksum" not in attributes
    with pytest.raises(ClientError) as raised:
        door.client.get_object(Bucket="bkt", Key="key", Range=f"bytes={5 * TiB}-")
    assert raised.value.response["Error"]["Code"] == "InvalidRange"


def test_the_beginning_of_five_tebibytes_is_streamed(door: Door) -> None:
    body = Synthetic(5 * TiB)
    door.fake.seed({"bkt": {"key": body}})
    stream = door.client.get_object(Bucket="bkt", Key="key")["Body"]
    assert stream.read(100_000) == body.read(0, 100_000)
    assert stream.read(100_000) == body.read(100_000, 200_000)
    stream.close()


def test_a_byte_of_five_tebibytes_is_corrupted(door: Door) -> None:
    body = Synthetic(5 * TiB)
    door.fake.seed({"bkt": {"key": body}})
    door.fake.fail("GetObject", Corrupt(offset=70_000, count=2))
    stream = door.client.get_object(Bucket="bkt", Key="key")["Body"]
    expected = bytearray(body.read(0, 100_000))
    expected[70_000:70_002] = (byte ^ 0xFF for byte in expected[70_000:70_002])
    assert stream.read(100_000) == expected
    stream.close()


def test_what_would_need_all_bytes_in_memory_is_refused(door: Door) -> None:
    door.fake.seed({"bkt": {"key": Synthetic(5 * TiB), "small": Synthetic(64 * MiB)}})
    with pytest.raises(ValueError, match=r"is synthetic, and its 5\.0 TiB may not fit in memory"):
        _ = door.fake.buckets["bkt"].objects["key"].data
    assert len(door.fake.buckets["bkt"].objects["small"].data) == 64 * MiB
    with pytest.raises(ClientError) as raised:
        door.client.select_object_content(
            Bucket="bkt",
            Key="key",
            Expression="SELECT * FROM s3object",
            ExpressionType="SQL",
            InputSerialization={"CSV": {}},
            OutputSerialization={"CSV": {}},
        )
    assert raised.value.response["Error"]["Code"] == "NotImplemented"


def test_five_tebibytes_are_copied_by_parts(door: Door) -> None:
    body = Synthetic(5 * TiB)
    door.fake.seed({"bkt": {"key": body}})
    client = door.client
    with pytest.raises(ClientError) as raised:
        client.copy_object(Bucket="bkt", Key="copy", CopySource="bkt/key")
    assert raised.value.response["Error"]["Code"] == "InvalidRequest"
    upload = client.create_multipart_upload(Bucket="bkt", Key="copy")["UploadId"]
    arguments = {"Bucket": "bkt", "Key": "copy", "UploadId": upload}
    parts = []
    for number in range(1, 1025):
        source = f"bytes={(number - 1) * 5 * GiB}-{number * 5 * GiB - 1}"
        copied = client.upload_part_copy(**arguments, PartNumber=number, CopySource="bkt/key", CopySourceRange=source)
        parts.append({"PartNumber": number, "ETag": copied["CopyPartResult"]["ETag"]})
    done = client.complete_multipart_upload(**arguments, MultipartUpload={"Parts": parts})
    assert done["ETag"].endswith('-1024"')
    got = client.get_object(Bucket="bkt", Key="copy", Range=f"bytes={2 * TiB - 100}-{2 * TiB + 99}")
    assert got["Body"].read() == body.read(2 * TiB - 100, 2 * TiB + 100)
    assert client.head_object(Bucket="bkt", Key="copy")["ContentLength"] == 5 * TiB
    assert sum(version.size for version in door.fake.buckets["bkt"].objects.values()) == 10 * TiB


def test_a_copy_of_five_gibibytes_has_no_checksum_unless_wanted(door: Door) -> None:
    door.fake.seed({"bkt": {"key": Synthetic(5 * GiB), "small": Synthetic(1000)}})
    copied = door.client.copy_object(Bucket="bkt", Key="copy", CopySource="bkt/key")["CopyObjectResult"]
    assert len(copied["ETag"]) == 34
    assert not [name for name in copied if name.startswith("Checksum")]
    small = door.client.copy_object(Bucket="bkt", Key="small copy", CopySource="bkt/small", ChecksumAlgorithm="SHA256")
    assert "ChecksumSHA256" in small["CopyObjectResult"]


def test_parts_of_mixed_data_are_one_object(door: Door) -> None:
    body = Synthetic(6 * MiB, seed=3)
    door.fake.seed({"bkt": {"key": body}})
    client = door.client
    upload = client.create_multipart_upload(Bucket="bkt", Key="mixed")["UploadId"]
    arguments = {"Bucket": "bkt", "Key": "mixed", "UploadId": upload}
    stored = b"s" * (5 * MiB)
    first = client.upload_part_copy(**arguments, PartNumber=1, CopySource="bkt/key")["CopyPartResult"]["ETag"]
    second = client.upload_part(**arguments, PartNumber=2, Body=stored)["ETag"]
    third = client.upload_part_copy(**arguments, PartNumber=3, CopySource="bkt/key", CopySourceRange="bytes=70000-70009")
    parts = [first, second, third["CopyPartResult"]["ETag"]]
    listed = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(parts, 1)]
    client.complete_multipart_upload(**arguments, MultipartUpload={"Parts": listed})
    expected = body.read() + stored + body.read(70_000, 70_010)
    got = client.get_object(Bucket="bkt", Key="mixed", ChecksumMode="ENABLED")
    assert got["ChecksumType"] == "FULL_OBJECT"
    assert got["Body"].read() == expected
    md5s = [md5(piece).digest() for piece in (body.read(), stored, body.read(70_000, 70_010))]
    assert got["ETag"] == f'"{md5(b"".join(md5s)).hexdigest()}-3"'
    for start, stop in ((6 * MiB - 3, 6 * MiB + 3), (11 * MiB - 1, 11 * MiB + 2), (5 * MiB, 11 * MiB + 5)):
        part = client.get_object(Bucket="bkt", Key="mixed", Range=f"bytes={start}-{stop - 1}")
        assert part["Body"].read() == expected[start:stop]


# --- what is refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "count", "start", "text"),
    [
        ("key", 1, 0, "one number such as {:08d}, not 'key'"),
        ("{:08d}{:08d}", 1, 0, "one number such as"),
        ("{}", 1, 0, "one number such as"),
        ("{:8d}", 1, 0, "one number such as"),
        ("{:02d}", 101, 0, "room for 2 digits, and the last number is 100"),
        ("{:02d}", -1, 0, "must be 0 or more, not -1 and 0"),
    ],
)
def test_key_ranges_that_are_refused(template: str, count: int, start: int, text: str) -> None:
    with pytest.raises(ValueError, match=text.replace("{", r"\{")):
        KeyRange(template, count, start)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"size": -1}, "must be a number of bytes from 0 to"),
        ({"size": 10_001 * 5 * GiB}, "must be a number of bytes from 0 to"),
        ({"size": 100_000, "part_size": 1}, "make at most 10000 parts"),
        ({"size": 1, "part_size": 0}, "must be from 1 to"),
    ],
)
def test_synthetic_bodies_that_are_refused(arguments: dict[str, int], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Synthetic(**arguments)


@pytest.mark.parametrize("keys", [["b", "a"], ["a", "a"], ("a", "b", "ab")])
def test_keys_that_are_not_sorted(keys: Sequence[str]) -> None:
    fake = FakeS3()
    with pytest.raises(ValueError, match="must be sorted, and each occur once"):
        fake.seed({"bkt": ObjectRange(keys)})
    assert not fake.buckets


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (ObjectRange("abc"), TypeError, "must be a sequence of str, not str"),
        (ObjectRange([""]), TypeError, "must be str, and not empty"),
        (ObjectRange(["k"], 5), TypeError, "must be Synthetic, bytes, str or a function, not 5"),  # type: ignore[arg-type]
        (ObjectRange(["k" * 1025]), S3Error, "KeyTooLongError"),
    ],
)
def test_rules_that_are_refused(value: ObjectRange, error: type[Exception], text: str) -> None:
    fake = FakeS3()
    with pytest.raises(error, match=text):
        fake.seed({"bkt": value})
    assert not fake.buckets


def test_a_rule_replaces_no_object() -> None:
    fake = FakeS3()
    fake.seed({"bkt": {"logs/00000500.json": b"stored"}})
    for value in (LOGS, ObjectRange(["a", "logs/00000500.json"])):
        with pytest.raises(ValueError, match=r"a rule cannot replace objects: 'logs/00000500\.json' is there"):
            fake.seed({"bkt": value})
    assert list(fake.buckets["bkt"].objects) == ["logs/00000500.json"]
    fake.seed({"other": LOGS})
    with pytest.raises(ValueError, match="among the keys of another rule"):
        fake.seed({"other": KeyRange("logs/{:08d}.xml", 5)})


@pytest.mark.parametrize(("width", "start", "count"), [(3, 0, 1000), (4, 998, 3003), (4, 0, 10_000), (9, 999_999, 2), (1, 2, 0)])
def test_keys_of_a_range(width: int, start: int, count: int) -> None:
    keys = KeyRange(f"100%{{{{/{{:0{width}d}}}}}}", count, start)
    expected = [f"100%{{/{number:0{width}d}}}" for number in range(start, start + count)]
    assert (list(keys.between(0, count)), list(keys), len(keys)) == (expected, expected, count)
    assert list(keys.between(1, count - 1)) == expected[1 : count - 1]
    assert [keys.index_of(key) for key in expected] == list(range(count))


# --- laws -------------------------------------------------------------------------------------------------------------------


@given(start=st.integers(0, 200_000), stop=st.integers(0, 200_000), seed=st.text(max_size=3))
def test_a_range_of_synthetic_bytes_is_a_slice_of_them(start: int, stop: int, seed: str) -> None:
    body = Synthetic(200_000, seed)
    assert body.read(start, stop) == body.read()[start:stop]


@given(
    changes=st.lists(st.tuples(st.sampled_from(["put", "delete"]), st.integers(-2, 32)), max_size=25),
    prefix=st.sampled_from(["", "k/1", "k/2", "k/"]),
    after=st.sampled_from(["", "k/05", "k/05.", "k/17", "k/3", "z"]),
)
def test_a_range_behaves_as_stored_objects_do(changes: list[tuple[str, int]], prefix: str, after: str) -> None:
    """The same changes of a rule, and of the same objects that are stored, lead to the same listings."""
    rule, stored = FakeS3(), FakeS3()
    keys = KeyRange("k/{:02d}", 25, start=3)
    rule.seed({"bkt": ObjectRange(keys, b"x")})
    stored.seed({"bkt": dict.fromkeys(keys, b"x")})
    listings = []
    for fake in (rule, stored):
        with fake.store.buckets["bkt"].lock:
            bucket = fake.store.buckets["bkt"]
            for change, number in changes:
                key = f"k/{number:02d}"
                if change == "put":
                    fake.seed({"bkt": {key: b"changed"}})
                else:
                    bucket.discard([key])
            assert len(bucket.objects) == sum(1 for _ in bucket.objects.walk(""))
            walk = [(key, bucket.objects[key].size) for key in bucket.objects.walk(after)]
            back = list(bucket.objects.walk_back(after or "z"))
            beneath = [key for key in bucket.objects.walk(prefix, inclusive=False) if key.startswith(prefix)]
            listings.append((walk, back, beneath, [key in bucket.objects for key in keys]))
    assert listings[0] == listings[1]

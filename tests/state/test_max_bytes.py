"""The setting ``max_bytes``: how many bytes objects, versions, parts and annotations have together."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from fakes3part import FakeS3, S3Error, Server
from tests.support.doors import Door, refused
from tests.support.replication import configure, create, door_with, keys, rule, status
from tests.support.state import unchanged

LIMIT = 1000


def too_many(stored: int, needed: int, limit: int = LIMIT) -> str:
    return (
        f"The setting max_bytes allows {limit} bytes of objects, parts and annotations. {stored} bytes are stored, and this "
        f"request needs {needed} more."
    )


def refused_for(call: Callable[..., Any], stored: int, needed: int, limit: int = LIMIT) -> None:
    extras = {"ProposedSize": str(needed), "MaxSizeAllowed": str(limit)}
    refused(call, 400, "EntityTooLarge", too_many(stored, needed, limit), extras)


def usage_of(fake: FakeS3) -> int:
    """Return what is counted, and check that it is what is stored."""
    assert fake.store.usage is not None
    assert fake.store.usage.size == sum(bucket.size for bucket in fake.store.buckets.values())
    assert fake.store.usage.reserved == 0
    return fake.store.usage.size


@pytest.fixture
def limited(door: Door, request: pytest.FixtureRequest) -> Any:
    """A client, with a bucket, of a fake whose limit is 1,000 bytes."""
    with door.with_settings(max_bytes=LIMIT, min_part_size=1) as client:
        client.create_bucket(Bucket="bucket")
        yield client


def put(client: Any, key: str, size: int, **members: Any) -> Any:
    return client.put_object(Bucket="bucket", Key=key, Body=bytes(size), **members)


def test_an_object_that_is_too_much(limited: Any) -> None:
    put(limited, "a", 600)
    refused_for(lambda: put(limited, "b", 401), 600, 401)
    assert [item["Key"] for item in limited.list_objects_v2(Bucket="bucket")["Contents"]] == ["a"]
    put(limited, "b", 400)
    put(limited, "empty", 0)
    refused_for(lambda: put(limited, "c", 1), 1000, 1)
    put(limited, "a", 600)  # replaces one of the same size
    put(limited, "a", 599)
    put(limited, "c", 1)
    refused_for(lambda: put(limited, "a", 601), 1000, 2)
    limited.delete_object(Bucket="bucket", Key="a")
    put(limited, "d", 599)


def test_an_object_that_never_has_room_is_refused_before_its_body_is_read(limited: Any) -> None:
    extras = {"ProposedSize": "1001", "MaxSizeAllowed": "1000"}
    refused(
        lambda: put(limited, "a", 1001), 400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", extras
    )


def test_versions_count(limited: Any) -> None:
    limited.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    first = put(limited, "a", 500)["VersionId"]
    put(limited, "a", 500)
    refused_for(lambda: put(limited, "a", 1), 1000, 1)
    limited.delete_object(Bucket="bucket", Key="a")  # a delete marker takes nothing, and frees nothing
    refused_for(lambda: put(limited, "b", 1), 1000, 1)
    limited.delete_object(Bucket="bucket", Key="a", VersionId=first)
    put(limited, "b", 500)


def test_copies_count(limited: Any) -> None:
    put(limited, "a", 400)
    limited.copy_object(Bucket="bucket", Key="b", CopySource="bucket/a")
    refused_for(lambda: limited.copy_object(Bucket="bucket", Key="c", CopySource="bucket/a"), 800, 400)


def test_parts_count_until_their_upload_ends(limited: Any) -> None:
    target = {"Bucket": "bucket", "Key": "a"}
    upload = {**target, "UploadId": limited.create_multipart_upload(**target)["UploadId"]}
    parts = [
        {"PartNumber": number, "ETag": limited.upload_part(**upload, PartNumber=number, Body=bytes(300))["ETag"]}
        for number in (1, 2, 3)
    ]
    refused_for(lambda: limited.upload_part(**upload, PartNumber=4, Body=bytes(101)), 900, 101)
    refused_for(lambda: put(limited, "b", 101), 900, 101)
    limited.upload_part(**upload, PartNumber=3, Body=bytes(400))
    limited.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts[:2]})  # the third part is dropped
    put(limited, "b", 400)
    refused_for(lambda: put(limited, "c", 1), 1000, 1)
    upload = {**target, "UploadId": limited.create_multipart_upload(**target)["UploadId"]}
    limited.delete_object(Bucket="bucket", Key="b")
    refused_for(lambda: limited.upload_part_copy(**upload, PartNumber=1, CopySource="bucket/a"), 600, 600)
    limited.upload_part_copy(**upload, PartNumber=1, CopySource="bucket/a", CopySourceRange="bytes=0-399")
    limited.abort_multipart_upload(**upload)
    put(limited, "b", 400)


def test_a_full_fake_completes_uploads(limited: Any) -> None:
    target = {"Bucket": "bucket", "Key": "a"}
    upload = {**target, "UploadId": limited.create_multipart_upload(**target)["UploadId"]}
    etag = limited.upload_part(**upload, PartNumber=1, Body=bytes(LIMIT))["ETag"]
    limited.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert limited.head_object(**target)["ContentLength"] == LIMIT


def test_annotations_count(limited: Any) -> None:
    put(limited, "a", 900)
    annotate = {"Bucket": "bucket", "Key": "a", "AnnotationName": "note"}
    refused_for(lambda: limited.put_object_annotation(**annotate, AnnotationPayload="x" * 101), 900, 101)
    limited.put_object_annotation(**annotate, AnnotationPayload="x" * 100)
    refused_for(lambda: put(limited, "b", 1), 1000, 1)
    limited.put_object_annotation(**annotate, AnnotationPayload="x" * 50)
    put(limited, "b", 50)
    limited.delete_object(Bucket="bucket", Key="a")
    put(limited, "b", 1000)


def test_forms_and_deletions_of_many(limited: Any) -> None:
    for number in range(10):
        put(limited, str(number), 100)
    refused_for(lambda: put(limited, "x", 1), 1000, 1)
    keys = [{"Key": str(number)} for number in range(9)]
    limited.delete_objects(Bucket="bucket", Delete={"Objects": [*keys, *keys, {"Key": "absent"}]})
    put(limited, "x", 900)
    refused_for(lambda: put(limited, "y", 1), 1000, 1)


def test_a_rename_needs_no_room() -> None:
    with FakeS3(max_bytes=LIMIT) as fake:
        client = boto3.client("s3", region_name="us-east-1")
        name = "bucket--use1-az4--x-s3"
        zone = {"Location": {"Type": "AvailabilityZone", "Name": "use1-az4"}}
        bucket = {"Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"}}
        client.create_bucket(Bucket=name, CreateBucketConfiguration={**zone, **bucket})
        client.put_object(Bucket=name, Key="a", Body=bytes(900))
        client.put_object(Bucket=name, Key="b", Body=bytes(100))
        client.rename_object(Bucket=name, Key="b", RenameSource="a")
        assert usage_of(fake) == 900
        client.put_object(Bucket=name, Key="b", Body=bytes(100), WriteOffsetBytes=900)
        assert usage_of(fake) == 1000
        with unchanged(fake):
            refused_for(lambda: client.put_object(Bucket=name, Key="b", Body=b"x", WriteOffsetBytes=1000), 1000, 1)


def test_a_bucket_that_is_deleted_with_its_uploads() -> None:
    with FakeS3(max_bytes=LIMIT) as fake:
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="bucket")
        upload = client.create_multipart_upload(Bucket="bucket", Key="a")["UploadId"]
        client.upload_part(Bucket="bucket", Key="a", UploadId=upload, PartNumber=1, Body=bytes(LIMIT))
        client.delete_bucket(Bucket="bucket")
        assert usage_of(fake) == 0
        client.create_bucket(Bucket="bucket")
        put(client, "a", LIMIT)


def test_states_that_are_restored_or_loaded(tmp_path: Path) -> None:
    with FakeS3() as unlimited:
        unlimited.seed({"bucket": {"a": bytes(2 * LIMIT), "b": bytes(10)}})
        unlimited.save(tmp_path / "state.zip")
    with FakeS3(max_bytes=LIMIT) as fake:
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="bucket")
        put(client, "a", 700)
        snapshot = fake.snapshot()
        put(client, "b", 300)
        fake.restore(snapshot)
        assert usage_of(fake) == 700
        fake.load(tmp_path / "state.zip")  # may be more than the limit
        assert usage_of(fake) == 2 * LIMIT + 10
        refused_for(lambda: put(client, "c", 1), 2 * LIMIT + 10, 1)
        put(client, "a", 5)
        assert usage_of(fake) == 15
        fork = fake.fork()
        assert usage_of(fork) == 15
        fork.seed({"bucket": {"c": bytes(985)}})
        assert (usage_of(fork), usage_of(fake)) == (1000, 15)
        fake.reset()
        assert usage_of(fake) == 0


def test_seeds_and_mapped_files(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(5 * LIMIT))
    fake = FakeS3(max_bytes=LIMIT)
    fake.seed_directory(tmp_path, "bucket")  # its files are not in memory
    assert usage_of(fake) == 0
    with pytest.raises(S3Error) as caught:
        fake.seed({"bucket": {"a": bytes(LIMIT), "b": b"x"}})
    assert too_many(LIMIT, 1) in str(caught.value)
    assert usage_of(fake) == LIMIT


def test_a_replica_without_room_fails(door: Door) -> None:
    with door_with(door, max_bytes=LIMIT) as limited:
        create(limited.client, "source", "replicas")
        configure(limited.client, rule())
        limited.client.put_object(Bucket="source", Key="key", Body=bytes(501))
        assert (status(limited.client, "source"), keys(limited.client, "replicas")) == ("FAILED", [])
        assert usage_of(limited.fake) == 501
        limited.client.put_object(Bucket="source", Key="other", Body=bytes(200))
        assert (status(limited.client, "source", "other"), keys(limited.client, "replicas")) == ("COMPLETED", ["other"])
        assert usage_of(limited.fake) == 901


def test_a_version_that_is_inserted_before_others_counts() -> None:
    with FakeS3(max_bytes=LIMIT) as fake:
        client = boto3.client("s3", region_name="us-east-1")
        create(client, "bucket")
        put(client, "a", 300)
        fake.clock.advance(minutes=1)
        put(client, "a", 400)
        bucket = fake.store.buckets["bucket"]
        first, second = bucket.versions("a").values()
        bucket.remove("a", first.id)
        assert usage_of(fake) == 400
        bucket.insert(first)
        assert [*bucket.versions("a").values()] == [first, second]
        assert usage_of(fake) == 700


def test_nothing_is_counted_without_the_setting() -> None:
    fake = FakeS3()
    fake.seed({"bucket": {"a": b"x"}})
    assert fake.store.usage is None
    assert fake.store.buckets["bucket"].usage is None


def test_concurrent_writers_never_exceed_it() -> None:
    """50 writers, of which 10 have room."""
    with Server(max_bytes=LIMIT) as server:
        client = server.fake.client()
        client.create_bucket(Bucket="bucket")

        def write(number: int) -> bool:
            try:
                put(client, str(number), 100)
            except ClientError:
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            assert sum(pool.map(write, range(50))) == 10
        assert usage_of(server.fake) == LIMIT


@pytest.mark.parametrize("seed", range(10))
def test_it_is_counted_exactly(seed: int) -> None:
    """What is counted is what is stored, after each of 150 random requests, of which some are refused."""
    random_ = random.Random(seed)
    with FakeS3(max_bytes=LIMIT, min_part_size=0) as fake:
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="bucket")
        uploads: list[dict[str, Any]] = []
        outcomes = set[str]()

        def begin() -> None:
            target = {"Bucket": "bucket", "Key": key}
            uploads.append({**target, "UploadId": client.create_multipart_upload(**target)["UploadId"]})

        def part() -> None:
            upload = random_.choice(uploads)
            client.upload_part(**upload, PartNumber=random_.randint(1, 3), Body=bytes(size))

        def complete() -> None:
            upload = uploads.pop()
            listed = client.list_parts(**upload).get("Parts", [])
            parts = [{"PartNumber": item["PartNumber"], "ETag": item["ETag"]} for item in listed if random_.random() < 0.8]
            client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})

        def delete_version() -> None:
            versions = client.list_object_versions(Bucket="bucket").get("Versions", [])
            chosen = random_.choice(versions)
            client.delete_object(Bucket="bucket", Key=chosen["Key"], VersionId=chosen["VersionId"])

        def version() -> None:
            status = random_.choice(("Enabled", "Suspended"))
            client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": status})

        def annotate() -> None:
            client.put_object_annotation(Bucket="bucket", Key=key, AnnotationName="note", AnnotationPayload="x" * (size + 1))

        calls: list[Callable[[], Any]] = [
            *[lambda: put(client, key, size)] * 4,
            lambda: client.delete_object(Bucket="bucket", Key=key),
            lambda: client.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": key}, {"Key": "b"}]}),
            lambda: client.copy_object(Bucket="bucket", Key=key, CopySource="bucket/a"),
            lambda: client.put_object_tagging(Bucket="bucket", Key=key, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}),
            begin, part, part, complete, annotate, delete_version,
            *([version] if seed % 2 else []),
            lambda: client.abort_multipart_upload(**uploads.pop()),
            lambda: fake.restore(fake.snapshot()),
        ]  # fmt: skip
        for _ in range(150):
            key, size = random_.choice("abc"), random_.randint(0, 400)
            try:
                random_.choice(calls)()
            except ClientError as error:
                outcomes.add(error.response["Error"]["Code"])
            except IndexError:  # there is no upload, or no version
                pass
            assert 0 <= usage_of(fake) <= LIMIT
        assert "EntityTooLarge" in outcomes

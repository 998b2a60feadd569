"""minio-py, an S3 client on urllib3, in-process and against the server."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import urllib3
from minio import Minio
from minio.commonconfig import CopySource, Tags
from minio.error import S3Error

from fakes3part import faults
from tests.support.doors import Door
from tests.support.state import unchanged

DATA = b"0123456789" * 1_200_000
"""In three parts of minio-py's smallest size."""


@pytest.fixture(scope="session")
def _early() -> Iterator[tuple[Minio, urllib3.PoolManager]]:
    """A client from before the fakes."""
    pool = urllib3.PoolManager(retries=urllib3.Retry(total=2, backoff_factor=0, status_forcelist=[500, 503]))
    yield Minio("s3.amazonaws.com", "testing", "testing", region="us-east-1", http_client=pool), pool
    pool.clear()


@pytest.fixture
def minio(door: Door, _early: tuple[Minio, urllib3.PoolManager]) -> Minio:
    client, pool = _early
    if door.name == "in-process":
        return client
    return Minio(urlsplit(door.url).netloc, "testing", "testing", region="us-east-1", secure=False, http_client=pool)


def test_objects(minio: Minio, door: Door) -> None:
    minio.make_bucket("bucket")
    assert [bucket.name for bucket in minio.list_buckets()] == ["bucket"]
    etag = minio.put_object("bucket", "a b/ä", io.BytesIO(b"data"), 4, metadata={"x-amz-meta-a": "1"}).etag
    found = minio.stat_object("bucket", "a b/ä")
    assert (found.size, found.etag, (found.metadata or {})["x-amz-meta-a"]) == (4, etag, "1")
    with minio.get_object("bucket", "a b/ä", offset=1, length=2) as response:
        assert response.read() == b"at"
    minio.copy_object("bucket", "copy", CopySource("bucket", "a b/ä"))
    assert [entry.object_name for entry in minio.list_objects("bucket", recursive=True)] == ["a b/ä", "copy"]
    tags = Tags.new_object_tags()
    tags["a"] = "1"
    minio.set_object_tags("bucket", "copy", tags)
    assert minio.get_object_tags("bucket", "copy") == {"a": "1"}
    for key in ("a b/ä", "copy"):
        minio.remove_object("bucket", key)
    minio.remove_bucket("bucket")
    assert list(door.fake.buckets) == []


def test_multipart(minio: Minio, door: Door, bucket: str, tmp_path: Path) -> None:
    result = minio.put_object(bucket, "k", io.BytesIO(DATA), -1, part_size=5 << 20, num_parallel_uploads=3)
    assert str(result.etag).endswith("-3")
    minio.fget_object(bucket, "k", str(tmp_path / "k"))
    assert (tmp_path / "k").read_bytes() == DATA
    assert door.fake.buckets[bucket].objects["k"].etag.strip('"') == result.etag


def test_errors(minio: Minio, door: Door, bucket: str) -> None:
    with unchanged(door.fake):
        for call, code in [
            (lambda: minio.get_object(bucket, "none"), "NoSuchKey"),
            (lambda: minio.stat_object(bucket, "none"), "NoSuchKey"),
            (lambda: minio.remove_bucket("none"), "NoSuchBucket"),
        ]:
            with pytest.raises(S3Error) as caught:
                call()
            assert caught.value.code == code


def test_presigned(minio: Minio, bucket: str) -> None:
    url = minio.presigned_put_object(bucket, "k")
    assert requests.put(url, data=b"data", timeout=5).status_code == 200
    assert requests.get(minio.presigned_get_object(bucket, "k"), timeout=5).content == b"data"


@pytest.mark.parametrize("effect", [faults.Reset(), faults.Error("SlowDown"), faults.Error("InternalError")], ids=str)
def test_retries(minio: Minio, door: Door, bucket: str, effect: faults.Effect) -> None:
    door.fake.fail("PutObject", effect, times=2)
    minio.put_object(bucket, "k", io.BytesIO(b"data"), 4)
    assert [call.operation for call in door.fake.calls][-3:] == ["PutObject"] * 3
    door.fake.fail("GetObject", effect)
    with pytest.raises((urllib3.exceptions.MaxRetryError, S3Error)):
        minio.get_object(bucket, "k")


def test_a_download_that_is_cut(minio: Minio, door: Door, bucket: str) -> None:
    minio.put_object(bucket, "k", io.BytesIO(b"data"), 4)
    door.fake.fail("GetObject", faults.Truncate(after=2))
    with minio.get_object(bucket, "k") as response, pytest.raises(urllib3.exceptions.ProtocolError):
        response.read()

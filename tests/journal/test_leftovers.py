"""Leftovers of a test: open uploads, and response bodies that were not read."""

from __future__ import annotations

import asyncio
import gc
import http.client
import io
import json
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import pytest
import requests
import urllib3
from yarl import URL

from fakes3part import FakeS3, faults
from tests.support.doors import Door, MiB

Read = Callable[[Any], object]


def _upload(s3: Any, key: str = "k") -> str:
    upload: str = s3.create_multipart_upload(Bucket="bucket", Key=key)["UploadId"]
    return upload


def _part(s3: Any, upload: str, number: int, body: bytes) -> dict[str, Any]:
    part = s3.upload_part(Bucket="bucket", Key="k", UploadId=upload, PartNumber=number, Body=body)
    return {"PartNumber": number, "ETag": part["ETag"]}


def test_nothing(door: Door, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    left = door.fake.leftovers()
    assert not left
    assert (left.uploads, list(left.bodies), str(left)) == ((), [], "nothing left over")


def test_uploads(door: Door, s3: Any, bucket: str) -> None:
    upload = _upload(s3)
    _part(s3, upload, 1, b"x" * 2048)
    _part(s3, upload, 3, b"x" * 2048)
    other = _upload(s3, "a\nb")
    left = door.fake.leftovers()
    assert left
    first, second = left.uploads
    assert (first.bucket, first.key, first.id, first.parts, first.size) == (bucket, "k", upload, 2, 4096)
    assert (second.key, second.id, second.parts, second.size) == ("a\nb", other, 0, 0)
    assert (first.call, second.call) == (door.fake.calls[1], door.fake.calls[-1])
    assert str(left).splitlines() == [
        "upload of bucket/k neither completed nor aborted (2 parts of 4.0 KiB; created by call #2)",
        "upload of bucket/a\\nb neither completed nor aborted (no parts; created by call #5)",
    ]
    assert json.loads(json.dumps(left.to_json()))["uploads"][0] == {
        "bucket": bucket,
        "key": "k",
        "upload_id": upload,
        "initiated": first.initiated.isoformat(),
        "parts": 2,
        "size": 4096,
        "call": 2,
    }


def test_ended_uploads_are_not_left_over(door: Door, s3: Any, bucket: str) -> None:
    done, dropped = _upload(s3), _upload(s3)
    s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=done, MultipartUpload={"Parts": [_part(s3, done, 1, b"x")]})
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=dropped)
    assert not door.fake.leftovers()


def test_an_upload_that_the_journal_no_longer_stores(door: Door, s3: Any, bucket: str) -> None:
    door.fake.clock.freeze("2026-01-02T03:04:05Z")
    _upload(s3)
    door.fake.calls.clear()
    (upload,) = door.fake.leftovers().uploads
    assert upload.call is None
    assert str(upload).endswith("(no parts; created at 2026-01-02 03:04:05)")


# --- bodies

BODIES: dict[str, tuple[Read, bool]] = {
    "not looked at": (lambda body: None, True),
    "asked about": (lambda body: (body._raw_stream.closed, body.tell() if hasattr(body, "tell") else 0), True),
    "read": (lambda body: body.read(), False),
    "a bit of it": (lambda body: body.read(1), False),
    "into a buffer": (lambda body: body.readinto(bytearray(2)), False),
    "a line": (lambda body: next(body.iter_lines()), False),
    "a chunk": (lambda body: next(body.iter_chunks(2)), False),
    "closed": (lambda body: body.close(), False),
    "block": (lambda body: body.__enter__() and body.__exit__(None, None, None), False),
}


@pytest.fixture(params=["whole", "in pieces"])
def stored(request: pytest.FixtureRequest) -> Any:
    """A fake with an object ``k``, and its client in this process."""
    fake = FakeS3(min_part_size=1)
    with fake, closing(fake.client()) as s3:
        s3.create_bucket(Bucket="bucket")
        if request.param == "whole":
            s3.put_object(Bucket="bucket", Key="k", Body=b"hello\nyou")
        else:
            upload = _upload(s3)
            parts = [_part(s3, upload, 1, b"hello\n"), _part(s3, upload, 2, b"you")]
            s3.complete_multipart_upload(Bucket="bucket", Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
        yield fake, s3


@pytest.mark.parametrize("drop", [False, True], ids=["kept", "dropped"])
@pytest.mark.parametrize(("read", "unread"), BODIES.values(), ids=BODIES)
def test_bodies(stored: Any, read: Read, unread: bool, drop: bool) -> None:
    fake, s3 = stored
    response = s3.get_object(Bucket="bucket", Key="k")
    read(response["Body"])
    if drop:
        del response
        gc.collect()
    left = fake.leftovers()
    assert [call.number for call in left.bodies] == ([fake.calls.total] if unread else [])
    if unread:
        assert str(left) == f"body of bucket/k (9 bytes) neither read nor closed (call #{fake.calls.total})"
        assert left.to_json()["unread_bodies"] == [{"bucket": "bucket", "key": "k", "call": fake.calls.total}]


def test_a_body_read_later_is_not_left_over(stored: Any) -> None:
    fake, s3 = stored
    response = s3.get_object(Bucket="bucket", Key="k", Range="bytes=0-4")
    assert len(fake.leftovers().bodies) == 1
    assert response["Body"].read() == b"hello"
    assert not fake.leftovers()


def test_calls_without_a_body_to_read(stored: Any) -> None:
    fake, s3 = stored
    s3.put_object(Bucket="bucket", Key="empty", Body=b"")
    s3.get_object(Bucket="bucket", Key="empty")
    s3.head_object(Bucket="bucket", Key="k")
    s3.list_objects_v2(Bucket="bucket")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="bucket", Key="nothing")
    with pytest.raises(s3.exceptions.ClientError):
        s3.get_object(Bucket="bucket", Key="k", IfNoneMatch="*")
    assert not fake.leftovers()


def test_the_tools_of_boto3_leave_nothing(stored: Any) -> None:
    fake, s3 = stored
    target = io.BytesIO()
    s3.download_fileobj("bucket", "k", target)
    assert target.getvalue() == b"hello\nyou"
    assert fake.calls.count("GetObject") >= 1
    assert not fake.leftovers()


def test_bodies_over_http_are_not_known(door: Door, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    response = s3.get_object(Bucket=bucket, Key="k")
    assert [call.operation for call in door.fake.leftovers().bodies] == (["GetObject"] if door.name == "in-process" else [])
    response["Body"].close()
    assert not door.fake.leftovers()


def test_an_unread_body_is_not_kept_alive() -> None:
    import tracemalloc

    fake = FakeS3()
    with fake, closing(fake.client()) as s3:
        s3.create_bucket(Bucket="bucket")
        tracemalloc.start()
        try:
            for _ in range(4):
                s3.put_object(Bucket="bucket", Key="k", Body=bytes(MiB))
                s3.get_object(Bucket="bucket", Key="k")
                s3.delete_object(Bucket="bucket", Key="k")
            gc.collect()
            assert tracemalloc.get_traced_memory()[0] < MiB
        finally:
            tracemalloc.stop()
    assert len(fake.leftovers().bodies) == 4


# --- bodies that other libraries read


def _http_client(url: str) -> Any:
    parts = urlsplit(url)
    connection = http.client.HTTPSConnection(parts.netloc)
    connection.request("GET", f"{parts.path}?{parts.query}")
    return connection.getresponse()


def _httpx(url: str) -> Any:
    client = httpx.Client()
    return client.send(client.build_request("GET", url), stream=True)


LIBRARIES: dict[str, Callable[[str], Any]] = {
    "http.client": _http_client,
    "urllib.request": urllib.request.urlopen,
    "urllib3": lambda url: urllib3.PoolManager().request("GET", url, preload_content=False),
    "requests": lambda url: requests.get(url, stream=True),
    "httpx": _httpx,
}
"""Each begins a download, and leaves the body to be read."""

PARTLY = {
    "requests": lambda response: next(response.iter_content(1)),
    "httpx": lambda response: next(response.iter_raw(1)),
}


@pytest.mark.parametrize("read", ["nothing", "all", "a part", "closed"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_bodies_that_other_libraries_read(stored: Any, library: str, read: str) -> None:
    fake, s3 = stored
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"})
    response = LIBRARIES[library](url)
    if read == "all":
        assert (response.content if library == "requests" else response.read()) == b"hello\nyou"
    elif read == "a part":
        assert PARTLY.get(library, lambda response: response.read(1))(response) == b"h"
    elif read == "closed":
        response.close()
    assert [call.key for call in fake.leftovers().bodies] == (["k"] if read == "nothing" else [])
    response.close()
    assert not fake.leftovers()


def test_a_body_that_a_forgotten_client_leaves(stored: Any) -> None:
    """httpx closes nothing by itself, as little as it returns the connection to its pool."""
    fake, s3 = stored
    response = _httpx(s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"}))
    assert response.status_code == 200
    del response
    gc.collect()
    assert len(fake.leftovers().bodies) == 1


def test_a_response_that_closes_itself(stored: Any) -> None:
    """Those of http.client, and so urllib3's and requests's, do when nothing refers to them any more."""
    fake, s3 = stored
    response = requests.get(s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"}), stream=True)
    assert len(fake.leftovers().bodies) == 1
    del response
    gc.collect()
    assert not fake.leftovers()


def test_aiohttp_gets_bodies_unasked(stored: Any) -> None:
    """So whether its user has read one is not known."""
    fake, s3 = stored
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"})

    async def get() -> int:
        async with aiohttp.ClientSession() as session, session.get(URL(url, encoded=True)) as response:
            return response.status

    assert asyncio.run(get()) == 200
    assert fake.calls[-1].operation == "GetObject"
    assert not fake.leftovers()


def test_a_client_that_gives_up_leaves_nothing(stored: Any) -> None:
    fake, s3 = stored
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"})
    with fake.fail("GetObject", faults.Latency(0.2)), pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(url, timeout=0.05)
    while not fake.calls.count("GetObject"):
        time.sleep(0.01)
    assert not fake.leftovers()

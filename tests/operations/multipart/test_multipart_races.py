"""Concurrent requests to one upload or key: each response is one that some order of the requests would give."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fakes3part.rules.etags import md5_of
from fakes3part.state.objects import Data
from tests.support.doors import Door, refused
from tests.support.errors import NO_SUCH_UPLOAD
from tests.support.multipart import Upload, content, etag_of

Call = Callable[[], Any]
ROUNDS = range(8)


def at_once(calls: Sequence[Call]) -> list[Any]:
    """Call each in its own thread, started together. Return the responses, or the error codes, in order."""
    gate = threading.Barrier(len(calls))

    def run(call: Call) -> Any:
        gate.wait(timeout=10)
        try:
            return call()
        except ClientError as error:
            return error.response["Error"]["Code"]

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_10_threads_send_parts_to_one_upload(tiny: Door) -> None:
    upload = Upload(tiny.client, "bucket")
    bodies = [b"part %d" % number for number in range(1, 41)]

    def send(first: int) -> list[Any]:
        return [upload.put(number, bodies[number - 1]) for number in range(first, 41, 10)]

    sent = at_once([partial(send, first) for first in range(1, 11)])
    parts = sorted((part for some in sent for part in some), key=lambda part: part["PartNumber"])
    assert [part["PartNumber"] for part in upload.parts()] == list(range(1, 41))
    assert upload.complete(*parts)["ETag"] == etag_of(*bodies)
    assert content(tiny.client, "bucket") == b"".join(bodies)


def test_10_threads_send_one_part(tiny: Door) -> None:
    """The last writer wins: the object has its ETag, its size and its bytes."""
    upload = Upload(tiny.client, "bucket")
    bodies = [b"x" * number for number in range(1, 11)]
    sent = at_once([partial(upload.put, 1, body) for body in bodies])
    (part,) = upload.parts()
    winner = [one["ETag"] for one in sent].index(part["ETag"])
    assert part["Size"] == len(bodies[winner])
    upload.complete(sent[winner])
    assert content(tiny.client, "bucket") == bodies[winner]


@pytest.mark.parametrize("round_", ROUNDS)
def test_the_same_complete_5_times_at_once(tiny: Door, round_: int) -> None:
    upload = Upload(tiny.client, "bucket")
    parts = [upload.put(number, b"%d" % number) for number in (1, 2, 3)]
    responses = at_once([lambda: upload.complete(*parts)] * 5)
    seen = [(one["ResponseMetadata"]["HTTPStatusCode"], one["ETag"], one["Location"]) for one in responses]
    assert seen == [(200, etag_of(b"1", b"2", b"3"), seen[0][2])] * 5
    assert content(tiny.client, "bucket") == b"123"


@pytest.mark.parametrize("versioning", [False, True])
def test_10_uploads_of_one_key_completed_at_once(tiny: Door, versioning: bool) -> None:
    """The object is exactly one of them; in a versioned bucket all ten are there."""
    s3 = tiny.client
    if versioning:
        s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    uploads = [Upload(s3, "bucket") for _ in range(10)]
    bodies = [[b"%d" % number * 3, b"+%d" % number] for number in range(10)]
    parts = [[upload.put(1, one), upload.put(2, two)] for upload, (one, two) in zip(uploads, bodies, strict=True)]
    responses = at_once([partial(upload.complete, *some) for upload, some in zip(uploads, parts, strict=True)])
    assert [one["ETag"] for one in responses] == [etag_of(*some) for some in bodies]
    got = s3.get_object(Bucket="bucket", Key="key")
    winner = [one["ETag"] for one in responses].index(got["ETag"])
    assert got["Body"].read() == b"".join(bodies[winner])
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="bucket")
    if versioning:
        assert len({one["VersionId"] for one in responses}) == 10
        for one, some in zip(responses, bodies, strict=True):
            assert content(s3, "bucket", VersionId=one["VersionId"]) == b"".join(some)


def test_one_of_10_conditional_completes_succeeds(tiny: Door) -> None:
    uploads = [Upload(tiny.client, "bucket") for _ in range(10)]
    parts = [upload.put(1, b"%d" % number) for number, upload in enumerate(uploads)]
    responses = at_once([partial(upload.complete, part, IfNoneMatch="*") for upload, part in zip(uploads, parts, strict=True)])
    winners = [number for number, response in enumerate(responses) if not isinstance(response, str)]
    assert sorted(response for response in responses if isinstance(response, str)) == ["PreconditionFailed"] * 9
    assert [content(tiny.client, "bucket")] == [b"%d" % number for number in winners]
    assert len(tiny.client.list_multipart_uploads(Bucket="bucket")["Uploads"]) == 9


@pytest.mark.parametrize("round_", ROUNDS)
def test_part_racing_abort(tiny: Door, round_: int) -> None:
    """200 or NoSuchUpload; in both cases the upload is closed, and no part is left."""
    upload = Upload(tiny.client, "bucket")
    upload.put(1)
    *parts, aborted = at_once(
        [
            *(partial(upload.put, number) for number in range(1, 6)),
            lambda: tiny.client.abort_multipart_upload(**upload.where),
        ]
    )
    assert aborted["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert all(part == "NoSuchUpload" or isinstance(part, dict) for part in parts)
    assert "Uploads" not in tiny.client.list_multipart_uploads(Bucket="bucket")
    with pytest.raises(tiny.client.exceptions.NoSuchUpload):
        upload.parts()
    assert tiny.fake.store.buckets["bucket"].uploads == {}


@pytest.mark.parametrize("round_", ROUNDS)
def test_part_racing_complete(tiny: Door, round_: int) -> None:
    """A part that replaces a listed one makes Complete an InvalidPart, or comes too late: the object is never half of each."""
    upload = Upload(tiny.client, "bucket")
    first, second = upload.put(1, b"one"), upload.put(2, b"two")
    replaced, completed = at_once([lambda: upload.put(1, b"ONE"), lambda: upload.complete(first, second)])
    if completed == "InvalidPart":
        assert [part["Size"] for part in upload.parts()] == [3, 3]
        upload.complete(replaced, second)
        assert content(tiny.client, "bucket") == b"ONEtwo"
    else:
        assert completed["ETag"] == etag_of(b"one", b"two")
        assert replaced == "NoSuchUpload"
        assert content(tiny.client, "bucket") == b"onetwo"
    assert "Uploads" not in tiny.client.list_multipart_uploads(Bucket="bucket")


@pytest.mark.parametrize("round_", ROUNDS)
def test_complete_racing_abort(tiny: Door, round_: int) -> None:
    """One of them wins, all of it: an abort after Complete is 204, but the object stays."""
    upload = Upload(tiny.client, "bucket")
    part = upload.put(1)
    completed, aborted = at_once([lambda: upload.complete(part), lambda: tiny.client.abort_multipart_upload(**upload.where)])
    keys = [one["Key"] for one in tiny.client.list_objects_v2(Bucket="bucket").get("Contents", [])]
    assert aborted["ResponseMetadata"]["HTTPStatusCode"] == 204
    if completed == "NoSuchUpload":
        assert keys == []
    else:
        assert (completed["ETag"], keys) == (etag_of(b"data"), ["key"])
    assert "Uploads" not in tiny.client.list_multipart_uploads(Bucket="bucket")


@pytest.mark.parametrize("ending", ["abort", "complete"])
def test_upload_closed_while_a_part_is_hashed(tiny: Door, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    """Bytes are hashed outside the bucket's lock: what happens meanwhile counts."""
    upload = Upload(tiny.client, "bucket")
    part = upload.put(1)
    close: Callable[[], Any] = {
        "abort": lambda: tiny.client.abort_multipart_upload(**upload.where),
        "complete": lambda: upload.complete(part),
    }[ending]

    def hashing(data: Data) -> bytes:
        close()
        return md5_of(data)

    monkeypatch.setattr("fakes3part.operations.multipart.uploads.md5_of", hashing)
    refused(lambda: upload.put(1, b"late"), 404, "NoSuchUpload", NO_SUCH_UPLOAD, {"UploadId": upload.id})
    assert "Uploads" not in tiny.client.list_multipart_uploads(Bucket="bucket")
    keys = [one["Key"] for one in tiny.client.list_objects_v2(Bucket="bucket").get("Contents", [])]
    assert keys == ([] if ending == "abort" else ["key"])
    assert ending == "abort" or content(tiny.client, "bucket") == b"data"

"""Conditions on Last-Modified under concurrent writes: what a request reads or copies is the version that it was judged by.

Sources: the S3 user guide, "Conditional requests".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.doors import Door
from tests.support.racers import RACERS, outcome, race

OLD, NEW = b"old", b"a newer one"
TURNS = 4
"""Requests of each racer, one after the other."""


@pytest.fixture
def crowd(door: Door, bucket: str) -> Iterator[Any]:
    """A client whose pool of connections is as large as the crowd."""
    config = Config(retries={"total_max_attempts": 1}, signature_version="s3v4", max_pool_connections=RACERS)
    with door.client_with(config=config) as client:
        yield client


@pytest.fixture
def old(door: Door, crowd: Any) -> datetime:
    """The Last-Modified of the object ``k``. The clock stands ten seconds later."""
    door.fake.clock.freeze(datetime.now().astimezone())
    crowd.put_object(Bucket="bucket", Key="k", Body=OLD)
    modified: datetime = crowd.head_object(Bucket="bucket", Key="k")["LastModified"]
    door.fake.clock.advance(seconds=10)
    return modified


def write(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=NEW)


def checked_race(s3: Any, turn: Callable[[], bytes | str], before: bytes | str, after: bytes | str) -> None:
    """Let 49 clients do the same, again and again, and one write.

    Each sees what was before the write, then what is after it, and never anything else.
    """
    seen: list[list[bytes | str]] = []

    def turns() -> None:
        mine: list[bytes | str] = []
        seen.append(mine)
        mine.extend(turn() for _ in range(TURNS))

    racers: list[Callable[[], Any]] = [turns] * (RACERS - 1)
    racers.insert(RACERS // 2, partial(write, s3))
    assert race(racers) == [""] * RACERS
    for mine in seen:
        count = mine.count(before)
        assert mine == [before] * count + [after] * (TURNS - count)
    assert turn() == after


def result(call: Callable[[], bytes]) -> bytes | str:
    try:
        return call()
    except ClientError as error:
        return outcome(partial(_reraise, error))


def _reraise(error: ClientError) -> None:
    raise error


def get(s3: Any, **conditions: Any) -> bytes:
    response = s3.get_object(Bucket="bucket", Key="k", **conditions)
    body: bytes = response["Body"].read()
    assert response["ContentLength"] == len(body)
    return body


def head(s3: Any, **conditions: Any) -> bytes:
    return {len(OLD): OLD, len(NEW): NEW}[s3.head_object(Bucket="bucket", Key="k", **conditions)["ContentLength"]]


@pytest.mark.parametrize("read", [get, head])
def test_reads_of_what_is_unmodified(crowd: Any, old: datetime, read: Callable[..., bytes]) -> None:
    failure = "PreconditionFailed If-Unmodified-Since" if read is get else "412"
    checked_race(crowd, lambda: result(lambda: read(crowd, IfUnmodifiedSince=old)), OLD, failure)


@pytest.mark.parametrize("read", [get, head])
def test_reads_of_what_is_modified(crowd: Any, old: datetime, read: Callable[..., bytes]) -> None:
    checked_race(crowd, lambda: result(lambda: read(crowd, IfModifiedSince=old)), "304", NEW)


def copy(s3: Any, **conditions: Any) -> bytes:
    """Copy the object to a key of its own, and return its bytes."""
    key = f"copy {id(conditions)}"
    source = {"Bucket": "bucket", "Key": "k"}
    etag = s3.copy_object(Bucket="bucket", Key=key, CopySource=source, **conditions)["CopyObjectResult"]["ETag"]
    response = s3.get_object(Bucket="bucket", Key=key)
    assert response["ETag"] == etag
    body: bytes = response["Body"].read()
    return body


def copy_part(s3: Any, **conditions: Any) -> bytes:
    """Copy the object into an upload, complete it, and return its bytes."""
    named = {"Bucket": "bucket", "Key": f"part {id(conditions)}"}
    upload = {**named, "UploadId": s3.create_multipart_upload(**named)["UploadId"]}
    source = {"Bucket": "bucket", "Key": "k"}
    etag = s3.upload_part_copy(**upload, PartNumber=1, CopySource=source, **conditions)["CopyPartResult"]["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    body: bytes = s3.get_object(**named)["Body"].read()
    return body


@pytest.mark.parametrize("make", [copy, copy_part])
def test_copies_of_what_is_unmodified(crowd: Any, old: datetime, make: Callable[..., bytes]) -> None:
    failure = "PreconditionFailed x-amz-copy-source-If-Unmodified-Since"
    checked_race(crowd, lambda: result(lambda: make(crowd, CopySourceIfUnmodifiedSince=old)), OLD, failure)


@pytest.mark.parametrize("make", [copy, copy_part])
def test_copies_of_what_is_modified(crowd: Any, old: datetime, make: Callable[..., bytes]) -> None:
    failure = "PreconditionFailed x-amz-copy-source-If-Modified-Since"
    checked_race(crowd, lambda: result(lambda: make(crowd, CopySourceIfModifiedSince=old)), failure, NEW)


def test_copies_onto_the_source_itself(crowd: Any, old: datetime) -> None:
    """A copy reads its source, and writes later: of 50 that make it newer, several may succeed; the last one stays."""
    call = partial(
        crowd.copy_object,
        Bucket="bucket",
        Key="k",
        CopySource={"Bucket": "bucket", "Key": "k"},
        CopySourceIfUnmodifiedSince=old,
        MetadataDirective="REPLACE",
    )
    outcomes = race([partial(call, Metadata={"racer": str(number)}) for number in range(RACERS)])
    assert "" in outcomes
    assert set(outcomes) <= {"", "PreconditionFailed x-amz-copy-source-If-Unmodified-Since"}
    assert outcome(call) == "PreconditionFailed x-amz-copy-source-If-Unmodified-Since"
    found = crowd.head_object(Bucket="bucket", Key="k")
    assert not outcomes[int(found["Metadata"]["racer"])]
    assert found["LastModified"] == old + timedelta(seconds=10)

"""Conditional writes are atomic: of concurrent ones exactly one succeeds, and no update is lost.

Sources: the S3 user guide, "Conditional requests".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.doors import Door
from tests.support.racers import RACERS, outcome, race, short_turns

Write = Callable[..., Any]
"""Write a body under the key ``k``; takes the conditions."""


@pytest.fixture
def crowd(door: Door, bucket: str) -> Iterator[Any]:
    """A client whose pool of connections is as large as the crowd."""
    config = Config(retries={"total_max_attempts": 1}, signature_version="s3v4", max_pool_connections=RACERS)
    with door.client_with(config=config) as client:
        yield client


def _put(s3: Any, body: bytes) -> Write:
    return partial(s3.put_object, Bucket="bucket", Key="k", Body=body)


def _copy(s3: Any, body: bytes) -> Write:
    source = f"source {body.decode()}"
    s3.put_object(Bucket="bucket", Key=source, Body=body)
    return partial(s3.copy_object, Bucket="bucket", Key="k", CopySource={"Bucket": "bucket", "Key": source})


def _complete(s3: Any, body: bytes) -> Write:
    where = {"Bucket": "bucket", "Key": "k"}
    where["UploadId"] = s3.create_multipart_upload(**where)["UploadId"]
    part = {"PartNumber": 1, "ETag": s3.upload_part(**where, PartNumber=1, Body=body)["ETag"]}
    return partial(s3.complete_multipart_upload, **where, MultipartUpload={"Parts": [part]})


KINDS = {"PutObject": _put, "CopyObject": _copy, "CompleteMultipartUpload": _complete}


@pytest.mark.parametrize("versioning", ["", "Enabled", "Suspended"])
@pytest.mark.parametrize("kind", KINDS)
def test_one_of_50_writes_succeeds(crowd: Any, kind: str, versioning: str) -> None:
    if versioning:
        crowd.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": versioning})
    writes = [KINDS[kind](crowd, b"%d" % number) for number in range(RACERS)]
    outcomes = race([partial(write, IfNoneMatch="*") for write in writes])
    assert sorted(outcomes) == ["", *["PreconditionFailed If-None-Match"] * (RACERS - 1)]
    assert crowd.get_object(Bucket="bucket", Key="k")["Body"].read() == b"%d" % outcomes.index("")
    assert len(crowd.list_object_versions(Bucket="bucket", Prefix="k")["Versions"]) == 1


def test_one_of_each_kind_succeeds(crowd: Any) -> None:
    kinds = [*KINDS.values()] * 8
    writes = [kind(crowd, b"%d" % number) for number, kind in enumerate(kinds)]
    outcomes = race([partial(write, IfNoneMatch="*") for write in writes])
    assert sorted(outcomes) == ["", *["PreconditionFailed If-None-Match"] * (len(writes) - 1)]
    assert crowd.get_object(Bucket="bucket", Key="k")["Body"].read() == b"%d" % outcomes.index("")


@pytest.mark.parametrize("kind", KINDS)
def test_one_of_50_swaps_succeeds(crowd: Any, kind: str) -> None:
    """All expect the same ETag, and each writes another."""
    etag = crowd.put_object(Bucket="bucket", Key="k", Body=b"old")["ETag"]
    writes = [KINDS[kind](crowd, b"%d" % number) for number in range(RACERS)]
    outcomes = race([partial(write, IfMatch=etag) for write in writes])
    assert sorted(outcomes) == ["", *["PreconditionFailed If-Match"] * (RACERS - 1)]
    assert crowd.get_object(Bucket="bucket", Key="k")["Body"].read() == b"%d" % outcomes.index("")


RETRIES = {"PreconditionFailed If-Match", "ConditionalRequestConflict If-Match"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_counter_loses_no_update(crowd: Any, kind: str) -> None:
    """Compare and swap: read, write the next number if the object is unchanged, else try again."""
    workers, turns = 8, 5
    crowd.put_object(Bucket="bucket", Key="k", Body=b"0")

    def count(worker: int) -> set[str]:
        lost = set()
        for _ in range(turns):
            failure = "unknown"
            while failure:
                got = crowd.get_object(Bucket="bucket", Key="k")
                write = KINDS[kind](crowd, b"%d" % (int(got["Body"].read()) + 1))
                failure = outcome(partial(write, IfMatch=got["ETag"]))
                lost.add(failure)
        return lost - {""}

    with short_turns(), ThreadPoolExecutor(workers) as pool:
        lost = set().union(*pool.map(count, range(workers)))
    assert lost <= RETRIES
    assert crowd.get_object(Bucket="bucket", Key="k")["Body"].read() == b"%d" % (workers * turns)


@pytest.mark.parametrize("versioning", [False, True])
@pytest.mark.parametrize("condition", ["etag", "*"])
def test_one_of_50_deletes_succeeds(crowd: Any, versioning: bool, condition: str) -> None:
    """The others find nothing any more, which a condition makes an error."""
    if versioning:
        crowd.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    etag = crowd.put_object(Bucket="bucket", Key="k", Body=b"old")["ETag"]
    delete = partial(crowd.delete_object, Bucket="bucket", Key="k", IfMatch=etag if condition == "etag" else condition)
    assert sorted(race([delete] * RACERS)) == ["", *["NoSuchKey k"] * (RACERS - 1)]
    listed = crowd.list_object_versions(Bucket="bucket")
    assert (len(listed.get("Versions", [])), len(listed.get("DeleteMarkers", []))) == ((1, 1) if versioning else (0, 0))


def test_one_of_50_conditional_items_of_delete_objects_succeeds(crowd: Any) -> None:
    """Each request also has an item without a condition, which always succeeds."""
    etag = crowd.put_object(Bucket="bucket", Key="k", Body=b"old")["ETag"]

    def delete() -> None:
        response = crowd.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "k", "ETag": etag}, {"Key": "other"}]})
        assert {"Key": "other"} in response["Deleted"]
        for error in response.get("Errors", []):
            raise ClientError({"Error": error}, "DeleteObjects")

    assert sorted(race([delete] * RACERS)) == ["", *["NoSuchKey k"] * (RACERS - 1)]
    assert crowd.list_objects_v2(Bucket="bucket")["KeyCount"] == 0


def test_one_of_50_accounts_creates_a_bucket(door: Door) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(door.client_with(aws_access_key_id=f"{number:012}")) for number in range(1, RACERS + 1)]
        outcomes = race([partial(client.create_bucket, Bucket="new") for client in clients])
        assert sorted(outcomes) == ["", *["BucketAlreadyExists"] * (RACERS - 1)]
        winner = clients[outcomes.index("")]
        assert [one["Name"] for one in winner.list_buckets()["Buckets"]] == ["new"]


def test_a_delete_and_a_write_of_the_same_etag(crowd: Any) -> None:
    """Either may come first; never do both succeed, and never neither."""
    for round_ in range(10):
        etag = crowd.put_object(Bucket="bucket", Key="k", Body=b"%d" % round_)["ETag"]
        delete = partial(crowd.delete_object, Bucket="bucket", Key="k", IfMatch=etag)
        deleted, written = race([delete, partial(_put(crowd, b"new"), IfMatch=etag)])
        assert (deleted, written) in [("", "NoSuchKey k"), ("PreconditionFailed If-Match", "")]

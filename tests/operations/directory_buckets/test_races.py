"""Of 50 concurrent conditional requests to a directory bucket exactly one succeeds.

Sources: botocore's documentation of RenameObject, PutObject (WriteOffsetBytes), DeleteObject, DeleteObjects and
AbortMultipartUpload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.directory_buckets import NAME, create
from tests.support.doors import Door
from tests.support.racers import RACERS, outcome, race

pytestmark = pytest.mark.parametrize("door", ["in-process", "server"], indirect=True)


@pytest.fixture
def crowd(door: Door) -> Iterator[Any]:
    """A client whose pool of connections is as large as the crowd, and a bucket with the object ``k``."""
    with door.client_with(config=Config(retries={"total_max_attempts": 1}, max_pool_connections=RACERS)) as client:
        create(client)
        yield client


def keys(s3: Any) -> list[str]:
    return sorted(one["Key"] for one in s3.list_objects_v2(Bucket=NAME).get("Contents", []))


def body(s3: Any, key: str) -> Any:
    return s3.get_object(Bucket=NAME, Key=key)["Body"].read()


def put(s3: Any, key: str, content: bytes = b"old") -> str:
    return str(s3.put_object(Bucket=NAME, Key=key, Body=content)["ETag"])


def one_winner(outcomes: list[str], failure: str) -> int:
    """Assert that one call succeeded and all others failed in the same way; return the winner's index."""
    assert sorted(outcomes) == ["", *[failure] * (RACERS - 1)]
    return outcomes.index("")


def writers(s3: Any, **conditions: Any) -> list[Callable[[], Any]]:
    return [partial(s3.put_object, Bucket=NAME, Key="k", Body=b"%d" % number, **conditions) for number in range(RACERS)]


def test_puts_where_nothing_is(crowd: Any) -> None:
    winner = one_winner(race(writers(crowd, IfNoneMatch="*")), "PreconditionFailed If-None-Match")
    assert body(crowd, "k") == b"%d" % winner


def test_puts_of_the_same_etag(crowd: Any) -> None:
    winner = one_winner(race(writers(crowd, IfMatch=put(crowd, "k"))), "PreconditionFailed If-Match")
    assert body(crowd, "k") == b"%d" % winner


def test_appends_at_the_same_offset(crowd: Any) -> None:
    put(crowd, "k")
    winner = one_winner(race(writers(crowd, WriteOffsetBytes=3)), "InvalidWriteOffset")
    assert body(crowd, "k") == b"old%d" % winner


def test_appends_to_nothing(crowd: Any) -> None:
    """An append at 0 creates the object; all others are at a wrong offset then."""
    winner = one_winner(race(writers(crowd, WriteOffsetBytes=0)), "InvalidWriteOffset")
    assert body(crowd, "k") == b"%d" % winner


def test_appends_lose_nothing(crowd: Any) -> None:
    """Ten writers append five lines each, at whatever size the object has."""
    put(crowd, "k", b"-")

    def append(number: int) -> str:
        for turn in range(5):
            while True:
                size = crowd.head_object(Bucket=NAME, Key="k")["ContentLength"]
                line = f"{number}{turn},".encode()
                failure = outcome(partial(crowd.put_object, Bucket=NAME, Key="k", Body=line, WriteOffsetBytes=size))
                if not failure:
                    break
                assert failure == "InvalidWriteOffset"
        return ""

    assert race([partial(append, number) for number in range(10)]) == [""] * 10
    lines = body(crowd, "k").decode().removeprefix("-").removesuffix(",").split(",")
    assert sorted(lines) == sorted(f"{number}{turn}" for number in range(10) for turn in range(5))


def renames(s3: Any, sources: list[str], destinations: list[str], **conditions: Any) -> list[Callable[[], Any]]:
    """Return renames of each source to its destination."""
    pairs = zip(sources, destinations, strict=True)
    return [
        partial(s3.rename_object, Bucket=NAME, Key=destination, RenameSource=source, **conditions)
        for source, destination in pairs
    ]


NUMBERED = [f"n{number:02}" for number in range(RACERS)]


@pytest.mark.parametrize("condition", ["", "SourceIfMatch"])
def test_renames_of_one_object(crowd: Any, condition: str) -> None:
    """It has one new key; the others find no source."""
    etag = put(crowd, "k")
    calls = renames(crowd, ["k"] * RACERS, NUMBERED, **({condition: etag} if condition else {}))
    winner = one_winner(race(calls), "NoSuchKey k")
    assert keys(crowd) == [NUMBERED[winner]]


def test_renames_to_a_free_key(crowd: Any) -> None:
    for number, key in enumerate(NUMBERED):
        put(crowd, key, b"%d" % number)
    calls = renames(crowd, NUMBERED, ["k"] * RACERS, DestinationIfNoneMatch="*")
    winner = one_winner(race(calls), "PreconditionFailed If-None-Match")
    assert body(crowd, "k") == b"%d" % winner
    assert keys(crowd) == sorted({"k", *NUMBERED} - {NUMBERED[winner]})


def test_renames_over_the_same_etag(crowd: Any) -> None:
    etag = put(crowd, "k")
    for number, key in enumerate(NUMBERED):
        put(crowd, key, b"%d" % number)
    winner = one_winner(race(renames(crowd, NUMBERED, ["k"] * RACERS, DestinationIfMatch=etag)), "PreconditionFailed If-Match")
    assert body(crowd, "k") == b"%d" % winner


def test_conditional_deletes(crowd: Any) -> None:
    delete = partial(crowd.delete_object, Bucket=NAME, Key="k", IfMatch=put(crowd, "k"))
    one_winner(race([delete] * RACERS), "NoSuchKey k")
    assert keys(crowd) == []


def test_conditional_items_of_delete_objects(crowd: Any) -> None:
    delete = partial(delete_item, crowd, ETag=put(crowd, "k"))
    one_winner(race([delete] * RACERS), "NoSuchKey k")
    assert keys(crowd) == []


def delete_item(s3: Any, **conditions: Any) -> None:
    """Delete the key by DeleteObjects; raise its error."""
    response = s3.delete_objects(Bucket=NAME, Delete={"Objects": [{"Key": "k", **conditions}]})
    for error in response.get("Errors", []):
        raise ClientError({"Error": error}, "DeleteObjects")


@pytest.mark.parametrize("is_item", [False, True])
def test_deletes_by_size_spare_what_was_written_meanwhile(crowd: Any, is_item: bool) -> None:
    """A key without an object is no error with this condition: all may succeed, but an object of another size stays."""
    for _ in range(5):
        put(crowd, "k")
        delete = (
            partial(delete_item, crowd, Size=3) if is_item else partial(crowd.delete_object, Bucket=NAME, Key="k", IfMatchSize=3)
        )
        written, *deleted = race([partial(put, crowd, "k", b"newer"), *[delete] * 9])
        assert written == ""
        assert set(deleted) <= {"", "PreconditionFailed If-Match-Size", "PreconditionFailed k"}
        assert body(crowd, "k") == b"newer"


# --- conditions on time ----------------------------------------------------------------------------------------------


@pytest.fixture
def old(door: Door, crowd: Any) -> datetime:
    """The Last-Modified of the object ``k``, of three bytes. The clock stands ten seconds later."""
    door.fake.clock.freeze(datetime.now().astimezone())
    put(crowd, "k")
    modified: datetime = crowd.head_object(Bucket=NAME, Key="k")["LastModified"]
    door.fake.clock.advance(seconds=10)
    return modified


@pytest.mark.parametrize("is_item", [False, True])
@pytest.mark.parametrize("with_size", [False, True])
def test_deletes_by_time_spare_what_was_written_meanwhile(crowd: Any, old: datetime, is_item: bool, with_size: bool) -> None:
    """The new object has the old one's size and ETag. Deletes that come after it fail, those before it do no harm."""
    conditions: dict[str, Any] = {"LastModifiedTime": old, **({"Size": 3} if with_size else {})}
    if is_item:
        delete = partial(delete_item, crowd, **conditions)
    else:
        delete = partial(crowd.delete_object, Bucket=NAME, Key="k", **{f"IfMatch{name}": of for name, of in conditions.items()})
    outcomes = race([partial(put, crowd, "k"), *[delete] * (RACERS - 1)])
    assert outcomes[0] == ""
    assert set(outcomes) <= {"", "PreconditionFailed k" if is_item else "PreconditionFailed If-Match-Last-Modified-Time"}
    found = crowd.head_object(Bucket=NAME, Key="k")
    assert found["LastModified"] == old + timedelta(seconds=10)
    assert outcome(delete) in ("PreconditionFailed k", "PreconditionFailed If-Match-Last-Modified-Time")


def test_one_of_50_writes_after_a_delete_by_time(crowd: Any, old: datetime) -> None:
    """Writers want no object to be there, while others delete the old one: one writer at most succeeds, and its object stays."""
    delete = partial(crowd.delete_object, Bucket=NAME, Key="k", IfMatchLastModifiedTime=old, IfMatchSize=3)
    half = RACERS // 2
    outcomes = race([*writers(crowd, IfNoneMatch="*")[:half], *[delete] * half])
    won = [number for number in range(half) if not outcomes[number]]
    assert set(outcomes[:half]) <= {"", "PreconditionFailed If-None-Match"}
    assert set(outcomes[half:]) <= {"", "PreconditionFailed If-Match-Last-Modified-Time"}
    assert len(won) <= 1
    assert keys(crowd) == (["k"] if won else [])
    assert not won or body(crowd, "k") == b"%d" % won[0]


class OpenUpload(NamedTuple):
    """An upload of ``k`` with one part."""

    where: dict[str, str]
    part: dict[str, Any]
    initiated: datetime


@pytest.fixture
def upload(crowd: Any) -> OpenUpload:
    where = {"Bucket": NAME, "Key": "k"}
    where["UploadId"] = crowd.create_multipart_upload(**where)["UploadId"]
    etag = crowd.upload_part(**where, PartNumber=1, Body=b"part")["ETag"]
    (listed,) = crowd.list_multipart_uploads(Bucket=NAME)["Uploads"]
    return OpenUpload(where, {"PartNumber": 1, "ETag": etag}, listed["Initiated"])


def complete(s3: Any, upload: OpenUpload) -> Callable[[], Any]:
    return partial(s3.complete_multipart_upload, **upload.where, MultipartUpload={"Parts": [upload.part]})


def abort(s3: Any, upload: OpenUpload, seconds: int = 0) -> Callable[[], Any]:
    """Return an abort on the condition that the upload was initiated so many seconds after it was."""
    return partial(s3.abort_multipart_upload, **upload.where, IfMatchInitiatedTime=upload.initiated + timedelta(seconds=seconds))


def has_upload(s3: Any) -> bool:
    return bool(s3.list_multipart_uploads(Bucket=NAME).get("Uploads"))


def test_conditional_aborts_against_complete(crowd: Any, upload: OpenUpload) -> None:
    """Either completes the upload, all of it, or aborts it. An abort of an upload that is closed is no error."""
    first, *others = race([complete(crowd, upload), *[abort(crowd, upload)] * (RACERS - 1)])
    assert others == [""] * (RACERS - 1)
    assert first in ("", "NoSuchUpload")
    assert keys(crowd) == ([] if first else ["k"])
    assert first or body(crowd, "k") == b"part"
    assert not has_upload(crowd)


def test_aborts_at_a_wrong_time_abort_nothing(crowd: Any, upload: OpenUpload) -> None:
    aborts = [abort(crowd, upload, seconds=number - RACERS) for number in range(RACERS - 1)]
    first, *others = race([complete(crowd, upload), *aborts])
    assert first == ""
    assert set(others) <= {"", "PreconditionFailed If-Match-Initiated-Time"}
    assert body(crowd, "k") == b"part"
    assert not has_upload(crowd)


def test_one_abort_of_50_at_the_right_time(crowd: Any, upload: OpenUpload) -> None:
    wrong = [abort(crowd, upload, seconds=number) for number in range(1, RACERS)]
    assert {outcome(call) for call in wrong} == {"PreconditionFailed If-Match-Initiated-Time"}
    assert has_upload(crowd)
    first, *others = race([abort(crowd, upload), *wrong])
    assert first == ""
    assert set(others) <= {"", "PreconditionFailed If-Match-Initiated-Time"}
    assert not has_upload(crowd)


@pytest.mark.parametrize("is_conditional", [False, True])
@pytest.mark.parametrize("copies", [False, True])
def test_no_part_is_stored_after_an_abort(door: Door, crowd: Any, upload: OpenUpload, is_conditional: bool, copies: bool) -> None:
    put(crowd, "source")
    part = (
        partial(crowd.upload_part_copy, CopySource={"Bucket": NAME, "Key": "source"}, **upload.where)
        if copies
        else partial(crowd.upload_part, Body=b"later", **upload.where)
    )
    end = abort(crowd, upload) if is_conditional else partial(crowd.abort_multipart_upload, **upload.where)
    calls = [partial(part, PartNumber=number) for number in range(1, RACERS)]
    calls.insert(RACERS // 2, end)
    outcomes = race(calls)
    assert outcomes[RACERS // 2] == ""
    assert set(outcomes) <= {"", "NoSuchUpload"}
    assert outcome(partial(part, PartNumber=1)) == "NoSuchUpload"
    stored = door.fake.store.buckets[NAME]
    assert not stored.uploads
    assert not stored.uploads_by_key
    assert stored.size == len(b"old")
    assert not has_upload(crowd)

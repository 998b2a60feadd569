"""Pauses: two clients interleaved, through both doors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fakes3part import FakeS3, faults
from tests.support.faults import BUCKET, Place, told


@pytest.fixture
def s3(place: Place) -> Any:
    return place.client()


@pytest.fixture
def start() -> Iterator[Callable[..., Future[Any]]]:
    """``start(function, **arguments)``: in a thread of its own."""
    with ThreadPoolExecutor(8) as threads:
        yield threads.submit


def test_before_nothing_has_happened(place: Place, s3: Any, start: Callable[..., Future[Any]]) -> None:
    with place.fake.pause_before("PutObject", key="key") as pause:
        put = start(s3.put_object, Bucket=BUCKET, Key="key", Body=b"data")
        (waiting,) = pause.wait()
        assert (waiting.operation, waiting.bucket, waiting.key) == ("PutObject", BUCKET, "key")
        assert pause.waiting == (waiting,)
        assert place.listed() == []
        assert not put.done()
        pause.release()
        assert put.result(5)["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert pause.waiting == ()
    assert place.stored("key") == b"data"


def test_after_all_is_done(place: Place, s3: Any, start: Callable[..., Future[Any]]) -> None:
    with place.fake.pause_after("PutObject") as pause:
        put = start(s3.put_object, Bucket=BUCKET, Key="key", Body=b"data")
        pause.wait()
        assert place.stored("key") == b"data"
        assert not put.done()
    assert put.result(5)["ETag"] == '"8d777f385d3dfec8815d20f7496026dc"'


def test_only_what_matches_waits(place: Place, s3: Any, start: Callable[..., Future[Any]]) -> None:
    with place.fake.pause_before("*Object", key="slow/*", when=lambda call: call.operation != "HeadObject") as pause:
        s3.put_object(Bucket=BUCKET, Key="quick", Body=b"")
        with pytest.raises(ClientError):
            s3.head_object(Bucket=BUCKET, Key="slow/1")
        assert pause.waiting == ()
        puts = [start(s3.put_object, Bucket=BUCKET, Key=f"slow/{number}", Body=b"") for number in range(3)]
        assert sorted(call.key or "" for call in pause.wait(calls=3)) == ["slow/0", "slow/1", "slow/2"]
    assert [put.result(5)["ResponseMetadata"]["HTTPStatusCode"] for put in puts] == [200, 200, 200]


def test_parts_wait_by_their_number(place: Place, s3: Any, start: Callable[..., Future[Any]]) -> None:
    upload = {"Bucket": BUCKET, "Key": "key", "UploadId": s3.create_multipart_upload(Bucket=BUCKET, Key="key")["UploadId"]}
    with place.fake.pause_before("UploadPart", part_number=2) as pause:
        first, second = (start(s3.upload_part, **upload, PartNumber=number, Body=b"x") for number in (1, 2))
        first.result(5)
        assert [call.part_number for call in pause.wait()] == [2]
    second.result(5)


def test_two_writers_that_both_saw_nothing(place: Place, s3: Any, start: Callable[..., Future[Any]]) -> None:
    """The race that If-None-Match is for: without a pause nobody could tell how it ends."""
    with place.fake.pause_before("PutObject", when=lambda call: call.headers.get("x-amz-meta-who") == "slow") as pause:
        slow = start(s3.put_object, Bucket=BUCKET, Key="key", Body=b"slow", Metadata={"who": "slow"}, IfNoneMatch="*")
        pause.wait()
        s3.put_object(Bucket=BUCKET, Key="key", Body=b"quick", IfNoneMatch="*")
    with pytest.raises(ClientError) as caught:
        slow.result(5)
    assert told(caught.value)[1] == "PreconditionFailed"
    assert place.stored("key") == b"quick"


def test_a_part_that_comes_while_the_upload_is_completed(place: Place, s3: Any, start: Callable[..., Future[Any]]) -> None:
    upload = {"Bucket": BUCKET, "Key": "key", "UploadId": s3.create_multipart_upload(Bucket=BUCKET, Key="key")["UploadId"]}
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"old")["ETag"]}
    with place.fake.pause_before("CompleteMultipartUpload") as pause:
        complete = start(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": [part]})
        pause.wait()
        s3.upload_part(**upload, PartNumber=1, Body=b"new")
    with pytest.raises(ClientError) as caught:
        complete.result(5)
    assert told(caught.value)[1] == "InvalidPart"


def test_who_comes_after_the_release_passes(place: Place, s3: Any) -> None:
    pause = place.fake.pause_before("*")
    assert place.fake.faults.pauses == (pause,)
    pause.release()
    pause.release()
    s3.put_object(Bucket=BUCKET, Key="key", Body=b"")
    assert (place.fake.faults.pauses, place.fake.faults.active) == ((), False)


def test_reset_releases(place: Place, s3: Any, start: Callable[..., Future[Any]]) -> None:
    pause = place.fake.pause_before("PutObject")
    put = start(s3.put_object, Bucket=BUCKET, Key="key", Body=b"")
    pause.wait()
    place.fake.reset()
    put.result(5)  # on the state in which it began
    assert not place.fake.buckets


def test_a_pause_and_a_fault(place: Place, s3: Any, start: Callable[..., Future[Any]]) -> None:
    rule = place.fake.fail("PutObject", "SlowDown")
    with place.fake.pause_before("PutObject") as before, place.fake.pause_after("PutObject") as after:
        put = start(s3.put_object, Bucket=BUCKET, Key="key", Body=b"")
        before.wait()
        before.release()
        after.wait()
    with pytest.raises(ClientError, match="SlowDown"):
        put.result(5)
    assert rule.hits == 1


def test_two_pauses_one_after_the_other(place: Place, s3: Any, start: Callable[..., Future[Any]]) -> None:
    first, second = place.fake.pause_before("PutObject"), place.fake.pause_before("*", key="key")
    put = start(s3.put_object, Bucket=BUCKET, Key="key", Body=b"")
    first.wait()
    assert second.waiting == ()
    first.release()
    second.wait()
    second.release()
    put.result(5)


def test_nobody_comes(place: Place) -> None:
    with place.fake.pause_before("PutObject", key="a*") as pause:
        with pytest.raises(TimeoutError, match=r"0 of 2 calls reached the pause before PutObject, key='a\*' within 0.01 s"):
            pause.wait(calls=2, timeout=0.01)
        assert repr(pause) == "<Pause before PutObject, key='a*': 0 waiting>"


def test_nobody_releases(place: Place, s3: Any) -> None:
    with pytest.raises(TimeoutError) as caught, place.fake.pause_after("PutObject", timeout=0.01):
        s3.put_object(Bucket=BUCKET, Key="key", Body=b"data")  # this thread waits for itself
    assert str(caught.value) == (
        "the pause after PutObject was not released within 0.01 s, so these calls went on: PutObject bucket/key. (A call in "
        "the thread that should release the pause waits for itself.)"
    )
    assert place.stored("key") == b"data"


def test_what_goes_wrong_in_the_block_is_what_is_told(place: Place, s3: Any) -> None:
    def block() -> None:
        with place.fake.pause_before("PutObject", timeout=0.01):
            s3.put_object(Bucket=BUCKET, Key="key", Body=b"data")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        block()
    assert place.fake.faults.pauses == ()


def test_a_pause_holds_no_lock(place: Place, s3: Any, start: Callable[..., Future[Any]]) -> None:
    with place.fake.pause_after("PutObject", key="slow") as pause:
        slow = start(s3.put_object, Bucket=BUCKET, Key="slow", Body=b"")
        pause.wait()
        s3.put_object(Bucket=BUCKET, Key="slow/other", Body=b"")
        s3.delete_object(Bucket=BUCKET, Key="slow")
        assert place.listed() == ["slow/other"]
    slow.result(5)


def test_many_wait_and_all_go_on(place: Place, s3: Any) -> None:
    done: list[str] = []

    def put(key: str) -> None:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
        done.append(key)

    threads = [threading.Thread(target=put, args=(f"{number}",)) for number in range(10)]
    with place.fake.pause_before("PutObject") as pause:
        for thread in threads:
            thread.start()
        pause.wait(calls=10)
        assert done == []
    for thread in threads:
        thread.join(5)
    assert len(done) == 10


def test_a_pause_of_what_is_not_there() -> None:
    fake = FakeS3()
    with pytest.raises(ValueError, match="S3 has no operation 'PutObjekt'; did you mean 'PutObject'"):
        fake.pause_before("PutObjekt")
    assert not fake.faults.active


def test_pauses_outlive_a_clearing_of_rules() -> None:
    fake = FakeS3()
    fake.fail("*", faults.Latency(1))
    pause = fake.pause_before("*")
    fake.faults.clear()
    assert (fake.faults.pauses, list(fake.faults)) == ((pause,), [])


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"key": "k"}, "a pause needs the field operation"),
        ({"operation": "PutObject", "wen": "after"}, "a pause has no field 'wen'; did you mean 'when'?"),
        ({"operation": "PutObject", "nth": 2}, "a pause has no field 'nth'; its fields are: operation, when, bucket, key, "),
        ({"operation": "PutObject", "when": "during"}, "when is 'before' or 'after', not 'during'"),
        ({"operation": "PutObject", "key": 5}, "a field of the pause has the wrong type: "),
        ({"operation": "PutObjekt"}, "S3 has no operation 'PutObjekt'"),
    ],
)
def test_json_that_is_no_pause(document: dict[str, Any], text: str) -> None:
    fake = FakeS3()
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the text is compared below
        fake.faults.pause_json(document)
    assert str(caught.value).startswith(text)
    assert fake.faults.pauses == ()


def test_a_pause_as_json() -> None:
    pause = FakeS3().faults.pause_json({"operation": "PutObject", "when": "after", "key": "a*", "part_number": None})
    assert pause.to_json() == {"id": 1, "when": "after", "calls": "PutObject, key='a*'", "waiting": [], "overdue": []}

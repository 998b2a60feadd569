"""Pauses: calls of two clients interleaved, in-process and over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fakes3part import FakeS3, faults
from tests.support.faults import BUCKET, Transport, error_of


@pytest.fixture
def s3(transport: Transport) -> Any:
    return transport.client()


@pytest.fixture
def start() -> Iterator[Callable[..., Future[Any]]]:
    """``start(function, **arguments)`` calls the function in a thread of its own."""
    with ThreadPoolExecutor(8) as threads:
        yield threads.submit


def test_a_pause_before_the_operation(transport: Transport, s3: Any, start: Callable[..., Future[Any]]) -> None:
    with transport.fake.pause_before("PutObject", key="key") as pause:
        put = start(s3.put_object, Bucket=BUCKET, Key="key", Body=b"data")
        (waiting,) = pause.wait()
        assert (waiting.operation, waiting.bucket, waiting.key) == ("PutObject", BUCKET, "key")
        assert pause.waiting == (waiting,)
        assert transport.listed() == []
        assert not put.done()
        pause.release()
        assert put.result(5)["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert pause.waiting == ()
    assert transport.stored("key") == b"data"


def test_a_pause_after_the_operation(transport: Transport, s3: Any, start: Callable[..., Future[Any]]) -> None:
    with transport.fake.pause_after("PutObject") as pause:
        put = start(s3.put_object, Bucket=BUCKET, Key="key", Body=b"data")
        pause.wait()
        assert transport.stored("key") == b"data"
        assert not put.done()
    assert put.result(5)["ETag"] == '"8d777f385d3dfec8815d20f7496026dc"'


def test_only_what_matches_waits(transport: Transport, s3: Any, start: Callable[..., Future[Any]]) -> None:
    with transport.fake.pause_before("*Object", key="slow/*", when=lambda call: call.operation != "HeadObject") as pause:
        s3.put_object(Bucket=BUCKET, Key="quick", Body=b"")
        with pytest.raises(ClientError):
            s3.head_object(Bucket=BUCKET, Key="slow/1")
        assert pause.waiting == ()
        puts = [start(s3.put_object, Bucket=BUCKET, Key=f"slow/{number}", Body=b"") for number in range(3)]
        assert sorted(call.key or "" for call in pause.wait(calls=3)) == ["slow/0", "slow/1", "slow/2"]
    assert [put.result(5)["ResponseMetadata"]["HTTPStatusCode"] for put in puts] == [200, 200, 200]


def test_parts_wait_by_their_number(transport: Transport, s3: Any, start: Callable[..., Future[Any]]) -> None:
    upload = {"Bucket": BUCKET, "Key": "key", "UploadId": s3.create_multipart_upload(Bucket=BUCKET, Key="key")["UploadId"]}
    with transport.fake.pause_before("UploadPart", part_number=2) as pause:
        first, second = (start(s3.upload_part, **upload, PartNumber=number, Body=b"x") for number in (1, 2))
        first.result(5)
        assert [call.part_number for call in pause.wait()] == [2]
    second.result(5)


def test_two_writers_that_both_found_no_object(transport: Transport, s3: Any, start: Callable[..., Future[Any]]) -> None:
    """The race that If-None-Match is for; without a pause its result would be random."""
    with transport.fake.pause_before("PutObject", when=lambda call: call.headers.get("x-amz-meta-who") == "slow") as pause:
        slow = start(s3.put_object, Bucket=BUCKET, Key="key", Body=b"slow", Metadata={"who": "slow"}, IfNoneMatch="*")
        pause.wait()
        s3.put_object(Bucket=BUCKET, Key="key", Body=b"quick", IfNoneMatch="*")
    with pytest.raises(ClientError) as caught:
        slow.result(5)
    assert error_of(caught.value)[1] == "PreconditionFailed"
    assert transport.stored("key") == b"quick"


def test_a_part_uploaded_while_the_upload_is_completed(transport: Transport, s3: Any, start: Callable[..., Future[Any]]) -> None:
    upload = {"Bucket": BUCKET, "Key": "key", "UploadId": s3.create_multipart_upload(Bucket=BUCKET, Key="key")["UploadId"]}
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"old")["ETag"]}
    with transport.fake.pause_before("CompleteMultipartUpload") as pause:
        complete = start(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": [part]})
        pause.wait()
        s3.upload_part(**upload, PartNumber=1, Body=b"new")
    with pytest.raises(ClientError) as caught:
        complete.result(5)
    assert error_of(caught.value)[1] == "InvalidPart"


def test_calls_after_the_release_are_not_held(transport: Transport, s3: Any) -> None:
    pause = transport.fake.pause_before("*")
    assert transport.fake.faults.pauses == (pause,)
    pause.release()
    pause.release()
    s3.put_object(Bucket=BUCKET, Key="key", Body=b"")
    assert (transport.fake.faults.pauses, transport.fake.faults.active) == ((), False)


def test_reset_releases(transport: Transport, s3: Any, start: Callable[..., Future[Any]]) -> None:
    pause = transport.fake.pause_before("PutObject")
    put = start(s3.put_object, Bucket=BUCKET, Key="key", Body=b"")
    pause.wait()
    transport.fake.reset()
    put.result(5)  # on the state with which it began
    assert not transport.fake.buckets


def test_a_pause_and_a_fault(transport: Transport, s3: Any, start: Callable[..., Future[Any]]) -> None:
    rule = transport.fake.fail("PutObject", "SlowDown")
    with transport.fake.pause_before("PutObject") as before, transport.fake.pause_after("PutObject") as after:
        put = start(s3.put_object, Bucket=BUCKET, Key="key", Body=b"")
        before.wait()
        before.release()
        after.wait()
    with pytest.raises(ClientError, match="SlowDown"):
        put.result(5)
    assert rule.hits == 1


def test_two_pauses_one_after_the_other(transport: Transport, s3: Any, start: Callable[..., Future[Any]]) -> None:
    first, second = transport.fake.pause_before("PutObject"), transport.fake.pause_before("*", key="key")
    put = start(s3.put_object, Bucket=BUCKET, Key="key", Body=b"")
    first.wait()
    assert second.waiting == ()
    first.release()
    second.wait()
    second.release()
    put.result(5)


def test_no_call_arrives(transport: Transport) -> None:
    with transport.fake.pause_before("PutObject", key="a*") as pause:
        with pytest.raises(TimeoutError, match=r"0 of 2 calls reached the pause before PutObject, key='a\*' within 0.01 s"):
            pause.wait(calls=2, timeout=0.01)
        assert repr(pause) == "<Pause before PutObject, key='a*': 0 waiting>"


def test_a_pause_that_is_not_released(transport: Transport, s3: Any) -> None:
    with pytest.raises(TimeoutError) as caught, transport.fake.pause_after("PutObject", timeout=0.01):
        s3.put_object(Bucket=BUCKET, Key="key", Body=b"data")  # this thread waits for itself
    assert str(caught.value) == (
        "the pause after PutObject was not released within 0.01 s, so these calls went on: PutObject bucket/key. (A call in "
        "the thread that should release the pause waits for itself.)"
    )
    assert transport.stored("key") == b"data"


def test_an_exception_in_the_block_is_not_replaced(transport: Transport, s3: Any) -> None:
    def block() -> None:
        with transport.fake.pause_before("PutObject", timeout=0.01):
            s3.put_object(Bucket=BUCKET, Key="key", Body=b"data")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        block()
    assert transport.fake.faults.pauses == ()


def test_a_pause_holds_no_lock(transport: Transport, s3: Any, start: Callable[..., Future[Any]]) -> None:
    with transport.fake.pause_after("PutObject", key="slow") as pause:
        slow = start(s3.put_object, Bucket=BUCKET, Key="slow", Body=b"")
        pause.wait()
        s3.put_object(Bucket=BUCKET, Key="slow/other", Body=b"")
        s3.delete_object(Bucket=BUCKET, Key="slow")
        assert transport.listed() == ["slow/other"]
    slow.result(5)


def test_many_wait_and_all_go_on(transport: Transport, s3: Any) -> None:
    done: list[str] = []

    def put(key: str) -> None:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
        done.append(key)

    threads = [threading.Thread(target=put, args=(f"{number}",)) for number in range(10)]
    with transport.fake.pause_before("PutObject") as pause:
        for thread in threads:
            thread.start()
        pause.wait(calls=10)
        assert done == []
    for thread in threads:
        thread.join(5)
    assert len(done) == 10


def test_a_pause_of_an_unknown_operation() -> None:
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

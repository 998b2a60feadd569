"""Forked children share the state of the fakes of their parent."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from fakes3part import current_fake, mock_s3
from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from fakes3part.faults import Reset
from tests.intercept.test_children import RAW, forget_native_libraries, inherited, keys, our_threads
from tests.support.workers.puts import put, put_by

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


@pytest.fixture
def fake() -> Iterator[FakeS3]:
    with mock_s3() as fake:
        fake.seed({"bkt": {"big": b"x" * 3_000_000}})
        yield fake


@pytest.fixture(autouse=True)
def no_threads_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    forget_native_libraries(monkeypatch)
    yield
    deadline = time.monotonic() + 10
    while (left := our_threads()) and time.monotonic() < deadline:
        time.sleep(0.01)  # one ends when its child has ended
    assert left == []


def in_child(function: Callable[[], Any]) -> str:
    """Run a function in a forked child and return what it returns, or raises, as a text."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            result = str(function())
        except BaseException as error:
            result = f"{type(error).__name__}: {error}"
        os.write(writing, result.encode())
        os._exit(0)
    os.close(writing)
    with open(reading) as file:
        result = file.read()
    os.waitpid(child, 0)
    return result


def test_a_child_writes_into_the_parents_fake(fake: FakeS3) -> None:
    client = boto3.client("s3")
    assert in_child(lambda: put_by(client, "by the parent's client")) == "by the parent's client"
    assert in_child(lambda: put("by its own")) == "by its own"
    assert in_child(lambda: len(client.get_object(Bucket="bkt", Key="big")["Body"].read())) == "3000000"
    assert keys(fake) == ["big", "by its own", "by the parent's client"]
    assert [call.operation for call in fake.calls] == ["PutObject", "PutObject", "GetObject"]
    client.close()


def test_a_pool_of_forks(fake: FakeS3) -> None:
    names = [f"key {number}" for number in range(8)]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        assert list(pool.map(put, names)) == names
    assert keys(fake) == ["big", *names]


def test_a_fake_that_intercepts_nothing() -> None:
    fake = FakeS3()
    fake.seed({"bkt": {}})
    client = fake.client()
    assert in_child(lambda: put_by(client, "key")) == "key"
    assert keys(fake) == ["key"]
    client.close()


def test_errors_and_faults_reach_the_child(fake: FakeS3) -> None:
    client = boto3.client("s3")
    error = in_child(lambda: client.get_object(Bucket="bkt", Key="none"))
    assert (
        error
        == "NoSuchKey: An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist."
    )
    fake.fail("GetObject", Reset(), key="big")
    assert in_child(lambda: client.get_object(Bucket="bkt", Key="big")).startswith(ConnectionClosedError.__name__)
    client.close()


def test_a_broken_body_is_refused_by_the_parent(fake: FakeS3) -> None:
    client = boto3.client("s3")
    error = in_child(lambda: client.put_object(Bucket="bkt", Key="key", Body=b"1", ContentMD5="rL0Y20zC+Fzt72VPzMSk2A=="))
    assert error.startswith(ClientError.__name__)
    assert "BadDigest" in error
    assert keys(fake) == ["big"]
    client.close()


@pytest.mark.parametrize("name", ["buckets", "calls", "seed", "fail", "reset", "restore", "snapshot", "kms"])
def test_what_would_show_or_change_the_copy_is_refused(fake: FakeS3, name: str) -> None:
    text = in_child(lambda: getattr(fake, name))
    assert text.startswith("RuntimeError: fakes3part: process ")
    assert f"the fake's state is in the parent, so it has no '{name}' here" in text


def test_the_clock_is_the_parents(fake: FakeS3) -> None:
    assert "its clock cannot be changed here" in in_child(lambda: fake.clock.advance(days=1))
    assert not fake.clock.is_controlled
    fake.clock.move_to("2031-01-01")
    assert in_child(lambda: put("key")) == "key"
    assert fake.buckets["bkt"].objects["key"].last_modified.year == 2031


def test_a_child_of_a_child(fake: FakeS3) -> None:
    assert in_child(lambda: in_child(lambda: put("forked"))) == "forked"
    assert in_child(lambda: subprocess.run([*RAW, "executed"]).returncode) == "0"
    assert keys(fake) == ["big", "executed", "forked"]


def test_a_child_executes_a_program(fake: FakeS3) -> None:
    child = os.fork()
    if not child:
        os.execv(sys.executable, [*RAW, "executed"])
    assert os.waitpid(child, 0)[1] == 0
    assert keys(fake) == ["big", "executed"]


def test_a_child_makes_a_fake_of_its_own(fake: FakeS3) -> None:
    def work() -> Any:
        with FakeS3() as own:
            own.seed({"own": {}})
            client = boto3.client("s3")
            listed = [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
            return listed, list(own.buckets), own.clock.advance(days=1) is None, inherited()["AWS_ENDPOINT_URL"][:17]

    assert in_child(work) == "(['own'], ['own'], False, 'http://127.0.0.1:')"
    assert list(fake.buckets) == ["bkt"]


def test_a_child_leaves_the_mock() -> None:
    mock = mock_s3()
    mock.start().seed({"bkt": {}})

    def work() -> Any:
        mock.stop()
        return current_fake()

    assert in_child(work) == "None"
    assert in_child(lambda: put("key")) == "key"
    mock.stop()


def test_a_child_that_outlives_its_block_is_refused() -> None:
    reading, writing = os.pipe()
    with mock_s3() as fake:
        fake.seed({"bkt": {}})
        child = os.fork()
        if not child:
            os.close(writing)
            os.read(reading, 1)  # until the block has ended
            try:
                put("late")
            except RuntimeError as error:
                os._exit(7 if "in the parent, where the block of its mock has ended" in str(error) else 1)
            os._exit(0)
    with mock_s3() as other:
        other.seed({"bkt": {}})
        os.close(writing)
        os.close(reading)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert (keys(fake), keys(other)) == ([], [])


def test_a_paused_call_does_not_stop_the_others_of_the_child(fake: FakeS3) -> None:
    def work() -> Any:
        thread = threading.Thread(target=put, args=("paused",))
        thread.start()
        put("released")
        thread.join()
        return "done"

    with fake.pause_before("PutObject", key="paused", timeout=60) as pause:
        fake.on("s3:ObjectCreated:*", lambda _: pause.release(), prefix="released")
        assert in_child(work) == "done"


def test_locks_of_other_threads_are_free_in_a_child() -> None:
    """The locks of a fake's store, journal and accounts, and those of interception itself."""
    code = """
        import os, threading, warnings
        warnings.simplefilter("ignore", DeprecationWarning)  # of Python 3.12 and later: the thread below is the test's own
        from fakes3part import FakeS3
        from fakes3part.intercept import activation, children, doors
        fake = FakeS3()
        fake.seed({"bkt": {}})
        store = fake.store
        held = [activation.lock, children._lock, doors._lock, store.lock, store.get("bkt").lock, fake.snapshot_lock]
        held += [part._lock for part in (fake.calls, fake.clock, fake.accounts, fake.events, fake.faults, fake.kms, fake.lambdas)]
        ready, end = threading.Event(), threading.Event()

        def hold():
            for lock in held:
                lock.acquire()
            ready.set()
            end.wait()

        thread = threading.Thread(target=hold, daemon=True)
        thread.start()
        ready.wait()
        if not (child := os.fork()):
            os._exit(0 if all(lock.acquire(blocking=False) for lock in held) else 1)
        print(len(held), os.waitpid(child, 0)[1])
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == ("13 0\n", "")


def test_no_child_hangs_while_threads_use_the_fake(fake: FakeS3) -> None:
    client = boto3.client("s3")
    put_by(client, "first")
    stop = threading.Event()

    def keep_putting(name: str) -> None:
        while not stop.is_set():
            put_by(client, name)

    threads = [threading.Thread(target=keep_putting, args=(f"thread {number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        context = multiprocessing.get_context("fork")
        for number in range(15):
            child = context.Process(target=put, args=(f"child {number}",))
            child.start()
            child.join(60)
            assert child.exitcode == 0
            child.close()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert len(keys(fake)) == 2 + 3 + 15
    client.close()


def test_a_server_stops_although_a_child_has_its_socket() -> None:
    server = Server().start()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        server.stop()  # it is the parent's
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    address = server.get_host_and_port()[0], server.port
    with socket.create_connection(address, timeout=10) as connection:  # the child has not stopped it
        server.stop()
        assert connection.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=10)
    with Server(port=address[1]):  # the port is free
        socket.create_connection(address, timeout=10).close()
    os.close(writing)
    os.close(reading)
    os.waitpid(child, 0)

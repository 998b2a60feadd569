"""The connections of a busy server have their turns in the order in which their requests came, and none holds up the others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import boto3
import pytest
from botocore.config import Config

from fakes3part import FakeS3, Server
from fakes3part.server import turns as module
from fakes3part.server.turns import FEW, Turn, Turns
from tests.support.waiting import wait_until

MANY = FEW + 12


def busy(turns: Turns, *, holder: bool = True) -> Turn:
    """Begin so many requests that the next ones queue, and return the one that has the turn."""
    for _ in range(FEW):
        Turn(turns).begin()
    first = Turn(turns)
    if holder:
        first.begin()
    return first


def started(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_turns_come_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONG", 60)
    turns = Turns()
    first = busy(turns)
    served: list[int] = []

    def serve(number: int) -> None:
        turn = Turn(turns)
        turn.begin()
        served.append(number)
        turn.end()

    threads = []
    for number in range(5):
        threads.append(started(lambda number=number: serve(number)))  # type: ignore[misc]
        wait_until(lambda number=number: len(turns._queue) == number + 1)  # type: ignore[misc]
    assert not served
    first.end()
    first.end()
    for thread in threads:
        thread.join(30)
    assert served == [0, 1, 2, 3, 4]
    assert turns._holder is None
    assert turns._requests == FEW


def test_few_requests_do_not_wait() -> None:
    turns = Turns()
    all_turns = [Turn(turns) for _ in range(FEW)]
    for _ in range(3):
        for turn in all_turns:
            turn.begin()
        assert turns._holder is None
        for turn in all_turns:
            turn.end()
    assert turns._requests == 0


def test_a_turn_that_is_too_long_ends_them_for_a_while() -> None:
    turns = Turns()
    first = busy(turns)
    threads = [started(Turn(turns).begin) for _ in range(3)]
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    Turn(turns).begin()  # at once, in this thread
    assert not turns._queue
    first.end()
    assert turns._holder is None


def test_turns_resume(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SUSPENDED", 0.0)
    turns = Turns()
    busy(turns)
    Turn(turns).begin()  # the first one's was too long
    second = Turn(turns)
    second.begin()
    assert turns._holder is second


# A server


@pytest.fixture
def fake() -> FakeS3:
    fake = FakeS3()
    fake.seed({"bucket": {"key": b"body", "other": b"other"}})
    return fake


@pytest.fixture
def client(fake: FakeS3) -> Iterator[Any]:
    """A client of a server of the fake, with a connection for each of many threads."""
    config = Config(max_pool_connections=2 * MANY)
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    with Server(fake) as server:
        client = boto3.client("s3", endpoint_url=server.url, region_name="us-east-1", config=config, **keys)
        with closing(client):
            yield client


def read(client: Any, key: str) -> bytes:
    body: bytes = client.get_object(Bucket="bucket", Key=key)["Body"].read()
    return body


def test_requests_that_are_held_hold_up_no_others(fake: FakeS3, client: Any) -> None:
    with ThreadPoolExecutor(MANY) as pool, fake.pause_before("GetObject", key="key", timeout=60) as pause:
        held = [pool.submit(read, client, "key") for _ in range(MANY)]
        pause.wait(MANY, timeout=60)
        assert read(client, "other") == b"other"
        pause.release()
        assert [each.result(60) for each in held] == [b"body"] * MANY


def test_callbacks_may_send_requests_to_the_server(fake: FakeS3, client: Any) -> None:
    found: list[bytes] = []
    fake.on("s3:ObjectCreated:*", lambda event: found.append(read(client, "key")))
    with ThreadPoolExecutor(MANY) as pool:
        puts = [pool.submit(client.put_object, Bucket="bucket", Key=f"new-{number}", Body=b"x") for number in range(3 * MANY)]
        for put in puts:
            put.result(60)
    assert found == [b"body"] * (3 * MANY)
    assert not fake.events.errors


def test_large_bodies_come_and_go_without_a_turn(fake: FakeS3, client: Any) -> None:
    large = bytes(300_000)
    with ThreadPoolExecutor(MANY) as pool:
        for _ in pool.map(lambda number: client.put_object(Bucket="bucket", Key=f"large-{number}", Body=large), range(2 * MANY)):
            pass
        assert set(pool.map(lambda number: read(client, f"large-{number}"), range(2 * MANY))) == {large}
    assert len(fake.buckets["bucket"].objects) == 2 + 2 * MANY

"""The clock of a fake: the effect of each move, and that freezegun and time-machine apply, through both doors."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from botocore.config import Config
from freezegun import freeze_time

from fakes3part.clock import Clock
from fakes3part.message import Request
from tests.support.doors import Door, refused
from tests.support.errors import EXPIRED_TOKEN

UTC = timezone.utc
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def frozen() -> Clock:
    clock = Clock()
    clock.freeze(AT)
    return clock


@pytest.fixture
def machine() -> Iterator[Any]:
    """The system's time, frozen at AT; it can be moved."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


MOMENTS: dict[str, tuple[Any, datetime]] = {
    "aware": (AT, AT),
    "of another zone": (datetime(2026, 1, 2, 5, 4, 5, tzinfo=timezone(timedelta(hours=2))), AT),
    "naive is UTC": (datetime(2026, 1, 2, 3, 4, 5), AT),
    "Z": ("2026-01-02T03:04:05Z", AT),
    "z": ("2026-01-02T03:04:05z", AT),
    "offset": ("2026-01-02T05:04:05+02:00", AT),
    "no zone": ("2026-01-02T03:04:05", AT),
    "space": ("2026-01-02 03:04:05", AT),
    "milliseconds": ("2026-01-02T03:04:05.000Z", AT),
    "microseconds": ("2026-01-02T03:04:05.000001Z", AT + timedelta(microseconds=1)),
    "a day": ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
}


@pytest.mark.parametrize(("value", "moment"), MOMENTS.values(), ids=MOMENTS)
def test_valid_times(machine: Any, value: Any, moment: datetime) -> None:
    clock = Clock()
    clock.move_to(value)
    assert clock.now() == moment
    clock.freeze(value)
    assert clock.now() == moment
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "Z", "tomorrow", "2026-13-01", "2026-01-01T25:00:00Z", "Z2026-01-01", "2026-01-01T00:00:00ZZ"]
)
@pytest.mark.parametrize("move", [Clock.freeze, Clock.move_to])
def test_invalid_times(frozen: Clock, text: str, move: Any) -> None:
    with pytest.raises(ValueError, match="not a date in ISO 8601"):
        move(frozen, text)
    assert frozen.now() == AT


Move = Callable[[Clock], Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOVES: dict[str, tuple[Move, timedelta, bool, bool]] = {
    # the move; the distance from AT an hour later; whether the clock runs; whether a test controls it
    "nothing": (lambda clock: None, HOUR, True, False),
    "advance": (lambda clock: clock.advance(days=1), HOUR + DAY, True, True),
    "advance by a span": (lambda clock: clock.advance(DAY), HOUR + DAY, True, True),
    "advance by both": (lambda clock: clock.advance(DAY, hours=1, minutes=-60), HOUR + DAY, True, True),
    "advance back": (lambda clock: clock.advance(days=-1), HOUR - DAY, True, True),
    "advance, and back": (lambda clock: (clock.advance(days=1), clock.advance(days=-1)), HOUR, True, False),
    "move": (lambda clock: clock.move_to(AT + DAY), HOUR + DAY, True, True),
    "move, advance": (lambda clock: (clock.move_to(AT + DAY), clock.advance(hours=1)), 2 * HOUR + DAY, True, True),
    "freeze": (lambda clock: clock.freeze(), timedelta(), False, True),
    "freeze at": (lambda clock: clock.freeze(AT + DAY), DAY, False, True),
    "freeze, advance": (lambda clock: (clock.freeze(), clock.advance(days=1)), DAY, False, True),
    "freeze, move": (lambda clock: (clock.freeze(), clock.move_to(AT - DAY)), -DAY, False, True),
    "advance, freeze": (lambda clock: (clock.advance(days=1), clock.freeze()), DAY, False, True),
    "freeze, sleep": (lambda clock: (clock.freeze(), clock.sleep(3600)), HOUR, False, True),
    "advance, sleep": (lambda clock: (clock.advance(days=1), clock.sleep(3600)), 2 * HOUR + DAY, True, True),
    "reset": (lambda clock: (clock.freeze(), clock.advance(days=1), clock.reset()), HOUR, True, False),
    "reset an advance": (lambda clock: (clock.advance(days=1), clock.reset()), HOUR, True, False),
}


@pytest.mark.parametrize(("move", "shift", "runs", "controlled"), MOVES.values(), ids=MOVES)
def test_moves(machine: Any, move: Move, shift: timedelta, runs: bool, controlled: bool) -> None:
    """The system's time advances by an hour after the move, and by another one."""
    clock = Clock()
    move(clock)
    machine.move_to(AT + HOUR)
    assert clock.now() == AT + shift
    assert (clock.is_controlled, clock.is_frozen) == (controlled, not runs)
    machine.move_to(AT + 2 * HOUR)
    assert clock.now() == AT + shift + (HOUR if runs else timedelta())


def test_advance_returns_the_new_time(frozen: Clock) -> None:
    assert frozen.advance(hours=1) == frozen.now() == AT + HOUR
    assert repr(frozen) == "<Clock frozen at 2026-01-02T04:04:05+00:00>"


def test_years_out_of_range(machine: Any, frozen: Clock) -> None:
    for clock in (Clock(), frozen):
        for days in (4_000_000, -4_000_000):
            with pytest.raises(OverflowError):
                clock.advance(days=days)
        assert clock.now() == AT


def test_sleep_is_real_on_the_machines_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    clock = Clock()
    clock.sleep(0.5)
    assert (slept, clock.is_controlled) == ([0.5], False)
    clock.freeze(AT)
    clock.sleep(0.5)
    assert (slept, clock.now()) == ([0.5], AT + timedelta(seconds=0.5))
    for _ in range(2):
        with pytest.raises(ValueError, match="must not be negative, but are -"):
            clock.sleep(-1)
        clock.reset()


def test_listeners_are_called_after_every_move() -> None:
    clock, seen = Clock(), []
    clock.moved.append(lambda: seen.append(clock.now()))
    clock.freeze(AT)
    clock.advance(days=1)
    clock.move_to(AT)
    clock.sleep(1)
    clock.reset()
    assert seen[:4] == [AT, AT + DAY, AT, AT + timedelta(seconds=1)]
    assert len(seen) == 5
    with pytest.raises(ValueError, match="not a date in ISO 8601"):
        clock.move_to("never")
    assert len(seen) == 5


def test_listeners_may_wait_for_threads_that_use_the_clock(frozen: Clock) -> None:
    """Listeners are called without the clock's lock."""
    seen: list[datetime] = []

    def listen() -> None:
        frozen.moved.clear()
        thread = threading.Thread(target=lambda: seen.append(frozen.advance(hours=1)))
        thread.start()
        thread.join(5)
        assert not thread.is_alive()

    frozen.moved.append(listen)
    frozen.advance(days=1)
    assert seen == [AT + DAY + HOUR]


def test_threads_lose_no_time(frozen: Clock) -> None:
    def run() -> None:
        for _ in range(200):
            frozen.advance(seconds=1)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert frozen.now() == AT + timedelta(seconds=1600)


# --- freezegun and time-machine --------------------------------------------------------------------------------------


def _freezegun(at: datetime) -> Any:
    return freeze_time(at)


def _time_machine(at: datetime) -> Any:
    return time_machine.travel(at, tick=False)


@pytest.fixture(params=[_freezegun, _time_machine])
def travel(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def strict(door: Door) -> Iterator[tuple[Door, Any, Any]]:
    """Return the door, an account and its client, whose signatures are verified."""
    owner = door.fake.add_account()
    settings = {"aws_access_key_id": owner.access_key, "aws_secret_access_key": owner.secret_key}
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
    with door.client_with(config=config, **settings) as client:
        yield door, owner, client


def test_objects_are_of_that_time(strict: Any, travel: Any) -> None:
    _, _, s3 = strict
    with travel(AT):
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    with travel(AT + DAY):
        head = s3.head_object(Bucket="bucket", Key="k")
        assert head["LastModified"] == AT
        assert head["ResponseMetadata"]["HTTPHeaders"]["date"] == "Sat, 03 Jan 2026 03:04:05 GMT"
        assert [one["LastModified"] for one in s3.list_objects_v2(Bucket="bucket")["Contents"]] == [AT]
        assert s3.list_buckets()["Buckets"][0]["CreationDate"] == AT


def _status(door: Door, url: str) -> int:
    parts = urlsplit(url)
    if door.name == "server":
        with contextlib.closing(http.client.HTTPConnection(parts.netloc, timeout=10)) as connection:
            connection.request("GET", f"{parts.path}?{parts.query}")
            return connection.getresponse().status
    return door.fake.handle(Request("GET", parts.netloc, parts.path, parts.query, {"host": parts.netloc})).status


def test_presigned_urls_end(strict: Any, travel: Any) -> None:
    door, _, s3 = strict
    with travel(AT):
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="k", Body=b"1")
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"}, ExpiresIn=3600)
    for after, status in ((HOUR, 200), (HOUR + timedelta(seconds=1), 403), (HOUR, 200), (-HOUR, 403)):
        with travel(AT + after):
            assert _status(door, url) == status


def test_sessions_end(strict: Any, travel: Any) -> None:
    door, owner, _ = strict
    session = door.fake.add_session(owner, expires=AT + HOUR)
    settings = {
        "aws_access_key_id": session.access_key,
        "aws_secret_access_key": session.secret_key,
        "aws_session_token": session.session_token,
    }
    with door.client_with(**settings) as s3:
        with travel(AT):
            s3.create_bucket(Bucket="bucket")
        with travel(AT + HOUR - timedelta(seconds=1)):
            s3.put_object(Bucket="bucket", Key="k", Body=b"1")
        with travel(AT + 2 * HOUR):
            message = EXPIRED_TOKEN
            call = lambda: s3.list_objects_v2(Bucket="bucket")  # noqa: E731
            refused(call, 400, "ExpiredToken", message, {"Token-0": session.session_token})


def test_the_fakes_clock_takes_precedence(door: Door, s3: Any, bucket: str, travel: Any) -> None:
    """Frozen by a test, the fake's clock shows that time; only moved, it follows freezegun and time-machine."""
    clock = door.fake.clock
    try:
        with travel(AT):
            clock.advance(days=1)
            s3.put_object(Bucket="bucket", Key="moved")
            clock.freeze(AT - DAY)
            s3.put_object(Bucket="bucket", Key="frozen")
            found = {one["Key"]: one["LastModified"] for one in s3.list_objects_v2(Bucket="bucket")["Contents"]}
            assert found == {"moved": AT + DAY, "frozen": AT - DAY}
    finally:
        clock.reset()


def test_a_frozen_clock_can_go_on() -> None:
    clock = Clock()
    clock.unfreeze()  # nothing to do
    assert not clock.is_controlled
    clock.freeze("2030-01-01")
    clock.unfreeze()
    first = clock.now()
    assert first >= datetime(2030, 1, 1, tzinfo=timezone.utc)
    assert any(clock.now() > first for _ in range(100_000))
    assert (clock.is_controlled, clock.is_frozen) == (True, False)

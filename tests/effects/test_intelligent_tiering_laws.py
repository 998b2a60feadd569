"""Properties of Intelligent-Tiering with random requests: long and short moves of the clock, snapshots, threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fakes3part import FakeS3
from fakes3part.message import Request
from tests.support.state import SIGNED

BODY = b"x" * 131072
KEYS = ("a", "b")

ACTIONS = st.one_of(
    st.tuples(st.just("advance"), st.integers(1, 24 * 150)),
    st.tuples(st.sampled_from(["put", "get", "head", "restore", "expedite", "delete"]), st.sampled_from(KEYS)),
    st.tuples(st.sampled_from(["enable", "disable", "remove"]), st.sampled_from([90, 120])),
)
STEPS = st.lists(st.integers(1, 24 * 40), max_size=5)


def _request(fake: FakeS3, method: str, target: str, body: bytes = b"", **headers: str) -> int:
    path, _, query = target.partition("?")
    signed = {name.lower(): value for name, value in {**SIGNED, **headers}.items()}
    signed["content-length"] = str(len(body))
    status: int = fake.handle(Request(method, "localhost", path, query, signed, body)).status
    return status


def _configuration(days: int, status: str) -> bytes:
    tierings = "".join(
        f"<Tiering><Days>{days_of_tier}</Days><AccessTier>{tier}</AccessTier></Tiering>"
        for tier, days_of_tier in (("ARCHIVE_ACCESS", days), ("DEEP_ARCHIVE_ACCESS", days + 100))
    )
    return (
        f"<IntelligentTieringConfiguration><Id>x</Id><Status>{status}</Status>{tierings}</IntelligentTieringConfiguration>"
    ).encode()


def _do(fake: FakeS3, action: str, argument: Any, pieces: list[int]) -> int:
    """Do one thing, and return the status. The clock moves in these pieces (in hours); requests in between change nothing."""
    if action == "advance":
        left = argument
        for piece in pieces:
            if piece < left:
                fake.clock.advance(hours=piece)
                _request(fake, "HEAD", "/bucket/a")
                left -= piece
        fake.clock.advance(hours=left)
        return 0
    if action == "put":
        return _request(fake, "PUT", f"/bucket/{argument}", BODY, **{"x-amz-storage-class": "INTELLIGENT_TIERING"})
    if action in ("restore", "expedite"):
        tier = "Expedited" if action == "expedite" else "Bulk"
        body = f"<RestoreRequest><GlacierJobParameters><Tier>{tier}</Tier></GlacierJobParameters></RestoreRequest>"
        return _request(fake, "POST", f"/bucket/{argument}?restore", body.encode())
    if action in ("get", "head", "delete"):
        return _request(fake, action.upper(), f"/bucket/{argument}")
    if action == "remove":
        return _request(fake, "DELETE", "/bucket?intelligent-tiering&id=x")
    status = "Enabled" if action == "enable" else "Disabled"
    return _request(fake, "PUT", "/bucket?intelligent-tiering&id=x", _configuration(argument, status))


def _fake() -> FakeS3:
    fake = FakeS3(seed=1)
    fake.clock.freeze("2026-01-01T00:00:00Z")
    assert _request(fake, "PUT", "/bucket") == 200
    return fake


def _seen(fake: FakeS3) -> tuple[Any, ...]:
    tiers = {key: view.access_tier for key, view in fake.buckets["bucket"].objects.items()}
    events = [(event["eventName"], event["eventTime"], event["s3"]["object"]["key"]) for event in fake.events]
    return tiers, sorted(events, key=lambda event: event[1:])


@given(st.lists(ACTIONS, max_size=25), STEPS)
def test_a_leap_is_as_good_as_its_steps(actions: list[tuple[str, Any]], pieces: list[int]) -> None:
    """Statuses, tiers and events are the same; a fork, too, goes on in the same way."""
    leaping, stepwise = _fake(), _fake()
    for number, (action, argument) in enumerate(actions):
        assert _do(leaping, action, argument, []) == _do(stepwise, action, argument, pieces)
        if number == len(actions) // 2:
            stepwise.restore(stepwise.snapshot())
    assert _seen(leaping) == _seen(stepwise)


@given(st.lists(ACTIONS, max_size=25))
def test_what_is_archived_cannot_be_read_and_all_else_can(actions: list[tuple[str, Any]]) -> None:
    fake = _fake()
    for action, argument in [("enable", 90), *actions]:
        _do(fake, action, argument, [])
        for key, view in fake.buckets["bucket"].objects.items():
            is_archived = view.access_tier in ("ARCHIVE", "DEEP_ARCHIVE")
            fork = fake.fork()  # a read changes the tier
            assert _request(fork, "GET", f"/bucket/{key}") == (403 if is_archived else 200)
            if not is_archived:
                assert fork.buckets["bucket"].objects[key].access_tier == "FREQUENT"


def test_threads() -> None:
    """Reads, writes, moves of the clock and snapshots at the same time: nothing is lost, and nothing stops."""
    fake = _fake()
    _do(fake, "enable", 90, [])

    def work(number: int) -> None:
        for turn in range(20):
            key = KEYS[(number + turn) % 2]
            _do(fake, ("put", "get", "restore", "head", "put", "get")[number], key, [])
            if number == 5:
                fake.clock.advance(days=31)
            if number == 4:
                fake.snapshot()

    with ThreadPoolExecutor(6) as pool:
        for future in [pool.submit(work, number) for number in range(6)]:
            future.result(60)
    for key in KEYS:
        _do(fake, "put", key, [])
    fake.clock.advance(days=90)
    assert _seen(fake)[0] == dict.fromkeys(KEYS, "ARCHIVE")

"""Concurrent calls are linearizable, in-process and by server, and the checker finds faults. More: ``nox -s histories``."""

from __future__ import annotations

import time
from typing import Any

import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request, Response
from tests.fuzz.histories import check_round, client_of
from tests.support.doors import Door
from tests.support.linearizability import Event, NotLinearizable, linearize

ROUNDS = 12


def test_concurrent_calls_are_linearizable(door: Door) -> None:
    names = {event.call.name for seed in range(ROUNDS) for event in check_round(door.client, seed)}
    assert names == {"put", "get", "read_source", "delete", "complete", "abort", "list", "list_uploads"}


class CheckThenAct(FakeS3):
    """A store that checks If-None-Match, and writes later."""

    def handle(self, request: Request) -> Response:
        bucket, key = request.host.partition(".")[0], request.path.removeprefix("/")
        if "if-none-match" in request.headers and key not in self.buckets[bucket].objects:
            time.sleep(0.005)
            del request.headers["if-none-match"]
        return super().handle(request)


class StaleListing(FakeS3):
    """A store whose listings are as old as 20 ms."""

    listing: tuple[str, float, Response] = ("", 0, Response(200, []))

    def handle(self, request: Request) -> Response:
        if "list-type" not in request.query:
            return super().handle(request)
        bucket, since, response = self.listing
        if bucket != request.host or time.monotonic() - since > 0.02:
            response = super().handle(request)
            self.listing = request.host, time.monotonic(), response
        return response


class LostDelete(FakeS3):
    """A store that loses every fourth delete."""

    deletes = 0

    def handle(self, request: Request) -> Response:
        if request.method == "DELETE" and not request.query:
            self.deletes += 1
            if self.deletes % 4 == 0:
                return Response(204, [])
        return super().handle(request)


class LostCopy(FakeS3):
    """A store that loses every second copy."""

    copies = 0

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if response.operation == "CopyObject" and response.status == 200:
            self.copies += 1
            if self.copies % 2:
                headers = {name: request.headers[name] for name in ("authorization", "x-amz-date", "x-amz-content-sha256")}
                super().handle(Request("DELETE", request.host, request.path, "", headers))
        return response


class LostAbort(FakeS3):
    """A store that loses every abort."""

    def handle(self, request: Request) -> Response:
        if request.method == "DELETE" and "uploadId" in request.query:
            return Response(204, [])
        return super().handle(request)


@pytest.mark.parametrize("broken", [CheckThenAct, StaleListing, LostDelete, LostCopy, LostAbort])
def test_a_broken_store_is_found(broken: type[FakeS3]) -> None:
    with client_of(broken(), over_http=False) as s3:

        def check() -> None:
            for seed in range(60):
                check_round(s3, seed)

        with pytest.raises(NotLinearizable):
            check()


# --- the checker, with a register that has one value -----------------------------------------------------------------


def register(value: Any, call: Any, result: Any) -> Any:
    """Apply ("write", value) or "read" to a register."""
    if call == "read":
        return value if result == value else None
    return call[1]


def write(start: int, end: int, value: int) -> Event:
    return Event(start, end, ("write", value), None)


def read(start: int, end: int, value: int, after: int | None = None) -> Event:
    return Event(start, end, "read", value, after)


@pytest.mark.parametrize(
    ("history", "order"),
    [
        ([], []),
        ([write(1, 2, 1), read(3, 4, 1)], [0, 1]),
        ([write(1, 5, 1), read(2, 3, 0), read(3, 4, 1)], [1, 0, 2]),  # the write happens between two reads
        ([write(1, 9, 1), write(1, 9, 2), read(1, 9, 2), read(1, 9, 1)], [0, 1, 2, 3]),
        ([write(1, 2, 1), read(2, 3, 0)], [1, 0]),  # they touch: either may be first
        ([read(1, 9, 1), read(1, 9, 0, after=0), write(1, 9, 1), write(1, 9, 0)], [2, 0, 3, 1]),
    ],
)
def test_linearizable(history: list[Event], order: list[int]) -> None:
    found = linearize(history, 0, register)
    assert sorted(found) == sorted(order)
    value = 0
    for index in found:
        value = register(value, history[index].call, history[index].result)
        assert value is not None
    assert len(order) > 3 or found == order


@pytest.mark.parametrize(
    "history",
    [
        [write(1, 2, 1), read(3, 4, 0)],  # a stale read
        [read(1, 2, 1), write(3, 4, 1)],  # a read from the future
        [write(1, 9, 1), read(2, 3, 1), read(4, 5, 0)],  # back to what was before
        [write(1, 2, 1), write(3, 4, 2), read(5, 6, 1)],  # a lost update
        [write(1, 9, 1), write(1, 9, 2), read(1, 2, 1), read(3, 4, 2), read(5, 6, 1)],  # two writes, three changes
        [read(1, 9, 1, after=1), read(1, 9, 2), write(1, 9, 1), write(10, 11, 2)],
    ],
)
def test_not_linearizable(history: list[Event]) -> None:
    with pytest.raises(NotLinearizable, match="no order of the calls explains their results"):
        linearize(history, 0, register)


def test_the_message_shows_how_far_an_order_went() -> None:
    with pytest.raises(NotLinearizable) as caught:
        linearize([write(1, 2, 1), read(3, 4, 7)], 0, register)
    assert str(caught.value).splitlines()[2:] == [
        "in order:",
        "  1-2 ('write', 1) -> None",
        "",
        "then the state is 1",
        "",
        "which none of these explains that may come next:",
        "  3-4 read -> 7",
    ]

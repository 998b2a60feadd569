"""The cost of snapshots, and of restoring them. In one process; figures are CPU time.

The 10,000 objects of 1 MiB share their bytes, as copies of one object do: snapshots never touch them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from .measure import Call, cpu_per_call, settle
from .report import Row

if TYPE_CHECKING:
    from fakes3part import FakeS3

COLUMNS = ("first", "again", "then a put", "then a list")
RATIO = "measured"
ROUNDS = 15

_MIB = 2**20
_OBJECTS = 10_000


def rows(chosen: Callable[[str], bool], rounds: int | None, *, profiled: bool) -> Iterator[Row]:
    """Measure the chosen rows, each the median of ``rounds`` rounds."""
    for name, measure in _ROWS.items():
        if chosen(name):
            yield measure(name, rounds or ROUNDS)


def _filled(buckets: int = 1) -> FakeS3:
    """A fake with the objects, put by the real operation but for the bytes, which are hashed once."""
    from dataclasses import replace

    from fakes3part import FakeS3

    fake = FakeS3()
    for number in range(buckets):
        fake.seed({f"bench-{number}": {"first": bytes(_MIB)}})
        bucket = fake.store.buckets[f"bench-{number}"]
        one = bucket.objects["first"]
        with bucket.lock:
            for key in range(_OBJECTS // buckets - 1):
                bucket.store(replace(one, key=f"prefix/key-{key:07}"))
    settle()
    return fake


def _times(rounds: int, before: Call, call: Call, calls: int = 1) -> float:
    figures = []
    for _ in range(rounds):
        before()
        figures.append(cpu_per_call(call, calls))
    return median(figures)


def _snapshot(name: str, rounds: int) -> Row:
    figures = {}
    fake: FakeS3 | None = None

    def fill() -> None:
        nonlocal fake
        fake = _filled()

    def snapshot() -> None:
        assert fake is not None
        fake.snapshot()

    figures["first"] = _times(min(rounds, 5), fill, snapshot)
    figures["again"] = _times(rounds, lambda: None, snapshot, 100)
    return Row(name, figures, figures["first"], 20e-3, absolute=True, notes=["first: it also sorts the keys, once for all"])


def _restore(name: str, rounds: int) -> Row:
    from fakes3part.seeding.objects import put

    fake = _filled()
    snapshot = fake.snapshot()

    def change() -> None:
        fake.seed({"bench-0": {"mine": b"x"}})
        assert len(list(fake.buckets["bench-0"].objects)) == _OBJECTS + 1

    def first_put() -> None:
        put(fake, fake.store.buckets["bench-0"], "mine", b"x")

    def first_list() -> None:
        next(fake.store.buckets["bench-0"].objects.walk("prefix"))

    def restored() -> None:
        fake.restore(snapshot)

    def restored_and_changed() -> None:
        restored()
        first_put()

    figures = {
        "again": _times(rounds, change, restored),
        "then a put": _times(rounds, restored, first_put),
        "then a list": _times(rounds, restored_and_changed, first_list),
    }
    notes = ["a put is the first one since: it copies the table of keys; a listing after it copies their order"]
    return Row(name, figures, figures["again"], 0.2e-3, absolute=True, notes=notes)


def _restore_many(name: str, rounds: int) -> Row:
    fake = _filled(100)
    snapshot = fake.snapshot()
    again = _times(rounds, lambda: None, lambda: fake.restore(snapshot), 10)
    return Row(name, {"again": again}, again, None, absolute=True)


def _seed(name: str, rounds: int) -> Row:
    from fakes3part import FakeS3

    content = {"bench": {f"prefix/key-{number:07}": b"x" for number in range(100_000)}}
    FakeS3().seed({"warm": {"k": b"x"}})
    first = _times(min(rounds, 3), settle, lambda: FakeS3().seed(content))
    return Row(name, {"first": first}, first, None, absolute=True)


def _save(name: str, rounds: int) -> Row:
    from fakes3part import FakeS3

    fake = _filled()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "state")
        first = _times(min(rounds, 3), settle, lambda: fake.save(path))
        again = _times(min(rounds, 3), settle, lambda: FakeS3.load(path))
    return Row(name, {"first": first, "again": again}, first, None, absolute=True, notes=["again: loading it"])


_ROWS: dict[str, Callable[[str, int], Row]] = {
    "snapshot of 10,000 objects of 1 MiB": _snapshot,
    "restore of them after a test that put one": _restore,
    "restore of 10,000 objects in 100 buckets": _restore_many,
    "seed of 100,000 objects of 1 byte": _seed,
    "save of 10,000 objects": _save,
}

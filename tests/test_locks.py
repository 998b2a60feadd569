"""Locks, and parts, that are made when they are used first: one for each object, whichever threads use it first."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fakes3part import FakeS3
from fakes3part.clock import Clock
from fakes3part.locks import LazyLock, items_of, new_lock, part

Make = Callable[[], Any]


@pytest.mark.parametrize("attribute", [LazyLock, lambda make: part(lambda owner: make())], ids=["lock", "part"])
def test_threads_that_use_it_first_at_the_same_time_get_one(attribute: Callable[[Make], Any]) -> None:
    both_make = threading.Barrier(2)

    def make() -> Any:
        both_make.wait(timeout=30)
        return new_lock()

    class Owner:
        lock = attribute(make)

    owner, locks = Owner(), list[object]()
    threads = [threading.Thread(target=lambda: locks.append(owner.lock)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert locks[0] is locks[1] is owner.lock


def test_each_object_has_its_own() -> None:
    first, second = Clock(), Clock()
    assert first._lock is first._lock is not second._lock


def test_a_new_fake_has_few_locks() -> None:
    """Most tests use a few only, and each costs the time of a small request."""
    assert not {"_lock", "snapshot_lock", "_client_lock"} & (vars(FakeS3()).keys() | vars(FakeS3().clock).keys())


def test_items_of_a_deque_that_changes_meanwhile() -> None:
    """Without the GIL a deque cannot be copied while another thread appends: it is tried again."""

    class Growing(deque[int]):
        left = 2

        def __iter__(self) -> Iterator[int]:
            for item in super().__iter__():
                yield item
                if self.left:
                    self.left -= 1
                    self.append(item)

    assert items_of(Growing([1])) == [1, 1, 1]

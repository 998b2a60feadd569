"""One patch: whatever other code does to the attribute meanwhile, it is restored as it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fakes3part.intercept.patch import Patch


class Base:
    def method(self) -> str:
        return "original"


class Derived(Base):
    pass


@pytest.fixture
def wrapped() -> list[object]:
    """What was wrapped, in order."""
    return []


@pytest.fixture
def patch(wrapped: list[object]) -> Patch:
    class Owner(Derived):
        pass

    def wrap(original: Callable[..., str]) -> Callable[..., str]:
        wrapped.append(original)
        return lambda self: f"patched {original(self)}"

    return Patch(Owner, "method", wrap)


def call(patch: Patch) -> str:
    return str(patch._owner().method())


def test_an_inherited_method(patch: Patch, wrapped: list[object]) -> None:
    for _ in range(3):
        patch.install()
        assert call(patch) == "patched original"
        patch.remove()
        assert "method" not in vars(patch._owner)
    assert wrapped == [Base.method]


def test_an_inherited_method_that_others_set(patch: Patch) -> None:
    """As pytest-socket does with ``socket.socket.connect``, after each test."""
    patch.install()
    patch.remove()
    patch._owner.method = Base.method
    patch.install()
    patch.remove()
    assert vars(patch._owner)["method"] is Base.method


def test_another_original(patch: Patch, wrapped: list[object]) -> None:
    patch.install()
    patch.remove()
    patch._owner.method = lambda self: "other"
    patch.install()
    assert call(patch) == "patched other"
    patch.remove()
    assert call(patch) == "other"
    del patch._owner.method
    patch.install()
    assert call(patch) == "patched original"
    assert len(wrapped) == 3


def test_a_patch_of_others_on_top(patch: Patch) -> None:
    """Ours stays below it, is found again below it, and is not wrapped twice."""
    patch.install()
    ours = patch._owner.method
    patch._owner.method = lambda self: f"top {ours(self)}"
    patch.remove()
    assert call(patch) == "top patched original"
    patch._owner.method = ours
    patch.install()
    assert call(patch) == "patched original"
    patch.remove()
    assert call(patch) == "original"

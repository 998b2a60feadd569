"""One patch: whatever other code does to the attribute meanwhile, it is restored as it was."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar

import pytest

from fakes3part.intercept.patch import Patch, PatchSet


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


# --- many patches, installed and removed at once -------------------------------------------------------------------------------


class Failing(type):
    """The type of classes on which a name cannot be set at times."""

    refused: ClassVar[str | None] = None

    def __setattr__(cls, name: str, value: object) -> None:
        if name == Failing.refused:
            raise AttributeError(name)
        super().__setattr__(name, value)


class Set:
    """Three methods of two classes, one of them inherited, and a function of a module, patched as a set."""

    def __init__(self) -> None:
        class First(metaclass=Failing):
            def first(self) -> str:
                return "first"

            def second(self) -> str:
                return "second"

        class Second(Derived, metaclass=Failing):
            pass

        self.module = ModuleType("module")
        self.module.__dict__["function"] = lambda self: "function"
        self.owners: list[tuple[Any, str]] = [(First, "first"), (self.module, "function"), (Second, "method"), (First, "second")]
        self.patches = PatchSet([Patch(owner, name, wrapper) for owner, name in self.owners])
        self.before = self.attributes()

    def attributes(self) -> list[object]:
        return [vars(owner).get(name) for owner, name in self.owners]

    def results(self) -> list[str]:
        return [getattr(owner, name)(None) for owner, name in self.owners]


def wrapper(original: Callable[..., str]) -> Callable[..., str]:
    return lambda self: f"patched {original(self)}"


ORIGINAL = ["first", "function", "original", "second"]
PATCHED = [f"patched {result}" for result in ORIGINAL]


@pytest.fixture
def many() -> Set:
    return Set()


def test_many_patches(many: Set) -> None:
    for _ in range(3):
        many.patches.install()
        assert many.results() == PATCHED
        many.patches.remove()
        assert many.attributes() == many.before
        many.patches.remove()
        assert many.attributes() == many.before


def test_many_patches_wrap_once(many: Set) -> None:
    many.patches.install()
    installed = many.attributes()
    many.patches.remove()
    many.patches.install()
    assert many.attributes() == installed


@pytest.mark.parametrize("index", range(4))
def test_one_of_many_has_another_original(many: Set, index: int) -> None:
    owner, name = many.owners[index]
    many.patches.install()
    many.patches.remove()
    setattr(owner, name, lambda self: "other")
    other = many.attributes()
    for _ in range(2):
        many.patches.install()
        assert many.results()[index] == "patched other"
        assert sum(result.startswith("patched ") for result in many.results()) == 4
        many.patches.remove()
        assert many.attributes() == other


@pytest.mark.parametrize("index", range(4))
@pytest.mark.parametrize("times", [0, 1], ids=["first time", "later"])
def test_others_patch_one_of_many_on_top(many: Set, index: int, times: int) -> None:
    owner, name = many.owners[index]
    for _ in range(times):
        many.patches.install()
        many.patches.remove()
    many.patches.install()
    ours = getattr(owner, name)
    setattr(owner, name, lambda self: f"top {ours(self)}")
    many.patches.remove()
    assert many.results() == [*ORIGINAL[:index], f"top patched {ORIGINAL[index]}", *ORIGINAL[index + 1 :]]
    setattr(owner, name, ours)
    many.patches.install()
    assert many.results() == PATCHED
    many.patches.remove()
    assert many.results() == ORIGINAL


@pytest.mark.parametrize("name", ["first", "method", "second"])
@pytest.mark.parametrize("times", [0, 1], ids=["first time", "later"])
def test_one_of_many_cannot_be_installed(many: Set, monkeypatch: pytest.MonkeyPatch, name: str, times: int) -> None:
    for _ in range(times):
        many.patches.install()
        many.patches.remove()
    with monkeypatch.context() as context:
        context.setattr(Failing, "refused", name)
        with pytest.raises(AttributeError, match=name):
            many.patches.install()
    assert many.attributes() == many.before
    many.patches.install()
    assert many.results() == PATCHED
    many.patches.remove()
    assert many.attributes() == many.before


@pytest.mark.parametrize("times", [0, 1], ids=["first time", "later"])
def test_one_of_many_cannot_be_removed(many: Set, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    for _ in range(times):
        many.patches.install()
        many.patches.remove()
    many.patches.install()
    with monkeypatch.context() as context:
        context.setattr(Failing, "refused", "first")
        with pytest.raises(AttributeError, match="first"):
            many.patches.remove()
    assert many.results() == ["patched first", *ORIGINAL[1:]]


def test_references_to_an_original(many: Set) -> None:
    """`socket_guard` counts them, to see whether other code holds a function."""
    original = many.module.__dict__["function"]
    others = sys.getrefcount(original)
    patches = many.patches._patches
    for _ in range(2):
        many.patches.install()
        many.patches.remove()
        assert sys.getrefcount(original) - others == sum(patch.references_to(original) for patch in patches)
    many.module.__dict__["function"] = lambda self: "other"
    many.patches.install()
    many.patches.remove()
    assert sum(patch.references_to(original) for patch in patches) == 0

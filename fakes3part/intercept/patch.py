"""`Patch`: one attribute, replaced and restored. `Door`: what a module that patches a library has."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

Function: TypeAlias = Callable[..., Any]


class Patch:
    """Replaces ``owner.name`` (a class's method, a module's function) by ``wrap(original)``, and restores it.

    Other code may patch the same attribute and remove its patches in another order. So each installation wraps what it finds. If
    it is not on top when it is to be removed, it stays (it passes everything on while no fake is active); if such a wrapper
    is found again later, the next installation does not wrap it, but what it wraps. What was wrapped once is not wrapped anew.
    """

    __slots__ = ("_inherited", "_latest", "_name", "_namespace", "_original", "_owner", "_replacement", "_wrap")

    _assign: Callable[[Any, str, Any], None] = staticmethod(setattr)

    def __init__(self, owner: Any, name: str, wrap: Callable[[Function], Function]) -> None:
        self._owner = owner
        self._namespace: Mapping[str, Any] = vars(owner)
        self._name = name
        self._wrap = wrap
        self._inherited = False
        self._original: Function | None = None
        self._replacement: Function | None = None
        self._latest: Function | None = None

    def install(self) -> None:
        """Replace the attribute."""
        owner, name = self._owner, self._name
        current: Function = getattr(owner, name)
        latest = self._latest
        if current is self._original and latest is not None:  # as it was left: no more to do, on the path of every mock
            self._inherited = name not in self._namespace
            self._replacement = latest
            self._assign(owner, name, latest)
            return
        original: Function = getattr(current, "_fakes3part_original", current)
        if original is current:
            self._inherited = name not in self._namespace
        if latest is None or original is not self._original:
            self._original = original
            self._latest = latest = self._wrap(original)
            latest._fakes3part_original = original  # type: ignore[attr-defined]
        self._replacement = latest
        self._assign(owner, name, latest)

    def references_to(self, function: Function) -> int:
        """Return how many references to a function this patch and its wrapper hold."""
        return 3 if self._original is function else 0

    def remove(self) -> None:
        """Restore the attribute, unless it is not replaced or another patch is on top."""
        replacement = self._replacement
        if replacement is None:
            return
        self._replacement = None
        if self._namespace.get(self._name) is not replacement:
            return
        if self._inherited:
            delattr(self._owner, self._name)
        else:
            self._assign(self._owner, self._name, self._original)


class StaticTypePatch(Patch):
    """Replaces a method of a type that an extension module defines in C, which does not let its attributes be set.

    All objects of the type have the replacement, those too that were made before.
    """

    __slots__ = ()

    @staticmethod
    def _assign(owner: Any, name: str, value: Any) -> None:
        from ctypes import py_object, pythonapi

        # The type's own dictionary, behind the read-only view of it that ``__dict__`` is; then the interpreter's cache of it.
        namespace: dict[str, Any] = gc.get_referents(vars(owner))[0]
        namespace[name] = value
        pythonapi.PyType_Modified(py_object(owner))


class Door(Protocol):
    """A module of this package that patches one library. `doors` lists them."""

    def patches(self) -> list[Patch]:
        """Return the patches; none if the library is not imported completely, or is a version that needs none."""


def remove_all(patches: Sequence[Patch]) -> None:
    """Remove patches, the last one first, and all of them even if one fails. Those that are not installed are ignored."""
    failure: BaseException | None = None
    for patch in reversed(patches):  # no ExitStack: with that many steps it takes longer than the steps do
        try:
            patch.remove()
        except BaseException as error:
            failure = failure or error
    if failure is not None:
        raise failure

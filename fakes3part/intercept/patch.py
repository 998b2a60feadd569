"""`Patch`: one attribute, replaced and restored; `PatchSet`: many of them. `Door`: what a module that patches a library has."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from operator import contains, getitem, is_
from typing import Any, NamedTuple, Protocol, TypeAlias

Function: TypeAlias = Callable[..., Any]


class Patch:
    """Replaces ``owner.name`` (a class's method, a module's function) by ``wrap(original)``, and restores it.

    Other code may patch the same attribute and remove its patches in another order. So each installation wraps what it finds. If
    it is not on top when it is to be removed, it stays (it passes everything on while no fake is active); if such a wrapper
    is found again later, the next installation does not wrap it, but what it wraps. What was wrapped once is not wrapped anew.
    """

    __slots__ = ("_inherited", "_latest", "_name", "_namespace", "_original", "_owner", "_references", "_replacement", "_wrap")

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
        self._references = 3  # of the original: this patch, and twice its wrapper

    def install(self) -> None:
        """Replace the attribute."""
        owner, name = self._owner, self._name
        current: Function = getattr(owner, name)
        latest = self._latest
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
        """Return how many references to a function this patch, its wrapper and its `PatchSet` hold."""
        return self._references if self._original is function else 0

    @property
    def is_inherited(self) -> bool:
        """Whether the owner has no such attribute itself while the patch is not installed."""
        return self._inherited

    def row(self) -> tuple[Any, Mapping[str, Any], str, Function, Function]:
        """Return the row of `_Group` of a patch that is installed."""
        assert self._original is not None
        assert self._latest is not None
        return self._owner, self._namespace, self._name, self._original, self._latest

    def hold(self, references: int) -> None:
        """Count the references to the original."""
        self._references = references

    def adopt(self) -> None:
        """Be installed as it was the last time: the attribute was replaced by `PatchSet`."""
        self._replacement = self._latest

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


class _Group(NamedTuple):
    """Patches of a set as columns, for functions of C that go through all of them.

    Attributes:
        namespaces: the dictionary of each owner.
        originals: what the attributes are while the patches are not installed.
        replacements: what they are while they are.
    """

    owners: tuple[Any, ...]
    namespaces: tuple[Mapping[str, Any], ...]
    names: tuple[str, ...]
    originals: tuple[Function, ...]
    replacements: tuple[Function, ...]

    def have(self, functions: tuple[Function, ...]) -> bool:
        """Return whether each attribute is the function in its place, in the owner's own dictionary."""
        try:
            return all(map(is_, map(getitem, self.namespaces, self.names), functions))
        except KeyError:
            return False

    def assign(self, functions: tuple[Function, ...]) -> None:
        """Set each attribute to the function in its place."""
        any(map(setattr, self.owners, self.names, functions))

    def inherit_originals(self) -> bool:
        """Return whether no owner has an attribute itself, and each inherits its original."""
        if any(map(contains, self.namespaces, self.names)):
            return False
        try:
            return all(map(is_, map(getattr, self.owners, self.names), self.originals))
        except AttributeError:
            return False

    def delete(self) -> None:
        """Delete each attribute, so that it is inherited again."""
        any(map(delattr, self.owners, self.names))


class PatchSet:
    """Patches that are installed and removed together: all of them or, if one fails, none.

    Installing one after the other takes three times as long as replacing the attributes, and every mock does it. So after the
    first time all of them are replaced at once, if nobody else has changed an attribute meanwhile; and likewise removed.
    """

    def __init__(self, patches: Sequence[Patch]) -> None:
        self._patches = tuple(patches)
        self._at_once: tuple[_Group, _Group, tuple[Patch, ...]] | None = None
        self._is_installed_at_once = False

    def __len__(self) -> int:
        return len(self._patches)

    def install(self) -> None:
        """Install the patches, in their order. If one fails, those before it are removed."""
        try:
            if not self._install_at_once():
                self.forget()
                for patch in self._patches:
                    patch.install()
                self._prepare()
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        """Remove the patches, the last one first, and all of them even if one fails. Those not installed are ignored."""
        failure: BaseException | None = None
        if self._is_installed_at_once and self._at_once is not None:
            self._is_installed_at_once = False
            own, inherited, others = self._at_once
            try:
                if own.have(own.replacements) and inherited.have(inherited.replacements):
                    remove_all(others)
                    inherited.delete()
                    own.assign(own.originals)
                    return
            except BaseException as error:
                failure = error
            for patch in self._patches:
                patch.adopt()
        try:
            remove_all(self._patches)
        finally:
            if failure is not None:
                raise failure

    def _install_at_once(self) -> bool:
        if self._at_once is None:
            return False
        own, inherited, others = self._at_once
        if not own.have(own.originals) or not inherited.inherit_originals():
            return False
        self._is_installed_at_once = True
        own.assign(own.replacements)
        inherited.assign(inherited.replacements)
        for patch in others:
            patch.install()
        return True

    def _prepare(self) -> None:
        """Note what each attribute was and is now, for the next time."""
        plain = [patch for patch in self._patches if type(patch) is Patch]
        own, inherited = (_group([patch for patch in plain if patch.is_inherited is kind]) for kind in (False, True))
        self._at_once = own, inherited, tuple(patch for patch in self._patches if type(patch) is not Patch)
        for patch in plain:
            patch.hold(4)

    def forget(self) -> None:
        """Install the patches one by one the next time. They must not be installed now."""
        self._at_once = None
        for patch in self._patches:
            patch.hold(3)


def _group(patches: Sequence[Patch]) -> _Group:
    columns = zip(*(patch.row() for patch in patches), strict=True) if patches else ((),) * 5
    return _Group(*columns)


def remove_all(patches: Sequence[Patch | PatchSet]) -> None:
    """Remove patches, or sets of them, the last first, and all of them even if one fails. Those not installed are ignored."""
    failure: BaseException | None = None
    for patch in reversed(patches):  # no ExitStack: with that many steps it takes longer than the steps do
        try:
            patch.remove()
        except BaseException as error:
            failure = failure or error
    if failure is not None:
        raise failure

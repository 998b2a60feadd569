"""One attribute, replaced and put back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Function: TypeAlias = Callable[..., Any]


class Patch:
    """Replaces ``owner.name`` (a class's method, a module's function) by ``wrap(what was there)``, and puts that back.

    Somebody else may patch the same attribute, and take theirs off in another order than we ours. So each installation is a
    wrapper of its own around what it found; one that is not on top when it should go stays (it passes everything on while
    no fake is active); and one that comes up again that way is not wrapped, but taken off by the next installation.
    """

    def __init__(self, owner: Any, name: str, wrap: Callable[[Function], Function]) -> None:
        self._owner = owner
        self._name = name
        self._wrap = wrap
        self._inherited = False
        self._original: Function | None = None
        self._replacement: Function | None = None

    def install(self) -> None:
        current = getattr(self._owner, self._name)
        self._original = original = getattr(current, "_fakes3part_original", current)
        if original is current:
            self._inherited = self._name not in vars(self._owner)
        self._replacement = replacement = self._wrap(original)
        replacement._fakes3part_original = original  # type: ignore[attr-defined]
        setattr(self._owner, self._name, replacement)

    def remove(self) -> None:
        replacement, self._replacement = self._replacement, None
        if replacement is None or vars(self._owner).get(self._name) is not replacement:
            return
        if self._inherited:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._original)

"""Notices the import of a library that has a door while a fake is active, so that the library is patched at once.

httpx, for one, imports httpcore when its first client is made. A finder stands in front of ``sys.meta_path`` as long as a fake is
active. It finds nothing by itself: for the modules in question it lets the finders behind it find, and wraps the loader.
(Its classes have the methods of those in importlib.abc, whose import takes longer than that of all modules of this package.)
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec


class LateImports:
    """A finder that calls a function after each import of certain modules.

    Args:
        names: the modules.
        imported: called when one of them has been executed.
    """

    def __init__(self, names: Sequence[str], imported: Callable[[], None]) -> None:
        self._names = frozenset(names)
        self._imported = imported

    def install(self) -> None:
        """Begin to notice imports."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Do not notice them any more."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec that the other finders find for one of the modules; None for all others, or if they find none."""
        if fullname not in self._names:
            return None
        for finder in sys.meta_path:
            if finder is not self and (spec := finder.find_spec(fullname, path, target)) is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = cast("Loader", _Loader(spec.loader, self._imported))
                return spec
        return None


class _Loader:
    """The loader of a module, which it gets back as soon as it is executed."""

    def __init__(self, loader: Any, imported: Callable[[], None]) -> None:
        self._loader = loader
        self._imported = imported

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._imported()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

"""Leads ``pyarrow.fs.S3FileSystem`` to the active fake. (``FileSystem.from_uri`` reads the variables of `children` by itself.)"""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import urlsplit

from .. import children, stack
from ..patch import Patch

_NAME = "S3FileSystem"


def patches() -> list[Patch]:
    """Return the patch of the class; none while pyarrow.fs is still being imported, or if pyarrow was built without S3."""
    module = sys.modules.get("pyarrow.fs")
    return [_HeldElsewhere(module, _NAME, _Class)] if isinstance(getattr(module, _NAME, None), type) else []


class _HeldElsewhere(Patch):
    """Replaces the name in every module that has imported it (``from pyarrow.fs import S3FileSystem``) too."""

    _holders: tuple[dict[str, Any], ...] = ()
    _modules = 0

    def install(self) -> None:
        super().install()
        original, replacement = self._original, self._replacement
        if self._modules != len(sys.modules):  # looking at all modules takes 0.1 ms
            self._modules = len(sys.modules)
            others = [module for name, module in tuple(sys.modules.items()) if not name.startswith("pyarrow.")]
            namespaces = [getattr(module, "__dict__", {}) for module in others]
            self._holders = tuple(names for names in namespaces if names.get(_NAME) is original)
        for names in self._holders:
            if names.get(_NAME) is original:
                names[_NAME] = replacement

    def remove(self) -> None:
        replacement = self._replacement
        super().remove()
        for names in self._holders:
            if names.get(_NAME) is replacement:
                names[_NAME] = self._original


class _Class:
    """Stands for the class: makes objects of it, and is it for ``isinstance``, subclasses and its class methods.

    (It is defined in C and cannot be patched. Objects that pyarrow makes itself have the class, not this.)
    """

    def __init__(self, original: Any) -> None:
        self._original = original

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return a file system; one without an endpoint of its own is at the active fake."""
        url = children.variables().get("AWS_ENDPOINT_URL_S3") if stack.active.interceptions else None
        if url is not None and options.get("endpoint_override") is None:
            children.listen()
            parts = urlsplit(url)
            options |= {"endpoint_override": parts.netloc, "scheme": parts.scheme, "force_virtual_addressing": False}
        return self._original(*args, **options)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._original)

    def __subclasscheck__(self, subclass: type) -> bool:
        return issubclass(subclass, self._original)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type]:
        return (self._original,)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

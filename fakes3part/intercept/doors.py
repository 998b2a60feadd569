"""The table of doors: libraries through which requests leave the process, and the modules here that patch them.

To intercept another client library, write a module with a function ``patches()`` (`patch.Door`), or a package if it is more than
one file, and add a row to `DOORS`. A library is patched only if it has been imported: importing moto or boto3 for a test that
does not use them would cost a second. `install` looks for them when an interception starts, and `install_late` does when one is
imported later.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, cast

from ..locks import new_lock
from . import stack
from .late_imports import LateImports
from .patch import remove_all
from .socket_guard import watch_functions_held_elsewhere

if TYPE_CHECKING:
    from .patch import Door, Patch

DOORS: dict[str, str] = {
    "botocore": "botocore",
    "http.client": "http_client",
    "urllib3": "urllib3",
    "socket": "socket_guard",
    "subprocess": "children",
    "boto3.s3.transfer": "boto3_transfer",
    "moto.core.botocore_stubber": "moto_stubber",
    "pyarrow.fs": "native.pyarrow",
    "multiprocessing.spawn": "multiprocessing_spawn",
    "httpcore": "httpcore",
    "httpcore2": "httpcore2",
    "aiohttp": "aiohttp",
    "aiobotocore.session": "aiobotocore",
    "uvloop": "native.uvloop",
    "pycares": "native.pycares",
    "pycurl": "native.pycurl",
    "_awscrt": "native.awscrt",
}
"""The module of a library whose import makes its patches possible -> the module here that has them."""

_ALWAYS = ("botocore", "http.client", "urllib3", "socket", "subprocess")
"""Patched when an interception starts, even if they must be imported for it. (botocore imports the others.)"""

_LATE = tuple(name for name in DOORS if name not in _ALWAYS)

_lock = new_lock()
_modules: dict[str, Door] = {}
_patches: dict[str, tuple[ModuleType | None, list[Patch]]] = {}
"""The library as it was imported, and its patches. (A test may import it anew, and an import may not be complete.)"""
_installed: dict[str, list[Patch]] = {}
"""In the order in which they were installed."""


def install() -> None:
    """Patch the libraries that are always patched. If a patch fails, those that this call has installed are removed again."""
    watch_functions_held_elsewhere()
    _install(_ALWAYS)
    _late_imports.install()
    if "boto3" in sys.modules and "boto3.s3.transfer" not in sys.modules:
        import boto3.s3.transfer  # noqa: F401  (the first S3 client would import it; install_late() needs it now)


def install_late() -> None:
    """Patch the other libraries that have been imported by now, while an interception is active. Fails as `install` does."""
    for name in _LATE:
        if name in sys.modules and name not in _installed:
            _install([late for late in _LATE if late in sys.modules], only_if_active=True)
            return


def _install(names: Iterable[str], *, only_if_active: bool = False) -> None:
    with _lock:
        if only_if_active and not stack.active.is_guarding:
            return
        new = {name: patches for name in names if name not in _installed and (patches := _patches_of(name))}
        try:
            _installed.update(new)
            for patches in new.values():
                for patch in patches:
                    patch.install()
        except BaseException:
            _remove(new)
            raise


def _remove(doors: Mapping[str, list[Patch]]) -> None:
    for name in list(doors):
        _installed.pop(name)
    remove_all([patch for patches in doors.values() for patch in patches])


def _patches_of(name: str) -> list[Patch]:
    library = sys.modules.get(name)
    made = _patches.get(name)
    if made is not None and made[0] is library and made[1]:
        return made[1]
    door = _modules.get(name)
    if door is None:
        door = _modules[name] = cast("Door", import_module(f".{DOORS[name]}", __package__))
    patches = door.patches()
    _patches[name] = library, patches
    return patches


def remove() -> None:
    """Remove all patches, the last one first, even if removing one of them fails."""
    _late_imports.remove()
    with _lock:
        _remove(dict(_installed))


_late_imports = LateImports(_LATE, install_late)

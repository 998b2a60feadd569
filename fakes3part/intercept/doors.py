"""The table of doors: libraries through which requests leave the process, and the modules here that patch them.

To intercept another client library, write a module with a function ``patches()`` (`patch.Door`), or a package if it is more than
one file, and add a row to `DOORS`. A library is patched only if it has been imported: importing moto or boto3 for a test that
does not use them would cost a second. `install` looks for them when an interception starts, and `install_late` does when one is
imported later.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias, cast

from ..collector import collecting_no_garbage
from ..locks import new_lock
from . import stack
from .late_imports import LateImports
from .patch import PatchSet, remove_all
from .socket_guard import watch_functions_held_elsewhere

if TYPE_CHECKING:
    from .patch import Door, Patch

DOORS: dict[str, str] = {
    "botocore": "botocore",
    "botocore.session": "botocore.shared",
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

_SHARED = "botocore.session"
"""The door that changes nothing but the time that clients take. It is open while a server runs, too."""

_ALWAYS = ("botocore", _SHARED, "http.client", "urllib3", "socket", "subprocess")
"""Patched when an interception starts, even if they must be imported for it. (botocore imports the others.)"""

_LATE = tuple(name for name in DOORS if name not in _ALWAYS)

_lock = new_lock()
_modules: dict[str, Door] = {}
_patches: dict[str, tuple[ModuleType | None, list[Patch]]] = {}
"""The library as it was imported, and its patches. (A test may import it anew, and an import may not be complete.)"""

_Made: TypeAlias = tuple[tuple[ModuleType | None, ...], list[str], PatchSet]

_sets: dict[tuple[str, ...], _Made] = {}
"""By the doors to install together: the libraries as they were, those doors that had patches, and the set of these patches."""

_NO_SET: _Made = (), [], PatchSet([])

_installed: dict[str, PatchSet] = {}
"""In the order in which they were installed. Doors that were installed together have one set."""


def install() -> None:
    """Patch the libraries that are always patched, and those that are imported.

    If a patch fails, those that this call has installed are removed again.
    """
    watch_functions_held_elsewhere()
    _install((*_ALWAYS, *_imported()))
    _late_imports.install()
    if "boto3" in sys.modules and "boto3.s3.transfer" not in sys.modules:
        import boto3.s3.transfer  # noqa: F401  (the first S3 client would import it; install_late() needs it now)


def install_late() -> None:
    """Patch the other libraries that have been imported by now, while an interception is active. Fails as `install` does."""
    names = _imported()
    if not _installed.keys() >= set(names):
        _install(names, only_if_active=True)


def _imported() -> list[str]:
    return [name for name in _LATE if name in sys.modules]


def _install(names: Iterable[str], *, only_if_active: bool = False) -> None:
    with _lock:
        if not only_if_active or stack.active.is_guarding:
            _install_together(tuple([name for name in names if name not in _installed]))


def _install_together(new: tuple[str, ...]) -> None:
    if not new:
        return
    libraries, complete, patch_set = _sets.get(new, _NO_SET)
    if libraries != tuple(map(sys.modules.get, new)) or len(complete) < len(new):
        _forget_sets()
        with collecting_no_garbage():  # the first time, botocore and the doors' modules are imported
            found = {name: patches for name in new if (patches := _patches_of(name))}
        complete, patch_set = list(found), PatchSet([patch for patches in found.values() for patch in patches])
        _sets[new] = tuple(map(sys.modules.get, new)), complete, patch_set
    _installed.update(dict.fromkeys(complete, patch_set))
    try:
        patch_set.install()
    except BaseException:
        for name in complete:
            del _installed[name]
        patch_set.remove()
        raise


def _forget_sets() -> None:
    """Forget the sets that are not installed now, so that a patch is in one set only."""
    for names, (_, _, patch_set) in list(_sets.items()):
        if patch_set not in _installed.values():
            _sets.pop(names)
            patch_set.forget()


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
    """Remove all patches, the last one first, even if removing one of them fails. While a server runs, the shared door stays."""
    _late_imports.remove()
    with _lock:
        sets = [*dict.fromkeys(_installed.values())]
        _installed.clear()
        try:
            remove_all(sets)
        finally:
            _share()


def share() -> None:
    """Open the door that clients share by, for the servers in ``stack.served``; if botocore is not imported yet, once it is."""
    if _SHARED not in sys.modules:
        _late_botocore.install()
    with _lock:
        _share()


def share_no_more() -> None:
    """Close that door after the last server, unless an interception needs it."""
    _late_botocore.remove()
    if not stack.active.is_guarding:
        remove()


def _share() -> None:
    if stack.served and _SHARED in sys.modules and _SHARED not in _installed:
        _install_together((_SHARED,))


def _share_late() -> None:
    # The thread that has the lock may wait for this import. It installs the door itself, if it installs any.
    if _lock.acquire(blocking=False):
        try:
            _share()
        finally:
            _lock.release()


_late_imports = LateImports(_LATE, install_late)
_late_botocore = LateImports((_SHARED,), _share_late)

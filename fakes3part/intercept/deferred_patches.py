"""Patches of modules that may be imported after a fake became active, or never.

Importing moto or boto3 for a test that does not use them would cost it a second; so their patches wait until the module is
there. Entering an interception asks, and so does each signing (two lookups in ``sys.modules``).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from . import stack
from .patch import Function, Patch

_lock = threading.Lock()


def _moto(original: Function) -> Function:
    # moto answers from a before-send handler, which botocore calls before our waist is reached: with moto active for
    # DynamoDB beside us it would take S3's requests too, whichever was entered first. So its handler overlooks what we
    # serve; everything else is moto's, and needs no guard: STS and KMS too, which we serve only where nobody else does.
    def __call__(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:  # noqa: N807
        host = request.url.partition("://")[2].partition("/")[0]
        if not stack.table.yields_to_other_mocks(host):
            return None
        return original(self, event_name, request, **kwargs)

    return __call__


def _transfer(original: Function) -> Function:
    # boto3's CRT transfer client sends from native code, around every waist that Python has, to the real AWS; on some EC2
    # instances it is the default. While a fake is active, boto3 uses its classic transfer manager.
    def _should_use_crt(config: Any) -> bool:
        return not stack.table.entries and bool(original(config))

    return _should_use_crt


_WAITING: dict[str, tuple[str | None, str, Callable[[Function], Function]]] = {
    "boto3.s3.transfer": (None, "_should_use_crt", _transfer),
    "moto.core.botocore_stubber": ("BotocoreStubber", "__call__", _moto),
}
_installed: dict[str, Patch] = {}


def install() -> None:
    """Patch what has been imported by now. When one patch fails, those that this call installed are removed again."""
    for name in _WAITING:
        if name in sys.modules and name not in _installed:
            with _lock, ExitStack() as undo:
                for waiting in _WAITING:
                    if waiting in sys.modules and waiting not in _installed and stack.table.entries:
                        _install(waiting, undo)
                undo.pop_all()
            return


def _install(name: str, undo: ExitStack) -> None:
    class_name, attribute, wrap = _WAITING[name]
    owner: Any = sys.modules[name]
    if class_name is not None:
        owner = getattr(owner, class_name, None)
    if owner is None or not hasattr(owner, attribute):
        return  # still being imported by another thread, or another version: ask again
    _installed[name] = patch = Patch(owner, attribute, wrap)
    undo.callback(_remove, name)
    patch.install()


def _remove(name: str) -> None:
    _installed.pop(name).remove()


def remove() -> None:
    """Put everything back, even if one patch fails."""
    with _lock, ExitStack() as steps:
        for name in _installed:
            steps.callback(_remove, name)

"""Keeps boto3 from transferring files by the AWS Common Runtime while a fake is active.

Its transfer client sends from native code, which no patch of Python reaches, to the real AWS; on some EC2 instances it is the
default. boto3 uses its classic transfer manager instead.
"""

from __future__ import annotations

import sys
from typing import Any

from . import stack
from .patch import Function, Patch

_NAME = "_should_use_crt"


def patches() -> list[Patch]:
    """Return the patch of boto3's choice; none while ``boto3.s3.transfer`` is still being imported, or if it has no choice."""
    module = sys.modules.get("boto3.s3.transfer")
    return [Patch(module, _NAME, _never_while_active)] if hasattr(module, _NAME) else []


def _never_while_active(original: Function) -> Function:
    def _should_use_crt(config: Any) -> bool:
        return not stack.active.is_guarding and bool(original(config))

    return _should_use_crt

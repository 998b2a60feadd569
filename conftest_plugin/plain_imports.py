"""Let the modules of both packages be imported without pytest's rewriting of assertions, as soon as this module is imported.

pytest rewrites the modules of every distribution that has a plugin. For the 200 modules that a test with a fake imports, to
compile them so takes 0.3 s after each installation, and to load what was compiled so takes 70 ms of every run. Their assertions
are not what a test asserts.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_PREFIXES = ("conftest_plugin.", "fakes3part.")
"""Not the packages themselves: of those pytest warns if they were imported in another way than its own."""


class _PlainFinder:
    """Find the modules of both packages as Python does. It stands before pytest's own finder."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path, target) if name.startswith(_PREFIXES) else None


if _PlainFinder not in sys.meta_path:
    sys.meta_path.insert(0, _PlainFinder)

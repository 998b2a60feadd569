"""Reports the lines of requirement files that name moto."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .findings import Finding

_NAMES = re.compile(
    r"(pyproject\.toml|setup\.cfg|tox\.ini|Pipfile|.*requirements.*\.(txt|in)|(environment|conda|.*env).*\.ya?ml)", re.I
)
_LINE = re.compile(
    r"""(?P<moto>(?<![\w./:-])moto(?P<extras>\[[\w,\s-]*\])?)(?P<version>\s*([<>=~!][^"'#]*)?)(?=["'#;]|\s*=\s|\s*$)"""
)
REQUIREMENT = r"moto(?P<extras>\[[\w,\s-]*\])?(\s*[<>=!~]=?\s*[\w.*]+(\s*,\s*[<>=!~]=?\s*[\w.*]+)*)?(\s*;.*)?$"
"""A requirement as a string of its own: ``moto[s3]>=5``. (The word ``moto`` alone may mean anything.)"""

_OWN_EXTRAS = frozenset({"s3", "server", "sts", "kms"})


def names_requirements(path: Path) -> bool:
    """Return whether a file is one in which projects list the packages they need."""
    return _NAMES.fullmatch(path.name) is not None or (path.parent.name == "requirements" and path.suffix in (".txt", ".in"))


def find_requirements(path: Path, text: str) -> Iterator[Finding]:
    """Yield the lines that require moto; none in a file that names fakes3part already."""
    if "fakes3part" in text:
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.search(line) if not line.lstrip().startswith("#") else None
        if match:
            yield Finding(str(path), number, f"requires {match['moto']}", requirement_advice(match["extras"]))


def requirement_advice(extras: str | None) -> str:
    """Return what to write in place of ``moto[EXTRAS]``, by the brackets (None: there are none)."""
    names = {name.strip() for name in (extras or "[]")[1:-1].split(",")} - {""}
    others = ", ".join(sorted(names - _OWN_EXTRAS))
    if names and not others:
        return "write fakes3part"
    return f"add fakes3part; keep moto only for {others or 'other services'}"

"""nox loads noxfile.py by itself: the folder of the project is not on its path."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

NOXFILE = Path(__file__).parents[2] / "noxfile.py"


def test_it_imports_nothing_of_the_project() -> None:
    imported = set[str]()
    for node in ast.walk(ast.parse(NOXFILE.read_text())):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            imported.add(node.module)
    assert {name.partition(".")[0] for name in imported} - sys.stdlib_module_names == {"nox"}

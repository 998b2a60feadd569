"""The promises of the layout: imports go one way, files stay small, the public face stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("fakes3part", "conftest_plugin")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

LAYERS = [
    {"clock", "errors", "ids", "message", "settings", "text"},
    {"state"},
    {"rules"},
    {"auth", "protocol", "select"},
    {"events", "faults", "journal"},
    {"effects", "operations", "website"},
    {"services"},
    {"config_file", "inspection", "pipeline", "seeding", "snapshots"},
    {"api", "control", "intercept", "server"},
    {"", "__main__", "cli"},
]
"""From the ground up: a module imports its own layer's or a lower one's."""

UPWARD = {
    ("inspection", "api"),
    ("pipeline", "api"),
    ("seeding", "api"),
    ("services", "api"),
    ("snapshots", "api"),
}
"""Imported within functions only: ``FakeS3`` is also the handle that users hold."""


def _layer(room: str) -> int:
    return next(number for number, rooms in enumerate(LAYERS) if room in rooms)


def _room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _imports(path: Path) -> list[tuple[str, bool]]:
    """(module imported, whether within a function), those for type checkers left out."""
    package = _module(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    found = []

    def walk(node: ast.AST, inside: bool) -> None:
        if _is_for_types(node):
            return
        if isinstance(node, ast.Import):
            found.extend((alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = [*base, *(node.module.split(".") if node.module else [])]
            found.append((".".join(base), inside))
            found.extend((".".join([*base, alias.name]), inside) for alias in node.names)
        for child in ast.iter_child_nodes(node):
            walk(child, inside or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))

    walk(ast.parse(path.read_text()), False)
    return [(name, inside) for name, inside in found if name.split(".")[0] in PACKAGES]


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_imports_go_one_way(path: Path) -> None:
    module = _module(path)
    if module.split(".")[0] == "conftest_plugin":
        return
    room = _room(module)
    for name, inside in _imports(path):
        other = _room(name)
        if other == "" or room == "":
            continue
        if (room, other) in UPWARD:
            assert inside, f"{module} imports {name} at load"
        else:
            assert _layer(other) <= _layer(room), f"{module} imports {name}"


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name in ("protocol", "state", "rules")], ids=_module)
def test_the_wire_knows_no_state_and_state_knows_no_http(path: Path) -> None:
    forbidden = {"protocol": {"store", "bucket", "uploads"}, "state": {"protocol", "errors"}, "rules": {"protocol"}}
    names = {part for name, _ in _imports(path) for part in name.split(".")[1:]}
    assert not names & forbidden[path.parent.name]


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_a_file_is_one_trade(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 420


def _loaded_by(statement: str) -> set[str]:
    code = f"import sys; before = set(sys.modules); {statement}; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "statement", ["import fakes3part", "import conftest_plugin", "from fakes3part import FakeS3, Settings, S3Error"]
)
def test_importing_costs_nothing_that_is_not_used(statement: str) -> None:
    heavy = {"botocore", "boto3", "werkzeug", "cheroot", "awscrt", "xmltodict", "urllib3", "sqlglot", "pyarrow"}
    assert not _loaded_by(statement) & heavy


def test_the_public_face() -> None:
    import fakes3part

    for name in fakes3part.__all__:
        assert getattr(fakes3part, name) is not None
    assert fakes3part.mock_aws is fakes3part.mock_s3
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        fakes3part.nothing  # noqa: B018

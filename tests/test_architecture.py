"""The promises of the layout: imports go one way, there is no circle of any kind, files stay small, importing stays cheap."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("fakes3part", "conftest_plugin")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

FLOORS = [
    {"collector", "error_codes", "leniences", "locks", "operation_names", "redaction", "text", "version"},
    {"argument_checks", "setting_kinds"},
    {"clock", "errors", "ids", "message", "settings"},
    {"select", "state"},
    {"rules"},
    {"inspection"},
    {"protocol"},
    {"auth"},
    {"config_file", "events", "faults"},
    {"journal", "operations"},
    {"effects", "notifications"},
    {"backend", "website"},
    {"seeding", "services", "snapshots"},
    {"control", "pipeline"},
    {"intercept", "server"},
    {"api"},
    {"compare"},
    {"cli", "conftest_plugin"},
]
"""The allowed directions, from the ground up: a package imports from the floors below its own, never from its own floor."""

FORBIDDEN = {
    "protocol": {"auth", "state"},
    "operations": {"faults", "journal"},
    "auth": {"faults", "journal"},
    "rules": {"faults", "journal", "protocol"},
    "state": {"errors", "faults", "journal", "protocol"},
}
"""What these packages must not know, whatever the floors allow: the wire knows no state, S3 knows no test instrumentation."""

FACES = {"fakes3part", "fakes3part.__main__"}
"""The public names and ``python -m fakes3part``: on top of everything."""


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {_module(path): path for path in FILES}


def _package(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "fakes3part" and len(parts) > 1 else parts[0]


@cache
def _imports(module: str) -> frozenset[str]:
    """Return the modules of ours that a module imports: at load, within functions, or for type checkers."""
    path = MODULES[module]
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    return frozenset(name for name in _imported(ast.parse(path.read_text()), package) if name != module)


def _imported(tree: ast.AST, package: list[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *filter(None, (node.module or "").split("."))])
            for alias in node.names:
                module = f"{source}.{alias.name}"
                if module in MODULES:
                    yield module
                elif source in MODULES:
                    yield source


def _circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Return the strongly connected components of more than one node (Tarjan's algorithm)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    circles: list[list[str]] = []

    def visit(node: str) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for target in sorted(edges[node]):
            if target not in order:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], order[target])
        if low[node] == order[node]:
            start = stack.index(node)
            if len(stack) - start > 1:
                circles.append(sorted(stack[start:]))
            del stack[start:]

    for node in sorted(edges):
        if node not in order:
            visit(node)
    return circles


def _edges(name: str) -> dict[str, set[str]]:
    """Return who imports whom, where ``name`` chooses what a node is: a module or one of the packages it is in."""
    edges: dict[str, set[str]] = defaultdict(set)
    for module in MODULES:
        if module in FACES:
            continue
        source = _node(module, name)
        edges[source]  # a node without imports is one too
        for target in _imports(module) - FACES:
            if _node(target, name) != source:
                edges[source].add(_node(target, name))
                edges[_node(target, name)]
    return edges


def _node(module: str, name: str) -> str:
    if name == "module":
        return module
    if name == "package":
        return _package(module)
    path = MODULES[module]  # the folder that the file is in
    return module if path.name == "__init__.py" else module.rpartition(".")[0]


@pytest.mark.parametrize("name", ["module", "package"])
def test_there_is_no_circle_of_imports(name: str) -> None:
    """Imports within functions and for type checkers count."""
    assert _circles(_edges(name)) == []


def test_no_module_imports_what_users_import() -> None:
    """``fakes3part/__init__.py`` names the public classes: whoever imports it from within makes a circle."""
    assert [module for module in MODULES if _package(module) != "fakes3part" and "fakes3part" in _imports(module)] == []


@pytest.mark.parametrize("package", ["operations", "auth", "intercept", "services"])
def test_folders_within_a_package_do_not_import_each_other(package: str) -> None:
    prefix = f"fakes3part.{package}."
    edges = {
        source: {target for target in targets if target.startswith(prefix)}
        for source, targets in _edges("folder").items()
        if source.startswith(prefix)
    }
    assert _circles(edges) == []


def test_circles_are_found() -> None:
    edges = {"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": set(), "e": {"e2"}, "e2": {"e"}}
    assert _circles(edges) == [["a", "b", "c"], ["e", "e2"]]
    lines = [
        "if TYPE_CHECKING:",
        "    from .clock import Clock",
        "def f():",
        "    from . import ids, errors",
        "    from .state import store",
    ]
    expected = ["fakes3part.clock", "fakes3part.ids", "fakes3part.errors", "fakes3part.state.store"]
    assert sorted(_imported(ast.parse("\n".join(lines)), ["fakes3part"])) == sorted(expected)


def test_every_package_has_its_floor() -> None:
    packages = {_package(module) for module in MODULES if module not in FACES}
    on_floors = [package for floor in FLOORS for package in floor]
    assert sorted(packages) == sorted(on_floors)


@pytest.mark.parametrize("module", [module for module in MODULES if module not in FACES])
def test_imports_go_down(module: str) -> None:
    height = {package: number for number, floor in enumerate(FLOORS) for package in floor}
    own = _package(module)
    for target in _imports(module) - FACES:
        package = _package(target)
        assert package == own or height[package] < height[own], f"{module} imports {target}"
        assert package not in FORBIDDEN.get(own, ()), f"{module} imports {target}"


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 420


def _loaded_by(statement: str) -> set[str]:
    code = f"import sys; before = set(sys.modules); {statement}; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "statement", ["import fakes3part", "import conftest_plugin", "from fakes3part import FakeS3, Settings, S3Error"]
)
def test_importing_loads_nothing_heavy(statement: str) -> None:
    heavy = {"botocore", "boto3", "werkzeug", "cheroot", "awscrt", "xmltodict", "urllib3", "sqlglot", "pyarrow"}
    assert not _loaded_by(statement) & heavy


def test_the_public_names() -> None:
    import fakes3part

    for name in fakes3part.__all__:
        assert getattr(fakes3part, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        fakes3part.nothing  # noqa: B018

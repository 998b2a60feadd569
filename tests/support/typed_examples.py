"""Makes modules that type checkers can check strictly out of the examples of README and docs/.

Examples are written as most users of pytest and boto3 write. What they leave out is added here, by these rules:

- a parameter that is a fixture has the fixture's type; what pytest and unittest run returns nothing;
- a parameter of any other function has the type Any, which is what AWS Lambda's handlers get;
- a variable that holds a document for boto3, a dictionary or a list of some, has the type Any: boto3's stubs have a class for
  each document, which has to be named where it does not stand in the call itself.
"""

from __future__ import annotations

import ast
import inspect
import re

import conftest_plugin

NAMES = {
    "fakes3part": ("FakeS3", "Server", "SettingsKwargs"),
    "fakes3part.clock": ("Clock",),
    "conftest_plugin": ("MakeFakeS3",),
    "types_boto3_s3": ("S3Client",),
    "types_boto3_s3.service_resource": ("Bucket", "S3ServiceResource"),
    "pathlib": ("Path",),
    "pytest": ("MonkeyPatch",),
    "typing": ("Any",),
}
"""What the types of fixtures are called, and where they are defined."""

PYTESTS = {"tmp_path": "Path", "monkeypatch": "MonkeyPatch"}

PREAMBLE = "; ".join(
    ["from __future__ import annotations", *(f"from {module} import {', '.join(names)}" for module, names in NAMES.items())]
)
"""The first line of each module."""


def fixture_types() -> dict[str, str]:
    """Return the type of each fixture of the plugin, by its name."""
    types = dict(PYTESTS)
    for name in conftest_plugin.__all__:
        fixture = inspect.unwrap(getattr(getattr(conftest_plugin, name), "__wrapped__", getattr(conftest_plugin, name)))
        if name.startswith(("fakes3", "make_fakes3")) and inspect.isfunction(fixture):
            annotation = str(inspect.signature(fixture).return_annotation)
            types[name] = re.sub(r"^Iterator\[(.*)\]$", r"\1", annotation)
    return types


def typed(code: str) -> str:
    """Return an example with types, in as many lines and one more: the first has the imports."""
    tree = ast.parse(code)
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    types = fixture_types() | {function.name: "None" for function in functions if _is_fixture(function)}
    insertions: list[tuple[int, int, str]] = []
    for function in functions:
        is_run = function.name.startswith(("test", "setUp", "tearDown")) or _is_fixture(function)
        for argument in function.args.args:
            if argument.annotation is None and argument.arg not in ("self", "cls"):
                kind = types[argument.arg] if is_run else "Any"
                insertions.append((argument.end_lineno or 0, argument.end_col_offset or 0, f": {kind}"))
        if function.returns is None:
            returns = fixture_types().get(function.name, "None") if is_run else "Any"
            insertions.append(_end_of_signature(function, code.splitlines(), f" -> {returns}"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_document(node.value):
            insertions.append((node.lineno, node.targets[0].end_col_offset or 0, ": Any"))
    lines = code.splitlines()
    for number, column, text in sorted(insertions, reverse=True):
        line = lines[number - 1]
        lines[number - 1] = line[:column] + text + line[column:]
    return "\n".join([PREAMBLE, *lines, ""])


def _end_of_signature(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str], text: str) -> tuple[int, int, str]:
    """Return where the return type of a function is inserted: behind the last parenthesis before its body."""
    number = max(argument.lineno for argument in function.args.args) if function.args.args else function.lineno
    while not (match := re.search(r"\)(?=:\s*(?:#.*)?$|: \S)", lines[number - 1])):
        number += 1
    return number, match.end(), text


def _is_document(value: ast.expr) -> bool:
    if isinstance(value, ast.ListComp):
        return isinstance(value.elt, ast.Dict)
    if isinstance(value, ast.List):
        return not value.elts or any(isinstance(element, ast.Dict) for element in value.elts)
    return isinstance(value, ast.Dict)


def _is_fixture(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("fixture" in ast.unparse(decorator) for decorator in function.decorator_list)

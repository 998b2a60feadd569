"""The parts of reference pages that are made from the code."""

from __future__ import annotations

import ast
import json
import os
import re
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import fakes3part
from fakes3part import __version__
from fakes3part.api.fakes3 import FakeS3
from fakes3part.backend import Backend
from fakes3part.cli.main import _parser
from fakes3part.control.openapi import openapi_document
from fakes3part.error_codes.configurations import CONFIGURATIONS
from fakes3part.error_codes.general import GENERAL
from fakes3part.error_codes.select import SELECT

HELP_WIDTH = 100


def errors() -> str:
    """Return tables of the codes, statuses and texts of S3's errors."""
    tables = {"General": GENERAL, "Bucket configurations": CONFIGURATIONS, "S3 Select": SELECT}
    return "\n\n".join(f"## {title}\n\n{_error_table(codes)}" for title, codes in tables.items())


def _error_table(codes: Mapping[str, tuple[int, str]]) -> str:
    rows = [f"| `{code}` | {status} | {_cell(text)} |" for code, (status, text) in sorted(codes.items())]
    return "\n".join(["| Code | Status | Message |", "|---|---:|---|", *rows])


def _cell(text: str) -> str:
    """Return text as it must stand in a cell of a table: literally, except code between backticks."""
    pieces = re.split(r"(``.*?``|`[^`]*`)", " ".join(text.split()))
    return "".join(piece if piece.startswith("`") else _literally(piece) for piece in pieces)


def _literally(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace("{", "&#123;")
    return re.sub(r"([|*_\[\]])", r"\\\1", text)


def command_line() -> str:
    """Return the help of every command."""
    with mock.patch.dict(os.environ, {"COLUMNS": str(HELP_WIDTH), "NO_COLOR": "1"}):
        sections = [f"## {parser.prog}\n\n```text\n{parser.format_help().rstrip()}\n```" for parser in parsers(_parser())]
    return "\n\n".join(sections)


def parsers(parser: ArgumentParser) -> Iterator[ArgumentParser]:
    """Yield a parser and those of its commands."""
    yield parser
    for action in parser._actions:
        if isinstance(action.choices, dict):
            for command in action.choices.values():
                yield from parsers(command)


def openapi_json() -> str:
    """Return the OpenAPI document of the control API as a file."""
    return json.dumps(openapi_document(__version__), indent=2)


def control_api() -> str:
    """Return a section for each endpoint of the control API."""
    paths = openapi_document(__version__)["paths"]
    endpoints = [(path, method, operation) for path, methods in paths.items() for method, operation in methods.items()]
    sections = [_endpoint(f"{method.upper()} {path}", operation) for path, method, operation in endpoints]
    return "\n\n".join(["[openapi.json](openapi.json)", *sections])


def _endpoint(name: str, operation: Mapping[str, Any]) -> str:
    lines = [f"## `{name}`", "", operation["summary"]]
    rows = [
        (parameter["name"], f"in the {parameter['in']}", parameter.get("description", ""))
        for parameter in operation.get("parameters", ())
    ]
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        rows += [(key, "in the body", value.get("description", "")) for key, value in schema.get("properties", {}).items()]
    if rows:
        lines += ["", "| Parameter | Where | Meaning |", "|---|---|---|"]
        lines += [f"| `{key}` | {where} | {_cell(text)} |" for key, where, text in rows]
    return "\n".join(lines)


def fakes3() -> str:
    """Return the directive that shows `FakeS3`, with the methods for tests only."""
    return f"::: fakes3part.FakeS3\n    options:\n      members: {json.dumps(public_members())}"


def public_members() -> list[str]:
    """Return the names of FakeS3 that are for tests: not those that the rest of the package calls."""
    own = dict.fromkeys(name for cls in FakeS3.__mro__ if cls.__module__.startswith("fakes3part.api.") for name in vars(cls))
    names = [name for name in own if not name.startswith("_") and name not in vars(Backend) and name != "load"]
    return [*names, "explain", "handle", "reset"]


PACKAGES = ("auth", "effects", "notifications", "operations", "protocol", "rules", "select", "services", "website")
"""The packages whose files say what S3 does."""
_SOURCE = re.compile(r"\bSources?:|recorded from AWS|user guide|API reference|botocore's model", re.IGNORECASE)


def sources() -> str:
    """Return the docstrings that name the source of a rule, by package and file."""
    package = Path(fakes3part.__file__).parent
    return "\n\n".join(f"### {name}\n\n{_source_table(package / name)}" for name in PACKAGES)


def _source_table(package: Path) -> str:
    rows = []
    for path in sorted(package.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for text in _strings(tree):
            if _SOURCE.search(text):
                rows.append(f"| `{path.relative_to(package.parent)}` | {_cell(text)} |")
    return "\n".join(["| File | What it says |", "|---|---|", *rows])


def _strings(tree: ast.AST) -> Iterator[str]:
    """Yield the docstrings of a file, those of constants included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value


def upload_part() -> str:
    """Return the options of UploadPart, one by one, with the answers that the tests assert."""
    from docsite.upload_part import options

    return options()


GENERATED: Mapping[str, Callable[[], str]] = {
    "errors": errors,
    "cli": command_line,
    "control-api": control_api,
    "fakes3": fakes3,
    "sources": sources,
    "upload-part-options": upload_part,
}
"""What ``<!-- generated: NAME -->`` in a page stands for."""

"""The command ``fakes3part migrate``."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .findings import Finding
from .requirements import find_requirements, names_requirements
from .source import find_files, read_source, write_atomically

if TYPE_CHECKING:
    from .migrate import Migration

DONE, LOOK, FAILED = 0, 1, 2

DESCRIPTION = """\
Rewrite test files from moto to fakes3part: imports, decorators, fixtures, and
servers.

Without --write, the changes are only shown: a unified diff on standard output.
What has to be changed by hand is on standard error, as FILE:LINE: WHAT: WHAT TO
WRITE. Directories are searched for Python files and requirement files; hidden
directories, virtual environments, caches and symbolic links in them are
skipped. Files that do not parse are reported and left as they are.
"""

NOTES = """\
exit status:
  0  nothing is left to do by hand
  1  something was reported; with --check: also if a file would change
  2  wrong arguments, a file that cannot be read or written, or no libcst
"""

EXAMPLES = [
    ("migrate tests", "show what would change"),
    ("migrate --write tests", "change it"),
    ("migrate tests | git apply", "the same, by git"),
    ("migrate --check tests", "fail in CI while something uses moto for S3"),
]

_MISSING = """\
fakes3part migrate: error: it needs libcst, which is not installed:
  python -m pip install "fakes3part[migrate]"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file or a directory")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--write", action="store_true", help="change the files, rather than show a diff")
    group.add_argument("--check", action="store_true", help="change nothing, and exit with 1 if a file would change")


@dataclass
class _Report:
    """What one run has found."""

    migrations: list[Migration] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    clients: list[tuple[Path, int, str]] = field(default_factory=list)
    """Clients of other services in files without moto: file, line and service."""
    failed: bool = False

    def fail(self, path: Path, reason: str) -> None:
        print(f"{path}: {reason}", file=sys.stderr)
        self.failed = True


def run(options: argparse.Namespace) -> int:
    """Run the command, and return its exit status."""
    try:
        import libcst  # noqa: F401
    except ImportError:
        print(_MISSING, end="", file=sys.stderr)
        return FAILED
    missing = [path for path in options.paths if not path.exists()]
    if missing:
        print(f"fakes3part migrate: error: there is no {', '.join(map(str, missing))}", file=sys.stderr)
        return FAILED
    report = _Report()
    for path in find_files(options.paths):
        _read(path, report, is_named=path in options.paths)
    _report_clients(report)
    changed = [migration for migration in report.migrations if migration.changed]
    for migration in changed:
        _write(migration, report) if options.write else _show(migration)
    for finding in sorted({*report.findings}):
        print(finding, file=sys.stderr)
    print(_summary(report, len(changed), options.write), file=sys.stderr)
    if report.failed:
        return FAILED
    return LOOK if report.findings or (options.check and changed) else DONE


def _read(path: Path, report: _Report, *, is_named: bool) -> None:
    is_python = path.suffix in (".py", ".pyi") or (is_named and not names_requirements(path))
    if not is_python and not names_requirements(path):
        return
    try:
        content = path.read_bytes()
    except OSError as error:
        report.fail(path, error.strerror or str(error))
        return
    if not is_python:
        report.findings += find_requirements(path, content.decode("utf-8", "replace"))
    elif re.search(rb"\bmoto(_server)?\b", content):
        _migrate(path, content, report)
    else:
        report.clients += _clients(path, content)


def _migrate(path: Path, content: bytes, report: _Report) -> None:
    from .migrate import migrate

    try:
        migration = migrate(read_source(path, content))
    except SyntaxError as error:
        report.findings.append(Finding(str(path), error.lineno or 1, "does not parse", f"left as it is ({error.msg})"))
        return
    report.migrations.append(migration)
    report.findings += migration.findings()


def _clients(path: Path, content: bytes) -> list[tuple[Path, int, str]]:
    """Return the clients of other services that are made with a literal name."""
    if not re.search(rb"\b(client|resource)\(", content):
        return []
    from .references import aws_services, other_services

    text = content.decode("utf-8", "replace")
    pattern = r"""\b(?:client|resource|create_client)\(\s*(?:service_name\s*=\s*)?["']([a-z0-9-]+)["']"""
    found = [(text.count("\n", 0, match.start()) + 1, match[1]) for match in re.finditer(pattern, text)]
    known = other_services({service: line for line, service in found if service in aws_services()})
    return [(path, line, service) for line, service in found if service in known]


def _report_clients(report: _Report) -> None:
    """Report mocks of a conftest.py, or another module that is no test, beside or below which other services are used."""
    for migration in report.migrations:
        path, plan = migration.source.path, migration.plan
        if re.match(r"test_.*|.*_test\.py", path.name) or plan.others or not plan.mock_lines:
            continue
        clients = [client for client in report.clients if path.parent in client[0].parents]
        for service in sorted({service for _, _, service in clients}):
            where = next(f"{file}:{line}" for file, line, name in clients if name == service)
            advice = f'if they run under this mock, write mock_aws(others="moto") ({where})'
            report.findings.append(Finding(str(path), plan.mock_lines[0], f"tests use {service}", advice))


def _show(migration: Migration) -> None:
    name = migration.source.path.as_posix().lstrip("/")
    lines = []
    for line in difflib.unified_diff(_lines(migration.source.text), _lines(migration.text), f"a/{name}", f"b/{name}"):
        lines.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    sys.stdout.flush()
    sys.stdout.buffer.write("".join(lines).encode(migration.source.encoding, "replace"))
    sys.stdout.flush()


def _lines(text: str) -> Sequence[str]:
    """Return the lines as diff sees them: form feeds and the like do not end one."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _write(migration: Migration, report: _Report) -> None:
    path = migration.source.path
    try:
        write_atomically(path, migration.source.encode(migration.text))
    except OSError as error:
        report.fail(path, error.strerror or str(error))
    else:
        print(f"changed {path}")


def _summary(report: _Report, changed: int, written: bool) -> str:
    verb = "changed" if written else "would change"
    files = _count(len(report.migrations), "file")
    sentences = [f"{changed} of {files} that name moto {verb}; {_count(len(set(report.findings)), 'place')} to look at."]
    left = sum(migration.plan.left for migration in report.migrations)
    if left:
        sentences.append(f"Unchanged, as they use moto for other services only: {_count(left, 'file')}.")
    if changed and not written:
        sentences.append("--write changes them.")
    return " ".join(sentences)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

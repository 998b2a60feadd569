"""``python -m benchmarks gate [REF]``: compares the CPU time of this checkout with another state of the repository.

Both states are copied into directories of their own, with the benchmarks of this checkout, and measured in pairs of processes
that take turns, block by block: what else the machine does meanwhile hits both alike. A row that got slower is measured again, in
new processes, before it counts.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from . import cases, processes, server
from .report import Row, table

LIMIT = 5.0
"""By how many percent a row may be slower."""

ROUNDS = 7
"""How often the two processes of a pair take turns."""

_PAIRS = 3
"""How many pairs of processes measure each row: where a process has its memory alone makes a difference of some percent."""

_REPEATS = 2
"""How often a row beyond the limit is measured again."""

_FRESH = "first put in a fresh process"
_PACKAGE = "fakes3part"

Pair = tuple[float, float]
"""CPU seconds of the base and of this checkout, measured one right after the other."""


def main(arguments: list[str]) -> int:
    """Measure, print the table, and return the exit status: 1 if a row is slower than the limit allows."""
    options = _parser().parse_args(arguments)
    root = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="gate-") as scratch:
        base, head = Path(scratch, "base"), Path(scratch, "head")
        ref = options.ref or last_release(root)
        export(root, ref, base)
        copy(root, head)
        measure: Callable[[list[str]], Iterator[tuple[str, Pair]]] = lambda chosen: _pairs(base, head, chosen, options.rounds)  # noqa: E731
        measured = gate(_names(options.only), measure, 1 + options.limit / 100)
    print(table(f"gate against {ref}", "this / base", ("base", "this"), measured, markdown=False))
    return 1 if any(row.met is False for row in measured) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks gate", description="Fail if this checkout is slower than REF.")
    parser.add_argument("ref", nargs="?", metavar="REF", help="a git ref to compare with (default: the last tag)")
    parser.add_argument("--only", metavar="NAME", action="append", help="only rows whose name contains this")
    parser.add_argument("--rounds", type=int, metavar="N", default=ROUNDS, help=f"turns of each pair of processes ({ROUNDS})")
    parser.add_argument("--limit", type=float, metavar="PERCENT", default=LIMIT, help=f"how much slower is accepted ({LIMIT:g})")
    return parser


def last_release(root: Path) -> str:
    """Return the last tag before this checkout. Raises SystemExit if there is none."""
    found = subprocess.run(["git", "describe", "--tags", "--abbrev=0"], cwd=root, capture_output=True, text=True)
    if found.returncode:
        raise SystemExit("There is no tag to compare with: name a git ref (python -m benchmarks gate REF).")
    return found.stdout.strip()


def export(root: Path, ref: str, directory: Path) -> None:
    """Write the package as it is in a git ref, and this checkout's benchmarks. Raises SystemExit for an unknown ref."""
    archive = subprocess.run(["git", "archive", "--format=tar", ref, _PACKAGE], cwd=root, capture_output=True)
    if archive.returncode:
        raise SystemExit(f"git cannot export {_PACKAGE} of {ref!r}: {archive.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(directory, filter="data")
    _add_benchmarks(directory)


def copy(root: Path, directory: Path) -> None:
    """Write the package as it is in this checkout, uncommitted changes included, and its benchmarks."""
    shutil.copytree(root / _PACKAGE, directory / _PACKAGE)
    _add_benchmarks(directory)


def _add_benchmarks(directory: Path) -> None:
    shutil.copytree(Path(__file__).parent, directory / "benchmarks")


def gate(names: Iterable[str], measure: Callable[[list[str]], Iterable[tuple[str, Pair]]], limit: float) -> list[Row]:
    """Measure the rows of these names, those beyond the limit again, and return the rows.

    ``measure`` measures rows once, in new processes. A row's ratio is the median of all its pairs' ratios.
    """
    names = list(names)
    pairs: defaultdict[str, list[Pair]] = defaultdict(list)
    chosen = names
    for _ in range(1 + _REPEATS):
        for _ in range(_PAIRS):
            for name, pair in measure(chosen):
                pairs[name].append(pair)
        chosen = [name for name in names if not _row(name, pairs[name], limit).met]
        if not chosen:
            break
    return [_row(name, pairs[name], limit) for name in names]


def _row(name: str, pairs: list[Pair], limit: float) -> Row:
    figures = {"base": median(base for base, _ in pairs), "this": median(this for _, this in pairs)}
    return Row(name, figures, measured=median(this / base for base, this in pairs), target=limit)


def _names(only: list[str] | None) -> list[str]:
    """Return the names of the rows that contain one of these words. Raises SystemExit if there is none."""
    in_process = [case.name for case in cases.CASES if not case.name.startswith(cases.OTHER_LIBRARIES)]
    names = [*in_process, *(f"server: {case.name}" for case in server.CASES), _FRESH]
    chosen = [name for name in names if only is None or any(word in name for word in only)]
    if not chosen:
        raise SystemExit(f"No row has such a name. The rows are: {', '.join(names)}.")
    return chosen


def _pairs(base: Path, head: Path, chosen: list[str], rounds: int) -> Iterator[tuple[str, Pair]]:
    """Measure rows in one pair of processes each for in-process rows, for the server, and for each first put."""
    yield from _in_process(base, head, [case for case in cases.CASES if case.name in chosen], rounds)
    yield from _server(base, head, [case for case in server.CASES if f"server: {case.name}" in chosen], rounds)
    if _FRESH in chosen:
        _first_put(base)  # compiles what was not compiled yet
        _first_put(head)
        for pair in _turns(lambda: _first_put(base), lambda: _first_put(head), rounds):
            yield _FRESH, pair


def _in_process(base: Path, head: Path, chosen: list[cases.Case], rounds: int) -> Iterator[tuple[str, Pair]]:
    if not chosen:
        return
    with _worker(base) as one, _worker(head) as other:
        for worker, directory in ((one, base), (other, head)):
            source = worker.request("source")
            if not Path(source).is_relative_to(directory.resolve()):
                raise RuntimeError(f"{source} was measured instead of the package in {directory}")
        for case in chosen:
            for worker in (one, other):
                worker.request("open", case=case.name)
            for pair in _turns(lambda: one.request("block"), lambda: other.request("block"), rounds):
                yield case.name, pair
            for worker in (one, other):
                worker.request("close")


def _worker(directory: Path) -> processes.WorkerProcess:
    return processes.WorkerProcess("worker", "ours", directory=directory)


def _server(base: Path, head: Path, chosen: list[server.Case], rounds: int) -> Iterator[tuple[str, Pair]]:
    if not chosen:
        return
    with ExitStack() as stack:
        one, other = (server.start(stack, "ours", directory) for directory in (base, head))
        for case in chosen:
            one.block(case)  # warms
            other.block(case)
            for pair in _turns(lambda: one.block(case), lambda: other.block(case), rounds):  # noqa: B023
                yield f"server: {case.name}", pair


def _first_put(directory: Path) -> float:
    command = processes.python("fresh", "ours")
    run = subprocess.run(command, cwd=directory, env=processes.environment(), stdout=subprocess.PIPE, text=True, check=True)
    return float(run.stdout)


def _turns(base: Callable[[], float], head: Callable[[], float], rounds: int) -> Iterator[Pair]:
    """Measure both, the other one first each time."""
    for number in range(rounds):
        if number % 2:
            that = head()
            yield base(), that
        else:
            that = base()
            yield that, head()

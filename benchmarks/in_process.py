"""In-process: what a call costs through boto3, against the floor and moto; the systems take turns."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from statistics import median

from .cases import CASES, Case
from .processes import WorkerProcess, environment, python
from .report import Row, quantity

COLUMNS = ("floor", "floor-read", "ours", "moto")
RATIO = "ours / floor"
ROUNDS = 11

_FRESH = "first put in a fresh process"
_FRESH_TARGET = 1.1
_IMPORT = "import with one fake, against the import of botocore"
_IMPORT_TARGET = 0.15
_UNUSED = "pytest with the plugin unused: what it adds"
_UNUSED_TARGET = 0.010
_FIXTURE = "fakes3_client and two calls, against the calls alone"
_FIXTURE_TARGET = 1.1
_SHOWN_MODULES = 12


def rows(chosen: Callable[[str], bool], rounds: int | None, *, profiled: bool) -> Iterator[Row]:
    """Measure the chosen rows, each in ``rounds`` rounds."""
    rounds = rounds or ROUNDS
    cases = [case for case in CASES if chosen(case.name)]
    with ExitStack() as stack:
        names = dict.fromkeys(name for case in cases for name in case.systems)
        workers = {name: stack.enter_context(WorkerProcess("worker", name)) for name in names}
        for case in cases:
            yield _row(case, {name: workers[name] for name in case.systems}, rounds, profiled=profiled)
    if chosen(_FRESH):
        yield judged(_FRESH, _in_turns("fresh", ("floor", "ours", "moto"), rounds), "floor", _FRESH_TARGET)
    if chosen(_IMPORT):
        figures = _in_turns("imports", ("botocore", "ours"), rounds)
        yield judged(_IMPORT, {"floor": figures["botocore"], "ours": figures["ours"]}, "floor", _IMPORT_TARGET)
    if chosen(_UNUSED):
        yield _unused_plugin(rounds)
    if chosen(_FIXTURE):
        yield _fixture(rounds)


def _row(case: Case, workers: dict[str, WorkerProcess], rounds: int, *, profiled: bool) -> Row:
    for worker in workers.values():
        worker.request("open", case=case.name)
    figures: dict[str, list[float]] = {name: [] for name in workers}
    for _ in range(rounds):
        for name, worker in workers.items():
            figures[name].append(worker.request("block"))
    row = judged(case.name, figures, case.base, case.target)
    if case.compared:
        row.notes += _differences(workers)
    if profiled:
        row.notes.append(_profile(workers["ours"]))
    for worker in workers.values():
        worker.request("close")
    return row


def judged(name: str, figures: dict[str, list[float]], base: str | None, target: float) -> Row:
    """The row of what was measured round by round: medians, and ratios to the base, which are medians of the rounds' ratios.

    (Within a round the systems run one right after the other, so what else the machine does meanwhile hits them alike.)
    """
    middle = {system: median(values) for system, values in figures.items()}
    if base is None:
        return Row(name, middle, measured=middle["ours"], target=target, absolute=True)

    def ratio(system: str) -> float:
        return median(value / least for value, least in zip(figures[system], figures[base], strict=True))

    notes = [] if base == "floor" else [f"the ratios are to {base}"]
    also = {"moto / floor": ratio("moto")} if "moto" in figures else {}
    return Row(name, middle, measured=ratio("ours"), target=target, also=also, notes=notes)


def _differences(workers: dict[str, WorkerProcess]) -> list[str]:
    """A floor that answers less than we do would not be honest."""
    floor, ours = workers["floor"].request("answers"), workers["ours"].request("answers")
    if floor == ours:
        return []
    return [f"the floor's answer (status, headers, bytes) is {floor}, ours is {ours}"]


def _profile(worker: WorkerProcess) -> str:
    """Which modules of ours take the time."""
    spent: dict[str, float] = worker.request("profile")
    most = sorted(spent, key=lambda module: -spent[module])[:_SHOWN_MODULES]
    return "profiled, a call: " + ", ".join(f"{module} {quantity(spent[module], 's')}" for module in most)


def _unused_plugin(rounds: int) -> Row:
    figures = _in_turns("plugin", ("without", "unused"), rounds)
    added = [after - before for before, after in zip(figures["without"], figures["unused"], strict=True)]
    whole = {"floor": median(figures["without"]), "ours": median(figures["unused"])}
    return Row(_UNUSED, whole, measured=median(added), target=_UNUSED_TARGET, absolute=True)


def _fixture(rounds: int) -> Row:
    """A test with the fixture, less what pytest takes for a test that does nothing."""
    figures = _in_turns("plugin", ("pytest", "fixture", "calls"), rounds)
    tests = [test - empty for empty, test in zip(figures["pytest"], figures["fixture"], strict=True)]
    return judged(_FIXTURE, {"floor": figures["calls"], "ours": tests}, "floor", _FIXTURE_TARGET)


def _in_turns(module: str, modes: tuple[str, ...], rounds: int) -> dict[str, list[float]]:
    """Return the CPU seconds that a module of this package prints in a line, in a process for each mode and round."""
    figures: dict[str, list[float]] = {mode: [] for mode in modes}
    for number in range(rounds + 1):
        for mode, values in figures.items():
            run = subprocess.run(python(module, mode), env=environment(), capture_output=True, text=True, check=True)
            if number:  # the first compiles what was not compiled yet
                [seconds] = re.findall(r"^(?:CPU )?(\d+[.e\d-]*)$", run.stdout, re.MULTILINE)
                values.append(float(seconds))
    return figures

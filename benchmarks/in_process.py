"""In-process: what a call costs through boto3, against the floor and moto; the systems take turns."""

from __future__ import annotations

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
_FRESH_TARGET = 1.2
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
        yield _fresh(rounds)


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


def _fresh(rounds: int) -> Row:
    figures: dict[str, list[float]] = {name: [] for name in ("floor", "ours", "moto")}
    for number in range(rounds + 1):
        for name, values in figures.items():
            run = subprocess.run(python("fresh", name), env=environment(), capture_output=True, text=True, check=True)
            if number:  # the first compiles what was not compiled yet
                values.append(float(run.stdout))
    return judged(_FRESH, figures, "floor", _FRESH_TARGET)

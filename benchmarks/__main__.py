"""``python -m benchmarks in_process|growth|state|server`` and ``gate``, from the root of the repository."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from . import gate, growth, in_process, report, server, state
from .report import Row

_SUITES: dict[str, ModuleType] = {"in_process": in_process, "growth": growth, "state": state, "server": server}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__import__("benchmarks").__doc__)
    parser.add_argument("suite", choices=_SUITES, nargs="+", help="what to measure")
    parser.add_argument("--only", metavar="NAME", action="append", help="only rows whose name contains this")
    parser.add_argument("--rounds", type=int, metavar="N", help="how many rounds make a median")
    parser.add_argument("--profile", action="store_true", help="in-process: also tell which modules take the time")
    parser.add_argument("--markdown", action="store_true", help="print tables in Markdown")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures, in seconds and bytes")
    return parser.parse_args()


def _measure(suite: str, options: argparse.Namespace) -> Iterator[Row]:
    chosen: Callable[[str], bool] = lambda name: not options.only or any(part in name for part in options.only)  # noqa: E731
    yield from _SUITES[suite].rows(chosen, options.rounds, profiled=options.profile)


def main() -> None:
    if sys.argv[1:2] == ["gate"]:
        sys.exit(gate.main(sys.argv[2:]))
    options = _arguments()
    measured: dict[str, list[Row]] = {}
    print(", ".join(f"{name} {version}" for name, version in report.machine().items()))
    for suite in options.suite:
        rows = measured[suite] = list(_measure(suite, options))
        module = _SUITES[suite]
        print("\n" + report.table(suite.replace("_", "-"), module.RATIO, module.COLUMNS, rows, markdown=options.markdown))
    if options.json:
        figures = {suite: [report.as_json(row) for row in rows] for suite, rows in measured.items()}
        options.json.write_text(json.dumps({"machine": report.machine(), **figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""Run from the command line: ``python -m tests.fuzz [COUNT] [SEED]``."""

from __future__ import annotations

import argparse
import logging
import time

from tests.fuzz.run import Report, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=100_000, help="how many requests (default: 100,000)")
    parser.add_argument("seed", nargs="?", type=int, default=0, help="equal seeds make equal requests (default: 0)")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    started = time.monotonic()
    shown = set[str]()

    def progress(report: Report) -> None:
        for kind in report.findings.keys() - shown:
            shown.add(kind)
            print(f"== {kind}\n{report.findings[kind]}\n", flush=True)
        total = sum(report.statuses.values())
        print(f"{total:,} requests in {time.monotonic() - started:,.0f} s", flush=True)

    report = run(options.count, options.seed, progress)
    print(report)
    return 1 if report.findings else 0


raise SystemExit(main())

"""The command ``fakes3part operations``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..protocol.model import Operation

COLUMNS = 2


def run(_options: argparse.Namespace) -> int:
    """Print the table, and return the exit code."""
    print(operations_table())
    return 0


def _successor(old: Operation, model: Mapping[str, Operation]) -> str | None:
    """Return the name of the operation that replaced a deprecated one at the same request line; None: there is none."""
    line = old.method, old.level, old.literals
    for name, candidate in model.items():
        if not candidate.deprecated and (candidate.method, candidate.level, candidate.literals) == line:
            return name
    return None


def operations_table() -> str:
    """Return a Markdown table of every operation of the installed botocore's S3 model: whether it works, or responds 501."""
    from ..operations.loading import implemented
    from ..protocol.model import s3_model

    model = s3_model().operations
    working = implemented()
    working |= {name for name, operation in model.items() if operation.deprecated and _successor(operation, model) in working}
    names = sorted(model)
    cells = [f"{name} | {'**works**' if name in working else '501'}" for name in names]
    cells += [" | "] * (-len(cells) % COLUMNS)
    height = len(cells) // COLUMNS
    rows = [f"| {' | '.join(cells[row::height])} |" for row in range(height)]
    others = "the others respond" if working < set(names) else "what a newer botocore adds responds"
    summary = f"{len(working & set(names))} of {len(names)} operations work; {others} `501 NotImplemented`."
    return "\n".join([summary, "", "| Operation |  " * COLUMNS + "|", "|---|---" * COLUMNS + "|", *rows])

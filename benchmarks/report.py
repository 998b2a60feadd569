"""Rows, and the tables made of them."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

_SCALES = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")),
    "B": ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")),
}


@dataclass
class Row:
    """One line of a table.

    Attributes:
        name: what was measured.
        figures: what was measured, by column, in ``unit`` (``"s"`` or ``"B"``).
        measured: what is held against the target: a ratio, or a figure when ``absolute``.
        target: the largest acceptable value; None: shown for information.
        also: further ratios, by column.
        notes: what a reader must know in addition.
    """

    name: str
    figures: dict[str, float]
    measured: float
    target: float | None
    unit: str = "s"
    absolute: bool = False
    also: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.measured <= self.target

    @property
    def verdict(self) -> str:
        return {None: "", True: "met", False: "MISSED"}[self.met]

    def limit(self) -> str:
        if self.target is None:
            return ""
        return f"<= {quantity(self.target, self.unit) if self.absolute else times(self.target)}"


def times(ratio: float) -> str:
    return f"{ratio:.2f} x"


def quantity(value: float, unit: str) -> str:
    """The value with three digits that count: ``412 µs``."""
    scale, name = next(((scale, name) for scale, name in _SCALES[unit] if abs(value) >= scale), _SCALES[unit][-1])
    scaled = value / scale
    return f"{scaled:.{max(0, 2 - len(str(int(abs(scaled)))) + 1)}f} {name}"


def table(title: str, ratio: str, columns: Sequence[str], rows: Iterable[Row], *, markdown: bool) -> str:
    """The rows as text or Markdown. ``ratio`` heads the column of what is held against the target."""
    rows = list(rows)
    columns = [name for name in columns if any(name in row.figures for row in rows)]
    also = list(dict.fromkeys(name for row in rows for name in row.also))
    cells = [[title, *columns, ratio, *also, "target", ""]]
    for row in rows:
        figures = [quantity(row.figures[name], row.unit) if name in row.figures else "" for name in columns]
        measured = quantity(row.measured, row.unit) if row.absolute else times(row.measured)
        cells.append([row.name, *figures, measured, *(_also(row, name) for name in also), row.limit(), row.verdict])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [_line(line, widths, markdown=markdown) for line in cells]
    lines.insert(1, _rule(widths, markdown=markdown))
    return "\n".join([*lines, *_notes(rows, markdown=markdown)])


def _also(row: Row, name: str) -> str:
    return times(row.also[name]) if name in row.also else ""


def _line(cells: Sequence[str], widths: Sequence[int], *, markdown: bool) -> str:
    first, *others = (
        cell.ljust(width) if index == 0 else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"| {' | '.join([first, *others])} |" if markdown else "  ".join([first, *others]).rstrip()


def _rule(widths: Sequence[int], *, markdown: bool) -> str:
    if not markdown:
        return "  ".join("-" * width for width in widths)
    first, *others = widths
    return f"| {' | '.join(['-' * first, *('-' * (width - 1) + ':' for width in others)])} |"


def _notes(rows: Iterable[Row], *, markdown: bool) -> list[str]:
    notes = [f"{row.name}: {note}" for row in rows for note in row.notes]
    return ["", *(f"* {note}" if markdown else f"  {note}" for note in notes)] if notes else []


def machine() -> dict[str, str]:
    """What the numbers were measured with."""
    packages = ("boto3", "botocore", "moto", "cheroot", "werkzeug", "awscrt")
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        **{name: version(name) for name in packages},
    }


def as_json(row: Row) -> dict[str, Any]:
    return {**asdict(row), "met": row.met}
